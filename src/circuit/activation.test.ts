import { describe, expect, it } from 'vitest';
import { bigIntervals } from '../arithmetic/big-interval-arithmetic.ts';
import type { BigInterval } from '../arithmetic/big-interval.ts';
import { Rational } from '../arithmetic/rational.ts';
import { ACTIVATIONS } from './activation.ts';

/** So many bits that differences of 1e-90 keep their digits. */
const A = bigIntervals(400);
const PI = A.fromRational(Rational.parse('3.14159265358979323846264338327950288419716939937510582')!);
const TWO = A.from(2);

const value = { silu: A.silu, gelu: A.gelu, relu: A.relu };
const derivative = {
  /** σ + xσ(1 − σ) */
  silu: (x: BigInterval) => {
    const s = A.sigmoid(x);
    return A.add(s, A.mul(x, A.mul(s, A.sub(A.one, s))));
  },
  /** Φ + xφ */
  gelu: (x: BigInterval) =>
    A.add(A.phi(x), A.mul(x, A.div(A.exp(A.neg(A.div(A.mul(x, x), TWO))), A.sqrt(A.mul(TWO, PI))))),
};
const top = (x: BigInterval): number => A.bounds(x)!.hi.toNumberAbove();
const bottom = (x: BigInterval): number => A.bounds(x)!.lo.toNumberBelow();

/** Dense where the maxima are. */
const PLACES = [...Array.from({ length: 65 }, (_, i) => i / 25), ...Array.from({ length: 24 }, (_, i) => 2.6 + i / 2)];
/** Beyond, to where nothing is left. */
const FAR = [20, 30, 38, 50, 100, 600];

describe.each(['silu', 'gelu'] as const)('%s', (name) => {
  const { kappa, slope, tail, slopeTail } = ACTIVATIONS[name];
  /** ReLU(x) − g(x) at x = ±z. */
  const gaps = (z: number): BigInterval[] => [z, -z].map((x) => A.sub(A.relu(A.from(x)), value[name](A.from(x))));
  /** |g' − 1[x > 0]| at x = ±z > 0. */
  const slopeGaps = (z: number): BigInterval[] => [
    A.abs(A.sub(derivative[name](A.from(z)), A.one)),
    A.abs(derivative[name](A.from(-z))),
  ];

  it('is below ReLU by tail(|x|), at most, and by κ', () => {
    for (const z of PLACES)
      for (const gap of gaps(z)) {
        expect(top(gap)).toBeLessThanOrEqual(tail(z) + Number.MIN_VALUE);
        expect(top(gap)).toBeLessThanOrEqual(kappa);
      }
  });
  it('has the κ of docs/theory.md, attained', () => {
    const at = { silu: 1.2784645427610738, gelu: 0.7517915246935645 }[name];
    expect(top(gaps(at)[1]!)).toBeLessThanOrEqual(kappa);
    expect(bottom(gaps(at)[1]!)).toBeGreaterThan(kappa * (1 - 1e-14));
    if (name === 'silu') expect(tail(2.5)).toBeLessThan(bottom(gaps(2.5)[1]!) * (1 + 1e-11));
  });
  it('has slopes in its range, which is no wider than to a millionth', () => {
    const slopes = PLACES.flatMap((z) => [derivative[name](A.from(z)), derivative[name](A.from(-z))]);
    expect(Math.max(...slopes.map(top))).toBeLessThanOrEqual(slope.hi);
    expect(Math.min(...slopes.map(bottom))).toBeGreaterThanOrEqual(slope.lo);
    const at = { silu: 2.3993572805, gelu: Math.SQRT2 }[name];
    expect(top(derivative[name](A.from(at)))).toBeGreaterThan(slope.hi - 1e-6);
    expect(bottom(derivative[name](A.from(-at)))).toBeLessThan(slope.lo + 1e-6);
  });
  it('keeps its slope in [0, 1] up to |x| = 0.75', () => {
    for (const z of PLACES.filter((x) => x <= 0.75)) {
      expect(top(derivative[name](A.from(z)))).toBeLessThanOrEqual(1);
      expect(bottom(derivative[name](A.from(-z)))).toBeGreaterThanOrEqual(0);
    }
  });
  it('has slopes within slopeTail(|x|) of 0 and 1 from 1 on', () => {
    for (const z of PLACES.filter((x) => x >= 1))
      for (const gap of slopeGaps(z)) expect(top(gap)).toBeLessThanOrEqual(slopeTail(z));
    expect(slopeTail(3)).toBeLessThan(4 * Math.max(...slopeGaps(3).map(bottom)));
  });
  it('has tails that fall, ever faster, from 1.3 on, and slope tails that fall from 1 on', () => {
    for (const z of [...PLACES, ...FAR].filter((x) => x >= 1.3)) {
      expect(tail(z + 0.1)).toBeLessThanOrEqual(tail(z));
      // What is below 1e-300 has no digits to compare.
      if (tail(z + 2) > 1e-300)
        expect(tail(z + 2) / tail(z + 1)).toBeLessThanOrEqual((tail(z + 1) / tail(z)) * (1 + 1e-12));
    }
    for (const z of [...PLACES, ...FAR].filter((x) => x >= 1))
      expect(slopeTail(z + 0.01)).toBeLessThanOrEqual(slopeTail(z));
  });
});

it('of ReLU there is nothing to bound', () => {
  const { kappa, tail, slopeTail, slope } = ACTIVATIONS.relu;
  expect([kappa, tail(0), tail(3), slopeTail(1), slope.lo, slope.hi]).toEqual([0, 0, 0, 0, 0, 1]);
});
