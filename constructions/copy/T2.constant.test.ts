import { describe, expect, it } from 'vitest';
import { castVector } from '../../src/arithmetic/arithmetic.ts';
import { float64 } from '../../src/arithmetic/float64.ts';
import { Rational } from '../../src/arithmetic/rational.ts';
import { randomStream } from '../../src/arithmetic/testing.ts';
import { CopyRunner } from '../../src/copy/task.ts';
import {
  buildConstant,
  dot,
  hadamard,
  repeatedBasis,
  scaledBy,
  simplex,
  unitKeys,
  worstRecords,
  type Keys,
} from './T2.constant.ts';

const random = randomStream(5);
const randomKeys = (N: number, m: number): Keys =>
  unitKeys(
    m,
    Array.from({ length: N * m }, () => 2 * random() - 1),
  );

const squaredNorm = (key: readonly number[]): Rational =>
  key.reduce((sum, x) => sum.add(Rational.fromNumber(x).mul(Rational.fromNumber(x))), Rational.of(0n));

/** Σ_{j≠p} |s_pj|, the largest over p. */
const largestSum = (keys: Keys): number =>
  Math.max(
    ...keys.map((key, p) => keys.reduce((sum, other, j) => (j === p ? sum : sum + Math.abs(dot(key, other))), 0)),
  );

const positions = (N: number): number[] => Array.from({ length: N }, (_, at) => at + 1);

describe('keys', () => {
  it.each([1, 2, 3, 8, 64])('are unit vectors to (m/2 + 3)u, m = %i', (m) => {
    const most = 2 * (m / 2 + 3) * 2 ** -53 * (1 + 2 ** -40);
    const tiny = Array.from({ length: m }, (_, n) => (n === 0 ? 5e-324 : 0));
    const entries = [...randomKeys(40, m).flat(), ...scaledBy(randomKeys(4, m), 1e-200).flat(), ...tiny];
    for (const key of unitKeys(m, entries)) {
      expect(Math.abs(squaredNorm(key).sub(Rational.of(1n)).toNumber())).toBeLessThanOrEqual(most);
    }
  });
  it('take e_1 for the zero vector', () => {
    expect(unitKeys(3, [0, -0, 0, 0, 3, 4])).toEqual([
      [1, 0, 0],
      [0, 0.6, 0.8],
    ]);
  });
  it('repeat a basis evenly', () => {
    expect(repeatedBasis(5, 2)).toEqual([
      [1, 0],
      [0, 1],
      [1, 0],
      [0, 1],
      [1, 0],
    ]);
    expect(largestSum(repeatedBasis(17, 5))).toBe(3);
  });
  it.each([1, 2, 3, 7])('form a simplex: b_i · b_j = −1/m, m = %i', (m) => {
    const keys = simplex(m);
    expect(keys.length).toBe(m + 1);
    keys.forEach((x, i) => keys.forEach((y, j) => expect(dot(x, y)).toBeCloseTo(i === j ? 1 : -1 / m, 14)));
  });
  it.each([1, 2, 4, 8])('of signs are orthogonal, m = %i', (m) => {
    const keys = hadamard(2 * m, m);
    expect(new Set(keys.flat().map(Math.abs))).toEqual(new Set([1]));
    keys.forEach((x, i) => keys.forEach((y, j) => expect(dot(x, y)).toBe(i % m === j % m ? m : 0)));
  });
});

describe('the worst records', () => {
  const N = 5;
  /** All records of size 1 with components ±1. */
  const signs = Array.from({ length: 2 ** N }, (_, bits) => positions(N).map((j) => 1 - 2 * ((bits >> (j - 1)) & 1)));

  it.each([
    ['unit keys', 1, 1],
    ['short keys', 0.7, 1],
    ['long queries', 1, 1.5],
  ])('err most of all, by |1 − s_pp| + Σ_{j≠p} |s_pj|: %s', (_, norm, query) => {
    for (let trial = 0; trial < 20; trial++) {
      const keys = scaledBy(randomKeys(N, 1 + (trial % 4)), norm);
      const queries = scaledBy(keys, query);
      const one = new CopyRunner(buildConstant(keys, 1, queries), 1, float64);
      const exhaustive = Math.max(...signs.map((v) => one.worstLastQuery(castVector(float64, v), N, positions(N))));
      const all = new CopyRunner(buildConstant(keys, N, queries), N, float64);
      const worst = all.worstLastQuery(worstRecords(float64, Rational.of(1n), keys, queries), N, positions(N));
      const formula = queries.map((q, p) =>
        keys.reduce((sum, key, j) => sum + Math.abs((j === p ? 1 : 0) - dot(q, key)), 0),
      );
      expect(worst).toBeCloseTo(exhaustive, 13);
      expect(worst).toBeCloseTo(Math.max(...formula), 13);
    }
  });
});

it('equiangular frames are bad keys: √((N − m)(N − 1)/m)', () => {
  // The six diagonals of the icosahedron.
  const golden = (1 + Math.sqrt(5)) / 2;
  const icosahedron = unitKeys(3, [
    0,
    1,
    golden,
    0,
    1,
    -golden,
    1,
    golden,
    0,
    1,
    -golden,
    0,
    golden,
    0,
    1,
    golden,
    0,
    -1,
  ]);
  expect(largestSum(icosahedron)).toBeCloseTo(Math.sqrt(5), 14);
});

it('random keys overlap by Γ(m/2)/(√π Γ((m + 1)/2)) on average: 2/π, 1/2 and 3/8 for m = 2, 3, 5', () => {
  const normals = (count: number): number[] =>
    Array.from({ length: count }, () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
  const pairs = 20_000;
  for (const [m, mean] of [
    [2, 2 / Math.PI],
    [3, 1 / 2],
    [5, 3 / 8],
  ] as const) {
    const [x, y] = [unitKeys(m, normals(pairs * m)), unitKeys(m, normals(pairs * m))];
    const seen = x.reduce((sum, key, at) => sum + Math.abs(dot(key, y[at]!)), 0) / pairs;
    // 5 standard deviations of a number in [0, 1].
    expect(Math.abs(seen - mean)).toBeLessThan((5 * 0.5) / Math.sqrt(pairs));
  }
});
