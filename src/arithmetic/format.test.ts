import { f16round } from '@petamoriken/float16';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CarrierRangeError,
  FORMAT_NAMES,
  formatByName,
  FP32,
  FP64,
  roundRational,
  roundTo,
  roundWithResidual,
  unboundedFormat,
  type Format,
} from './format.ts';
import { nextDown, nextUp, Rational } from './rational.ts';
import { floorOf, Mismatches, randomStream, roundBits, roundRationalBits, TABLES } from './testing.ts';

const named = (name: string): Format => formatByName(name)!;

const bits32 = new Uint32Array(1);
const value32 = new Float32Array(bits32.buffer);
/** The single-precision number with these bits. */
const single = (bits: number): number => {
  bits32[0] = bits;
  return value32[0]!;
};

/** Checks a rounding at every boundary of a format, from both sides and with both signs. */
const checkBoundaries = (
  round: (x: number) => number,
  boundaries: Iterable<{ lower: number; midpoint: number; upper: number; lowerIsEven: boolean }>,
): string[] => {
  const wrong = new Mismatches();
  const check = (x: number, expected: number): void => {
    wrong.check(round(x), expected, () => `${x}`);
    wrong.check(round(-x), -expected, () => `${-x}`);
  };
  for (const { lower, midpoint, upper, lowerIsEven } of boundaries) {
    check(lower, lower);
    check(nextDown(midpoint), lower);
    check(midpoint, lowerIsEven ? lower : upper);
    check(nextUp(midpoint), upper);
  }
  return wrong.examples;
};

describe('formats', () => {
  it('are found by name', () => {
    expect(FORMAT_NAMES).toEqual(['fp64', 'fp32', 'tf32', 'bf16', 'fp16', 'fp8-e4m3', 'fp8-e5m2']);
    for (const name of FORMAT_NAMES) expect(named(name).name).toBe(name);
    expect(named('fp64')).toBe(FP64);
    expect(named('fp32')).toBe(FP32);
    for (let p = 2; p <= 53; p++) {
      expect(named(`p${p}`)).toEqual({ ...unboundedFormat(p), name: `p${p}`, p, emin: -Infinity, overflow: 'error' });
    }
    for (const name of ['p1', 'p0', 'p54', 'p100', 'p05', 'p-5', 'p', 'p8 ', 'P8', 'fp', 'fp8', 'FP16', '']) {
      expect(formatByName(name)).toBeUndefined();
    }
  });

  it('have the largest value of their layout', () => {
    for (const [name, table] of Object.entries(TABLES)) expect(named(name).max).toBe(table.values.at(-1));
    expect([named('tf32').max, FP32.max, FP64.max]).toEqual([single(0x7f7fe000), single(0x7f7fffff), Number.MAX_VALUE]);
  });

  it.each(Object.entries(TABLES))('%s rounds at every boundary', (name, table) => {
    const boundaries = table.values.map((lower, pattern) => ({
      lower,
      midpoint: table.midpoints[pattern]!,
      upper: table.at(pattern + 1),
      lowerIsEven: pattern % 2 === 0,
    }));
    expect(checkBoundaries((x) => roundTo(named(name), x), boundaries)).toEqual([]);
    for (const x of [Infinity, -Infinity, NaN, Number.MAX_VALUE, -Number.MAX_VALUE]) {
      const expected = Math.abs(x) === Number.MAX_VALUE ? table.special(x * 2) : table.special(x);
      expect(roundTo(named(name), x)).toBe(expected);
    }
    for (const tiny of [Number.MIN_VALUE, 2 ** -1022, 2 ** -500]) {
      expect(roundTo(named(name), tiny)).toBe(0);
      expect(roundTo(named(name), -tiny)).toBe(-0);
    }
  });

  it('fp16 agrees with another implementation on all bit patterns, midpoints and their neighbours', () => {
    const wrong = new Mismatches();
    const view = new DataView(new ArrayBuffer(2));
    const check = (x: number): void => wrong.check(roundTo(named('fp16'), x), f16round(x), () => `${x}`);
    const { fp16 } = TABLES;
    for (let pattern = 0; pattern < 65536; pattern++) {
      view.setUint16(0, pattern);
      const magnitude = pattern & 0x7fff;
      const sign = magnitude === pattern ? 1 : -1;
      if (magnitude > 0x7c00) continue;
      const x = sign * (magnitude === 0x7c00 ? Infinity : fp16!.values[magnitude]!);
      wrong.check(roundTo(named('fp16'), x), x, () => `pattern ${pattern}`);
      check(x);
      if (magnitude === 0x7c00) continue;
      const midpoint = sign * fp16!.midpoints[magnitude]!;
      for (const near of [nextDown(midpoint), midpoint, nextUp(midpoint)]) check(near);
    }
    expect(wrong.examples).toEqual([]);
  });

  it.each([
    ['bf16', 16, 1],
    ['tf32', 13, 3],
    ['fp32', 0, 40009],
  ])('%s is single precision without the last %i bits', (name, dropped, stride) => {
    const unit = 2 ** dropped;
    const boundaries = function* () {
      for (let pattern = 0x7f800000 / unit - 1; pattern >= 0; pattern -= stride) {
        const lower = single(pattern * unit);
        const upper = single((pattern + 1) * unit);
        // Beyond the largest value the next power of two stands in for infinity.
        const midpoint = (lower + (upper === Infinity ? 2 ** 128 : upper)) / 2;
        yield { lower, midpoint, upper, lowerIsEven: pattern % 2 === 0 };
      }
    };
    expect(checkBoundaries((x) => roundTo(named(name), x), boundaries())).toEqual([]);
  });

  it('fp32 is Math.fround, also around its hard points', () => {
    const wrong = new Mismatches();
    const check = (x: number): void => {
      for (const near of [x, nextDown(x), nextUp(x), -x])
        wrong.check(roundTo(FP32, near), Math.fround(near), () => `${near}`);
    };
    const random = randomStream(32);
    for (let i = 0; i < 30000; i++) {
      const lower = single(Math.floor(random() * 0x7f7fffff));
      check((lower + single(bits32[0]! + 1)) / 2);
      check(lower * (1 + random()));
    }
    const least = 2 ** -149;
    const largest = (2 - 2 ** -23) * 2 ** 127;
    for (const x of [0, least, least / 2, 1.5 * least, 2.5 * least, 2 ** -126, 2 ** -126 - least / 2, largest])
      check(x);
    for (const x of [2 ** 128, 2 ** 128 - 2 ** 103, 2 ** -1074, 1e300, Infinity, NaN]) check(x);
    fc.assert(fc.property(fc.double(), (x) => Object.is(roundTo(FP32, x), Math.fround(x))));
    expect(wrong.examples).toEqual([]);
  });

  it('tf32 is idempotent, monotone, and has the fractions of fp16 with the exponents of fp32', () => {
    const tf32 = named('tf32');
    const round = (x: number): number => roundTo(tf32, x);
    const value = fc.float({ noNaN: true });
    fc.assert(fc.property(value, (x) => Object.is(round(round(x)), round(x))));
    fc.assert(fc.property(value, value, (x, y) => x > y || round(x) <= round(y)));
    // Scaled by 2^100, single precision from 2^86 to 2^116 meets fp16 without its subnormals and overflow.
    fc.assert(
      fc.property(
        fc.double({ min: 2 ** -14, max: 65000, noNaN: true }),
        (x) => round(x * 2 ** 100) === f16round(x) * 2 ** 100,
      ),
    );
    expect(round(3e38)).toBe(single(0x7f61c000));
    expect(round(65520)).toBe(65536);
  });

  it('fp64 leaves every double alone', () => {
    fc.assert(fc.property(fc.double(), (x) => Object.is(roundTo(FP64, x), x)));
  });
});

