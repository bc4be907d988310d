/**
 * Arbitrary-precision decimals on decimal.js: the slow, independent reference.
 *
 * Precision belongs to an arithmetic, never to global state: each makes its own Decimal constructor.
 */
import { Decimal } from 'decimal.js';
import { compose, SOFTPLUS_THRESHOLD, type Arithmetic, type Primitives } from './arithmetic.ts';
import { Rational } from './rational.ts';
import { objectEmitter } from './stage.ts';
import { objectStorage } from './storage.ts';

export type DecimalConstructor = typeof Decimal;

/** Digits carried beyond the promised ones inside a function: decimal.js may miss tanh, atan and ln by an ulp. */
const GUARD_DIGITS = 10;

/** The exact value of a double. `new Decimal(0.1)` would be the decimal 0.1 instead. */
export const exactDecimal = (x: number, constructor: DecimalConstructor): Decimal =>
  Number.isFinite(x)
    ? new constructor(`${x < 0 || Object.is(x, -0) ? '-' : ''}0b${Math.abs(x).toString(2)}`)
    : new constructor(x);

const constructorFor = (digits: number): DecimalConstructor =>
  Decimal.clone({
    precision: digits,
    rounding: Decimal.ROUND_HALF_EVEN,
    maxE: 9e15,
    minE: -9e15,
    defaults: true,
  });

const primitivesFor = (D: DecimalConstructor, digits: number): Primitives<Decimal> => {
  // Functions run with guard digits and are rounded at the end.
  const G = constructorFor(digits + GUARD_DIGITS);
  const rounded = (f: (x: Decimal) => Decimal) => (x: Decimal) => D.add(f(new G(x)), 0);
  return {
    zero: new D(0),
    one: new D(1),
    add: (x, y) => D.add(x, y),
    sub: (x, y) => D.sub(x, y),
    mul: (x, y) => D.mul(x, y),
    div: (x, y) => D.div(x, y),
    sqrt: (x) => D.sqrt(x),
    neg: (x) => x.neg(),
    abs: (x) => x.abs(),
    exp: rounded((x) => x.exp()),
    log1p: rounded((x) => log1p(x, G)),
    tanh: rounded((x) => tanh(x, G)),
    erf: rounded((x) => erf(x, G)),
    less: (x, y) => x.lt(y),
    from: (x) => D.add(exactDecimal(x, D), 0),
    fromRational: (x) => D.div(x.n.toString(), x.d.toString()),
  };
};

/** 2 artanh(z) = 2 Σ z^(2n+1)/(2n+1) with z = x/(2 + x): near 0, 1 + x would lose digits; elsewhere it loses none. */
const log1p = (x: Decimal, G: DecimalConstructor): Decimal => {
  if (x.isZero() || !x.isFinite() || x.lt(-0.5) || x.gt(1)) return x.isZero() ? x : G.ln(G.add(1, x));
  const z = G.div(x, G.add(2, x));
  const square = G.mul(z, z);
  let power = z;
  let sum = z;
  for (let n = 3; power.e >= sum.e - G.precision - 2; n += 2) {
    power = G.mul(power, square);
    sum = G.add(sum, G.div(power, n));
  }
  return G.mul(2, sum);
};

/** (1 − e)/(1 + e) with e = e^(−2|x|), widened by the digits that 1 − e loses near 0. */
const tanh = (x: Decimal, G: DecimalConstructor): Decimal => {
  if (x.isZero() || x.isNaN()) return x;
  if (!x.isFinite()) return new G(x.s);
  const wide = constructorFor(G.precision + Math.max(0, -x.e) + 2);
  const e = wide.exp(wide.mul(-2, x.abs()));
  const value = wide.div(wide.sub(1, e), wide.add(1, e));
  return G.add(x.isNegative() ? value.neg() : value, 0);
};

/** 2/√π e^(−x²) Σ 2^n x^(2n+1)/(1·3·…·(2n+1)), all terms of one sign; ±1 once erfc is below the precision. */
const erf = (x: Decimal, G: DecimalConstructor): Decimal => {
  if (x.isZero() || x.isNaN()) return x;
  const square = G.mul(x, x);
  if (!x.isFinite() || square.gt((G.precision + 1) * Math.LN10)) return new G(x.isNegative() ? -1 : 1);
  const twice = G.mul(2, square);
  let term = new G(x);
  let sum = term;
  for (let n = 1; term.e >= sum.e - G.precision - 2; n++) {
    term = G.div(G.mul(term, twice), 2 * n + 1);
    sum = G.add(sum, term);
  }
  return G.mul(G.div(2, sqrtPi(G)), G.mul(G.exp(square.neg()), sum));
};

