/**
 * A fading record at the edge of being read: the read-out of T1.gap (without its normaliser, which changes no sign) r
 * tokens after a record −1 whose score is the threshold, so that in real arithmetic it and the records 1 of score 1 that
 * came since weigh the same,
 *
 *   y_(r+1) = −s a^r + Σ_{j≥2} a^(r+1−j),   s = Σ_{q=1..r} a^(−q) = G_r.
 *
 * In a format the score is rounded once, which leaves a margin; what is decoded is the sign. Source: docs/theory.md P4.
 */
import type { Arithmetic } from '../../src/arithmetic/arithmetic.ts';
import { Rational } from '../../src/arithmetic/rational.ts';
import type { ScanInstance } from '../../src/scan/channel.ts';

/** `a` is a number of the format of A. */
export const criticalReadOut = (A: Arithmetic<number>, a: number, r: number): ScanInstance => {
  const decay = Rational.fromNumber(a);
  // Σ_{q=1..r} a^(−q) = (1 + a + … + a^(r−1)) / a^r
  let sum = Rational.of(0n);
  for (let q = 0; q < r; q++) sum = sum.mul(decay).add(Rational.of(1n));
  const score = sum.div(decay.pow(r));
  const tokens = (first: number): number[] => Array.from({ length: r + 1 }, (_, t) => (t === 0 ? first : 1));
  return {
    a: new Array<number>(r + 1).fill(a),
    b: tokens(A.fromRational(score)),
    c: new Array<number>(r + 1).fill(1),
    v: tokens(-1),
  };
};
