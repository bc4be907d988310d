/** T2.constant: what COPY with fewer keys than positions costs (docs/theory.md §3). */
import { castVector, vectorOf, type Arithmetic } from '../src/arithmetic/arithmetic.ts';
import { float64 } from '../src/arithmetic/float64.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import { defineClaim, dimensionless, experiment, recordMargin, type Experiment } from '../src/claim/claim.ts';
import { integers, reals, vectors } from '../src/claim/domain.ts';
import { choice, integer, real, type Values } from '../src/claim/parameters.ts';
import { Random } from '../src/claim/random.ts';
import {
  buildConstant,
  dot,
  hadamard,
  repeatedBasis,
  scaledBy,
  simplex,
  unitKeys,
  worstRecords,
  type Keys,
} from '../constructions/copy/T2.constant.ts';
import { CopyRunner } from '../src/copy/task.ts';

const parameters = {
  keys: choice('any unit vectors, entries ±1/√m, a repeated orthonormal basis, or a simplex', [
    'any',
    'signs',
    'basis',
    'simplex',
  ]),
  N: integer('sequence length', { min: 2, max: 256 }),
  m: integer('state dimension', { min: 1, max: 64 }),
  M: real('bound on the records', { min: '0', openMin: true }),
} as const;
type P = Values<typeof parameters>;

const ONE = Rational.of(1n);

/** ⌈N/m⌉ − 1: by so much keys in R^m overlap, at the worst position. */
const overlap = ({ N, m }: P): number => Math.ceil(N / m) - 1;
const sharp = (p: P): Rational => p.M.mul(Rational.fromNumber(overlap(p)));

/**
 * Unit keys as doubles have norms within 1 ± (m/2 + 3)u, u = 2^−53, and a float64 score of the wrong sign is at most mu in
 * size and costs 2M times that: together less than this fraction of the bound.
 */
const rounding = ({ N, m }: P): number => (2 * N + 1) * (m + 6) * 2 ** -53;

const boundOf = (p: P): Rational =>
  p.keys === 'basis' ? sharp(p) : sharp(p).mul(ONE.sub(Rational.fromNumber(rounding(p))));

/** Keys given by raw entries: directions, or signs as bits. */
const keysFrom = ({ keys, m }: P, entries: readonly number[]): Keys =>
  unitKeys(m, keys === 'signs' ? entries.map((bit) => 1 - 2 * bit) : entries);

/** One set of keys, which attains the bound. */
const isFixed = ({ keys }: P): boolean => keys === 'basis' || keys === 'simplex';

const isPowerOfTwo = (m: number): boolean => Number.isInteger(Math.log2(m));

/** Keys that attain the bound, where there are any of the kind. */
const bestKeys = ({ keys, N, m }: P): Keys | undefined => {
  if (keys === 'simplex') return simplex(m);
  if (keys !== 'signs') return repeatedBasis(N, m);
  return isPowerOfTwo(m) ? unitKeys(m, hadamard(N, m).flat()) : undefined;
};

/** How an experiment departs from the theorem; each must be refuted. */
interface Mutation {
  /** Norm of the keys. */
  readonly norm?: number;
  /** Queries as a multiple of the keys. */
  readonly query?: number;
  /** Dimension of the keys. */
  readonly m?: number;
  /** All records positive. */
  readonly oneSign?: true;
}

const positions = (N: number): number[] => Array.from({ length: N }, (_, at) => at + 1);

/**
 * The largest error over the positions asked for at time N, each with the records that are the worst for it. They run at
 * once, as the components of one sequence: a position errs most in its own.
 */
const worstError = <T>(M: Rational, A: Arithmetic<T>, keys: Keys, { query = 1, oneSign }: Mutation = {}): T => {
  const N = keys.length;
  const queries = scaledBy(keys, query);
  const worst = worstRecords(A, M, keys, queries);
  const records = oneSign ? vectorOf(A, N * N, (at) => A.abs(A.get(worst, at))) : worst;
  return new CopyRunner(buildConstant(keys, N, queries), N, A).worstLastQuery(records, N, positions(N));
};

