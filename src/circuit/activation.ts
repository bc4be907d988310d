/** What circuits need to know of an activation g: how far g(λx)/λ is from ReLU(x), at kinks and beside them. */

import { KAPPA } from '../network/activation.ts';

/** Activations that circuits are made of. */
export type CircuitActivation = 'silu' | 'gelu' | 'relu';

export interface ActivationFacts {
  /** κ = sup |g(x) − ReLU(x)|, rounded up (docs/theory.md §4). */
  readonly kappa: number;
  /** g' lies in [lo, hi]. */
  readonly slope: { readonly lo: number; readonly hi: number };
  /** Upper bound of ReLU(x) − g(x) at |x| = z ≥ 0. */
  tail(z: number): number;
  /** Lower bound of the same. */
  leastTail(z: number): number;
  /** Upper bound, decreasing in z, of |g'(x) − 1[x > 0]| at |x| = z ≥ 1. */
  slopeTail(z: number): number;
}

/** Doubles are rounded; every value of a tail is raised by more than its own error. */
const UP = 1 + 2 ** -40;

const [KAPPA_SILU, KAPPA_GELU] = [KAPPA.silu.toNumberAbove(), KAPPA.gelu.toNumberAbove()];

export const ACTIVATIONS: Readonly<Record<CircuitActivation, ActivationFacts>> = {
  silu: {
    kappa: KAPPA_SILU,
    slope: { lo: -0.0998394, hi: 1.0998394 },
    tail: (z) => (z / (1 + Math.exp(z))) * UP,
    leastTail: (z) => z / (1 + Math.exp(z)) / UP,
    slopeTail: (z) => (1 + z) * Math.exp(-z) * UP,
  },
  gelu: {
    kappa: KAPPA_GELU,
    slope: { lo: -0.1289046, hi: 1.1289046 },
    // zΦ(−z) ≤ min(κ, φ(z)), by Mills' ratio
    tail: (z) => (z === 0 ? 0 : Math.min(KAPPA_GELU, Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * UP),
    // zΦ(−z) ≥ φ(z) z²/(1 + z²) (Gordon)
    leastTail: (z) => ((z * z) / (1 + z * z)) * (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI) / UP),
    // |zφ(z) − Φ(−z)| ≤ max(z, 1/z) φ(z)
    slopeTail: (z) => (Math.max(z, 1 / z) * Math.exp((-z * z) / 2) * UP) / Math.sqrt(2 * Math.PI),
  },
  relu: { kappa: 0, slope: { lo: 0, hi: 1 }, tail: () => 0, leastTail: () => 0, slopeTail: () => 0 },
};