describe('p<k>e<j>', () => {
  it.each([
    ['p8e8', 'bf16'],
    ['p11e8', 'tf32'],
    ['p11e5', 'fp16'],
    ['p3e5', 'fp8-e5m2'],
    ['p24e8', 'fp32'],
  ])('%s is %s', (name, known) => {
    const { name: _, ...format } = named(name);
    const { name: __, ...expected } = named(known);
    expect(format).toEqual(expected);
  });
  it('is one format however often it is named', () => {
    expect(named('p6e8')).toBe(named('p6e8'));
    expect(named('p6')).toBe(named('p6'));
  });
  it.each(['p1e8', 'p26e8', 'p6e2', 'p6e11', 'p6e', 'p06e8', 'p6e08'])('%s is none', (name) => {
    expect(formatByName(name)).toBeUndefined();
  });
});

describe('p<k>', () => {
  /** Doubles around 1, around a midpoint of p bits, and anywhere. */
  const cases = (p: number, random: () => number): number[] => {
    const x = 1 + random();
    const midpoint = 2 ** (p - 1) + Math.floor(random() * 2 ** (p - 1)) + 0.5;
    const scale = 2 ** Math.floor((random() - 0.5) * 1900);
    return [x, midpoint, nextUp(midpoint), nextDown(midpoint)].flatMap((y) => [y, -y, y * scale]);
  };

  it('rounds doubles to p bits for every p', () => {
    const random = randomStream(2);
    const wrong = new Mismatches();
    for (let p = 2; p <= 53; p++) {
      for (let i = 0; i < 40; i++) {
        for (const x of cases(p, random)) {
          wrong.check(
            roundTo(unboundedFormat(p), x),
            roundRationalBits(Rational.fromNumber(x), p),
            () => `p${p}: ${x}`,
          );
        }
      }
    }
    expect(wrong.examples).toEqual([]);
  });

  it.each([2, 8, 25, 26, 52, 53])('p%i ends where its carrier does', (p) => {
    const format = unboundedFormat(p);
    for (const x of [Infinity, -Infinity, 2 ** -1023, -Number.MIN_VALUE, 2 ** -1022 * (1 - 2 ** -52)]) {
      expect(() => roundTo(format, x)).toThrow(CarrierRangeError);
    }
    if (p < 53) expect(() => roundTo(format, Number.MAX_VALUE)).toThrow(CarrierRangeError);
    expect(roundTo(format, 2 ** -1022)).toBe(2 ** -1022);
    expect(roundTo(format, -(2 ** 1023))).toBe(-(2 ** 1023));
    expect(roundTo(format, -0)).toBe(-0);
    expect(roundTo(format, NaN)).toBe(NaN);
    const outside = ['1e400', '-1e400', '1e-400', '-1e-320', '2e-308'];
    for (const text of outside) expect(() => roundRational(format, Rational.parse(text)!)).toThrow(CarrierRangeError);
    // Rounds to 2^−1022 as a subnormal of the carrier, but not to 53 bits.
    const justBelow = Rational.of(2n ** 54n - 1n, 2n ** 1076n);
    expect(() => roundRational(format, justBelow)).toThrow(CarrierRangeError);
    expect(roundRational(format, Rational.of(0n))).toBe(0);
    expect(roundRational(format, Rational.of(-1n, 2n ** 1022n))).toBe(-(2 ** -1022));
  });

  it('names the format in the error', () => {
    expect(() => roundTo(unboundedFormat(9), Infinity)).toThrow(/^a value of format p9 left the exponent range/);
  });
});

