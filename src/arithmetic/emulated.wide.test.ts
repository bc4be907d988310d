import { describe, expect, it } from 'vitest';
import { castVector, toNumbers, type Arithmetic } from './arithmetic.ts';
import { emulatedArithmetic } from './emulated.ts';
import { float64 } from './float64.ts';
import { CarrierRangeError, formatByName, FP32, FP64, unboundedFormat } from './format.ts';
import { nextDown, nextUp, Rational } from './rational.ts';
import type { BinaryOperation } from './stage.ts';
import {
  floorOf,
  floorOfRoot,
  inDoubles,
  Mismatches,
  OPERATIONS,
  randomFloat,
  randomSignificand,
  randomStream,
  roundBits,
  roundRationalBits,
  staged,
} from './testing.ts';

const exactly = (operation: BinaryOperation, x: number, y: number): Rational =>
  Rational.fromNumber(x)[operation](Rational.fromNumber(y));
const exactRoot = (x: number, p: number): number => roundBits(floorOfRoot(Rational.fromNumber(x)), p);
/** What rounding the double result once more gives: wrong on the hard cases. */
const naively = (x: number, p: number): number => roundRationalBits(Rational.fromNumber(x), p);

/** Checks x op y for all pairs, called and staged; says on how many the naive rounding is wrong. */
const checkBinary = (p: number, operation: BinaryOperation, pairs: readonly [number, number][], wrong: Mismatches) => {
  const arithmetic = emulatedArithmetic(unboundedFormat(p));
  const inline = staged(
    arithmetic,
    operation,
    pairs.map(([x]) => x),
    pairs.map(([, y]) => y),
  );
  let naivelyWrong = 0;
  pairs.forEach(([x, y], i) => {
    const exact = exactly(operation, x, y);
    const expected = exact.sign() === 0 ? inDoubles(operation, x, y) : roundRationalBits(exact, p);
    wrong.check(arithmetic[operation](x, y), expected, () => `p${p}: ${x} ${operation} ${y}`);
    wrong.check(inline[i]!, expected, () => `staged p${p}: ${x} ${operation} ${y}`);
    const double = inDoubles(operation, x, y);
    if (Number.isFinite(double) && double !== 0 && naively(double, p) !== expected) naivelyWrong++;
  });
  return naivelyWrong;
};

/** y with y·x = 1 modulo 2^bits, for odd x. */
const inverse = (x: bigint, bits: number): bigint => {
  let y = x;
  for (let good = 3; good < bits; good *= 2) y = BigInt.asUintN(bits, y * (2n - x * y));
  return BigInt.asUintN(bits, y);
};

const bitLength = (x: bigint): number => x.toString(2).length;
/** Small odd offsets, of both signs, from the midpoint that a hard case lies next to. */
const OFFSETS = [1n, -1n, 3n, -3n, 5n, -7n];

/** The first `count` cases that a generator of attempts finds. */
const collect = <T>(count: number, attempt: (i: number) => T | undefined): T[] => {
  const found: T[] = [];
  for (let i = 0; found.length < count; i++) {
    const one = attempt(i);
    if (one !== undefined) found.push(one);
  }
  return found;
};

/** Integers X, Y of p bits with X·Y = 2^(p−1) + r modulo 2^p: a midpoint of a product of 2p bits, but for r. */
const hardProducts = (p: number, random: () => number): [number, number][] =>
  collect(48, (i) => {
    const y = BigInt(randomSignificand(random, p)) | 1n;
    const x = BigInt.asUintN(p, (2n ** BigInt(p - 1) + OFFSETS[i % 6]!) * inverse(y, p));
    return bitLength(x) === p && bitLength(x * y) === 2 * p ? [Number(x), Number(y)] : undefined;
  });

/** X, Y of p bits and an odd m of p + 1 bits, so a midpoint, with X·2^(p+1) = m·Y + r: X/Y lies r/Y beside m/2^(p+1). */
const hardQuotients = (p: number, random: () => number): [number, number][] =>
  collect(48, (i) => {
    const y = BigInt(randomSignificand(random, p)) | 1n;
    const r = OFFSETS[i % 6]!;
    const m = BigInt.asUintN(p + 1, -r * inverse(y, p + 1));
    const x = (m * y + r) >> BigInt(p + 1);
    return bitLength(m) === p + 1 && bitLength(x) === p ? [Number(x), Number(y)] : undefined;
  });