const errorOver = <T>(p: P, A: Arithmetic<T>, mutation: Mutation = {}): Experiment<T> => {
  const { norm = 1, m = p.m } = mutation;
  const changed = { ...p, m };
  const errorOf = (keys: Keys): T => worstError(p.M, A, scaledBy(keys, norm), mutation);
  const best = bestKeys(changed);
  if (isFixed(p)) return { measure: () => errorOf(best!) };
  return experiment({
    domain: { entries: vectors(p.N * m, p.keys === 'signs' ? integers(0, 1) : reals(-1, 1)) },
    measure: ({ entries }) => errorOf(keysFrom(changed, entries)),
    ...(best && { witness: () => errorOf(best) }),
  });
};

/** The error of copying any position at time N with the best keys, over all records. */
const recordsOver = <T>(p: P, A: Arithmetic<T>, { norm = 1, query = 1, m = p.m }: Mutation = {}): Experiment<T> => {
  const { N, M } = p;
  const keys = scaledBy(bestKeys({ ...p, m })!, norm);
  const margin = recordMargin(N);
  const size = M.toNumber() * (1 - margin);
  const runner = new CopyRunner(buildConstant(keys, 1, scaledBy(keys, query)), 1, A);
  return experiment({
    domain: { records: vectors(N, reals(-size, size)) },
    measure: ({ records }) => runner.worstLastQuery(castVector(A, records), N, positions(N)),
    witness: () => worstError(M.mul(ONE.sub(Rational.fromNumber(margin))), A, keys, { query }),
  });
};

/** Random keys that a measurement draws, and starts of its search for good ones. */
const DRAWS = 16;
const STARTS = 4;

/** Steps of the descent, the first of this size; |s| is smoothed as √(s² + δ²) with δ falling from the first value to the last. */
const STEPS = 200;
const FIRST_STEP = 0.05;
const [FIRST_DELTA, LAST_DELTA] = [0.3, 1e-3];
/** Σ_p R_p^6, R_p = Σ_j |s_pj|, is a smooth stand-in for the largest R_p. */
const POWER = 6;

/** Gradient descent on Σ_p R_p^6, every key held to norm 1. */
const descend = (start: Keys): Keys => {
  let keys = start;
  for (let step = 0; step < STEPS; step++) {
    const left = 1 - step / STEPS;
    const delta = LAST_DELTA + (FIRST_DELTA - LAST_DELTA) * left;
    const scores = keys.map((key) => keys.map((other) => dot(key, other)));
    const sums = scores.map((row) => row.reduce((sum, score) => sum + Math.abs(score), 0));
    const mean = sums.reduce((total, sum) => total + sum, 0) / keys.length;
    const weights = sums.map((sum) => (sum / mean) ** (POWER - 1));
    keys = keys.map((key, p) => {
      const moved = [...key];
      keys.forEach((other, j) => {
        if (j === p) return;
        const score = scores[p]![j]!;
        const slope = score / Math.sqrt(score * score + delta * delta);
        const rate = (FIRST_STEP * left * slope * (weights[p]! + weights[j]!)) / 2;
        for (let n = 0; n < moved.length; n++) moved[n]! -= rate * other[n]!;
      });
      return unitKeys(moved.length, moved)[0]!;
    });
  }
  return keys;
};

/** Errors in float64: of the one set of keys there is, or the mean over random ones; and the least after a descent. */
const measured = (p: P, seed: number): { error: number; optimised: number | null } => {
  const errorOf = (keys: Keys): number => worstError(p.M, float64, keys);
  if (isFixed(p)) return { error: errorOf(bestKeys(p)!), optimised: null };
  const random = new Random(seed);
  const draw = (): Keys =>
    keysFrom(
      p,
      Array.from({ length: p.N * p.m }, () => (p.keys === 'signs' ? random.integer(0, 1) : random.normal())),
    );
  const errors = Array.from({ length: DRAWS }, () => errorOf(draw()));
  const starts = p.keys === 'signs' ? [] : Array.from({ length: STARTS }, draw);
  return {
    error: errors.reduce((sum, error) => sum + error, 0) / DRAWS,
    optimised: starts.length > 0 ? Math.min(...starts.map((start) => errorOf(descend(start)))) : null,
  };
};

/** Short sequences are searched, over keys or records; of longer ones the errors are only measured. */
const isSearched = ({ N }: P): boolean => N <= 12;

