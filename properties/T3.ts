/** T3: a fixed-depth stack writes the table of any dynamic program, one state per token, without error (docs/theory.md §5). */
import { arithmeticByName } from '../src/arithmetic/names.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import { defineClaim, dimensionless, type Measured } from '../src/claim/claim.ts';
import {
  cellsFor,
  dpConditions,
  dpParameters,
  floatMachine,
  growth,
  mutatedChains,
  scaledOutput,
  SIZE_COLUMNS,
  sizeRow,
  slotsRead,
  stepErrorWithin,
  taskOf,
  tokensOf,
  writerOf,
  type DpParameters,
  type DpValues,
} from '../src/dp/claims.ts';
import { countInstances } from '../src/dp/instances.ts';
import { allChains, machineFor, sampledChains, type DpTask } from '../src/dp/experiment.ts';
import { sizesOf } from '../src/network/size.ts';
import { defineProjectClaim } from '../src/project.ts';

/** Mechanisms that keep every state, by the exponent in T of the cost of a run, all weights counted. */
const DENSE_EXPONENT: Readonly<Record<string, number>> = {
  'T2.attention': 2,
  'T2.packed': 2,
  'T2.selective': 2,
  'T2.tight': 2,
  'T2.block': 3,
  'T2.linear-attention': 3,
  'T2.slots': 3,
};
/** The same for weights and state entries that are not 0. */
const NONZERO_EXPONENT = 2;

/** The instances of the paper's problems: all pairs of words up to 4 over two letters, or 3 over three; all orders up to 6. */
const EVERYTHING = [
  { problem: ['edit-distance', 'lcs'], n: 4, letters: 2 },
  { problem: 'edit-distance', n: 3, letters: 3 },
  { problem: 'lis', n: 6, letters: 6 },
].map((cell) => ({ ...cell, mechanism: 'T2.packed', costs: 'default', format: 'fp64' }));
/** So many instances are gone through, one after the other. */
const MOST_INSTANCES = 6000;
const isExhausted = ({ problem, size }: DpTask, { mechanism, format }: DpValues): boolean =>
  mechanism === 'T2.packed' && format === 'fp64' && countInstances(problem, size) <= MOST_INSTANCES;

/** A problem over two words: its states are a square, of which 2n + 1 has four times as many as n. */
const SQUARE = 'edit-distance';
const STATES_GROW = 4;
/** Chains of larger instances take minutes for all samples and the search; sizes are counted without them. */
const MOST_RUN = 6;
/** Machines of more than a thousand states take seconds to build. */
const MOST_GROWN = 7;
/** From here on the exponent 3 shows. */
const LARGE = 15;

/** Bits of the letters a, b, … as code points, from 97 on. */
const LETTER_BITS = 7;

/** The last state of an edit distance that is read by another: the last row but one ends there. */
const lastRead = ({ n }: DpValues): number => n * (n + 1);

