/** The tables and the figure of orders of evaluation, from small runs of their claims. */
import { describe, expect, it } from 'vitest';
import { loadProject } from '../src/project.ts';
import type { Figure } from '../src/report/model.ts';
import { quickRuns } from '../src/report/testing.ts';
import { rounding } from './P1-rounding.ts';
import { decoded } from './P4-decoded.ts';
import { growth, orders } from './P4-orders.ts';

const project = await loadProject();
const run = quickRuns(project);
const results = await run(['P1', 'P4', 'P4.decoded']);

it('the table of P1 has errors within the bound, and beyond it with one rounding less', () => {
  const rows = rounding.make(results)!.rows;
  expect(rows).toHaveLength(6);
  for (const [, , , format, random, searched, worst, less] of rows) {
    for (const ratio of [random, searched, worst]) expect(Number(ratio)).toBeLessThanOrEqual(1);
    if (format === 'p24') expect(Number(less)).toBeGreaterThan(1);
    else expect([worst, less]).toEqual([null, null]);
  }
});

describe('the table of P4', () => {
  const rows = orders.make(results)!.rows;
  it('names orders, and counts their roundings', () => {
    expect(rows.map((row) => [row[0], row[1], row[4]])).toEqual([
      ['chunks of 2', 4, 2 * 1 + 1 + 3 + 2],
      ['chunks of 2, fused', 4, 1 + 1 + 2 + 2],
      ['parallel', 4, 1 + 3 + 2 + 2],
      ['parallel, fused', 5, 1 + 4 + 1],
      ['parallel, fused', 5, 1 + 4 + 1],
    ]);
  });
  it('has the worst instance near k roundings', () => {
    const [, , parallel] = rows;
    expect(Number(parallel![6])).toBeGreaterThan(7.9);
    expect(Number(parallel![6])).toBeLessThan(8);
    expect(Number(parallel![9])).toBeGreaterThan(1);
  });
});

it('the figure needs three lengths of one order in fp32', async () => {
  expect(growth.make(results)).toBeUndefined();
  const lengths = await run(['P4'], {
    ...{ n: ['4', '1', '2'], m: ['1'], format: ['fp32'], order: ['chunked'], chunk: ['2'], rounding: ['twice'] },
  });
  const { series } = growth.make(lengths) as Figure;
  expect(series.map(({ label }) => label)).toEqual(['chunks of 2: k', 'chunks of 2: worst instance']);
  expect(series[0]!.points).toEqual([
    [1, 2],
    [2, 4],
    [4, 7],
  ]);
});

it('the table of what is decoded shows the first difference with its margin within the bound', () => {
  const rows = decoded.make(results)!.rows;
  expect(rows.map((row) => row.slice(0, 7))).toEqual([
    ['block', 'parallel', null, 8, 'fp8-e5m2', 0, null],
    ['read-out', 'parallel', 0.9, 32, 'bf16', 3, 14],
    ['read-out', 'parallel', 0.9, 32, 'fp32', 16, 4],
  ]);
  for (const row of rows.slice(1)) expect(Number(row[9])).toBeLessThan(Number(row[10]));
});
