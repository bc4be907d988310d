/** What tests of dynamic programs share: machines as the command line builds them, and solvers written apart from all specifications. */
import type { Arithmetic } from '../arithmetic/arithmetic.ts';
import { FP64, formatByName } from '../arithmetic/format.ts';
import { float64 } from '../arithmetic/float64.ts';
import { loadProject } from '../project.ts';
import { limitsFor, type DpInstance } from './instance.ts';
import { buildMachine, type DpMachine } from './machine.ts';
import type { DpOptions } from './setting.ts';
import { DpRunner, type Chain } from './run.ts';
import type { DpProblem } from './specification.ts';

const project = await loadProject(undefined, ['constructions/copy', 'constructions/dp']);
export const { problems, mechanisms } = project;

export const problemNamed = (name: string): DpProblem => problems.find((problem) => problem.name === name)!;

/** A machine for instances, and what it writes for each of them. */
export const machineOf = (
  problem: DpProblem,
  instances: readonly DpInstance[],
  { mechanism = 'T2.packed', ...options }: Partial<Omit<DpOptions, 'mechanism'>> & { readonly mechanism?: string } = {},
  A: Pick<Arithmetic<unknown>, 'name' | 'mode'> = float64,
): DpMachine => {
  const named = (tag: string) => mechanisms.find((other) => other.tag === tag)!;
  const own = named(mechanism);
  return buildMachine(problem, {
    costs: problem.costs ?? {},
    limits: options.limits ?? limitsFor(problem, instances),
    mechanism: own,
    partner: named(own.partner ?? own.tag),
    format: formatByName(A.name) ?? FP64,
    accumulate: A.mode,
    ...options,
  });
};

export const chainsOf = <T>(machine: DpMachine, instances: readonly DpInstance[], A: Arithmetic<T>): Chain[] => {
  const runner = new DpRunner(machine, A);
  return instances.map((instance) => runner.run(instance));
};

/** The values of a chain by its first index, in order. */
export const rowsOfChain = ({ steps }: Chain, { specification }: DpMachine): number[][] => {
  const [outer] = Object.keys(specification.index);
  const rows = new Map<number, number[]>();
  for (const { fields } of steps) rows.set(fields[outer!]!, [...(rows.get(fields[outer!]!) ?? []), fields.value!]);
  return [...rows.values()];
};

export const codePoints = (word: string): number[] => [...word].map((symbol) => symbol.codePointAt(0)!);

/** Answers by other means: search over all choices, without tables. */
export const SOLVERS: Readonly<Record<string, (instance: DpInstance) => number>> = {
  'edit-distance': ({ lists: { s, t } }) => {
    const from = (i: number, j: number): number =>
      i === s!.length
        ? t!.length - j
        : j === t!.length
          ? s!.length - i
          : s![i] === t![j]
            ? from(i + 1, j + 1)
            : 1 + Math.min(from(i + 1, j), from(i, j + 1), from(i + 1, j + 1));
    return from(0, 0);
  },
  lcs: ({ lists: { s, t } }) => {
    const from = (i: number, j: number): number =>
      i === s!.length || j === t!.length
        ? 0
        : s![i] === t![j]
          ? 1 + from(i + 1, j + 1)
          : Math.max(from(i + 1, j), from(i, j + 1));
    return from(0, 0);
  },
  lis: ({ lists: { s } }) =>
    subsets(s!)
      .filter((chosen) => chosen.every((x, at) => at === 0 || x > chosen[at - 1]!))
      .reduce((most, { length }) => Math.max(most, length), 0),
  knapsack: ({ lists: { weights, values }, numbers: { capacity } }) =>
    subsets(weights!.map((_, at) => at)).reduce((most, chosen) => {
      const total = (of: readonly number[]): number => chosen.reduce((sum, at) => sum + of[at]!, 0);
      return total(weights!) <= capacity! ? Math.max(most, total(values!)) : most;
    }, 0),
  'independent-set': ({ lists: { w } }) =>
    subsets(w!.map((_, at) => at))
      .filter((chosen) => chosen.every((x, at) => at === 0 || x > chosen[at - 1]! + 1))
      .reduce(
        (most, chosen) =>
          Math.max(
            most,
            chosen.reduce((sum, at) => sum + w![at]!, 0),
          ),
        0,
      ),
  'word-problem': ({ lists: { word } }) => {
    // p ∘ g for each letter; the number of p is its place among all orders of 0 … 4 in lexicographic order.
    const generators = new Map([
      [97, [1, 0, 2, 3, 4]],
      [98, [1, 2, 3, 4, 0]],
    ]);
    const p = word!.reduce((p, letter) => generators.get(letter)!.map((x) => p[x]!), [0, 1, 2, 3, 4]);
    const factorials = [24, 6, 2, 1, 1];
    return p.reduce((sum, x, at) => sum + factorials[at]! * p.slice(at + 1).filter((y) => y < x).length, 0);
  },
};
const subsets = (items: readonly number[]): number[][] =>
  items.reduce<number[][]>((all, x) => [...all, ...all.map((chosen) => [...chosen, x])], [[]]);
