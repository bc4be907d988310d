import { describe, expect, it } from 'vitest';
import { decimalArithmetic, decimalToRational } from './decimal.ts';
import {
  doubleDoubleFunctions as dd,
  doubleDoubleText,
  toRational,
  type DoubleDouble,
} from './double-double-functions.ts';
import { float64 } from './float64.ts';
import { Rational } from './rational.ts';
import type { BinaryOperation } from './stage.ts';
import { inDoubles, OPERATIONS, randomFloat, randomStream } from './testing.ts';

/** u² for u = 2^−53. */
const U2 = 2 ** -106;

/** A low part for a high one: of any size up to half an ulp, often next to that, sometimes 0. */
const withLow = (random: () => number, hi: number): DoubleDouble => {
  const halfUlp = 2 ** (Math.floor(Math.log2(Math.abs(hi))) - 53);
  const sizes = [random(), 1 - 2 ** -Math.floor(53 * random()), 2 ** -Math.floor(60 * random()), 0];
  const size = sizes[Math.floor(sizes.length * random())]!;
  const lo = (random() < 0.5 ? -size : size) * halfUlp + 0;
  return hi + lo === hi ? { hi, lo } : { hi, lo: 0 };
};
/** Significands of 53 random bits, or next above a power of two, where half an ulp weighs most. */
const randomPair = (random: () => number, range: number): DoubleDouble => {
  const power = (random() < 0.5 ? -1 : 1) * 2 ** Math.floor((2 * random() - 1) * range);
  const above = power * (1 + Math.floor(2 ** (52 * random())) * 2 ** -52);
  return withLow(random, random() < 0.3 ? randomFloat(random, 53, range) : above);
};
/** Operands for a sum: of all relative sizes, and such that the high parts cancel. */
const partner = (random: () => number, x: DoubleDouble): DoubleDouble => {
  const size = 2 ** Math.floor(-115 * random());
  const hi = random() < 0.5 ? -x.hi * (1 + Math.floor(8 * random()) * 2 ** -52) : -x.hi * size * (1 + random());
  return withLow(random, hi);
};

/** The value of a result, whose hi must be the double nearest to it. */
const valueOf = (x: DoubleDouble): Rational => {
  if (x.hi + x.lo !== x.hi) throw new Error(`${x.hi} is not nearest to its sum with ${x.lo}`);
  return toRational(x);
};
/** |z/exact − 1| in u², or 0 where both are 0. */
const relativeError = (z: Rational, exact: Rational): number => {
  const error = z.sub(exact);
  return error.sign() === 0 ? 0 : Math.abs(error.toNumber() / exact.toNumber()) / U2;
};

/** |z/(x op y) − 1| in u². */
const operationError = (operation: BinaryOperation, x: DoubleDouble, y: DoubleDouble): number => {
  const z = valueOf(dd[operation](x, y));
  const [a, b] = [toRational(x), toRational(y)];
  // A quotient in lowest terms would take Euclid's steps; |z·y − x|/|x| is the same.
  return operation === 'div' ? relativeError(z.mul(b), a) : relativeError(z, a[operation](b));
};
/** |z/√x − 1| in u²: (z² − x)/(2x), up to half its square. */
const rootError = (x: DoubleDouble): number => relativeError(valueOf(dd.sqrt(x)).pow(2), toRational(x)) / 2;

