/** The worst instances: numbers of the format, within the bound, and beyond it with one rounding less where they say so. */
import { describe, expect, it } from 'vitest';
import { emulatedArithmetic } from '../../src/arithmetic/emulated.ts';
import { unboundedFormat } from '../../src/arithmetic/format.ts';
import type { ScanOptions } from '../../src/network/scan.ts';
import { given, stepped, type Channel } from '../../src/scan/channel.ts';
import type { Count } from '../../src/scan/bounds.ts';
import { worstRatio } from '../../src/scan/quantities.ts';
import { roundingsOf } from './roundings.ts';
import { MOST_PRECISE, sharpFrom, worstInstance, worstSteps } from './worst.ts';

const OPTIONS: readonly ScanOptions[] = [
  { order: 'sequential' },
  { order: 'parallel' },
  { order: 'chunked', chunk: 1 },
  { order: 'chunked', chunk: 3 },
  { order: 'chunked', chunk: 8 },
].flatMap((options) => [options, { ...options, fused: true }] as ScanOptions[]);

const LENGTHS = [1, 2, 3, 4, 5, 7, 8, 16, 31, 33];
const STATES = [1, 4];

/** Checks one family at every length, state dimension and precision that it says is enough. */
const check = (options: ScanOptions, extra: number, make: (p: number, n: number, m: number) => Channel): number => {
  const roundings = roundingsOf(options);
  let checked = 0;
  for (const n of LENGTHS) {
    for (const m of STATES) {
      const count: Count = (i, j) => roundings(i, j) + m + extra;
      const least = Math.ceil(sharpFrom(count(n, 1), options));
      for (const p of [least, least + 3].filter((bits) => bits <= MOST_PRECISE && (n < 9 || bits === least))) {
        const channel = make(p, n, m);
        const format = unboundedFormat(p);
        const ratio = (fewer: number): number =>
          worstRatio({ format, options, count: (i, j) => count(i, j) - fewer })(channel).toNumber();
        if (!(ratio(0) <= 1 && ratio(1) > 1)) throw new Error(`n = ${n}, m = ${m}, p = ${p}: ${ratio(0)}, ${ratio(1)}`);
        checked++;
      }
    }
  }
  return checked;
};

describe.each(OPTIONS.map((options) => [JSON.stringify(options), options] as const))('%s', (_, options) => {
  it.each(['first', 'last'] as const)('needs every rounding of the %s record', (counted) => {
    expect(check(options, 0, (p, n, m) => given(worstInstance(p, n, m, options, counted)))).toBeGreaterThan(20);
  });
  it('is made of numbers of the format', () => {
    for (const counted of ['first', 'last'] as const) {
      const A = emulatedArithmetic(unboundedFormat(24));
      const { a, b, c, v } = worstInstance(24, 13, 3, options, counted);
      for (const x of [...a, ...b, ...c, ...v]) expect(A.from(x)).toBe(x);
      for (const x of a) expect(x > 0.5 && x <= 1).toBe(true);
    }
  });
});

it.each(['first', 'last'] as const)('S6 needs every rounding of the %s record', (counted) => {
  expect(check({}, 1, (p, n, m) => stepped(worstSteps(p, n, m, counted)))).toBeGreaterThan(30);
});

it('refuses decays that so few bits do not have', () => {
  expect(() => worstInstance(6, 64, 1, { order: 'parallel' }, 'first')).toThrow(
    'expected more than 6 bits for as many decays',
  );
});