/** An integer and a half, less or more a little. */
const hardSums = (p: number, random: () => number): [number, number][] =>
  collect(48, (i) => {
    const half = (0.5 + 2 ** -p * (i % 3 ? 1 : -0.5)) * (i % 2 ? 1 : -1);
    return [randomSignificand(random, p) * (i % 4 < 2 ? 1 : -1), half];
  });

/** X of p bits and an odd m of p + 1 bits with X·2^k = m² + r: √(X·2^k) lies r/(2m) beside the midpoint m. */
const hardRoots = (p: number): number[] => {
  const roots: number[] = [];
  // −r is a square modulo 2^k where it is 1 modulo 8.
  for (const r of [7n, -1n, 15n, -9n, 23n, -17n, 31n, -25n]) {
    for (const k of [p + 1, p + 2]) {
      let m = 1n;
      for (let j = 3; j < k; j++) if (BigInt.asUintN(j + 1, m * m + r) !== 0n) m += 2n ** BigInt(j - 1);
      for (const start of [m, -m, m + 2n ** BigInt(k - 1), -m + 2n ** BigInt(k - 1)]) {
        const midpoint = BigInt.asUintN(k, start);
        const x = (midpoint * midpoint + r) >> BigInt(k);
        if (bitLength(midpoint) === p + 1 && bitLength(x) === p) roots.push(Number(x) * 2 ** k);
      }
    }
  }
  return roots;
};

const HARD = { add: hardSums, sub: hardSums, mul: hardProducts, div: hardQuotients };
/** Exponents that take both operands of a hard case to the ends of the range. Sums scale as a whole. */
const alike = [-960, -440, 0, 440, 960].map((k): [number, number] => [k, k]);
const opposite = [-960, -600, -440, 0, 440, 600, 960].map((k): [number, number] => [k, -k]);
const SCALES: Record<BinaryOperation, (p: number) => [number, number][]> = {
  add: () => alike,
  sub: () => alike,
  // The last is a product near 2^−1010, whose remainder is below the least double.
  mul: (p) => [...opposite, [960, -60], [-505 - p, -505 - p]],
  div: () => [...alike, [960, 60], [-960, -60], [-500, 400]],
};

const WIDTHS = Array.from({ length: 52 }, (_, i) => i + 2);

