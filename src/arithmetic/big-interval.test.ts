import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as float from './big-float.ts';
import type { BigFloat } from './big-float.ts';
import { bigIntervalFunctions, inverseSeries, series, tailSeries, UNKNOWN, type BigInterval } from './big-interval.ts';
import { decimalArithmetic } from './decimal.ts';
import { nextDown, nextUp, Rational } from './rational.ts';
import { randomFloat, randomStream } from './testing.ts';

/** Functions of one argument, with where their arguments must lie. */
const FUNCTIONS = {
  exp: -Infinity,
  log: 0,
  log1p: -1,
  sqrt: 0,
  tanh: -Infinity,
  erf: -Infinity,
  sigmoid: -Infinity,
  silu: -Infinity,
  phi: -Infinity,
  gelu: -Infinity,
  softplus: -Infinity,
  torchSoftplus: -Infinity,
} as const;
type FunctionName = keyof typeof FUNCTIONS;
const NAMES = Object.keys(FUNCTIONS) as FunctionName[];
const allowed = (name: FunctionName, x: number): boolean => x > FUNCTIONS[name];

const PRECISIONS = [64, 128, 300];
const intervals = new Map([20, ...PRECISIONS].map((bits) => [bits, bigIntervalFunctions(bits)]));
const at = (bits: number) => intervals.get(bits)!;
const A = at(64);
/** Where a result must lie close to the truth to show the roundings inside a function. */
const W = bigIntervalFunctions(320);

const q = Rational.fromNumber;
const point = (x: BigFloat): BigInterval => ({ lo: x, hi: x });
const within = (inner: BigInterval, outer: BigInterval): boolean =>
  outer === UNKNOWN ||
  (inner !== UNKNOWN && float.compare(outer.lo, inner.lo) <= 0 && float.compare(inner.hi, outer.hi) <= 0);
const holds = (x: BigInterval, value: Rational): boolean => {
  const bounds = A.bounds(x);
  return bounds !== undefined && bounds.lo.compare(value) <= 0 && value.compare(bounds.hi) <= 0;
};
const isExactly = (x: BigInterval, value: Rational): boolean =>
  x !== UNKNOWN && holds(x, value) && float.compare(x.lo, x.hi) === 0;
const significantBits = (x: BigFloat): number => x.m.toString(2).replace('-', '').replace(/0+$/, '').length;

/** The nearest interval of `bits` bits around a value, up to what the value needs. */
const expectTightest = (x: BigInterval, value: Rational, bits: number): void => {
  expect(holds(x, value)).toBe(true);
  expect(Math.max(significantBits(x.lo), significantBits(x.hi))).toBeLessThanOrEqual(bits);
  if (float.compare(x.lo, x.hi) === 0) return;
  const width = float.sub(x.hi, x.lo);
  const largest = Math.max(float.top(x.lo), float.top(x.hi));
  const smallest = Math.min(float.top(x.lo), float.top(x.hi));
  // Neighbours, one of which may be a power of two; no value of `bits` bits is between them.
  expect(float.top(width)).toBeLessThanOrEqual(largest - bits + (largest === smallest ? 1 : 0));
};

const D = decimalArithmetic(110);
/** Decimals in which a BigFloat of 300 bits is exact to more digits than the reference has. */
const Wide = Decimal.clone({ precision: 130, minE: -9e15, maxE: 9e15, defaults: true });
const decimalOf = (x: BigFloat): Decimal => new Wide(x.m.toString()).mul(new Wide(2).pow(x.e));
/** The reference is off by less than this, relatively. */
const REFERENCE_ERROR = '1e-105';
const LARGEST = new Wide(2).pow(1e7);
const reference = (name: FunctionName, x: number): Decimal => (name === 'log' ? D.from(x).ln() : D[name](D.from(x)));

const random = randomStream(7);
const POINTS = [
  ...[5e-324, 1e-300, 2 ** -64, 1e-10, 0.25, 0.5, 0.703, Math.LN2, 1.4063, 3, 10 * Math.LN2],
  // About where erf and Φ are taken from their limits, and Φ(−x) from the series in 1/x²
  ...[9.4, 10.6, 12.3, 14.2, 17.4, 21, 25.6, 38, 100, 710, 1e5],
].flatMap((x) => [x, -x]);
const RANDOM = Array.from({ length: 5 }, (_, i) => randomFloat(random, 53, i));

