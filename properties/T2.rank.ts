/** T2.rank: with m < N floats some records leave no trace, and N − m of their copies err by M (docs/theory.md §3). */
import { largest, vectorOf, type Arithmetic, type Vec } from '../src/arithmetic/arithmetic.ts';
import { float64 } from '../src/arithmetic/float64.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import { defineClaim, dimensionless, experiment, type Experiment } from '../src/claim/claim.ts';
import { integers, vectors } from '../src/claim/domain.ts';
import { integer, real, type Values } from '../src/claim/parameters.ts';
import { Random } from '../src/claim/random.ts';
import { kernelOf, vertexOf } from '../constructions/copy/null-record.ts';
import {
  designedAttention,
  readOuts,
  stateRows,
  truncatedOneHot,
  withQueryInKey,
  withSkip,
  type Design,
} from '../constructions/copy/T2.rank.ts';
import type { CopyModule } from '../src/copy/task.ts';

const parameters = {
  N: integer('sequence length', { min: 1, max: 64 }),
  m: integer('state dimension: floats per channel', { min: 1, max: 64 }),
  M: real('bound on the records', { min: '0', openMin: true }),
} as const;
type P = Values<typeof parameters>;

/**
 * Weights are multiples of 1/16: a statement about rank loses nothing by that, exact rationals stay short, and keys that
 * depend on each other are drawn often.
 */
const STEPS = 16;

const designs = ({ N, m }: P) => ({
  keys: vectors(N * m, integers(-STEPS, STEPS)),
  queries: vectors(N * m, integers(-STEPS, STEPS)),
  decays: vectors(N, integers(STEPS / 2, STEPS)),
});

/** Over all designs; the witness is truncated one-hot. */
const overDesigns = <T>(p: P, measure: (design: Design) => T): Experiment<T> =>
  experiment({
    domain: designs(p),
    measure: ({ keys, queries, decays }) => {
      const [b, c, a] = [keys, queries, decays].map((x) => x.map((step) => step / STEPS));
      return measure({ N: p.N, m: p.m, keys: b!, queries: c!, decays: a! });
    },
    witness: () => measure(truncatedOneHot(p.N, p.m)),
  });

/**
 * The largest ‖y^(p) − v_p‖ over p and all |v_j| ≤ M, which is M(|1 − W_pp| + Σ_{j≠p} |W_pj|) (docs/theory.md §3); W is what
 * the module returns for the N unit records.
 */
export const worstError = <T>(A: Arithmetic<T>, module: CopyModule, N: number, M: T): T => {
  const unit = vectorOf(A, N * N, (at) => (at % (N + 1) === 0 ? A.one : A.zero));
  const W = readOuts(A, module, unit, N);
  return largest(
    A,
    W.map((row, p) =>
      A.mul(
        M,
        row.reduce((sum, w, j) => A.add(sum, A.abs(j === p ? A.sub(A.one, w) : w)), A.zero),
      ),
    ),
  );
};

const nullRecord = <T>(A: Arithmetic<T>, design: Design, M: T): T[] =>
  vertexOf(A, kernelOf(A, stateRows(A, design), design.N), design.N, M);

const asVector = <T>(A: Arithmetic<T>, v: readonly T[]): Vec<T> => vectorOf(A, v.length, (j) => v[j]!);

/** How many copies err by at least M; in rationals, for an interval that holds M tells nothing. */
const failures = <T>(A: Arithmetic<T>, module: CopyModule, v: readonly T[], M: T): T =>
  readOuts(A, module, asVector(A, v), v.length)
    .map(([y], p) => (A.less(A.abs(A.sub(y!, v[p]!)), M) ? A.zero : A.one))
    .reduce(A.add, A.zero);

const size = <T>(A: Arithmetic<T>, { M }: P): T => A.fromRational(M);

const failuresOver = <T>(p: P, A: Arithmetic<T>, record = nullRecord<T>): Experiment<T> =>
  overDesigns(p, (design) => failures(A, designedAttention(design, 1), record(A, design, size(A, p)), size(A, p)));

const readOutOver = <T>(p: P, A: Arithmetic<T>, record = nullRecord<T>): Experiment<T> =>
  overDesigns(p, (design) => {
    const y = readOuts(A, designedAttention(design, 1), asVector(A, record(A, design, size(A, p))), p.N);
    return largest(
      A,
      y.map(([x]) => A.abs(x!)),
    );
  });

/** A single case: a module that the theorem leaves out copies everything. */
const only = <T>(measure: () => T): Experiment<T> => ({ measure });
const ONES = (N: number): Float64Array => new Float64Array(N).fill(1);

/** Random ±M records for each design, and random designs, of the table. */
const RECORDS = 100;
const DRAWS = 20;

/** Gaussian rows made orthonormal: the read-out W of Gaussian keys with least-squares queries, a projection of rank m. */
const randomProjection = (N: number, m: number, random: Random): Design => {
  const rows: Float64Array[] = [];
  while (rows.length < m) {
    let row = Float64Array.from({ length: N }, () => random.normal());
    for (const other of rows) {
      const along = row.reduce((sum, x, j) => sum + x * other[j]!, 0);
      row = row.map((x, j) => x - along * other[j]!);
    }
    rows.push(row.map((x) => x / Math.hypot(...row)));
  }
  const keys = Float64Array.from({ length: N * m }, (_, at) => rows[at % m]![Math.floor(at / m)]!);
  return { N, m, keys, queries: keys, decays: ONES(N) };
};

