/** The numbers of T1.gap where they are known exactly. */
import { expect, it } from 'vitest';
import { parseCell } from '../src/claim/claim.ts';
import { expand } from '../src/claim/parameters.ts';
import { gap } from './T1.gap.ts';

const looseness = gap.measurements!.find(({ id }) => id === 'T1.gap.looseness')!;

/**
 * Two tokens, the first to be copied: 1/error is (1 + s a_2/s_2)/|v_1 − v_2|, so s = (s_2/a_2)(|v_1 − v_2|/ε − 1) is
 * needed, if that is positive, of δ(2M/ε − 1)/a_min. With u = s_2/δ and y = (|v_1 − v_2| − ε)/(2M − ε) that is the part
 * u·y·a_min/a_2 of it; u is uniform, and P(y > t) = (1 − e)²(1 − t)², e = ε/(2M).
 */
const atMost = (t: number, a: number, e: number): number => {
  const product = (x: number): number => (x >= 1 ? 0 : (1 - e) ** 2 * (x > 0 ? 1 - x ** 2 + 2 * x * Math.log(x) : 1));
  const STEPS = 2000;
  const decays = Array.from({ length: STEPS }, (_, k) => a + ((k + 0.5) / STEPS) * (1 - a));
  return 1 - decays.reduce((sum, decay) => sum + product((t * decay) / a), 0) / STEPS;
};

it.each([
  ['1', '0.4', '1'],
  ['0.5', '0.1', '1'],
  ['0.2', '0.9', '3'],
])('quantiles of the scores that random instances need: a_min = %s, ε = %s, M = %s', (a_min, eps, M) => {
  const [cell] = expand({ a_min, L: 5, N: 2, delta: '0.03', eps, M });
  const RUNS = 50;
  const rows = Array.from({ length: RUNS }, (_, seed) => looseness.row(parseCell(gap, cell!), seed) as number[]);
  const at = (name: string): number => looseness.columns.findIndex((column) => column.name === name);
  const instances = rows[0]![at('instances')]!;
  for (const [name, order] of [
    ['50 %', 51],
    ['75 %', 75],
    ['90 %', 90],
    ['100 %', 100],
  ] as const) {
    // What is below the k-th of n numbers is k/(n + 1) of all on average, k(n + 1 − k)/((n + 1)²(n + 2)) its variance.
    const below = rows.map((row) => atMost(row[at(name)]!, Number(a_min), Number(eps) / (2 * Number(M))));
    const mean = below.reduce((x, y) => x + y) / RUNS;
    const p = order / (instances + 1);
    expect(Math.abs(mean - p)).toBeLessThanOrEqual(4.5 * Math.sqrt((p * (1 - p)) / (instances + 2) / RUNS));
  }
  // Near records need no score at all.
  expect(rows.every((row) => row[at('0 %')] === 0)).toBe(true);
});
