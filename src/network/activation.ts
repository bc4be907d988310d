/** The activations of the lemmas and their distance from ReLU: κ_g = sup |g(x) − ReLU(x)| (docs/theory.md §4). */
import type { ScalarFunction } from '../arithmetic/arithmetic.ts';
import { Rational } from '../arithmetic/rational.ts';

export const ACTIVATIONS = ['relu', 'silu', 'gelu', 'softplus'] as const satisfies readonly ScalarFunction[];
/** All of them have g(x) − g(−x) = x. */
export type LemmaActivation = (typeof ACTIVATIONS)[number];

/** κ_g, rounded up: sup xσ(−x) = W(1/e), sup xΦ(−x), ln 2. */
export const KAPPA: Readonly<Record<LemmaActivation, Rational>> = {
  relu: Rational.of(0n),
  silu: Rational.parse('0.27846454276107380')!,
  gelu: Rational.parse('0.16997120747990367')!,
  softplus: Rational.parse('0.69314718055994531')!,
};

/** The |x| at which g is farthest from ReLU, to the nearest double. */
export const FARTHEST: Readonly<Record<LemmaActivation, number>> = {
  relu: 0,
  silu: 1.2784645427610737,
  gelu: 0.7517915246935645,
  softplus: 0,
};

/** The least power of two that is at least x > 0: with such a λ, the weights λ and 1/λ are exact in every binary format. */
export const powerOfTwoAbove = (x: Rational): number => {
  const guess = 2 ** Math.floor(Math.log2(x.toNumber()));
  return [guess, 2 * guess].find((power) => Rational.fromNumber(power).compare(x) >= 0) ?? 4 * guess;
};