export const constant = defineClaim({
  tag: 'T2.constant',
  title: 'What fewer keys than positions cost: ⌈N/m⌉ − 1',
  statement:
    'For unit keys in R^m, c_i = b_pos(i), a = 1, m < N: the worst error is M·max_p Σ_{j≠p} |s_pj| ≥ M(⌈N/m⌉ − 1), with equality for an orthonormal basis, each vector repeated ⌊N/m⌋ or ⌈N/m⌉ times. (Keys are doubles, unit to within (m/2 + 3)u: the bound is lowered by (2N + 1)(m + 6)u of itself, u = 2^−53, where that is not exact.)',
  quantifiers: [
    'for all m < N and M: for all unit keys b_1, …, b_N ∈ R^m there are p and records with ‖v‖∞ ≤ M with |y_N − v_p| ≥ M(⌈N/m⌉ − 1)',
    'for the repeated basis (and the simplex, N = m + 1): for all p and records with ‖v‖∞ ≤ M, |y_N − v_p| ≤ M(⌈N/m⌉ − 1)',
  ],
  source: 'beyond RLL; docs/theory.md §3',
  parameters,
  conditions: [
    {
      name: 'm',
      expected: 'less than N, and N − 1 for a simplex',
      holds: ({ keys, N, m }) => (keys === 'simplex' ? m === N - 1 : m < N),
    },
  ],
  grid: {
    quick: [
      { keys: ['any', 'basis'], N: [5, 7], m: 2, M: 1 },
      { keys: 'simplex', N: 4, m: 3, M: 1 },
    ],
    standard: [
      { keys: ['any', 'signs', 'basis'], N: [3, 4, 5], m: 2, M: 1 },
      { keys: 'any', N: [2, 4], m: 1, M: 3 },
      { keys: 'any', N: [4, 7], m: 3, M: 1 },
      { keys: ['any', 'signs'], N: [5, 9], m: 4, M: 1 },
      { keys: ['basis', 'simplex'], N: 6, m: 5, M: '0.1' },
      { keys: ['any', 'signs', 'basis'], N: 24, m: [2, 3, 4, 5, 7, 8, 10, 12, 16, 23], M: 1 },
    ],
    deep: [{ keys: ['any', 'signs', 'basis'], N: [8, 12], m: [3, 4, 5, 6, 7], M: 1 }],
  },
  quantities: {
    error: {
      measures: '|y_N − v_p|, the largest over p, on the records that the keys make worst',
      relation: '>=',
      applies: (p) => isFixed(p) || isSearched(p),
      bound: boundOf,
      slack: (p) => (bestKeys(p) ? 1.05 : null),
      experiment: (p, A) => errorOver(p, A),
      teethAt: { keys: 'any', N: 5, m: 2, M: 1 },
      mutants: {
        'keys of norm 0.9': (p, A) => errorOver(p, A, { norm: 0.9 }),
        'queries of half the keys': (p, A) => errorOver(p, A, { query: 0.5 }),
        'a dimension more': (p, A) => errorOver(p, A, { m: p.m + 1 }),
        'records of one sign': (p, A) => errorOver(p, A, { oneSign: true }),
      },
    },
    attained: {
      measures: '|y_N − v_p|, the largest over p, for any records',
      relation: '<=',
      applies: (p) => isFixed(p) && isSearched(p),
      bound: sharp,
      slack: () => 0.999,
      experiment: (p, A) => recordsOver(p, A),
      teethAt: { keys: 'basis', N: 7, m: 3, M: 1 },
      mutants: {
        'keys of norm 1.1': (p, A) => recordsOver(p, A, { norm: 1.1 }),
        'queries of twice the keys': (p, A) => recordsOver(p, A, { query: 2 }),
        'a basis vector less': (p, A) => recordsOver(p, A, { m: p.m - 1 }),
      },
    },
  },
  measurements: [
    {
      id: 'T2.constant.errors',
      title: 'Worst errors with fewer keys than positions',
      columns: dimensionless(['keys', 'N', 'm', 'M', 'sharp', 'welch', 'error', 'optimised']),
      row: (p, seed) => {
        const { keys, N, m } = p;
        const M = p.M.toNumber();
        const { error, optimised } = measured(p, seed);
        return [keys, N, m, M, sharp(p).toNumber(), M * Math.max(1, N / m - 1), error, optimised];
      },
    },
  ],
});
