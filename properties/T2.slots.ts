/** T2.slots: Mamba blocks of d_state = 1 and explicit weights copy to ε with a state linear in N (docs/theory.md §3). */
import { parseFormula } from '../src/arithmetic/formula.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import { defineClaim } from '../src/claim/claim.ts';
import { buildSlots } from '../constructions/copy/T2.slots.ts';
import { copyParameters } from '../src/copy/construction.ts';
import { COMPARED, copyQuantities, type CopyValues } from '../src/copy/quantities.ts';
import { scaleEntries } from '../src/network/matrix.ts';

const { count, error, errorWithin, largestWeight, mutatedBlock, sizesTable } = copyQuantities(buildSlots);

/**
 * An argument λ(t − k) carries an error of up to 2(N + 1)uλ from the products it is made of, u = 2^−53, and so do the
 * marks at the two neighbours, where a ramp has slope 1: about 8NuM in the output. Below 2^10 times that the claim is
 * not checked in float64.
 */
const ROUNDING_FLOOR = 2 ** -40;

/** The theorem's largest weight, from ε, M and N alone. */
const weight = parseFormula(`lambda = log(20*M/eps)
  tau = log(6*max(N - 1, 1)*M/eps)
  max(lambda*N, 2*lambda, tau)`);

/** The witness comes this near to the bound once leaks have room on both sides and κ² is small beside κ. */
const slack = ({ N, eps, M }: CopyValues): number | null =>
  N >= 16 && eps.mul(Rational.of(10n)).compare(M) <= 0 ? 0.9 : null;

export const slots = defineClaim({
  tag: 'T2.slots',
  title: 'Mamba blocks of d_state = 1 copy to ε with a state linear in N',
  statement:
    'With λ = ln(20M/ε), τ = ln(6(N−1)M/ε): ‖y_i − v_pos(i)‖∞ ≤ M[(1+κ)² − σ(2λ)² e^(−(N−1)e^(−τ))] ≤ ε, κ ≈ 6e^(−λ); three blocks of d_state = 1, d_inner 2N, 2Nd, 2Nd + 1; 2dN state floats are read; largest weight max(λN, 2λ, τ).',
  quantifiers: [
    'for all N, d, M and 0 < ε ≤ M there is a stack of three Mamba blocks (its weights depend on N, d, M, ε only) such that',
    'for all records with ‖v‖∞ ≤ M and all pos(i) ≤ i: ‖y_i − v_pos(i)‖∞ ≤ ε for every i ≤ N',
  ],
  source: 'RLL Theorem 2; docs/theory.md §3',
  parameters: copyParameters({ N: 1024, d: 256 }),
  conditions: [
    {
      name: 'eps',
      expected: 'a number in [N·M·2^−40, M] (below, the rounding of float64 shows)',
      holds: ({ eps, M, N }) => eps.compare(M) <= 0 && eps.compare(M.mul(Rational.fromNumber(ROUNDING_FLOOR * N))) >= 0,
    },
  ],
  grid: {
    quick: [{ N: [8, 16], d: 1, M: 1, eps: '0.01' }],
    standard: [COMPARED, { N: [1, 2, 5], d: 1, M: 1, eps: '1' }, { N: 16, d: 2, M: ['1', '10'], eps: ['0.1', '1e-6'] }],
    deep: [
      { N: [64, 128], d: 1, M: ['1', '10'], eps: ['1e-2', '1e-6'] },
      { N: 256, d: 1, M: 1, eps: '1e-4' },
      { N: 33, d: 4, M: 3, eps: '1e-9' },
    ],
  },
  quantities: {
    error: errorWithin({
      slack,
      teethAt: { N: 16, d: 1, M: 1, eps: '0.01' },
      mutants: {
        'a mark moved': (p, A) => mutatedBlock(p, A, (b) => ({ ...b, inProj: scaleEntries(b.inProj, 1.01, 8) }), 0),
        'a mark too small': (p, A) =>
          mutatedBlock(p, A, (b) => ({ ...b, outProj: scaleEntries(b.outProj, 0.9, 4) }), 0),
        'a product flipped': (p, A) =>
          mutatedBlock(p, A, (b) => ({ ...b, outProj: scaleEntries(b.outProj, -1, 7) }), 1),
        'a value halved on its way into the state': (p, A) =>
          mutatedBlock(p, A, (b) => ({ ...b, inProj: scaleEntries(b.inProj, 0.5, 5) }), 2),
        'a key 1 % too long': (p, A) => mutatedBlock(p, A, (b) => ({ ...b, xProj: scaleEntries(b.xProj, 1.01) }), 2),
        'faster decay': (p, A) =>
          mutatedBlock(p, A, (b) => ({ ...b, ALog: { ...b.ALog, values: b.ALog.values.map((w) => w + 4) } }), 2),
        'steps 1 % too short': (p, A) =>
          mutatedBlock(p, A, (b) => ({ ...b, dtBias: b.dtBias.map((w) => w * 0.98) }), 2),
        'the skip path open': (p, A) => mutatedBlock(p, A, (b) => ({ ...b, D: b.D.map(() => 0.01) }), 2),
        'half the steepness': (p, A) =>
          error(p, A, { ...buildSlots(p), network: buildSlots({ ...p, eps: p.M }).network }),
      },
    }),
    weight: largestWeight(weight),
    dInner: count('largest d_inner', 'dInner', ({ N, d }) => 2 * N * d + 1),
    stateFloats: count('state floats of all blocks', 'stateFloats', ({ N, d }) => 4 * N * d + 2 * N + 1),
    stateRead: count('state floats that the output reads', 'stateRead', ({ N, d }) => 2 * d * N),
  },
  measurements: [
    sizesTable('T2.slots', {
      lambda: (_, { constants }) => constants.lambda!,
      tau: (_, { constants }) => constants.tau!,
      largestWeight: (_, _built, sizes) => sizes.largestWeight,
      'stateRead/(N d)': ({ N, d }, _built, sizes) => sizes.stateRead / (N * d),
    }),
  ],
});
