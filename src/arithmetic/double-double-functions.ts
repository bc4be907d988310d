/**
 * Double-double arithmetic: a number is the unevaluated sum of two doubles, 106 bits in all. The fast high-precision
 * reference of the suite, independent of decimal.js.
 *
 * Relative errors, with u = 2^−53: add and sub ≤ 3u² + 13u³ (AccurateDWPlusDW), mul ≤ 5u² (DWTimesDW1, with Dekker's
 * products: there is no FMA), div ≤ 15u² + 56u³ (DWDivDW2), sqrt ≤ 25/8 u² (SQRTDWtoDW). The algorithms are those of
 * Joldes, Muller and Popescu (ACM TOMS 44(2), 2017), and so are the bounds of add and div; that of mul is by Muller and
 * Rideau (ACM TOMS 48(1), 2022), sqrt by Lefèvre, Louvet, Muller, Picot and Rideau (ACM TOMS 49(1), 2023). The functions
 * are within 16u² < 2·10^−31: tested against decimals, not proved.
 *
 * All that holds while the magnitudes of operands and results lie between 2^−900 and 2^900 or are 0. Below, an error term
 * underflows and fewer and fewer bits are right; beyond 2^996 Veltkamp's splitting overflows and a product or quotient is
 * NaN, unless it is infinite. The sign of a zero that comes out of + − × ÷ means nothing.
 */
import { productError } from './error-free.ts';
import { compose, type Composed, type Primitives } from './arithmetic.ts';
import { Rational } from './rational.ts';
import type { BinaryOperation } from './stage.ts';

/** The number hi + lo, where hi is the double nearest to it. An infinity or NaN is all in hi, and lo is 0. */
export interface DoubleDouble {
  readonly hi: number;
  readonly lo: number;
}

const from = (x: number): DoubleDouble => ({ hi: x, lo: 0 });
const zero = from(0);
const one = from(1);

/** x + y without error, for |x| ≥ |y| (Dekker's Fast2Sum). This order of operations never makes lo a −0. */
const quickSum = (x: number, y: number): DoubleDouble => {
  const hi = x + y;
  return { hi, lo: x - hi + y };
};

/** By Knuth's 2Sum of the high parts (s + e) and of the low parts (t + f). */
const sum = (xh: number, xl: number, yh: number, yl: number): DoubleDouble => {
  const s = xh + yh;
  const ss = s - xh;
  const e = xh - (s - ss) + (yh - ss);
  const t = xl + yl;
  const tt = t - xl;
  const f = xl - (t - tt) + (yl - tt);
  const c = e + t;
  const v = s + c;
  const w = f + (s - v + c);
  const hi = v + w;
  return Number.isFinite(hi) ? { hi, lo: v - hi + w } : from(s);
};
const add = (x: DoubleDouble, y: DoubleDouble): DoubleDouble => sum(x.hi, x.lo, y.hi, y.lo);
const sub = (x: DoubleDouble, y: DoubleDouble): DoubleDouble => sum(x.hi, x.lo, -y.hi, -y.lo);

/** What a product or quotient is whose error terms are not finite, given what doubles make of it. */
const beyond = (plain: number): DoubleDouble => from(Number.isFinite(plain) ? NaN : plain);

const mul = (x: DoubleDouble, y: DoubleDouble): DoubleDouble => {
  const p = x.hi * y.hi;
  const t = productError(x.hi, y.hi, p) + (x.hi * y.lo + x.lo * y.hi);
  const hi = p + t;
  return Number.isFinite(hi) ? { hi, lo: p - hi + t } : beyond(p);
};

const div = (x: DoubleDouble, y: DoubleDouble): DoubleDouble => {
  const q = x.hi / y.hi;
  if (!Number.isFinite(y.hi)) return from(q);
  const p = y.hi * q;
  const f = y.lo * q;
  const s = p + f;
  const g = p - s + f + productError(y.hi, q, p);
  const r = s + g;
  const t = (x.hi - r + (x.lo - (s - r + g))) / y.hi;
  const hi = q + t;
  return Number.isFinite(hi) ? { hi, lo: q - hi + t } : beyond(q);
};

const sqrt = (x: DoubleDouble): DoubleDouble => {
  const s = Math.sqrt(x.hi);
  if (s === 0 || !Number.isFinite(s)) return from(s);
  const p = s * s;
  return quickSum(s, (x.lo + (x.hi - p - productError(s, s, p))) / (2 * s));
};

