/**
 * What the tests of the arithmetics share: roundings of exact values that are written differently from those of
 * the sources (a search among all values of a format; the leading bits of a floor), and small tools.
 */
import { vectorOf, type Arithmetic, type Vec } from './arithmetic.ts';
import { Rational } from './rational.ts';
import { compileKernel, type BinaryOperation } from './stage.ts';

export { OPERATIONS } from './stage.ts';

/** x op y of doubles, for the exceptional cases that every IEEE format shares. */
export const inDoubles = (operation: BinaryOperation, x: number, y: number): number =>
  operation === 'add' ? x + y : operation === 'sub' ? x - y : operation === 'mul' ? x * y : x / y;

/** Collects differences, because an `expect` per value would take most of the time of an exhaustive test. */
export class Mismatches {
  readonly examples: string[] = [];
  /** Object.is: NaN equals NaN, and −0 differs from 0. */
  check(actual: number, expected: number, label: () => string): void {
    if (Object.is(actual, expected)) return;
    if (this.examples.length < 10) this.examples.push(`${label()}: expected ${text(expected)}, got ${text(actual)}`);
  }
}
const text = (x: number): string => (Object.is(x, -0) ? '-0' : `${x}`);

/** A reproducible stream of numbers in [0, 1) with 53 random bits each (mulberry32, twice). */
export const randomStream = (seed: number): (() => number) => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
  return () => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53;
};

/** A random integer of exactly p bits, p ≤ 53. */
export const randomSignificand = (random: () => number, p: number): number =>
  2 ** (p - 1) + Math.floor(random() * 2 ** (p - 1));

/** A random number of p bits with random sign and an exponent of at most `range`, in absolute value. */
export const randomFloat = (random: () => number, p: number, range: number): number => {
  const exponent = Math.floor((2 * random() - 1) * (range + 1));
  return (random() < 0.5 ? -1 : 1) * randomSignificand(random, p) * 2 ** (exponent - p + 1);
};

/** A format of at most 19 bits, written down value by value from its layout. */
export class FormatTable {
  /** The finite values without sign. The index is the bit pattern, so a value is even where its index is. */
  readonly values: readonly number[];
  /** Between each value and the next; the last one lies between the largest value and where the next would be. */
  readonly midpoints: readonly number[];
  readonly hasInfinity: boolean;
  #exactMidpoints: readonly Rational[] | undefined;

  constructor(exponentBits: number, fractionBits: number, hasInfinity = true) {
    const bias = 2 ** (exponentBits - 1) - 1;
    const decode = (pattern: number): number => {
      const exponent = pattern >> fractionBits;
      const fraction = pattern & (2 ** fractionBits - 1);
      const least = 2 ** (1 - bias - fractionBits);
      return exponent === 0 ? fraction * least : (2 ** fractionBits + fraction) * 2 ** (exponent - 1) * least;
    };
    // IEEE keeps the largest exponent for infinity and NaN; e4m3 only its last pattern, for NaN.
    const count = hasInfinity ? (2 ** exponentBits - 1) << fractionBits : 2 ** (exponentBits + fractionBits) - 1;
    this.values = Array.from({ length: count }, (_, pattern) => decode(pattern));
    this.midpoints = this.values.map((value, pattern) => (value + decode(pattern + 1)) / 2);
    this.hasInfinity = hasInfinity;
  }

  /** Both signs of every finite value, and what the format has beside them. */
  all(): number[] {
    const specials = this.hasInfinity ? [Infinity, -Infinity, NaN] : [NaN];
    return [...this.values, ...this.values.map((value) => -value), ...specials];
  }
  /** The value with this bit pattern, or what overflow gives beyond the last. */
  at(pattern: number): number {
    return this.values[pattern] ?? this.special(Infinity);
  }
  /** An infinity as the format has it. */
  special(x: number): number {
    return Math.abs(x) === Infinity && !this.hasInfinity ? NaN : x;
  }

  round(exact: Rational): number {
    const magnitude = exact.abs();
    const rounded = this.#nearest((i) => magnitude.compare(this.#exactMidpoint(i)));
    return exact.sign() < 0 ? -rounded : rounded;
  }
  roundRoot(exact: Rational): number {
    return this.#nearest((i) => exact.compare(this.#exactMidpoint(i).pow(2)));
  }
  /** A double, exactly: midpoints are doubles, too. */
  roundNumber(x: number): number {
    const magnitude = Math.abs(x);
    if (!Number.isFinite(x)) return this.special(x);
    const rounded = this.#nearest((i) => magnitude - this.midpoints[i]!);
    return x < 0 || Object.is(x, -0) ? -rounded : rounded;
  }
  /** The correctly rounded x op y. */
  binary(operation: BinaryOperation, x: number, y: number): number {
    const plain = inDoubles(operation, x, y);
    if (!Number.isFinite(x) || !Number.isFinite(y) || (operation === 'div' && y === 0)) return this.special(plain);
    const exact = Rational.fromNumber(x)[operation](Rational.fromNumber(y));
    if (exact.sign() === 0) return plain; // an exact zero, whose sign is IEEE's in every format
    return this.round(exact);
  }

