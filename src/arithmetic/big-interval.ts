/**
 * Intervals between arbitrary-precision binary floats: what they enclose is proved, not estimated.
 *
 * Every function is made of interval operations, which round outwards, and of series whose remainder is bounded by an
 * argument that stands beside them. Math.* picks reductions and precisions, never bounds. The series are exported for
 * their tests: in a function the guard bits would hide that one is a unit off.
 */
import { SOFTPLUS_THRESHOLD, type Composed, type Primitives } from './arithmetic.ts';
import * as float from './big-float.ts';
import { ONE, ZERO, type BigFloat } from './big-float.ts';
import type { Rational } from './rational.ts';
import type { Bounds } from './real.ts';

/** All real numbers from lo to hi. */
export interface BigInterval {
  readonly lo: BigFloat;
  readonly hi: BigFloat;
}

/** Nothing is known: compared by identity, and the result of every operation on it. */
export const UNKNOWN: BigInterval = Object.freeze({ lo: { m: 0n, e: NaN }, hi: { m: 0n, e: NaN } });

export interface BigIntervalFunctions extends Primitives<BigInterval>, Composed<BigInterval> {
  log(x: BigInterval): BigInterval;
  /** x^n for an integer n. */
  pow(x: BigInterval, n: number): BigInterval;
  pi(): BigInterval;
  min(x: BigInterval, y: BigInterval): BigInterval;
  /** The exact ends; undefined for UNKNOWN. */
  bounds(x: BigInterval): Bounds | undefined;
  fromBounds(lo: Rational, hi: Rational): BigInterval;
}

type Binary = (x: BigInterval, y: BigInterval) => BigInterval;
type AtPoint = (x: BigFloat) => BigInterval;

/** Larger exponents would fill the memory: above them nothing is known, below them all that is not 0 is next to it. */
const MAX_EXPONENT = 1e7;
const LEAST: BigFloat = { m: 1n, e: -MAX_EXPONENT };
const MINUS_ONE: BigFloat = { m: -1n, e: 0 };
const THRESHOLD = float.fromNumber(SOFTPLUS_THRESHOLD);

const point: AtPoint = (x) => ({ lo: x, hi: x });
const zero = point(ZERO);
const one = point(ONE);
const two = point({ m: 2n, e: 0 });
const half = point({ m: 1n, e: -1 });

const lesser = (x: BigFloat, y: BigFloat): BigFloat => (float.compare(x, y) <= 0 ? x : y);
const greater = (x: BigFloat, y: BigFloat): BigFloat => (float.compare(x, y) >= 0 ? x : y);

const ofKnown =
  (f: Binary): Binary =>
  (x, y) =>
    x === UNKNOWN || y === UNKNOWN ? UNKNOWN : f(x, y);
const max = ofKnown((x, y) => ({ lo: greater(x.lo, y.lo), hi: greater(x.hi, y.hi) }));
const min = ofKnown((x, y) => ({ lo: lesser(x.lo, y.lo), hi: lesser(x.hi, y.hi) }));
const hull = ofKnown((x, y) => ({ lo: lesser(x.lo, y.lo), hi: greater(x.hi, y.hi) }));
const neg = (x: BigInterval): BigInterval => (x === UNKNOWN ? x : { lo: float.neg(x.hi), hi: float.neg(x.lo) });
const abs = (x: BigInterval): BigInterval => {
  if (x.lo.m >= 0n) return x;
  return x.hi.m <= 0n ? neg(x) : { lo: ZERO, hi: greater(float.neg(x.lo), x.hi) };
};
/** x·2^k, exactly. */
const scale = (x: BigInterval, k: number): BigInterval =>
  x === UNKNOWN ? x : { lo: float.scale(x.lo, k), hi: float.scale(x.hi, k) };

