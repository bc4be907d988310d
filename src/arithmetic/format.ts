/**
 * Floating-point formats and rounding to them (docs/theory.md §6).
 *
 * A value of any format is carried in a double. p counts the implicit bit; u = 2^(−p) is the unit roundoff.
 */

import type { Rational } from './rational.ts';

export interface Format {
  readonly name: string;
  /** Significant bits, the implicit one included. */
  readonly p: number;
  /** Exponent of the smallest normal number 2^emin; −∞ for an unbounded exponent. */
  readonly emin: number;
  /** Largest finite value. */
  readonly max: number;
  /** What a result beyond `max` becomes. 'error': the format's exponent is unbounded and the carrier's is not. */
  readonly overflow: 'infinity' | 'nan' | 'error';
}

const ieee = (name: string, p: number, emin: number, max: number): Format => ({
  name,
  p,
  emin,
  max,
  overflow: 'infinity',
});

export const FP64 = ieee('fp64', 53, -1022, Number.MAX_VALUE);
export const FP32 = ieee('fp32', 24, -126, (2 - 2 ** -23) * 2 ** 127);

/** Name → format. e4m3 is the variant without infinities (OCP E4M3): overflow gives NaN. */
const NAMED: ReadonlyMap<string, Format> = new Map(
  [
    FP64,
    FP32,
    ieee('tf32', 11, -126, (2 - 2 ** -10) * 2 ** 127),
    ieee('bf16', 8, -126, (2 - 2 ** -7) * 2 ** 127),
    ieee('fp16', 11, -14, 65504),
    { name: 'fp8-e4m3', p: 4, emin: -6, max: 448, overflow: 'nan' } as const,
    ieee('fp8-e5m2', 3, -14, 57344),
  ].map((format) => [format.name, format]),
);

/** The least power of two that is at least x > 0: scaling by it is exact. */
export const nextPowerOfTwo = (x: number): number => 2 ** Math.ceil(Math.log2(x));

/** The power of two from which σ saturates: e^(−x) is at most u/2, so that 1 + e^(−x) rounds to 1 (docs/theory.md §9). */
export const saturation = ({ p }: Format): number => nextPowerOfTwo((p + 1) * Math.LN2);

/** τ, or what it takes for a decay e^(−e^(−τ)) to round to 1 where that is more (docs/theory.md P3). */
export const idle = (tau: number, { p }: Format): number => Math.max(tau, (p + 2) * Math.LN2);

export const FORMAT_NAMES: readonly string[] = [...NAMED.keys()];

const UNBOUNDED: readonly Format[] = Array.from({ length: 54 }, (_, p) => ({
  name: `p${p}`,
  p,
  emin: -Infinity,
  max: Number.MAX_VALUE,
  overflow: 'error',
}));

/** p bits with an unbounded exponent, for 2 ≤ p ≤ 53. */
export const unboundedFormat = (p: number): Format => UNBOUNDED[p]!;

/** Made once each: what is compiled for a format is kept by it. */
const bounded = new Map<string, Format>();

/** p bits whose exponents take `bits` bits, as IEEE 754 has them: p8e8 is bf16, p11e5 is fp16. */
export const boundedFormat = (p: number, bits: number): Format => {
  const name = `p${p}e${bits}`;
  const emax = 2 ** (bits - 1) - 1;
  const format = bounded.get(name) ?? ieee(name, p, 1 - emax, (2 - 2 ** (1 - p)) * 2 ** emax);
  bounded.set(name, format);
  return format;
};

/** Up to this precision operations are rounded by rounding float64 ones (Figueroa), subnormal results included. */
const MOST_BOUNDED_BITS = 25;

/**
 * The format called `name`: one of FORMAT_NAMES, p<k> with 2 ≤ k ≤ 53, or p<k>e<j> with 2 ≤ k ≤ 25 and 3 ≤ j ≤ 10;
 * undefined for any other name.
 */
export const formatByName = (name: string): Format | undefined => {
  const named = NAMED.get(name);
  if (named) return named;
  const match = /^p([1-9]\d?)(?:e([1-9]\d?))?$/.exec(name);
  if (!match) return undefined;
  const p = Number(match[1]);
  if (match[2] === undefined) return p >= 2 && p <= 53 ? unboundedFormat(p) : undefined;
  const bits = Number(match[2]);
  return p >= 2 && p <= MOST_BOUNDED_BITS && bits >= 3 && bits <= 10 ? boundedFormat(p, bits) : undefined;
};

