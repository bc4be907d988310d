import { describe, expect, it } from 'vitest';
import { vectorOf } from '../../src/arithmetic/arithmetic.ts';
import { rationals as A } from '../../src/arithmetic/exact.ts';
import { Rational } from '../../src/arithmetic/rational.ts';
import { randomStream } from '../../src/arithmetic/testing.ts';
import { sizesOf } from '../../src/network/size.ts';
import { designedAttention, readOuts, stateRows, truncatedOneHot, withQueryInKey, withSkip } from './T2.rank.ts';

const random = randomStream(3);
const grid = (length: number, lo: number, hi: number): number[] =>
  Array.from({ length }, () => lo + Math.floor(random() * ((hi - lo) * 16 + 1)) / 16);
const exact = Rational.fromNumber;
const [N, m, D] = [5, 3, 2];
const design = { N, m, keys: grid(N * m, -1, 1), queries: grid(N * m, -1, 1), decays: grid(N, 0, 1) };
const records = grid(N * D, -4, 4);

/** α_Nj b_jn by repeated multiplication. */
const held = (j: number, n: number): Rational =>
  design.decays.slice(j + 1).reduce((x, a) => x.mul(exact(a)), exact(design.keys[j * m + n]!));

it('holds α_Nj b_j of every record, and reads c_p · α_Nj b_j out of it', () => {
  expect(stateRows(A, design)).toEqual(
    Array.from({ length: m }, (_, n) => Array.from({ length: N }, (__, j) => held(j, n))),
  );
  const y = readOuts(
    A,
    designedAttention(design, D),
    vectorOf(A, N * D, (at) => exact(records[at]!)),
    N,
  );
  for (let p = 0; p < N; p++) {
    for (let c = 0; c < D; c++) {
      let sum = A.zero;
      for (let j = 0; j < N; j++) {
        for (let n = 0; n < m; n++) {
          sum = sum.add(
            exact(design.queries[p * m + n]!)
              .mul(held(j, n))
              .mul(exact(records[j * D + c]!)),
          );
        }
      }
      expect(y[p]![c]).toEqual(sum);
    }
  }
  expect(sizesOf(designedAttention(design, D).network, N)).toMatchObject({ dState: m, stateFloats: m * D });
});

/** The read-outs of the unit records. */
const weightsOf = (module: Parameters<typeof readOuts>[1], length: number): number[][] =>
  readOuts(
    A,
    module,
    vectorOf(A, length * length, (at) => (at % (length + 1) === 0 ? A.one : A.zero)),
    length,
  ).map((row) => row.map((x) => x.toNumber()));
const diagonal = (length: number, ones: number): number[][] =>
  Array.from({ length }, (_, p) => Array.from({ length }, (__, j) => (p === j && p < ones ? 1 : 0)));

it.each([1, 3, 6])('copies the first m of N = 6 positions by truncated one-hot keys, m = %d', (ones) => {
  expect(weightsOf(designedAttention(truncatedOneHot(6, ones), 6), 6)).toEqual(diagonal(6, ones));
});

describe.each([
  ['a skip path', withSkip],
  ['a last key that sees the query', withQueryInKey],
])('with %s', (_, build) => {
  it.each([2, 3, 6])('N − 1 floats copy N = %d records', (length) => {
    const module = build(length, length);
    expect(weightsOf(module, length)).toEqual(diagonal(length, length));
    expect(sizesOf(module.network, length).dState).toBe(length - 1);
  });
});
