/** Assumption 1 on the constructions of Theorem 2: A1.gap, A1.scale and A1.values (docs/theory.md §1, §3). */
import { castVector, largest, type Arithmetic } from '../src/arithmetic/arithmetic.ts';
import { parseFormula, realOf } from '../src/arithmetic/formula.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import type { Real } from '../src/arithmetic/real.ts';
import { defineClaim, experiment, recordMargin, type Experiment } from '../src/claim/claim.ts';
import { integers, reals, vectors } from '../src/claim/domain.ts';
import { choice, integer, real, type Values } from '../src/claim/parameters.ts';
import type { BuiltCopy } from '../src/copy/construction.ts';
import { dot, effectiveWeights, lookInside } from '../src/copy/probe.ts';
import { asking, CopyRunner } from '../src/copy/task.ts';
import type { LinearAttention, MambaBlock, Residual } from '../src/network/layer.ts';
import { scaleEntries } from '../src/network/matrix.ts';
import { ETA_SILU } from '../constructions/copy/hat.ts';
import { blockConstants, buildBlock } from '../constructions/copy/T2.block.ts';
import { buildIdeal } from '../constructions/copy/T2.ideal.ts';

const parameters = {
  module: choice('the module that copies', ['T2.ideal', 'T2.block']),
  N: integer('sequence length', { min: 1, max: 256 }),
  M: real('bound on the records', { min: '0', openMin: true }),
  eps: real('error that T2.block is built for', { min: '0', openMin: true }),
} as const;
type P = Values<typeof parameters>;

const ONE = Rational.of(1n);

const build = (p: P): BuiltCopy => (p.module === 'T2.ideal' ? buildIdeal : buildBlock)({ ...p, d: 1 }, ONE);

/** A formula in η, the leak of the block's hats; 0 for one-hot keys, which do not leak. */
const inEta = (p: P, formula: string): Real => {
  if (p.module === 'T2.ideal') return realOf(parseFormula(formula), { eta: 0 });
  const { lambda } = blockConstants({ ...p, d: 1 });
  return realOf(parseFormula(`${ETA_SILU}\n${formula}`), { lambda });
};
const isBlock = ({ module }: P): boolean => module === 'T2.block';
/** From here on two neighbours and η² small beside η bring the worst case within 5 % of its bound. */
const isTight = (p: P): boolean => isBlock(p) && p.N >= 5 && p.eps.mul(Rational.of(20n)).compare(p.M) <= 0;
const slack = (p: P): number | null => (isTight(p) ? 0.95 : null);

/** Two steps of decay after a pos with two neighbours on each side take 2(1 − a) ≈ 3η/(7(N − 1)) off the mass. */
const massSlack = (p: P): number | null => (isTight(p) ? 0.98 - 3 / (7 * (p.N - 1)) : null);

const withinM = { name: 'eps', expected: 'a number in (0, M]', holds: ({ eps, M }: P) => eps.compare(M) <= 0 };
/**
 * Knots at fl(λk) instead of λk move scores by up to 4N·2^−53, and η/2 leaves room for (η/2)·6e^(−λ) = ε²/(24M²) only:
 * ε² ≥ N·2^−42·M² is 16 times what is needed.
 */
const aboveRounding = {
  name: 'eps',
  expected: 'so large that ε² ≥ N·2^−42·M² (else the rounding of the weights to doubles shows)',
  holds: ({ module, N, eps, M }: P) =>
    module === 'T2.ideal' || eps.mul(eps).compare(M.mul(M).mul(Rational.fromNumber(2 ** -42 * N))) >= 0,
};
const conditions = [withinM, aboveRounding];

const grid = {
  quick: [{ module: ['T2.ideal', 'T2.block'], N: 8, M: 1, eps: '0.01' }],
  standard: [
    { module: 'T2.ideal', N: [1, 16], M: 1, eps: 1 },
    { module: 'T2.block', N: [1, 2, 3, 16], M: 1, eps: ['1', '0.01', '1e-4'] },
    { module: 'T2.block', N: 32, M: 1, eps: '0.01' },
  ],
  deep: [{ module: ['T2.ideal', 'T2.block'], N: 64, M: 4, eps: ['0.01', '1e-4'] }],
} as const;
const teethAt = { module: 'T2.block', N: 8, M: 1, eps: '0.01' };

