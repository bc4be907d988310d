import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decimalArithmetic, decimalToRational } from './decimal.ts';
import { intervalFunctions, outwardDown, outwardUp, PHI, TINY, UNKNOWN, type Interval } from './interval-functions.ts';
import { nextDown, nextUp, Rational } from './rational.ts';
import { OPERATIONS, randomStream } from './testing.ts';

const { MAX_VALUE, MIN_VALUE } = Number;
const U = 2 ** -53;

const UNARY = [
  'sqrt',
  'exp',
  'log1p',
  'tanh',
  'erf',
  'sigmoid',
  'silu',
  'phi',
  'gelu',
  'softplus',
  'torchSoftplus',
  'relu',
  'abs',
  'neg',
] as const;
type Unary = (typeof UNARY)[number];
const BINARY = [...OPERATIONS, 'max'] as const;
type Binary = (typeof BINARY)[number];
const EXACT: readonly (Unary | Binary)[] = ['relu', 'abs', 'neg', 'max'];

/**
 * How many ulps an end may lie outside the tightest one. An ulp is at least u of its number, so these are the observed
 * error, the proved one and 1, in units of u, and 1 for the rounding of the tightest end.
 */
const MAX_ULPS: Readonly<Record<Unary | Binary, number>> = {
  add: 1,
  sub: 1,
  mul: 1,
  div: 1,
  sqrt: 1,
  neg: 0,
  abs: 0,
  relu: 0,
  max: 0,
  exp: 5,
  log1p: 11,
  tanh: 9,
  erf: 8,
  sigmoid: 8,
  silu: 9,
  phi: 11,
  gelu: 12,
  softplus: 14,
  torchSoftplus: 14,
};

const point = (x: number): Interval => ({ lo: x, hi: x });
const contains = (outer: Interval, inner: Interval): boolean => outer.lo <= inner.lo && outer.hi >= inner.hi;
const show = ({ lo, hi }: Interval): string => `[${lo}, ${hi}]`;

const double = new Float64Array(1);
const bits = new BigInt64Array(double.buffer);
/** The place of a double among all doubles; ±0 share one. */
const place = (x: number): bigint => {
  double[0] = Math.abs(x);
  return x < 0 ? -bits[0]! : bits[0]!;
};
const ulps = (from: number, to: number): number => Number(place(to) - place(from));
/** How many ulps an interval is wider than another one, at its worse end. */
const excess = (outer: Interval, inner: Interval): number =>
  Math.max(ulps(outer.lo, inner.lo), ulps(inner.hi, outer.hi));

describe('outward rounding', () => {
  const values = [1, 1 + 2 ** -52, 2 - 2 ** -52, 3.7, 1e300, MAX_VALUE / 2, 2 ** -1022, 1e-310, MIN_VALUE, 0];
  it.each(values.flatMap((x) => [x, -x]))('reaches past %s', (x) => {
    expect(outwardDown(x)).toBeLessThan(x);
    expect(outwardUp(x)).toBeGreaterThan(x);
  });

  it('reaches exactly the neighbours of normal numbers', () => {
    const random = randomStream(1);
    const x = Array.from({ length: 10_000 }, () => (random() - 0.5) * 2 ** (1980 * random() - 960));
    expect(x.filter((y) => outwardDown(y) !== nextDown(y) || outwardUp(y) !== nextUp(y))).toEqual([]);
  });

  it('would not with u instead of φ, nor without the least number', () => {
    const above = (x: number, phi: number, tiny: number): number => x + (x * phi + tiny);
    expect([above(1, U, TINY), above(MIN_VALUE, PHI, 0)]).toEqual([1, MIN_VALUE]);
    // 1 + 2^−60 and ¾ of the least number lie beyond those bounds, one above its rounded value, one below.
    expect(intervalFunctions.add(point(1), point(2 ** -60)).hi).toBe(nextUp(1));
    expect(intervalFunctions.mul(point(MIN_VALUE), point(0.75))).toEqual({ lo: 0, hi: 2 * MIN_VALUE });
    expect(intervalFunctions.mul(point(MIN_VALUE), point(0.25))).toEqual({ lo: -MIN_VALUE, hi: MIN_VALUE });
  });

  it('makes nothing known of an infinity', () => {
    expect([outwardDown(Infinity), outwardUp(Infinity)]).toEqual([NaN, Infinity]);
    expect([outwardDown(-Infinity), outwardUp(-Infinity)]).toEqual([-Infinity, NaN]);
    expect([outwardUp(MAX_VALUE), outwardDown(-MAX_VALUE)]).toEqual([Infinity, -Infinity]);
  });
});

