/**
 * L3: select. f = x if t ≥ α, y if t ≤ −α, for |x|, |y| ≤ M.
 *
 *   f = ReLU(x + Kt) − ReLU(Kt) + ReLU(y − Kt) − ReLU(−Kt),   K = M/α
 *
 * Exact for ReLU; each ReLU by g (L1): error ≤ 2κ_g/λ, approached as λM → ∞, so that lambdaForRelu(g, ε, 2) suffices for ε. Width 4, largest weight λ·max(K, 1) or 1/λ.
 * Source: docs/theory.md §4, L3; Feng C.1–C.5.
 *
 * K is the least double that is not below M/α.
 */
import type { Rational } from '../../src/arithmetic/rational.ts';
import { Fields } from '../../src/network/fields.ts';
import type { Sequential } from '../../src/network/layer.ts';
import type { LemmaActivation } from '../../src/network/activation.ts';
import { reluSum } from './L1.ts';

/** The larger sum of output weights of one sign. */
export const SELECT_MASS = 2;

export const selectSteepness = (M: Rational, alpha: Rational): number => M.div(alpha).toNumberAbove();

/** The MLP (x, y, t) ↦ f. */
export const selectNetwork = (g: LemmaActivation, lambda: number, K: number): Sequential => {
  const token = new Fields({ x: 1, y: 1, t: 1 });
  const [x, y, t] = [token.at('x'), token.at('y'), token.at('t')];
  const neurons = ([1, -1] as const).flatMap((sign) => {
    const steep = [t, sign * K] as const;
    return [
      { of: [[sign === 1 ? x : y, 1] as const, steep], weight: 1 },
      { of: [steep], weight: -1 },
    ];
  });
  return reluSum(g, lambda, token.width, neurons);
};
