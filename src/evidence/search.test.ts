import { describe, expect, it } from 'vitest';
import { integers, reals, vectors, type AnyPoint } from '../claim/domain.ts';
import { search, simplify } from './search.ts';

const vector = (point: AnyPoint, name: string): readonly number[] => point[name] as readonly number[];
const scalar = (point: AnyPoint, name: string): number => point[name] as number;

describe('search', () => {
  it('finds the corner of a linear objective from any start', () => {
    const domain = { v: vectors(12, reals(-1, 1)) };
    const weights = Array.from({ length: 12 }, (_, i) => (i % 3) - 1.5);
    const objective = (p: AnyPoint): number => vector(p, 'v').reduce((sum, x, i) => sum + weights[i]! * x, 0);
    const found = search(domain, objective, [{ v: new Array(12).fill(0.1) }], 6)!;
    expect(found.value).toBe(weights.reduce((sum, w) => sum + Math.abs(w), 0));
  });

  it('finds an interior optimum to the finest step', () => {
    const found = search({ x: reals(0, 10) }, (p) => -((scalar(p, 'x') - 3.3) ** 2), [{ x: 9 }], 60)!;
    // The last step is 1 % of the axis, so the end point lies within half of it.
    expect(Math.abs(scalar(found.point, 'x') - 3.3)).toBeLessThanOrEqual(0.05);
  });

  it('crosses plateaus: two coordinates that only matter together', () => {
    const domain = { s: vectors(6, reals(0, 1)), v: vectors(6, reals(-1, 1)) };
    const objective = (p: AnyPoint): number =>
      vector(p, 's').reduce((sum, s, i) => sum + s * (1 + vector(p, 'v')[i]!), 0);
    const start = { s: new Array(6).fill(0), v: new Array(6).fill(-1) };
    expect(search(domain, objective, [start], 8)!.value).toBe(12);
  });

  it('tries the corners of scalar axes, which decide what the best vectors are', () => {
    const domain = { place: integers(0, 4), v: vectors(5, reals(-1, 1)) };
    const objective = (p: AnyPoint): number =>
      (1 + scalar(p, 'place')) * vector(p, 'v').reduce((sum, x, i) => sum + (i === scalar(p, 'place') ? -x : x), 0);
    const start = { place: 1, v: [1, -1, 1, 1, 1] };
    expect(search(domain, objective, [start], 6)!.value).toBe(25);
  });

  it('takes what is not a number for the worst', () => {
    expect(search({ x: reals(-1, 1) }, (p) => (scalar(p, 'x') === -1 ? NaN : 0), [{ x: 0.5 }], 10)!.value).toBe(
      Infinity,
    );
  });

  it('keeps to its budget and to its domain, and repeats itself', () => {
    const domain = { n: integers(1, 5), v: vectors(30, reals(-2, 3)) };
    const run = () => {
      let evaluations = 0;
      const found = search(
        domain,
        (p) => {
          evaluations++;
          expect(vector(p, 'v').every((x) => x >= -2 && x <= 3) && scalar(p, 'n') >= 1 && scalar(p, 'n') <= 5).toBe(
            true,
          );
          return Math.sin(vector(p, 'v').reduce((x, y) => x + y, 0) * scalar(p, 'n'));
        },
        [{ n: 2, v: new Array(30).fill(0) }],
        2,
      );
      return { found, evaluations };
    };
    const first = run();
    // Three starts (the given one and its corners), each with 2 evaluations for 31 coordinates and 60 besides.
    expect(first.evaluations).toBeLessThanOrEqual(3 * (2 * 31 + 60));
    expect(run()).toEqual(first);
  });

  it('finds nothing without a start', () => {
    expect(search({ x: reals(0, 1) }, () => 1, [], 5)).toBeUndefined();
  });
});

describe('simplify', () => {
  it('sets what does not matter to the simplest value and keeps the violation', () => {
    const domain = { a: reals(-5, 5), v: vectors(4, reals(-1, 1)) };
    const violates = (p: AnyPoint): boolean => vector(p, 'v')[2]! > 0.25;
    expect(simplify(domain, violates, { a: 3.7, v: [0.3, -0.9, 0.31, 0.2] })).toEqual({ a: 0, v: [0, 0, 0.31, 0] });
  });
});
