/** T2.block: one real Mamba block of explicit weights copies to ε; its error, largest weight and sizes (docs/theory.md §3). */
import type { Arithmetic } from '../src/arithmetic/arithmetic.ts';
import { parseFormula, realOf } from '../src/arithmetic/formula.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import { minimum } from '../src/arithmetic/real.ts';
import { defineClaim, dimensionless, recordMargin, type Experiment, type Quantity } from '../src/claim/claim.ts';
import type { Values } from '../src/claim/parameters.ts';
import { blockConstants, buildBlock } from '../constructions/copy/T2.block.ts';
import { copyParameters, type BuiltCopy } from '../src/copy/construction.ts';
import { copyExperiment } from '../src/copy/experiment.ts';
import type { MambaBlock, Residual } from '../src/network/layer.ts';
import { scaleEntries } from '../src/network/matrix.ts';
import { sizesOf, type Sizes } from '../src/network/size.ts';

const parameters = copyParameters({ N: 1024, d: 256 });
type P = Values<typeof parameters>;

/**
 * A hat combines four knots of size up to N + 1 into a number that is mostly 0, so it carries noise up to 4(N + 1)u; a
 * read-out sums N products of two rows of hats: about 8N²uM in all, u = 2^−53. Below 2^10 times that the claim is not
 * checked in float64.
 */
const ROUNDING_FLOOR = 2 ** -40;

const copyError = <T>(p: P, A: Arithmetic<T>, built: BuiltCopy = buildBlock(p)): Experiment<T> =>
  copyExperiment(built, p, A, recordMargin(p.N, p.M.div(built.bound.approximate()).toNumber()));

const mutated = <T>(p: P, A: Arithmetic<T>, change: (block: MambaBlock) => MambaBlock): Experiment<T> => {
  const built = buildBlock(p);
  const network = built.network as Residual;
  return copyError(p, A, { ...built, network: { ...network, layer: change(network.layer as MambaBlock) } });
};

/** The theorem's largest weight, from ε, M and N alone; a weight is the double nearest to its real value. */
const largestWeight = parseFormula(`lambda = log(24*M/eps)
  tau = log(14*max(N - 1, 1)*M/eps)
  z0 = 1.278464542761074
  (1 + 2^-50)*max(lambda*(N + 1), tau, z0)`);

const sizes = (p: P): Sizes => sizesOf(buildBlock(p).network, p.N);

/** A count that must equal its formula; no instances to quantify over. */
const count = (measures: string, key: keyof Sizes, formula: (p: P) => number): Quantity<typeof parameters> => ({
  measures,
  relation: '==',
  bound: (p) => Rational.fromNumber(formula(p)),
  slack: () => null,
  experiment: (p, A) => ({ measure: () => A.from(sizes(p)[key]) }),
});

/** The witness comes this near to the bound once leaks have room on both sides and η² is small beside η. */
const slack = ({ N, eps, M }: P): number | null => (N >= 8 && eps.mul(Rational.of(10n)).compare(M) <= 0 ? 0.9 : null);

const SIZE_COLUMNS = [
  'dState',
  'dInner',
  'stateFloats',
  'stateRead',
  'parameters',
  'parametersNonzero',
  'macsPerToken',
  'macsPerTokenNonzero',
] as const satisfies readonly (keyof Sizes)[];

