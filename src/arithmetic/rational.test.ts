import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextDown, nextUp, Rational } from './rational.ts';
import { floorOf, roundBits } from './testing.ts';

const q = (text: string): Rational => Rational.parse(text)!;
const equal = (x: Rational, y: Rational): boolean => x.n === y.n && x.d === y.d;
const zero = Rational.of(0n);
const one = Rational.of(1n);

const rational = fc
  .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.bigInt({ min: 1n, max: 10n ** 15n }))
  .map(([n, d]) => Rational.of(n, d));
/** Powers of two in numerator and denominator, where the common divisor is found by another way. */
const dyadic = fc
  .tuple(fc.bigInt({ min: -1000n, max: 1000n }), fc.nat(80), fc.nat(80))
  .map(([n, up, down]) => Rational.of(n << BigInt(up), 1n << BigInt(down)));
const any = fc.oneof(rational, dyadic);
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
/** Decimal texts from below the subnormals to beyond the largest double. */
const decimalText = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 25n }), fc.integer({ min: -350, max: 300 }))
  .map(([negative, digits, exponent]) => `${negative ? '-' : ''}${digits}e${exponent}`);

describe('arithmetic', () => {
  it('is that of a field', () => {
    fc.assert(
      fc.property(any, any, any, (x, y, z) => {
        expect(equal(x.add(y), y.add(x))).toBe(true);
        expect(equal(x.mul(y), y.mul(x))).toBe(true);
        expect(equal(x.add(y).add(z), x.add(y.add(z)))).toBe(true);
        expect(equal(x.mul(y).mul(z), x.mul(y.mul(z)))).toBe(true);
        expect(equal(x.mul(y.add(z)), x.mul(y).add(x.mul(z)))).toBe(true);
        expect(equal(x.add(zero), x) && equal(x.mul(one), x)).toBe(true);
        expect(equal(x.sub(y), x.add(y.neg())) && equal(x.add(x.neg()), zero)).toBe(true);
        if (y.sign() !== 0) expect(equal(x.div(y).mul(y), x)).toBe(true);
      }),
    );
  });

  it('reduces fractions and keeps the denominator positive', () => {
    const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt(), fc.nat(70), (n, d, shift) => {
        fc.pre(d !== 0n);
        for (const [top, bottom] of [
          [n, d],
          [n, 1n << BigInt(shift)],
          [n << BigInt(shift), d],
        ] as const) {
          const x = Rational.of(top, bottom);
          expect(x.d > 0n && x.n * bottom === x.d * top && gcd(x.n < 0n ? -x.n : x.n, x.d) === 1n).toBe(true);
        }
      }),
    );
    expect(Rational.of(-6n, -8n)).toEqual(Rational.of(3n, 4n));
    expect(Rational.of(0n, -5n).d).toBe(1n);
    expect(() => Rational.of(1n, 0n)).toThrow(new RangeError('division by zero'));
    expect(() => one.div(zero)).toThrow(RangeError);
  });

  it('has an order, signs and absolute values', () => {
    fc.assert(
      fc.property(any, any, (x, y) => {
        expect(x.compare(y)).toBe(x.sub(y).sign());
        expect(x.compare(y)).toBe(-y.compare(x) + 0);
        expect(x.abs().sign()).toBe(Math.abs(x.sign()));
        expect(equal(x.abs(), x.sign() < 0 ? x.neg() : x)).toBe(true);
      }),
    );
    expect([q('-1/3').compare(q('-1/4')), q('2/6').compare(q('1/3')), q('0.5').compare(q('0.4'))]).toEqual([-1, 0, 1]);
    expect([q('4/2').isInteger(), q('1/2').isInteger(), zero.isInteger()]).toEqual([true, false, true]);
  });

  it('has integer powers', () => {
    fc.assert(
      fc.property(any, fc.integer({ min: -6, max: 6 }), (x, k) => {
        fc.pre(x.sign() !== 0);
        let product = one;
        for (let i = 0; i < Math.abs(k); i++) product = k < 0 ? product.div(x) : product.mul(x);
        expect(equal(x.pow(k), product)).toBe(true);
      }),
    );
    expect(equal(zero.pow(0), one)).toBe(true);
    expect(() => zero.pow(-1)).toThrow(RangeError);
  });

  it('handles long dyadic fractions', () => {
    // Euclid's algorithm would take seconds here.
    expect(q('257/256').pow(20000).sub(one).sign()).toBe(1);
  });
});

