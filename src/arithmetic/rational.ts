/**
 * Exact rational numbers on BigInt.
 *
 * A parameter that a user types stays what it says: 0.9 is 9/10 here, and is rounded only when it enters a
 * rounding arithmetic. Thresholds and worst cases that are rational functions of the parameters are computed exactly.
 */

import type { Bounds, Real } from './real.ts';

const gcd = (a: bigint, b: bigint): bigint => {
  // Powers of two are what doubles bring along; Euclid's steps on long dyadic numbers would take seconds.
  if (b > 0n && (b & (b - 1n)) === 0n) {
    const lowest = a & -a;
    return a === 0n || lowest > b ? b : lowest;
  }
  let x = a < 0n ? -a : a;
  let y = b < 0n ? -b : b;
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
};

const bitLength = (n: bigint): number => (n === 0n ? 0 : n.toString(16).length * 4 - leadingZerosOfTopDigit(n));
const leadingZerosOfTopDigit = (n: bigint): number => Math.clz32(parseInt(n.toString(16)[0]!, 16)) - 28;

/** n/d to the nearest integer, ties to even; d > 0. */
const divideToNearest = (n: bigint, d: bigint): bigint => {
  let q = n / d;
  let r = n % d;
  if (r < 0n) {
    r += d;
    q -= 1n;
  }
  const twice = 2n * r;
  return twice > d || (twice === d && (q & 1n) === 1n) ? q + 1n : q;
};

const DECIMAL_TEXT = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
/** Beyond this many decimal places an exponent is a typing error, not a parameter, and 10^e would fill the memory. */
const MAX_DECIMAL_EXPONENT = 5000;

export class Rational implements Real {
  /** Numerator. */
  readonly n: bigint;
  /** Denominator, > 0, coprime to the numerator. */
  readonly d: bigint;

  private constructor(n: bigint, d: bigint) {
    this.n = n;
    this.d = d;
  }

  static of(n: bigint, d: bigint = 1n): Rational {
    if (d === 0n) throw new RangeError('division by zero');
    const g = gcd(n, d) * (d < 0n ? -1n : 1n);
    return g === 1n ? new Rational(n, d) : new Rational(n / g, d / g);
  }

  /** The exact value of a finite double. */
  static fromNumber(x: number): Rational {
    if (Number.isSafeInteger(x)) return new Rational(BigInt(x), 1n);
    if (!Number.isFinite(x)) throw new RangeError(`expected a finite number, got ${x}`);
    let scaled = x;
    let shift = 0;
    // Multiplying by 2 is exact here: the loop stops long before overflow.
    while (!Number.isInteger(scaled)) {
      scaled *= 2;
      shift++;
    }
    return Rational.of(BigInt(scaled), 1n << BigInt(shift));
  }

