import { describe, expect, it } from 'vitest';
import { decimalArithmetic, decimalToRational } from './decimal.ts';
import { erf } from './erf.ts';
import { nextDown, nextUp, Rational } from './rational.ts';

/** What erf.ts promises. */
const MAX_ULPS = 8;

const reference = decimalArithmetic(30);

/** From here on erfc(x) < 0.005, so that its relative error, below 50·2^−53, adds a quarter to half an ulp. */
const TAIL = 2;
const MAX_TAIL_ULPS = 0.75;

/** |erf(x) − exact| in units in the last place of the exact value. */
const ulps = (x: number): number => {
  const exact = decimalToRational(reference.erf(reference.from(x)));
  const nearest = exact.abs().toNumber();
  // The distance to the neighbour below; at a power of two this is the smaller one.
  const ulp = Rational.fromNumber(nearest - nextDown(nearest));
  return Rational.fromNumber(erf(x)).sub(exact).abs().div(ulp).toNumber();
};

describe('erf', () => {
  const linear = Array.from({ length: 600 }, (_, i) => (i + 0.37) * (6.3 / 600));
  const small = Array.from({ length: 150 }, (_, i) => 10 ** (-i / 15) * 0.7);
  const tiny = [1e-300, 3e-308, 1e-100, 1e-20];
  /** Where one formula takes over from another, and just below saturation. */
  const seams = [1.5, 6].flatMap((limit) => Array.from({ length: 60 }, (_, i) => limit + (i - 30) * 0.001));

  it.each([
    ['0 to 6.3', linear],
    ['small numbers', small],
    ['tiny numbers', tiny],
    ['the seams of its formulas', [...seams, nextDown(1.5), nextUp(1.5), nextDown(6)]],
  ])(`is within ${MAX_ULPS} ulp on %s`, (_, grid) => {
    expect(Math.max(...grid.map(ulps))).toBeLessThanOrEqual(MAX_ULPS);
  });

  it(`is within ${MAX_TAIL_ULPS} ulp beyond ${TAIL}`, () => {
    expect(Math.max(...linear.filter((x) => x > TAIL).map(ulps))).toBeLessThanOrEqual(MAX_TAIL_ULPS);
  });

  it('is odd', () => {
    for (const x of linear) expect(erf(-x)).toBe(-erf(x));
  });

  it('does not decrease by more than its error', () => {
    for (let i = 1; i < linear.length; i++) {
      expect(erf(linear[i]!)).toBeGreaterThanOrEqual(erf(linear[i - 1]!) * (1 - 2 * MAX_ULPS * 2 ** -53));
    }
  });

  it('has special values', () => {
    expect([erf(0), erf(-0), erf(Infinity), erf(-Infinity), erf(NaN)]).toEqual([0, -0, 1, -1, NaN]);
    expect([erf(6), erf(-6), erf(1e300), erf(30)]).toEqual([1, -1, 1, 1]);
    // 2/√π times the least numbers, to the nearest multiple of the least
    expect([erf(Number.MIN_VALUE), erf(10 * Number.MIN_VALUE)]).toEqual([Number.MIN_VALUE, 11 * Number.MIN_VALUE]);
  });
});
