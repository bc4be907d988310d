import { describe, expect, it } from 'vitest';
import { Random } from '../claim/random.ts';
import { Rational } from '../arithmetic/rational.ts';
import { binomialTail, measureRate, refutesBound, wilson } from './frequency.ts';

/** P(X ≥ hits), exactly. */
const exactTail = (hits: number, count: number, p: Rational): number => {
  const q = Rational.of(1n).sub(p);
  let sum = Rational.of(0n);
  let choose = 1n;
  for (let k = 0; k <= count; k++) {
    if (k >= hits)
      sum = sum.add(
        Rational.of(choose)
          .mul(p.pow(k))
          .mul(q.pow(count - k)),
      );
    choose = (choose * BigInt(count - k)) / BigInt(k + 1);
  }
  return sum.toNumber();
};

describe('the binomial tail', () => {
  it.each([
    [0, 10, '1/3'],
    [1, 10, '1/100'],
    [5, 10, '1/2'],
    [10, 10, '1/2'],
    [7, 60, '1/50'],
    [40, 60, '1/2'],
  ])('P(X ≥ %d) of %d trials at %s is exact to rounding', (hits, count, p) => {
    const expected = exactTail(hits, count, Rational.parse(p)!);
    expect(Math.abs(binomialTail(hits, count, Rational.parse(p)!.toNumber()) / expected - 1)).toBeLessThan(1e-12);
  });
  it('is 0 and 1 at the ends', () => {
    expect(binomialTail(3, 10, 0)).toBe(0);
    expect(binomialTail(3, 10, 1)).toBe(1);
    expect(binomialTail(0, 10, 0)).toBe(1);
  });
});

describe("Wilson's interval", () => {
  it('is the set of probabilities whose score statistic is at most z', () => {
    for (const [hits, count] of [
      [3, 100],
      [50, 100],
      [999, 1000],
    ] as const) {
      const { lo, hi, rate } = wilson(hits, count, 5);
      for (const p of [lo, hi])
        expect(Math.abs(Math.abs(rate - p) / Math.sqrt((p * (1 - p)) / count) - 5)).toBeLessThan(1e-9);
    }
  });
  it('reaches 0 without hits and 1 without misses', () => {
    expect(wilson(0, 50).lo).toBe(0);
    expect(wilson(50, 50).hi).toBe(1);
  });
});

describe('a bound on a probability', () => {
  const trials = (p: number) => ({ count: 4000, occurs: (random: Random) => random.uniform() < p });
  it('is refuted by a rate far above it, and not by one below or a little above', () => {
    const seen = measureRate(trials(0.1), 1);
    expect(refutesBound(seen, trials(0.1), 0.05)).toBe(true);
    expect(refutesBound(seen, trials(0.1), 0.1)).toBe(false);
    expect(refutesBound(seen, trials(0.1), 0.095)).toBe(false);
  });
  it('is not refuted by a single hit of a rare event', () => {
    const once = { ...wilson(1, 4000), hits: 1 };
    expect(once.lo).toBeGreaterThan(1e-6);
    expect(refutesBound(once, { count: 4000, occurs: () => false }, 1e-6)).toBe(false);
  });
  it('is the same for the same seed, and another for another', () => {
    expect(measureRate(trials(0.3), 7)).toEqual(measureRate(trials(0.3), 7));
    expect(measureRate(trials(0.3), 7).hits).not.toBe(measureRate(trials(0.3), 8).hits);
  });
});

describe('normal variates', () => {
  it('have mean 0, variance 1 and the tails of the normal distribution', () => {
    const random = new Random(3);
    const draws = Array.from({ length: 40_000 }, () => random.normal());
    const mean = draws.reduce((x, y) => x + y, 0) / draws.length;
    const variance = draws.reduce((x, y) => x + y * y, 0) / draws.length;
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(draws.length));
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / draws.length));
    const beyond = draws.filter((x) => Math.abs(x) > 1.959964).length;
    expect(wilson(beyond, draws.length).lo).toBeLessThan(0.05);
    expect(wilson(beyond, draws.length).hi).toBeGreaterThan(0.05);
  });
});
