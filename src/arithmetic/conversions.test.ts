/** The way into each arithmetic and out of it: constants, doubles, exact bounds and text. */
import { describe, expect, it } from 'vitest';
import type { Arithmetic } from './arithmetic.ts';
import { bigIntervals } from './big-interval-arithmetic.ts';
import { doubleDoubles } from './double-double.ts';
import { NotRational, rationals } from './exact.ts';
import { parseFormula, realOf } from './formula.ts';
import { intervals } from './interval.ts';
import { arithmeticByName } from './names.ts';
import { Rational } from './rational.ts';
import type { Bounds, Real } from './real.ts';

const q = (text: string): Rational => Rational.parse(text)!;
const real = (text: string): Real => realOf(parseFormula(text), {});
const widthOf = ({ lo, hi }: Bounds): Rational => hi.sub(lo);
const precise = (x: Real): Rational => x.enclose(400).lo;
const CONSTANTS = ['1/3', 'sqrt(2)', '-exp(1)', 'exp(-50)', '1e30 * sqrt(3)', '-1e-200 / 7', '5/8'] as const;

const ENCLOSING: readonly [string, Arithmetic<unknown>, bits: number][] = [
  ['float64 intervals', intervals as Arithmetic<unknown>, 53],
  ['intervals of 128 bits', bigIntervals(128) as Arithmetic<unknown>, 128],
  ['intervals of 20 bits', bigIntervals(20) as Arithmetic<unknown>, 20],
];
const ROUNDING: readonly [string, Arithmetic<unknown>, relative: Rational][] = [
  ['fp64', arithmeticByName('fp64')!, Rational.of(1n, 1n << 53n)],
  ['bf16', arithmeticByName('bf16')!, Rational.of(1n, 1n << 8n)],
  ['p30', arithmeticByName('p30')!, Rational.of(1n, 1n << 30n)],
  ['dd', doubleDoubles as Arithmetic<unknown>, Rational.of(1n, 1n << 105n)],
  ['decimal30', arithmeticByName('decimal30')!, q('5e-30')],
];

describe.each(ENCLOSING)('%s', (_, A, bits) => {
  it.each(CONSTANTS)('enclose %s, no more than one unit in the last place of each end away', (text) => {
    const constant = real(text);
    const exact = precise(constant);
    const bounds = A.bounds(A.fromReal(constant))!;
    expect([bounds.lo.compare(exact) <= 0, bounds.hi.compare(exact) >= 0]).toEqual([true, true]);
    const most = exact.abs().mul(Rational.of(1n, 1n << BigInt(bits - 2)));
    expect(widthOf(bounds).compare(most)).toBeLessThanOrEqual(0);
    if (text === '5/8') expect(widthOf(bounds).sign()).toBe(0);
  });

  it('take doubles as they are', () => {
    if (bits < 53) return;
    for (const x of [0, -0, 0.1, -1e300, 1e-300]) {
      for (const value of [A.from(x), A.literal(x)]) {
        const exact = Rational.fromNumber(x);
        expect(A.bounds(value)).toEqual({ lo: exact, hi: exact });
        expect(A.toNumber(value) + 0).toBe(x + 0);
      }
    }
  });

  it('are their midpoint as a number, and both ends as text', () => {
    const x = A.fromReal({ enclose: () => ({ lo: q('-1'), hi: q('4') }), approximate: () => q('0') });
    expect([A.toNumber(x), A.toText(x)]).toEqual([1.5, '[-1, 4]']);
    expect(A.bounds(x)).toEqual({ lo: q('-1'), hi: q('4') });
  });

  it('may know nothing', () => {
    for (const x of [A.from(NaN), A.from(Infinity), A.sqrt(A.from(-1)), A.div(A.one, A.zero)]) {
      expect([A.bounds(x), A.toNumber(x)]).toEqual([undefined, NaN]);
    }
  });
});

describe.each(ROUNDING)('%s', (_, A, relative) => {
  it.each(CONSTANTS)('rounds %s once', (text) => {
    const exact = precise(real(text));
    // Below its least normal number a format has less than its precision.
    if (A.name === 'bf16' && text.startsWith('-1e-200')) return;
    const { lo, hi } = A.bounds(A.fromReal(real(text)))!;
    expect(lo).toEqual(hi);
    expect(lo.sub(exact).abs().compare(exact.abs().mul(relative))).toBeLessThanOrEqual(0);
    expect(A.bounds(A.fromRational(q('5/8')))).toEqual({ lo: q('5/8'), hi: q('5/8') });
  });

  it('is the nearest double as a number', () => {
    expect([0.625, -3, 0, 2 ** -20, NaN].map((x) => A.toNumber(A.from(x)))).toEqual([0.625, -3, 0, 2 ** -20, NaN]);
    expect(A.bounds(A.from(NaN))).toBeUndefined();
    // p<k> has no infinity and throws instead.
    if (A.name !== 'p30') expect(A.bounds(A.div(A.one, A.zero))).toBeUndefined();
  });

  it('has text that identifies it', () => {
    for (const x of [A.fromReal(real('sqrt(2)')), A.fromReal(real('-1/3')), A.from(1e30), A.zero]) {
      const { lo } = A.bounds(x)!;
      const read = A.bounds(A.fromRational(q(A.toText(x))))!.lo;
      expect(
        read
          .sub(lo)
          .abs()
          .compare(lo.abs().mul(Rational.of(1n, 1n << 106n))),
      ).toBeLessThanOrEqual(0);
    }
    expect(A.toText(A.from(NaN))).toBe('NaN');
  });
});

describe('rationals', () => {
  const A = rationals;

  it('are exact', () => {
    expect(A.fromReal(real('1/3'))).toEqual(q('1/3'));
    expect(A.bounds(A.div(A.one, A.from(3)))).toEqual({ lo: q('1/3'), hi: q('1/3') });
    expect([A.from(0.1), A.literal(0.1)]).toEqual([Rational.fromNumber(0.1), Rational.fromNumber(0.1)]);
    expect([A.toNumber(q('1/3')), A.toText(q('1/3')), A.toText(q('0.5'))]).toEqual([1 / 3, '1/3', '0.5']);
  });

  it('are ordered', () => {
    const [x, y] = [q('1/3'), q('2/5')];
    expect([A.less(x, y), A.less(y, x), A.less(x, x)]).toEqual([true, false, false]);
    expect([A.max(x, y), A.max(y, x), A.relu(x), A.relu(x.neg())]).toEqual([y, y, x, A.zero]);
    expect([A.abs(x.neg()), A.neg(x)]).toEqual([x, q('-1/3')]);
  });

  it('know of irrational functions what is rational', () => {
    expect(A.exp(A.zero)).toEqual(A.one);
  });

  it('are no other numbers', () => {
    for (const attempt of [
      () => A.exp(A.one),
      () => A.sqrt(A.one),
      () => A.div(A.one, A.zero),
      () => A.from(NaN),
      () => A.from(-Infinity),
      () => A.fromReal(real('sqrt(2)')),
      () => A.silu(A.one),
      () => A.torchSoftplus(A.one),
    ]) {
      expect(attempt).toThrow(NotRational);
    }
  });
});