describe('an operation', () => {
  const sum = { hi: 9007199254740991, lo: -9007199254740991 / 2 ** 54 };
  const minuend = { hi: 9007199254740987 / 2, lo: 9007199254740991 / 2 ** 56 };
  /** Proven bounds, and operands that come near to them: those of Joldes, Muller and Popescu, or found by search. */
  const CASES: readonly [BinaryOperation, bound: number, x: DoubleDouble, y: DoubleDouble, reached: number][] = [
    ['add', 3.001, sum, dd.neg(minuend), 2.2499],
    ['sub', 3.001, sum, minuend, 2.2499],
    [
      'mul',
      5,
      { hi: 4503599627468068, lo: 0.49999999999999795 },
      { hi: 4503599628194431, lo: 0.4999999999999984 },
      4.9999,
    ],
    [
      'div',
      15.001,
      { hi: 4503602801731878, lo: -0.49975378975623463 },
      { hi: 4601866727392849, lo: 0.49999999732052747 },
      7.64,
    ],
  ];

  it.each(CASES)('%s errs by at most %f u²', (operation, bound, hardX, hardY, reached) => {
    const random = randomStream(3);
    const hard = operationError(operation, hardX, hardY);
    let worst = hard;
    for (let i = 0; i < 4000; i++) {
      const x = randomPair(random, i % 4 === 0 ? 440 : 1);
      const y =
        operation === 'mul' || operation === 'div' ? randomPair(random, i % 4 === 0 ? 440 : 1) : partner(random, x);
      worst = Math.max(worst, operationError(operation, x, operation === 'sub' ? dd.neg(y) : y));
    }
    expect(worst).toBeLessThanOrEqual(bound);
    expect(hard).toBeGreaterThan(reached);
  });

  it('sqrt errs by at most 25/8 u²', () => {
    const random = randomStream(4);
    const hard = rootError({ hi: 4503599627373547, lo: 0.4999999992449974 });
    let worst = hard;
    for (let i = 0; i < 4000; i++)
      worst = Math.max(worst, rootError(dd.abs(randomPair(random, i % 2 === 0 ? 890 : 2))));
    expect(worst).toBeLessThanOrEqual(25 / 8);
    expect(hard).toBeGreaterThan(3.1249);
  });

  it('is exact where the result has few bits', () => {
    const [x, y] = [dd.add(dd.from(1), dd.from(2 ** -90)), dd.from(-3)];
    expect(dd.mul(x, y)).toEqual({ hi: -3, lo: -3 * 2 ** -90 });
    expect(dd.div(dd.mul(x, y), y)).toEqual(x);
    expect(dd.sub(x, dd.one)).toEqual(dd.from(2 ** -90));
    expect(dd.sqrt(dd.mul(x, x))).toEqual(x);
    expect(dd.neg(x)).toEqual({ hi: -1, lo: -(2 ** -90) });
    expect(dd.abs(dd.neg(x))).toEqual(x);
    expect(dd.abs(x)).toEqual(x);
  });

  it('compares by both parts', () => {
    const ascending = [
      dd.from(-Infinity),
      dd.from(-1),
      { hi: 1, lo: -1e-20 },
      dd.one,
      { hi: 1, lo: 1e-20 },
      dd.from(2),
    ];
    ascending.forEach((x, i) => ascending.forEach((y, j) => expect(dd.less(x, y)).toBe(i < j)));
    expect([dd.less(dd.from(NaN), dd.one), dd.less(dd.one, dd.from(NaN)), dd.less(dd.from(-0), dd.zero)]).toEqual([
      false,
      false,
      false,
    ]);
    expect(dd.max(ascending[2]!, ascending[4]!)).toBe(ascending[4]);
    expect(dd.relu(ascending[1]!)).toBe(dd.zero);
  });
});

describe('fromRational', () => {
  it('rounds to the nearest double and the rest to the nearest double', () => {
    const random = randomStream(5);
    for (let i = 0; i < 300; i++) {
      const d = BigInt(Math.floor(random() * 2 ** 50)) + 1n;
      const exact = Rational.of(BigInt(Math.floor((random() - 0.5) * 2 ** 52)) * 10n ** 20n + 7n, d);
      const x = dd.fromRational(exact);
      expect(x.hi).toBe(exact.toNumber());
      expect(x.lo).toBe(exact.sub(Rational.fromNumber(x.hi)).toNumber());
      expect(relativeError(toRational(x), exact)).toBeLessThanOrEqual(1);
    }
  });

  it('is exact for sums of two doubles, and back', () => {
    const random = randomStream(6);
    for (let i = 0; i < 300; i++) {
      const x = randomPair(random, 300);
      expect(dd.fromRational(toRational(x))).toEqual(x);
    }
    expect(dd.fromRational(Rational.of(0n))).toEqual(dd.zero);
    expect(toRational({ hi: 0.5, lo: 2 ** -60 }).toString()).toBe(Rational.of(2n ** 59n + 1n, 2n ** 60n).toString());
  });

  it('gives a high part that is the nearest double even where the rest rounds to half an ulp', () => {
    // 1 + 2^−52 is odd: with half an ulp on top, the sum is a tie, which goes to the even neighbour.
    const exact = Rational.fromNumber(1 + 2 ** -52).add(Rational.of(2n ** 120n - 1n, 2n ** 173n));
    expect(dd.fromRational(exact)).toEqual({ hi: 1 + 2 ** -51, lo: -(2 ** -53) });
  });

  it('overflows to infinity', () => {
    expect(dd.fromRational(Rational.of(-(10n ** 400n)))).toEqual({ hi: -Infinity, lo: 0 });
  });
});