/** Scores s_Nj of the last token, where pos is asked for, from the keys and queries that the module computes. */
const scoresOver = <T>(
  p: P,
  A: Arithmetic<T>,
  measure: (scores: readonly T[], pos: number) => T,
  built: BuiltCopy = build(p),
): Experiment<T> => {
  const { N } = p;
  const runner = new CopyRunner(built, 1, A);
  return experiment({
    domain: { pos: integers(1, N) },
    measure: ({ pos }) => {
      const { keys, queries } = lookInside(runner, { records: A.alloc(N), pos: asking(N, pos) });
      return measure(
        keys.map((key) => dot(A, key, queries.at(-1)!)),
        pos,
      );
    },
  });
};

const largestOther =
  <T>(A: Arithmetic<T>) =>
  (scores: readonly T[], pos: number): T =>
    largest(
      A,
      scores.filter((_, j) => j !== pos - 1).map((s) => A.abs(s)),
    );
const ownDefect =
  <T>(A: Arithmetic<T>) =>
  (scores: readonly T[], pos: number): T =>
    A.abs(A.sub(A.one, scores[pos - 1]!));

/** Σ_j |w_Nj| − 1, the weights read off as answers to unit records. */
const massOver = <T>(p: P, A: Arithmetic<T>, built: BuiltCopy = build(p), from = 1, to = p.N): Experiment<T> => {
  const weights = effectiveWeights(built, A, p.N);
  return experiment({
    domain: { pos: integers(from, to) },
    measure: ({ pos }) =>
      A.sub(
        weights(pos).reduce((sum, w) => A.add(sum, A.abs(w)), A.zero),
        A.one,
      ),
  });
};

/** The largest record that enters the state. */
const recordsOver = <T>(p: P, A: Arithmetic<T>, built: BuiltCopy = build(p)): Experiment<T> => {
  const { N } = p;
  const top = p.M.toNumber() * (1 - recordMargin(N));
  const runner = new CopyRunner(built, 1, A);
  const sizeOf = (records: readonly number[]): T => {
    const inside = lookInside(runner, { records: castVector(A, records), pos: asking(N, N) });
    const entries = inside.records.flatMap((v) => Array.from({ length: v.length }, (_, k) => A.abs(A.get(v, k))));
    return largest(A, entries);
  };
  return experiment({
    domain: { records: vectors(N, reals(-top, top)) },
    measure: ({ records }) => sizeOf(records),
    witness: () => sizeOf(new Array<number>(N).fill(top)),
  });
};

/** A module with a change in its Mamba block. */
const changed = (p: P, change: (block: MambaBlock) => Partial<MambaBlock>): BuiltCopy => {
  const built = build(p);
  const network = built.network as Residual;
  const layer = network.layer as MambaBlock;
  return { ...built, network: { ...network, layer: { ...layer, ...change(layer) } } };
};
/** A weight of x_proj off by 1 %: a key in the middle. */
const wrongHat = (p: P): BuiltCopy =>
  changed(p, ({ xProj }) => ({ xProj: scaleEntries(xProj, 0.99, Math.floor(xProj.values.length / 4)) }));
const movedKnot = (p: P): BuiltCopy => changed(p, ({ inProj }) => ({ inProj: scaleEntries(inProj, 1.01, 8) }));

const source = 'RLL Assumption 1; docs/theory.md §1, §3';

export const gap = defineClaim({
  tag: 'A1.gap',
  title: 'The scores of the constructions: δ = η/2, ρ = 1 − η/2',
  statement:
    'S_i = {pos(i)} with |s_ij| ≤ η/2 for j ≠ pos(i) and |1 − s_{i,pos(i)}| ≤ η/2, η the leak of the hats (T2.block), 0 for one-hot keys (T2.ideal); so A1.gap holds with window N.',
  quantifiers: [
    'for all N, M and 0 < ε ≤ M, for the module built for them',
    'for all positions: the scores c_iᵀb_j that its weights produce are within η/2 of 1[j = pos(i)]',
  ],
  source,
  parameters,
  conditions,
  grid,
  quantities: {
    others: {
      measures: 'max_{j≠pos} |s_ij|',
      relation: '<=',
      bound: (p) => inEta(p, 'eta/2'),
      slack,
      experiment: (p, A) => scoresOver(p, A, largestOther(A)),
      teethAt,
      mutants: {
        'a hat coefficient off by 1 %': (p, A) => scoresOver(p, A, largestOther(A), wrongHat(p)),
        'a knot moved': (p, A) => scoresOver(p, A, largestOther(A), movedKnot(p)),
      },
    },
    own: {
      measures: '|1 − s_{i,pos}|',
      relation: '<=',
      bound: (p) => inEta(p, 'eta/2'),
      slack,
      experiment: (p, A) => scoresOver(p, A, ownDefect(A)),
      teethAt,
      mutants: { 'a hat coefficient off by 1 %': (p, A) => scoresOver(p, A, ownDefect(A), wrongHat(p)) },
    },
  },
});

