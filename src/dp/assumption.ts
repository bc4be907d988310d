/**
 * Assumption 2 (docs/theory.md §5), one number for each condition: how fast the state space and the values grow, what the
 * step takes in weights, whether every state comes after those it depends on, and how many bits suffice.
 */
import { emulatedArithmetic } from '../arithmetic/emulated.ts';
import { boundedFormat, unboundedFormat } from '../arithmetic/format.ts';
import { NOWHERE } from '../copy/mechanism.ts';
import { sizesOf } from '../network/size.ts';
import { compareChain } from './compare.ts';
import { machineFor, type DpTask } from './experiment.ts';
import type { DpInstance } from './instance.ts';
import { limitsOfSize } from './instances.ts';
import type { DpMachine } from './machine.ts';
import { specificationOf } from './setting.ts';
import { distances, solve } from './reference.ts';
import { DpRunner } from './run.ts';
import type { DpProblem, DpSpecification } from './specification.ts';

/** log2 of how much something grows when n doubles: its degree in n, where it is a polynomial. */
export const degreeOf = (at: (n: number) => number, n: number): number => Math.log2(at(2 * n) / at(n));

/** The largest integer that a machine forms: addresses, numbers of states, symbols and values. */
export const largestInteger = ({
  specification: { range, answer },
  options: { limits },
  states,
  memories,
}: DpMachine): number => {
  const ranges = [range, ...('last' in answer ? [] : [answer.range]), ...Object.values(limits.symbols)];
  return [
    states + 1,
    -NOWHERE,
    ...memories.map(({ N }) => N),
    ...ranges.flatMap(({ lo, hi }) => [Math.abs(lo), hi]),
  ].reduce((x, y) => Math.max(x, y));
};

/** Nonzero weights of the circuits that compute the next state, addresses and the value. */
export const stepWeights = ({ circuits }: DpMachine): number =>
  circuits.reduce((sum, { network }) => sum + sizesOf(network, 1).parametersNonzero, 0);
/** The largest of them. */
export const largestStepWeight = ({ circuits }: DpMachine): number =>
  circuits.reduce((most, { network }) => Math.max(most, sizesOf(network, 1).largestWeight), 0);

/** The least number of states that a dependency of an instance reaches back; Infinity where there are none. */
export const leastDistance = (specification: DpSpecification, instance: DpInstance): number =>
  distances(specification, instance).reduce((least, { back }) => Math.min(least, back), Infinity);

export const specificationAt = (problem: DpProblem, n: number, letters: number): DpSpecification =>
  specificationOf(problem, { limits: limitsOfSize(problem, { n, letters }), costs: problem.costs ?? {} });

/** Bits of an exponent in fp32. */
const EXPONENT = 8;

/** Whether a machine built for p bits writes the chains of these instances in p bits. */
export const suffices = (task: DpTask, instances: readonly DpInstance[], p: number): boolean => {
  const A = emulatedArithmetic(boundedFormat(p, EXPONENT));
  const machine = machineFor(task, { name: unboundedFormat(p).name, mode: 'own' });
  const runner = new DpRunner(machine, A);
  return instances.every(
    (instance) => compareChain(runner.run(instance), solve(machine.specification, instance)).wrong === undefined,
  );
};

/** Formats have so many bits at least. */
const FEWEST = 2;

/** The least p from which on every number of bits up to `most` suffices, found by going down; null where `most` does not. */
export const leastBits = (task: DpTask, instances: readonly DpInstance[], most: number): number | null => {
  let p = most + 1;
  while (p > FEWEST && suffices(task, instances, p - 1)) p--;
  return p > most ? null : p;
};
