/**
 * Rigorous intervals of doubles: every result contains all real values of the function on its operands.
 *
 * Math.exp and its like promise no error, so only + − × ÷ √, fround and round are taken from the machine, all of which
 * IEEE 754 rounds correctly. The elementary functions are series with bounded remainders, computed within a named
 * relative error. Its proof stands with it and adds up roundings in units of u = 2^−53, to first order: the terms of
 * second order are below 200u², and each constant leaves 0.05u for them.
 */
import { SOFTPLUS_THRESHOLD, type Composed, type Primitives } from './arithmetic.ts';
import type { Rational } from './rational.ts';

/** The real numbers from lo to hi, both finite; or UNKNOWN. */
export interface Interval {
  readonly lo: number;
  readonly hi: number;
}

const U = Number.EPSILON / 2;
export const TINY = Number.MIN_VALUE;
/** Rump's φ: |x|φ + TINY reaches at least the next double. u alone, or no TINY, would not always. */
export const PHI = U * (1 + 2 * U);

/** Overflow, a division by 0, a value off the domain. No comparison with NaN is true, so it passes no check. */
export const UNKNOWN: Interval = { lo: NaN, hi: NaN };

/** Bounds of a real number from its rounded value. An infinity stays where it bounds nothing, and is NaN elsewhere. */
export const outwardDown = (x: number): number => x - (Math.abs(x) * PHI + TINY);
export const outwardUp = (x: number): number => x + (Math.abs(x) * PHI + TINY);

const isKnown = (lo: number, hi: number): boolean => lo > -Infinity && hi < Infinity;
const interval = (lo: number, hi: number): Interval => (isKnown(lo, hi) ? { lo, hi } : UNKNOWN);
const outward = (lo: number, hi: number): Interval => interval(outwardDown(lo), outwardUp(hi));

// Math.min and Math.max, other than a comparison, hand NaN on.
const hull = (a: number, b: number, c: number, d: number): Interval =>
  outward(Math.min(a, b, c, d), Math.max(a, b, c, d));

/** 2^k at index k + 1074, by exact doublings. */
const POWERS = new Float64Array(2098);
for (let i = 0, power = TINY; i < POWERS.length; i++, power *= 2) POWERS[i] = power;
const powerOf2 = (k: number): number => POWERS[k + 1074]!;

/** c₀ + c₁x + …, for the coefficients from `first` to `last`. */
const polynomial = (coefficients: Float64Array, first: number, last: number, x: number): number => {
  let sum = coefficients[last]!;
  for (let i = last - 1; i >= first; i--) sum = sum * x + coefficients[i]!;
  return sum;
};

const LOG2_E = 1.4426950408889634;
/** ln 2 to 32 bits, from below, so that |k| < 2^11 times it is exact; and the rest to 53. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/** x + low = k ln 2 + r with |r| ≤ 0.3467, for |x| ≤ 800 and |low| ≤ 10^−4. */
const quotient = (x: number): number => Math.round(x * LOG2_E);
/**
 * r within 0.251u, or exact for k = 0 and low = 0: x − k·LN2_HIGH is exact (Sterbenz), the last result is below ½, the
 * others are below 0.0002.
 */
const remainder = (x: number, low: number, k: number): number => x - k * LN2_HIGH - (k * LN2_LOW - low);

/**
 * e^r − 1 = r + r²q(r) for |r| ≤ 0.3467 by Taylor's series to r^13/13!, whose remainder is below 0.04u.
 * q is within 1.15u (even part 0.525, r × odd part 0.12, sum 0.5), so that r²q is within 2.3u·r² < 0.28u, and the last
 * sum rounds by u/4. Together 0.57u, absolutely; and relatively 2.1u: u + (0.28 + 0.04)/0.293. Where r² underflows, it
 * is nothing beside r.
 */
