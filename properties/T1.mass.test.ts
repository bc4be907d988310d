/** The numbers of T1.mass where they are known exactly. */
import { expect, it } from 'vitest';
import { parseCell } from '../src/claim/claim.ts';
import { expand } from '../src/claim/parameters.ts';
import { mass } from './T1.mass.ts';

const [vacuity] = mass.measurements!;

/** P(x_1 ⋯ x_r ≤ t) for x uniform in [a, 1]. */
const productBelow = (r: number, a: number, t: number): number => {
  if (r === 0 || t >= 1) return t >= 1 ? 1 : 0;
  const reach = Math.min(1, t / a ** (r - 1)); // from here on x alone is too large
  if (r === 1) return Math.max(0, t - a) / (1 - a);
  const STEPS = 400;
  const width = Math.max(0, reach - a) / STEPS;
  let sum = 0;
  for (let k = 0; k < STEPS; k++) sum += productBelow(r - 1, a, t / (a + (k + 0.5) * width)) * width;
  return sum / (1 - a);
};

it.each([
  [{ a_min: '0.5', L: 2, N: 9, eps: '0.5', M: 1 }, 1],
  [{ a_min: '0.5', L: 7, N: 2, eps: '0.5', M: 1 }, 1],
  [{ a_min: '0.5', L: 3, N: 3, eps: '0.7', M: '0.5' }, 1],
  [{ a_min: '0.9', L: 4, N: 4, eps: '0.3', M: 1 }, 2],
  [{ a_min: '1', L: 3, N: 8, eps: '1', M: 1 }, 0],
])('the uniform condition can be met as often as decays are small enough: %o', (point, least) => {
  const [cell] = expand(point);
  const [a, eta, r] = [Number(point.a_min), Number(point.eps) / (2 * Number(point.M)), Math.min(point.L, point.N) - 1];
  const most = a ** r / (1 - eta);
  const shares = Array.from({ length: r + 1 }, (_, distance) => productBelow(distance, a, most));
  const share = shares.reduce((x, y) => x + y) / (r + 1);
  const row = vacuity!.row(parseCell(mass, cell!), 5) as number[];
  expect(row.slice(0, 5)).toEqual([a, point.L, point.N, Number(point.eps), Number(point.M)]);
  const [threshold, distance, instances, met] = row.slice(5);
  expect(threshold! * most).toBeCloseTo(1, 12);
  expect(distance).toBe(least);
  expect(Math.abs(met! - share)).toBeLessThanOrEqual(4.5 * Math.sqrt((share * (1 - share)) / instances!));
});