describe('p<k>', () => {
  it.each(OPERATIONS)('%s is correctly rounded for every p at random points', (operation) => {
    const wrong = new Mismatches();
    const random = randomStream(1);
    for (const p of WIDTHS) {
      const pairs = Array.from({ length: 300 }, (_, i): [number, number] => [
        randomFloat(random, p, 4 ** (i % 5)),
        // The last ones are far from the others, where Dekker's product would under- or overflow.
        randomFloat(random, p, 1) * 2 ** (i < 250 ? 0 : i % 2 ? 460 : -460),
      ]);
      checkBinary(p, operation, [...pairs, [1, 1], [1.5, -1.5], [0, 1.5], [-0, 1.5]], wrong);
    }
    expect(wrong.examples).toEqual([]);
  });

  it.each(OPERATIONS)('%s is correctly rounded next to midpoints, where rounding twice is not', (operation) => {
    const wrong = new Mismatches();
    const random = randomStream(3);
    // p = 53 has no midpoints among the doubles. Below 28 the offset from a midpoint shows in a double.
    for (let p = 26; p <= 52; p++) {
      const hard = HARD[operation](p, random);
      const naivelyWrong = checkBinary(p, operation, hard, wrong);
      if (p >= 28) expect(naivelyWrong, `p${p}`).toBeGreaterThan(0);
      for (const [first, second] of SCALES[operation](p)) {
        const scaled = hard.map(([x, y], i): [number, number] => [
          x * 2 ** first * (i % 2 ? 1 : -1),
          y * 2 ** second * (i % 4 < 2 ? 1 : -1),
        ]);
        checkBinary(p, operation, scaled, wrong);
      }
    }
    expect(wrong.examples).toEqual([]);
  });

  it('sqrt is correctly rounded for every p, also next to midpoints and near the ends of the range', () => {
    const wrong = new Mismatches();
    const random = randomStream(4);
    for (const p of WIDTHS) {
      const { sqrt } = emulatedArithmetic(unboundedFormat(p));
      const check = (x: number): number => {
        const expected = exactRoot(x, p);
        wrong.check(sqrt(x), expected, () => `p${p}: sqrt ${x}`);
        return naively(Math.sqrt(x), p) === expected ? 0 : 1;
      };
      for (let i = 0; i < 200; i++) check(Math.abs(randomFloat(random, p, 4 ** (i % 5))));
      if (p < 27 || p > 52) continue;
      const hard = hardRoots(p);
      const naivelyWrong = hard.map(check).reduce((sum, one) => sum + one, 0);
      if (p >= 28) expect(naivelyWrong, `p${p}`).toBeGreaterThan(0);
      for (const x of hard)
        for (const scale of [2 ** -1022, 2 ** -600, 2 ** 600, 2 ** 900]) check((x / 2 ** (2 * p)) * scale * 2);
    }
    expect(wrong.examples).toEqual([]);
  });

  it('needs the remainder of a root already at p = 26', () => {
    const x = 1 - 2 ** -26;
    expect(naively(Math.sqrt(x), 26)).toBe(1);
    expect(exactRoot(x, 26)).toBe(x);
    expect(emulatedArithmetic(unboundedFormat(26)).sqrt(x)).toBe(x);
  });

  it('sqrt of zero and of negative numbers is as in every format', () => {
    for (const p of [8, 40]) {
      const { sqrt } = emulatedArithmetic(unboundedFormat(p));
      expect([sqrt(0), sqrt(-0), sqrt(-1), sqrt(NaN)]).toEqual([0, -0, NaN, NaN]);
    }
  });
});

describe.each([2, 8, 25, 26, 40, 52, 53])('p%i at the end of the range of doubles', (p) => {
  const arithmetic = emulatedArithmetic(unboundedFormat(p));
  const least = 2 ** -1022;
  const big = 2 ** 1023;

  it.each([
    ['add', big, big],
    ['sub', -big, big],
    ['mul', big, 2],
    ['mul', 2 ** 600, -(2 ** 600)],
    ['div', big, 0.5],
    ['div', 2 ** 600, 2 ** -600],
    ['div', 1, 0],
    ['div', -1, 0],
    ['mul', 2 ** -600, 2 ** -600],
    ['mul', 2 ** -540, 2 ** -540],
    ['mul', -least, least],
    ['mul', least, 0.5],
    ['div', 2 ** -600, 2 ** 600],
    ['div', least, -2],
    ['div', 1.5 * least, 2],
    ['sub', 1.5 * least, least],
    ['add', 1.5 * least, -least],
  ] as const)('%s(%f, %f) throws, called and staged', (operation, x, y) => {
    expect(() => arithmetic[operation](x, y)).toThrow(CarrierRangeError);
    expect(() => staged(arithmetic, operation, [x], [y])).toThrow(CarrierRangeError);
  });

  it.each([
    ['mul', 0, least, 0],
    ['mul', -least, 0, -0],
    ['div', 0, -big, -0],
    ['div', least, 2 ** -1000, 2 ** -22],
    ['sub', 1.5, 1.5, 0],
    ['add', -0, -0, -0],
    ['add', -1.5 * least, 1.5 * least, 0],
    ['add', least, least, 2 * least],
    ['mul', 2 ** -511, 2 ** -511, least],
    ['mul', 2 ** 511, 2 ** 512, big],
  ] as const)('%s(%f, %f) is %f, called and staged', (operation, x, y, expected) => {
    expect(arithmetic[operation](x, y)).toBe(expected);
    expect(staged(arithmetic, operation, [x], [y])).toEqual([expected]);
  });

  it('propagates NaN', () => {
    for (const operation of OPERATIONS) {
      for (const [x, y] of [
        [NaN, 1],
        [1, NaN],
        [NaN, NaN],
      ] as const) {
        expect(arithmetic[operation](x, y)).toBe(NaN);
        expect(staged(arithmetic, operation, [x], [y])).toEqual([NaN]);
      }
    }
    expect(arithmetic.div(0, 0)).toBe(NaN);
  });

  it('rejects what the carrier cannot hold', () => {
    expect(() => arithmetic.from(Infinity)).toThrow(CarrierRangeError);
    expect(() => arithmetic.from(least / 2)).toThrow(CarrierRangeError);
    expect(() => arithmetic.fromRational(Rational.parse('1e-400')!)).toThrow(CarrierRangeError);
  });
});