describe('functions', () => {
  it.each(NAMES.slice(0, -1))('%s of a point: around the value, and close', (name) => {
    for (const x of [0, -0.296, 1 + 2 ** -40, ...POINTS, ...RANDOM]) {
      if (!allowed(name, x)) continue;
      const exact = reference(name, x);
      const error = exact.abs().times(REFERENCE_ERROR);
      for (const bits of PRECISIONS) {
        const label = `${name}(${x}) to ${bits} bits`;
        const value = at(bits)[name](at(bits).from(x));
        const [lo, hi] = [decimalOf(value.lo), decimalOf(value.hi)];
        expect(Math.max(significantBits(value.lo), significantBits(value.hi)), label).toBeLessThanOrEqual(bits);
        expect(lo.lte(exact.plus(error)) && hi.gte(exact.minus(error)), label).toBe(true);
        // Where it is not next to zero, only
        if (exact.isZero() || exact.abs().times(LARGEST).lt(1)) continue;
        expect(hi.minus(lo).div(exact.abs()).times(Wide.pow(2, bits)).toNumber(), label).toBeLessThan(5);
      }
    }
  });

  it.each(NAMES)('%s, where the value is next to a number of few bits: on the right side of it', (name) => {
    for (const bits of [20, 64]) {
      const f = at(bits)[name];
      for (let i = 0; i < 12; i++) {
        const start = randomFloat(random, 53, i % 4) * (name === 'torchSoftplus' ? 0.1 : 1);
        const x0 = allowed(name, start) ? start : Math.abs(start);
        const h = x0 * 2 ** -45;
        const [first, second] = [W[name](W.from(x0)), W[name](W.add(W.from(x0), W.from(h)))];
        const target = point(float.roundDown(first.lo, bits));
        const slope = W.div(W.sub(second, first), W.from(h));
        // Chords: each gains the bits to which the slope is right. What is left is the last bits of W.
        let x = W.from(x0);
        for (let step = 0; step < 8; step++) {
          x = point(float.roundDown(W.sub(x, W.div(W.sub(W[name](x), target), slope)).lo, 300));
        }
        for (const beside of [
          x,
          point(float.add(x.lo, float.scale(x.lo, -250))),
          point(float.sub(x.lo, float.scale(x.lo, -250))),
        ]) {
          const [value, truth] = [f(beside), W[name](beside)];
          const label = `${name} at ${x0} to ${bits} bits`;
          expect(float.compare(value.lo, truth.hi) <= 0 && float.compare(truth.lo, value.hi) <= 0, label).toBe(true);
        }
      }
    }
  });

  it('keep strict inequalities of tiny arguments', () => {
    for (const bits of PRECISIONS) {
      const F = at(bits);
      for (const tiny of [5e-324, 1e-300, 2 ** -400]) {
        const [x, minus] = [F.from(tiny), F.from(-tiny)];
        const above = (value: BigInterval, bound: BigInterval) => float.compare(value.hi, bound.lo) > 0;
        const below = (value: BigInterval, bound: BigInterval) => float.compare(value.lo, bound.hi) < 0;
        const [half, ln2] = [F.from(0.5), F.log(F.from(2))];
        expect(above(F.exp(x), F.one) && !below(F.exp(x), F.one)).toBe(true);
        expect(below(F.exp(minus), F.one) && !above(F.exp(minus), F.one)).toBe(true);
        expect(below(F.log1p(x), x) && below(F.log1p(minus), minus) && below(F.tanh(x), x)).toBe(true);
        expect(above(F.tanh(minus), minus)).toBe(true);
        expect(above(F.sigmoid(x), half) && below(F.sigmoid(minus), half)).toBe(true);
        expect(above(F.phi(x), half) && below(F.phi(minus), half)).toBe(true);
        expect(within(ln2, F.softplus(x)) && within(ln2, F.softplus(minus))).toBe(true);
      }
      // Just below where these are taken from their limit
      for (const f of [F.erf, F.phi]) {
        for (let k = 1; k < 8; k++) {
          const value = f(F.from(Math.sqrt((f === F.erf ? 1 : 2) * (bits + 24)) - k / 50));
          expect(float.compare(value.hi, F.one.lo)).toBeLessThanOrEqual(0);
        }
      }
      for (const large of [50, 1e3, 1e5, 1e9, 1e300]) {
        const x = F.from(large * bits);
        for (const f of [F.tanh, F.erf, F.sigmoid, F.phi]) {
          expect(float.compare(f(x).lo, F.one.lo) < 0 && float.compare(f(x).hi, F.one.lo) === 0).toBe(true);
        }
        for (const f of [F.sigmoid, F.phi, F.softplus]) expect(f(F.neg(x)).hi.m > 0n).toBe(true);
        expect(within(x, F.silu(x)) && within(x, F.gelu(x)) && within(x, F.softplus(x))).toBe(true);
      }
    }
  });

  it('are as close for the largest and the least arguments', () => {
    for (const bits of PRECISIONS) {
      const F = at(bits);
      const [huge, tiny] = [F.exp(F.from(6.9e6)), F.exp(F.from(-6.9e6))];
      for (const x of [huge, tiny, F.log(huge), F.log(tiny), F.log1p(huge), F.softplus(F.from(-6e6)), F.tanh(tiny)]) {
        expect(float.top(float.sub(x.hi, x.lo)) - float.top(x.hi)).toBeLessThanOrEqual(3 - bits);
      }
      expect(within(F.from(6.9e6), F.log(huge)) && within(F.from(-6.9e6), F.log(tiny))).toBe(true);
      expect(F.tanh(tiny).lo.m > 0n && float.compare(F.erf(tiny).lo, tiny.lo) > 0).toBe(true);
    }
  });

  it('keep exact values', () => {
    const { zero, one, from } = A;
    for (const f of ['tanh', 'erf', 'log1p', 'sqrt', 'silu', 'gelu', 'relu'] as const) {
      expect(isExactly(A[f](zero), q(0)), f).toBe(true);
    }
    expect(isExactly(A.exp(zero), q(1)) && isExactly(A.log(one), q(0))).toBe(true);
    expect(isExactly(A.sigmoid(zero), q(0.5)) && isExactly(A.phi(zero), q(0.5))).toBe(true);
    expect(isExactly(A.sqrt(from(2 ** 101 * 4.5)), q(3 * 2 ** 50))).toBe(true);
    expect(isExactly(A.mul(zero, A.fromBounds(q(-1), q(1))), q(0)) && isExactly(A.add(zero, zero), q(0))).toBe(true);
    for (const f of ['relu', 'abs', 'torchSoftplus'] as const) expect(isExactly(A[f](from(20.5)), q(20.5))).toBe(true);
  });

  it('π and logarithms of 2, whatever the precision', () => {
    const pi = '3.14159265358979323846264338327950288419716939937510582097494459';
    const ln2 = '0.69314718055994530941723212145817656807550013436025525412068001';
    for (const bits of [1, 8, 30, 64, 190]) {
      const F = bigIntervalFunctions(bits);
      expectTightest(F.pi(), Rational.parse(pi)!, bits);
      expectTightest(F.log(F.from(2)), Rational.parse(ln2)!, bits);
    }
    const F = bigIntervalFunctions(3000);
    const digits = decimalArithmetic(1000);
    const [lo, hi] = [F.pi().lo, F.pi().hi].map((end) => digits.fromRational(float.toRational(end)));
    expect(digits.sub(hi!, lo!).lt('1e-900')).toBe(true);
    expect(digits.neg(digits.one).acos().minus(lo!).abs().lt('1e-900')).toBe(true);
  });

  it('of intervals hold the values of all points, more for more', () => {
    const end = fc.oneof(
      fc.double({ noNaN: true, min: -30, max: 30 }),
      fc.double({ noNaN: true, min: -1, max: 1 }),
      fc.double({ noNaN: true, min: -1e4, max: 1e4 }),
      fc.constantFrom(0, 1, -1, 20, nextUp(20), nextDown(20), -0.5, 2 ** -60),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...NAMES),
        fc.tuple(end, end, end, end),
        fc.double({ min: 0, max: 1 }),
        (name, ends, t) => {
          const [a, b, c, d] = ends.map((x) => (allowed(name, x) ? x : Math.abs(x) + 0.5)).sort((x, y) => x - y);
          const F = at(64);
          const f = F[name];
          const [inner, outer] = [F.fromBounds(q(b!), q(c!)), F.fromBounds(q(a!), q(d!))];
          const between = Math.min(c!, Math.max(b!, b! + t * (c! - b!)));
          expect(within(f(inner), f(outer))).toBe(true);
          if (!Number.isNaN(t)) expect(within(f(F.from(between)), f(inner))).toBe(true);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('torchSoftplus jumps down to x above 20', () => {
    const [below, above, around] = [A.from(20), A.from(nextUp(20)), A.fromBounds(q(20), q(21))];
    expect(A.torchSoftplus(below)).toEqual(A.softplus(below));
    expect(A.torchSoftplus(above)).toBe(above);
    expect(float.compare(A.torchSoftplus(below).lo, above.hi)).toBe(1);
    expect(A.bounds(A.torchSoftplus(around))).toEqual({ lo: q(20), hi: q(21) });
    expect(A.torchSoftplus(A.fromBounds(q(20), q(nextUp(20)))).hi).toEqual(A.softplus(below).hi);
    expect(A.torchSoftplus(A.fromBounds(q(1), q(30))).lo).toEqual(A.softplus(A.one).lo);
  });
});

describe('series of few bits', () => {
  const inUnits = (value: BigInterval, w: number) => [Number(value.lo.m), Number(value.hi.m)].map((m) => m / 2 ** w);
  /** The double nearest to what a series stands for is off by less than this. */
  const ERROR = 1e-13;

  it('hold their sums, with a unit for each step at most', () => {
    // eˣ − 1 over x, the sum in erf, artanh z over z, and a geometric series, which the last term completes exactly
    const kinds = [
      [1n, 0n, 2],
      [2n, 0n, 4],
      [0n, 2n, 0.25],
      [0n, 0n, 0.5],
    ] as const;
    for (const [a, b, largest] of kinds) {
      for (const w of [0, 1, 2, 3, 5, 8, 11]) {
        if (w === 0 && a === 0n) continue; // u would be rounded up to 1
        for (let i = 0; i <= 32; i++) {
          const u = (largest * i) / 32;
          let [sum, power] = [1, 1];
          for (let n = 1; n < 80; n++) {
            power *= u / (Number(a) * n + 1);
            sum += power / (Number(b) * n + 1);
          }
          const [lo, hi] = inUnits(series(A.from(u), a, b, w), w);
          const close = hi! - lo! < (8 * w + 16) * 2 ** -w;
          expect(close && lo! <= sum + ERROR && hi! >= sum - ERROR, `${a} ${b} ${u} ${w}`).toBe(true);
        }
      }
    }
    const [lo, hi] = inUnits(series({ lo: float.ZERO, hi: float.ONE }, 1n, 0n, 30), 30);
    expect([lo, hi! - (Math.E - 1) < 1e-7]).toEqual([1, true]);
  });

  it('hold the tail of the normal distribution, though they diverge', () => {
    const E = decimalArithmetic(30);
    const twoPi = E.mul(E.from(2), E.neg(E.one).acos());
    const exact = (v: number): number => {
      const x = E.sqrt(E.div(E.one, E.from(v)));
      const density = E.div(E.exp(E.div(E.mul(x, x), E.from(-2))), E.sqrt(twoPi));
      return E.toNumber(E.div(E.mul(x, E.phi(E.neg(x))), density));
    };
    for (let i = 0; i <= 32; i++) {
      const v = (i + 1) / 33 / (i % 3 === 0 ? 16 : 1);
      const [value, ofMore] = [exact(v), exact(v * 1.3)];
      for (const w of [2, 4, 6, 9, 12, 20]) {
        const [lo, hi] = inUnits(tailSeries(A.from(v), w), w);
        expect(lo! <= value + ERROR && hi! >= value - ERROR, `${v} ${w}`).toBe(true);
        if (v < 0.02) expect(hi! - lo!).toBeLessThan(100 * 2 ** -w);
        const [least, most] = inUnits(tailSeries({ lo: float.fromNumber(v), hi: float.fromNumber(v * 1.3) }, w), w);
        expect(least! <= ofMore + ERROR && most! >= value - ERROR, `${v} ${w}`).toBe(true);
      }
    }
  });

  it('hold artanh and arctan of 1/k', () => {
    const artanh = new Wide(1).div(3).atanh();
    const arctans = [3n, 5n, 239n].map((k) => [k, new Wide(1).div(k.toString()).atan()] as const);
    for (let w = 8; w < 300; w += 1 + Math.floor(w / 4)) {
      const expectAround = (value: BigInterval, exact: Decimal): void => {
        expect(decimalOf(value.lo).lte(exact) && decimalOf(value.hi).gte(exact), `${w}`).toBe(true);
        expect(float.sub(value.hi, value.lo)).toEqual({ m: BigInt(2 * w), e: -w });
      };
      expectAround(inverseSeries(3n, 1n, w), artanh);
      for (const [k, arctan] of arctans) expectAround(inverseSeries(k, -1n, w), arctan);
    }
  });
});

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
/** Numbers of 1 to 200 bits with exponents that lie apart or overlap. */
const anyFloat = fc
  .tuple(fc.bigInt({ min: -(1n << 200n), max: 1n << 200n }), fc.nat(200), fc.integer({ min: -1500, max: 1500 }))
  .map(([m, cut, e]): BigFloat => ({ m: m >> BigInt(cut), e }));
const interval = fc.tuple(finite, finite).map(([x, y]) => A.fromBounds(q(Math.min(x, y)), q(Math.max(x, y))));
const OPERATIONS = ['add', 'sub', 'mul', 'div'] as const;

describe('operations', () => {
  it('are the tightest enclosure of points', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...OPERATIONS),
        fc.constantFrom(20, 64, 128),
        anyFloat,
        anyFloat,
        (operation, bits, x, y) => {
          fc.pre(operation !== 'div' || y.m !== 0n);
          const exact = float.toRational(x)[operation](float.toRational(y));
          expectTightest(at(bits)[operation](point(x), point(y)), exact, bits);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('round sums of large and tiny numbers as the exact sum', () => {
    const large = fc.oneof(
      anyFloat,
      fc.nat(300).map((k): BigFloat => ({ m: 1n << BigInt(k), e: 0 })),
    );
    // Far below, or with so many bits that they begin about where the sum is rounded
    const tail = fc.tuple(
      fc.bigInt({ min: -(1n << 1500n), max: 1n << 1500n }),
      fc.boolean(),
      fc.integer({ min: -8, max: 8 }),
    );
    fc.assert(
      fc.property(large, tail, fc.constantFrom(20, 64), (x, [m, isFar, offset], bits) => {
        const shift = isFar ? -1500 : 0;
        const tiny = { m, e: Math.max(float.top(x), -2000) - bits + offset + shift - float.bitLength(m) };
        const [below, above] = [float.roundDown(float.add(x, tiny), bits), float.roundUp(float.add(x, tiny), bits)];
        for (const sum of [at(bits).add(point(x), point(tiny)), at(bits).add(point(tiny), point(x))]) {
          expect([float.compare(sum.lo, below), float.compare(sum.hi, above)]).toEqual([0, 0]);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('of intervals hold the results of their ends, more for more', () => {
    fc.assert(
      fc.property(fc.constantFrom(...OPERATIONS), interval, interval, interval, (operation, x, y, z) => {
        const value = A[operation](x, y);
        for (const a of [x.lo, x.hi]) {
          for (const b of [y.lo, y.hi]) expect(within(A[operation](point(a), point(b)), value)).toBe(true);
        }
        const wider = A.fromBounds(
          ...((['min', 'max'] as const).map((of) => {
            const [lo, hi] = [A[of](x, z).lo, A[of](x, z).hi].map(float.toRational);
            return of === 'min' ? lo! : hi!;
          }) as [Rational, Rational]),
        );
        expect(within(value, A[operation](wider, y)) && within(A[operation](y, x), A[operation](y, wider))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('divide by what is not zero only', () => {
    const pairs = [
      [-1, 1],
      [0, 1],
      [-1, 0],
      [0, 0],
    ] as const;
    for (const [lo, hi] of pairs) expect(A.div(A.one, A.fromBounds(q(lo), q(hi)))).toBe(UNKNOWN);
    expect(A.bounds(A.div(A.fromBounds(q(-1), q(3)), A.fromBounds(q(-4), q(-2))))).toEqual({ lo: q(-1.5), hi: q(0.5) });
  });

  it('sqrt lies between neighbours', () => {
    fc.assert(
      fc.property(anyFloat, fc.constantFrom(20, 64, 300), (x, bits) => {
        const square = x.m < 0n ? float.neg(x) : x;
        const root = at(bits).sqrt(point(square));
        expect(float.compare(float.mul(root.lo, root.lo), square)).toBeLessThanOrEqual(0);
        expect(float.compare(float.mul(root.hi, root.hi), square)).toBeGreaterThanOrEqual(0);
        // The root of a square is exact; others are one unit wide.
        expectTightest(at(bits).sqrt(point(float.mul(x, x))), float.toRational(square), bits);
        expectTightest(root, float.toRational(root.lo), bits);
      }),
    );
  });

  it('take ends, signs and powers', () => {
    const [x, y] = [A.fromBounds(q(-3), q(2)), A.fromBounds(q(-1), q(5))];
    const ends = (value: BigInterval) => [A.bounds(value)!.lo.toNumber(), A.bounds(value)!.hi.toNumber()];
    expect([ends(A.max(x, y)), ends(A.min(x, y))]).toEqual([
      [-1, 5],
      [-3, 2],
    ]);
    expect([ends(A.neg(x)), ends(A.abs(x)), ends(A.abs(A.neg(A.one))), ends(A.relu(x))]).toEqual([
      [-2, 3],
      [0, 3],
      [1, 1],
      [0, 2],
    ]);
    expect([0, 1, 2, 3].map((n) => ends(A.pow(x, n)))).toEqual([
      [1, 1],
      [-3, 2],
      [0, 9],
      [-27, 8],
    ]);
    expect([ends(A.pow(A.from(-2), -3)), ends(A.pow(A.fromBounds(q(2), q(4)), -2))]).toEqual([
      [-0.125, -0.125],
      [0.0625, 0.25],
    ]);
    expect([A.less(A.zero, A.one), A.less(A.one, A.one), A.less(x, y), A.less(A.one, A.zero)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    for (const [base, n] of [
      [0.9, 1000],
      [-1.1, 77],
      [3, -41],
    ] as const) {
      const exact = q(base).pow(n);
      expect(holds(A.pow(A.from(base), n), exact)).toBe(true);
      const { lo, hi } = A.pow(A.from(base), n);
      expect(float.top(float.sub(hi, lo)) - float.top(hi)).toBeLessThan(-62);
    }
  });
});

describe('UNKNOWN', () => {
  it('is all that follows from it', () => {
    for (const name of NAMES) expect(A[name](UNKNOWN)).toBe(UNKNOWN);
    for (const name of ['neg', 'abs', 'relu'] as const) expect(A[name](UNKNOWN)).toBe(UNKNOWN);
    for (const name of [...OPERATIONS, 'max', 'min'] as const) {
      expect([A[name](UNKNOWN, A.one), A[name](A.zero, UNKNOWN)]).toEqual([UNKNOWN, UNKNOWN]);
      expect(A[name](A.zero, UNKNOWN)).toBe(UNKNOWN);
      expect(A[name](UNKNOWN, A.zero)).toBe(UNKNOWN);
    }
    for (const n of [-2, -1, 0, 1, 2]) expect(A.pow(UNKNOWN, n)).toBe(UNKNOWN);
    expect([A.less(UNKNOWN, A.one), A.less(A.one, UNKNOWN), A.less(UNKNOWN, UNKNOWN)]).toEqual([false, false, false]);
    expect(A.bounds(UNKNOWN)).toBe(undefined);
  });

  it('is what no number is known of', () => {
    for (const x of [NaN, Infinity, -Infinity]) expect(A.from(x)).toBe(UNKNOWN);
    const around = A.fromBounds(q(-1), q(2));
    for (const f of [A.sqrt, A.log, A.log1p]) expect(f(around)).toBe(UNKNOWN);
    expect([A.log(A.zero), A.log1p(A.from(-1.5)), A.sqrt(A.from(-5e-324))]).toEqual([UNKNOWN, UNKNOWN, UNKNOWN]);
    for (const n of [0.5, NaN, Infinity, 2 ** 53]) expect(A.pow(A.one, n)).toBe(UNKNOWN);
    expect([A.pow(around, -1), A.pow(around, -2), A.pow(A.zero, -1)]).toEqual([UNKNOWN, UNKNOWN, UNKNOWN]);
    for (const x of [7e6, 1e9, 1e300]) expect(A.exp(A.from(x))).toBe(UNKNOWN);
    expect(A.pow(A.from(2), 1e8)).toBe(UNKNOWN);
    expect(A.mul(A.pow(A.from(2), 9e6), A.pow(A.from(2), 9e6))).toBe(UNKNOWN);
  });

  it('stays away from what is only next to zero', () => {
    const tiny = A.exp(A.from(-1e300));
    for (const x of [tiny, A.pow(A.from(0.5), 1e8), A.mul(tiny, tiny), A.phi(A.from(-1e6)), A.sigmoid(A.from(-1e9))]) {
      expect(x.lo.m >= 0n && A.less(x, A.exp(A.from(-6.9e6))) && x.hi.m > 0n).toBe(true);
    }
    const negative = A.mul(A.neg(tiny), tiny);
    expect(negative.lo.m < 0n && negative.hi.m === 0n).toBe(true);
    const around = A.mul(A.sub(tiny, tiny), tiny);
    expect(around.lo.m < 0n && around.hi.m > 0n).toBe(true);
    expect(within(A.one, A.add(A.one, tiny))).toBe(true);
  });
});

describe('numbers', () => {
  it('enter exactly as doubles, and as tightly as they can be as rationals', () => {
    fc.assert(
      fc.property(finite, fc.bigInt(), fc.bigInt({ min: 1n, max: 1n << 100n }), (x, n, d) => {
        expect(isExactly(at(20).from(x), q(x))).toBe(true);
        for (const bits of [20, 64]) {
          const exact = Rational.of(n, d);
          expectTightest(at(bits).fromRational(exact), exact, bits);
        }
        expectTightest(at(20).fromRational(q(x)), q(x), 20);
      }),
    );
  });

  it('have a length, an order and roundings', () => {
    const lengths = [
      0n,
      1n,
      -1n,
      255n,
      ...[52, 53, 54, 64, 127, 1023, 1024, 1025, 4000].flatMap((k) => {
        const power = 1n << BigInt(k);
        return [power - 1n, power, power + 1n, -power, 1n - power];
      }),
    ];
    for (const n of lengths) {
      const length = n === 0n ? 0 : n.toString(2).replace('-', '').length;
      expect(float.bitLength(n)).toBe(length);
    }
    fc.assert(
      fc.property(anyFloat, anyFloat, fc.integer({ min: 1, max: 90 }), (x, y, bits) => {
        const [a, b] = [float.toRational(x), float.toRational(y)];
        expect(float.compare(x, y)).toBe(a.compare(b));
        expect(float.compare(x, { m: x.m << 5n, e: x.e - 5 })).toBe(0);
        expect(float.toRational(float.add(x, y))).toEqual(a.add(b));
        expect(float.toRational(float.sub(x, y))).toEqual(a.sub(b));
        expect(float.toRational(float.mul(x, y))).toEqual(a.mul(b));
        expectTightest({ lo: float.roundDown(x, bits), hi: float.roundUp(x, bits) }, a, bits);
      }),
    );
  });

  it('are next to the doubles around them', () => {
    const edges = [0, 5e-324, 2 ** -1022, 2 ** -1022 - 2 ** -1074, 1, Number.MAX_VALUE];
    const offset = fc.constantFrom<BigFloat>(
      ...[-1n, 0n, 1n].flatMap((m) => [-1080, -1074, -60, 970, 971, 1030].map((e) => ({ m, e }))),
    );
    fc.assert(
      fc.property(fc.oneof(finite, fc.constantFrom(...edges)), offset, fc.boolean(), (base, nearby, negative) => {
        const sum = float.add(float.fromNumber(base), nearby);
        const x = negative ? float.neg(sum) : sum;
        const [below, above] = [float.toNumberBelow(x), float.toNumberAbove(x)];
        const order = (y: number): number =>
          Number.isFinite(y) ? float.compare(float.fromNumber(y), x) : Math.sign(y);
        expect([order(below) <= 0, order(above) >= 0]).toEqual([true, true]);
        if (order(below) < 0) expect(order(nextUp(below))).toBe(1);
        if (order(above) > 0) expect(order(nextDown(above))).toBe(-1);
        expect(Object.is(below, -0) || Object.is(above, -0)).toBe(false);
      }),
      { numRuns: 500 },
    );
    expect(() => float.fromNumber(NaN)).toThrow(RangeError);
  });
});
