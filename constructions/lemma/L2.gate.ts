/**
 * L2.gate: a Mamba block's own gate multiplies exactly, with 4 channels and weights ±1.
 *
 *   ab = Σ_{σ,τ=±1} στ SiLU(σa) SiLU(τb),   since SiLU(x) − SiLU(−x) = x
 *
 * The four terms have the sign of ab. In p bits each passes through 7 roundings (the common denominator of σ, its
 * quotient and x·σ for either factor, the gate) and at most 3 additions, so that without underflow the error is at most
 * [(1+u)^10 − 1]|ab|. Source: docs/theory.md §4, L2.gate.
 */
import { Fields } from '../../src/network/fields.ts';
import type { MambaBlock } from '../../src/network/layer.ts';
import { memorylessBlock } from '../../src/network/mamba-builder.ts';

/** The stream of the block, which adds ab to `product`. */
export const productStream = new Fields({ a: 1, b: 1, product: 1 });

/** Roundings that a term of the sum passes through at most. */
export const GATE_ROUNDINGS = 10;

export const productBlock = (): MambaBlock => {
  const [a, b, product] = [productStream.at('a'), productStream.at('b'), productStream.at('product')];
  const signs = [1, -1];
  return memorylessBlock(
    productStream.width,
    signs.flatMap((s) => signs.map((t) => ({ x: [[a, s]], gate: [[b, t]], out: [[product, s * t]] }) as const)),
  );
};