type Ends = [number, number];
const vectors = JSON.parse(readFileSync(new URL('../../test/oracles/interval.json', import.meta.url), 'utf8')) as {
  cases: [operation: Unary | Binary, ...operands: Ends[], result: Ends | null][];
};
const ends = ([lo, hi]: Ends): Interval => ({ lo, hi });

describe('vectors', () => {
  it.each([...UNARY, ...BINARY])('%s', (operation) => {
    const cases = vectors.cases.filter(([name]) => name === operation);
    expect(cases.length).toBeGreaterThan(8);
    for (const [, ...rest] of cases) {
      const operands = (rest.slice(0, -1) as Ends[]).map(ends);
      const result = (intervalFunctions[operation] as (...x: Interval[]) => Interval)(...operands);
      const label = `${operation} ${operands.map(show).join(' ')}`;
      const tightest = rest.at(-1);
      if (result === UNKNOWN) {
        // Next to the greatest double, ends that are not the tightest ones are beyond it.
        const room = tightest ? ulps(Math.max(-tightest[0], tightest[1]), MAX_VALUE) : 0;
        expect(room, label).toBeLessThan(MAX_ULPS[operation]);
        continue;
      }
      const expected = ends(tightest!);
      expect(contains(result, expected), `${label}: ${show(result)}`).toBe(true);
      // Where σ or Φ is subnormal, x times its error is a few thousand least numbers.
      const near = Math.max(expected.lo - result.lo, result.hi - expected.hi) <= 2000 * TINY;
      expect(near ? 0 : excess(result, expected), label).toBeLessThanOrEqual(MAX_ULPS[operation]);
    }
  });
});

/** Fixed-point numbers: an independent reference, fast enough for dense sweeps. */
const BITS = 256n;
const ONE = 1n << BITS;
const times = (x: bigint, y: bigint): bigint => (x * y) >> BITS;
const over = (x: bigint, y: bigint): bigint => (x << BITS) / y;
/** Exact for multiples of 2^−200. */
const fixed = (x: number): bigint => BigInt(x * 2 ** 200) << (BITS - 200n);

/** (Σ (|x|/2^16)^n/n!)^(2^16), to about 2^−150 for |x| < 64. */
const exp = (x: bigint): bigint => {
  const reduced = (x < 0n ? -x : x) >> 16n;
  let term = ONE;
  let sum = ONE;
  for (let n = 1n; n <= 22n; n++) {
    term = times(term, reduced) / n;
    sum += term;
  }
  for (let i = 0; i < 16; i++) sum = times(sum, sum);
  return x < 0n ? over(ONE, sum) : sum;
};

const ROOT_2 = 0x16a09e667f3bcc908b2fb1366ea957d3e3adec17512775099da2f590b0667322an;
/** 1/√(2π), to 80 digits. */
const DENSITY = over(
  39894228040143267793994605993438186847585863116493465766592582967067925789930183n * ONE,
  10n ** 80n * ONE,
);
/** Φ(x) − ½ = e^(−x²/2)/√(2π)·Σ x^(2n+1)/(1·3·…·(2n+1)), to about 2^−150 absolutely for |x| < 9. */
const centralPhi = (x: bigint): bigint => {
  const square = times(x, x);
  let term = x;
  let sum = x;
  for (let n = 3n; term > 64n || term < -64n; n += 2n) {
    term = times(term, square) / n;
    sum += term;
  }
  return times(times(DENSITY, exp(-square / 2n)), sum);
};

/** Of a function f: `exact` is image(f(x)), for an increasing `image`. */
interface Exactly {
  readonly exact: (x: bigint) => bigint;
  readonly image: (y: bigint) => bigint;
}
const direct = (exact: (x: bigint) => bigint): Exactly => ({ exact, image: (y) => y });
const logarithm = (exact: (x: bigint) => bigint): Exactly => ({ exact, image: exp });
const logistic = (x: bigint): bigint => over(ONE, ONE + exp(-x));
const phi = (x: bigint): bigint => ONE / 2n + centralPhi(x);

