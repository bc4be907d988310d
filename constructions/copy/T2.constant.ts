/**
 * T2.constant: COPY with m < N fixed keys in R^m, queries c_i = b_pos(i) and no decay.
 *
 *   y_N = Σ_j (b_pos · b_j) v_j, off by at most M(|1 − |b_pos|²| + Σ_{j≠pos} |b_pos · b_j|), and by that much for some records.
 *
 * For unit keys the largest row sum over pos is at least ⌈N/m⌉ − 1; an orthonormal basis repeated attains it.
 * Source: docs/theory.md §3, T2.constant.
 */
import { vectorOf, type Arithmetic, type Vec } from '../../src/arithmetic/arithmetic.ts';
import type { Rational } from '../../src/arithmetic/rational.ts';
import type { CopyModule } from '../../src/copy/task.ts';
import { FieldMatrix, Fields, pick } from '../../src/network/fields.ts';
import type { Matrix } from '../../src/network/matrix.ts';

/** Keys b_1, …, b_N in R^m. */
export type Keys = readonly (readonly number[])[];

const vectorsOf = (N: number, m: number, entry: (j: number, n: number) => number): Keys =>
  Array.from({ length: N }, (_, j) => Array.from({ length: m }, (_, n) => entry(j, n)));

export const scaledBy = (keys: Keys, factor: number): Keys => keys.map((key) => key.map((x) => factor * x));

/** Row-major entries as unit vectors, to the rounding of doubles; e_1 for the zero vector. */
export const unitKeys = (m: number, entries: readonly number[]): Keys =>
  vectorsOf(entries.length / m, m, (j, n) => entries[j * m + n]!).map((key) => {
    // Divided by its largest entry first, no vector is so short that its square underflows.
    const largest = key.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    const direction = key.map((x, n) => (largest > 0 ? x / largest : n === 0 ? 1 : 0));
    const norm = Math.sqrt(direction.reduce((sum, x) => sum + x * x, 0));
    return direction.map((x) => x / norm);
  });

/** e_1, …, e_m, e_1, … */
export const repeatedBasis = (N: number, m: number): Keys => vectorsOf(N, m, (j, n) => (j % m === n ? 1 : 0));

/** m + 1 unit vectors with b_i · b_j = −1/m. */
export const simplex = (m: number): Keys =>
  vectorsOf(m + 1, m, (j, n) => {
    const top = Math.sqrt(((m + 1) * (m - n)) / (m * (m - n + 1)));
    return j < n ? 0 : j === n ? top : -top / (m - n);
  });

/** Parity of the bits that two numbers share. */
const sharedParity = (x: number, y: number): number => {
  let parity = 0;
  for (let shared = x & y; shared > 0; shared >>= 1) parity ^= shared & 1;
  return parity;
};

/** The entries ±1 of a repeated orthogonal basis (Sylvester), where m is a power of two. */
export const hadamard = (N: number, m: number): Keys => vectorsOf(N, m, (j, n) => 1 - 2 * sharedParity(j % m, n));

/** A matrix whose column j is the vector j. */
const columns = (keys: Keys, token: Fields<'v' | 'e_i' | 'e_pos'>, from: 'e_i' | 'e_pos'): Matrix => {
  const matrix = new FieldMatrix(new Fields({ key: keys[0]!.length }), token);
  keys.forEach((key, j) => key.forEach((x, n) => matrix.set('key', n, from, j, x)));
  return matrix.build();
};

/** Linear attention over d-component records with these keys, and `queries[p]` to copy position p + 1. */
export const buildConstant = (keys: Keys, d: number, queries: Keys = keys): CopyModule => {
  const token = new Fields({ v: d, e_i: keys.length, e_pos: keys.length });
  return {
    network: {
      kind: 'linear-attention',
      key: columns(keys, token, 'e_i'),
      query: columns(queries, token, 'e_pos'),
      value: pick(token, 'v'),
      decay: 1,
      normalised: false,
    },
    token,
    output: 0,
  };
};

export const dot = (x: readonly number[], y: readonly number[]): number => {
  let sum = 0;
  for (let n = 0; n < x.length; n++) sum += x[n]! * y[n]!;
  return sum;
};

/**
 * The records of size M that are copied worst, [N, N]: component p those for which position p + 1 is. The signs of the
 * scores and of 1 − s_pp decide them.
 */
export const worstRecords = <T>(A: Arithmetic<T>, M: Rational, keys: Keys, queries: Keys = keys): Vec<T> => {
  const N = keys.length;
  const top = A.fromRational(M);
  return vectorOf(A, N * N, (at) => {
    const [j, p] = [Math.floor(at / N), at % N];
    const score = dot(queries[p]!, keys[j]!);
    return (j === p ? score >= 1 : score >= 0) ? top : A.neg(top);
  });
};
