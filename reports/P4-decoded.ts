/** P4.decoded: where an order of evaluation first decodes something else than the sequential one. */
import { defineTable } from '../src/report/item.ts';
import { inOrder, rowsOf } from '../src/report/rows.ts';

const [id, title] = ['P4-decoded', 'P4: what orders of evaluation decode'];

export const decoded = defineTable({
  id,
  title,
  make: (results) => {
    const rows = rowsOf(results, 'P4.decoded.first').map((row) => [
      row.task!,
      row.order === 'chunked' ? `chunks of ${row.chunk}` : row.order!,
      ...['a', 'n', 'format', 'decoded differently', 'first at', 'sequential', 'other', 'margin', 'bound'].map(
        (column) => row[column]!,
      ),
    ]);
    return rows.length === 0
      ? undefined
      : {
          id,
          title,
          caption:
            'Read-out: a record $-1$ fades with decay $a$ until at distance $r$ its weight is that of the records $1$ since, for each $r\\le n$; at how many $r$ an order decodes another record than the sequential one, the first of them, both outputs there, the margin $|y|$ of the exact output to the decision boundary and the bound of P4 on its error, both in units of $\\sum_j|w_jv_j|$. Block: T2.block with $n$ tokens as built for the format, $\\varepsilon=M/4$; the largest errors in units of $M$ in either order, and what is left to the decision boundary.',
          columns: [
            { name: 'task' },
            { name: 'order' },
            { name: 'a', tex: '$a$' },
            { name: 'n', tex: '$n$' },
            { name: 'format' },
            { name: 'decoded differently', tex: 'differ' },
            { name: 'first at' },
            { name: 'sequential', digits: 3 },
            { name: 'other', digits: 3 },
            { name: 'margin', digits: 3 },
            { name: 'bound', digits: 3 },
          ],
          rows: inOrder(rows, 5),
        };
  },
});
