/**
 * The bounds of docs/theory.md P1 and P4 on the rounding of a scan,
 *
 *   |ŷ_i − y_i| ≤ Σ_{j≤i} [(1+u)^k_ij − 1] α_ij (|c_i| · |b_j|) |v_j|,
 *
 * for given counts k_ij, exactly.
 */
import { Rational } from '../arithmetic/rational.ts';
import type { ExactInstance } from './channel.ts';

/** How many roundings reach output i from record j, the read-out included. */
export type Count = (i: number, j: number) => number;

const sizeOf = (x: bigint): bigint => (x < 0n ? -x : x);

/** Numbers of a format as integers over one power of two. */
const overPowerOfTwo = (numbers: readonly Rational[]): { readonly bits: number; readonly over: readonly bigint[] } => {
  const bits = Math.max(...numbers.map(({ d }) => d.toString(2).length - 1));
  return { bits, over: numbers.map(({ n, d }) => (n << BigInt(bits)) / d) };
};

/** y_i, and the bound on the error of ŷ_i, for i from 1. In integers, since rationals would look for common divisors. */
export const scanBounds = (
  instance: ExactInstance,
  count: Count,
  p: number,
  cancels = false,
): ((i: number) => { readonly y: Rational; readonly bound: Rational }) => {
  const n = instance.a.length;
  const m = instance.b.length / n;
  const a = overPowerOfTwo(instance.a);
  const b = overPowerOfTwo(instance.b);
  const c = overPowerOfTwo(instance.c);
  const v = overPowerOfTwo(instance.v);
  const positions = Array.from({ length: n }, (_, at) => at + 1);
  const most = Math.max(...positions.flatMap((i) => positions.slice(0, i).map((j) => count(i, j))));
  /** (1 + u)^k − 1 over 2^(p·most) */
  const excess = (k: number): bigint =>
    ((2n ** BigInt(p) + 1n) ** BigInt(k) - 2n ** BigInt(p * k)) << BigInt(p * (most - k));
  const excesses = Array.from({ length: most + 1 }, (_, k) => excess(k));
  return (position) => {
    const i = position - 1;
    let alpha = 1n;
    let y = 0n;
    let bound = 0n;
    for (let j = i; j >= 0; j--) {
      let score = 0n;
      let size = 0n;
      for (let k = 0; k < m; k++) {
        const product = c.over[i * m + k]! * b.over[j * m + k]!;
        score += product;
        size += sizeOf(product);
      }
      // α_ij is over 2^(bits·(i − j)): the rest of 2^(bits·i) comes by shifting.
      const weighted = (alpha * v.over[j]!) << BigInt(a.bits * j);
      y += weighted * score;
      bound += sizeOf(weighted) * (cancels ? sizeOf(score) : size) * excesses[count(i + 1, j + 1)]!;
      alpha *= a.over[j]!;
    }
    const bits = a.bits * i + b.bits + c.bits + v.bits;
    return { y: Rational.of(y, 2n ** BigInt(bits)), bound: Rational.of(bound, 2n ** BigInt(bits + p * most)) };
  };
};

/** Beside a bound of 0 any error is too much. */
const UNBOUNDED = Rational.of(2n);
/** Bits of a ratio. */
const RATIO = 64n;

/** error/bound, rounded up to a multiple of 2^−64: it is above 1 where the error is above the bound, and only there. */
export const overBound = (error: Rational, bound: Rational): Rational => {
  if (error.sign() === 0) return error;
  if (bound.sign() === 0) return UNBOUNDED;
  const below = error.d * bound.n;
  return Rational.of((((error.n * bound.d) << RATIO) + below - 1n) / below, 1n << RATIO);
};
