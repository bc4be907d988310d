import { describe, expect, it } from 'vitest';
import { rationals as A } from '../../src/arithmetic/exact.ts';
import { Rational } from '../../src/arithmetic/rational.ts';
import { entries, randomStream } from '../../src/arithmetic/testing.ts';
import { kernelOf, vertexOf } from './null-record.ts';
import {
  copyingDecoder,
  decoded,
  decoderOf,
  guessingDecoder,
  memoryRows,
  stateAfter,
  truncatedMemory,
  type Memory,
} from './T2.linear-state.ts';
import { stateRows } from './T2.rank.ts';

const exact = Rational.fromNumber;
const random = randomStream(5);
const grid = (length: number, lo: number, hi: number): number[] =>
  Array.from({ length }, () => lo + Math.floor(random() * ((hi - lo) * 16 + 1)) / 16);
const records = (length: number, size: number): Rational[] => grid(length, -size, size).map(exact);
const dot = (x: readonly Rational[], y: readonly Rational[]): Rational =>
  x.map((value, j) => value.mul(y[j]!)).reduce(A.add);

const [N, d, m, channels] = [3, 2, 2, 3];
const memory: Memory = {
  N,
  d,
  m,
  channels,
  keys: grid(N * m, -1, 1),
  decays: grid(N, 0, 1),
  mix: grid(channels * d, -1, 1),
};

it('holds what its rows say', () => {
  const v = records(N * d, 4);
  const rows = memoryRows(A, memory);
  expect(rows.length).toBe(m * channels);
  expect(entries(A, stateAfter(A, memory)(v))).toEqual(rows.map((row) => dot(row, v)));
});

it('decodes W₂ ReLU(W₁ (H, e_p))', () => {
  const decoder = decoderOf(1 + 2, 2, 1, [1, 1, -1, -1, 0, 2], [3, 5]);
  // H = 2: ReLU(2 ± 1) = 3 and 1, ReLU(−2 + {0, 2}) = 0
  expect(decoded(A, decoder, 2)([exact(2)] as never)).toEqual([exact(9), exact(3)]);
});

it('copies exactly with as many floats as components', () => {
  const M = 4;
  const full = truncatedMemory(N, d, N, d);
  const v = [...records((N - 1) * d, M), exact(M), exact(-M)];
  expect(decoded(A, copyingDecoder(N, d, M), N)(stateAfter(A, full)(v))).toEqual(v);
});

describe.each([
  [3, 2, 2, 2],
  [3, 3, 2, 2],
  [4, 1, 1, 1],
  [2, 3, 2, 1],
  [3, 3, 3, 2],
])('guessing by turns what a memory does not hold, N = %d, d = %d, m = %d, E = %d', (length, width, slots, kept) => {
  const truncated = truncatedMemory(length, width, slots, kept);
  const n = length * width;
  const v = vertexOf(A, kernelOf(A, memoryRows(A, truncated), n), n, A.one);

  it('fails for half of the components of v and half of −v', () => {
    const state = stateAfter(A, truncated);
    const decode = decoded(A, guessingDecoder(truncated, 1, true), length);
    const failures = [v, v.map(A.neg)].map(
      (x) => decode(state(x)).filter((y, at) => y.sub(x[at]!).abs().compare(A.one) >= 0).length,
    );
    const unheld = n - slots * kept;
    expect(failures.sort()).toEqual([Math.floor(unheld / 2), Math.ceil(unheld / 2)]);
  });
});

it('confuses v and −v though it keeps positive and negative parts apart, in 2m ≥ N floats', () => {
  const keys = { N: 4, m: 3, keys: grid(12, -1, 1), decays: grid(4, 0.5, 1) };
  const halves: Memory = { ...keys, d: 2, channels: 2, mix: [1, 0, 0, 1] };
  const v = vertexOf(A, kernelOf(A, stateRows(A, keys), 4), 4, A.one);
  const parts = (x: readonly Rational[]): Rational[] => x.flatMap((value) => [A.relu(value), A.relu(value.neg())]);
  const state = stateAfter(A, halves);
  expect(v.some((x) => x.abs().compare(A.one) === 0)).toBe(true);
  expect(entries(A, state(parts(v)))).toEqual(entries(A, state(parts(v.map(A.neg)))));
});
