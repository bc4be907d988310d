import { describe, expect, it } from 'vitest';
import { parseCell } from '../src/claim/claim.ts';
import { decide } from '../src/evidence/decide.ts';
import type { Cell } from '../src/claim/result.ts';
import { count } from './T2.count.ts';

const cellOf = (quantity: string, cell: Record<string, string | number>): Cell =>
  decide(count, quantity, Object.fromEntries(Object.entries(cell).map(([name, x]) => [name, String(x)])), {
    seed: 1,
    profile: 'quick',
  }).cell;
const states = (cell: Record<string, string | number>): number => cellOf('states', cell).worst;
const copied = (cell: Record<string, string | number>): number => cellOf('copied', cell).worst;

describe.each(['decaying', 'growing'])('a %s base', (model) => {
  it.each([
    ['p3', [2, 4, 8, 13, 17, 21, 25, 29]],
    ['fp8-e5m2', [2, 4, 8, 13, 17, 21, 25, 29]],
    ['fp8-e4m3', [2, 4, 8, 16, 25, 33]],
  ])('reaches these states in %s, and copies all of their strings but one', (format, counts) => {
    counts.forEach((expected, at) => {
      const cell = { model, n: at + 1, D: 2, format };
      expect(states(cell)).toBe(expected);
      expect(copied(cell)).toBe(expected === 2 ** (at + 1) ? expected : expected - 1);
    });
  });

  it('holds for digits that do not fill the significand, and for digits that do', () => {
    for (const [D, format] of [
      [4, 'p2'],
      [4, 'p3'],
      [4, 'p5'],
      [8, 'p3'],
      [8, 'p4'],
    ] as const) {
      for (let n = 1; D ** n <= 1024; n++) expect(cellOf('states', { model, n, D, format }).verdict).toBe('holds');
    }
  });
});

it('a counter stops at 2^p', () => {
  const counts = [1, 4, 7, 8, 9, 10].map((n) => states({ model: 'counter', n, D: 2, format: 'p3' }));
  expect(counts).toEqual([2, 5, 8, 9, 9, 9]);
});

it('slots copy D^m strings of D^n', () => {
  for (const m of [1, 2, 3, 4]) expect(copied({ model: 'slots', n: 4, D: 3, m, format: 'fp8-e4m3' })).toBe(3 ** m);
});

it('a count is not rounded to the format of the run', () => {
  const cell = cellOf('states', { model: 'slots', n: 4, D: 3, m: 4, format: 'p2' });
  expect([cell.worst, cell.bound, cell.format, cell.evidence]).toEqual([81, 81, 'p2', 'exhaustive']);
});

it.each([
  ['real numbers', { model: 'growing', n: 2, D: 2, format: 'real' }],
  ['powers beyond the format', { model: 'growing', n: 9, D: 2, format: 'fp8-e4m3' }],
  ['powers below the format', { model: 'decaying', n: 11, D: 2, format: 'fp8-e4m3' }],
  ['a base that is no power of two', { model: 'growing', n: 2, D: 3, format: 'p5' }],
  ['a digit wider than the significand', { model: 'growing', n: 2, D: 8, format: 'p2' }],
  ['too many strings', { model: 'slots', n: 16, D: 3, m: 1, format: 'bf16' }],
  ['slots of no number', { model: 'slots', n: 4, D: 2, format: 'bf16' }],
  ['more slots than symbols', { model: 'slots', n: 4, D: 2, m: 5, format: 'bf16' }],
  ['a block beyond its positions', { model: 'block', n: 9, D: 2, format: 'p3' }],
])('does not count %s', (_, cell) => {
  expect(() => states(cell)).toThrow(/^expected/);
});

it.each([
  ['fp64', 64],
  ['fp32', 32],
  ['tf32', 19],
  ['bf16', 16],
  ['fp16', 16],
  ['fp8-e4m3', 8],
  ['fp8-e5m2', 8],
  ['p5', null],
])('counts the bits of a float in %s', (format, bits) => {
  const [sizes] = count.measurements!;
  const row = sizes!.row(parseCell(count, { model: 'slots', n: '4', D: '2', m: '3', format }), 1);
  const at = (name: string) => row[sizes!.columns.findIndex((column) => column.name === name)];
  expect([at('format'), at('bits of a float'), at('state read')]).toEqual([format, bits, 3]);
});
