/** T2.block: one real Mamba block of explicit weights copies to ε; its error, largest weight and sizes (docs/theory.md §3). */
import { parseFormula } from '../src/arithmetic/formula.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import { defineClaim } from '../src/claim/claim.ts';
import { buildBlock } from '../constructions/copy/T2.block.ts';
import { copyParameters } from '../src/copy/construction.ts';
import { COMPARED, copyQuantities, type CopyValues } from '../src/copy/quantities.ts';
import { scaleEntries } from '../src/network/matrix.ts';

const { count, error, errorWithin, largestWeight, mutatedBlock, sizesTable } = copyQuantities(buildBlock);

/**
 * A hat combines four knots of size up to N + 1 into a number that is mostly 0, so it carries noise up to 4(N + 1)u; a
 * read-out sums N products of two rows of hats: about 8N²uM in all, u = 2^−53. Below 2^10 times that the claim is not
 * checked in float64.
 */
const ROUNDING_FLOOR = 2 ** -40;

/** The theorem's largest weight, from ε, M and N alone. */
const weight = parseFormula(`lambda = log(24*M/eps)
  tau = log(14*max(N - 1, 1)*M/eps)
  z0 = 1.278464542761074
  max(lambda*(N + 1), tau, z0)`);

/** The witness comes this near to the bound once leaks have room on both sides and η² is small beside η. */
const slack = ({ N, eps, M }: CopyValues): number | null =>
  N >= 8 && eps.mul(Rational.of(10n)).compare(M) <= 0 ? 0.9 : null;

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
  parameters: copyParameters({ N: 1024, d: 256 }),
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
      COMPARED,
      { N: [1, 2, 32], d: 1, M: 1, eps: ['1', '0.01'] },
      { N: 16, d: 2, M: ['1', '10'], eps: ['0.1', '1e-6'] },
      { N: 128, d: 1, M: 4, eps: '1e-3' },
    ],
    deep: [{ N: [64, 256], d: 4, M: ['1', '10'], eps: ['1e-2', '1e-4', '1e-6'] }],
  },
  quantities: {
    error: errorWithin({
      slack,
      teethAt: { N: 16, d: 1, M: 1, eps: '0.01' },
      mutants: {
        'a knot moved': (p, A) => mutatedBlock(p, A, (b) => ({ ...b, inProj: scaleEntries(b.inProj, 1.01, 8) })),
        'a hat coefficient flipped': (p, A) =>
          mutatedBlock(p, A, (b) => ({ ...b, xProj: scaleEntries(b.xProj, -1, 7) })),
        'faster decay': (p, A) =>
          mutatedBlock(p, A, (b) => ({ ...b, ALog: { ...b.ALog, values: b.ALog.values.map((w) => w + 4) } })),
        'steps 1 % too long': (p, A) => mutatedBlock(p, A, (b) => ({ ...b, dtBias: b.dtBias.map((w) => w * 1.02) })),
        'the skip path open': (p, A) => mutatedBlock(p, A, (b) => ({ ...b, D: b.D.fill(0.01) })),
        'half the steepness': (p, A) => {
          const coarse = buildBlock({ ...p, eps: p.M });
          return error(p, A, { ...buildBlock(p), network: coarse.network });
        },
      },
    }),
    weight: largestWeight(weight),
    dState: count('d_state', 'dState', ({ N }) => N),
    dInner: count('d_inner', 'dInner', ({ N, d }) => 2 * d + 2 * (N + 2)),
    stateRead: count('state floats that the output reads', 'stateRead', ({ N, d }) => 2 * d * N),
  },
  measurements: [
    sizesTable('T2.block', {
      lambda: (_, { constants }) => constants.lambda!,
      tau: (_, { constants }) => constants.tau!,
      largestWeight: (_, __, s) => s.largestWeight,
      'lambda(N+1)': ({ N }, { constants }) => constants.lambda! * (N + 1),
      'N M^2': ({ N, M }) => N * M.toNumber() ** 2,
    }),
  ],
});