  /** Decimal text ("0.9", "1e-4", "-3") or a quotient of two ("2/3"), exactly; undefined where it is neither. */
  static parse(text: string): Rational | undefined {
    const parts = text.split('/');
    if (parts.length > 2) return undefined;
    if (parts.length === 2) {
      const [top, bottom] = parts.map(Rational.parse);
      return top && bottom && bottom.n !== 0n ? top.div(bottom) : undefined;
    }
    const match = DECIMAL_TEXT.exec(text.trim());
    if (!match) return undefined;
    const [, sign, whole = '', fraction = '', exponentText = '0'] = match;
    if (whole === '' && fraction === '') return undefined;
    const exponent = Number(exponentText) - fraction.length;
    if (Math.abs(exponent) > MAX_DECIMAL_EXPONENT) return undefined;
    const digits = BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`);
    return exponent >= 0
      ? Rational.of(digits * 10n ** BigInt(exponent))
      : Rational.of(digits, 10n ** BigInt(-exponent));
  }

  add(y: Rational): Rational {
    return Rational.of(this.n * y.d + y.n * this.d, this.d * y.d);
  }
  sub(y: Rational): Rational {
    return Rational.of(this.n * y.d - y.n * this.d, this.d * y.d);
  }
  mul(y: Rational): Rational {
    return Rational.of(this.n * y.n, this.d * y.d);
  }
  div(y: Rational): Rational {
    return Rational.of(this.n * y.d, this.d * y.n);
  }
  neg(): Rational {
    return new Rational(-this.n, this.d);
  }
  abs(): Rational {
    return this.n < 0n ? this.neg() : this;
  }
  /** Integer power; negative exponents invert. */
  pow(k: number): Rational {
    if (k < 0) return Rational.of(1n).div(this.pow(-k));
    return new Rational(this.n ** BigInt(k), this.d ** BigInt(k));
  }

  /** −1, 0 or 1 as this is below, equal to or above y. */
  compare(y: Rational): number {
    const difference = this.n * y.d - y.n * this.d;
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }
  /** The smaller of the two. */
  min(y: Rational): Rational {
    return this.compare(y) <= 0 ? this : y;
  }
  enclose(): Bounds {
    return { lo: this, hi: this };
  }
  approximate(): Rational {
    return this;
  }
  isInteger(): boolean {
    return this.d === 1n;
  }
  sign(): number {
    return this.n < 0n ? -1 : this.n > 0n ? 1 : 0;
  }

  /**
   * Round to nearest, ties to even, with p significant bits and no quantum below 2^(emin − p + 1).
   * The result is returned as a double, so p ≤ 53 and the exponent must lie in the double range.
   */
  toBinary(p: number, emin: number): number {
    if (this.n === 0n) return 0;
    const negative = this.n < 0n;
    const n = negative ? -this.n : this.n;
    let exponent = bitLength(n) - bitLength(this.d); // floor(log2) or one more
    const atLeast = exponent >= 0 ? n >= this.d << BigInt(exponent) : n << BigInt(-exponent) >= this.d;
    if (!atLeast) exponent--;
    const quantum = Math.max(exponent, emin) - p + 1;
    const significand =
      quantum >= 0 ? divideToNearest(n, this.d << BigInt(quantum)) : divideToNearest(n << BigInt(-quantum), this.d);
    const value = scaleByPowerOfTwo(Number(significand), quantum);
    return negative ? -value : value;
  }

  /** The nearest double. */
  toNumber(): number {
    return this.toBinary(53, -1022);
  }

  /** The largest double that is not above this value. */
  toNumberBelow(): number {
    const x = this.toNumber();
    if (x === Infinity) return Number.MAX_VALUE;
    return Number.isFinite(x) && Rational.fromNumber(x).compare(this) > 0 ? nextDown(x) : x;
  }

  /** The least double that is not below this value. */
  toNumberAbove(): number {
    return -this.neg().toNumberBelow();
  }

  /** Rounded (ties to even) to `digits` significant decimal digits, as plain text or with an exponent, trailing zeros kept off. */
  toDecimalText(digits: number): string {
    if (this.n === 0n) return '0';
    const negative = this.n < 0n;
    const n = negative ? -this.n : this.n;
    let exponent = n.toString().length - this.d.toString().length; // floor(log10) or one more
    const atLeast = exponent >= 0 ? n >= this.d * 10n ** BigInt(exponent) : n * 10n ** BigInt(-exponent) >= this.d;
    if (!atLeast) exponent--;
    const shift = digits - 1 - exponent;
    let significand =
      shift >= 0
        ? divideToNearest(n * 10n ** BigInt(shift), this.d)
        : divideToNearest(n, this.d * 10n ** BigInt(-shift));
    if (significand === 10n ** BigInt(digits)) {
      significand /= 10n;
      exponent++;
    }
    return (negative ? '-' : '') + decimalText(significand.toString(), exponent);
  }

  toString(): string {
    return this.d === 1n ? `${this.n}` : (this.terminating() ?? `${this.n}/${this.d}`);
  }

  /** The finite decimal expansion, where there is one of at most 25 digits. */
  private terminating(): string | undefined {
    const text = this.toDecimalText(25);
    return Rational.parse(text)?.compare(this) === 0 ? text : undefined;
  }
}

/** Digits d₁d₂…dₙ with value d₁.d₂…dₙ × 10^exponent, as the usual notation. */
const decimalText = (digits: string, exponent: number): string => {
  const significant = digits.replace(/0+$/, '') || '0';
  if (exponent < -7 || exponent > 24) {
    const tail = significant.slice(1);
    return `${significant[0]}${tail && '.' + tail}e${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`;
  }
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${significant}`;
  if (significant.length <= exponent + 1) return significant + '0'.repeat(exponent + 1 - significant.length);
  return `${significant.slice(0, exponent + 1)}.${significant.slice(exponent + 1)}`;
};

/** x·2^k for a double x, in steps that stay exact wherever the result is representable. */
const scaleByPowerOfTwo = (x: number, k: number): number => {
  let value = x;
  let left = k;
  while (left > 1000) {
    value *= 2 ** 1000;
    left -= 1000;
  }
  while (left < -1000) {
    value *= 2 ** -1000;
    left += 1000;
  }
  return value * 2 ** left;
};

const word = new Float64Array(1);
const bits = new BigInt64Array(word.buffer);

/** The next double towards +∞. */
export const nextUp = (x: number): number => {
  if (Number.isNaN(x) || x === Infinity) return x;
  if (x === 0) return Number.MIN_VALUE;
  word[0] = x;
  bits[0] = bits[0]! + (x > 0 ? 1n : -1n);
  return word[0]!;
};

/** The next double towards −∞. */
export const nextDown = (x: number): number => -nextUp(-x);
