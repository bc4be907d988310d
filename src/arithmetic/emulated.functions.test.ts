import { describe, expect, it } from 'vitest';
import type { Arithmetic } from './arithmetic.ts';
import { decimalArithmetic } from './decimal.ts';
import { emulatedArithmetic } from './emulated.ts';
import { float64 } from './float64.ts';
import { CarrierRangeError, formatByName, unboundedFormat } from './format.ts';
import { Rational } from './rational.ts';
import {
  floorOf,
  Mismatches,
  randomFloat,
  randomStream,
  roundBits,
  roundRationalBits,
  TABLES,
  type FormatTable,
} from './testing.ts';

const FUNCTIONS = ['exp', 'log1p', 'tanh', 'erf'] as const;
type FunctionName = (typeof FUNCTIONS)[number];

const reference = decimalArithmetic(60);
/** f(x) to 60 digits where that is a number of moderate size; the float64 value elsewhere (limits and zeros). */
const precisely = (name: FunctionName, x: number): Rational | number => {
  const value = reference[name](reference.from(x));
  return value.isFinite() && !value.isZero() && Math.abs(value.e) < 1000
    ? Rational.parse(value.toExponential())!
    : float64[name](x);
};

/**
 * A bound on the relative error of the float64 functions, 8 times what erf.ts promises (8·2^−52). Where both ends of
 * the interval that it gives round alike, that is the rounding of the exact value.
 */
const DOUBLE_ERROR = 2 ** -46;

const expected = (table: FormatTable, name: FunctionName, x: number): number => {
  const y = float64[name](x);
  const [low, high] = [y * (1 - DOUBLE_ERROR), y * (1 + DOUBLE_ERROR)].map((end) => table.roundNumber(end));
  return Object.is(low, high) ? low! : inDecimals(table, name, x);
};
const inDecimals = (table: FormatTable, name: FunctionName, x: number): number => {
  const exact = precisely(name, x);
  return typeof exact === 'number' ? table.roundNumber(exact) : table.round(exact);
};

/** Every 397th value of the larger formats is compared with decimals directly. */
const DECIMAL_STRIDE = 397;

describe.each(Object.entries(TABLES))('%s', (format, table) => {
  const arithmetic = emulatedArithmetic(formatByName(format)!);

  it.each(FUNCTIONS)('%s rounds once, for every input', (name) => {
    const wrong = new Mismatches();
    const inputs = table.all();
    const stride = inputs.length < 300 ? 1 : DECIMAL_STRIDE;
    inputs.forEach((x, i) => {
      const best = i % stride === 0 && Number.isFinite(x) ? inDecimals(table, name, x) : expected(table, name, x);
      wrong.check(arithmetic[name](x), best, () => `${name}(${x})`);
    });
    expect(wrong.examples).toEqual([]);
  });

  it('composed functions round after each operation', () => {
    // Up to 25 bits rounding the double result of an operation once more is correctly rounded.
    const round = (x: number): number => table.roundNumber(x);
    const exp = (x: number): number => expected(table, 'exp', x);
    const rootOfHalf = round(Math.sqrt(0.5));
    const sigmoid = (x: number): number => {
      const e = exp(-Math.abs(x));
      return x < 0 ? round(e / round(1 + e)) : round(1 / round(1 + e));
    };
    const phi = (x: number): number => round(0.5 * round(1 + expected(table, 'erf', round(x * rootOfHalf))));
    const softplus = (x: number): number => round((x < 0 ? 0 : x) + expected(table, 'log1p', exp(-Math.abs(x))));
    const composed: Partial<Record<keyof Arithmetic<number>, (x: number) => number>> = {
      sigmoid,
      phi,
      silu: (x) => round(x * sigmoid(x)),
      gelu: (x) => round(x * phi(x)),
      softplus,
      torchSoftplus: (x) => (x > 20 ? x : softplus(x)),
      relu: (x) => (x < 0 ? 0 : x),
    };
    const wrong = new Mismatches();
    const inputs = table.all();
    const stride = inputs.length < 300 ? 1 : 5;
    for (const [name, compose] of Object.entries(composed)) {
      for (let i = 0; i < inputs.length; i += stride) {
        const x = inputs[i]!;
        const actual = (arithmetic[name as 'relu'] as (x: number) => number)(x);
        wrong.check(actual, compose(x), () => `${name}(${x})`);
      }
    }
    expect(wrong.examples).toEqual([]);
  });
});