const expm1Reduced = (r: number): number => {
  const s = r * r;
  const even = 1 / 2 + s * (1 / 24 + s * (1 / 720 + s * (1 / 40320 + s * (1 / 3628800 + s * (1 / 479001600)))));
  const odd = 1 / 6 + s * (1 / 120 + s * (1 / 5040 + s * (1 / 362880 + s * (1 / 39916800 + s * (1 / 6227020800)))));
  return r + s * (even + r * odd);
};

/** Beyond, e^|x| exceeds every double, and e^−|x| is below TINY/2. */
const EXP_LIMIT = 800;

/**
 * factor·e^(x + low) within 1.94u + TINY/2, and u more unless factor = 1, for 2^−10 < factor ≤ 1.
 * r ≥ 0: u for 1 + …, 0.57 and 0.251·e^r ≤ 0.36, over 1. r < 0: u/2 and 0.57, over e^r ≥ 0.707, and 0.251.
 * Powers of 2 come in two steps, of which only the last can be inexact, by TINY/2 where the result is subnormal.
 */
const scaledExp = (factor: number, x: number, low: number): number => {
  if (x < -EXP_LIMIT) return 0;
  if (x > EXP_LIMIT) return Infinity;
  const k = quotient(x);
  const half = k >> 1;
  return factor * (1 + expm1Reduced(remainder(x, low, k))) * powerOf2(half) * powerOf2(k - half);
};

const EXP_ERROR = 2 * U;
const expPoint = (x: number): number => scaledExp(1, x, 0);

/**
 * With e = e^−|x|: e/(1 + e) within 3.94u, 1.94/(1 + e) for e's error, 1/(1 + e) for the sum's, 1 for the quotient's;
 * 1/(1 + e) within (1.94e + 1)/(1 + e) + 1.
 */
const SIGMOID_ERROR = 4 * U;
const sigmoidPoint = (x: number): number => {
  const e = expPoint(-Math.abs(x));
  return (x < 0 ? e : 1) / (1 + e);
};

/** tanh is closer than u/2 to ±1 beyond. */
const TANH_LIMIT = 20;
/**
 * −m/(2 + m) with m = e^(−2|x|) − 1 = 2^k·(e^r − 1) + (2^k − 1) within 4.7u. An error of m counts 2/(2 + m) times.
 * k = 0, |m| ≤ 0.293: 2.1·1.172, then 0.6 for the sum and 1 for the quotient.
 * k = −1, |m| ≥ 0.2928: e^r − 1 is within 0.57 + 0.36, so m within (0.47 + 0.25)/0.2928·1.172 ≤ 2.9 where |m| < ½ and
 * (0.47 + 0.5)/0.5·1.48 ≤ 2.9 beyond; then 0.75 and 1.
 * k ≤ −2, |m| ≥ 0.646: (0.24 + 0.5)·2/(|m|(2 − |m|)) ≤ 1.7, or 1·2 for k < −53, where 2^k − 1 is rounded; then 1 and 1.
 */
const TANH_ERROR = 4.8 * U;
const tanhPoint = (x: number): number => {
  const size = Math.abs(x);
  let value = 1;
  if (size < TANH_LIMIT) {
    const k = quotient(-2 * size);
    const scale = powerOf2(k);
    const m = scale * expm1Reduced(remainder(-2 * size, 0, k)) + (scale - 1);
    value = -m / (2 + m);
  }
  return x < 0 ? -value : value;
};

/** 2 artanh(t/2) = t·Σ t^(2n)/(4^n(2n + 1)). */
const ARTANH = Float64Array.from({ length: 11 }, (_, n) => 1 / (powerOf2(2 * n) * (2 * n + 1)));
const word = new DataView(new ArrayBuffer(8));
/** The upper half of the bits of √½, rounded down. */
const ROOT_HALF = 0x3fe6a09e;