/** Where one piece of an algorithm takes over from the next. */
const LN2_SEAMS = [0.5, 1.5, 2.5, 10.5, 53.5, 54.5].map((k) => k * Math.LN2);
const HALF_SEAMS = LN2_SEAMS.map((x) => x / 2);
const OCTAVE_SEAMS = [1, 2, 4, 8, 32].flatMap((k) => [k * Math.SQRT2 - 1, Math.SQRT1_2 / k - 1]);
const ROW_SEAMS = Array.from({ length: 17 }, (_, i) => (i + 0.5) / 2);
const ERF_SEAMS = [0.75, 6, ...ROW_SEAMS.slice(1, 12).map((t) => t * Math.SQRT1_2)];

const SWEEP = 20_000;
/** How far the middle of an enclosure may lie from the value, in units of u/10: as was seen, and 1u for roundings. */
const SWEEPS: readonly [Unary, limit: number, middle: number, seams: readonly number[], Exactly][] = [
  ['exp', 45, 25, LN2_SEAMS, direct(exp)],
  ['log1p', 60, 46, OCTAVE_SEAMS, logarithm((x) => ONE + x)],
  ['tanh', 25, 43, HALF_SEAMS, direct((x) => over(exp(2n * x) - ONE, exp(2n * x) + ONE))],
  ['sigmoid', 45, 40, LN2_SEAMS, direct(logistic)],
  ['silu', 45, 50, LN2_SEAMS, direct((x) => times(x, logistic(x)))],
  ['softplus', 45, 57, [...LN2_SEAMS, 0.8813735870195429], logarithm((x) => ONE + exp(x))],
  ['erf', 6.5, 36, ERF_SEAMS, direct((x) => 2n * centralPhi(times(ROOT_2, x)))],
  ['phi', 8.5, 44, ROW_SEAMS, direct(phi)],
  ['gelu', 8.5, 54, ROW_SEAMS, direct((x) => times(x, phi(x)))],
];

/** Uniform and logarithmic in turns, of both signs; for log1p also near −1. */
const sample = (name: Unary, limit: number, seams: readonly number[]): number[] => {
  const random = randomStream(name.length);
  const even = (i: number): number => (name === 'log1p' && i % 2 ? -random() : (random() - 0.5) * 2 * limit);
  const small = (i: number): number => (i % 2 ? -1 : 1) * 2 ** (random() * 24 - 24);
  const near = seams.flatMap((x) => [x, nextUp(x), nextDown(x), x * (1 + 1e-9), x * (1 - 1e-9)]);
  return [
    ...near.flatMap((x) => [x, ...(name === 'log1p' ? [] : [-x])]),
    ...Array.from({ length: SWEEP }, (_, i) => (i % 4 < 2 ? even(i) : small(i))).filter(
      (x) => name !== 'log1p' || x > -1,
    ),
  ];
};

describe(`${SWEEP} random numbers`, () => {
  it.each(SWEEPS)('%s', (name, limit, middle, seams, { exact, image }) => {
    const wrong = sample(name, limit, seams).filter((x) => {
      const { lo, hi } = intervalFunctions[name](point(x));
      let [a, b] = [fixed(lo), fixed(hi)];
      // At its least and greatest values a function's bounds are cut off, on one side of the middle.
      if (lo !== -1 && hi !== 1) {
        const centre = (a + b) / 2n;
        const radius = ((centre < 0n ? -centre : centre) * BigInt(middle)) / (10n << 53n);
        a = centre - radius > a ? centre - radius : a;
        b = centre + radius < b ? centre + radius : b;
      }
      const value = exact(fixed(x));
      return !(image(a) <= value && value <= image(b) && ulps(lo, hi) <= 2 * MAX_ULPS[name]);
    });
    expect([wrong.length, ...wrong.slice(0, 5)]).toEqual([0]);
  });
});

describe('the margin', () => {
  /** Powers of 2 as values, known without error; their neighbours below are u away. */
  const tiny = 2 ** -900;
  it.each([
    ['exp', 0, 1, 3],
    ['sigmoid', 0, 0.5, 5],
    ['tanh', tiny, tiny, 5.8],
    ['log1p', tiny, tiny, 7.7],
    ['softplus', 1 / tiny, 1 / tiny, 10.5],
    ['phi', 0, 0.5, 8.5],
    ['erf', tiny, 1.1283791670955126 * tiny, 5.6],
  ] as const)('of %s is its proved error and u', (name, x, y, units) => {
    expect(intervalFunctions[name](point(x))).toEqual({ lo: y - y * units * U, hi: y + y * units * U });
  });
});