export const scale = defineClaim({
  tag: 'A1.scale',
  title: 'The output scale of the constructions: it exceeds 1 by up to η',
  statement:
    'Σ_j |w_ij| ≤ 1 for T2.ideal; for T2.block only Σ_j |w_ij| ≤ (1 + η/2)², and above 1 wherever pos has neighbours on both sides: A1.scale fails as built, by η to first order.',
  quantifiers: [
    'for all N, M and 0 < ε ≤ M, for the module built for them',
    'for all positions: the absolute effective weights add up to at most (1 + η/2)² (upper bound)',
    'for all positions 1 < pos < i = N of T2.block: to more than 1 (excess)',
  ],
  source,
  parameters,
  conditions,
  grid,
  quantities: {
    mass: {
      measures: 'Σ_j |w_ij| − 1',
      relation: '<=',
      bound: (p) => inEta(p, '(1 + eta/2)^2 - 1'),
      slack: massSlack,
      experiment: (p, A) => massOver(p, A),
      teethAt,
      mutants: {
        'a hat coefficient off by 1 %': (p, A) => massOver(p, A, wrongHat(p)),
        'a knot moved': (p, A) => massOver(p, A, movedKnot(p)),
      },
    },
    excess: {
      measures: 'Σ_j |w_ij| − 1 of T2.block, pos inside',
      relation: '>',
      applies: (p) => isBlock(p) && p.N >= 3,
      bound: () => Rational.of(0n),
      slack: () => null,
      experiment: (p, A) => massOver(p, A, build(p), 2, p.N - 1),
      teethAt,
      mutants: {
        // One-hot keys with a decay: what A1.scale has in mind.
        'one-hot keys': (p, A) => {
          const built = buildIdeal({ ...p, d: 1 });
          return massOver(
            p,
            A,
            { ...built, network: { ...(built.network as LinearAttention), decay: 0.99 } },
            2,
            p.N - 1,
          );
        },
      },
    },
  },
});

export const values = defineClaim({
  tag: 'A1.values',
  title: 'The records that enter the state are bounded by M',
  statement: '‖v_j‖∞ ≤ M: the record itself (T2.ideal), or Δ_j SiLU(±x_j) with Δ = 1 and |SiLU(x)| ≤ |x| (T2.block).',
  quantifiers: ['for all N, M, for the module built for them', 'for all inputs with ‖x‖∞ ≤ M and all j: ‖v_j‖∞ ≤ M'],
  source,
  parameters,
  conditions,
  grid,
  quantities: {
    records: {
      measures: 'max_j ‖v_j‖∞',
      relation: '<=',
      bound: ({ M }) => M,
      slack: (p) => (isBlock(p) ? null : 0.999),
      experiment: (p, A) => recordsOver(p, A),
      teethAt: { module: 'T2.ideal', N: 8, M: 1, eps: '0.01' },
      mutants: {
        'values 1 % too large': (p, A) => {
          const built = buildIdeal({ ...p, d: 1 });
          const layer = built.network as LinearAttention;
          return recordsOver(p, A, { ...built, network: { ...layer, value: scaleEntries(layer.value, 1.01) } });
        },
        'steps of 1.5': (p, A) => {
          const larger = { ...p, module: 'T2.block', M: Rational.of(8n) } as const;
          return recordsOver(
            larger,
            A,
            changed(larger, ({ dtBias }) => ({ dtBias: dtBias.map((w) => w + 0.7) })),
          );
        },
      },
    },
  },
});