/**
 * 1 + x = 2^k(1 + n) with n between √½ − 1 and √2 − 1, and ln(1 + n) = 2 artanh(n/(2 + n)), within 6.65u.
 * w + c = 1 + x exactly (Knuth), so n has one rounding, which counts 2/(2 + n) times, and none for k = 0.
 * t within 2u for k = 0, else 3u: for n 1 or, below 0, 1.18; for the sum 1 or 0.6; for the quotient 1. ln(1 + n) within
 * 4.2u for k = 0, else 5.2u: t counts 1.03 times, the series' sum is within 1.06 and its remainder 0.01, the product 1.
 * For k ≠ 0, |ln(1 + n)| < 0.3467 and the result is at least 0.3465: 5.2 + 0.25/0.3465 + 0.25/0.3465 or, from ½ on,
 * (5.2·0.3467 + 0.25)/0.5 + 1.
 */
const LOG1P_ERROR = 6.7 * U;
const log1pPoint = (x: number): number => {
  if (x <= -1) return NaN;
  const w = 1 + x;
  const back = w - x;
  const c = x - (w - back) + (1 - back);
  word.setFloat64(0, w);
  const k = (word.getInt32(0) - ROOT_HALF) >> 20;
  const scale = powerOf2(-k);
  const n = w * scale - 1 + c * scale;
  const t = (2 * n) / (2 + n);
  return k * LN2_HIGH + (k * LN2_LOW + t * polynomial(ARTANH, 0, 10, t * t));
};

/**
 * max(x, 0) + ln(1 + e) with e = e^−|x| within 9.3u. An error of e counts e/((1 + e)ln(1 + e)) times, which is at most
 * 1, and 0.85 where k = 1 above: 1.94 + 4.2 or 0.85·1.94 + 6.65, then 1 for the sum.
 */
const SOFTPLUS_ERROR = 9.5 * U;
const softplusPoint = (x: number): number => Math.max(x, 0) + log1pPoint(expPoint(-Math.abs(x)));

/**
 * Taylor coefficients of g(t) = (1 − Φ(t))e^(t²/2) at 0, ½, 1, …, 39: 17 a row, for |t − c| ≤ ¼.
 *
 * M = √(2π)·g has M' = tM − 1, so (n + 1)aₙ₊₁ = c·aₙ + aₙ₋₁. This multiplies errors by 2^57 at most, the coefficients
 * of e^(ch + h²/2), and there are 256 bits. The first value is the continued fraction 1/(c + 1/(c + 2/(c + …))), of
 * which 60 steps leave 2^−375; the next are the series at −½, of positive terms. Errors shrink on the way down to
 * g(0) = ½, which gives the scale.
 */
const ROWS = 79;
const DEGREE = 16;
const tailTable = (): Float64Array => {
  const one = 1n << 256n;
  const rows: bigint[][] = [];
  let fraction = 39n * one;
  for (let n = 60n; n > 0n; n--) fraction = 39n * one + (n * one * one) / fraction;
  let value = (one * one) / fraction;
  for (let row = ROWS - 1; row >= 0; row--) {
    const twice = BigInt(row);
    const a = [value, (twice * value) / 2n - one];
    for (let n = 1; n < 80; n++) a.push(((twice * a[n]!) / 2n + a[n - 1]!) / BigInt(n + 1));
    rows[row] = a;
    value = a.reduceRight((sum, coefficient) => coefficient - sum / 2n, 0n);
  }
  const scale = 2n * rows[0]![0]!;
  const toNumber = (a: bigint): number => Number((a * one) / scale) / Number(one);
  return Float64Array.from(rows.flatMap((a) => a.slice(0, DEGREE + 1).map(toNumber)));
};
const TAIL = tailTable();
const TAIL_LIMIT = (ROWS - 1) / 2;

