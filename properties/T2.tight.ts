/** T2.tight: one real Mamba block copies to ε with the least state up to 3 floats (docs/theory.md §3). */
import { Rational } from '../src/arithmetic/rational.ts';
import { defineClaim, type Experiment } from '../src/claim/claim.ts';
import { buildTight, tightConstants, tightWeight, tightWeights } from '../constructions/copy/T2.tight.ts';
import type { StepConstants } from '../constructions/copy/addressed-steps.ts';
import type { Arithmetic } from '../src/arithmetic/arithmetic.ts';
import { copyParameters } from '../src/copy/construction.ts';
import { COMPARED, copyQuantities, type CopyValues } from '../src/copy/quantities.ts';
import { matrixFromForms, scaleEntries, type Form } from '../src/network/matrix.ts';

const { count, errorWithin, largestWeight, mutatedBlock, sizesTable } = copyQuantities(buildTight);

/** The witness reaches 1 − 1/(2Γ) of the bound, nearly, once pos has neighbours on both sides and e^(−λ) is small. */
const slack = ({ N, eps, M }: CopyValues): number | null =>
  N >= 3 && eps.mul(Rational.of(100n)).compare(M) <= 0 ? 0.9 : null;

/** Weights round records of size M by some 2^−52 M: 2^−8 of ε at this ε/M, less than the witness leaves. */
const ROUNDING_FLOOR = Rational.fromNumber(2 ** -40);

const withConstants = <T>(
  p: CopyValues,
  A: Arithmetic<T>,
  change: (constants: StepConstants) => StepConstants,
): Experiment<T> => mutatedBlock(p, A, () => tightWeights(p.N, p.d, p.M.toNumber(), change(tightConstants(p))));

export const tight = defineClaim({
  tag: 'T2.tight',
  title: 'One Mamba block copies to ε with the least state up to 3 floats',
  statement:
    'With Γ = ⌈ln(14M/ε)⌉ and λ = 2^⌈log2 ln(64ΓNM/ε)⌉: ‖y_i − v_pos(i)‖∞ ≤ M[3(e^(−Γ) + s + ω/Γ + gW) + 3e^(−λ) + 2Ne^(−2λ)] ≤ ε, where s ≈ e^(−Γ), g ≈ 2e^(−Γ), W ≈ 1 and ω = 4ΓNe^(−λ); d_inner = state floats = Nd + 3, against the Nd of T2.linear-state; largest weight max(Γ(2N² − 1), 4ΓN, 2λ, λ/M, M/(λΓ²), 2M/λ²).',
  quantifiers: [
    'for all N, d, M and 0 < ε ≤ M there is a Mamba block (its weights depend on N, d, M, ε only) such that',
    'for all records with ‖v‖∞ ≤ M and all pos(i) ≤ i: ‖y_i − v_pos(i)‖∞ ≤ ε for every i ≤ N',
  ],
  source: 'docs/theory.md §3',
  parameters: copyParameters({ N: 1024, d: 64 }),
  conditions: [
    {
      name: 'eps',
      expected: 'a number in [2^−40 M, M] (below, the rounding of the weights to doubles shows)',
      holds: ({ eps, M }) => eps.compare(M) <= 0 && eps.compare(M.mul(ROUNDING_FLOOR)) >= 0,
    },
  ],
  grid: {
    quick: [{ N: [1, 8], d: 1, M: 1, eps: '0.01' }],
    standard: [
      COMPARED,
      { N: 16, d: 2, M: 1, eps: '1e-4' },
      { N: [2, 6], d: 1, M: ['1/3', '10'], eps: ['1/3', '1e-10'] },
    ],
    deep: [
      { N: [100, 256], d: 1, M: 1, eps: '1e-4' },
      { N: 47, d: 3, M: '2.5', eps: ['2.5', '0.02', '1e-8'] },
    ],
  },
  quantities: {
    error: errorWithin({
      slack,
      teethAt: { N: 5, d: 1, M: 1, eps: '1e-4' },
      mutants: {
        'Γ one too small': (p, A) => withConstants(p, A, ({ Gamma, lambda }) => ({ Gamma: Gamma - 1, lambda })),
        'λ four times too small': (p, A) => withConstants(p, A, ({ Gamma, lambda }) => ({ Gamma, lambda: lambda / 4 })),
        'one step out of line': (p, A) => mutatedBlock(p, A, (b) => ({ ...b, dtProj: scaleEntries(b.dtProj, 2, 0) })),
        'one gate out of line': (p, A) =>
          mutatedBlock(p, A, (b) => ({ ...b, inProj: scaleEntries(b.inProj, 0.99, b.inProj.values.length - 2) })),
        'no shift of the records': (p, A) =>
          mutatedBlock(p, A, (b) => ({ ...b, inProj: scaleEntries(b.inProj, 0, 1) })),
        'the offset not taken away': (p, A) => mutatedBlock(p, A, (b) => ({ ...b, D: b.D.fill(0) })),
        'A = −e': (p, A) =>
          mutatedBlock(p, A, (b) => ({ ...b, ALog: matrixFromForms(new Array<Form>(b.ALog.rows).fill([[0, 1]]), 1) })),
      },
    }),
    weight: largestWeight(tightWeight),
    dInner: count('d_inner', 'dInner', ({ N, d }) => N * d + 3),
    stateFloats: count('state floats', 'stateFloats', ({ N, d }) => N * d + 3),
    stateRead: count('state floats that the output reads', 'stateRead', ({ N, d }) => N * d + 1),
  },
  measurements: [
    sizesTable('T2.tight', {
      Gamma: (_, { constants }) => constants.Gamma!,
      lambda: (_, { constants }) => constants.lambda!,
      largestWeight: (_, __, s) => s.largestWeight,
      'Gamma N^2': ({ N }, { constants }) => constants.Gamma! * N * N,
      'state/(N d)': ({ N, d }, _, s) => s.stateFloats / (N * d),
      'N M^2': ({ N, M }) => N * M.toNumber() ** 2,
    }),
  ],
});
