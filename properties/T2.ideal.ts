/** T2.ideal: one-hot keys copy exactly; with an idle decay, to M(1 − a^(N−1)) (docs/theory.md §3). */
import { castVector, type Arithmetic } from '../src/arithmetic/arithmetic.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import { defineClaim, experiment, recordMargin, type Experiment } from '../src/claim/claim.ts';
import { reals, vectors } from '../src/claim/domain.ts';
import { format, integer, real, REAL, type Values } from '../src/claim/parameters.ts';
import { buildIdeal } from '../constructions/copy/T2.ideal.ts';
import type { BuiltCopy } from '../src/copy/construction.ts';
import { CopyRunner } from '../src/copy/task.ts';
import type { LinearAttention } from '../src/network/layer.ts';
import { scaleEntries } from '../src/network/matrix.ts';

const parameters = {
  N: integer('sequence length', { min: 1, max: 4096 }),
  d: integer('components of a record', { min: 1, max: 1024 }),
  M: real('bound on the records', { min: '0', openMin: true }),
  a: real('idle decay', { min: '0', max: '1' }),
  format: format('number format'),
} as const;
type P = Values<typeof parameters>;

const build = ({ N, d, M, a }: P): BuiltCopy => buildIdeal({ N, d, M, eps: M }, a);

const copyError = <T>(p: P, A: Arithmetic<T>, built = build(p)): Experiment<T> => {
  const { N, d, M } = p;
  // Without decay the copy is exact and needs no room for rounding.
  const limit = built.bound.approximate();
  const margin = limit.sign() === 0 ? 0 : recordMargin(N, M.div(limit).toNumber());
  const size = M.toNumber() * (1 - margin);
  const runner = new CopyRunner(built, d, A);
  return experiment({
    domain: { records: vectors(N * d, reals(-size, size)), pos: vectors(N, reals(0, 1)) },
    measure: ({ records, pos }) =>
      runner.worstError({
        records: castVector(A, records),
        pos: pos.map((fraction, at) => Math.min(at + 1, 1 + Math.floor(fraction * (at + 1)))),
      }),
    witness: () => runner.worstError(built.witness(A, margin)),
  });
};

/** The construction with a change in its attention layer. */
const mutated = <T>(
  p: P,
  A: Arithmetic<T>,
  change: (layer: LinearAttention) => Partial<LinearAttention>,
): Experiment<T> => {
  const built = build(p);
  const layer = built.network as LinearAttention;
  return copyError(p, A, { ...built, network: { ...layer, ...change(layer) } });
};

export const ideal = defineClaim({
  tag: 'T2.ideal',
  title: 'State dimension N copies exactly',
  statement:
    'With b_j = e_j, c_i = e_pos(i): ‖y_i − v_pos(i)‖∞ ≤ M(1 − a^(N−1)); with a = 1 the copy is exact in every format.',
  quantifiers: [
    'for all N, d, M, a ∈ [0, 1] (and, for a = 1, every format)',
    'for all records with ‖v‖∞ ≤ M and all pos(i) ≤ i: ‖y_i − v_pos(i)‖∞ ≤ M(1 − a^(N−1)) for every i',
  ],
  source: 'RLL Theorem 2; docs/theory.md §3',
  parameters,
  conditions: [
    {
      name: 'format',
      expected: 'real where a < 1 (the bound holds in real arithmetic)',
      holds: (p) => p.a.compare(Rational.fromNumber(1)) === 0 || p.format === REAL,
    },
  ],
  grid: {
    quick: [
      { N: [1, 8], d: 2, M: 1, a: '1', format: ['fp64', 'bf16', 'fp8-e4m3'] },
      { N: 8, d: 2, M: 1, a: ['0.9', '1'], format: REAL },
    ],
    standard: [
      { N: 16, d: 2, M: ['1', '3'], a: '1', format: ['fp32', 'tf32', 'fp16', 'fp8-e5m2', 'p5', 'p40'] },
      { N: 4, d: 1, M: 1, a: '1', format: 'decimal30' },
      { N: [2, 16, 32], d: 2, M: 1, a: ['0.5', '0.99', '0.9999'], format: REAL },
    ],
    deep: [{ N: [64, 128], d: 4, M: 1, a: ['1', '0.999'], format: REAL }],
  },
  quantities: {
    error: {
      measures: '‖y_i − v_pos(i)‖∞, the largest over i',
      relation: '<=',
      bound: (p) => build(p).bound,
      slack: ({ a, N }) => (a.compare(Rational.fromNumber(1)) === 0 || N === 1 ? null : 0.999),
      experiment: (p, A) => copyError(p, A),
      teethAt: { N: 8, d: 2, M: 1, a: '0.9', format: REAL },
      mutants: {
        'more decay': (p, A) => mutated(p, A, () => ({ decay: 0.8 })),
        'keys read as queries': (p, A) => mutated(p, A, ({ key }) => ({ query: key })),
        'values negated': (p, A) => mutated(p, A, ({ value }) => ({ value: scaleEntries(value, -1) })),
      },
    },
  },
});