const neg = (x: DoubleDouble): DoubleDouble => ({ hi: -x.hi, lo: 0 - x.lo });
const abs = (x: DoubleDouble): DoubleDouble => ({ hi: Math.abs(x.hi), lo: x.hi < 0 ? 0 - x.lo : x.lo });
const withSignOf = (x: DoubleDouble, magnitude: DoubleDouble): DoubleDouble => (x.hi < 0 ? neg(magnitude) : magnitude);

/** x·2^k; in two steps, because 2^k alone may not be a double. */
const scale = (x: DoubleDouble, k: number): DoubleDouble => {
  const half = 2 ** (k >> 1);
  const rest = 2 ** (k - (k >> 1));
  const hi = x.hi * half * rest;
  return { hi, lo: Number.isFinite(hi) ? x.lo * half * rest + 0 : 0 };
};

/** The nearest double and the double nearest to what it leaves, which may be half an ulp: hence the last step. */
const fromRational = (x: Rational): DoubleDouble => {
  const hi = x.toNumber();
  return Number.isFinite(hi) ? quickSum(hi, x.sub(Rational.fromNumber(hi)).toNumber()) : from(hi);
};

/** The exact value of a finite number. */
export const toRational = (x: DoubleDouble): Rational => Rational.fromNumber(x.hi).add(Rational.fromNumber(x.lo));

/** Σ coefficients[n] x^n, where doubles do for the powers from `tail` on: there they are below 2^−56 of the sum. */
const polynomial = (coefficients: readonly DoubleDouble[], tail: number, x: DoubleDouble): DoubleDouble => {
  let low = 0;
  for (let n = coefficients.length - 1; n >= tail; n--) low = low * x.hi + coefficients[n]!.hi;
  let total = from(low);
  for (let n = tail - 1; n >= 0; n--) total = add(mul(total, x), coefficients[n]!);
  return total;
};

/** 1/denominator(n) for n = 0 … count − 1. */
const reciprocals = (count: number, denominator: (n: bigint) => bigint): readonly DoubleDouble[] =>
  Array.from({ length: count }, (_, n) => fromRational(Rational.of(1n, denominator(BigInt(n)))));
const factorial = (n: bigint): bigint => (n === 0n ? 1n : n * factorial(n - 1n));

/**
 * ln 2 = 0.b17217f7d1 cf79abc9e3 b39803f2f6af… in hexadecimal digits, cut so that the products of the first two parts with
 * an integer of 11 bits are doubles. What is missing is below 2^−128.
 */
const LN2_PARTS = [0xb17217f7d1 / 2 ** 40, 0xcf79abc9e3 / 2 ** 80, 0xb39803f2f6af / 2 ** 128] as const;
const LN2 = LN2_PARTS.map(from).reduce(add);
/** π = 3.243f6a8885a308d3… in hexadecimal digits, 160 of its bits. */
const PI = fromRational(Rational.of(0x3243f6a8885a308d313198a2e03707344a4093822n, 1n << 160n));
const SQRT_HALF = sqrt(from(0.5));

/** (e^r − 1)/r = Σ r^n/(n+1)! for |r| ≤ (ln 2)/2: the first term left out is below 2^−113. */
const EXP_COEFFICIENTS = reciprocals(23, (n) => factorial(n + 1n));
const EXP_TAIL = 13;

/** e^x = 2^k (1 + e) with |x − k ln 2| ≤ (ln 2)/2. */
const reducedExp = (x: DoubleDouble): { k: number; e: DoubleDouble } => {
  const k = Math.round(x.hi / Math.LN2);
  const r = LN2_PARTS.reduce((left, part) => sub(left, from(k * part)), x);
  return { k, e: mul(r, polynomial(EXP_COEFFICIENTS, EXP_TAIL, r)) };
};

/** Beyond this e^x is no double, in either direction. */
const EXP_RANGE = 750;

const exp = (x: DoubleDouble): DoubleDouble => {
  if (!(Math.abs(x.hi) < EXP_RANGE)) return from(Math.exp(x.hi));
  const { k, e } = reducedExp(x);
  return scale(add(one, e), k);
};