  #exactMidpoint(i: number): Rational {
    this.#exactMidpoints ??= this.midpoints.map((midpoint) => Rational.fromNumber(midpoint));
    return this.#exactMidpoints[i]!;
  }
  /** `order(i)` compares the magnitude to be rounded with midpoint i. */
  #nearest(order: (i: number) => number): number {
    let low = 0;
    let high = this.midpoints.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (order(middle) > 0) low = middle + 1;
      else high = middle;
    }
    const tie = low < this.midpoints.length && order(low) === 0;
    return this.at(tie && low % 2 === 1 ? low + 1 : low);
  }
}

export const TABLES: Readonly<Record<string, FormatTable>> = {
  'fp8-e4m3': new FormatTable(4, 3, false),
  'fp8-e5m2': new FormatTable(5, 2),
  fp16: new FormatTable(5, 10),
  bf16: new FormatTable(8, 7),
};

/** A positive real number x by ⌊x·2^shift⌋ and whether that leaves nothing. */
export type Floor = (shift: number) => { floor: bigint; exact: boolean };

export const floorOf =
  (x: Rational): Floor =>
  (shift) => {
    const n = shift > 0 ? x.n << BigInt(shift) : x.n;
    const d = shift < 0 ? x.d << BigInt(-shift) : x.d;
    return { floor: n / d, exact: n % d === 0n };
  };

/** Newton's iteration from above. */
const integerRoot = (n: bigint): bigint => {
  if (n === 0n) return 0n;
  let root = 1n << BigInt((n.toString(2).length >> 1) + 1);
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
};

export const floorOfRoot =
  (x: Rational): Floor =>
  (shift) => {
    const square = floorOf(x)(2 * shift);
    const floor = integerRoot(square.floor);
    return { floor, exact: square.exact && floor * floor === square.floor };
  };

/** Rounds to p bits, ties to even, by the p leading bits, the next one and whether anything follows. */
export const roundBits = (real: Floor, p: number, leastQuantum = -Infinity): number => {
  let shift = 0;
  for (let missing = 1; missing !== 0; shift += missing) {
    const { floor } = real(shift);
    missing = p + 1 - (floor === 0n ? 0 : floor.toString(2).length);
  }
  shift = Math.min(shift, 1 - leastQuantum);
  const { floor, exact } = real(shift);
  const kept = floor >> 1n;
  const up = (floor & 1n) === 1n && (!exact || (kept & 1n) === 1n);
  const half = Math.trunc(shift / 2);
  return Number(up ? kept + 1n : kept) * 2 ** -half * 2 ** (half - shift) * 2;
};

/** A nonzero rational rounded to p bits with an unbounded exponent. */
export const roundRationalBits = (exact: Rational, p: number): number =>
  exact.sign() < 0 ? -roundBits(floorOf(exact.neg()), p) : roundBits(floorOf(exact), p);

/** The entries of a vector. */
export const entries = <T>(arithmetic: Arithmetic<T>, x: Vec<T>): T[] =>
  Array.from({ length: x.length }, (_, i) => arithmetic.get(x, i));

/** The vector of these entries. */
export const vectorFrom = <T>(arithmetic: Arithmetic<T>, values: readonly T[]): Vec<T> =>
  vectorOf(arithmetic, values.length, (i) => values[i]!);

/** x op y, element by element, as a kernel compiled for the arithmetic computes it. */
export const staged = <T>(
  arithmetic: Arithmetic<T>,
  operation: BinaryOperation,
  x: readonly T[],
  y: readonly T[],
): T[] => {
  const kernel = compileKernel(
    {
      name: 'elementwise',
      parameters: ['x', 'y', 'out', 'length'],
      body: (k) => k.for('0', 'length', (i) => k.store('out', i, k[operation](k.load('x', i), k.load('y', i)))),
    },
    arithmetic.emitter,
  ) as (x: Vec<T>, y: Vec<T>, out: Vec<T>, length: number) => void;
  const out = arithmetic.alloc(x.length);
  kernel(vectorFrom(arithmetic, x), vectorFrom(arithmetic, y), out, x.length);
  return entries(arithmetic, out);
};
