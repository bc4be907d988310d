/** Fused multiply–adds against exact rationals, rounded by a search among all values of a format or bit by bit. */
import { describe, expect, it } from 'vitest';
import { float64 } from './float64.ts';
import { CarrierRangeError, formatByName } from './format.ts';
import { fusedMultiplyAdd } from './fused.ts';
import { Rational } from './rational.ts';
import { arithmeticByName } from './names.ts';
import { roundingArithmetic } from './rounding.ts';
import { compileKernel } from './stage.ts';
import { entries, Mismatches, randomFloat, randomStream, roundRationalBits, TABLES, vectorFrom } from './testing.ts';
import type { Arithmetic } from './arithmetic.ts';

const exactly = (x: number, y: number, z: number): Rational =>
  Rational.fromNumber(x).mul(Rational.fromNumber(y)).add(Rational.fromNumber(z));

/** x·y + z of single numbers, as a kernel computes it. */
const staged = <T>(A: Arithmetic<T>, x: T, y: T, z: T): T => {
  const run = compileKernel(
    {
      name: 'fma',
      parameters: ['x', 'out'],
      body: (k) => k.store('out', '0', k.fma(k.load('x', '0'), k.load('x', '1'), k.load('x', '2'))),
    },
    A.emitter,
  ) as unknown as (x: unknown, out: unknown) => void;
  const out = A.alloc(1);
  run(vectorFrom(A, [x, y, z]), out);
  return entries(A, out)[0]!;
};

describe.each(Object.entries(TABLES))('%s', (name, table) => {
  it('rounds x·y + z once, with subnormals and overflow', () => {
    const fma = fusedMultiplyAdd(formatByName(name)!);
    const random = randomStream(1);
    const pick = (): number => (random() < 0.5 ? -1 : 1) * table.values[Math.floor(random() * table.values.length)]!;
    const mismatches = new Mismatches();
    for (let at = 0; at < 20_000; at++) {
      const [x, y] = [pick(), pick()];
      // Every other time a sum that cancels, or nearly.
      const z = at % 2 === 0 ? pick() : -table.roundNumber(x * y);
      if (!Number.isFinite(z)) continue;
      const exact = exactly(x, y, z);
      const expected = exact.sign() === 0 ? x * y + z : table.round(exact);
      mismatches.check(fma(x, y, z), expected, () => `${x}·${y} + ${z}`);
    }
    expect(mismatches.examples).toEqual([]);
  });
});

describe.each(['p2', 'p3', 'p8', 'p24', 'p26', 'p27', 'p52', 'p53', 'fp64'])('%s', (name) => {
  const format = formatByName(name)!;
  const fma = fusedMultiplyAdd(format);

  it('rounds x·y + z once', () => {
    const random = randomStream(2);
    const mismatches = new Mismatches();
    for (let at = 0; at < 3000; at++) {
      const [x, y] = [randomFloat(random, format.p, 3), randomFloat(random, format.p, 3)];
      const z = randomFloat(random, format.p, at % 2 === 0 ? 4 : 2 * format.p);
      const exact = exactly(x, y, z);
      if (exact.sign() !== 0)
        mismatches.check(fma(x, y, z), roundRationalBits(exact, format.p), () => `${x} ${y} ${z}`);
    }
    expect(mismatches.examples).toEqual([]);
  });
  it('is what kernels compute', () => {
    const A = arithmeticByName(name) as Arithmetic<number>;
    expect(staged(A, 1.5, 1.5, -2)).toBe(fma(1.5, 1.5, -2));
    expect(fma(1.5, 1.5, -2)).toBe(0.25);
  });
});

it('keeps what a rounded product loses', () => {
  const fma = fusedMultiplyAdd(formatByName('bf16')!);
  const x = 1 + 2 ** -7;
  expect(fma(x, x, -(1 + 2 ** -6))).toBe(2 ** -14);
});

it('handles zeros and what is not finite as doubles do', () => {
  for (const name of ['bf16', 'fp64']) {
    const fma = fusedMultiplyAdd(formatByName(name)!);
    expect(fma(0, 3, -0)).toBe(0);
    expect(fma(-0, 3, -0)).toBe(-0);
    expect(fma(2, 3, -6)).toBe(0);
    expect(fma(Infinity, 1, 1)).toBe(Infinity);
    expect(fma(Infinity, 0, 1)).toBe(NaN);
    expect(fma(1, 1, NaN)).toBe(NaN);
  }
});

it('refuses in p<k> what leaves the range of doubles', () => {
  for (const name of ['p8', 'p40']) {
    const fma = fusedMultiplyAdd(formatByName(name)!);
    expect(() => fma(2 ** -600, 2 ** -600, 0)).toThrow(CarrierRangeError);
    expect(() => fma(2 ** 600, 2 ** 600, 0)).toThrow(CarrierRangeError);
    expect(fma(2 ** -600, 2 ** -600, 1)).toBe(1);
  }
});

it('is bounded a priori', () => {
  const random = randomStream(3);
  for (const name of ['bf16', 'fp16', 'fp8-e4m3', 'p24', 'fp64']) {
    const format = formatByName(name)!;
    const bound = roundingArithmetic(format);
    const A = arithmeticByName(name) as Arithmetic<number>;
    for (let at = 0; at < 300; at++) {
      const box = [0, 0, 0].map(() => {
        const x = randomFloat(random, 10, 1);
        return { lo: x, hi: x + random() };
      });
      const known = staged(bound, ...(box.map(({ lo, hi }) => bound.input(lo, hi)) as [never, never, never]));
      const point = box.map(({ lo, hi }) => lo + random() * (hi - lo)) as [number, number, number];
      const computed = staged(A, ...(point.map(A.from) as [number, number, number]));
      const error = Rational.fromNumber(computed)
        .sub(exactly(...point))
        .abs();
      expect(error.toNumber()).toBeLessThanOrEqual(known.error);
      expect(computed).toBeGreaterThanOrEqual(known.low);
      expect(computed).toBeLessThanOrEqual(known.high);
    }
    // A product that is 0 leaves the other term.
    expect(staged(bound, bound.zero, bound.one, bound.one).error).toBe(0);
  }
});

it('is a product and a sum where nothing is rounded to a format', () => {
  expect(staged(float64, 0.1, 10, -1)).not.toBe(0.1 * 10 - 1);
  const dd = arithmeticByName('dd')!;
  expect(dd.toNumber(staged(dd, dd.from(3), dd.from(4), dd.from(5)))).toBe(17);
});