/** The worst error and the RMS error over random ±1 records, for records of size 1. */
const errorsOf = (design: Design, random: Random): { worst: number; rms: number } => {
  const { N } = design;
  const records = Float64Array.from({ length: N * RECORDS }, () => (random.uniform() < 0.5 ? -1 : 1));
  const y = readOuts(float64, designedAttention(design, RECORDS), records, N).flat();
  const squares = y.reduce((sum, x, at) => sum + (x - records[at]!) ** 2, 0);
  return {
    worst: worstError(float64, designedAttention(design, N), N, 1),
    rms: Math.sqrt(squares / (N * RECORDS)),
  };
};

/** Errors in units of M: of truncated one-hot, which attains the least ones, and beside it of random keys. */
const transition = ({ N, m, M }: P, seed: number): readonly number[] => {
  const random = new Random(seed);
  const truncated = truncatedOneHot(N, m);
  const failed = failures(float64, designedAttention(truncated, 1), nullRecord(float64, truncated, 1), 1);
  const { worst, rms } = errorsOf(truncated, random);
  const drawn = Array.from({ length: DRAWS }, () => errorsOf(randomProjection(N, m, random), random));
  const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / DRAWS;
  return [
    N,
    m,
    M.toNumber(),
    worst,
    failed / N,
    rms,
    mean(drawn.map((x) => x.worst)),
    Math.sqrt(mean(drawn.map((x) => x.rms ** 2))),
  ];
};

/** Worst errors are attained by truncated one-hot. */
const ATTAINED = 1.05;

export const rank = defineClaim({
  tag: 'T2.rank',
  title: 'N floats per channel are needed: below, some records are read out as zeros',
  statement:
    'If m < N there are records with ‖v‖∞ = M for which every read-out is 0 and at least N − m of the N copies err by M; over all designs with m < N the least worst error is M.',
  quantifiers: [
    'for all 1 ≤ m < N and M',
    'for all keys and decays (which see neither the records nor the query), all queries, no skip path',
    'there are records with ‖v‖∞ = M: y^(p) = 0 for every p ≤ N, and |y^(p) − v_p| = M for at least N − m of them',
  ],
  source: 'beyond RLL; docs/theory.md §3',
  parameters,
  conditions: [{ name: 'm', expected: 'at most N', holds: ({ N, m }) => m <= N }],
  grid: {
    quick: [{ N: 5, m: [2, 4], M: 1 }],
    standard: [
      { N: 2, m: 1, M: 1 },
      { N: 3, m: 2, M: '3' },
      { N: 5, m: [1, 3, 5], M: 1 },
    ],
    deep: [{ N: 8, m: [1, 2, 3, 4, 5, 6, 7, 8], M: 1 }],
  },
  quantities: {
    error: {
      measures: 'the largest error over all records and queries, from the weights that unit records show',
      relation: '>=',
      exact: true,
      applies: ({ N, m }) => m < N,
      bound: ({ M }) => M,
      slack: () => ATTAINED,
      experiment: (p, A) => overDesigns(p, (design) => worstError(A, designedAttention(design, p.N), p.N, size(A, p))),
      teethAt: { N: 5, m: 4, M: 1 },
      mutants: {
        'as many floats as records': (p, A) =>
          only(() => worstError(A, designedAttention(truncatedOneHot(p.N, p.N), p.N), p.N, size(A, p))),
        'a skip path': (p, A) => only(() => worstError(A, withSkip(p.N, p.N), p.N, size(A, p))),
        'a last key that sees the query': (p, A) =>
          only(() => worstError(A, withQueryInKey(p.N, p.N), p.N, size(A, p))),
      },
    },
    failures: {
      measures: 'the number of copies of the null record that err by at least M',
      relation: '>=',
      exact: true,
      applies: ({ N, m }) => m < N,
      bound: ({ N, m }) => Rational.fromNumber(N - m),
      slack: () => ATTAINED,
      experiment: (p, A) => failuresOver(p, A),
      mutants: {
        'as many floats as records': (p, A) =>
          only(() => {
            const v = nullRecord(A, truncatedOneHot(p.N, p.m), size(A, p));
            return failures(A, designedAttention(truncatedOneHot(p.N, p.N), 1), v, size(A, p));
          }),
        'a null record that is no vertex': (p, A) =>
          failuresOver(p, A, (_, design, M) => {
            const basis = kernelOf(A, stateRows(A, design), design.N);
            return vertexOf(A, basis.slice(0, 1), design.N, M);
          }),
      },
    },
    readout: {
      measures: 'the largest read-out of the null record',
      relation: '<=',
      exact: true,
      applies: ({ N, m }) => m < N,
      bound: () => Rational.of(0n),
      slack: () => null,
      experiment: (p, A) => readOutOver(p, A),
      mutants: {
        'a null record with one component halved': (p, A) =>
          readOutOver(p, A, (_, design, M) =>
            nullRecord(A, design, M).map((x, j) => (j === 0 ? A.div(x, A.from(2)) : x)),
          ),
        'decays left out of the null record': (p, A) =>
          readOutOver(p, A, (_, design, M) => nullRecord(A, { ...design, decays: ONES(design.N) }, M)),
      },
    },
  },
  measurements: [
    {
      id: 'T2.rank.transition',
      title: 'Errors of truncated one-hot and of random keys over the state dimension, in units of M',
      columns: dimensionless(['N', 'm', 'M', 'worst', 'failed', 'rms', 'worst, random keys', 'rms, random keys']),
      row: transition,
    },
  ],
});