/** √π, with π = 16 arctan(1/5) − 4 arctan(1/239) (Machin): decimal.js knows 1025 digits of π, which may be too few. */
const sqrtPi = (G: DecimalConstructor): Decimal => {
  const digits = G.precision + 5;
  const arctan = (k: bigint): bigint => {
    let power = 10n ** BigInt(digits) / k;
    let sum = power;
    for (let n = 1n; power !== 0n; n++) {
      power = -power / (k * k);
      sum += power / (2n * n + 1n);
    }
    return sum;
  };
  return G.sqrt(new G(`${16n * arctan(5n) - 4n * arctan(239n)}e-${digits}`));
};

/**
 * 1 − erf(x) for x > 0: widened by the digits that the difference loses, or, where x is so large that this would
 * be all of them, e^(−x²)/(x√π) Σ (−1)^n (2n−1)!!/(2x²)^n, whose least term is then below the precision.
 */
const erfc = (x: Decimal, G: DecimalConstructor): Decimal => {
  const square = G.mul(x, x);
  const lost = square.toNumber() / Math.LN10;
  if (lost < G.precision + 3) {
    const wide = constructorFor(G.precision + Math.ceil(lost) + 5);
    return G.sub(1, erf(x, wide));
  }
  const twice = G.mul(2, square);
  let term = new G(1);
  let sum = term;
  for (let n = 1; term.e >= -G.precision - 1; n++) {
    term = G.div(G.mul(term, 1 - 2 * n), twice);
    sum = G.add(sum, term);
  }
  return G.div(G.mul(G.exp(square.neg()), sum), G.mul(x, sqrtPi(G)));
};

/** Beyond this Φ(−|x|) < 10^(−2·10^17), under the least decimal. */
const PHI_SATURATED = 1e9;

/** Φ(x); the half with x < 0 by erfc, because 1 + erf cancels there. */
const phi = (x: Decimal, digits: number): Decimal => {
  if (x.isNaN() || x.abs().gt(PHI_SATURATED)) return new Decimal(x.isNaN() ? NaN : x.isNegative() ? 0 : 1);
  // An error in x/√2 counts x² times in e^(−x²/2).
  const G = constructorFor(digits + 2 * GUARD_DIGITS + Math.max(0, 2 * x.e));
  const z = G.mul(x.abs(), G.sqrt(0.5));
  return G.div(x.isNegative() ? erfc(z, G) : G.add(1, erf(z, G)), 2);
};

/** Arithmetic with `digits` significant decimal digits, round half to even. */
export const decimalArithmetic = (digits: number): Arithmetic<Decimal> => {
  const D = constructorFor(digits);
  const wide = constructorFor(digits + GUARD_DIGITS);
  const primitives = primitivesFor(D, digits);
  const composedWide = compose(primitivesFor(wide, digits + GUARD_DIGITS));
  const once = (f: (x: Decimal) => Decimal) => (x: Decimal) => D.add(f(x), 0);
  const softplus = once(composedWide.softplus);
  const functions = {
    ...primitives,
    // The reference rounds a composed function once: its steps carry guard digits.
    max: (x: Decimal, y: Decimal) => (x.lt(y) ? y : x),
    relu: (x: Decimal) => (x.lt(0) ? primitives.zero : x),
    sigmoid: once(composedWide.sigmoid),
    silu: once(composedWide.silu),
    phi: once((x) => phi(x, digits)),
    gelu: once((x) => (x.isZero() ? x : wide.mul(x, phi(x, digits)))),
    softplus,
    torchSoftplus: (x: Decimal) => (x.gt(SOFTPLUS_THRESHOLD) ? x : softplus(x)),
  };
  return {
    ...functions,
    ...objectStorage(primitives.zero),
    name: `decimal${digits}`,
    mode: 'own',
    emitter: objectEmitter(functions),
    literal: functions.from,
    // As precise as a formula is known when it is not asked for more; decimals are no proof.
    fromReal: (x) => functions.fromRational(x.approximate()),
    toNumber: (x) => x.toNumber(),
    bounds: (x) => (x.isFinite() ? decimalToRational(x).enclose() : undefined),
    toText: (x) => x.toString(),
    settle: () => undefined,
  };
};

/** Beyond this exponent a decimal, written as a quotient of integers, would fill the memory. */
const MAX_EXPONENT = 1e6;

/** The exact value of a finite Decimal. */
export const decimalToRational = (x: Decimal): Rational => {
  if (!x.isFinite() || (!x.isZero() && Math.abs(x.e) > MAX_EXPONENT)) {
    throw new RangeError(`expected a finite decimal between 10^±${MAX_EXPONENT}, got ${x.toExponential(5)}`);
  }
  const [mantissa, exponentText] = x.toExponential().split('e');
  const [whole, fraction = ''] = mantissa!.split('.');
  const exponent = Number(exponentText) - fraction.length;
  const digits = BigInt(`${whole}${fraction}`);
  const power = 10n ** BigInt(Math.abs(exponent));
  return exponent >= 0 ? Rational.of(digits * power) : Rational.of(digits, power);
};
