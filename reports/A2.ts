/** Assumption 2 of each problem in numbers. */
import { defineTable } from '../src/report/item.ts';
import { inOrder, rowsOf } from '../src/report/rows.ts';
import { symbols } from '../src/report/symbols.ts';

const [id, title] = ['A2', 'Assumption 2 in numbers'];
const COLUMNS = [
  'problem',
  'n',
  'states',
  'degree',
  'largest integer',
  'step weights',
  'largest step weight',
  'least distance',
  'bits of integers',
  'least p',
] as const;

export const a2 = defineTable({
  id,
  title,
  make: (results) => {
    const rows = rowsOf(results, 'A2.numbers').map((row) => COLUMNS.map((name) => row[name]!));
    return rows.length === 0
      ? undefined
      : {
          id,
          title,
          caption:
            'States $T$ of instances up to $n$ and the degree $\\log_2 T(2n)/T(n)$; the largest integer that the machine forms; nonzero weights of the circuits of its step, which do not grow with $n$, and the largest of them; how many states ago a dependency is at least; the bits of the largest integer beside the least number of bits $p$ with which T2.packed writes the chains of some instances.',
          columns: [
            { name: 'problem' },
            ...symbols('n'),
            { name: 'T', tex: '$T$', digits: 6 },
            { name: 'degree', digits: 3 },
            { name: 'largest integer', tex: 'integer', digits: 6 },
            { name: 'step weights', tex: 'step', digits: 6 },
            { name: 'largest step weight', tex: 'weight', digits: 6 },
            { name: 'least distance', tex: 'distance', digits: 4 },
            { name: 'bits', digits: 3 },
            { name: 'least p', tex: '$p$', digits: 3 },
          ],
          rows: inOrder(rows, 2),
        };
  },
});
