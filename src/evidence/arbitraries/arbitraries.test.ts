/** Laws that every arbitrary of the suite must satisfy: range, determinism, spread, shrinking towards simple values. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { integers, reals, vectors } from '../../claim/domain.ts';
import { axisArbitrary, pointArbitrary } from './axis.ts';
import { edges, edgesOf } from './edges.ts';
import { logUniform } from './log-uniform.ts';
import { nearEnds } from './near.ts';
import { between, uniform } from './uniform.ts';

const RUNS = 4000;
const SEED = 7;
const draw = (arbitrary: fc.Arbitrary<number>): number[] => fc.sample(arbitrary, { seed: SEED, numRuns: RUNS });
/** A share of RUNS draws lies within 5 standard deviations √(p(1 − p)/RUNS) ≤ 5·0.5/√4000 < 0.04 of its probability. */
const SPREAD = 0.04;
const share = (values: readonly number[], of: (x: number) => boolean): number =>
  values.filter(of).length / values.length;

const intervals: [number, number][] = [
  [0, 1],
  [-3, 7],
  [1e-300, 1e-290],
  [-1e300, 1e300],
  [2, 2],
];

describe.each([
  ['uniform', uniform],
  ['nearEnds', nearEnds],
] as const)('%s', (_, arbitrary) => {
  it.each(intervals)('stays in [%d, %d]', (lo, hi) => {
    expect(draw(arbitrary(lo, hi)).every((x) => x >= lo && x <= hi)).toBe(true);
  });
  it('draws the same values for the same seed', () => {
    expect(draw(arbitrary(-1, 1))).toEqual(draw(arbitrary(-1, 1)));
  });
});

describe('uniform', () => {
  it('is uniform by value', () => {
    const values = draw(uniform(-2, 6));
    for (const x of [-1, 0, 2, 5]) expect(Math.abs(share(values, (y) => y < x) - (x + 2) / 8)).toBeLessThan(SPREAD);
  });
  it('shrinks towards its lower end', () => {
    const result = fc.check(
      fc.property(uniform(1, 5), (x) => x < 3),
      { seed: SEED },
    );
    expect(result.counterexample![0]).toBeLessThan(3.001);
  });
  it('reaches both ends by `between`', () => {
    expect([between(-7, 3, 0), between(-7, 3, 1)]).toEqual([-7, 3]);
  });
});

describe('logUniform', () => {
  it('is uniform in the logarithm and stays inside', () => {
    const values = draw(logUniform(1e-6, 1e6));
    expect(values.every((x) => x >= 1e-6 && x <= 1e6)).toBe(true);
    for (const e of [-3, 0, 2]) expect(Math.abs(share(values, (x) => x < 10 ** e) - (e + 6) / 12)).toBeLessThan(SPREAD);
  });
});

describe('nearEnds', () => {
  it('comes nearer to both ends than any uniform draw would', () => {
    const values = draw(nearEnds(0, 1));
    expect(share(values, (x) => x < 1e-6)).toBeGreaterThan(0.1);
    expect(share(values, (x) => 1 - x < 1e-6)).toBeGreaterThan(0.1);
  });
});

describe('edges', () => {
  it('are the ends, 0, ±1 and the middle where they lie inside', () => {
    expect(edgesOf(reals(-2, 4))).toEqual([-2, 4, 0, 1, -1]);
    expect(edgesOf(reals(3, 5))).toEqual([3, 5, 4]);
    expect(edgesOf(integers(2, 5))).toEqual([2, 5, 3]);
    expect(new Set(draw(edges(reals(-2, 4))))).toEqual(new Set([-2, 4, 0, 1, -1]));
  });
});

describe('axisArbitrary', () => {
  it('draws every integer of a small axis, and only integers', () => {
    expect(new Set(draw(axisArbitrary(integers(3, 9)) as fc.Arbitrary<number>))).toEqual(
      new Set([3, 4, 5, 6, 7, 8, 9]),
    );
  });
  it('draws vectors of the length asked: constant, at the ends, and mixed', () => {
    const drawn = fc.sample(axisArbitrary(vectors(5, reals(-1, 1))), { seed: SEED, numRuns: 300 }) as number[][];
    expect(drawn.every((v) => v.length === 5 && v.every((x) => Math.abs(x) <= 1))).toBe(true);
    const constant = drawn.filter((v) => v.every((x) => x === v[0])).length;
    const extreme = drawn.filter((v) => v.every((x) => Math.abs(x) === 1) && new Set(v).size > 1).length;
    expect(Math.min(constant, extreme, drawn.length - constant - extreme)).toBeGreaterThan(50);
  });
  it('shrinks a vector to few entries that matter', () => {
    const property = fc.property(pointArbitrary({ v: vectors(6, reals(0, 1)) }), ({ v }) => (v as number[])[2]! <= 0.5);
    const [{ v }] = fc.check(property, { seed: SEED }).counterexample as [{ v: number[] }];
    expect(v.filter((x) => x !== 0 && x !== v[2])).toEqual([]);
  });
});