describe.each([
  ['fp32', 24, -149, FP32.max],
  ['tf32', 11, -136, (2 - 2 ** -10) * 2 ** 127],
])('%s', (name, p, quantum, max) => {
  const arithmetic = emulatedArithmetic(formatByName(name)!);
  const rounded = (exact: Rational, zero: number): number => {
    if (exact.sign() === 0) return zero;
    const magnitude = roundBits(floorOf(exact.abs()), p, quantum);
    return exact.sign() * (magnitude > max ? Infinity : magnitude);
  };

  it.each(OPERATIONS)('%s is correctly rounded, also to subnormals and to infinity', (operation) => {
    const random = randomStream(8);
    const wrong = new Mismatches();
    const tail = (i: number): number =>
      operation === 'add' || operation === 'sub' ? 126 : [1, 10, 60, 75, 120][i % 5]!;
    const x = Array.from({ length: 3000 }, (_, i) => randomFloat(random, p, tail(i)));
    // A third of the pairs are neighbours: cancellation, and subnormal differences.
    const y = x.map((v, i) => (i % 3 ? randomFloat(random, p, tail(i)) : v * (1 + 2 ** (1 - p))));
    const inline = staged(arithmetic, operation, x, y);
    for (let i = 0; i < x.length; i++) {
      const expected = rounded(exactly(operation, x[i]!, y[i]!), 0);
      wrong.check(arithmetic[operation](x[i]!, y[i]!), expected, () => `${x[i]} ${operation} ${y[i]}`);
      wrong.check(inline[i]!, expected, () => `staged ${x[i]} ${operation} ${y[i]}`);
    }
    expect(wrong.examples).toEqual([]);
  });

  it('sqrt is correctly rounded', () => {
    const random = randomStream(9);
    const wrong = new Mismatches();
    const inputs = Array.from({ length: 2000 }, () => Math.abs(randomFloat(random, p, 126)));
    for (const x of [...inputs, 2 ** quantum, 3 * 2 ** quantum, max])
      wrong.check(arithmetic.sqrt(x), exactRoot(x, p), () => `sqrt ${x}`);
    expect(wrong.examples).toEqual([]);
  });
});