describe('parse', () => {
  it.each([
    ['0.9', 9n, 10n],
    ['1e-4', 1n, 10000n],
    ['2/3', 2n, 3n],
    ['-3', -3n, 1n],
    ['+3', 3n, 1n],
    [' 1.50 ', 3n, 2n],
    ['.5', 1n, 2n],
    ['-.25e1', -5n, 2n],
    ['5.', 5n, 1n],
    ['1E+3', 1000n, 1n],
    ['0.1/0.3', 1n, 3n],
    [' 1 / -2 ', -1n, 2n],
    ['1e-2/1e2', 1n, 10000n],
    ['-0', 0n, 1n],
    ['000.00', 0n, 1n],
  ])('%s', (text, n, d) => {
    expect(Rational.parse(text)).toEqual(Rational.of(n, d));
  });

  it.each([
    ...[
      '',
      ' ',
      '.',
      '-',
      '+',
      'e5',
      '1e',
      '1e1.5',
      '1.2.3',
      '1,5',
      '--1',
      '1 2',
      'x',
      'NaN',
      'Infinity',
      '0x10',
      '1n',
    ],
    ...['/', '1/', '/2', '1/0', '1/0.0', '1/2/3', '1//2', 'a/2', '1/b', '1e5001', '1e-5001', '1e99999999999'],
  ])('"%s" is no number', (text) => {
    expect(Rational.parse(text)).toBeUndefined();
  });

  it('accepts long exponents up to a limit', () => {
    expect(equal(q('1e5000'), Rational.of(10n ** 5000n))).toBe(true);
    expect(equal(q('1e-5000'), Rational.of(1n, 10n ** 5000n))).toBe(true);
  });
});

describe('doubles', () => {
  it('are taken exactly', () => {
    fc.assert(
      fc.property(finite, (x) => {
        const exact = Rational.fromNumber(x);
        expect(exact.toNumber()).toBe(x + 0); // without the sign of −0
        expect((exact.d & (exact.d - 1n)) === 0n).toBe(true);
      }),
    );
    expect(Rational.fromNumber(0.1)).toEqual(Rational.of(3602879701896397n, 1n << 55n));
    expect(Rational.fromNumber(Number.MIN_VALUE)).toEqual(Rational.of(1n, 1n << 1074n));
    expect(Rational.fromNumber(Number.MAX_VALUE)).toEqual(Rational.of((1n << 1024n) - (1n << 971n)));
    expect(Rational.fromNumber(2 ** 53 + 2)).toEqual(Rational.of(2n ** 53n + 2n));
    for (const x of [NaN, Infinity, -Infinity]) expect(() => Rational.fromNumber(x)).toThrow(RangeError);
  });

  it('are rounded to as JavaScript reads decimal texts', () => {
    const check = (text: string): void => {
      const exact = q(text);
      expect(exact.toNumber()).toBe(exact.sign() === 0 ? 0 : Number(text)); // a rational has no −0
    };
    fc.assert(fc.property(decimalText, check), { numRuns: 2000 });
    const limits = [
      '4.9406564584124654e-324',
      '2.4703282292062327e-324',
      '2.4703282292062328e-324',
      '2.2250738585072011e-308',
    ];
    const large = ['1.7976931348623157e308', '1.7976931348623158e308', '1.7976931348623159e308', '9007199254740993'];
    for (const text of [...limits, ...large]) {
      check(text);
      check(`-${text}`);
    }
  });

  it('below a value are the largest that are not above it', () => {
    fc.assert(
      fc.property(fc.oneof(decimalText.map(q), any), (x) => {
        const below = x.toNumberBelow();
        if (below !== -Infinity) expect(Rational.fromNumber(below).compare(x)).toBeLessThanOrEqual(0);
        const above = nextUp(below);
        if (above !== Infinity) expect(Rational.fromNumber(above).compare(x)).toBe(1);
      }),
    );
    expect(q('0.1').toNumberBelow()).toBe(nextDown(0.1));
    expect(q('0.5').toNumberBelow()).toBe(0.5);
    expect(q('-1e-400').toNumberBelow()).toBe(-Number.MIN_VALUE);
    expect(q('1e-400').toNumberBelow()).toBe(0);
    expect(q('1e400').toNumberBelow()).toBe(Number.MAX_VALUE);
    expect(q('-1e400').toNumberBelow()).toBe(-Infinity);
  });
});

