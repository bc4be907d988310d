/** The tables and the figure of the lemmas, from small runs of the claims. */
import { describe, expect, it } from 'vitest';
import { loadProject } from '../src/project.ts';
import type { Figure } from '../src/report/model.ts';
import { quickRuns } from '../src/report/testing.ts';
import { figure, rounding, table } from './lemmas.ts';

const project = await loadProject();
const run = quickRuns(project);

const all = await run(['L0', 'L1', 'L2', 'L2.gate', 'L3', 'L4', 'L5', 'L6']);

describe('the table of lemmas', () => {
  const rows = table.make(all)!.rows;

  it('has every lemma with each of its activations', () => {
    const activations = new Map<string, number>();
    for (const [lemma, computes] of rows) {
      const name = `${lemma} ${computes}`;
      activations.set(name, (activations.get(name) ?? 0) + 1);
    }
    expect(Object.fromEntries(activations)).toEqual({
      'L0 linear map': 4,
      'L1 ReLU': 3,
      'L2 product': 3,
      'L2.gate product': 1,
      'L3 select': 4,
      'L4 min': 4,
      'L4 max': 4,
      'L4 abs': 4,
      'L5 comparison': 2,
      'L5 indicator': 2,
      'L5 lookup': 2,
      'L6 MLP, pair of gates': 1,
      'L6 MLP, gate z0': 1,
    });
  });
  it('shows width, weight, bound and what was found', () => {
    const silu = rows.find(([lemma, , g]) => lemma === 'L2' && g === 'silu')!;
    expect(silu.slice(3, 8)).toEqual([16, 1, 4, 128, 1 / 3 / 256]);
    expect(silu[9]).toBeGreaterThan(0.99);
    for (const row of rows) expect(row.slice(5, 9)).not.toContain(null);
  });
  it('calls exact what has no error', () => {
    const exact = rows.filter((row) => row[9] === 'exact').map(([lemma, computes, g]) => `${lemma} ${computes} ${g}`);
    expect(exact).toHaveLength(4 + 1 + 1 + 3 + 1);
    expect(exact).toContain('L3 select relu');
    expect(exact).toContain('L6 MLP, pair of gates silu');
  });
});

it('errors in formats stay below the count of roundings', () => {
  const rows = rounding.make(all)!.rows;
  expect(rows).toHaveLength(4 + 2);
  for (const row of rows) expect(Number(row[7])).toBeLessThanOrEqual(Number(row[6]));
});

describe('the figure of products', () => {
  it('needs a curve', () => {
    expect(figure.make(all)).toBeUndefined();
  });
  it('has the bound above what was found', async () => {
    const { series } = figure.make(await run(['L2'], { g: ['gelu'], lambda: ['8', '2', '32'] })) as Figure;
    const [bound, found] = series.map(({ points }) => points);
    expect(bound!.map(([x]) => x)).toEqual([2, 8, 32]);
    bound!.forEach(([, y], at) => expect(found![at]![1]).toBeLessThanOrEqual(y));
  });
});

it('is left out where there are no lemmas', async () => {
  const others = await run(['T1.softmax']);
  expect([table, rounding, figure].map((report) => report.make(others))).toEqual([undefined, undefined, undefined]);
});
