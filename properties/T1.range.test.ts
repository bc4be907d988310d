import { describe, expect, it } from 'vitest';
import { formatByName, roundRational } from '../src/arithmetic/format.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import { parseCell } from '../src/claim/claim.ts';
import { decide } from '../src/evidence/decide.ts';
import { range } from './T1.range.ts';

/** The row of a cell: first failing distance and cause, limit, and the same with nominal scores. */
const rowOf = (format: string, a_min: string): Record<string, unknown> => {
  const { columns, row } = range.measurements![0]!;
  const values = row(parseCell(range, { format, a_min }), 1);
  return Object.fromEntries(columns.map(({ name }, at) => [name, values[at]]));
};

const RECORDS = ['1', '9/16', '5/8', '11/16', '3/4', '13/16', '7/8', '15/16'].map((v) => Rational.parse(v)!);
const QUARTER = Rational.parse('1/4')!;

/** The first failing distance by exact rationals, with states of the records that err. */
const reference = (name: string, a_min: string, nominal: boolean): { r: number; c: number; h: number[] } => {
  const format = formatByName(name)!;
  const fl = (x: Rational): number => roundRational(format, x);
  const a = Rational.fromNumber(fl(Rational.parse(a_min)!));
  const base = nominal ? Rational.parse(a_min)! : a;
  const h = RECORDS.map(fl);
  for (let r = 1; ; r++) {
    const c = fl(Rational.of(1n).div(base.pow(r)));
    const missed = RECORDS.flatMap((v, k) => {
      h[k] = fl(a.mul(Rational.fromNumber(h[k]!)));
      if (!Number.isFinite(c)) return [h[k]];
      const y = fl(Rational.fromNumber(c).mul(Rational.fromNumber(h[k])));
      return Rational.fromNumber(y).sub(v).abs().compare(QUARTER) > 0 ? [h[k]] : [];
    });
    if (missed.length > 0) return { r, c, h: missed };
  }
};

describe('the first failing distance', () => {
  it.each([
    ['fp8-e4m3', '0.5'],
    ['fp8-e4m3', '0.9'],
    ['fp8-e5m2', '0.5'],
    ['fp8-e5m2', '0.9'],
    ['fp16', '0.5'],
    ['fp16', '0.9'],
    ['bf16', '0.5'],
    ['bf16', '0.9'],
    ['tf32', '0.5'],
    ['fp32', '0.5'],
  ])('is that of exact rationals, each rounded once: %s, %s', (format, a_min) => {
    const row = rowOf(format, a_min);
    const [rounded, nominal] = [reference(format, a_min, false), reference(format, a_min, true)];
    expect([row.r, row['nominal r']]).toEqual([rounded.r, nominal.r]);
    const subnormal = rounded.h.some((h) => h < 2 ** formatByName(format)!.emin);
    const cause = !Number.isFinite(rounded.c) ? 'score overflow' : subnormal ? 'state underflow' : 'chain rounding';
    expect(row.cause).toBe(cause);
  });

  it.each([
    ['fp64', '0.99', 70623, 'score overflow'],
    ['fp32', '0.999', 88680, 'score overflow'],
    ['tf32', '0.999', 3009, 'chain rounding'],
    ['bf16', '0.99', 754, 'chain rounding'],
    ['fp8-e4m3', '0.9', 36, 'state underflow'],
    ['bf16', '0.999', null, 'no decay in this format'],
  ])('and its cause: %s, %s', (format, a_min, r, cause) => {
    expect(rowOf(format, a_min)).toMatchObject({ r, cause });
  });

  it('is where scores of the meant decay drift away, if a is rounded', () => {
    // fl(0.999) = 1 in bf16, and 0.999^(−227) is the first power that rounds above 5/4
    expect(rowOf('bf16', '0.999')).toMatchObject({
      a: 1,
      'nominal r': 227,
      'nominal cause': 'rounding of a',
      limit: null,
    });
    expect(rowOf('bf16', '0.9')).toMatchObject({ a: 0.8984375, 'nominal r': 203, 'nominal cause': 'rounding of a' });
    expect(rowOf('fp32', '0.5')).toMatchObject({ 'nominal r': 128, 'nominal cause': 'score overflow' });
  });

  it('stands beside the limit of L from the output scale alone', () => {
    const limit = 1 + Math.log((65504 * 8) / 7) / Math.log(2);
    expect(Math.abs(Number(rowOf('fp16', '0.5').limit) / limit - 1)).toBeLessThan(2 ** -50);
  });
});

describe('the two bounds', () => {
  const boundOf = (quantity: string, format: string, a_min: string): number =>
    decide(range, quantity, { format, a_min }, { seed: 1, profile: 'quick' }).cell.bound;

  it.each([
    ['fp16', '0.9', 105],
    ['bf16', '0.5', 127],
    ['fp32', '0.99', 8827],
    ['fp64', '0.9', 6736],
  ])('leave no gap: %s, %s', (format, a_min, reach) => {
    for (const quantity of ['reach', 'guaranteed', 'nominal', 'nominalGuaranteed']) {
      expect(boundOf(quantity, format, a_min)).toBe(reach);
    }
  });

  it('count the roundings of every step, of scores, and of records that need more bits', () => {
    // (1 + 2^−8)^(r + 2) ≤ 5/4
    expect(boundOf('guaranteed', 'bf16', '0.99')).toBe(Math.floor(Math.log(1.25) / Math.log1p(2 ** -8) - 2));
    // nothing is rounded but the records: (9/8)(1 + 2^−17·(2^(r+1) − 2)) ≤ 5/4
    expect(boundOf('guaranteed', 'fp8-e5m2', '0.5')).toBe(Math.floor(Math.log2(2 ** 17 / 9 + 2) - 1));
  });

  it('know from where on scores overflow: half an ulp above the largest number', () => {
    const decay = Math.log(8 / 7);
    expect(boundOf('reach', 'fp8-e4m3', '0.9')).toBe(Math.floor(Math.log(448 + 16) / decay));
    expect(boundOf('reach', 'fp8-e5m2', '0.9')).toBe(Math.floor(Math.log(57344 + 4096) / decay));
  });
});