const reference = decimalArithmetic(50);

describe('50-digit decimals', () => {
  const sizes = [1e-320, 1e-300, 1e-160, 1e-20, 3e-9, 2e-5, 0.03, 0.3, 0.49, 0.74, 0.76, 1.7, 2.9, 5.5, 7, 15.3, 19.99];
  const wide = [26, 37.4, 88.1, 350, 708.5, 720, 744.9];
  it.each(UNARY.filter((name) => !EXACT.includes(name)))('%s', (name) => {
    for (const x of [...sizes, ...(name === 'phi' || name === 'gelu' ? wide.slice(0, 2) : wide)]) {
      for (const at of [x, -x]) {
        const exact = reference[name](reference.from(at));
        const { lo, hi } = intervalFunctions[name](point(at));
        if (exact.isNaN()) expect(lo, `${at}`).toBeNaN();
        else if (exact.abs().lt('1e308')) {
          const real = decimalToRational(exact);
          const inside = Rational.fromNumber(lo).compare(real) <= 0 && Rational.fromNumber(hi).compare(real) >= 0;
          expect(inside, `${at}`).toBe(true);
        }
      }
    }
  });
});

/** Doubles of all sizes, in order. */
const sorted = (count: number): fc.Arbitrary<number[]> =>
  fc
    .array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: count, maxLength: count })
    .map((x) => x.sort((a, b) => a - b));
/** The same, of moderate sizes, where functions are no constants. */
const moderate = (count: number): fc.Arbitrary<number[]> =>
  fc
    .array(fc.double({ noNaN: true, min: -40, max: 40 }), { minLength: count, maxLength: count })
    .map((x) => x.sort((a, b) => a - b));
const runs = { numRuns: 2000 };

describe('inclusion', () => {
  it.each(OPERATIONS)('of %s at a point of each operand', (operation) => {
    fc.assert(
      fc.property(sorted(3), sorted(3), ([a, x, b], [c, y, d]) => {
        const result = intervalFunctions[operation]({ lo: a!, hi: b! }, { lo: c!, hi: d! });
        if (operation === 'div' && c! <= 0 && d! >= 0) return result === UNKNOWN;
        if (result === UNKNOWN) return true;
        const exact = Rational.fromNumber(x!)[operation](Rational.fromNumber(y!));
        return Rational.fromNumber(result.lo).compare(exact) <= 0 && Rational.fromNumber(result.hi).compare(exact) >= 0;
      }),
      runs,
    );
  });

  it.each(BINARY)('of %s of smaller intervals', (operation) => {
    fc.assert(
      fc.property(fc.oneof(sorted(4), moderate(4)), fc.oneof(sorted(4), moderate(4)), ([a, b, c, d], [e, f, g, h]) => {
        const outer = intervalFunctions[operation]({ lo: a!, hi: d! }, { lo: e!, hi: h! });
        return (
          outer === UNKNOWN || contains(outer, intervalFunctions[operation]({ lo: b!, hi: c! }, { lo: f!, hi: g! }))
        );
      }),
      runs,
    );
  });

  it.each(UNARY)('of %s of a smaller interval, up to its error', (name) => {
    fc.assert(
      fc.property(fc.oneof(sorted(4), moderate(4)), ([a, b, c, d]) => {
        const outer = intervalFunctions[name]({ lo: a!, hi: d! });
        if (outer === UNKNOWN) return true;
        const inner = intervalFunctions[name]({ lo: b!, hi: c! });
        return inner !== UNKNOWN && excess(inner, outer) <= 2 * MAX_ULPS[name];
      }),
      runs,
    );
  });
});

