/** T4: where states depend on the last m only, a memory of m slots suffices for the table (docs/theory.md §5). */
import { Rational } from '../src/arithmetic/rational.ts';
import { defineClaim, dimensionless } from '../src/claim/claim.ts';
import {
  cellsFor,
  dpConditions,
  dpParameters,
  floatMachine,
  growth,
  SIZE_COLUMNS,
  sizeRow,
  stepErrorWithin,
  taskOf,
  tokensOf,
  type DpValues,
} from '../src/dp/claims.ts';
import { machineFor, sampledChains, type DpTask } from '../src/dp/experiment.ts';
import { promptLength } from '../src/dp/setting.ts';
import { sizesOf } from '../src/network/size.ts';
import { defineProjectClaim } from '../src/project.ts';

const LOCAL = ['T4.ring', 'T4.window'];
/** Problems over two words, of which a state depends on the n + 2 before it. */
const WORDS = ['edit-distance', 'lcs'];
/** Floats of T2.selective for each slot and reader. */
const RING_FLOATS = 6;
/** Chains of larger instances take minutes for all samples and the search; sizes are counted without them. */
const MOST_RUN = 6;
/** Machines of more than a thousand states take seconds to build. */
const MOST_GROWN = 7;
/** From here on the exponent 3 of T2.block shows. */
const LARGE = 15;

/** (m + N_input)·T, which a run costs up to a constant. */
const work = (task: DpTask, n: number): Rational => {
  const { slots, states, problem, options } = floatMachine({ ...task, size: { ...task.size, n } });
  return Rational.fromNumber((slots + promptLength(problem, options.limits)) * states);
};

export const t4 = defineProjectClaim('T4', (parts) => {
  const task = (p: DpValues): DpTask => taskOf(parts, p);
  return defineClaim({
    tag: 'T4',
    title: 'A memory of m slots writes the table of an m-local dynamic program exactly',
    statement:
      'If every state depends on the m before it only, a memory of m slots (a ring, or attention over a window of m tokens) suffices for the table; the prompt has its own memory. State O(m + N_input), and a run over T states takes O((m + N_input)·T) multiply–adds with weights ≠ 0.',
    quantifiers: [
      'for all m-local problems of D2, sizes n and local mechanisms there is a stack (its weights depend on these, the range of the symbols and the format only) such that',
      'for all instances up to n and all steps: |output − integer meant| ≤ ½ for every field, each step reading the tokens that were decoded before',
    ],
    source: 'RLL Theorem 4; docs/theory.md §5',
    parameters: dpParameters(parts),
    conditions: dpConditions(parts),
    grid: {
      quick: cellsFor(parts, { n: 2, letters: 2, costs: 'default', format: 'fp64' }, LOCAL),
      standard: [
        ...cellsFor(parts, { n: 3, letters: 3, costs: 'uneven', format: 'fp64' }, LOCAL),
        ...cellsFor(parts, { n: 2, letters: 3, costs: 'default', format: 'fp32' }, ['T4.ring']),
        { problem: 'edit-distance', mechanism: LOCAL, n: [7, 15, 23], letters: 2, costs: 'default', format: 'fp64' },
      ],
      deep: cellsFor(parts, { n: 6, letters: 9, costs: 'uneven', format: 'fp64' }, LOCAL),
    },
    quantities: {
      stepError: stepErrorWithin({
        applies: ({ n }) => n <= MOST_RUN,
        experiment: (p, A) => sampledChains(task(p), A),
        mutants: {
          'one slot too few': (p, A) =>
            sampledChains(task(p), A, machineFor(task(p), A, { slots: machineFor(task(p), A).slots - 1 })),
        },
      }),
      slots: {
        measures: 'slots for states of a problem over two words, m',
        relation: '==',
        applies: ({ problem }) => WORDS.includes(problem),
        bound: ({ n }) => Rational.fromNumber(n + 2),
        slack: () => null,
        experiment: (p) => ({ measure: () => Rational.fromNumber(floatMachine(task(p)).slots) }),
      },
      slotsRead: {
        measures: 'state floats that an output reads, in T4.ring',
        relation: '==',
        applies: ({ mechanism }) => mechanism === 'T4.ring',
        bound: (p) =>
          Rational.fromNumber(
            floatMachine(task(p)).memories.reduce((sum, { N, reads }) => sum + RING_FLOATS * N * reads, 0),
          ),
        slack: () => null,
        experiment: (p) => {
          const machine = floatMachine(task(p));
          return { measure: () => Rational.fromNumber(sizesOf(machine.network, tokensOf(machine)).stateRead) };
        },
      },
      costNonzero: {
        measures: 'how many times as many multiply–adds with weights ≠ 0 a run takes at 2n + 1 as at n',
        relation: '<=',
        applies: ({ problem, n }) => WORDS.includes(problem) && n <= MOST_GROWN,
        bound: (p) => work(task(p), 2 * p.n + 1).div(work(task(p), p.n)),
        slack: () => null,
        experiment: (p) => ({ measure: () => growth(task(p), 'totalMacsNonzero', 2 * p.n + 1) }),
        mutants: {
          'the state of T2.block, run densely': (p: DpValues) => ({
            measure: () => growth(task({ ...p, mechanism: 'T2.block', n: LARGE }), 'totalMacs', 2 * LARGE + 1),
          }),
        },
      },
    },
    measurements: [
      {
        id: 'T4.sizes',
        title: 'Sizes and costs of machines with local memories',
        columns: dimensionless(SIZE_COLUMNS),
        row: (p) => sizeRow(p, task(p)),
      },
    ],
  });
});
