/** What each format is good for: how far COPY constructions reach, and the least errors of the lemmas. */
import { defineTable } from '../src/report/item.ts';
import type { CellValue, Table } from '../src/report/model.ts';
import { rowsOf, type Row } from '../src/report/rows.ts';

const FORMATS = ['fp32', 'tf32', 'fp16', 'bf16', 'fp8-e4m3', 'fp8-e5m2'];

/** One row for every value of `name` and accumulation, one column for every format. */
const byFormat = (
  { id, title, caption }: Pick<Table, 'id' | 'title' | 'caption'>,
  rows: readonly Row[],
  name: string,
  shown: (row: Row) => CellValue,
): Table | undefined => {
  const formats = FORMATS.filter((format) => rows.some((row) => row.format === format));
  const lines = [...new Set(rows.map((row) => `${row[name]}|${row.accumulate}`))];
  if (lines.length === 0) return undefined;
  return {
    id,
    title,
    caption,
    columns: [{ name }, { name: 'sums' }, ...formats.map((format) => ({ name: format, digits: 2 }))],
    rows: lines.sort().map((line) => {
      const own = rows.filter((row) => `${row[name]}|${row.accumulate}` === line);
      const cell = (format: string): CellValue => {
        const found = own.find((row) => row.format === format);
        return found ? shown(found) : null;
      };
      return [...line.split('|'), ...formats.map(cell)];
    }),
  };
};

/** A letter for what theory says ends a reach. */
const endOf = ({ reason }: Row): string =>
  reason === null ? '' : reason === 'rounding' ? ' r' : String(reason).includes('beyond the largest') ? ' o' : ' i';

/** Of the runs of one construction in one format and accumulation, the one that tried the longest sequences. */
const longest = (rows: readonly Row[]): Row[] =>
  rows.filter((row) =>
    rows.every(
      (other) =>
        ['construction', 'format', 'accumulate'].some((key) => row[key] !== other[key]) ||
        Number(other.tried) <= Number(row.tried),
    ),
  );

export const reach = defineTable({
  id: 'P-reach',
  title: 'How far COPY reaches in number formats',
  make: (results) =>
    byFormat(
      {
        id: 'P-reach',
        title: 'How far COPY reaches in number formats',
        caption:
          "The greatest $N$ that is copied to $M/4$ in a format, with sums in the format itself (own) or in fp32, and what ends it: an integer that is no number of the format (i: a position, a square, a slot's bias), an overflow (o), or the rounding of sums (r). $\\ge$: nothing failed up to the longest sequence tried.",
      },
      longest(rowsOf(results, 'P2.reach.ends')),
      'construction',
      (row) => (row.reason === null ? `≥ ${row.reach}` : `${row.reach}${endOf(row)}`),
    ),
});

export const least = defineTable({
  id: 'P-least',
  title: 'Least errors of the lemmas in number formats',
  make: (results) =>
    byFormat(
      {
        id: 'P-least',
        title: 'Least errors of the lemmas in number formats',
        caption:
          'Lemmas on inputs up to $M=1$, with the power of two $\\lambda$ that guarantees the least error in the format: the largest error found there (in real arithmetic at most, and by running it in the format).',
      },
      rowsOf(results, 'P.bounds.least').filter((row) => row.found !== null),
      'network',
      (row) => row.found!,
    ),
});