/** The operations that round once, outwards to `bits` bits. */
const roundedTo = (bits: number) => {
  const outward = (lo: BigFloat, hi: BigFloat): BigInterval => {
    const down = float.roundDown(lo, bits);
    const up = float.roundUp(hi, bits);
    if (down.e > MAX_EXPONENT || up.e > MAX_EXPONENT) return UNKNOWN;
    return {
      lo: down.e >= -MAX_EXPONENT ? down : down.m < 0n ? float.neg(LEAST) : ZERO,
      hi: up.e >= -MAX_EXPONENT ? up : up.m > 0n ? LEAST : ZERO,
    };
  };
  const add = ofKnown((x, y) =>
    outward(float.addForRounding(x.lo, y.lo, bits), float.addForRounding(x.hi, y.hi, bits)),
  );
  const mul: Binary = ofKnown((x, y) => {
    if (x.lo.m >= 0n && y.lo.m >= 0n) return outward(float.mul(x.lo, y.lo), float.mul(x.hi, y.hi));
    if (x.lo.m < 0n && x.hi.m <= 0n) return neg(mul(neg(x), y));
    if (y.lo.m < 0n && y.hi.m <= 0n) return neg(mul(x, neg(y)));
    const [a, b] = [float.mul(x.lo, y.lo), float.mul(x.hi, y.hi)];
    const [c, d] = [float.mul(x.lo, y.hi), float.mul(x.hi, y.lo)];
    return outward(lesser(lesser(a, b), lesser(c, d)), greater(greater(a, b), greater(c, d)));
  });
  const div: Binary = ofKnown((x, y) => {
    if (y.hi.m < 0n) return div(neg(x), neg(y));
    if (y.lo.m <= 0n) return UNKNOWN;
    const [below, above] = [x.lo.m < 0n ? y.lo : y.hi, x.hi.m < 0n ? y.hi : y.lo];
    return outward(float.divDown(x.lo, below, bits), float.divUp(x.hi, above, bits));
  });
  const sqrt = (x: BigInterval): BigInterval =>
    x === UNKNOWN || x.lo.m < 0n ? UNKNOWN : outward(float.sqrtDown(x.lo, bits), float.sqrtUp(x.hi, bits));
  const round = (x: BigInterval): BigInterval => (x === UNKNOWN ? x : outward(x.lo, x.hi));
  return { outward, round, add, mul, div, sqrt, sub: (x: BigInterval, y: BigInterval) => add(x, neg(y)) };
};

/**
 * Σ uⁿ/(cₙ·dₙ) with cₙ = Π_(k ≤ n) (a·k + 1) and dₙ = b·n + 1 for u ≥ 0, everything in units of 2^−w and each step
 * rounded the same way. No term is negative, so the lower sum may stop anywhere. The upper one stops where the factor
 * a·n + 1, which never falls, has reached 2u: from there on uⁿ/cₙ at least halves, and the rest is at most the last.
 * For a = 0 that takes u ≤ 1/2.
 */
const seriesBound = (u: bigint, a: bigint, b: bigint, w: number, up: boolean): bigint => {
  const width = BigInt(w);
  const unit = 1n << width;
  const carry = up ? unit - 1n : 0n;
  const over = (n: bigint, d: bigint): bigint => (up ? n + d - 1n : n) / d;
  let [power, factor, divisor] = [unit, 1n, 1n];
  let sum = unit;
  do {
    factor += a;
    divisor += b;
    power = (power * u + carry) >> width;
    if (a > 0n) power = over(power, factor);
    sum += b > 0n ? over(power, divisor) : power;
  } while (power > 1n || 2n * u > factor * unit);
  return up ? sum + power : sum;
};
export const series = (u: BigInterval, a: bigint, b: bigint, w: number): BigInterval => ({
  lo: { m: seriesBound(float.shiftDown(u.lo.m, u.lo.e + w), a, b, w, false), e: -w },
  hi: { m: seriesBound(float.shiftUp(u.hi.m, u.hi.e + w), a, b, w, true), e: -w },
});