export const block = defineClaim({
  tag: 'T2.block',
  title: 'One Mamba block of linear d_state copies to ε',
  statement:
    'With λ = ln(24M/ε), τ = ln(14(N−1)M/ε): ‖y_i − v_pos(i)‖∞ ≤ M[(1+η)²−1] + M(1+η)²(1 − e^(−(N−1)e^(−τ))) ≤ ε; largest weight max(λ(N+1), τ, z₀) = O(N log(M/ε)); d_state = N, d_inner = 2d + 2(N+2), of which 2dN state floats are read.',
  quantifiers: [
    'for all N, d, M and 0 < ε ≤ M there is a Mamba block (its weights depend on N, d, M, ε only) such that',
    'for all records with ‖v‖∞ ≤ M and all pos(i) ≤ i: ‖y_i − v_pos(i)‖∞ ≤ ε for every i ≤ N',
  ],
  source: 'RLL Theorem 2; docs/theory.md §3',
  parameters,
  conditions: [
    {
      name: 'eps',
      expected: 'a number in [N²M·2^−40, M] (below, the rounding of float64 shows)',
      holds: ({ eps, M, N }) =>
        eps.compare(M) <= 0 && eps.compare(M.mul(Rational.fromNumber(ROUNDING_FLOOR * N * N))) >= 0,
    },
  ],
  grid: {
    quick: [{ N: [8, 16], d: 1, M: 1, eps: '0.01' }],
    standard: [
      { N: [1, 2, 32], d: 1, M: 1, eps: ['1', '0.01'] },
      { N: 16, d: 2, M: ['1', '10'], eps: ['0.1', '1e-6'] },
      { N: 64, d: 2, M: 1, eps: '1e-4' },
      { N: 128, d: 1, M: 4, eps: '1e-3' },
    ],
    deep: [{ N: [64, 256], d: 4, M: ['1', '10'], eps: ['1e-2', '1e-4', '1e-6'] }],
  },
  quantities: {
    error: {
      measures: '‖y_i − v_pos(i)‖∞, the largest over i',
      relation: '<=',
      // The theorem says both: below its formula, and below ε.
      bound: (p) => minimum(buildBlock(p).bound, p.eps),
      slack,
      experiment: (p, A) => copyError(p, A),
      teethAt: { N: 16, d: 1, M: 1, eps: '0.01' },
      mutants: {
        'a knot moved': (p, A) => mutated(p, A, (b) => ({ ...b, inProj: scaleEntries(b.inProj, 1.01, 8) })),
        'a hat coefficient flipped': (p, A) => mutated(p, A, (b) => ({ ...b, xProj: scaleEntries(b.xProj, -1, 7) })),
        'faster decay': (p, A) =>
          mutated(p, A, (b) => ({ ...b, ALog: { ...b.ALog, values: b.ALog.values.map((w) => w + 4) } })),
        'steps 1 % too long': (p, A) => mutated(p, A, (b) => ({ ...b, dtBias: b.dtBias.map((w) => w * 1.02) })),
        'the skip path open': (p, A) => mutated(p, A, (b) => ({ ...b, D: b.D.fill(0.01) })),
        'half the steepness': (p, A) => {
          const built = buildBlock(p);
          const coarse = buildBlock({ ...p, eps: p.eps.mul(p.M.div(p.eps)) });
          return copyError(p, A, { ...built, network: coarse.network });
        },
      },
    },
    weight: {
      measures: 'largest absolute weight',
      relation: '<=',
      bound: (p) => realOf(largestWeight, p),
      slack: () => 1 - 2 ** -40,
      experiment: (p, A) => ({ measure: () => A.from(sizes(p).largestWeight) }),
    },
    dState: count('d_state', 'dState', ({ N }) => N),
    dInner: count('d_inner', 'dInner', ({ N, d }) => 2 * d + 2 * (N + 2)),
    stateRead: count('state floats that the output reads', 'stateRead', ({ N, d }) => 2 * d * N),
  },
  measurements: [
    {
      id: 'T2.block.sizes',
      title: 'Constants and sizes of T2.block',
      columns: dimensionless([
        'N',
        'd',
        'M',
        'eps',
        'lambda',
        'tau',
        'largestWeight',
        'lambda(N+1)',
        'N M^2',
        ...SIZE_COLUMNS,
      ]),
      row: (p) => {
        const { lambda, tau } = blockConstants(p);
        const s = sizes(p);
        const M = p.M.toNumber();
        return [
          p.N,
          p.d,
          M,
          p.eps.toNumber(),
          lambda,
          tau,
          s.largestWeight,
          lambda * (p.N + 1),
          p.N * M * M,
          ...SIZE_COLUMNS.map((key) => s[key]),
        ];
      },
    },
  ],
});
