/** CSV as in RFC 4180: CRLF line ends, quotes doubled. Numbers keep full precision (shortest round trip). */

import type { CellValue, Figure, Heatmap, Table } from './model.ts';

/** Quoted also where a reader might trim it away or take it for a missing value. */
const NEEDS_QUOTES = /[",\r\n]|^\s|\s$|^$/;

function field(value: CellValue): string {
  if (value === null) return '';
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  return NEEDS_QUOTES.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

const lines = (records: readonly (readonly CellValue[])[]): string =>
  records.map((record) => `${record.map(field).join(',')}\r\n`).join('');

export function toCsv(table: Table): string {
  const names = table.columns.map((column) => column.name);
  return lines([names, ...table.rows.map((row) => names.map((_, j) => row[j] ?? null))]);
}

/** Every point or cell in long format, also those that no plot can show. */
export function figureCsv(figure: Figure | Heatmap): string {
  if ('cells' in figure) {
    // A cell is named by its first position on each side.
    const { cells, step, value, x, y } = figure;
    const records = cells.flatMap((row, r) =>
      row.flatMap((cell, c) => (cell === null ? [] : [[r * step + 1, c * step + 1, cell]])),
    );
    return lines([[y.label, x.label, value.label], ...records]);
  }
  const points = figure.series.flatMap(({ label, points }) => points.map(([x, y]) => [label, x, y]));
  return lines([['series', 'x', 'y'], ...points]);
}
