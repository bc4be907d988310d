/** What "size O(N)" costs: the constructions of T2 side by side, in multiples of the N·d floats that no state goes below. */
import { defineFigure, defineTable } from '../src/report/item.ts';
import type { CellValue, Series } from '../src/report/model.ts';
import { cellOf, cellsOfQuantity, inOrder, isAt, rowsOf, type Row } from '../src/report/rows.ts';
import { symbols } from '../src/report/symbols.ts';
import type { Results } from '../src/claim/result.ts';

const TAGS = ['T2.block', 'T2.slots', 'T2.packed', 'T2.selective', 'T2.tight'] as const;

const perRecord = (row: Row, column: string): number => Number(row[column]) / (Number(row.N) * Number(row.d));

/** The tasks that all constructions did. */
const compared = (rows: readonly (readonly CellValue[])[]): (readonly CellValue[])[] => {
  const task = (row: readonly CellValue[]): string => row.slice(0, TASK).join(' ');
  return rows.filter((row) => rows.filter((other) => task(other) === task(row)).length === TAGS.length);
};
/** N, d, M, ε come first. */
const TASK = 4;

const rowsFor = (results: Results): CellValue[][] =>
  TAGS.flatMap((tag) => {
    const errors = cellsOfQuantity(results, tag, 'error');
    return rowsOf(results, `${tag}.sizes`).map((row) => {
      const error = cellOf(errors, row);
      return [
        row.N!,
        row.d!,
        row.M!,
        row.eps!,
        tag,
        error?.bound ?? null,
        error?.tightness ?? null,
        row.dInner!,
        row.stateFloats!,
        perRecord(row, 'stateFloats'),
        perRecord(row, 'stateRead'),
        row.parameters!,
        row.parametersNonzero!,
        row.macsPerTokenNonzero!,
        row.largestWeight!,
        Number(row.N) * Number(row.M) ** 2,
      ];
    });
  });

export const sizes = defineTable({
  id: 'T2-sizes',
  title: 'What COPY costs: sizes of the constructions',
  make: (results) => {
    const rows = compared(rowsFor(results));
    return rows.length === 0
      ? undefined
      : {
          id: 'T2-sizes',
          title: 'What COPY costs: sizes of the constructions',
          caption:
            'The constructions of T2 with the same task. Bound on the error and tightness $=$ found$/$bound; largest inner width; state floats allocated, in all and in multiples of the $Nd$ that no state goes below (T2.linear-state), and those that the output reads; parameters, all and nonzero; nonzero multiply--adds per token; the largest weight beside the conjectured $NM^2$.',
          columns: [
            ...symbols('N', 'd', 'M', 'ε'),
            { name: 'construction', tex: '' },
            { name: 'bound', digits: 3 },
            { name: 'tightness', tex: 'tight', digits: 3 },
            { name: 'd_inner', tex: '$d_{\\mathrm{inner}}$', digits: 7 },
            { name: 'state floats', tex: 'state', digits: 7 },
            { name: 'state / Nd', tex: '$/Nd$', digits: 4 },
            { name: 'read / Nd', tex: 'read$/Nd$', digits: 4 },
            { name: 'parameters', tex: 'param.', digits: 8 },
            { name: 'parameters ≠ 0', tex: 'nonzero', digits: 7 },
            { name: 'MACs ≠ 0', tex: 'MACs', digits: 7 },
            { name: 'largest weight', tex: 'weight', digits: 3 },
            { name: 'N M²', tex: '$NM^2$', digits: 4 },
          ],
          rows: inOrder(rows, 5),
        };
  },
});

/** One curve per construction over N, for scalar records at M = 1, ε = 1e-4. */
const curves = (results: Results, y: (row: Row) => number): Series[] =>
  TAGS.flatMap((tag): Series[] => {
    const points = rowsOf(results, `${tag}.sizes`)
      .filter((row) => isAt(row, { d: 1, M: 1, eps: 1e-4 }))
      .map((row): [number, number] => [Number(row.N), y(row)])
      .sort(([a], [b]) => a - b);
    return points.length < 2 ? [] : [{ label: tag, style: 'line', points }];
  });

const lengths = (series: readonly Series[]): number[] =>
  [...new Set(series.flatMap(({ points }) => points.map(([N]) => N)))].sort((a, b) => a - b);

export const state = defineFigure({
  id: 'T2-state',
  title: 'State floats of the constructions per record',
  make: (results) => {
    const series = curves(results, (row) => perRecord(row, 'stateFloats'));
    if (series.length === 0) return undefined;
    const bound: Series = { label: 'T2.linear-state', style: 'dashed', points: lengths(series).map((N) => [N, 1]) };
    return {
      id: 'T2-state',
      title: 'State floats of the constructions per record',
      caption:
        'State floats allocated by all blocks of a construction, per component of a record ($d=1$, $M=1$, $\\varepsilon=10^{-4}$), over the sequence length. No state of fewer than $Nd$ floats copies (dashed); T2.block allocates $\\Theta(N^2)$.',
      x: { label: 'sequence length N', tex: 'sequence length $N$', scale: 'log' },
      y: { label: 'state floats / Nd', tex: 'state floats$/Nd$', scale: 'log' },
      series: [...series, bound],
    };
  },
});

export const weights = defineFigure({
  id: 'T2-weights',
  title: 'Largest weights of the constructions',
  make: (results) => {
    const series = curves(results, (row) => Number(row.largestWeight));
    if (series.length === 0) return undefined;
    const conjectured: Series = {
      label: 'N M²',
      tex: '$NM^2$',
      style: 'dashed',
      points: lengths(series).map((N) => [N, N]),
    };
    return {
      id: 'T2-weights',
      title: 'Largest weights of the constructions',
      caption:
        'Largest weight of each construction ($d=1$, $M=1$, $\\varepsilon=10^{-4}$) over the sequence length, beside the conjectured $NM^2$ (dashed): of order $N\\log(M/\\varepsilon)$ where positions enter as scalars, $N^2\\log$ where the steps of single slots are made from their squares.',
      x: { label: 'sequence length N', tex: 'sequence length $N$', scale: 'log' },
      y: { label: 'largest weight', tex: 'largest weight', scale: 'log' },
      series: [...series, conjectured],
    };
  },
});