/**
 * g(t) within 3.4u, for 0 ≤ t ≤ 39. The bₙ = |aₙ|/4^n have b₁ ≤ 0.2b₀ (−g'/g falls from √(2/π) on: M is log-convex) and
 * bₙ₊₁ ≤ bₙ₋₁/16(n + 1) (the recurrence with its signs), so Σₙ bₙ ≤ 1.24b₀ and Σₙ Σₘ≥ₙ₊₁ bₘ ≤ 0.28b₀, while
 * g(t) ≥ 0.8b₀. Horner's steps round by 1 for the last sum and (1.24 + 2·0.28)/0.8 for coefficients and the others. The
 * remainder is below 0.07u: |M^(n)(t)|/n! = ∫ s^n e^(−st − s²/2) ds/n! is below 1/17!! for n = 17, and t^−18.
 */
const scaledTail = (t: number): number => {
  const row = Math.round(2 * t);
  const first = row * (DEGREE + 1);
  return polynomial(TAIL, first, first + DEGREE, t - row / 2);
};

/**
 * 1 − Φ(t) = g(t)·e^(−t²/2), t ≥ 0, within 6.4u: 3.4 + 1.94 + 1. With h of 24 bits, h² is exact and the rest of t², at
 * most 10^−4, needs no care.
 */
const normalTail = (t: number): number => {
  if (t > TAIL_LIMIT) return 0;
  const h = Math.fround(t);
  return scaledExp(scaledTail(t), -0.5 * h * h, -0.5 * (t - h) * (t + h));
};

/** 6.4u below 0; else 7.4u: as 1 − Φ ≤ ½ and the difference rounds by u/2, (6.4·½ + ½)/½. */
const PHI_ERROR = 7.5 * U;
const phiPoint = (x: number): number => (x < 0 ? normalTail(-x) : 1 - normalTail(x));

/** Σ (−1)^n z^(2n+1)/(n!(2n + 1)) below; its remainder is below 0.04u here. */
const ERF_SERIES_LIMIT = 0.75;
const ERF_SERIES = new Float64Array(15);
for (let n = 0, factorial = 1; n < ERF_SERIES.length; factorial *= -++n) ERF_SERIES[n] = 1 / (factorial * (2 * n + 1));
const TWO_OVER_ROOT_PI = 1.1283791670955126;
const ROOT_2 = 1.4142135623730951;
/** erf is closer than u/2 to ±1 beyond. */
const ERF_LIMIT = 6;
/**
 * Series within 4.5u: its sum is at least 0.84 and within 0.7 + 0.5 + 0.04 of that, then 3 for the constant and two
 * products. Beyond, 1 − erfc(z) with erfc(z) = 2g(√2z)e^(−z²) ≤ 0.289 within 8.4u: as above, and 2 for √2z, whose error
 * counts at most once (t/M − t² ≤ 1): (8.4·0.289 + 0.5)/0.711 = 4.2u.
 */
const ERF_ERROR = 4.6 * U;
const erfPoint = (x: number): number => {
  const z = Math.abs(x);
  if (z < ERF_SERIES_LIMIT) return x * TWO_OVER_ROOT_PI * polynomial(ERF_SERIES, 0, 14, x * x);
  let value = 1;
  if (z < ERF_LIMIT) {
    const h = Math.fround(z);
    value = 1 - 2 * scaledExp(scaledTail(ROOT_2 * z), -h * h, -(z - h) * (z + h));
  }
  return x < 0 ? -value : value;
};

/**
 * An increasing function with values between `least` and `most`, computed within `error` + TINY/2. Moving a result y
 * outward by |y|(error + u) + TINY, itself rounded, leaves |y|·error after a last rounding by u|y|, and TINY/2 where
 * that matters.
 */
const increasing = (point: (x: number) => number, error: number, least: number, most: number) => {
  const wide = error + U;
  return ({ lo, hi }: Interval): Interval => {
    if (!isKnown(lo, hi)) return UNKNOWN;
    const low = point(lo);
    const high = hi === lo ? low : point(hi);
    return interval(
      Math.max(least, low - (Math.abs(low) * wide + TINY)),
      Math.min(most, high + (Math.abs(high) * wide + TINY)),
    );
  };
};