type ScalarName = 'exp' | 'log1p' | 'tanh' | 'erf' | 'sigmoid' | 'silu' | 'phi' | 'gelu' | 'softplus' | 'torchSoftplus';

describe('a function', () => {
  const reference = decimalArithmetic(45);
  /** Where one formula, or one multiple of ln 2, takes over from the next. */
  const SEAMS = [
    0.17328, 0.34657359, 0.5, 0.75, 1.0606601717798212, 1.0397207708399179, 3, 8.1, 8.7418, 9, 12.3627, 20, 38,
  ];
  const TINY = [1e-265, 1e-100, 3e-16, 1e-5];
  /** The header of the source promises 16 u² for all of them. */
  const CASES: [name: ScalarName, bound: number, lo: number, hi: number, extra: number[]][] = [
    ['exp', 2, -600, 700, [-620, 709.78]],
    ['log1p', 9, -1, 40, [-1 + 2 ** -53, 1e10, 1e300, Number.MAX_VALUE]],
    ['tanh', 6, -40, 40, []],
    ['erf', 6, -9, 9, []],
    ['sigmoid', 6, -600, 100, []],
    ['silu', 8, -600, 100, []],
    ['phi', 12, -35, 10, []],
    ['gelu', 12, -35, 30, []],
    ['softplus', 8, -600, 40, []],
    ['torchSoftplus', 8, -600, 40, []],
  ];

  it.each(CASES)('%s errs by at most %f u²', (name, bound, lo, hi, extra) => {
    const random = randomStream(7);
    const inner = Array.from({ length: 40 }, (_, i) => (2 * random() - 1) * [0.35, 1.2, 4, 30][i % 4]!);
    const outer = Array.from({ length: 16 }, () => lo + random() * (hi - lo));
    const seams = SEAMS.flatMap((x) => [x * (1 + 2 ** -40), -x * (1 - 2 ** -40)]);
    const tiny = TINY.flatMap((x) => [x, -x]);
    let worst = 0;
    const inside = [...inner, ...outer, ...seams, ...tiny].filter((x) => x >= lo && x <= hi);
    for (const x of [...inside, ...extra]) {
      const argument = withLow(random, x);
      const exact = reference[name](reference.fromRational(toRational(argument)));
      worst = Math.max(worst, relativeError(valueOf(dd[name](argument)), decimalToRational(exact)));
    }
    expect(worst).toBeLessThanOrEqual(bound);
  });

  it('log1p keeps its digits next to −1', () => {
    const x = { hi: -1, lo: 2 ** -83 };
    const wide = decimalArithmetic(100);
    const exact = decimalToRational(wide.log1p(wide.fromRational(toRational(x))));
    expect(relativeError(toRational(dd.log1p(x)), exact)).toBeLessThanOrEqual(9);
  });

  it('knows the special values that doubles know', () => {
    const odd = ['sqrt', 'neg', 'log1p', 'tanh', 'erf'] as const;
    const others = ['abs', 'exp', 'sigmoid', 'silu', 'phi', 'gelu', 'softplus', 'torchSoftplus', 'relu'] as const;
    for (const x of [0, -0, Infinity, -Infinity, NaN]) {
      for (const name of odd) expect([name, dd[name](dd.from(x))]).toEqual([name, dd.from(float64[name](x))]);
      for (const name of others) {
        const { hi, lo } = dd[name](dd.from(x));
        // The sign of a zero means nothing here.
        expect([name, x, hi + 0]).toEqual([name, x, float64[name](x) + 0]);
        if (x !== 0) expect(lo).toBe(0);
      }
    }
    expect([dd.log1p(dd.from(-1)), dd.log1p(dd.from(-2)), dd.sqrt(dd.from(-1))]).toEqual([
      dd.from(-Infinity),
      dd.from(NaN),
      dd.from(NaN),
    ]);
    expect([dd.exp(dd.from(709.9)), dd.exp(dd.from(1e9)), dd.exp(dd.from(-746)), dd.exp(dd.from(-1e9))]).toEqual(
      [Infinity, Infinity, 0, 0].map(dd.from),
    );
    expect([dd.exp(dd.from(-744.5)), dd.exp(dd.from(-740))]).toEqual(
      [Math.exp(-744.5), Math.exp(-740)].map(dd.from), // subnormal, without room for a low part
    );
    expect([dd.tanh(dd.from(-1e9)), dd.erf(dd.from(1e9)), dd.phi(dd.from(50)), dd.phi(dd.from(-50))]).toEqual(
      [-1, 1, 1, 0].map(dd.from),
    );
  });
});

