/**
 * L2: the product of two numbers, width 4.
 *
 *   f(a, b) = C_g (λ²/4) [q(S/λ) − q(T/λ)],   S = a + b,  T = a − b,  q(y) = g(y) + g(−y)
 *   C_GELU = √(π/2),  C_SiLU = 2,  C_softplus = 4
 *
 * For |a|, |b| ≤ M: |f − ab| ≤ c_g M⁴/λ², c = 2/3 (GELU), 1/3 (SiLU), 1/6 (softplus), because
 * x² − (c/4)x⁴ ≤ C_g [q(x) − q(0)] ≤ x². Source: docs/theory.md §4, L2; Feng C.1–C.5.
 *
 * Weights are doubles: λ is a power of two, and √(π/2) is rounded, which stays below what the bound leaves for λ ≤ 2^12 M.
 */
import { evaluateFormula, parseFormula, type Formula } from '../../src/arithmetic/formula.ts';
import type { Rational } from '../../src/arithmetic/rational.ts';
import { mlp, type Sequential } from '../../src/network/layer.ts';
import { matrixFromForms, type Form } from '../../src/network/matrix.ts';
import type { LemmaActivation } from '../../src/network/activation.ts';

export type ProductActivation = Exclude<LemmaActivation, 'relu'>;

/** C_g and c_g as formulas. */
export const PRODUCT: Readonly<Record<ProductActivation, { readonly C: string; readonly c: string }>> = {
  silu: { C: '2', c: '1/3' },
  gelu: { C: 'sqrt(pi/2)', c: '2/3' },
  softplus: { C: '4', c: '1/6' },
};

const perActivation = (text: (g: ProductActivation) => string): Readonly<Record<ProductActivation, Formula>> => ({
  silu: parseFormula(text('silu')),
  gelu: parseFormula(text('gelu')),
  softplus: parseFormula(text('softplus')),
});
const constant = perActivation((g) => PRODUCT[g].C);
/** c_g M⁴/λ². */
export const productBound = perActivation((g) => `(${PRODUCT[g].c})*M^4/lambda^2`);
/** The largest weight, C_g λ²/4 or 1/λ. */
export const productWeight = perActivation((g) => `max((${PRODUCT[g].C})*lambda^2/4, 1/lambda)`);
const sufficient = perActivation((g) => `M^2*sqrt((${PRODUCT[g].c})/eps)`);

/** From this λ on the error is at most ε; the largest weight is then C_g c_g M⁴/(4ε). */
export const lambdaForProduct = (g: ProductActivation, M: Rational, eps: Rational): Rational =>
  evaluateFormula(sufficient[g], { M, eps });

/** The MLP (a, b) ↦ f(a, b). */
export const productNetwork = (g: ProductActivation, lambda: number): Sequential => {
  const hidden = [1, -1].flatMap((b) =>
    [1, -1].map((sign): Form => [
      [0, sign / lambda],
      [1, (sign * b) / lambda],
    ]),
  );
  const weight = (evaluateFormula(constant[g], {}).toNumber() * lambda ** 2) / 4;
  return mlp({ kind: 'linear', weight: matrixFromForms(hidden, 2) }, g, {
    kind: 'linear',
    weight: matrixFromForms(
      [
        [
          [0, weight],
          [1, weight],
          [2, -weight],
          [3, -weight],
        ],
      ],
      4,
    ),
  });
};
