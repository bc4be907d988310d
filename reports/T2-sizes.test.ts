/** The tables of sizes and of circuits, and the figures beside them, from small runs of the claims. */
import { describe, expect, it } from 'vitest';
import { loadProject } from '../src/project.ts';
import type { Figure } from '../src/report/model.ts';
import { quickRuns } from '../src/report/testing.ts';
import { circuits } from './circuits.ts';
import { sizes, state, weights } from './T2-sizes.ts';

const project = await loadProject();
const run = quickRuns(project);
const TAGS = ['T2.block', 'T2.packed', 'T2.selective', 'T2.slots', 'T2.tight'];
const all = await run(TAGS, { N: ['2', '3'], d: ['1'], M: ['3'], eps: ['1e-4'] });

describe('the table of sizes', () => {
  const rows = sizes.make(all)!.rows;

  it('has every construction at every task', () => {
    expect(rows.map((row) => [row[0], row[4]])).toEqual([2, 3].flatMap((N) => TAGS.map((tag) => [N, tag])));
  });
  it('leaves out what not all did', async () => {
    expect(sizes.make(await run(TAGS.slice(1), { N: ['2'], d: ['1'], M: ['1'], eps: ['1e-4'] }))).toBeUndefined();
  });
  it('counts state in multiples of N·d, and weights beside N M²', () => {
    const tight = rows.at(-1)!;
    // d_inner = state = N·d + 3, of which N·d + 1 are read
    expect(tight.slice(7, 11)).toEqual([6, 6, 6 / 3, 4 / 3]);
    expect(tight.at(-1)).toBe(3 * 3 ** 2);
  });
  it('shows bounds below ε, and tightness', () => {
    for (const [, , , eps, , bound, tightness] of rows) {
      expect(Number(bound)).toBeLessThan(Number(eps));
      expect(tightness).toBeGreaterThan(0);
    }
  });
});

describe('the figures of sizes', async () => {
  const one = await run(['T2.tight'], { N: ['4', '2'], d: ['1'], M: ['1'], eps: ['1e-4'] });
  const points = (figure: typeof state): (readonly (readonly [number, number])[])[] =>
    (figure.make(one) as Figure).series.map((series) => series.points);

  it('have state floats per record above 1', () => {
    const [tight, bound] = points(state);
    expect(tight).toEqual([
      [2, 5 / 2],
      [4, 7 / 4],
    ]);
    expect(bound).toEqual([
      [2, 1],
      [4, 1],
    ]);
  });
  it('have largest weights beside N M²', () => {
    const [tight, conjectured] = points(weights);
    // Γ(2N² − 1), Γ = ⌈ln 14e4⌉ = 12; the least N's 4ΓN
    expect(tight).toEqual([
      [2, 96],
      [4, 372],
    ]);
    expect(conjectured).toEqual([
      [2, 2],
      [4, 4],
    ]);
  });
  it('need their tasks', () => {
    expect([state.make(all), weights.make(all)]).toEqual([undefined, undefined]);
  });
});

it('the table of circuits has the bound above what was found, and below ε', async () => {
  const results = await run(['L.circuit'], { circuit: ['selection'] });
  const rows = circuits.make(results)!.rows;
  expect(rows.map((row) => row.slice(0, 4))).toEqual([['selection', 'mamba', 'real', 1e-3]]);
  const [, , , eps, bound, worst, tightness] = rows[0]!.map(Number);
  expect(worst).toBeGreaterThan(0);
  expect(worst).toBeLessThan(bound!);
  expect(bound).toBeLessThan(eps!);
  expect(tightness).toBe(worst! / bound!);
  const { rows: measured } = results.measurements[0]!;
  expect(measured[0]![5]).toBe(bound);
});