/**
 * For v = 1/x² the number x·∫ e^((x² − t²)/2) dt over t > x, which has the divergent series Σ (−1)ⁿ(2n − 1)!!·vⁿ: by
 * parts, Iₙ = ∫ t^(−2n) e^(−t²/2) dt is x^(−2n − 1) e^(−x²/2) − (2n + 1)·Iₙ₊₁, and every Iₙ is positive, so the number
 * lies between any two successive partial sums: at most one last term away from the last.
 */
export const tailSeries = (v: BigInterval, w: number): BigInterval => {
  const width = BigInt(w);
  const unit = 1n << width;
  const [low, high] = [float.shiftDown(v.lo.m, v.lo.e + w), float.shiftUp(v.hi.m, v.hi.e + w)];
  let [below, above, lo, hi] = [unit, unit, unit, unit];
  // Until a term is down to a unit, or the next one would be larger.
  for (let odd = 1n; above > 1n && odd * high <= unit; odd += 2n) {
    below = (below * low * odd) >> width;
    above = (above * high * odd + unit - 1n) >> width;
    [lo, hi] = odd % 4n === 1n ? [lo - above, hi - below] : [lo + below, hi + above];
  }
  return { lo: { m: lo - above, e: -w }, hi: { m: hi + above, e: -w } };
};

/**
 * Σ sⁿ/((2n + 1)·k^(2n + 1)), artanh (s = 1) or arctan (s = −1) of 1/k for k ≥ 3, with w ≥ 8 bits: nested floors are the
 * floor of the whole, so each of at most w/3 + 1 terms is off by less than one unit 2^−w, and the rest, from the first
 * power below one unit on, is less than one unit; w units are enough for all of them.
 */
export const inverseSeries = (k: bigint, s: bigint, w: number): BigInterval => {
  let power = (1n << BigInt(w)) / k;
  let sum = power;
  for (let [n, sign] = [3n, s]; power !== 0n; n += 2n, sign *= s) {
    power /= k * k;
    sum += (sign * power) / n;
  }
  return { lo: { m: sum - BigInt(w), e: -w }, hi: { m: sum + BigInt(w), e: -w } };
};

/** Bits of ln 2 beyond the working precision: multiples of it up to 2^25 are taken off arguments. */
const REDUCTION_BITS = 48;

