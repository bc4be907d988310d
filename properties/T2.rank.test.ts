import { expect, it } from 'vitest';
import { vectorOf } from '../src/arithmetic/arithmetic.ts';
import { rationals as A } from '../src/arithmetic/exact.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import { randomStream } from '../src/arithmetic/testing.ts';
import { parseCell } from '../src/claim/claim.ts';
import { designedAttention, readOuts, truncatedOneHot, type Design } from '../constructions/copy/T2.rank.ts';
import { rank, worstError } from './T2.rank.ts';

const [N, m] = [5, 2];
const M = Rational.parse('5/7')!;
const random = randomStream(11);
const grid = (length: number, lo: number): number[] =>
  Array.from({ length }, () => lo + Math.floor(random() * ((1 - lo) * 16 + 1)) / 16);

const drawn = (): Design => ({ N, m, keys: grid(N * m, -1), queries: grid(N * m, -1), decays: grid(N, 0) });

/** By running all 2^N records of entries ±M, the corners of a cube on which the error is convex. */
const worstOfCorners = (design: Design): Rational => {
  const corners = 2 ** N;
  const sign = (j: number, corner: number): Rational => ((corner >> j) & 1 ? M : M.neg());
  const records = vectorOf(A, N * corners, (at) => sign(Math.floor(at / corners), at % corners));
  const y = readOuts(A, designedAttention(design, corners), records, N);
  return y.flatMap((row, p) => row.map((x, corner) => x.sub(sign(p, corner)).abs())).reduce(A.max);
};

it('knows the worst error of any design from its unit records', () => {
  for (const design of [truncatedOneHot(N, m), ...Array.from({ length: 20 }, drawn)]) {
    expect(worstError(A, designedAttention(design, N), N, M)).toEqual(worstOfCorners(design));
  }
});

it('measures the least errors on truncated one-hot keys, and the least RMS error on random ones', () => {
  const [{ row, columns }] = rank.measurements as [NonNullable<typeof rank.measurements>[number]];
  for (let states = 1; states <= 6; states++) {
    const values = parseCell(rank, { N: '6', m: String(states), M: '3' });
    const cells = Object.fromEntries(columns.map(({ name }, at) => [name, row(values, 1)[at]]));
    const rms = Math.sqrt(1 - states / 6);
    expect(cells).toMatchObject({ N: 6, m: states, M: 3, worst: states < 6 ? 1 : 0, failed: (6 - states) / 6 });
    expect(cells.rms).toBeCloseTo(rms, 12);
    // Mean squares of 2000 records lie in [0, 1], so with standard deviations of at most 1/2: five of their mean's.
    expect(Math.abs((cells['rms, random keys'] as number) ** 2 - rms ** 2)).toBeLessThan(2.5 / Math.sqrt(2000));
    if (states === 6) expect(cells['worst, random keys']).toBeLessThan(1e-12);
    else expect(cells['worst, random keys']).toBeGreaterThan(1);
  }
});