/** e^x − 1, for |x| < 100: 2^k must be finite. */
const expm1 = (x: DoubleDouble): DoubleDouble => {
  const { k, e } = reducedExp(x);
  return add(scale(e, k), sub(from(2 ** k), one));
};

/** One step of Newton's: ln v = y + ln(v·e^(−y)), where y is the logarithm in doubles and ln(1 + z) is z to 2u². */
const log1p = (x: DoubleDouble): DoubleDouble => {
  if (x.hi === 0) return x;
  if (Math.abs(x.hi) <= 0.5) {
    // v·e^(−y) − 1 for v = 1 + x, whose digits beyond those of 1 must not be lost.
    const y = Math.log1p(x.hi);
    const e = expm1(from(-y));
    return add(from(y), add(add(e, x), mul(e, x)));
  }
  const v = add(one, x);
  if (!(v.hi > 0 && v.hi < Infinity)) return from(Math.log(v.hi));
  const k = Math.round(Math.log2(v.hi));
  const m = scale(v, -k);
  const y = Math.log(m.hi);
  return add(mul(from(k), LN2), add(from(y), sub(mul(m, exp(from(-y))), one)));
};

/** Beyond this 1 − tanh(x) < 2^−108. */
const TANH_SATURATED = 38;

/** −e/(2 + e) with e = e^(−2|x|) − 1. */
const tanh = (x: DoubleDouble): DoubleDouble => {
  if (x.hi === 0) return x;
  if (!(Math.abs(x.hi) < TANH_SATURATED)) return from(Math.sign(x.hi));
  const e = expm1(scale(neg(abs(x)), 1));
  return withSignOf(x, div(neg(e), add(from(2), e)));
};

/** erf(x) = 2/√π x Σ (−x²)^n/(n! (2n+1)) up to here (Abramowitz–Stegun 7.1.5), where 1 + erf(x) does not cancel yet. */
const SERIES_LIMIT = 0.75;
const ERF_COEFFICIENTS = reciprocals(25, (n) => factorial(n) * (2n * n + 1n));
const ERF_TAIL = 15;
const TWO_OVER_SQRT_PI = div(from(2), sqrt(PI));

/**
 * erfc(z) = 2z/π e^(−z²) ∫ e^(−t²)/(t² + z²) dt over t > 0 (7.1.4), by the trapezoidal rule with step h: its error is
 * 2/(e^(2πz/h) − 1), which comes of the pole at iz and is subtracted, and e^(−(π/h)²) < 2^−110 of the value.
 */
const STEP = 23 / 64;
const POLE_LIMIT = Math.PI / STEP;
const NODES = Array.from({ length: 24 }, (_, i) => ((i + 1) * STEP) ** 2);
const WEIGHTS = NODES.map((square) => exp(from(-square)));
/** From here on doubles do for the weights, too. */
const NODES_TAIL = 17;
const TWO_STEP_OVER_PI = div(from(2 * STEP), PI);
const TWO_PI_OVER_STEP = div(scale(PI, 1), from(STEP));

/** erfc(z) for z ≥ SERIES_LIMIT, given e^(−z²). */
const complement = (z: DoubleDouble, gaussian: DoubleDouble): DoubleDouble => {
  const square = mul(z, z);
  let low = 0;
  for (let i = NODES.length - 1; i >= NODES_TAIL; i--) low += WEIGHTS[i]!.hi / (square.hi + NODES[i]!);
  let total = from(low);
  for (let i = NODES_TAIL - 1; i >= 0; i--) total = add(total, div(WEIGHTS[i]!, add(square, from(NODES[i]!))));
  total = add(total, div(from(0.5), square));
  const rule = mul(mul(mul(TWO_STEP_OVER_PI, z), total), gaussian);
  if (z.hi > POLE_LIMIT) return rule;
  return sub(rule, div(from(2), sub(exp(mul(TWO_PI_OVER_STEP, z)), one)));
};

/** e^(−x²·2^k) with the whole of x², because the rounding error of a product would count x² times. */
const gaussian = (x: DoubleDouble, k: number): DoubleDouble => {
  const square = x.hi * x.hi;
  const rest = add(mul(from(x.lo), { hi: 2 * x.hi, lo: x.lo }), from(productError(x.hi, x.hi, square)));
  return mul(exp(scale(from(-square), k)), exp(neg(scale(rest, k))));
};

