/** A2: Assumption 2 of each problem, condition by condition (docs/theory.md §5). */
import { Rational } from '../src/arithmetic/rational.ts';
import { defineClaim, dimensionless, type Measured } from '../src/claim/claim.ts';
import { integers, type AnyPoint } from '../src/claim/domain.ts';
import { choice, integer, type Values } from '../src/claim/parameters.ts';
import {
  degreeOf,
  largestInteger,
  largestStepWeight,
  leastBits,
  leastDistance,
  specificationAt,
  stepWeights,
  suffices,
} from '../src/dp/assumption.ts';
import { floatMachine } from '../src/dp/claims.ts';
import type { DpTask } from '../src/dp/experiment.ts';
import { allInstances, instanceAt, instanceDomain, spread } from '../src/dp/instances.ts';
import type { DpMachine } from '../src/dp/machine.ts';
import { defineProjectClaim, type ProjectParts } from '../src/project.ts';

const parameters = ({ problems }: ProjectParts) =>
  ({
    problem: choice(
      'problem',
      problems.map(({ name }) => name),
    ),
    n: integer('largest length of a word or list, largest value of a number', { min: 2, max: 64 }),
    letters: integer('symbols of words, values of lists', { min: 1, max: 1000 }),
  }) as const;
type Declared = ReturnType<typeof parameters>;
type P = Values<Declared>;

/** The mechanism whose bits are counted: what it forms is no larger than addresses and records. */
const MECHANISM = 'T2.packed';
/** Degrees in n that count as small: the state spaces of the suite have two loops, and one more for a user's. */
const MOST_DEGREE = 3;
/** Weights hold products of two integers. */
const MOST_WEIGHT_DEGREE = 2 * MOST_DEGREE;
/** Bits that suffice, as a multiple of those of the largest integer: sums over tables hold products of two of them. */
const BITS = 2;
/** Instances on which bits are tried, spread over all of them. */
const TRIED = 6;

export const a2 = defineProjectClaim('A2', (parts) => {
  const task = ({ problem: name, n, letters }: P): DpTask => {
    const problem = parts.problems.find((other) => other.name === name)!;
    const mechanism = parts.mechanisms.find(({ tag }) => tag === MECHANISM)!;
    return { problem, mechanism, partner: mechanism, costs: problem.costs ?? {}, size: { n, letters } };
  };
  const machineAt = (p: P, n: number): DpMachine => floatMachine(task({ ...p, n }));
  const degree = (measures: string, most: number, count: (machine: DpMachine) => number): Measured<Declared> => ({
    measures,
    relation: '<=',
    bound: () => Rational.fromNumber(most),
    slack: () => null,
    experiment: (p) => ({ measure: () => Rational.fromNumber(degreeOf((n) => count(machineAt(p, n)), p.n)) }),
    mutants: {
      'something that doubles with every step of n': ({ n }) => ({
        measure: () => Rational.fromNumber(degreeOf((size) => 2 ** (8 * size), n)),
      }),
    },
  });
  const bitsOf = (p: P): number => Math.ceil(Math.log2(largestInteger(machineAt(p, p.n)) + 1));
  const names = parts.problems.map(({ name }) => name);
  return defineClaim({
    tag: 'A2',
    title: 'Assumption 2 holds for the problems: size, step, order and precision',
    statement:
      'The number of states and all integers are polynomials in n of degree at most 3; circuits compute the step with a number of weights that does not grow with n, the largest of them polynomial; every state comes after those it depends on; 2⌈log2(largest integer + 1)⌉ bits suffice for all outputs.',
    quantifiers: ['for each problem', 'for all instances up to n'],
    source: 'RLL Assumption 2; docs/theory.md §5',
    parameters: parameters(parts),
    grid: {
      quick: [{ problem: names.slice(0, 2), n: 3, letters: 2 }],
      standard: [{ problem: names, n: 3, letters: 2 }],
      deep: [{ problem: names, n: [4, 8], letters: [3, 9] }],
    },
    quantities: {
      states: degree('degree in n of the number of states, log2 T(2n)/T(n)', MOST_DEGREE, ({ states }) => states),
      integers: degree('degree in n of the largest integer', MOST_DEGREE, largestInteger),
      stepSize: {
        measures: 'weights ≠ 0 of the circuits of the step at 2n, beside those at n',
        relation: '==',
        bound: (p) => Rational.fromNumber(stepWeights(machineAt(p, p.n))),
        slack: () => null,
        experiment: (p) => ({ measure: () => Rational.fromNumber(stepWeights(machineAt(p, 2 * p.n))) }),
      },
      stepWeight: degree('degree in n of the largest weight of the step', MOST_WEIGHT_DEGREE, largestStepWeight),
      order: {
        measures: 'how many states ago a dependency is, at least',
        relation: '>=',
        bound: () => Rational.of(1n),
        slack: () => null,
        experiment: (p: P) => ordered(p, task(p), 0),
        mutants: { 'a state that depends on itself': (p: P) => ordered(p, task(p), 1) },
      },
      precision: {
        measures: 'whether so many bits suffice: 0, or 1 where some output is decoded to another integer',
        relation: '<=',
        bound: () => Rational.of(0n),
        slack: () => null,
        experiment: (p: P) => precision(task(p), BITS * bitsOf(p)),
        mutants: { 'a quarter of the bits': (p: P) => precision(task(p), Math.floor((BITS * bitsOf(p)) / 4)) },
      },
    },
    measurements: [
      {
        id: 'A2.numbers',
        title: 'Assumption 2 in numbers',
        columns: dimensionless([
          'problem',
          'n',
          'letters',
          'states',
          'degree',
          'largest integer',
          'step weights',
          'largest step weight',
          'least distance',
          'bits of integers',
          'least p',
        ]),
        row: (p) => {
          const machine = machineAt(p, p.n);
          const { problem, size } = task(p);
          const instances = spread(allInstances(problem, { n: p.n, letters: Math.min(2, p.letters) }), TRIED);
          const specification = specificationAt(problem, size.n, size.letters);
          const distance = instances.reduce(
            (least, instance) => Math.min(least, leastDistance(specification, instance)),
            Infinity,
          );
          return [
            p.problem,
            p.n,
            p.letters,
            machine.states,
            degreeOf((n) => machineAt(p, n).states, p.n),
            largestInteger(machine),
            stepWeights(machine),
            largestStepWeight(machine),
            distance,
            bitsOf(p),
            leastBits(task(p), instances, BITS * bitsOf(p)),
          ];
        },
      },
    ],
  });
});

/** The least distance of a random instance; `less`: by how much every dependency is drawn nearer, the nearest into the state itself. */
const ordered = (p: P, { problem, size }: DpTask, less: number) => {
  const specification = specificationAt(problem, size.n, size.letters);
  return {
    domain: instanceDomain(problem, size),
    measure: (point: AnyPoint): Rational => {
      const least = leastDistance(specification, instanceAt(problem, point));
      return Rational.fromNumber(Math.min(least, size.n + p.letters) - less);
    },
  };
};

const precision = (task: DpTask, p: number) => {
  const instances = spread(allInstances(task.problem, task.size), TRIED);
  return {
    domain: { instance: integers(0, instances.length - 1) },
    exhaustive: true as const,
    measure: ({ instance }: AnyPoint): Rational =>
      Rational.of(suffices(task, [instances[instance as number]!], p) ? 0n : 1n),
  };
};
