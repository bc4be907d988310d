/**
 * Marks: the one-hot vector e_t of an integer t in one gated channel for each entry, and products with it.
 *
 *   mark_k = λ·ramp(t − k),   ramp(x) = SiLU(λ(1+x)) SiLU(λ(1−x))/λ²: 1 at 0, 0 at ±1, tails e^(−λ) beyond
 *   a product with the one-hot entry: SiLU(mark)/λ times anything
 *
 * Unlike hats, which are differences of large knots, nothing cancels: on integers that a format holds, with λ a power of
 * two, marks are exact up to their tails. Source: docs/theory.md §3, T2.mark.
 */
import { parseFormula } from '../../src/arithmetic/formula.ts';
import { nextPowerOfTwo, saturation, type Format } from '../../src/arithmetic/format.ts';
import type { MambaBlock } from '../../src/network/layer.ts';
import { MambaBuilder, memorylessBlock } from '../../src/network/mamba-builder.ts';
import type { Form } from '../../src/network/matrix.ts';
import { UNIT_STEP_BIAS } from './T2.block.ts';

/** A mark of the stream: component `to` becomes λ·1[t = k]. */
export interface Mark {
  readonly t: Form;
  readonly k: number;
  readonly to: number;
  /** No t is beyond k, and none is off its integer: one ramp does, and k + 1 need not be a number of the format. */
  readonly last?: boolean;
}

/** One channel for each mark; `one` is the component that holds 1. */
export const markBlock = (hidden: number, one: number, lambda: number, marks: readonly Mark[]): MambaBlock =>
  memorylessBlock(
    hidden,
    marks.map(({ t, k, to, last }) => ({
      x: [...scaled(t, lambda), [one, lambda * (1 - k)]],
      gate: last ? [[one, lambda]] : [...scaled(t, -lambda), [one, lambda * (1 + k)]],
      out: [[to, 1 / lambda]],
    })),
  );

/** Marks of every address 1 … N that a component may hold. */
export const addressMarks = (t: number, N: number, to: (k: number) => number): Mark[] =>
  Array.from({ length: N }, (_, k) => ({ t: [[t, 1]], k: k + 1, to: to(k), last: k === N - 1 }));

const scaled = (form: Form, factor: number): Form => form.map(([component, weight]) => [component, weight * factor]);

/** Two signs, and x = SiLU(x) − SiLU(−x). */
const SIGNS = [1, -1] as const;

/** Components of the stream: a one-hot entry's mark, a value, and where their product goes. */
export interface Product {
  readonly mark: number;
  readonly value: number;
  readonly to: number;
}

/** value · 1[t = k], two channels for each product; `scale` as in a Memory. */
export const productBlock = (
  hidden: number,
  { lambda, scale = 1 }: { readonly lambda: number; readonly scale?: number },
  products: readonly Product[],
): MambaBlock =>
  memorylessBlock(
    hidden,
    products.flatMap(({ mark, value, to }) =>
      SIGNS.map((sign) => ({
        x: [[mark, 1]] as const,
        gate: [[value, sign * scale]] as const,
        out: [[to, sign / (lambda * scale)]] as const,
      })),
    ),
  );

/** Channels that remember values and release each of them where its mark is set: two for each. */
export const memoryChannels = (
  block: MambaBuilder,
  { lambda, tau, scale = 1 }: { readonly lambda: number; readonly tau: number; readonly scale?: number },
  products: readonly Product[],
): void => {
  for (const { mark, value, to } of products)
    for (const sign of SIGNS)
      block.channel({
        x: [[value, sign * scale]],
        gate: [[mark, 1]],
        out: [[to, sign / (lambda * scale)]],
        stepBias: UNIT_STEP_BIAS,
        ALog: -tau,
      });
};

/** Where the number #{s in steps: t ≥ s} goes, which t makes. */
export interface Staircase {
  readonly t: Form;
  readonly steps: readonly number[];
  readonly to: number;
}

/** Two channels for each step, under a gate of 1 up to e^(−2λ). */
export const staircaseBlock = (
  hidden: number,
  one: number,
  lambda: number,
  staircases: readonly Staircase[],
): MambaBlock => {
  const block = new MambaBuilder(hidden);
  for (const { t, steps, to } of staircases)
    for (const step of steps)
      for (const [knot, sign] of [
        [step - 1, 1],
        [step, -1],
      ] as const)
        block.channel({
          x: [...scaled(t, lambda), [one, -lambda * knot]],
          gate: [[one, 2 * lambda]],
          // D and the output share the factor 1/(2λ²), so that products stay small.
          skip: 1 / lambda,
          out: [[to, sign / (2 * lambda)]],
        });
  return block.build();
};

/**
 * Σ_x |φ(ramp(x + ξ_x)) − 1[x = 0]| ≤ κ over the integers x, for |ξ_x| ≤ xi, where φ(e) = e σ(λe) is the product with a
 * mark.
 */
export const kappaText = (kappa: string, xi: string): string => `z = exp(-lambda)
  l = ${xi}^2 + z*(exp(lambda*${xi}) + exp(-lambda*${xi}))
  n = ${xi}*(1 + ${xi}/2)*(1 + lambda*${xi}/2)
  ${kappa} = l + z*exp(lambda*l) + n*(1 + lambda*n/2) + (1 + ${xi})^2*exp(lambda*${xi})*z*(3 - z)/(1 - z)^3`;
export const kappaFormula = parseFormula(kappaText('kappa', 'xi'));

/** The next power of two from which marks and gates saturate in the format, too: e^(−λ) ≤ u/2 (docs/theory.md §9). */
export const saturated = (lambda: number, format: Format): number =>
  Math.max(nextPowerOfTwo(lambda), saturation(format));

/** Why a construction that forms numbers up to `largest`, called `name`, must fail: an overflow, or positions that share one number. */
export const breakOf = (
  { name, p, max }: Format,
  N: number,
  largest: { readonly name: string; readonly value: number },
): string | undefined => {
  if (largest.value > max)
    return `P2: ${largest.name} = ${largest.value} is beyond the largest number of ${name}, ${max}`;
  const limit = 2 ** p;
  if (N <= limit) return undefined;
  return `P2: N = ${N} > 2^${p} = ${limit}, and ${limit + 1} is not a number of ${name}: positions ${limit} and ${limit + 1} share one mark`;
};
