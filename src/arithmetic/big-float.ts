/**
 * Binary floating point on BigInt: m·2^e with a mantissa of any length. Sums and products are exact; what cannot be
 * is rounded in a direction that the caller names, so that bounds stay bounds.
 */
import { Rational } from './rational.ts';

/** The number m·2^e, in no normal form. */
export interface BigFloat {
  readonly m: bigint;
  readonly e: number;
}

export const ZERO: BigFloat = { m: 0n, e: 0 };
export const ONE: BigFloat = { m: 1n, e: 0 };

const word = new DataView(new ArrayBuffer(8));

/** The bits of |n|. Read off the nearest double, which takes a quarter of the time of writing |n| in hexadecimal. */
export const bitLength = (n: bigint): number => {
  if (n === 0n) return 0;
  word.setFloat64(0, Number(n));
  const high = word.getUint32(0);
  const length = ((high >>> 20) & 0x7ff) - 1022;
  const magnitude = n < 0n ? -n : n;
  if (length > 1024) {
    const digits = magnitude.toString(16);
    return digits.length * 4 + 28 - Math.clz32(parseInt(digits[0]!, 16));
  }
  // Where the double is a power of two, |n| may have been rounded up to it.
  const isPower = (high & 0xfffff) === 0 && word.getUint32(4) === 0;
  return isPower && magnitude >> BigInt(length - 1) === 0n ? length - 1 : length;
};

/** The least k with |x| < 2^k. */
export const top = (x: BigFloat): number => (x.m === 0n ? -Infinity : bitLength(x.m) + x.e);

/** n·2^k, rounded towards −∞. */
export const shiftDown = (n: bigint, k: number): bigint => (k < 0 ? n >> BigInt(-k) : n << BigInt(k));
/** n·2^k, rounded towards +∞. */
export const shiftUp = (n: bigint, k: number): bigint => -shiftDown(-n, k);

export const neg = (x: BigFloat): BigFloat => ({ m: -x.m, e: x.e });
/** x·2^k. */
export const scale = (x: BigFloat, k: number): BigFloat => (x.m === 0n ? x : { m: x.m, e: x.e + k });

export const add = (x: BigFloat, y: BigFloat): BigFloat => {
  if (x.m === 0n) return y;
  if (y.m === 0n) return x;
  return x.e >= y.e ? { m: shiftDown(x.m, x.e - y.e) + y.m, e: y.e } : { m: x.m + shiftDown(y.m, y.e - x.e), e: x.e };
};
export const sub = (x: BigFloat, y: BigFloat): BigFloat => add(x, neg(y));
export const mul = (x: BigFloat, y: BigFloat): BigFloat => {
  const m = x.m * y.m;
  return m === 0n ? ZERO : { m, e: x.e + y.e };
};

const sign = (n: bigint): number => (n < 0n ? -1 : n > 0n ? 1 : 0);

/** −1, 0 or 1 as x is below, equal to or above y. */
export const compare = (x: BigFloat, y: BigFloat): number => {
  if (x.e === y.e) return x.m < y.m ? -1 : x.m > y.m ? 1 : 0;
  const [ofX, ofY] = [sign(x.m), sign(y.m)];
  if (ofX !== ofY) return ofX < ofY ? -1 : 1;
  if (ofX === 0) return 0;
  const above = top(x) - top(y);
  return above === 0 ? sign(sub(x, y).m) : Math.sign(above) * ofX;
};

/** The largest number of `bits` significant bits that is not above x. (A carry may write it as a 1 and `bits` zeros.) */
export const roundDown = (x: BigFloat, bits: number): BigFloat => {
  const excess = bitLength(x.m) - bits;
  return excess <= 0 ? x : { m: x.m >> BigInt(excess), e: x.e + excess };
};
/** The least number of `bits` significant bits that is not below x. */
export const roundUp = (x: BigFloat, bits: number): BigFloat => {
  const excess = bitLength(x.m) - bits;
  return excess <= 0 ? x : { m: -(-x.m >> BigInt(excess)), e: x.e + excess };
};

/** Exponents this close are aligned without a thought. */
const NEAR = 1024;

/**
 * A number that rounds to `bits` bits, in either direction, as x + y does, without the bits between a large and a
 * tiny summand. The large one and every number of `bits` bits beside it are multiples of 2^(q + 1), so between it and
 * its neighbour at that distance nothing changes the rounding: a summand below 2^q counts like ±2^q.
 */