/** Beyond this erfc(x) < 2^−120. */
const ERF_SATURATED = 9;

const erf = (x: DoubleDouble): DoubleDouble => {
  if (x.hi === 0) return x;
  const magnitude = Math.abs(x.hi);
  if (!(magnitude < ERF_SATURATED)) return from(Math.sign(x.hi));
  if (magnitude < SERIES_LIMIT) {
    return mul(mul(TWO_OVER_SQRT_PI, x), polynomial(ERF_COEFFICIENTS, ERF_TAIL, neg(mul(x, x))));
  }
  return withSignOf(x, sub(one, complement(abs(x), gaussian(x, 0))));
};

/** Beyond this Φ(−|x|) is no double. */
const PHI_SATURATED = 40;

/** Φ(x), the tail with x < 0 to full relative accuracy: it is no sum 1 + erf there, which would cancel. */
const phi = (x: DoubleDouble): DoubleDouble => {
  if (!(Math.abs(x.hi) < PHI_SATURATED)) return from(Math.max(Math.sign(x.hi), 0));
  const z = mul(x, SQRT_HALF);
  if (Math.abs(z.hi) < SERIES_LIMIT) return scale(add(one, erf(z)), -1);
  const tail = scale(complement(abs(z), gaussian(x, -1)), -1);
  return x.hi < 0 ? tail : sub(one, tail);
};

const primitives: Primitives<DoubleDouble> = {
  zero,
  one,
  add,
  sub,
  mul,
  div,
  sqrt,
  neg,
  abs,
  exp,
  log1p,
  tanh,
  erf,
  less: (x, y) => x.hi < y.hi || (x.hi === y.hi && x.lo < y.lo),
  from,
  fromRational,
};

export const doubleDoubleFunctions: Primitives<DoubleDouble> & Composed<DoubleDouble> = {
  ...primitives,
  ...compose(primitives),
  phi,
  gelu: (x) => mul(x, phi(x)),
};

/** productError(x, y, Tp) as Te. */
const productErrorText = (x: string, y: string): string =>
  `const Tc = 134217729 * ${x}, Td = 134217729 * ${y};
const Tg = Tc - (Tc - ${x}), Th = Td - (Td - ${y}), Ti = ${x} - Tg, Tj = ${y} - Th;
const Te = Ti * Tj - (Tp - Tg * Th - Ti * Th - Tg * Tj);`;

const sumText = (plus: string, minus: string): string =>
  `const Ts = Xa ${plus} Ya, Tt = Xb ${plus} Yb, Ti = Ts - Xa, Tj = Tt - Xb;
const Tc = Xa - (Ts - Ti) ${plus} (Ya ${minus} Ti) + Tt, Tv = Ts + Tc;
const Tw = Xb - (Tt - Tj) ${plus} (Yb ${minus} Tj) + (Ts - Tv + Tc);
const Ta = Tv + Tw, Tb = Tv - Ta + Tw;`;

/** The operations above, statement by statement, with T, X and Y for the target and the operands. */
const TEXT: Readonly<Record<BinaryOperation, string>> = {
  add: sumText('+', '-'),
  sub: sumText('-', '+'),
  mul: `const Tp = Xa * Ya;
${productErrorText('Xa', 'Ya')}
const Tt = Te + (Xa * Yb + Xb * Ya), Ta = Tp + Tt, Tb = Tp - Ta + Tt;`,
  div: `const Tq = Xa / Ya, Tp = Ya * Tq, Tf = Yb * Tq, Ts = Tp + Tf;
${productErrorText('Ya', 'Tq')}
const Tk = Tp - Ts + Tf + Te, Tr = Ts + Tk;
const Tt = (Xa - Tr + (Xb - (Ts - Tr + Tk))) / Ya, Ta = Tq + Tt, Tb = Tq - Ta + Tt;`,
};

/**
 * JavaScript for `x op y`, where a number v is held in the variables `va` (hi) and `vb` (lo); the other constants that it
 * declares are `target` and one more letter. The same, bit for bit, as the functions, but where those give an infinity, or a
 * quotient by one, this gives NaN.
 */
export const doubleDoubleText = (operation: BinaryOperation, target: string, x: string, y: string): string => {
  const names: Record<string, string> = { T: target, X: x, Y: y };
  return TEXT[operation].replace(/[TXY]/g, (letter) => names[letter]!);
};