describe('the unknown', () => {
  const passes = ({ lo, hi }: Interval): boolean =>
    [-Infinity, -MAX_VALUE, -1, 0, 1, MAX_VALUE, Infinity].some((b) => hi <= b || lo > b);
  const unknown = [
    UNKNOWN,
    { lo: NaN, hi: 1 },
    { lo: 1, hi: NaN },
    { lo: NaN, hi: Infinity },
    { lo: -Infinity, hi: NaN },
  ];
  const known = [point(0), point(1), { lo: -1, hi: 2 }, point(25), point(MAX_VALUE)];
  const f = intervalFunctions;

  it.each(UNARY)('passes through %s', (name) => {
    for (const x of unknown) expect([show(x), passes(f[name](x))]).toEqual([show(x), false]);
  });

  it.each(BINARY)('passes through %s', (name) => {
    for (const x of unknown) {
      for (const y of [...known, ...unknown]) {
        expect([show(x), show(y), passes(f[name](x, y)), passes(f[name](y, x))]).toEqual([
          show(x),
          show(y),
          false,
          false,
        ]);
      }
    }
  });

  it('is below nothing', () => {
    for (const x of known)
      expect([f.less(UNKNOWN, x), f.less(x, UNKNOWN), f.less(UNKNOWN, UNKNOWN)]).not.toContain(true);
  });

  it('is what an infinite end gives, unless it bounds nothing', () => {
    const all = { lo: -Infinity, hi: Infinity };
    for (const name of UNARY) expect([name, passes(f[name](all))]).toEqual([name, false]);
    for (const name of BINARY) for (const x of known) expect([name, passes(f[name](all, x))]).toEqual([name, false]);
    for (const x of [all, point(Infinity), point(-Infinity)]) expect(f.exp(x)).toBe(UNKNOWN);
    expect(f.max({ lo: -Infinity, hi: 1 }, { lo: 0, hi: 2 })).toEqual({ lo: 0, hi: 2 });
  });

  it('is the result of overflow, of a division by 0 and of a place off the domain', () => {
    const large = point(MAX_VALUE);
    const results = [
      f.add(large, large),
      f.sub(f.neg(large), large),
      f.mul(large, { lo: -2, hi: 2 }),
      f.exp(point(710)),
    ];
    results.push(
      f.exp({ lo: 0, hi: 1e9 }),
      f.div(f.one, f.zero),
      f.div(f.zero, point(-0)),
      f.div(f.one, { lo: 0, hi: 1 }),
    );
    results.push(
      f.div(large, point(0.5)),
      f.div(f.one, point(MIN_VALUE)),
      f.sqrt(point(-MIN_VALUE)),
      f.sqrt({ lo: -1, hi: 4 }),
    );
    results.push(f.log1p(point(-1)), f.log1p({ lo: -2, hi: 1 }), f.from(NaN), f.from(Infinity), f.from(-Infinity));
    results.push(f.fromRational(Rational.of(1n << 1024n)), f.fromRational(Rational.of(-(1n << 1024n))));
    for (const [i, x] of results.entries()) expect(x, `${i}`).toBe(UNKNOWN);
  });
});

