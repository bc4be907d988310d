/** T2.selective: one real Mamba block of linear state copies to ε by its step sizes (docs/theory.md §3). */
import { Rational } from '../src/arithmetic/rational.ts';
import { defineClaim, type Experiment } from '../src/claim/claim.ts';
import {
  buildSelective,
  selectiveConstants,
  selectiveWeight,
  selectiveWeights,
} from '../constructions/copy/T2.selective.ts';
import type { StepConstants } from '../constructions/copy/addressed-steps.ts';
import type { Arithmetic } from '../src/arithmetic/arithmetic.ts';
import { copyParameters } from '../src/copy/construction.ts';
import { COMPARED, copyQuantities, type CopyValues } from '../src/copy/quantities.ts';
import { matrixFromForms, scaleEntries, type Form } from '../src/network/matrix.ts';

const { count, errorWithin, largestWeight, mutatedBlock, sizesTable } = copyQuantities(buildSelective);

/** For Γ ≤ 20 the witness reaches Γ/(Γ + 1) of the bound, nearly, once there is a later record and e^(−λ) is small. */
const slack = ({ N, eps, M }: CopyValues): number | null =>
  N >= 4 && eps.mul(Rational.of(100n)).compare(M) <= 0 ? 0.8 : null;

/**
 * Above Γ = 20 torch's softplus(Γ) is Γ, and the bound is attained but for a fraction that may be as small as e^(−Γ). The
 * room that records leave, 2^−20 of the bound, is then larger than the rounding of the weights 1/(λΓ) down to this ε/M only.
 */
const ROUNDING_FLOOR = Rational.fromNumber(2 ** -28);

const withConstants = <T>(
  p: CopyValues,
  A: Arithmetic<T>,
  change: (constants: StepConstants) => StepConstants,
): Experiment<T> => mutatedBlock(p, A, () => selectiveWeights(p.N, p.d, change(selectiveConstants(p))));

export const selective = defineClaim({
  tag: 'T2.selective',
  title: 'One Mamba block of linear state copies to ε by its own steps',
  statement:
    'With Γ = ⌈ln(2M/ε)⌉, at least 2, and λ = 2^⌈log2 ln(64ΓNM/ε)⌉: ‖y_i − v_pos(i)‖∞ ≤ M[s + (ω + s(1 + s))/Γ + ηW + 2e^(−λ)] ≤ ε, where s ≈ e^(−Γ), W ≈ 1 and ω = 4ΓNe^(−λ); d_inner = state floats = 6Nd + 3; largest weight max(Γ(2N² − 1), 4ΓN, λ(N + 1)).',
  quantifiers: [
    'for all N, d, M and 0 < ε ≤ M there is a Mamba block (its weights depend on N, d, M, ε only) such that',
    'for all records with ‖v‖∞ ≤ M and all pos(i) ≤ i: ‖y_i − v_pos(i)‖∞ ≤ ε for every i ≤ N',
  ],
  source: 'docs/theory.md §3',
  parameters: copyParameters({ N: 512, d: 16 }),
  conditions: [
    {
      name: 'eps',
      expected: 'a number in [2^−28 M, M] (below, the rounding of the weights to doubles shows)',
      holds: ({ eps, M }) => eps.compare(M) <= 0 && eps.compare(M.mul(ROUNDING_FLOOR)) >= 0,
    },
  ],
  grid: {
    quick: [{ N: [8, 1], d: 1, M: 1, eps: '0.01' }],
    standard: [
      COMPARED,
      { N: 16, d: 2, M: 1, eps: '1e-4' },
      { N: [2, 6], d: 1, M: ['1/3', '10'], eps: ['1/3', '1e-7'] },
    ],
    deep: [
      { N: 64, d: 2, M: 1, eps: '1e-4' },
      // Float64 intervals carry a noise of about 8N⁴·2^−51 M through the hats, which must be small beside ε.
      { N: 100, d: 1, M: 1, eps: '1e-4' },
      { N: 128, d: 1, M: 1, eps: '1e-2' },
      { N: 47, d: 3, M: '2.5', eps: ['2.5', '0.02', '1e-6'] },
    ],
  },
  quantities: {
    error: errorWithin({
      slack,
      mutants: {
        'Γ one too small': (p, A) => withConstants(p, A, ({ Gamma, lambda }) => ({ Gamma: Gamma - 1, lambda })),
        'λ four times too small': (p, A) => withConstants(p, A, ({ Gamma, lambda }) => ({ Gamma, lambda: lambda / 4 })),
        'one step out of line': (p, A) => mutatedBlock(p, A, (b) => ({ ...b, dtProj: scaleEntries(b.dtProj, 2, 0) })),
        'a coefficient of a gate flipped': (p, A) =>
          mutatedBlock(p, A, (b) => ({ ...b, outProj: scaleEntries(b.outProj, -1, 7) })),
        'A = −e': (p, A) =>
          mutatedBlock(p, A, (b) => ({ ...b, ALog: matrixFromForms(new Array<Form>(b.ALog.rows).fill([[0, 1]]), 1) })),
        'the skip path open': (p, A) => mutatedBlock(p, A, (b) => ({ ...b, D: b.D.fill(0.01) })),
      },
    }),
    weight: largestWeight(selectiveWeight),
    dInner: count('d_inner', 'dInner', ({ N, d }) => 6 * N * d + 3),
    stateFloats: count('state floats', 'stateFloats', ({ N, d }) => 6 * N * d + 3),
    stateRead: count('state floats that the output reads', 'stateRead', ({ N, d }) => 6 * N * d),
  },
  measurements: [
    sizesTable('T2.selective', {
      Gamma: (_, { constants }) => constants.Gamma!,
      lambda: (_, { constants }) => constants.lambda!,
      largestWeight: (_, __, s) => s.largestWeight,
      'Gamma N^2': ({ N }, { constants }) => constants.Gamma! * N * N,
      'N M^2': ({ N, M }) => N * M.toNumber() ** 2,
    }),
  ],
});
