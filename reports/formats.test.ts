/** The tables of T1.range and the figures of L2.floor, from small runs of the claims. */
import { describe, expect, it } from 'vitest';
import type { Results } from '../src/claim/result.ts';
import { loadProject } from '../src/project.ts';
import type { FigureReport } from '../src/report/item.ts';
import type { Figure } from '../src/report/model.ts';
import { quickRuns } from '../src/report/testing.ts';
import { curves, floors } from './L2-floor.ts';
import { nominal, table } from './T1-range.ts';

const project = await loadProject();
const run = quickRuns(project);

describe('the tables of T1.range', async () => {
  const results = await run(['T1.range'], { a_min: ['0.99', '0.5'] }, ['fp16', 'bf16', 'fp8-e4m3']);

  it('have a row for every format, by precision, and two columns for every decay', () => {
    const { columns, rows } = table.make(results)!;
    expect(columns.map(({ name }) => name).slice(0, 4)).toEqual([
      'format',
      'a_min = 0.5',
      'limit at 0.5',
      'a_min = 0.99',
    ]);
    expect(rows.map(([format, half, , most]) => [format, half, most])).toEqual([
      ['fp8-e4m3', '8 state', 'no decay'],
      ['bf16', '128 score', '754 chain'],
      ['fp16', '16 score', '1131 score'],
    ]);
  });

  it('show each reach between its bounds', () => {
    const { rows } = nominal.make(results)!;
    expect(rows).toHaveLength(6);
    for (const [, , , least, reach, most, nominalLeast, nominalReach, nominalMost] of rows) {
      if (reach !== 'none') expect(least).toBeLessThanOrEqual(Number(reach));
      if (most !== null) expect(most).toBeGreaterThanOrEqual(Number(reach));
      expect(nominalLeast).toBeLessThanOrEqual(Number(nominalReach));
      expect(nominalMost).toBeGreaterThanOrEqual(Number(nominalReach));
    }
    expect(rows.at(-1)!.slice(0, 3)).toEqual(['fp16', 0.99, 0.990234375]);
    expect(rows.at(-1)!.at(-1)).toBe('rounding of a');
  });

  it('are left out where nothing was run', () => {
    const empty = { ...results, claims: [], measurements: [] };
    expect([table.make(empty), nominal.make(empty)]).toEqual([undefined, undefined]);
  });
});

describe('the figures of L2.floor', () => {
  const seriesOf = (report: FigureReport, results: Results): Record<string, Figure['series'][number]['points']> =>
    Object.fromEntries((report.make(results) as Figure).series.map(({ label, points }) => [label, points]));

  it('have bounds above what was found, by λ', async () => {
    const results = await run(['L2.floor'], { g: ['silu'], lambda: ['8', '2', '4'] }, ['bf16']);
    const { 'bf16: bound': bound, 'bf16: found': found, 'bf16: L2.gate': gate } = seriesOf(curves, results);
    expect(found!.map(([lambda]) => lambda)).toEqual([2, 4, 8]);
    found!.forEach(([, error], at) => expect(error).toBeLessThan(bound![at]![1]));
    expect(gate).toEqual([2, 8].map((lambda) => [lambda, (1 + 2 ** -8) ** 10 - 1]));
    expect(floors.make(results)).toBeUndefined();
  });

  it('have floors by precision, and their slope', async () => {
    const results = await run(['L2.floor'], { g: ['silu'] }, ['p16', 'p12', 'p20']);
    const { 'silu: found': found, 'silu: predicted': predicted } = seriesOf(floors, results);
    expect(found!.map(([p]) => p)).toEqual([12, 16, 20]);
    found!.forEach(([, error], at) => expect(error).toBeLessThan(predicted![at]![1]));
    const slope = Math.log2(found![2]![1] / found![0]![1]) / 8;
    expect((floors.make(results) as Figure).caption).toContain(`$${slope.toFixed(3)}$ (silu)`);
    expect(curves.make(results)).toBeUndefined();
  });
});
