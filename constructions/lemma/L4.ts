/**
 * L4: minimum, maximum, absolute value.
 *
 *   min(a, b) = a − ReLU(a − b),   max(a, b) = a + ReLU(b − a),   |a| = ReLU(a) + ReLU(−a)
 *
 * a itself is [g(λa) − g(−λa)]/λ (L0), so min and max have width 3 and error ≤ κ_g/λ, |a| has width 2 and error ≤ 2κ_g/λ
 * (L1); all attained. Largest weight max(λ, 1/λ). Source: docs/theory.md §4, L4; Feng C.1–C.5.
 */
import type { Sequential } from '../../src/network/layer.ts';
import type { LemmaActivation } from '../../src/network/activation.ts';
import { reluSum, type ReluNeuron } from './L1.ts';

export const EXTREMA = ['min', 'max', 'abs'] as const;
export type Extremum = (typeof EXTREMA)[number];

/** a + sign·ReLU(sign·(b − a)). */
const towards = (sign: 1 | -1): ReluNeuron[] => [
  { of: [[0, 1]], weight: 1 },
  { of: [[0, -1]], weight: -1 },
  {
    of: [
      [0, -sign],
      [1, sign],
    ],
    weight: sign,
  },
];
const NEURONS: Readonly<Record<Extremum, readonly ReluNeuron[]>> = {
  min: towards(-1),
  max: towards(1),
  abs: [
    { of: [[0, 1]], weight: 1 },
    { of: [[0, -1]], weight: 1 },
  ],
};

/** The sum of the output weights whose errors do not cancel in a's own pair. */
export const EXTREMUM_MASS: Readonly<Record<Extremum, number>> = { min: 1, max: 1, abs: 2 };

/** The MLP (a, b) ↦ min or max, or (a) ↦ |a|. */
export const extremumNetwork = (form: Extremum, g: LemmaActivation, lambda: number): Sequential =>
  reluSum(g, lambda, form === 'abs' ? 1 : 2, NEURONS[form]);
