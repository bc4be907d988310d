/** A plan, and what it is to run in: blocks of a shape, in a number format. */
import type { Accumulation } from '../arithmetic/arithmetic.ts';
import { saturation, type Format } from '../arithmetic/format.ts';
import { outputsOf, type Output, type Shape } from './blocks.ts';
import type { Style } from './builder.ts';
import type { Plan } from './node.ts';

export interface Setting {
  readonly plan: Plan;
  readonly outputs: readonly Output[];
  readonly shape: Shape;
  readonly format: Format;
  readonly accumulate: Accumulation;
}

export const settingOf = (plan: Plan, style: Style, format: Format, accumulate: Accumulation): Setting => ({
  plan,
  outputs: outputsOf(plan),
  shape: shapeFor(style, format),
  format,
  accumulate,
});

const shapeFor = ({ target, activation }: Style, format: Format): Shape => {
  const gate = saturation(format);
  return {
    target,
    activation,
    gate,
    // Integers that are scaled until σ saturates pass exactly.
    identity: ({ integer }, size) => (integer && gate * gate * Math.max(1, size) <= format.max ? gate : 1),
  };
};
