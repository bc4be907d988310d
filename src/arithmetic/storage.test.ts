import { describe, expect, it } from 'vitest';
import { doubleStorage, objectStorage, PairVector, pairStorage, type Storage, type Vec } from './storage.ts';

interface Pair {
  readonly left: number;
  readonly right: number;
}
const zeroText = { text: '' };

/** A storage, its zero, and distinct values to keep in it. */
const STORAGES: readonly [string, Storage<unknown>, zero: unknown, value: (n: number) => unknown][] = [
  ['doubles', doubleStorage as Storage<unknown>, 0, (n) => n / 7],
  ['objects', objectStorage<unknown>(zeroText), zeroText, (n) => ({ text: `${n}` })],
  [
    'pairs',
    pairStorage<Pair>(
      (left, right) => ({ left, right }),
      ({ left }) => left,
      ({ right }) => right,
    ) as Storage<unknown>,
    { left: 0, right: 0 },
    (n) => ({ left: n / 7, right: -n / 3 }),
  ],
];

describe.each(STORAGES)('storage of %s', (_, storage, zero, value) => {
  const read = (x: Vec<unknown>): unknown[] => Array.from({ length: x.length }, (_, i) => storage.get(x, i));
  const filled = (length: number, from: number): Vec<unknown> => {
    const x = storage.alloc(length);
    for (let i = 0; i < length; i++) storage.set(x, i, value(from + i));
    return x;
  };

  it('starts at zero', () => {
    expect(read(storage.alloc(3))).toEqual([zero, zero, zero]);
    expect(storage.alloc(0)).toHaveLength(0);
  });

  it('keeps what is written where it is written, −0 too', () => {
    const x = storage.alloc(4);
    storage.set(x, 2, value(5));
    expect(read(x)).toEqual([zero, zero, value(5), zero]);
    storage.set(x, 0, value(-0));
    storage.set(x, 2, value(6));
    expect(read(x)).toEqual([value(-0), zero, value(6), zero]);
  });

  // 32 is where doubles are no longer copied one by one.
  it.each([0, 1, 5, 31, 32, 33, 70])('copies %i entries between any places, and nothing else', (count) => {
    const source = filled(80, 1000);
    for (const [from, at] of [
      [0, 0],
      [7, 2],
      [2, 7],
      [80 - count, 0],
      [0, 80 - count],
    ] as const) {
      const target = filled(80, 0);
      storage.copy(source, from, target, at, count);
      expect(read(target)).toEqual(
        Array.from({ length: 80 }, (_, i) => (i >= at && i < at + count ? value(1000 + from + i - at) : value(i))),
      );
    }
    expect(read(source)).toEqual(read(filled(80, 1000)));
  });

  it.each([
    [3, 4, 5, 7],
    [3, 1, 1, 9],
    [2, 4, 4, 4],
    [4, 0, 3, 2],
    [0, 4, 5, 6],
    [2, 35, 36, 40],
    [3, 2, 0, 5], // one row again and again
  ])('copies %i rows of %i from every %i to every %i', (rows, width, fromStride, atStride) => {
    const source = filled(100, 1000);
    const target = filled(100, 0);
    storage.copy(source, 6, target, 11, width, rows, fromStride, atStride);
    const expected = read(filled(100, 0));
    for (let r = 0; r < rows; r++) {
      for (let i = 0; i < width; i++) expected[11 + r * atStride + i] = value(1006 + r * fromStride + i);
    }
    expect(read(target)).toEqual(expected);
  });

  it('copies rows that follow each other where no strides are given', () => {
    const target = filled(20, 0);
    storage.copy(filled(20, 1000), 1, target, 2, 3, 4);
    expect(read(target)).toEqual(
      Array.from({ length: 20 }, (_, i) => (i >= 2 && i < 14 ? value(1001 + i - 2) : value(i))),
    );
  });

  it('hands out vectors of their own', () => {
    const source = filled(2, 0);
    const target = storage.alloc(2);
    storage.copy(source, 0, target, 0, 2);
    storage.set(target, 0, value(9));
    expect(read(source)).toEqual([value(0), value(1)]);
  });
});

it('hands out zeros that are nobody else’s, however much it hands out', () => {
  // Short vectors share memory: so many of them that it is filled to the last number, and more than once.
  const lengths = [...new Array<number>(140).fill(1024), ...Array.from({ length: 120 }, (_, k) => (397 * k) % 1100)];
  const vectors: Float64Array[] = [];
  const take = (x: Float64Array, length: number): void => {
    vectors.push(x);
    expect([x.length, x.every((value) => value === 0)]).toEqual([length, true]);
    x.fill(vectors.length);
  };
  for (const length of lengths) {
    take(doubleStorage.alloc(length) as Float64Array, length);
    const { a, b } = new PairVector(length);
    take(a, length);
    take(b, length);
  }
  expect(vectors.findIndex((x, at) => x.some((value) => value !== at + 1))).toBe(-1);
});

it('keeps doubles in a Float64Array and pairs in two, as kernels expect them', () => {
  expect(doubleStorage.alloc(2)).toEqual(new Float64Array(2));
  const [, pairs] = STORAGES[2]!;
  const x = pairs.alloc(2);
  pairs.set(x, 1, { left: 3, right: 4 });
  expect(x).toBeInstanceOf(PairVector);
  expect(x).toMatchObject({ a: Float64Array.of(0, 3), b: Float64Array.of(0, 4), length: 2 });
});