describe('toBinary', () => {
  it('rounds to p bits and to subnormals', () => {
    fc.assert(
      fc.property(any, fc.integer({ min: 1, max: 53 }), fc.integer({ min: -30, max: 5 }), (x, p, emin) => {
        fc.pre(x.sign() !== 0);
        const magnitude = roundBits(floorOf(x.abs()), p, emin - p + 1);
        expect(x.toBinary(p, emin)).toBe(x.sign() < 0 ? -magnitude : magnitude);
      }),
      { numRuns: 2000 },
    );
  });

  it('breaks ties to even, keeps the sign of an underflow and overflows to infinity', () => {
    const halves = ['0.5', '1.5', '2.5', '-0.5', '-1.5', '-2.5'].map((text) => q(text).toBinary(3, 2)); // quantum 1
    expect(halves).toEqual([0, 2, 2, -0, -2, -2]);
    expect([q('9').toBinary(3, 0), q('11').toBinary(3, 0), q('7.5').toBinary(3, 0)]).toEqual([8, 12, 8]);
    expect(zero.toBinary(3, 0)).toBe(0);
    expect([q('1e400').toBinary(8, -126), q('-1e400').toBinary(53, -1022)]).toEqual([Infinity, -Infinity]);
    expect(Rational.of(3n, 1n << 1075n).toNumber()).toBe(2 ** -1073);
  });
});

describe('toDecimalText', () => {
  it.each([
    ['1/3', 4, '0.3333'],
    ['2/3', 4, '0.6667'],
    ['0.125', 2, '0.12'],
    ['0.375', 2, '0.38'],
    ['-0.125', 2, '-0.12'],
    ['2.5', 1, '2'],
    ['3.5', 1, '4'],
    ['99.95', 3, '100'],
    ['99.94', 3, '99.9'],
    ['9.5', 1, '10'],
    ['1200', 2, '1200'],
    ['1250', 2, '1200'],
    ['1000', 10, '1000'],
    ['0.5', 10, '0.5'],
    ['0', 3, '0'],
    ['1e-7', 3, '0.0000001'],
    ['1.25e-8', 3, '1.25e-8'],
    ['9.996e-8', 3, '0.0000001'],
    ['1e24', 3, '1000000000000000000000000'],
    ['-1.5e25', 3, '-1.5e+25'],
    ['1e25', 3, '1e+25'],
    ['9.999e24', 3, '1e+25'],
    ['1e-400', 5, '1e-400'],
    ['1e400', 5, '1e+400'],
    ['12.34', 4, '12.34'],
  ])('%s to %i digits is %s', (text, digits, expected) => {
    expect(q(text).toDecimalText(digits)).toBe(expected);
  });

  it('is the nearest decimal, ties to even', () => {
    fc.assert(
      fc.property(any, fc.integer({ min: 1, max: 40 }), (x, digits) => {
        const D = Decimal.clone({ precision: digits, rounding: Decimal.ROUND_HALF_EVEN, defaults: true });
        const expected = D.div(`${x.n}`, `${x.d}`);
        expect(equal(q(x.toDecimalText(digits)), q(expected.toExponential()))).toBe(true);
      }),
    );
  });

  it('toString is short where the expansion ends soon, and exact', () => {
    const longest = '0.1234567890123456789012345';
    const texts = ['3', '-0.5', '1/3', '1e-10', '123456789012345678901234567890', '0', '-2/7', longest];
    expect(texts.map((text) => `${q(text)}`)).toEqual(texts);
    expect(`${q(`${longest}1`)}`).toContain('/');
    expect(`${Rational.of(1n, 1n << 100n)}`).toBe(`1/${1n << 100n}`);
    fc.assert(fc.property(any, (x) => equal(q(`${x}`), x)));
  });
});

describe('neighbours among the doubles', () => {
  it('leave nothing between', () => {
    fc.assert(
      fc.property(finite, (x) => {
        const up = nextUp(x);
        expect(up).toBeGreaterThan(x);
        const middle = x / 2 + up / 2;
        if (Math.abs(x) > 2 ** -1000 && up !== Infinity) expect(middle === x || middle === up).toBe(true);
        expect(nextDown(up)).toBe(x + 0 === 0 ? 0 : x);
        expect(nextDown(x)).toBe(-nextUp(-x));
      }),
    );
  });

  it.each([
    [0, Number.MIN_VALUE],
    [-0, Number.MIN_VALUE],
    [-Number.MIN_VALUE, -0],
    [1, 1 + 2 ** -52],
    [-1, -1 + 2 ** -53],
    [1 - 2 ** -53, 1],
    [2 ** -1022 - 2 ** -1074, 2 ** -1022],
    [Number.MAX_VALUE, Infinity],
    [Infinity, Infinity],
    [-Infinity, -Number.MAX_VALUE],
    [NaN, NaN],
  ])('%f is followed by %f', (x, next) => {
    expect(nextUp(x)).toBe(next);
    expect(nextDown(-x)).toBe(-next);
  });
});
