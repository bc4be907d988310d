/** What claims about dynamic programs have in common: their parameters, tasks, mutants and sizes. */
import type { Arithmetic } from '../arithmetic/arithmetic.ts';
import { FP64 } from '../arithmetic/format.ts';
import { Rational } from '../arithmetic/rational.ts';
import type { Experiment, Measured } from '../claim/claim.ts';
import { choice, format, integer, REAL, type Point, type Values } from '../claim/parameters.ts';
import type { Mechanism } from '../copy/mechanism.ts';
import { withBlock, type MambaBlock, type Residual } from '../network/layer.ts';
import { scaleEntries } from '../network/matrix.ts';
import { sizesOf, totalMacs } from '../network/size.ts';
import type { ProjectParts } from '../project.ts';
import { machineFor, sampledChains, type DpTask } from './experiment.ts';
import type { DpMachine } from './machine.ts';
import { promptLength, specificationOf } from './setting.ts';
import { leastBits } from './assumption.ts';
import { allInstances, limitsOfSize, spread } from './instances.ts';
import type { DpProblem } from './specification.ts';

const COSTS = ['default', 'uneven'] as const;

export const dpParameters = ({ problems, mechanisms }: ProjectParts) =>
  ({
    problem: choice(
      'problem',
      problems.map(({ name }) => name),
    ),
    mechanism: choice(
      'COPY mechanism',
      mechanisms.map(({ tag }) => tag),
    ),
    n: integer('largest length of a word or list, largest value of a number', { min: 1, max: 64 }),
    letters: integer('symbols of words, values of lists', { min: 1, max: 1000 }),
    costs: choice("the problem's own costs, or 2, 3, 5, …", COSTS),
    format: format('number format that the machine is built for and runs in'),
  }) as const;
export type DpParameters = ReturnType<typeof dpParameters>;
export type DpValues = Values<DpParameters>;

/** Whether states depend on the last ones only, so that mechanisms that keep no others serve. */
export const isLocal = (problem: DpProblem): boolean => {
  const limits = limitsOfSize(problem, { n: 2, letters: 2 });
  return specificationOf(problem, { limits, costs: problem.costs ?? {} }).local === true;
};
const serves = ({ keeps }: Mechanism, problem: DpProblem): boolean => keeps === 'all' || isLocal(problem);

export const dpConditions = (parts: ProjectParts) => [
  {
    name: 'format',
    expected: 'a number format, in which outputs are decoded',
    holds: ({ format }: DpValues): boolean => format !== REAL,
  },
  {
    name: 'mechanism',
    expected: 'one that keeps all states, for the problem is not local',
    holds: (p: DpValues): boolean => {
      const { problem, mechanism } = taskOf(parts, p);
      return serves(mechanism, problem);
    },
  },
];

const byName = <X>(items: readonly X[], name: (x: X) => string, wanted: string): X =>
  items.find((item) => name(item) === wanted)!;
const tagOf = ({ tag }: Mechanism): string => tag;

/** 2, 3, 5, …: costs that no two of them add up to the same. */
const UNEVEN = [2, 3, 5, 7, 11, 13];

export const taskOf = ({ problems, mechanisms }: ProjectParts, p: DpValues): DpTask => {
  const problem = byName(problems, ({ name }) => name, p.problem);
  const mechanism = byName(mechanisms, tagOf, p.mechanism);
  const own = problem.costs ?? {};
  return {
    problem,
    mechanism,
    partner: byName(mechanisms, tagOf, mechanism.partner ?? mechanism.tag),
    costs: p.costs === 'default' ? own : Object.fromEntries(Object.keys(own).map((cost, at) => [cost, UNEVEN[at]!])),
    size: { n: p.n, letters: p.letters },
  };
};

/** Cells for every problem of a project that a mechanism serves. */
export const cellsFor = ({ problems, mechanisms }: ProjectParts, cell: Point, tags: readonly string[]): Point[] =>
  problems.flatMap((problem) => {
    const serving = mechanisms.filter((mechanism) => tags.includes(mechanism.tag) && serves(mechanism, problem));
    const costs = problem.costs ? cell.costs! : 'default';
    return serving.length === 0
      ? []
      : [{ ...cell, costs, problem: problem.name, mechanism: serving.map(({ tag }) => tag) }];
  });