/** Functions of points, with relative errors of 2^−p but for a few bits. `wider` has those of another precision. */
const functionsAt = (p: number, wider: (p: number) => { halfMinus: AtPoint }) => {
  const { add, sub, mul, div, sqrt } = roundedTo(p);
  const w = p + REDUCTION_BITS;
  const finest = roundedTo(w);
  const ln2 = scale(inverseSeries(3n, 1n, w), 1);
  const pi = finest.sub(scale(inverseSeries(5n, -1n, w), 4), scale(inverseSeries(239n, -1n, w), 2));
  const sqrtPi = sqrt(pi);
  const sqrt2Pi = sqrt(scale(pi, 1));
  const timesLn2 = (n: number): BigInterval => finest.mul(ln2, point({ m: BigInt(n), e: 0 }));

  // Undoing a halving costs a product and a bit, and saves terms of the series.
  const halvings = Math.round(Math.sqrt(p / 2));
  const fine = roundedTo(p + halvings);
  /** e^x − 1 for 0 ≤ x ≤ 1: y = x Σ xⁿ/(n + 1)! for x/2^k, then (1 + y)² − 1 = y(2 + y), k times. */
  const expm1 = (x: BigInterval): BigInterval => {
    const k = Math.max(0, halvings + float.top(x.hi));
    const reduced = scale(x, -k);
    let y = fine.mul(reduced, series(reduced, 1n, 0n, p + halvings));
    for (let done = 0; done < k; done++) y = fine.mul(y, fine.add(two, y));
    return y;
  };
  /** 1/x, where UNKNOWN stands for a number beyond all exponents. */
  const inverse = (x: BigInterval): BigInterval => (x === UNKNOWN ? { lo: ZERO, hi: LEAST } : div(one, x));
  const exp: AtPoint = (x) => {
    if (x.m < 0n) return inverse(exp(float.neg(x)));
    if (float.top(x) > 24) return UNKNOWN;
    const rest = (n: number): BigInterval => finest.sub(point(x), timesLn2(n));
    const n = Math.floor(float.toNumberBelow(x) / Math.LN2);
    const r = rest(n);
    return r.lo.m < 0n ? scale(add(one, expm1(rest(n - 1))), n - 1) : scale(add(one, expm1(r)), n);
  };
  const sigmoid: AtPoint = (x) => inverse(add(one, exp(float.neg(x))));

  /** ln(1 + t) for a thin t near 0: 2 artanh z with z = t/(2 + t). */
  const logNear1 = (t: BigInterval): BigInterval => {
    const z = div(t, add(two, t));
    return scale(mul(z, series(mul(abs(z), abs(z)), 0n, 2n, p)), 1);
  };
  /** ln x for a thin x > 0: j·ln 2 + ln(x/2^j) with x/2^j from 45/64 to 90/64. */
  const log = (x: BigInterval): BigInterval => {
    const top = float.top(x.lo);
    const j = float.compare(float.scale(x.lo, -top), { m: 45n, e: -6 }) < 0 ? top - 1 : top;
    return add(timesLn2(j), logNear1(sub(scale(x, -j), one)));
  };
  const log1p = (x: BigInterval): BigInterval => (float.top(x.lo) < -1 ? logNear1(x) : log(add(one, x)));
  const softplus: AtPoint = (x) => add(point(greater(x, ZERO)), log1p(exp(x.m > 0n ? float.neg(x) : x)));

  const odd =
    (f: AtPoint): AtPoint =>
    (x) =>
      x.m < 0n ? neg(f(float.neg(x))) : f(x);
  const tanh = odd((x) => {
    const twice = float.scale(x, 1);
    if (float.top(twice) > 0) return sub(one, scale(inverse(add(one, exp(twice))), 1));
    const y = expm1(point(twice));
    return div(y, add(two, y));
  });

  const decay: AtPoint = (u) => exp(float.neg(float.scale(u, -1)));
  /** e^(−u/2) Σ uⁿ/(2n + 1)!!, all terms of one sign. */
  const bell: AtPoint = (u) => mul(decay(u), series(point(u), 2n, 0n, p));
  /** erf x for u = 2x² and Φ(x) for u = x² are more than 1 − e^(−u/2): all that is left where that is far below 2^−p. */
  const saturated = (u: BigFloat): boolean => float.toNumberBelow(u) > 2 * p;
  const nearly1: AtPoint = (u) => sub(one, { lo: ZERO, hi: decay(u).hi });
  /** 2x/√π·e^(−x²) Σ (2x²)ⁿ/(2n + 1)!! */
  const erf = odd((x) => {
    const u = float.scale(float.mul(x, x), 1);
    return saturated(u) ? nearly1(u) : min(one, div(mul(scale(point(x), 1), bell(u)), sqrtPi));
  });
  /** Φ(x) − 1/2 = x/√(2π)·e^(−x²/2) Σ x^(2n)/(2n + 1)!! */
  const aboveHalf: AtPoint = (x) => div(mul(point(x), bell(float.mul(x, x))), sqrt2Pi);
  const halfMinus: AtPoint = (x) => sub(half, aboveHalf(x));
  /** Φ(−x) for x > 0: with the bits that cancel in 1/2 − (Φ(x) − 1/2) or, were they to double p, by the tail's series. */
  const lowerTail: AtPoint = (x) => {
    const u = float.mul(x, x);
    const lost = Math.max(1, float.toNumberAbove(u) / (2 * Math.LN2) + float.top(x) + 3);
    if (lost < p) return wider(p + 64 * Math.ceil(lost / 64)).halfMinus(x);
    return mul(div(decay(u), mul(point(x), sqrt2Pi)), tailSeries(div(one, point(u)), p));
  };
  const phi: AtPoint = (x) => {
    if (x.m < 0n) return lowerTail(float.neg(x));
    const u = float.mul(x, x);
    return saturated(u) ? nearly1(u) : min(one, add(half, aboveHalf(x)));
  };
  return { mul, div, pi, exp, sigmoid, log, log1p, softplus, tanh, erf, phi, halfMinus };
};