describe('roundRational', () => {
  it('rounds once, to every format', () => {
    const wrong = new Mismatches();
    const random = randomStream(5);
    for (let i = 0; i < 2000; i++) {
      const denominator = BigInt(Math.floor(random() * 1e6) + 1);
      const exact = Rational.of(BigInt(Math.floor((random() - 0.5) * 2 ** 40)), denominator * 2n ** BigInt(i % 40));
      if (exact.sign() === 0) continue;
      for (const [name, table] of Object.entries(TABLES)) {
        wrong.check(roundRational(named(name), exact), table.round(exact), () => `${name}: ${exact}`);
      }
      for (const p of [2, 13, 24, 40, 53]) {
        wrong.check(roundRational(unboundedFormat(p), exact), roundRationalBits(exact, p), () => `p${p}: ${exact}`);
      }
    }
    expect(wrong.examples).toEqual([]);
  });

  it('does not round by way of a double', () => {
    // 1 + 2^−11 is a midpoint of fp16; the double nearest to a little more is the midpoint itself.
    const exact = Rational.fromNumber(1 + 2 ** -11).add(Rational.of(1n, 2n ** 80n));
    expect(exact.toNumber()).toBe(1 + 2 ** -11);
    expect(roundRational(named('fp16'), exact)).toBe(1 + 2 ** -10);
    expect(roundTo(named('fp16'), exact.toNumber())).toBe(1);
  });
});

describe('roundWithResidual', () => {
  it('rounds s + e as the exact sum, for every p', () => {
    const wrong = new Mismatches();
    const random = randomStream(6);
    for (let p = 2; p <= 53; p++) {
      for (let i = 0; i < 100; i++) {
        const significand = 2 ** (p - 1) + Math.floor(random() * 2 ** (p - 1));
        const s = [significand, p < 53 ? significand + 0.5 : significand, 2 ** (p - 1) * (1 + random())][i % 3]!;
        // Smaller than half the distance of s from its lower neighbour, as the remainder of a sum.
        const e = ((s - nextDown(s)) / 2) * (random() - 0.5);
        for (const sign of [1, -1]) {
          const exact = Rational.fromNumber(sign * s).add(Rational.fromNumber(sign * e));
          const expected = roundRationalBits(exact, p);
          wrong.check(roundWithResidual(unboundedFormat(p), sign * s, sign * e), expected, () => `p${p}: ${s} + ${e}`);
        }
      }
    }
    expect(wrong.examples).toEqual([]);
  });
});

describe('the oracles themselves', () => {
  it('agree with each other', () => {
    const random = randomStream(7);
    for (let i = 0; i < 500; i++) {
      const exact = Rational.of(BigInt(1 + Math.floor(random() * 2 ** 30)), BigInt(1 + Math.floor(random() * 2 ** 30)));
      const scaled = exact.mul(Rational.of(1n, 2n ** BigInt(i % 40)));
      const byBits = roundBits(floorOf(scaled), 11, -24);
      expect(TABLES.fp16!.round(scaled)).toBe(byBits > 65504 ? Infinity : byBits);
    }
  });
});
