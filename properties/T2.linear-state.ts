/** T2.linear-state: with fewer than N·d state floats two opposite sequences share one state (docs/theory.md §3). */
import { largest, type Arithmetic } from '../src/arithmetic/arithmetic.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import { defineClaim, experiment, type Experiment } from '../src/claim/claim.ts';
import { integers, vectors } from '../src/claim/domain.ts';
import { integer, real, type Values } from '../src/claim/parameters.ts';
import { kernelOf, vertexOf } from '../constructions/copy/null-record.ts';
import {
  copyingDecoder,
  decoded,
  decoderOf,
  guessingDecoder,
  memoryRows,
  stateAfter,
  truncatedMemory,
  type Memory,
} from '../constructions/copy/T2.linear-state.ts';
import type { Layer } from '../src/network/layer.ts';

const parameters = {
  N: integer('sequence length', { min: 1, max: 64 }),
  d: integer('components of a record', { min: 1, max: 64 }),
  m: integer('state dimension', { min: 1, max: 64 }),
  channels: integer('channels of the state, E: k = m·E floats', { min: 1, max: 64 }),
  M: real('bound on the records', { min: '0', openMin: true }),
} as const;
type P = Values<typeof parameters>;

const spare = ({ N, d, m, channels }: P): number => N * d - m * channels;

/** Weights are multiples of 1/16, so that exact rationals stay short; those of the decoder's output are in units of M. */
const STEPS = 16;
/** Hidden units of the decoders in the domain. */
const HIDDEN = 2;

const weights = (length: number) => vectors(length, integers(-STEPS, STEPS));

/** A memory, a decoder and two sequences, both of which are to be copied. */
interface Case<T> {
  readonly memory: Memory;
  readonly decoder: Layer;
  readonly sequences: readonly [readonly T[], readonly T[]];
}

/** Null records at a vertex, and their opposite. */
const opposites = <T>(A: Arithmetic<T>, memory: Memory, M: T): Case<T>['sequences'] => {
  const n = memory.N * memory.d;
  const v = vertexOf(A, kernelOf(A, memoryRows(A, memory), n), n, M);
  return [v, v.map(A.neg)];
};

/** Over all memories and decoders; the witness is the truncated memory with the decoder given. */
const overDesigns = <T>(
  p: P,
  A: Arithmetic<T>,
  measure: (c: Case<T>) => T,
  decoder: (memory: Memory) => Layer,
  sequences = opposites<T>,
): Experiment<T> => {
  const { N, d, m, channels } = p;
  const inputs = m * channels + N;
  const M = A.fromRational(p.M);
  const scaled = (steps: readonly number[], by = 1): number[] => steps.map((step) => (step / STEPS) * by);
  return experiment({
    domain: {
      keys: weights(N * m),
      decays: vectors(N, integers(STEPS / 2, STEPS)),
      mix: weights(channels * d),
      first: weights(HIDDEN * inputs),
      second: weights(d * HIDDEN),
    },
    measure: ({ keys, decays, mix, first, second }) => {
      const memory = { N, d, m, channels, keys: scaled(keys), decays: scaled(decays), mix: scaled(mix) };
      const own = decoderOf(inputs, HIDDEN, d, scaled(first), scaled(second, p.M.toNumber()));
      return measure({ memory, decoder: own, sequences: sequences(A, memory, M) });
    },
    witness: () => {
      const memory = truncatedMemory(N, d, m, channels);
      return measure({ memory, decoder: decoder(memory), sequences: sequences(A, memory, M) });
    },
  });
};

/** |y^(p) − v_p| of every component of every position, for either sequence. */
const errors = <T>(A: Arithmetic<T>, { memory, decoder, sequences }: Case<T>): T[][] => {
  const state = stateAfter(A, memory);
  const decode = decoded(A, decoder, memory.N);
  return sequences.map((v) => decode(state(v)).map((y, at) => A.abs(A.sub(y, v[at]!))));
};

const worstError = <T>(A: Arithmetic<T>, c: Case<T>): T => largest(A, errors(A, c).flat());

/** Of the two sequences the one with more components that err by at least M; in rationals, as intervals cannot count. */
const failures = <T>(A: Arithmetic<T>, c: Case<T>, M: T): T =>
  largest(
    A,
    errors(A, c).map((own) => own.map((x) => (A.less(x, M) ? A.zero : A.one)).reduce(A.add)),
  );

const difference = <T>(A: Arithmetic<T>, { memory, sequences }: Case<T>): T => {
  const [H, G] = sequences.map(stateAfter(A, memory));
  return largest(
    A,
    Array.from({ length: H!.length }, (_, at) => A.abs(A.sub(A.get(H!, at), A.get(G!, at)))),
  );
};

/** The decoder of the witness: it answers 0, guesses by turns, or guesses +M. */
const silent = (memory: Memory): Layer => guessingDecoder(memory, 0, true);
const guessing =
  ({ M }: P, byTurns = true) =>
  (memory: Memory): Layer =>
    guessingDecoder(memory, M.toNumber(), byTurns);

