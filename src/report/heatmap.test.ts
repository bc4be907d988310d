import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heatmapCells, heatmapLook } from './heatmap.ts';
import type { Heatmap } from './model.ts';

const map = (cells: Heatmap['cells'], step = 1, count = cells.length * step): Heatmap => ({
  id: 'h',
  title: '',
  caption: '',
  x: { label: 'j', count },
  y: { label: 'i', count },
  value: { label: 'w' },
  step,
  cells,
});
const colours = (cells: Heatmap['cells']) => heatmapLook(map(cells)).cells.map(({ colour }) => colour);
const bar = (...row: readonly number[]) => {
  const { min, max, ticks } = heatmapLook(map([row])).bar;
  return { min, max, ticks: ticks.map(({ value, label }) => [value, label.mantissa]) };
};

describe('heatmapLook', () => {
  it('is linear in the number from the neutral colour of 0, each sign towards its own', () => {
    expect(colours([[2], [-2, 0], [1, -1, 2]])).toEqual(['0072B2', 'D55E00', 'F2F2F2', '79B2D2', 'E4A879', '0072B2']);
    expect(colours([[0.5, -0.25]])).toEqual(['0072B2', 'E4A879']);
  });

  it('leaves out what is not there, and what no scale can show', () => {
    const { cells } = heatmapLook(map([[1], [null, 1], [NaN, Infinity, 1]]));
    expect(cells.map(({ x, y }) => [x, y])).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
    expect(heatmapLook(map([])).cells).toEqual([]);
  });

  it('has a bar for the signs that occur', () => {
    expect(bar(1, 0.5)).toMatchObject({ min: 0, max: 1 });
    expect(bar(-1, 0)).toMatchObject({ min: -1, max: 0 });
    expect(bar(-4, 1)).toMatchObject({ min: -1, max: 1 });
    expect(bar(-4, 1).ticks.filter((_, at) => at % 2 === 0)).toEqual([
      [-1, '4'],
      [-0.5, '2'],
      [0, '0'],
      [0.5, '2'],
      [1, '4'],
    ]);
    expect(bar(0)).toMatchObject({ min: 0, max: 1 });
    expect(bar(1e-300, -1e-300)).toMatchObject({ min: 0, max: 1 });
    expect(colours([[1e-300, -1e-300]])).toEqual(['F2F2F2', 'F2F2F2']);
  });

  it('has a bar of the colours of the cells', () => {
    const { shades, colours } = heatmapLook(map([[-1, 1]])).bar;
    expect(colours).toEqual(['D55E00', 'F2F2F2', '0072B2']);
    expect([shades[0], shades.at(-1)]).toEqual(['D55F02', '0273B3']);
  });

  it('cuts off cells at the end', () => {
    const { cells } = heatmapLook(map([[1], [1, 1]], 3, 4));
    expect(cells.map(({ x, y, width, height }) => [x, y, width, height])).toEqual([
      [0, 0, 3, 3],
      [0, 3, 3, 1],
      [3, 3, 1, 1],
    ]);
  });

  it('has ticks at whole positions', () => {
    const ticks = (count: number) => heatmapLook(map([[1]], count)).x.map(({ value }) => value);
    expect(ticks(1)).toEqual([1]);
    expect(ticks(3)).toEqual([1, 2, 3]);
    expect(ticks(1500)).toEqual([200, 400, 600, 800, 1000, 1200, 1400]);
  });
});

describe('heatmapCells', () => {
  it('keeps few numbers as they are', () => {
    expect(heatmapCells(3, (i) => Array.from({ length: i }, (_, j) => 10 * i + j))).toEqual({
      step: 1,
      cells: [[10], [20, 21], [30, 31, 32]],
    });
  });

  it('keeps of many the largest by modulus, with its sign', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.infiniteStream(fc.integer({ min: -99, max: 99 })),
        (N, stream) => {
          const rows = Array.from({ length: N }, (_, i) =>
            Array.from({ length: i + 1 }, () => Number(stream.next().value)),
          );
          const { step, cells } = heatmapCells(N, (i) => rows[i - 1]);
          expect(step).toBe(Math.ceil(N / 64));
          expect(cells.length).toBe(Math.ceil(N / step));
          cells.forEach((row, r) => {
            expect(row.length).toBe(r + 1);
            row.forEach((cell, c) => {
              const own = rows.slice(r * step, (r + 1) * step).flatMap((all) => all.slice(c * step, (c + 1) * step));
              expect(Math.abs(cell!)).toBe(Math.max(...own.map(Math.abs)));
              expect(own).toContain(cell);
            });
          });
        },
      ),
      { numRuns: 10 },
    );
  });
});