describe.each([
  ['fp32', 24, -149],
  ['tf32', 11, -136],
])('%s', (format, p, quantum) => {
  it.each(FUNCTIONS)('%s rounds once', (name) => {
    const arithmetic = emulatedArithmetic(formatByName(format)!);
    const random = randomStream(12);
    const wrong = new Mismatches();
    for (let i = 0; i < 75; i++) {
      const x = Math.max(
        randomFloat(random, p, [1, 5, 30][i % 3]!),
        name === 'exp' ? -100 : name === 'log1p' ? -0.99 : -9,
      );
      const rounded = arithmetic.from(x);
      if (name === 'exp' && rounded > 88) continue; // beyond, fp32 overflows
      const exact = precisely(name, rounded) as Rational;
      const best = exact.sign() * roundBits(floorOf(exact.abs()), p, quantum);
      wrong.check(arithmetic[name](rounded), best, () => `${name}(${rounded})`);
    }
    expect(wrong.examples).toEqual([]);
  });
});

describe('p<k>', () => {
  it.each(FUNCTIONS)('%s rounds once for every p, also where a float64 value would round wrongly', (name) => {
    const random = randomStream(13);
    const wrong = new Mismatches();
    let naivelyWrong = 0;
    for (let p = 2; p <= 53; p++) {
      const arithmetic = emulatedArithmetic(unboundedFormat(p));
      for (let i = 0; i < (p < 42 ? 4 : 20); i++) {
        const x = Math.max(randomFloat(random, p, [1, 3, 8][i % 3]!), name === 'log1p' ? -0.75 : -600);
        if (x > 600) continue;
        const exact = precisely(name, x) as Rational;
        const best = roundRationalBits(exact, p);
        wrong.check(arithmetic[name](x), best, () => `p${p}: ${name}(${x})`);
        if (roundRationalBits(Rational.fromNumber(float64[name](x)), p) !== best) naivelyWrong++;
      }
    }
    expect(wrong.examples).toEqual([]);
    expect(naivelyWrong).toBeGreaterThan(0);
  });

  it.each([
    [50, 1.4383522019180663],
    [50, 1.3945094582126405],
    [49, 1.4880710654573335],
    [49, 1.4221971563185498],
  ])('p%i: erf(%f), where the float64 value is off by more than 4 ulp across a midpoint', (p, x) => {
    const best = roundRationalBits(precisely('erf', x) as Rational, p);
    expect(emulatedArithmetic(unboundedFormat(p)).erf(x)).toBe(best);
  });

  it.each([2, 11, 25, 26, 53])('p%i: exp alone flushes to zero; everything else leaves the carrier', (p) => {
    const { exp, erf, tanh, log1p } = emulatedArithmetic(unboundedFormat(p));
    for (const x of [-708, -708.5, -745, -1000, -1e300]) expect(exp(x)).toBe(0);
    expect(exp(-700)).toBe(roundRationalBits(precisely('exp', -700) as Rational, p));
    expect(() => exp(710)).toThrow(CarrierRangeError);
    expect(() => erf(2 ** -1023)).toThrow(CarrierRangeError);
    expect(() => log1p(-1)).toThrow(CarrierRangeError);
    for (const f of [erf, tanh, log1p]) expect([f(0), f(-0)]).toEqual([0, -0]);
    expect([tanh(1e300), tanh(-1e300), erf(1e300), erf(-1e300)]).toEqual([1, -1, 1, -1]);
    expect(log1p(-2)).toBe(NaN);
  });
});

describe('where a naive composition fails', () => {
  it('sigmoid of large negative numbers is 0 in e4m3, which has no infinity', () => {
    const { sigmoid, silu, softplus, exp } = emulatedArithmetic(formatByName('fp8-e4m3')!);
    expect(exp(448)).toBe(NaN);
    for (const x of [-448, -20, -8]) expect(sigmoid(x)).toBe(0);
    expect(sigmoid(448)).toBe(1);
    expect(silu(-448)).toBe(-0);
    expect(softplus(-448)).toBe(0);
    expect(softplus(448)).toBe(448);
  });

  it('softplus and sigmoid stay finite and accurate for large arguments in fp16', () => {
    const { sigmoid, softplus } = emulatedArithmetic(formatByName('fp16')!);
    expect([softplus(65504), softplus(-65504), sigmoid(-65504), sigmoid(65504)]).toEqual([65504, 0, 0, 1]);
    expect([softplus(0), sigmoid(0)]).toEqual([0.693359375, 0.5]);
  });

  it('max keeps the first of two equal numbers and relu lets NaN through', () => {
    const { max, relu } = emulatedArithmetic(formatByName('fp16')!);
    expect([max(-0, 0), max(0, -0), max(1, 2), max(2, 1)]).toEqual([-0, 0, 2, 2]);
    expect([relu(-1), relu(2), relu(NaN)]).toEqual([0, 2, NaN]);
  });
});
