/**
 * Records that a linear state of too few floats cannot tell from zeros: null vectors of the map S from the n components
 * of the records to the state, moved to a vertex of ker S ∩ [−M, M]^n.
 *
 * At a vertex the rows of S and the coordinates at ±M have rank n together, so at least n − rank S coordinates are ±M.
 * In rationals everything is exact; float64 is for the search, which only proposes. Source: docs/theory.md §3, T2.rank.
 */
import type { Arithmetic } from '../../src/arithmetic/arithmetic.ts';

/** x − factor·y, with 0 where the two cancel by choice of the factor: rounding must not leave a coordinate half zero. */
const eliminate = <T>(A: Arithmetic<T>, x: readonly T[], y: readonly T[], at: number): T[] => {
  const factor = A.div(x[at]!, y[at]!);
  return x.map((value, j) => (j === at ? A.zero : A.sub(value, A.mul(factor, y[j]!))));
};

const isZero = <T>(A: Arithmetic<T>, x: T): boolean => !A.less(A.zero, A.abs(x));

/** A basis of the vectors v with Σ_j row[j] v_j = 0 for every row of n entries (Gauss–Jordan; pivots are largest entries). */
export const kernelOf = <T>(A: Arithmetic<T>, rows: readonly (readonly T[])[], n: number): T[][] => {
  let reduced: { readonly row: readonly T[]; readonly pivot: number }[] = [];
  for (const given of rows) {
    const row = reduced.reduce((x, known) => eliminate(A, x, known.row, known.pivot), given);
    const pivot = row.reduce((best, x, j) => (A.less(A.abs(row[best]!), A.abs(x)) ? j : best), 0);
    if (isZero(A, row[pivot]!)) continue;
    reduced = [...reduced.map((known) => ({ ...known, row: eliminate(A, known.row, row, pivot) })), { row, pivot }];
  }
  const pivots = new Map(reduced.map(({ row, pivot }) => [pivot, row]));
  const columns = Array.from({ length: n }, (_, j) => j);
  return columns
    .filter((j) => !pivots.has(j))
    .map((free) =>
      columns.map((j) => {
        const row = pivots.get(j);
        return row ? A.neg(A.div(row[free]!, row[j]!)) : j === free ? A.one : A.zero;
      }),
    );
};

/**
 * A vertex of the span of `basis` within |v_j| ≤ M: from 0 along each vector in turn until a coordinate reaches ±M, where
 * it stays, for the vectors that are left get a 0 there.
 */
export const vertexOf = <T>(A: Arithmetic<T>, basis: readonly (readonly T[])[], n: number, M: T): T[] => {
  let v = new Array<T>(n).fill(A.zero);
  for (let left = basis; left.length > 0;) {
    const [direction, ...others] = left as [readonly T[], ...(readonly T[])[]];
    const end = direction.map((x) => (A.less(x, A.zero) ? A.neg(M) : M));
    const steps = direction.map((x, j) => (isZero(A, x) ? undefined : A.div(A.sub(end[j]!, v[j]!), x)));
    const at = steps.reduce<number>(
      (best, step, j) => (step !== undefined && (best < 0 || A.less(step, steps[best]!)) ? j : best),
      -1,
    );
    v = v.map((x, j) => (j === at ? end[j]! : A.add(x, A.mul(steps[at]!, direction[j]!))));
    left = others.map((other) => eliminate(A, other, direction, at));
  }
  return v;
};
