import { describe, expect, it } from 'vitest';
import { formatByName, roundRational } from './format.ts';
import { roundedPowers } from './powers.ts';
import { Rational } from './rational.ts';

const powersOf = (format: string, x: string, count: number, bits?: number): number[] => {
  const powers = roundedPowers(formatByName(format)!, Rational.parse(x)!, bits);
  return Array.from({ length: count }, () => powers.next().value);
};
const exactly = (format: string, x: string, count: number): number[] =>
  Array.from({ length: count }, (_, r) => roundRational(formatByName(format)!, Rational.parse(x)!.pow(r)));

describe('roundedPowers', () => {
  it.each([
    ['fp8-e4m3', '8/7', 60],
    ['fp8-e5m2', '2', 20],
    ['bf16', '10/9', 860],
    ['fp16', '1000/999', 300],
    ['fp32', '1.0009765625', 300],
    ['fp64', '1.25', 300],
    ['fp64', '1', 3],
  ])('is the exact power, rounded once: %s, %s', (format, x, count) => {
    expect(powersOf(format, x, count)).toEqual(exactly(format, x, count));
  });

  it('rounds midpoints to even', () => {
    // 3² and 3³ are in the middle between numbers of 3 and 4 bits; 1.5^k needs k + 1.585 bits
    expect(powersOf('p3', '3', 3)).toEqual([1, 3, 8]);
    expect(powersOf('p4', '3', 4)).toEqual([1, 3, 9, 28]);
    for (const format of ['p3', 'p5', 'p8', 'p11']) {
      expect(powersOf(format, '1.5', 30)).toEqual(exactly(format, '1.5', 30));
    }
  });

  it('falls back on more bits where too few are carried', () => {
    for (const [format, bits] of [
      ['p11', 12],
      ['fp32', 25],
      ['fp64', 54],
    ] as const) {
      for (const x of ['10/9', '1.5', '1000/999']) {
        expect(powersOf(format, x, 60, bits)).toEqual(exactly(format, x, 60));
      }
    }
  });

  it('overflows as the format does', () => {
    expect(powersOf('fp16', '2', 18).slice(14)).toEqual([2 ** 14, 2 ** 15, Infinity, Infinity]);
    expect(powersOf('fp8-e4m3', '2', 10).slice(7)).toEqual([128, 256, NaN]);
    expect(powersOf('fp64', '2', 1025).slice(1023)).toEqual([2 ** 1023, Infinity]);
    // 65519 rounds to 65504, the largest number of fp16; 65520 to 65536, which is none
    expect(powersOf('fp16', '65519', 2)[1]).toBe(65504);
    expect(powersOf('fp16', '65520', 2)[1]).toBe(Infinity);
  });
});
