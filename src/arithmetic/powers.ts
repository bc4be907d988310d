/** Powers of a rational number, one after the other, each rounded to a format once. */
import * as float from './big-float.ts';
import type { BigFloat } from './big-float.ts';
import { bigIntervalFunctions, type BigInterval } from './big-interval.ts';
import { roundTo, type Format } from './format.ts';
import type { Rational } from './rational.ts';

/** A positive number m·2^e to the nearest of p bits, ties to even. */
const toBits = ({ m, e }: BigFloat, p: number): BigFloat => {
  const excess = float.bitLength(m) - p;
  if (excess <= 0) return { m, e };
  const half = 1n << BigInt(excess - 1);
  const up = (m + half) >> BigInt(excess);
  const tie = (m & (2n * half - 1n)) === half;
  return { m: tie && (up & 1n) === 1n ? up - 1n : up, e: e + excess };
};

/** What all numbers of an interval in [1, ∞) round to; undefined where they do not round to the same. */
const rounded = (format: Format, { lo, hi }: BigInterval): number | undefined => {
  const [below, above] = [toBits(lo, format.p), toBits(hi, format.p)];
  if (float.compare(below, above) !== 0) return undefined;
  const value = Number(below.m) * 2 ** below.e;
  return value <= format.max ? value : roundTo(format, value);
};

/** A product loses a unit in the last place: of the millionth power 107 bits are right, and 53 need more hardly ever. */
const BITS = 128;

const roundedPower = (format: Format, x: Rational, r: number, bits: number): number => {
  const A = bigIntervalFunctions(bits);
  return rounded(format, A.pow(A.fromRational(x), r)) ?? roundedPower(format, x, r, 2 * bits);
};

/**
 * x^0, x^1, x^2, … for x ≥ 1, correctly rounded; `bits` > p. A power that is the midpoint of two numbers has p + 1 bits, so
 * that it and all before it are exact. From any other midpoint enough bits tell a power.
 */
export function* roundedPowers(format: Format, x: Rational, bits: number = BITS): Generator<number, never> {
  const A = bigIntervalFunctions(bits);
  const factor = A.fromRational(x);
  while (x.n === x.d) yield 1;
  for (let r = 0, power = A.one; ; r++, power = A.mul(power, factor)) {
    yield rounded(format, power) ?? roundedPower(format, x, r, 2 * bits);
  }
}
