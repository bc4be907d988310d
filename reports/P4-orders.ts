/** P4: orders of evaluation side by side, how often they round and how far that takes them. */
import type { Results } from '../src/claim/result.ts';
import { defineFigure, defineTable } from '../src/report/item.ts';
import type { Series } from '../src/report/model.ts';
import { cellOf, cellsOfQuantity, inOrder, isAt, rowsOf, type Row } from '../src/report/rows.ts';
import { symbols } from '../src/report/symbols.ts';

const nameOf = ({ order, chunk, rounding }: Row): string =>
  `${order === 'chunked' ? `chunks of ${chunk}` : order}${rounding === 'fused' ? ', fused' : ''}`;

const rowsFor = (results: Results): Row[] => rowsOf(results, 'P4.growth');

export const orders = defineTable({
  id: 'P4-orders',
  title: 'P4: roundings of a scan by order of evaluation',
  make: (results) => {
    const [errors, sharp] = ['error', 'sharp'].map((quantity) => cellsOfQuantity(results, 'P4', quantity));
    const rows = rowsFor(results).map((row) => {
      const { n, m, format, k, random, worst } = row;
      const found = cellOf(errors!, row)?.found;
      return [
        ...[nameOf(row), n!, m!, format!, k!, random!, worst!],
        ...[found?.search ?? null, found?.witness ?? null, cellOf(sharp!, row)?.worst ?? null],
      ];
    });
    return rows.length === 0
      ? undefined
      : {
          id: 'P4-orders',
          title: 'P4: roundings of a scan by order of evaluation',
          caption:
            'Scans of $n$ tokens and $m$ states, sequential, in chunks, and by a balanced tree: the roundings $k$ that the first record passes through on its way to the last output; the error of that output in units of $u\\sum_j|w_{nj}v_j|$, the largest of 50 random scans (decays in $[1/2,1]$) and that of the worst instance of the proof; the largest error found by search and that of the worst instance as multiples of the bound, and the latter beside the bound with one rounding less, which it exceeds.',
          columns: [
            { name: 'order' },
            ...symbols('n', 'm'),
            { name: 'format' },
            { name: 'k', tex: '$k$' },
            { name: 'random / u', tex: 'random$/u$', digits: 3 },
            { name: 'worst / u', tex: 'worst$/u$', digits: 5 },
            { name: 'search / bound', tex: 'search', digits: 3 },
            { name: 'worst / bound', tex: 'worst', digits: 6 },
            { name: 'one rounding less', tex: 'one less', digits: 5 },
          ],
          rows: inOrder(rows, 4),
        };
  },
});

/** The scans of the figure. */
const SHOWN = { m: 1, format: 'fp32', rounding: 'twice' };
/** Random scans hardly differ from order to order: those of one are enough. */
const SHOWN_RANDOM = { order: 'sequential' };
const LEAST_POINTS = 3;
const [id, title] = ['P4-growth', 'P4: error over the length of a scan'];

export const growth = defineFigure({
  id,
  title,
  make: (results) => {
    const rows = rowsFor(results).filter((row) => isAt(row, SHOWN));
    const series = [...new Set(rows.map(nameOf))].flatMap((name): Series[] => {
      const own = rows.filter((row) => nameOf(row) === name).sort((x, y) => Number(x.n) - Number(y.n));
      const over = (column: string): [number, number][] =>
        own.filter((row) => row[column] !== null).map((row) => [Number(row.n), Number(row[column])]);
      return own.length < LEAST_POINTS
        ? []
        : [
            { label: `${name}: k`, tex: `${name}: $k$`, style: 'line', points: over('k') },
            { label: `${name}: worst instance`, style: 'marks', points: over('worst') },
            ...(isAt(own[0]!, SHOWN_RANDOM)
              ? [{ label: 'random scans', style: 'dashed', points: over('random') } as const]
              : []),
          ];
    });
    return series.length === 0
      ? undefined
      : {
          id,
          title,
          caption:
            'Errors of the last output of a scan in units of $u\\sum_j|w_{nj}v_j|$ (fp32, one state): the roundings $k$ of the first record (lines), the instances on which all of them count (marks), and the largest of 50 random sequential scans, whose decays in $[1/2,1]$ forget (dashed). A balanced tree nearly halves the worst case.',
          x: { label: 'tokens n', tex: 'tokens $n$', scale: 'log' },
          y: { label: 'error / u', tex: 'error$/u$', scale: 'log' },
          series,
        };
  },
});