/** Bits beyond those promised, for the roundings inside a function. */
const GUARD_BITS = 24;

/** Interval arithmetic with ends of `bits` bits; of a point, a function is at most a few units in the last place wide. */
export const bigIntervalFunctions = (bits: number): BigIntervalFunctions => {
  const { add, sub, mul, div, sqrt, round, outward } = roundedTo(bits);
  const known = new Map<number, ReturnType<typeof functionsAt>>();
  const at = (p: number): ReturnType<typeof functionsAt> => {
    const functions = known.get(p) ?? functionsAt(p, at);
    known.set(p, functions);
    return functions;
  };
  const wide = at(bits + GUARD_BITS);

  /** The range of a monotone function, before it is rounded. */
  const range = (f: AtPoint, x: BigInterval): BigInterval => {
    if (x === UNKNOWN) return x;
    return float.compare(x.lo, x.hi) === 0 ? f(x.lo) : hull(f(x.lo), f(x.hi));
  };
  const monotone = (f: AtPoint) => (x: BigInterval) => round(range(f, x));
  const timesItself = (f: AtPoint) => (x: BigInterval) => round(wide.mul(x, range(f, x)));
  const softplus = monotone(wide.softplus);
  const log = monotone((x) => wide.log(point(x)));
  const log1p = monotone((x) => wide.log1p(point(x)));

  /** By squarings, which lose as many bits as n has. */
  const power = (x: BigFloat, n: number): BigInterval => {
    let [result, square] = [one, point(x)];
    for (let left = n; left > 0; left = Math.floor(left / 2)) {
      if (left % 2 === 1) result = wide.mul(result, square);
      if (left > 1) square = wide.mul(square, square);
    }
    return result;
  };
  const pow = (x: BigInterval, n: number): BigInterval => {
    if (!Number.isSafeInteger(n)) return UNKNOWN;
    const value = range((end) => power(end, Math.abs(n)), n % 2 === 0 ? abs(x) : x);
    return round(n < 0 ? wide.div(one, value) : value);
  };
  const torchSoftplus = (x: BigInterval): BigInterval => {
    if (x === UNKNOWN || float.compare(x.hi, THRESHOLD) <= 0) return softplus(x);
    if (float.compare(x.lo, THRESHOLD) > 0) return x;
    return hull(softplus({ lo: x.lo, hi: THRESHOLD }), { lo: THRESHOLD, hi: x.hi });
  };
  const fromBounds = (lo: Rational, hi: Rational): BigInterval =>
    outward(float.fromRationalDown(lo, bits), float.fromRationalUp(hi, bits));

  const operations = { zero, one, add, sub, mul, div, sqrt, neg, abs, max, min, pow, fromBounds };
  return {
    ...operations,
    softplus,
    torchSoftplus,
    pi: () => round(wide.pi),
    exp: monotone(wide.exp),
    log: (x) => (x.lo.m > 0n ? log(x) : UNKNOWN),
    log1p: (x) => (float.compare(x.lo, MINUS_ONE) > 0 ? log1p(x) : UNKNOWN),
    tanh: monotone(wide.tanh),
    erf: monotone(wide.erf),
    sigmoid: monotone(wide.sigmoid),
    phi: monotone(wide.phi),
    silu: timesItself(wide.sigmoid),
    gelu: timesItself(wide.phi),
    relu: (x) => max(x, zero),
    less: (x, y) => x !== UNKNOWN && y !== UNKNOWN && float.compare(x.hi, y.lo) < 0,
    from: (x) => (Number.isFinite(x) ? point(float.fromNumber(x)) : UNKNOWN),
    fromRational: (x) => fromBounds(x, x),
    bounds: (x) => (x === UNKNOWN ? undefined : { lo: float.toRational(x.lo), hi: float.toRational(x.hi) }),
  };
};