describe('operations on special values', () => {
  it.each(OPERATIONS)('%s gives what doubles give, but for the sign of a zero', (operation) => {
    const specials = [0, -0, 1, -2, Infinity, -Infinity, NaN];
    for (const x of specials) {
      for (const y of specials) {
        const plain = inDoubles(operation, x, y);
        const { hi, lo } = dd[operation](dd.from(x), dd.from(y));
        expect({ hi: hi === 0 ? 0 : hi, lo }).toEqual({ hi: plain === 0 ? 0 : plain, lo: 0 });
      }
    }
    const x = { hi: 1, lo: 1e-20 };
    expect(dd[operation](x, dd.from(NaN))).toEqual(dd.from(NaN));
    expect(dd[operation](dd.from(Infinity), x)).toEqual(dd.from(Infinity));
  });

  it('overflows to infinity, and is no number where a splitting overflows', () => {
    const big = dd.from(2 ** 1000);
    const max = dd.from(Number.MAX_VALUE);
    expect([dd.add(max, max), dd.mul(dd.neg(big), big), dd.div(big, dd.from(2 ** -1000))]).toEqual(
      [Infinity, -Infinity, Infinity].map(dd.from),
    );
    expect([dd.mul(big, dd.one), dd.div(dd.one, big), dd.div(big, dd.one)]).toEqual([NaN, NaN, NaN].map(dd.from));
    expect([dd.sqrt(big), dd.add(big, big)]).toEqual([dd.from(2 ** 500), dd.from(2 ** 1001)]);
    expect(() => toRational(dd.from(Infinity))).toThrow(RangeError);
  });
});

describe('doubleDoubleText', () => {
  const compile = (operation: BinaryOperation) =>
    new Function(
      '_1a',
      '_1b',
      '_20a',
      '_20b',
      `${doubleDoubleText(operation, '_3', '_1', '_20')} return { hi: _3a, lo: _3b };`,
    ) as (xa: number, xb: number, ya: number, yb: number) => DoubleDouble;

  it.each(OPERATIONS)('%s computes what the function computes, bit for bit', (operation) => {
    const inline = compile(operation);
    const random = randomStream(8);
    const differences: unknown[] = [];
    const check = (x: DoubleDouble, y: DoubleDouble): void => {
      const [actual, expected] = [inline(x.hi, x.lo, y.hi, y.lo), dd[operation](x, y)];
      if (!Number.isFinite(expected.hi)) return;
      if (!Object.is(actual.hi, expected.hi) || !Object.is(actual.lo, expected.lo)) differences.push([x, y]);
    };
    for (let i = 0; i < 20_000; i++) {
      const x = randomPair(random, i % 2 === 0 ? 440 : 2);
      check(x, i % 3 === 0 ? partner(random, x) : randomPair(random, i % 2 === 0 ? 440 : 2));
    }
    const simple = [0, -0, 1, -1, 3, 2 ** -1074, -(2 ** -1030), 2 ** 800].map(dd.from);
    for (const x of simple) for (const y of simple) check(x, y);
    expect(differences).toEqual([]);
  });

  it('names what it declares after the target', () => {
    for (const operation of OPERATIONS) {
      const text = doubleDoubleText(operation, 'z9', 'x1', 'y2');
      const declared = [...text.matchAll(/(\w+) = /g)].map((match) => match[1]!);
      expect(declared).toEqual(expect.arrayContaining(['z9a', 'z9b']));
      expect(new Set(declared).size).toBe(declared.length);
      for (const name of declared) expect(name).toMatch(/^z9[a-z]$/);
      const used = new Set(text.match(/[a-zA-Z_]\w*/g));
      expect([...used].filter((name) => !declared.includes(name)).sort()).toEqual(
        ['const', 'x1a', 'x1b', 'y2a', 'y2b'].sort(),
      );
    }
  });
});
