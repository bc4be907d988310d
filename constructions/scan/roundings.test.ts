/** The formulas against the scans themselves, run in an arithmetic whose numbers count the roundings of each record. */
import { describe, expect, it } from 'vitest';
import type { Arithmetic } from '../../src/arithmetic/arithmetic.ts';
import { rationals } from '../../src/arithmetic/exact.ts';
import { objectEmitter } from '../../src/arithmetic/stage.ts';
import { objectStorage } from '../../src/arithmetic/storage.ts';
import { entries } from '../../src/arithmetic/testing.ts';
import { channelRunner, given, type Channel } from '../../src/scan/channel.ts';
import { compile } from '../../src/network/machine.ts';
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

/** The same for records of two calls, 1 … first and then first + 1 … first + n, at output i of the second. */
const countsAcross = (first: number, n: number, m: number, options: ScanOptions): number[][] => {
  const half = (length: number): number[] => new Array<number>(length).fill(0.5);
  const call = (from: number, length: number): Channel =>
    given({
      ...{ a: half(length), b: half(length * m), c: half(length * m) },
      v: Array.from({ length }, (_, at) => from + at + 2),
    });
  const machine = compile(call(0, 1).layer, counting, options);
  const state = machine.initialState();
  machine.run(call(0, first).tokens(counting), first, state);
  const y = entries(counting, machine.run(call(first, n).tokens(counting), n, state));
  return y.map((terms, at) => Array.from({ length: first + at + 1 }, (_, j) => terms.get(j + 1)!));
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

describe('a state that comes in', () => {
  const SIZES = [1, 2, 3, 5, 8, 9];
  /** `entering`: roundings from the state to output i of the call; `own`: those that it adds to record j of the call. */
  const check = (options: ScanOptions, entering: (i: number) => number, own: (j: number) => number): void => {
    const roundings = roundingsOf(options);
    for (const first of SIZES) {
      for (const n of SIZES) {
        const expected = Array.from({ length: n }, (_, at) => at + 1).map((i) => [
          ...Array.from({ length: first }, (_, j) => roundings(first, j + 1) + entering(i) + 2),
          ...Array.from({ length: i }, (_, j) => roundings(i, j + 1) + own(j + 1) + 2),
        ]);
        expect(countsAcross(first, n, 2, options)).toEqual(expected);
      }
    }
  };
  const ofFirst = (j: number): number => (j === 1 ? 1 : 0);

  it('is one more term, which rounds the sum at the first token', () => {
    check({}, (i) => 2 * i, ofFirst);
    check({ fused: true }, (i) => i, ofFirst);
  });
  it('enters a tree with its first token', () => {
    const tree = roundingsOf({ order: 'parallel' });
    check({ order: 'parallel' }, (i) => 2 + tree(i, 1) - 1, ofFirst);
  });
  it('is what the first chunk meets', () => {
    const chunk = 3;
    const entering = (i: number): number => {
      const passed = Math.ceil(i / chunk) - 1;
      return passed * (chunk + 1) + (i - passed * chunk) + 1;
    };
    check({ order: 'chunked', chunk }, entering, (j) => (j <= chunk ? 1 : 0));
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