describe('fp32 accumulation', () => {
  const wide = emulatedArithmetic(FP32);
  const fp16 = emulatedArithmetic(formatByName('fp16')!, 'fp32');

  const settled = (arithmetic: Arithmetic<number>, values: number[]): number[] => {
    const vector = Float64Array.from(values);
    arithmetic.settle(vector);
    return [...vector];
  };

  it('lets numbers enter in the format', () => {
    expect(fp16.from(1 / 3)).toBe(1365 / 4096);
    expect(fp16.from(1e6)).toBe(Infinity);
    // 1 + 2^−11 is a midpoint of fp16, and a little more is not, even where single precision cannot tell.
    const justAbove = Rational.fromNumber(1 + 2 ** -11).add(Rational.parse('1e-30')!);
    expect(fp16.fromRational(justAbove)).toBe(1 + 2 ** -10);
    expect(castVector(fp16, [0.1, 70000])).toEqual(Float64Array.of(0.0999755859375, Infinity));
  });

  it.each(OPERATIONS)('%s is that of fp32, called and staged', (operation) => {
    const wrong = new Mismatches();
    const random = randomStream(10);
    const x = Array.from({ length: 500 }, () => randomFloat(random, 24, 100));
    const y = Array.from({ length: 500 }, () => randomFloat(random, 24, 100));
    const inline = staged(fp16, operation, x, y);
    x.forEach((v, i) => {
      const expected = Math.fround(inDoubles(operation, v, y[i]!));
      wrong.check(fp16[operation](v, y[i]!), expected, () => `${v} ${operation} ${y[i]}`);
      wrong.check(inline[i]!, expected, () => `staged ${v} ${operation} ${y[i]}`);
    });
    expect(wrong.examples).toEqual([]);
  });

  it('evaluates functions in fp32', () => {
    for (const name of ['exp', 'log1p', 'tanh', 'erf', 'sqrt', 'sigmoid', 'silu', 'softplus', 'gelu', 'phi'] as const) {
      for (const x of [0.1, 1.7, 3]) expect(fp16[name](x)).toBe(wide[name](x));
    }
  });

  it('rounds to the format where a layer hands on', () => {
    expect(settled(fp16, [1 + 2 ** -11, 1 + 2 ** -11 + 2 ** -23, 65519, 65520, -1e9, 2 ** -25, NaN])).toEqual([
      1,
      1 + 2 ** -10,
      65504,
      Infinity,
      -Infinity,
      0,
      NaN,
    ]);
    const e4m3 = emulatedArithmetic(formatByName('fp8-e4m3')!, 'fp32');
    expect(e4m3.mul(448, 448)).toBe(448 * 448);
    expect(settled(e4m3, [448 * 448, 464, 0.3])).toEqual([NaN, 448, 0.3125]);
    expect(settled(wide, [1 / 3])).toEqual([1 / 3]); // in "own" mode there is nothing to round
    expect(settled(emulatedArithmetic(FP32, 'fp32'), [1 / 3])).toEqual([Math.fround(1 / 3)]);
  });

  it('is named after the format', () => {
    expect([fp16.name, fp16.mode]).toEqual(['fp16', 'fp32']);
    expect([wide.name, wide.mode]).toEqual(['fp32', 'own']);
  });

  it('is refused for formats that are wider than fp32', () => {
    for (const format of [FP64, unboundedFormat(25), unboundedFormat(53)]) {
      expect(() => emulatedArithmetic(format, 'fp32')).toThrow(
        new RangeError(`expected a format of at most 24 bits for fp32 accumulation, got ${format.name}`),
      );
    }
    expect(emulatedArithmetic(unboundedFormat(24), 'fp32').mode).toBe('fp32');
  });
});

describe('fp64', () => {
  it('is the arithmetic of the machine', () => {
    expect(emulatedArithmetic(FP64)).toBe(float64);
    const random = randomStream(11);
    const x = Array.from({ length: 300 }, () => randomFloat(random, 53, 400));
    const y = Array.from({ length: 300 }, () => randomFloat(random, 53, 400));
    for (const operation of OPERATIONS) {
      const expected = x.map((v, i) => inDoubles(operation, v, y[i]!));
      expect(staged(float64, operation, x, y)).toEqual(expected);
      expect(x.map((v, i) => float64[operation](v, y[i]!))).toEqual(expected);
    }
    expect(float64.fromRational(Rational.of(1n, 3n))).toBe(1 / 3);
    expect([float64.from(0.1), float64.toNumber(0.1), float64.toText(0.1)]).toEqual([0.1, 0.1, '0.1']);
  });
});

describe('vectors', () => {
  it('are cast with one rounding each and read back', () => {
    const bf16 = emulatedArithmetic(formatByName('bf16')!);
    const cast = castVector(bf16, [1 / 3, nextUp(1 + 2 ** -8), nextDown(1 + 2 ** -8), -0]);
    expect(toNumbers(bf16, cast)).toEqual(Float64Array.of(0.333984375, 1 + 2 ** -7, 1, -0));
    expect(bf16.alloc(2)).toEqual(new Float64Array(2));
    expect(bf16.toText(bf16.get(cast, 0))).toBe('0.333984375');
  });
});