const mul = (x: Interval, y: Interval): Interval => hull(x.lo * y.lo, x.lo * y.hi, x.hi * y.lo, x.hi * y.hi);

const sigmoid = increasing(sigmoidPoint, SIGMOID_ERROR, 0, 1);
const phi = increasing(phiPoint, PHI_ERROR, 0, 1);
const softplus = increasing(softplusPoint, SOFTPLUS_ERROR, 0, Infinity);

/** Bounds of x·gate(x) here hold left of here, too, where it rises to 0: they reach from below it to at least 0. */
const GATE_LIMIT = -1000;

/**
 * x·gate(x), which falls to a minimum, at least `least`, between the neighbouring doubles `left` and `right`, and rises
 * from there. The derivative of SiLU has the sign of 1 + x + e^x, which rises; that of GELU, for x < 0, the sign of
 * (1 − Φ(t))/Φ'(t) − t with t = −x, which falls in t.
 */
const gated = (gate: (x: Interval) => Interval, left: number, right: number, least: number) => {
  const at = (x: number): Interval => {
    const point = { lo: x, hi: x };
    return mul(point, gate(point));
  };
  return ({ lo, hi }: Interval): Interval => {
    const a = at(Math.max(lo, GATE_LIMIT));
    const b = hi === lo ? a : at(Math.max(hi, GATE_LIMIT));
    const bottom = lo <= left && hi >= right ? least : Math.max(least, Math.min(a.lo, b.lo));
    return interval(bottom, Math.max(a.hi, b.hi));
  };
};

const from = (x: number): Interval => interval(x, x);

export const intervalFunctions: Primitives<Interval> & Composed<Interval> = {
  zero: { lo: 0, hi: 0 },
  one: { lo: 1, hi: 1 },
  add: (x, y) => outward(x.lo + y.lo, x.hi + y.hi),
  sub: (x, y) => outward(x.lo - y.hi, x.hi - y.lo),
  mul,
  div: (x, y) => (y.lo > 0 || y.hi < 0 ? hull(x.lo / y.lo, x.lo / y.hi, x.hi / y.lo, x.hi / y.hi) : UNKNOWN),
  sqrt: ({ lo, hi }) => interval(Math.max(0, outwardDown(Math.sqrt(lo))), outwardUp(Math.sqrt(hi))),
  neg: ({ lo, hi }) => interval(-hi, -lo),
  abs: ({ lo, hi }) => interval(Math.max(0, lo, -hi), Math.max(-lo, hi)),
  exp: increasing(expPoint, EXP_ERROR, 0, Infinity),
  log1p: increasing(log1pPoint, LOG1P_ERROR, -Infinity, Infinity),
  tanh: increasing(tanhPoint, TANH_ERROR, -1, 1),
  erf: increasing(erfPoint, ERF_ERROR, -1, 1),
  less: (x, y) => x.hi < y.lo,
  from,
  fromRational: (x: Rational) => interval(x.toNumberBelow(), x.toNumberAbove()),
  sigmoid,
  silu: gated(sigmoid, -1.278464542761074, -1.2784645427610737, -0.2784645427610738),
  phi,
  gelu: gated(phi, -0.7517915246935645, -0.7517915246935644, -0.16997120747990369),
  softplus,
  torchSoftplus: ({ lo, hi }) => {
    if (lo > SOFTPLUS_THRESHOLD) return interval(lo, hi);
    if (hi <= SOFTPLUS_THRESHOLD) return softplus({ lo, hi });
    const below = softplus({ lo, hi: SOFTPLUS_THRESHOLD });
    return interval(Math.min(below.lo, SOFTPLUS_THRESHOLD), Math.max(below.hi, hi));
  },
  relu: ({ lo, hi }) => interval(Math.max(lo, 0), Math.max(hi, 0)),
  max: (x, y) => interval(Math.max(x.lo, y.lo), Math.max(x.hi, y.hi)),
};
