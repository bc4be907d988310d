/** Rounding predicted before any run against rounding found: the distribution of their ratio. */
import { quantileSorted } from 'd3-array';
import type { Cell } from '../src/claim/result.ts';
import { defineTable } from '../src/report/item.ts';
import type { CellValue } from '../src/report/model.ts';
import { cellsOfQuantity } from '../src/report/rows.ts';

const WITHIN = [10, 100, 1000];

/** bound/found; ∞ where nothing was found. */
const looseness = ({ bound, worst }: Cell): number => (worst > 0 ? bound / worst : bound > 0 ? Infinity : 1);

const rowOf = (label: string, cells: readonly Cell[]): CellValue[] => {
  const ratios = cells.map(looseness).sort((x, y) => x - y);
  return [
    label,
    ratios.length,
    ...WITHIN.map((limit) => ratios.filter((ratio) => ratio <= limit).length),
    ...[0, 0.5, 1].map((q) => quantileSorted(ratios, q)!),
  ].map((value) => (value === Infinity ? '∞' : value));
};

export const table = defineTable({
  id: 'P-bounds',
  title: 'Rounding predicted against rounding found',
  make: (results) => {
    const cells = cellsOfQuantity(results, 'P.bounds', 'deviation');
    if (cells.length === 0) return undefined;
    const networks = [...new Set(cells.map(({ params }) => String(params.network)))];
    const formats = [...new Set(cells.map(({ format }) => format))];
    return {
      id: 'P-bounds',
      title: 'Rounding predicted against rounding found',
      caption:
        'The bound on $|\\hat y-y|$ that each network carries before any run, as a multiple of the largest difference found by running it in the format and in enclosures of real arithmetic: cells (formats, accumulations) in all, those within a factor, and the least, the median and the largest factor. By network, by format, and over all.',
      columns: [
        { name: 'cells of' },
        { name: 'cells' },
        ...WITHIN.map((limit) => ({ name: `within ${limit}`, tex: `$\\le${limit}$` })),
        { name: 'least', digits: 3 },
        { name: 'median', digits: 3 },
        { name: 'largest', digits: 3 },
      ],
      rows: [
        ...networks.map((name) =>
          rowOf(
            name,
            cells.filter(({ params }) => params.network === name),
          ),
        ),
        ...formats.map((name) =>
          rowOf(
            name,
            cells.filter(({ format }) => format === name),
          ),
        ),
        rowOf('all', cells),
      ],
    };
  },
});