export const addForRounding = (x: BigFloat, y: BigFloat, bits: number): BigFloat => {
  if (Math.abs(x.e - y.e) < NEAR || x.m === 0n || y.m === 0n) return add(x, y);
  const [large, tiny] = top(x) > top(y) ? [x, y] : [y, x];
  const q = Math.min(large.e, top(large) - bits) - 2;
  return add(large, top(tiny) <= q ? { m: tiny.m < 0n ? -1n : 1n, e: q } : tiny);
};

/** x/y towards −∞, for y > 0. */
export const divDown = (x: BigFloat, y: BigFloat, bits: number): BigFloat => {
  if (x.m === 0n) return ZERO;
  // The integer quotient has `bits` bits or more, so its rounding down is that of the real one.
  const shift = Math.max(0, bits + 1 + bitLength(y.m) - bitLength(x.m));
  const numerator = x.m << BigInt(shift);
  const quotient = numerator / y.m;
  const floor = numerator < 0n && quotient * y.m !== numerator ? quotient - 1n : quotient;
  return roundDown({ m: floor, e: x.e - y.e - shift }, bits);
};
/** x/y towards +∞, for y > 0. */
export const divUp = (x: BigFloat, y: BigFloat, bits: number): BigFloat => neg(divDown(neg(x), y, bits));

/** ⌊√n⌋ by Newton's iteration, which falls monotonically to it from any start above √n. */
const integerRoot = (n: bigint): bigint => {
  if (n === 0n) return n;
  // Of 102 leading bits the root in doubles, before it is cut, is off by less than 1/2.
  const half = Math.max(0, Math.ceil((bitLength(n) - 102) / 2));
  let root = (BigInt(Math.floor(Math.sqrt(Number(n >> BigInt(2 * half))))) + 2n) << BigInt(half);
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
};

/** √x between two neighbours or, where it is exact, twice, with at least `bits` bits; x ≥ 0. */
const rootBounds = (x: BigFloat, bits: number): [BigFloat, BigFloat] => {
  const least = Math.max(0, 2 * bits - bitLength(x.m));
  const shift = (x.e - least) % 2 === 0 ? least : least + 1;
  const square = x.m << BigInt(shift);
  const root = integerRoot(square);
  const e = (x.e - shift) / 2;
  return [
    { m: root, e },
    { m: root * root === square ? root : root + 1n, e },
  ];
};
/** √x towards −∞, for x ≥ 0. */
export const sqrtDown = (x: BigFloat, bits: number): BigFloat => roundDown(rootBounds(x, bits)[0], bits);
/** √x towards +∞, for x ≥ 0. */
export const sqrtUp = (x: BigFloat, bits: number): BigFloat => roundUp(rootBounds(x, bits)[1], bits);

/** The exact value of a finite double. */
export const fromNumber = (x: number): BigFloat => {
  if (Number.isSafeInteger(x)) return { m: BigInt(x), e: 0 };
  if (!Number.isFinite(x)) throw new RangeError(`expected a finite number, got ${x}`);
  word.setFloat64(0, x);
  const exponent = (word.getUint16(0) >>> 4) & 0x7ff;
  const fraction = word.getBigUint64(0) & 0xf_ffff_ffff_ffffn;
  const m = exponent === 0 ? fraction : fraction | (1n << 52n);
  return { m: x < 0 ? -m : m, e: Math.max(exponent, 1) - 1075 };
};

export const toRational = (x: BigFloat): Rational =>
  x.e >= 0 ? Rational.of(x.m << BigInt(x.e)) : Rational.of(x.m, 1n << BigInt(-x.e));
export const fromRationalDown = (x: Rational, bits: number): BigFloat =>
  divDown({ m: x.n, e: 0 }, { m: x.d, e: 0 }, bits);
export const fromRationalUp = (x: Rational, bits: number): BigFloat => divUp({ m: x.n, e: 0 }, { m: x.d, e: 0 }, bits);

/** What a double beside x is a multiple of: 2^quantum. */
const quantum = (x: BigFloat): number => Math.max(top(x) - 53, -1074);

/** The largest double that is not above x. */
export const toNumberBelow = (x: BigFloat): number => {
  if (x.m < 0n) return -toNumberAbove(neg(x));
  if (top(x) > 1024) return Number.MAX_VALUE;
  return Number(shiftDown(x.m, x.e - quantum(x))) * 2 ** quantum(x);
};
/** The least double that is not below x. */
export const toNumberAbove = (x: BigFloat): number => {
  if (x.m < 0n) return 0 - toNumberBelow(neg(x)); // no −0
  if (top(x) > 1024) return Infinity;
  return Number(shiftUp(x.m, x.e - quantum(x))) * 2 ** quantum(x);
};