/** Thrown when a p<k> computation leaves the exponent range of the double that carries it. */
export class CarrierRangeError extends RangeError {
  override name = 'CarrierRangeError';
}

/** Smallest normal double: below it the carrier has no 53 bits left and a rounding to p bits may be wrong. */
const CARRIER_MIN = 2 ** -1022;
const leaveCarrier = (format: Format): never => {
  throw new CarrierRangeError(`a value of format ${format.name} left the exponent range of the double that carries it`);
};

const word = new Float64Array(1);
const halves = new Uint32Array(word.buffer); // little-endian: [low, high]

/** floor(log2 |x|) for a normal double. */
const exponentOf = (x: number): number => {
  word[0] = x;
  return ((halves[1]! >>> 20) & 0x7ff) - 1023;
};

/** Adding and subtracting 1.5·2^52 rounds a |y| < 2^51 to an integer, ties to even. */
const ROUND_TO_INTEGER = 1.5 * 2 ** 52;

/**
 * Rounds a double to a format: nearest, ties to even, with the format's subnormals and overflow. The reference
 * for every faster rounding. Exact for p ≤ 51 and the identity for 53; p = 52 takes one bit off by hand.
 */
export const roundTo = (format: Format, x: number): number => {
  if (x === 0 || Number.isNaN(x)) return x;
  if (!Number.isFinite(x))
    return format.overflow === 'error' ? leaveCarrier(format) : format.overflow === 'nan' ? NaN : x;
  if (format.p === 53) {
    return format.overflow === 'error' && Math.abs(x) < CARRIER_MIN ? leaveCarrier(format) : x;
  }
  if (Math.abs(x) < CARRIER_MIN) return format.overflow === 'error' ? leaveCarrier(format) : x * 0;
  const quantum = Math.max(exponentOf(x), format.emin) - format.p + 1;
  // x = y·2^quantum with |y| < 2^p; both scalings are exact, in two steps because 2^−quantum may overflow.
  const half = Math.trunc(quantum / 2);
  const y = x * 2 ** -half * 2 ** (half - quantum);
  const rounded = roundToInteger(y) * 2 ** half * 2 ** (quantum - half);
  if (Math.abs(rounded) > format.max) return overflowOf(format, x);
  return rounded === 0 ? x * 0 : rounded;
};

const roundToInteger = (y: number): number => {
  if (Math.abs(y) < 2 ** 51) return y + ROUND_TO_INTEGER - ROUND_TO_INTEGER;
  // 2^51 ≤ |y| < 2^52 has one fractional bit.
  const down = Math.floor(y);
  const fraction = y - down;
  return fraction < 0.5 || (fraction === 0.5 && down % 2 === 0) ? down : down + 1;
};

const overflowOf = (format: Format, x: number): number => {
  if (format.overflow === 'error') return leaveCarrier(format);
  return format.overflow === 'nan' ? NaN : x > 0 ? Infinity : -Infinity;
};

/**
 * Rounds the exact value s + e to a format, given the double s nearest to it and the sign of the remainder e.
 * Rounding s alone would round twice; it goes wrong only where s is a midpoint of the format.
 */
export const roundWithResidual = (format: Format, s: number, e: number): number => {
  const r = roundTo(format, s);
  if (e === 0 || r === s || format.p === 53 || !Number.isFinite(r)) return r;
  const midpoint = roundTo({ ...format, p: format.p + 1 }, s) === s;
  if (!midpoint) return r;
  const other = s + (s - r);
  return e > 0 ? Math.max(r, other) : Math.min(r, other);
};

/** Below every exponent that occurs: an unbounded format has no subnormals. */
const NO_EMIN = -1e9;

/** Rounds an exact rational to a format, once. */
export const roundRational = (format: Format, x: Rational): number => {
  const rounded = x.toBinary(format.p, Math.max(format.emin, NO_EMIN));
  // Below CARRIER_MIN the double has lost bits, or everything: 0 for a value that is none.
  const mayHaveUnderflowed = format.overflow === 'error' && Math.abs(rounded) <= CARRIER_MIN && x.n !== 0n;
  if (mayHaveUnderflowed && (x.n < 0n ? -x.n : x.n) << 1022n < x.d) return leaveCarrier(format);
  return roundTo(format, rounded);
};
