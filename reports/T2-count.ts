/** T2.count: how far each model and format is from the counting limit. */
import { defineTable } from '../src/report/item.ts';
import { cellOf, cellsOfQuantity, inOrder, rowsOf } from '../src/report/rows.ts';
import { symbols } from '../src/report/symbols.ts';

export const count = defineTable({
  id: 'T2-count',
  title: 'T2.count: states, strings copied and state bits',
  make: (results) => {
    const states = cellsOfQuantity(results, 'T2.count', 'states');
    const copied = cellsOfQuantity(results, 'T2.count', 'copied');
    const rows = rowsOf(results, 'T2.count.sizes').flatMap((row) => {
      const reached = cellOf(states, row)?.worst;
      const right = cellOf(copied, row)?.worst;
      if (reached === undefined || right === undefined) return [];
      const { model, format, D, n, m } = row;
      const limit = Number(n) * Math.log2(Number(D));
      const bits = row['bits of a float'] as number | null;
      const over = (floats: number): number | null => (bits === null ? null : (floats * bits) / limit);
      return [
        [
          model!,
          format!,
          D!,
          n!,
          m!,
          Number(D) ** Number(n),
          reached,
          right,
          Math.log2(reached) / limit,
          over(Number(row['state read'])),
          over(Number(row['state floats'])),
        ],
      ];
    });
    return rows.length === 0
      ? undefined
      : {
          id: 'T2-count',
          title: 'T2.count: states, strings copied and state bits',
          caption:
            'All $D^n$ strings, the distinct states after the last symbol, and the strings copied, which are no more. The limit is $n\\log_2 D$ bits: as fractions of it $\\log_2$ of the states reached, and the bits of the state floats that the output reads and of all that are allocated (none where the exponent is unbounded). Decaying and growing: $H\\leftarrow aH+s$ with $a=1/D$ and $D$; slots: T2.ideal with $m$ of $n$ keys; block: T2.block for the format.',
          columns: [
            { name: 'model' },
            { name: 'format' },
            ...symbols('D', 'n', 'm'),
            { name: 'strings', digits: 7 },
            { name: 'states', digits: 7 },
            { name: 'copied', digits: 7 },
            { name: 'log2 states / limit', tex: '$\\log_2$ states', digits: 3 },
            { name: 'bits read / limit', tex: 'bits read', digits: 3 },
            { name: 'bits allocated / limit', tex: 'bits alloc.', digits: 3 },
          ],
          rows: inOrder(rows, 5),
        };
  },
});
