import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rationals as A } from '../../src/arithmetic/exact.ts';
import { float64 } from '../../src/arithmetic/float64.ts';
import { Rational } from '../../src/arithmetic/rational.ts';
import { kernelOf, vertexOf } from './null-record.ts';

const exact = (rows: readonly (readonly number[])[]): Rational[][] => rows.map((row) => row.map(Rational.fromNumber));
const numbers = (v: readonly Rational[]): number[] => v.map((x) => x.toNumber());
const apply = (rows: readonly (readonly Rational[])[], v: readonly Rational[]): Rational[] =>
  rows.map((row) => row.map((x, j) => x.mul(v[j]!)).reduce(A.add));

/** By expansion along the first row. */
const determinant = (x: readonly (readonly number[])[]): number =>
  x.length === 0
    ? 1
    : x[0]!.reduce((sum, entry, j) => {
        const minor = x.slice(1).map((row) => row.filter((_, k) => k !== j));
        return sum + (j % 2 === 0 ? 1 : -1) * entry * determinant(minor);
      }, 0);
const subsets = (n: number, size: number): number[][] =>
  Array.from({ length: 2 ** n }, (_, bits) =>
    Array.from({ length: n }, (__, j) => j).filter((j) => (bits >> j) & 1),
  ).filter((chosen) => chosen.length === size);
/** The size of the largest minor that is not 0. */
const rankOf = (rows: readonly (readonly number[])[], n: number): number =>
  Math.max(
    ...Array.from({ length: Math.min(rows.length, n) + 1 }, (_, size) =>
      subsets(rows.length, size).some((chosen) =>
        subsets(n, size).some((columns) => determinant(chosen.map((r) => columns.map((c) => rows[r]![c]!))) !== 0),
      )
        ? size
        : 0,
    ),
  );

/** Small entries: rows that depend on each other are common. */
const matrices = fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 1, max: 5 })).chain(([rows, n]) =>
  fc.record({
    n: fc.constant(n),
    rows: fc.array(fc.array(fc.integer({ min: -2, max: 2 }), { minLength: n, maxLength: n }), {
      minLength: rows,
      maxLength: rows,
    }),
  }),
);

describe('null vectors', () => {
  it('solve every equation, and are as many as the rank leaves', () => {
    fc.assert(
      fc.property(matrices, ({ rows, n }) => {
        const basis = kernelOf(A, exact(rows), n);
        expect(basis.length).toBe(n - rankOf(rows, n));
        expect(kernelOf(A, basis, n).length).toBe(n - basis.length); // they are independent
        for (const v of basis) expect(apply(exact(rows), v).every((x) => x.sign() === 0)).toBe(true);
      }),
    );
  });

  it('are those of a plane', () => {
    expect(kernelOf(A, exact([[1, 2, 4]]), 3).map(numbers)).toEqual([
      [1, 0, -1 / 4],
      [0, 1, -1 / 2],
    ]);
  });
});

describe('a vertex', () => {
  const M = Rational.parse('7/3')!;

  it('solves every equation within the box, with at least n − rank coordinates at ±M', () => {
    fc.assert(
      fc.property(matrices, ({ rows, n }) => {
        const v = vertexOf(A, kernelOf(A, exact(rows), n), n, M);
        expect(apply(exact(rows), v).every((x) => x.sign() === 0)).toBe(true);
        expect(v.every((x) => x.abs().compare(M) <= 0)).toBe(true);
        expect(v.filter((x) => x.abs().compare(M) === 0).length).toBeGreaterThanOrEqual(n - rankOf(rows, n));
      }),
    );
  });

  it('is 0 where nothing else is a solution, and a corner of the box where nothing is asked', () => {
    expect(
      vertexOf(
        A,
        kernelOf(
          A,
          exact([
            [1, 2],
            [2, 1],
          ]),
          2,
        ),
        2,
        M,
      ).every((x) => x.sign() === 0),
    ).toBe(true);
    expect(vertexOf(A, kernelOf(A, [], 3), 3, M)).toEqual([M, M, M]);
  });

  it('is found along both vectors of a plane', () => {
    expect(numbers(vertexOf(A, kernelOf(A, exact([[1, 2, 4]]), 3), 3, A.one))).toEqual([1, 1, -3 / 4]);
  });

  it('is the same in float64, to rounding', () => {
    const rows = [
      [0.5, -0.25, 1, 0.0625, 0.75],
      [-1, 0.8125, 0.3125, 0.5, -0.125],
    ];
    const expected = numbers(vertexOf(A, kernelOf(A, exact(rows), 5), 5, A.one));
    vertexOf(float64, kernelOf(float64, rows, 5), 5, 1).forEach((x, j) => expect(x).toBeCloseTo(expected[j]!, 12));
  });
});
