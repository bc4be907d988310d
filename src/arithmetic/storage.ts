/** How arithmetics hold vectors of their numbers: flat, and read and written through the arithmetic. */

declare const element: unique symbol;

/** Flat storage of numbers; what it looks like inside is the arithmetic's business. A Float64Array holds doubles. */
export interface Vec<T> {
  readonly length: number;
  readonly [element]?: T;
}

export interface Storage<T> {
  /** A vector of zeros. */
  alloc(length: number): Vec<T>;
  get(x: Vec<T>, at: number): T;
  set(x: Vec<T>, at: number, value: T): void;
  /**
   * Copies `rows` rows of `width` numbers: row r from source[from + r·fromStride …] to target[at + r·atStride …]. One row
   * where only a width is given.
   */
  copy(
    source: Vec<T>,
    from: number,
    target: Vec<T>,
    at: number,
    width: number,
    rows?: number,
    fromStride?: number,
    atStride?: number,
  ): void;
}

/** Short vectors are cut from a common slab: a buffer of their own costs the garbage collector more than the work on it. */
const SLAB = 1 << 16;
const SHORT = 1 << 10;
let slab = new Float64Array(SLAB);
let used = 0;

const zeros = (length: number): Float64Array => {
  if (length > SHORT) return new Float64Array(length);
  if (used + length > SLAB) {
    slab = new Float64Array(SLAB);
    used = 0;
  }
  used += length;
  return slab.subarray(used - length, used);
};

/** From this width on, the call of `set` beats a loop. */
const WIDE = 32;

const copyDoubles = (
  source: Float64Array,
  from: number,
  target: Float64Array,
  at: number,
  width: number,
  rows: number,
  fromStride: number,
  atStride: number,
): void => {
  if (width === 1) {
    for (let r = 0; r < rows; r++) target[at + r * atStride] = source[from + r * fromStride]!;
    return;
  }
  for (let r = 0; r < rows; r++) {
    const first = from + r * fromStride;
    const place = at + r * atStride;
    if (width >= WIDE) target.set(source.subarray(first, first + width), place);
    else for (let i = 0; i < width; i++) target[place + i] = source[first + i]!;
  }
};

/** Numbers that are doubles. */
export const doubleStorage: Storage<number> = {
  alloc: zeros,
  get: (x, at) => (x as Float64Array)[at]!,
  set: (x, at, value) => {
    (x as Float64Array)[at] = value;
  },
  copy: (source, from, target, at, width, rows = 1, fromStride = width, atStride = width) =>
    copyDoubles(source as Float64Array, from, target as Float64Array, at, width, rows, fromStride, atStride),
};

/** Numbers that are objects. */
export const objectStorage = <T>(zero: T): Storage<T> => ({
  alloc: (length) => new Array<T>(length).fill(zero),
  get: (x, at) => (x as T[])[at]!,
  set: (x, at, value) => {
    (x as T[])[at] = value;
  },
  copy: (source, from, target, at, width, rows = 1, fromStride = width, atStride = width) => {
    for (let r = 0; r < rows; r++) {
      for (let i = 0; i < width; i++)
        (target as T[])[at + r * atStride + i] = (source as T[])[from + r * fromStride + i]!;
    }
  },
});

/** Numbers made of two doubles, in two flat arrays. */
export class PairVector {
  readonly a: Float64Array;
  readonly b: Float64Array;

  constructor(length: number) {
    this.a = zeros(length);
    this.b = zeros(length);
  }
  get length(): number {
    return this.a.length;
  }
}

export const pairStorage = <T>(
  join: (a: number, b: number) => T,
  a: (x: T) => number,
  b: (x: T) => number,
): Storage<T> => ({
  alloc: (length) => new PairVector(length),
  get: (x, at) => join((x as PairVector).a[at]!, (x as PairVector).b[at]!),
  set: (x, at, value) => {
    (x as PairVector).a[at] = a(value);
    (x as PairVector).b[at] = b(value);
  },
  copy: (source, from, target, at, width, rows = 1, fromStride = width, atStride = width) => {
    const [x, y] = [source as PairVector, target as PairVector];
    copyDoubles(x.a, from, y.a, at, width, rows, fromStride, atStride);
    copyDoubles(x.b, from, y.b, at, width, rows, fromStride, atStride);
  },
});