/** What decoding forgives. */
const HALF = Rational.of(1n, 2n);

/** The step error as a quantity of a claim. */
export const stepErrorWithin = (
  claimed: Pick<Measured<DpParameters>, 'experiment' | 'mutants' | 'applies'>,
): Measured<DpParameters> => ({
  measures: 'the largest |output − integer meant| over all fields of all steps, 1 or more where a field is wrong',
  relation: '<=',
  bound: () => HALF,
  slack: () => null,
  ...claimed,
});

/** The chain of a machine with the entries of one layer's matrix changed. */
export const mutatedChains = <T>(
  task: DpTask,
  A: Arithmetic<T>,
  at: (machine: DpMachine) => number,
  change: (block: MambaBlock) => MambaBlock,
): Experiment<Rational> => {
  const machine = machineFor(task, A);
  return sampledChains(task, A, { ...machine, network: withBlock(machine.network, change, at(machine)) });
};

/** The block whose output projection writes a component of the stream. */
export const writerOf = (machine: DpMachine, component: number): number =>
  machine.network.layers.findLastIndex((layer) => {
    const block = (layer as Residual).layer;
    return block.kind === 'mamba' && block.outProj.starts[component + 1]! > block.outProj.starts[component]!;
  });

/** A block with everything that it writes scaled. */
export const scaledOutput =
  (factor: number) =>
  (block: MambaBlock): MambaBlock => ({ ...block, outProj: scaleEntries(block.outProj, factor) });

/** A machine for doubles, of which sizes are counted. */
export const floatMachine = (task: DpTask): DpMachine => machineFor(task, { name: FP64.name, mode: 'own' });

/** Tokens of a run over the longest instance: those of the prompt, and the states. */
export const tokensOf = ({ problem, options: { limits }, states }: DpMachine): number =>
  promptLength(problem, limits) + states;

/** How many times as many multiply–adds a run takes for instances up to `larger`. */
export const growth = (task: DpTask, count: keyof ReturnType<typeof totalMacs>, larger: number): Rational => {
  const cost = (n: number): Rational => {
    const machine = floatMachine({ ...task, size: { ...task.size, n } });
    return Rational.fromNumber(totalMacs(machine.network, tokensOf(machine))[count]);
  };
  return cost(larger).div(cost(task.size.n));
};

/** One slot for each address and reader of a memory, and one float of its constant channel. */
export const slotsRead = ({ memories }: DpMachine): number =>
  memories.reduce((sum, { N, reads }) => sum + N * reads + 1, 0);

export const SIZE_COLUMNS = [
  'problem',
  'mechanism',
  'n',
  'letters',
  'costs',
  'format',
  'states',
  'slots',
  'blocks',
  'stateFloats',
  'stateRead',
  'parameters',
  'parametersNonzero',
  'totalMacs',
  'totalMacsNonzero',
  'largestWeight',
  'leastBits',
] as const;

/** The size at which the least number of bits is looked for, on how many instances, and from how many bits on. */
const BITS_SIZE = 3;
const [TRIED, MOST_BITS] = [1, 13];

export const sizeRow = (p: DpValues, task: DpTask): (number | string | null)[] => {
  const machine = floatMachine(task);
  const tokens = tokensOf(machine);
  const counts = { ...sizesOf(machine.network, tokens), ...totalMacs(machine.network, tokens) };
  const bits =
    p.n === BITS_SIZE
      ? leastBits(task, spread(allInstances(task.problem, { n: p.n, letters: 2 }), TRIED), MOST_BITS)
      : null;
  const known: Readonly<Record<string, number | string | null>> = {
    ...p,
    ...counts,
    states: machine.states,
    slots: machine.slots,
    leastBits: bits,
  };
  return SIZE_COLUMNS.map((name) => known[name]!);
};