describe('special values', () => {
  const f = intervalFunctions;

  it('of exact functions', () => {
    expect(f.neg({ lo: -1, hi: 2 })).toEqual({ lo: -2, hi: 1 });
    expect([f.abs({ lo: -1, hi: 2 }), f.abs({ lo: -3, hi: -2 })]).toEqual([
      { lo: 0, hi: 2 },
      { lo: 2, hi: 3 },
    ]);
    expect([f.relu({ lo: -1, hi: 2 }), f.relu(point(-MAX_VALUE))]).toEqual([{ lo: 0, hi: 2 }, point(0)]);
    expect(f.max({ lo: -1, hi: 2 }, { lo: 0, hi: 1 })).toEqual({ lo: 0, hi: 2 });
    expect([f.sqrt(f.zero).lo, f.sqrt(point(-0)).lo]).toEqual([0, 0]);
    expect([f.less(f.zero, f.one), f.less(f.one, f.one), f.less({ lo: 0, hi: 2 }, f.one)]).toEqual([
      true,
      false,
      false,
    ]);
    expect([f.from(MAX_VALUE), f.from(-MIN_VALUE)]).toEqual([point(MAX_VALUE), point(-MIN_VALUE)]);
  });

  it('of rational numbers, between the nearest doubles', () => {
    const of = (n: bigint, d: bigint): Interval => f.fromRational(Rational.of(n, d));
    expect(of(1n, 4n)).toEqual(point(0.25));
    expect(of(1n, 10n)).toEqual({ lo: nextDown(0.1), hi: 0.1 });
    expect([of(1n, 3n), of(-1n, 3n)]).toEqual([
      { lo: 1 / 3, hi: nextUp(1 / 3) },
      { lo: -nextUp(1 / 3), hi: -1 / 3 },
    ]);
    const vanishing = of(1n, 1n << 1080n);
    expect([vanishing.lo, vanishing.hi]).toEqual([0, MIN_VALUE]);
    expect(of(-3n, 1n << 1075n)).toEqual({ lo: -2 * MIN_VALUE, hi: -MIN_VALUE });
    expect(of(BigInt(MAX_VALUE), 1n)).toEqual(point(MAX_VALUE));
    expect(of(BigInt(MAX_VALUE) * 2n + 1n, 2n)).toBe(UNKNOWN);
  });

  it('of functions at their limits', () => {
    for (const x of [-746, -800, -800.5, -MAX_VALUE]) {
      expect([f.exp(point(x)), f.sigmoid(point(x)), f.softplus(point(x)), f.phi(point(x))].map(({ lo }) => lo)).toEqual(
        [0, 0, 0, 0],
      );
      expect([f.exp(point(x)), f.sigmoid(point(x)), f.softplus(point(x)), f.phi(point(x))].map(({ hi }) => hi)).toEqual(
        [1, 1, 1, 1].map(() => MIN_VALUE),
      );
      for (const name of ['silu', 'gelu'] as const) {
        expect(f[name](point(x)).hi).toBe(MIN_VALUE);
        expect(f[name](point(x)).lo).toBeGreaterThanOrEqual(-1001 * MIN_VALUE);
      }
    }
    for (const x of [45, 800, 1e300, MAX_VALUE]) {
      for (const name of ['tanh', 'erf', 'sigmoid', 'phi'] as const) {
        expect(f[name](point(x)).hi).toBe(1);
        expect(f[name](point(x)).lo).toBeGreaterThan(1 - 2 ** -49);
      }
      expect([f.tanh(point(-x)).lo, f.erf(point(-x)).lo]).toEqual([-1, -1]);
    }
    for (const name of ['tanh', 'erf', 'log1p', 'silu', 'gelu'] as const) {
      expect(f[name](f.zero)).toEqual({ lo: -MIN_VALUE, hi: MIN_VALUE });
      expect(f[name](point(-0))).toEqual({ lo: -MIN_VALUE, hi: MIN_VALUE });
    }
  });

  it('of torchSoftplus around its threshold', () => {
    expect(f.torchSoftplus(point(20))).toEqual(f.softplus(point(20)));
    expect(f.torchSoftplus(point(nextUp(20)))).toEqual(point(nextUp(20)));
    expect(f.torchSoftplus({ lo: 19, hi: 20.5 })).toEqual({ lo: f.softplus(point(19)).lo, hi: 20.5 });
    // At 20 the function falls by 2·10^−9.
    const around = f.torchSoftplus({ lo: nextDown(20), hi: nextUp(20) });
    expect(around).toEqual({ lo: 20, hi: f.softplus(point(20)).hi });
  });
});

describe('where x·gate(x) turns', () => {
  const turns = [
    ['silu', -1.278464542761074, -0.2784645427610738, '-1.278464542761073795109358739022980', -0.5],
    ['gelu', -0.7517915246935645, -0.16997120747990369, '-0.751791524693564457457904946780', -0.25],
  ] as const;
  it.each(turns)('%s', (name, left, least, exact, right) => {
    const f = intervalFunctions[name];
    const D = reference.one.constructor as new (x: string) => typeof reference.one;
    const minimum = decimalToRational(reference[name](new D(exact)));
    // Both neighbours have greater values, and the bound is the greatest double below.
    for (const x of [left, nextUp(left)]) {
      expect(decimalToRational(reference[name](reference.from(x))).compare(minimum)).toBeGreaterThanOrEqual(0);
    }
    expect(minimum.toNumberBelow()).toBe(least);
    expect(new D(exact).gt(left) && new D(exact).lt(nextUp(left))).toBe(true);
    for (const [lo, hi] of [
      [-5, 3],
      [left, nextUp(left)],
      [-MAX_VALUE, right],
      [left, right],
      [left, left],
    ] as const) {
      expect(f({ lo, hi }).lo).toBe(least);
    }
    expect(f({ lo: -5, hi: -2 })).toEqual({ lo: f(point(-2)).lo, hi: f(point(-5)).hi });
    expect(f({ lo: right, hi: 2 })).toEqual({ lo: f(point(right)).lo, hi: f(point(2)).hi });
    expect(f({ lo: -4, hi: right }).hi).toBe(Math.max(f(point(-4)).hi, f(point(right)).hi));
    expect(f({ lo: right, hi: right / 2 }).lo).toBeGreaterThan(least);
  });
});