const errorOver = <T>(p: P, A: Arithmetic<T>, decoder = silent, sequences = opposites<T>): Experiment<T> =>
  overDesigns(p, A, (c) => worstError(A, c), decoder, sequences);

const failuresOver = <T>(p: P, A: Arithmetic<T>, sequences = opposites<T>): Experiment<T> =>
  overDesigns(p, A, (c) => failures(A, c, A.fromRational(p.M)), guessing(p), sequences);

const differenceOver = <T>(p: P, A: Arithmetic<T>, sequences = opposites<T>): Experiment<T> =>
  overDesigns(p, A, (c) => difference(A, c), silent, sequences);

/** A memory that holds everything, with its decoder, on sequences that a smaller one confuses. */
const enough = <T>({ N, d, m, channels, M }: P, A: Arithmetic<T>): Case<T> => ({
  memory: truncatedMemory(N, d, N, d),
  decoder: copyingDecoder(N, d, M.toNumber()),
  sequences: opposites(A, truncatedMemory(N, d, m, channels), A.fromRational(M)),
});

/** Attained: the error by any memory, the number of failures by truncated memories that use all their floats. */
const ATTAINED = 1.05;

export const linearState = defineClaim({
  tag: 'T2.linear-state',
  title: 'N·d state floats are needed, whatever the decoder',
  statement:
    'If a linear state holds k < N·d floats, there are records v with ‖v‖∞ = M, at least N·d − k components of them ±M, that share their state with −v: whatever the decoder, of one of the two at least ⌈(N·d − k)/2⌉ components err by M or more.',
  quantifiers: [
    'for all N, d, k < N·d and M',
    'for all linear memories of k floats that do not see the query, and all decoders that see only the state and the query',
    'there are records v with ‖v‖∞ ≤ M: the states of v and −v are equal, and of one of the two ⌈(N·d − k)/2⌉ components err by at least M',
  ],
  source: 'beyond RLL; docs/theory.md §3',
  parameters,
  conditions: [{ name: 'channels', expected: 'so few that m·E < N·d', holds: (p) => spare(p) > 0 }],
  grid: {
    quick: [{ N: 3, d: 3, m: 2, channels: 2, M: 1 }],
    standard: [
      { N: 1, d: 2, m: 1, channels: 1, M: 1 },
      { N: 3, d: 2, m: [1, 5], channels: 1, M: '3' },
      { N: 3, d: 2, m: 2, channels: 2, M: 1 },
      { N: 2, d: 2, m: 1, channels: 3, M: 1 },
    ],
    deep: [{ N: 6, d: 2, m: [2, 3, 5], channels: 2, M: 1 }],
  },
  quantities: {
    error: {
      measures: 'the larger of the worst errors of copying v and −v',
      relation: '>=',
      exact: true,
      bound: ({ M }) => M,
      slack: () => ATTAINED,
      experiment: (p, A) => errorOver(p, A),
      mutants: {
        'as many floats as components': (p, A) => ({ measure: () => worstError(A, enough(p, A)) }),
        'v twice': (p, A) =>
          errorOver(p, A, guessing(p, false), (arithmetic, memory, M) => {
            const [v] = opposites(arithmetic, memory, M);
            return [v, v];
          }),
      },
    },
    failures: {
      measures: 'the larger of the numbers of components of v and −v that err by at least M',
      relation: '>=',
      exact: true,
      // Up to two spare components, one failure is what `error` says.
      applies: (p) => spare(p) > 2,
      bound: (p) => Rational.fromNumber(Math.ceil(spare(p) / 2)),
      slack: ({ N, d, m, channels }) => (m <= N && channels <= d ? ATTAINED : null),
      experiment: (p, A) => failuresOver(p, A),
      mutants: {
        'as many floats as components': (p, A) => ({
          measure: () => failures(A, enough(p, A), A.fromRational(p.M)),
        }),
        'a null vector that is no vertex': (p, A) =>
          failuresOver(p, A, (arithmetic, memory, M) => {
            const n = memory.N * memory.d;
            const v = vertexOf(arithmetic, kernelOf(arithmetic, memoryRows(arithmetic, memory), n).slice(0, 1), n, M);
            return [v, v.map(arithmetic.neg)];
          }),
      },
    },
    state: {
      measures: '‖H(v) − H(−v)‖∞ of the states after N tokens',
      relation: '<=',
      exact: true,
      bound: () => Rational.of(0n),
      slack: () => null,
      experiment: (p, A) => differenceOver(p, A),
      mutants: {
        'decays left out of the null vector': (p, A) =>
          differenceOver(p, A, (arithmetic, memory, M) =>
            opposites(arithmetic, { ...memory, decays: new Float64Array(p.N).fill(1) }, M),
          ),
        'a null vector with one component halved': (p, A) =>
          differenceOver(p, A, (arithmetic, memory, M) => {
            const [[x, ...rest], w] = opposites(arithmetic, memory, M);
            return [[arithmetic.div(x!, arithmetic.from(2)), ...rest], w];
          }),
      },
    },
  },
});
