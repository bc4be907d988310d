/** The tables and figures about Assumption 1 and Theorem 1, from small runs of the claims. */
import { describe, expect, it } from 'vitest';
import type { Results } from '../src/claim/result.ts';
import { loadProject } from '../src/project.ts';
import type { FigureReport, TableReport } from '../src/report/item.ts';
import type { CellValue, Figure } from '../src/report/model.ts';
import { quickRuns } from '../src/report/testing.ts';
import { constructions } from './A1-constructions.ts';
import { figure as rateFigure, table as rateTable } from './A1-rate.ts';
import { forms } from './T1-forms.ts';
import { distribution, quantiles } from './T1-looseness.ts';
import { vacuity } from './T1-mass-vacuity.ts';
import { verdicts } from './verdicts.ts';

const project = await loadProject();

const run = quickRuns(project);

/** The rows of a table by column name. */
const rowsOf = (report: TableReport, results: Results): Record<string, CellValue>[] => {
  const { columns, rows } = report.make(results)!;
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, at) => [name, row[at]!])));
};
const seriesOf = (report: FigureReport, results: Results): Record<string, Figure['series'][number]['points']> =>
  Object.fromEntries((report.make(results) as Figure).series.map(({ label, points }) => [label, points]));

const rates = await run(['A1.rate'], {
  keys: ['sphere', 'mamba-init'],
  m: ['16', '32', '64', '256'],
  trials: ['300'],
});

describe('A1-rates', () => {
  const rows = rowsOf(rateTable, rates);
  const at = (keys: string, m: number) => rows.find((row) => row.keys === keys && row.m === m)!;

  it('marks bounds that say nothing, and keys of which nothing is proved', () => {
    expect(at('sphere', 16)).toMatchObject({ 'bound (%)': 'vacuous', 'rate/bound': null });
    expect(at('mamba-init', 64)).toMatchObject({ 'bound (%)': 'none', 'rate/bound': null });
    expect(at('sphere', 64)['bound (%)']).toBeCloseTo(100 * 30 * Math.exp(-8));
  });

  it('shows the rate that the claim was decided by', () => {
    const cell = rates.claims[0]!.cells.find(({ params }) => params.m === 32)!;
    expect(at('sphere', 32)['rate (%)']).toBe(100 * cell.worst);
    expect(at('sphere', 32)['rate/bound']).toBe(cell.tightness);
  });

  it('has the rate inside its interval', () => {
    expect(rows).toHaveLength(8);
    for (const { 'rate (%)': rate, 'from (%)': from, 'to (%)': to } of rows) {
      expect(from).toBeLessThanOrEqual(Number(rate));
      expect(to).toBeGreaterThanOrEqual(Number(rate));
    }
  });
});

describe('A1-rate', () => {
  const series = seriesOf(rateFigure, rates);

  it('draws bounds below 1 only, and each interval by itself', () => {
    expect(series['bound: sphere, ±1/√m']!.map(([m]) => m)).toEqual([32, 64, 256]);
    const ends = series['Wilson’s interval']!;
    expect(ends).toHaveLength(3 * 8);
    expect(ends.filter((_, at) => at % 3 === 2).flat()).toEqual(new Array(16).fill(NaN));
  });

  it('keeps a rate of 0 as the upper end of its interval', () => {
    const [place, rate] = series['unit sphere']!.at(-1)!;
    expect(rate).toBe(0);
    const [lo, hi] = series['Wilson’s interval']!.filter(([x]) => x === place);
    expect(lo![1]).toBe(0);
    expect(hi![1]).toBeGreaterThan(0);
  });

  it('needs a few dimensions', async () => {
    expect(rateFigure.make(await run(['A1.rate'], { keys: ['sphere'], trials: ['100'] }))).toBeUndefined();
  });
});

const gap = await run(['T1.gap'], { a_min: ['0.5'], L: ['48'], N: ['64'] });

describe('T1-looseness', () => {
  it('puts random instances far below the threshold, and the extremal one at it', () => {
    const series = seriesOf(distribution, gap);
    const curve = series['a_min = 0.5, L = 48']!;
    expect(curve.map(([, share]) => share)).toEqual([0, 0.1, 0.25, 0.5, 0.75, 0.9, 1]);
    const needs = curve.map(([fraction]) => fraction);
    expect(needs).toEqual([...needs].sort((x, y) => x - y));
    // Decays of 0.75 on the average instead of 0.5, and yet something is needed.
    expect(needs.at(-1)).toBeGreaterThan(1e-12);
    expect(needs.at(-1)).toBeLessThan(1e-3);
    const [[fraction, share]] = series['extremal instance'] as [[number, number]];
    expect(share).toBe(1);
    expect(fraction).toBeCloseTo(1, 6);
  });

  it('has a row for each threshold', () => {
    const rows = rowsOf(quantiles, gap);
    expect(rows).toHaveLength(1);
    expect(rows[0]!.threshold).toBe(gap.claims[0]!.cells.find(({ params }) => params.quantity === 'score')!.bound);
    expect(rows[0]!.extremal).toBeCloseTo(1, 6);
  });
});

describe('T1-forms', () => {
  it('draws the forms that the results have three windows of', async () => {
    const softmax = await run(['T1.softmax'], { n: ['2', '5', '9'] });
    const line = seriesOf(forms, softmax)['softmax, n = L']!;
    expect(line.map(([n]) => n)).toEqual([2, 5, 9]);
    expect(line[1]![1] - line[0]![1]).toBeCloseTo(Math.log(4));
    expect(forms.make(gap)).toBeUndefined();
  });
});

describe('T1-mass-vacuity', () => {
  it('names the least distance at which the condition can be met', async () => {
    const [row] = rowsOf(vacuity, await run(['T1.mass'], { a_min: ['0.9'], L: ['8'], eps: ['0.5'] }));
    // 0.9^5 = 0.59 is the first power below 0.9^7/0.75 = 0.64.
    expect(row).toMatchObject({ 'least distance': 5, 'largest distance': 7 });
    expect(row!['score asked for']).toBeCloseTo(0.75 / 0.9 ** 7);
  });
});

describe('A1-constructions', () => {
  it('joins the three parts of Assumption 1', async () => {
    const rows = rowsOf(constructions, await run(['A1.*'], { N: ['8'] }));
    expect(rows.map(({ module }) => module)).toEqual(['T2.block', 'T2.ideal']);
    const [block, ideal] = rows;
    expect(ideal).toMatchObject({ δ: 0, '1 − ρ': 0, 'largest excess': 0, 'least excess inside': null });
    expect(block!['δ/bound']).toBe(Number(block!.δ) / Number(block!['η/2']));
    expect(block!['least excess inside']).toBeGreaterThan(0);
    expect(block!['largest excess']).toBeGreaterThan(Number(block!['least excess inside']));
  });
});

describe('verdicts', () => {
  it('says what the kinds of evidence that occur mean', () => {
    const { caption, rows } = verdicts.make(rates)!;
    expect(rows.map((row) => row.slice(0, 5))).toEqual([['A1.rate', 'rate', 'holds', 'sampled', 3]]);
    expect(caption).toContain('\\emph{sampled}: the rate');
    expect(caption).not.toContain('enclosed');
  });
});

describe('results without their claim', () => {
  it.each([rateFigure, rateTable, distribution, quantiles, forms, vacuity, constructions])('make no $id', (report) => {
    const other = report.id.startsWith('A1-rate') ? gap : rates;
    expect(report.make(other)).toBeUndefined();
  });
});
