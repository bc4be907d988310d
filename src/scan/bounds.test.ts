import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rational } from '../arithmetic/rational.ts';
import { overBound } from './bounds.ts';

const positive = fc.tuple(fc.bigInt(1n, 10n ** 12n), fc.bigInt(1n, 10n ** 12n)).map(([n, d]) => Rational.of(n, d));
const ONE = Rational.of(1n);

describe('error beside bound', () => {
  it('is rounded up by less than 2^−64', () => {
    fc.assert(
      fc.property(positive, positive, (error, bound) => {
        const off = overBound(error, bound).sub(error.div(bound));
        expect(off.sign()).toBeGreaterThanOrEqual(0);
        expect(off.compare(Rational.of(1n, 2n ** 64n))).toBeLessThan(0);
      }),
    );
  });

  it('is above 1 where the error is above the bound by however little, and only there', () => {
    fc.assert(
      fc.property(positive, fc.bigInt(1n, 10n ** 60n), (bound, k) => {
        const little = bound.div(Rational.of(k));
        expect(overBound(bound, bound)).toEqual(ONE);
        expect(overBound(bound.add(little), bound).compare(ONE)).toBe(1);
        expect(overBound(bound.sub(little), bound).compare(ONE)).toBeLessThanOrEqual(0);
      }),
    );
  });

  it('is above 1 for any error beside a bound of 0', () => {
    const zero = Rational.of(0n);
    expect(overBound(zero, zero)).toEqual(zero);
    expect(overBound(Rational.of(1n, 10n ** 40n), zero).compare(ONE)).toBe(1);
  });
});
