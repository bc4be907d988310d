/** The formulas against the scans themselves, run in an arithmetic whose numbers count the roundings of each record. */
import { describe, expect, it } from 'vitest';
import type { Arithmetic } from '../../src/arithmetic/arithmetic.ts';
import { rationals } from '../../src/arithmetic/exact.ts';
import { objectEmitter } from '../../src/arithmetic/stage.ts';
import { objectStorage } from '../../src/arithmetic/storage.ts';
import { entries } from '../../src/arithmetic/testing.ts';
import { channelRunner, given } from '../../src/scan/channel.ts';
import type { ScanOptions } from '../../src/network/scan.ts';
import { roundingsOf } from './roundings.ts';

/** The most roundings that a term of each record has passed, by its position; 0 for numbers without a record. */
type Counted = ReadonlyMap<number, number>;
const NONE = 0;

const zero: Counted = new Map();
const one: Counted = new Map([[NONE, 0]]);
/** Of what a sum or a product rounds: exact zeros and the weight 1 change nothing. */
const merged = (...terms: readonly Counted[]): Counted => {
  const most = new Map<number, number>();
  for (const term of terms) for (const [j, k] of term) most.set(j, Math.max(most.get(j) ?? 0, k));
  return most;
};
const rounded = (x: Counted): Counted => new Map([...x].map(([j, k]) => [j, k + 1]));
const product = (x: Counted, y: Counted): Counted =>
  new Map([...x].flatMap(([i, k]) => [...y].map(([j, l]) => [i + j, k + l] as const)));

const operations = {
  zero,
  one,
  add: (x: Counted, y: Counted) => (x.size === 0 ? y : y.size === 0 ? x : rounded(merged(x, y))),
  mul: (x: Counted, y: Counted) =>
    x === one ? y : y === one ? x : x.size === 0 || y.size === 0 ? zero : rounded(product(x, y)),
  fma: (x: Counted, y: Counted, z: Counted) => (x.size === 0 || y.size === 0 ? z : rounded(merged(product(x, y), z))),
};
/** Tokens hold j + 1 for record v_j, and 0.5 for all else. */
const counting = {
  ...rationals,
  ...operations,
  ...objectStorage(zero),
  emitter: objectEmitter(operations),
  toNumber: () => 0,
  from: (x: number): Counted => (x === 0 ? zero : x === 1 ? one : new Map([[x > 1 ? x - 1 : NONE, 0]])),
} as unknown as Arithmetic<Counted>;

const counts = (n: number, m: number, options: ScanOptions): number[][] => {
  const half = (length: number): number[] => new Array<number>(length).fill(0.5);
  const v = Array.from({ length: n }, (_, at) => at + 2);
  const instance = { a: half(n), b: half(n * m), c: half(n * m), v };
  const y = entries(counting, channelRunner(counting, options)(given(instance)));
  return y.map((terms, at) => Array.from({ length: at + 1 }, (_, j) => terms.get(j + 1)!));
};

const OPTIONS: readonly ScanOptions[] = [
  { order: 'sequential' },
  { order: 'parallel' },
  ...[1, 2, 3, 4, 7, 100].map((chunk) => ({ order: 'chunked', chunk }) as const),
  {},
  { order: 'chunked' },
].flatMap((options) => [options, { ...options, fused: true }] as ScanOptions[]);

describe.each(OPTIONS.map((options) => [JSON.stringify(options), options] as const))('%s', (_, options) => {
  it('rounds as often as the formula says', () => {
    const roundings = roundingsOf(options);
    for (const m of [1, 2, 5]) {
      for (const n of [1, 2, 3, 4, 5, 8, 9, 21, 32, 33]) {
        const expected = Array.from({ length: n }, (__, i) =>
          Array.from({ length: i + 1 }, (___, j) => roundings(i + 1, j + 1) + m),
        );
        expect(counts(n, m, options)).toEqual(expected);
      }
    }
  });
});

describe('the counts of docs/theory.md', () => {
  const pairs = Array.from({ length: 70 }, (_, at) => at + 1).flatMap((i) =>
    Array.from({ length: i }, (_, at) => [i, at + 1] as const),
  );
  it('are 2(i − j) + 2 − [j = 1], and i − j + 2 − [j = 1] fused, in sequence', () => {
    for (const [i, j] of pairs) {
      expect(roundingsOf({})(i, j)).toBe(2 * (i - j) + 2 - (j === 1 ? 1 : 0));
      expect(roundingsOf({ fused: true })(i, j)).toBe(i - j + 2 - (j === 1 ? 1 : 0));
    }
  });
  it('are at most i − j + 1 + ⌈log2 i⌉ in a tree, attained for j = i, and no more fused', () => {
    for (const [i, j] of pairs) {
      const most = i - j + 1 + Math.ceil(Math.log2(i));
      expect(roundingsOf({ order: 'parallel' })(i, j)).toBeLessThanOrEqual(most);
      expect(roundingsOf({ order: 'parallel' })(i, i)).toBe(1 + Math.ceil(Math.log2(i)));
      expect(roundingsOf({ order: 'parallel', fused: true })(i, j)).toBeLessThanOrEqual(most);
    }
  });
  it('are never more in chunks than in sequence but for the sum with the state that comes in', () => {
    for (const [i, j] of pairs) {
      for (const chunk of [1, 2, 5, 64]) {
        for (const fused of [false, true]) {
          const most = roundingsOf({ fused })(i, j) + 1;
          expect(roundingsOf({ order: 'chunked', chunk, fused })(i, j)).toBeLessThanOrEqual(most);
        }
      }
    }
  });
});
