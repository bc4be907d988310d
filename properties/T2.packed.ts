/** T2.packed: positions as rows and columns; Mamba blocks of d_state ⌈√N⌉ copy to ε with a state linear in N (docs/theory.md §3). */
import { parseFormula } from '../src/arithmetic/formula.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import { defineClaim } from '../src/claim/claim.ts';
import { buildPacked, shapeOf } from '../constructions/copy/T2.packed.ts';
import { copyParameters } from '../src/copy/construction.ts';
import { COMPARED, copyQuantities, type CopyValues } from '../src/copy/quantities.ts';
import { scaleEntries } from '../src/network/matrix.ts';

const { count, error, errorWithin, largestWeight, mutatedBlock, sizesTable } = copyQuantities(buildPacked);

/**
 * A row is a sum of √N steps, which are differences of knots of size up to N: it carries noise of order N^(3/2)u,
 * u = 2^−53, and a column √N times that. Below some 2^10 times N²uM the claim is not checked in float64.
 */
const ROUNDING_FLOOR = 2 ** -40;

/** The theorem's largest weight, from ε, M and N alone. */
const weight = parseFormula(`lambda = log(42*M/eps)
  tau = log(6*max(N - 1, 1)*M/eps)
  C = ceil(sqrt(N))
  R = ceil(N/C)
  max(R > 1 ? (lambda + log(4*C))*((R - 1)*C + 1) : lambda*(C + 1), tau)`);

const shape = ({ N }: CopyValues): { C: number; R: number } => {
  const { columns: C, rows: R } = shapeOf(N);
  return { C, R };
};

/**
 * The witness comes this near to the bound once leaks have room on all four sides of a record in the third row and
 * column, and κ² is small beside κ.
 */
const slack = (p: CopyValues): number | null =>
  p.N >= 25 && p.N >= 4 * shape(p).C + 3 && p.eps.mul(Rational.of(100n)).compare(p.M) <= 0 ? 0.85 : null;

export const packed = defineClaim({
  tag: 'T2.packed',
  title: 'Mamba blocks of d_state ⌈√N⌉ and O(√N·d) channels copy to ε',
  statement:
    'With C = ⌈√N⌉, R = ⌈N/C⌉, λ = ln(42M/ε), λ_A = λ + ln(4C), τ = ln(6(N−1)M/ε): ‖y_i − v_pos(i)‖∞ ≤ M[(1+κ_C)²(1+κ_R)² − e^(−(N−1)e^(−τ))] ≤ ε, κ ≈ 6e^(−λ); d_state = R, blocks of d_inner 4(R−1), 2(C+R), 2Cd, 2Cd + 2R, of which 2CRd state floats are read; largest weight max(λ_A((R−1)C+1), τ) for R > 1.',
  quantifiers: [
    'for all N, d, M and 0 < ε ≤ M there is a stack of at most four Mamba blocks (its weights depend on N, d, M, ε only) such that',
    'for all records with ‖v‖∞ ≤ M and all pos(i) ≤ i: ‖y_i − v_pos(i)‖∞ ≤ ε for every i ≤ N',
  ],
  source: 'docs/theory.md §3',
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
    quick: [{ N: [8, 36], d: 1, M: 1, eps: '0.01' }],
    standard: [
      COMPARED,
      { N: [1, 2, 3, 5], d: 1, M: 1, eps: '1' },
      { N: 16, d: 2, M: ['1', '10'], eps: ['0.1', '1e-6'] },
      { N: 30, d: 1, M: 1, eps: '1e-3' },
    ],
    deep: [
      { N: [64, 128], d: 1, M: ['1', '10'], eps: ['1e-2', '1e-6'] },
      { N: 256, d: 1, M: 1, eps: '1e-4' },
      { N: 33, d: 4, M: 3, eps: '1e-8' },
    ],
  },
  quantities: {
    error: errorWithin({
      slack,
      teethAt: { N: 36, d: 1, M: 1, eps: '0.01' },
      mutants: {
        'a step moved': (p, A) => mutatedBlock(p, A, (b) => ({ ...b, inProj: scaleEntries(b.inProj, 1.01, 5) }), 0),
        'a step flipped': (p, A) => mutatedBlock(p, A, (b) => ({ ...b, outProj: scaleEntries(b.outProj, -1, 3) }), 0),
        'a row off by one': (p, A) => mutatedBlock(p, A, (b) => ({ ...b, inProj: scaleEntries(b.inProj, 2, 2) }), 1),
        'a mark too small': (p, A) =>
          mutatedBlock(p, A, (b) => ({ ...b, outProj: scaleEntries(b.outProj, 0.9, 7) }), 1),
        'a product flipped': (p, A) =>
          mutatedBlock(p, A, (b) => ({ ...b, outProj: scaleEntries(b.outProj, -1, 7) }), 2),
        'a value halved on its way into the state': (p, A) =>
          mutatedBlock(p, A, (b) => ({ ...b, inProj: scaleEntries(b.inProj, 0.5, 5) }), 3),
        'a row read at half its size': (p, A) =>
          mutatedBlock(p, A, (b) => ({ ...b, xProj: scaleEntries(b.xProj, 0.5, 8) }), 3),
        'faster decay': (p, A) =>
          mutatedBlock(p, A, (b) => ({ ...b, ALog: { ...b.ALog, values: b.ALog.values.map((w) => w + 4) } }), 3),
        'steps 1 % too short': (p, A) =>
          mutatedBlock(p, A, (b) => ({ ...b, dtBias: b.dtBias.map((w) => w * 0.98) }), 3),
        'the skip path open': (p, A) => mutatedBlock(p, A, (b) => ({ ...b, D: b.D.map(() => 0.01) }), 3),
        'half the steepness': (p, A) =>
          error(p, A, { ...buildPacked(p), network: buildPacked({ ...p, eps: p.M }).network }),
      },
    }),
    weight: largestWeight(weight),
    dState: count('largest d_state', 'dState', (p) => shape(p).R),
    dInner: count('largest d_inner', 'dInner', (p) => 2 * shape(p).C * p.d + 2 * shape(p).R),
    stateFloats: count('state floats of all blocks', 'stateFloats', (p) => {
      const { C, R } = shape(p);
      return 4 * (R - 1) + 2 * (C + R) + 2 * C * p.d + R * (2 * C * p.d + 2 * R);
    }),
    stateRead: count('state floats that the output reads', 'stateRead', (p) => 2 * shape(p).C * shape(p).R * p.d),
  },
  measurements: [
    sizesTable('T2.packed', {
      lambda: (_, { constants }) => constants.lambda!,
      lambdaA: (_, { constants }) => constants.lambdaA!,
      tau: (_, { constants }) => constants.tau!,
      largestWeight: (_, _built, sizes) => sizes.largestWeight,
      'stateRead/(N d)': ({ N, d }, _built, sizes) => sizes.stateRead / (N * d),
    }),
  ],
});
