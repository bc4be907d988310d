/** x·y: exact by the gate of a Mamba block (L2.gate), to ε by an MLP (L2). */
import { mulUp } from '../arithmetic/error-free.ts';
import { InputError } from '../input-error.ts';
import type { CircuitActivation } from './activation.ts';
import type { PlanBuilder } from './builder.ts';
import { scaledForm, sumForm } from './forms.ts';
import type { Node, Unit } from './node.ts';
import { sizeOf, times } from './ranges.ts';

export const product = (builder: PlanBuilder, left: Node, right: Node, path: string): Node => {
  for (const [factor, other] of [
    [left, right],
    [right, left],
  ] as const)
    if (factor.lo === factor.hi) return builder.sum([[factor.lo, other]], path);
  const { target, activation } = builder.style;
  if (activation === 'relu') throw new InputError(path, 'made without products, which ReLU cannot form', 'a product');
  const [a, b] = [sizeOf(left), sizeOf(right)];
  const unit = builder.unit(
    'product',
    {
      path,
      ...(left === right ? { lo: 0, hi: mulUp(a, a) } : times(left, right)),
      integer: left.integer && right.integer,
      ...(target === 'mamba' ? gatedProduct(left, right) : hiddenProduct(left, right, activation)),
      drift: (_, error) => a * error(right) + b * error(left) + error(left) * error(right),
    },
    [left, right],
  );
  return builder.unitNode(unit, a * right.lipschitz + b * left.lipschitz, [left, right], path);
};

/** Σ_{σ,τ} στ SiLU(λσx) SiLU(λτy)/λ² = xy, exactly, for any λ (L2.gate). */
export const gatedProduct = (left: Node, right: Node): Pick<Unit, 'exact' | 'approximation' | 'channels'> => ({
  exact: true,
  approximation: () => 0,
  channels: (lambda) =>
    [1, -1].flatMap((s) =>
      [1, -1].map((t) => ({
        x: scaledForm(left.form, lambda * s),
        gate: scaledForm(right.form, lambda * t),
        weight: (s * t) / lambda ** 2,
      })),
    ),
});

/** x² to first order of g(x) + g(−x): C_g, and the constant of its error in M⁴/λ² (L2). */
const SQUARE = {
  silu: { C: 2, error: 1 / 3 },
  gelu: { C: Math.sqrt(Math.PI / 2), error: 2 / 3 },
} as const;

/** In units of M²: 2^−53 for C; for x ± y, 2^−53 of fields of 2M in all, times a derivative of 2M, twice. */
const WEIGHT_ROUNDING = 2 ** -49;

/** C (λ²/4) [q((x+y)/λ) − q((x−y)/λ)], q(z) = g(z) + g(−z), with factors balanced by a power of two (L2). */
const hiddenProduct = (
  left: Node,
  right: Node,
  activation: Exclude<CircuitActivation, 'relu'>,
): Pick<Unit, 'approximation' | 'channels'> => {
  const { C, error: constant } = SQUARE[activation];
  const balance = 2 ** Math.round(Math.log2(sizeOf(right) / sizeOf(left)) / 2);
  return {
    approximation: (lambda, error) => {
      const M = Math.max(balance * (sizeOf(left) + error(left)), (sizeOf(right) + error(right)) / balance);
      // C, and sums of weights where both factors read one field, are rounded to doubles.
      return (constant * M ** 4) / lambda ** 2 + M ** 2 * WEIGHT_ROUNDING;
    },
    channels: (lambda) =>
      [1, -1].flatMap((s) => {
        const argument = sumForm(scaledForm(left.form, balance / lambda), scaledForm(right.form, s / balance / lambda));
        return [1, -1].map((t) => ({ x: scaledForm(argument, t), weight: (s * C * lambda ** 2) / 4 }));
      }),
  };
};