export const t3 = defineProjectClaim('T3', (parts) => {
  const task = (p: DpValues): DpTask => taskOf(parts, p);
  const grows = (
    count: 'totalMacs' | 'totalMacsNonzero',
    exponent: (tag: string) => number,
  ): Measured<DpParameters> => ({
    measures: `how many times as many multiply–adds${count === 'totalMacs' ? '' : ' with weights ≠ 0'} a run takes with four times the states`,
    relation: '<=',
    applies: ({ problem, mechanism, n }) =>
      problem === SQUARE && n <= MOST_GROWN && Object.hasOwn(DENSE_EXPONENT, mechanism),
    bound: (p) => Rational.fromNumber(STATES_GROW ** exponent(p.mechanism)),
    slack: () => null,
    experiment: (p) => ({ measure: () => growth(task(p), count, 2 * p.n + 1) }),
    mutants: {
      'the state of T2.block, run densely': (p) => ({
        measure: () => growth(task({ ...p, mechanism: 'T2.block', n: LARGE }), 'totalMacs', 2 * LARGE + 1),
      }),
    },
  });
  return defineClaim({
    tag: 'T3',
    title: 'A fixed-depth stack writes the table of a dynamic program exactly, one state per token',
    statement:
      'With COPY by any mechanism that keeps all states, every output of every step is within ½ of the integer that it means, so that decoding to the nearest integer writes all T states and the answer without error. The memories have one slot for each state or token of the prompt and each of their readers; a run takes O(T²) multiply–adds, O(T³) if the zeros of T2.block, T2.slots and T2.linear-attention are counted.',
    quantifiers: [
      'for all problems of D2, sizes n and mechanisms there is a stack (its weights depend on these, the range of the symbols and the format only) such that',
      'for all instances up to n and all steps: |output − integer meant| ≤ ½ for every field, each step reading the tokens that were decoded before',
    ],
    source: 'RLL Theorem 3; docs/theory.md §5',
    parameters: dpParameters(parts),
    conditions: dpConditions(parts),
    grid: {
      quick: cellsFor(parts, { n: 2, letters: 2, costs: 'default', format: 'fp64' }, ['T2.packed', 'T2.tight']),
      standard: [
        ...EVERYTHING,
        {
          problem: SQUARE,
          mechanism: Object.keys(DENSE_EXPONENT),
          n: [7, 15, 23],
          letters: 2,
          costs: 'default',
          format: 'fp64',
        },
        ...cellsFor(parts, { n: 3, letters: 3, costs: 'uneven', format: 'fp64' }, Object.keys(DENSE_EXPONENT)),
        ...cellsFor(parts, { n: 2, letters: 3, costs: 'default', format: 'fp32' }, ['T2.packed']),
      ],
      deep: [
        ...cellsFor(
          parts,
          { n: 6, letters: 9, costs: 'uneven', format: ['fp64', 'fp32'] },
          Object.keys(DENSE_EXPONENT),
        ),
      ],
    },
    quantities: {
      stepError: stepErrorWithin({
        applies: ({ n }) => n <= MOST_RUN,
        experiment: (p, A) => sampledChains(task(p), A),
        mutants: {
          'fewer slots than states that are read': (p, A) =>
            sampledChains(task(p), A, machineFor(task(p), A, { slots: lastRead(p) - 2 })),
          'the value twice as large': (p, A) =>
            mutatedChains(task(p), A, (machine) => writerOf(machine, machine.generated.value!), scaledOutput(2)),
          'a number that counts by 1.6': (p, A) =>
            mutatedChains(task(p), A, (machine) => writerOf(machine, machine.generated.number!), scaledOutput(1.6)),
          'one bit too few': (p) => sampledChains(task(p), arithmeticByName(`p${LETTER_BITS - 1}`)!),
        },
      }),
      everyInstance: stepErrorWithin({
        applies: (p) => isExhausted(task(p), p),
        experiment: (p, A) => allChains(task(p), A),
        mutants: {
          'fewer slots than states that are read': (p, A) =>
            allChains(task(p), A, machineFor(task(p), A, { slots: lastRead(p) - 2 })),
        },
      }),
      slotsRead: {
        measures: 'state floats that an output reads, in T2.tight',
        relation: '==',
        applies: ({ mechanism }) => mechanism === 'T2.tight',
        bound: (p) => Rational.fromNumber(slotsRead(floatMachine(task(p)))),
        slack: () => null,
        experiment: (p) => {
          const machine = floatMachine(task(p));
          return { measure: () => Rational.fromNumber(sizesOf(machine.network, tokensOf(machine)).stateRead) };
        },
      },
      cost: grows('totalMacs', (tag) => DENSE_EXPONENT[tag]!),
      costNonzero: grows('totalMacsNonzero', () => NONZERO_EXPONENT),
    },
    measurements: [
      {
        id: 'T3.sizes',
        title: 'Sizes and costs of machines',
        columns: dimensionless(SIZE_COLUMNS),
        row: (p) => sizeRow(p, task(p)),
      },
    ],
  });
});
