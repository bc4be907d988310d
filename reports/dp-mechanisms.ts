/** "Is there a free lunch?": what each COPY mechanism costs on each dynamic program, counted and run. */
import type { Results } from '../src/claim/result.ts';
import { defineTable } from '../src/report/item.ts';
import type { CellValue } from '../src/report/model.ts';
import { cellOf, cellsOfQuantity, inOrder, rowsOf, type Row } from '../src/report/rows.ts';
import { symbols } from '../src/report/symbols.ts';

const [id, title] = ['dp-mechanisms', 'Dynamic programs by chain of thought: what each COPY mechanism costs'];
const TAGS = ['T3', 'T4'];

/** Rows of the size at which all mechanisms are compared, bits included; all rows of results without such a size. */
const comparedRows = (results: Results, tag: string): Row[] => {
  const rows = rowsOf(results, `${tag}.sizes`);
  const compared = rows.filter(({ leastBits }) => leastBits !== null).map(({ n }) => n);
  return compared.length === 0 ? rows : rows.filter(({ n }) => compared.includes(n!));
};

const rowsFor = (results: Results): CellValue[][] =>
  TAGS.flatMap((tag) => {
    const errors = cellsOfQuantity(results, tag, 'stepError');
    return comparedRows(results, tag).flatMap((row) => {
      const cell = cellOf(errors, row);
      if (!cell) return [];
      return [
        [
          row.problem!,
          row.n!,
          row.format!,
          row.mechanism!,
          row.states!,
          row.slots!,
          row.blocks!,
          row.stateFloats!,
          row.stateRead!,
          row.parameters!,
          row.parametersNonzero!,
          row.totalMacs!,
          row.totalMacsNonzero!,
          row.largestWeight!,
          row.leastBits!,
          cell.worst,
          cell.verdict,
        ],
      ];
    });
  });

export const mechanisms = defineTable({
  id,
  title,
  make: (results) => {
    const rows = rowsFor(results);
    return rows.length === 0
      ? undefined
      : {
          id,
          title,
          caption:
            'Machines for instances up to size $n$: states $T$ and slots for them; blocks; state floats allocated by all blocks, and those that outputs read; parameters; multiply--adds of a whole run, all of them and those with weights $\\neq 0$; the largest weight; the least number of bits $p$ (with the exponents of fp32) from which on two instances come out right; the largest distance found of an output from the integer that it means, and whether all chains were right.',
          columns: [
            { name: 'problem' },
            ...symbols('n'),
            { name: 'format' },
            { name: 'mechanism' },
            { name: 'T', tex: '$T$', digits: 6 },
            { name: 'slots', digits: 6 },
            { name: 'blocks', digits: 4 },
            { name: 'state floats', tex: 'state', digits: 7 },
            { name: 'state read', tex: 'read', digits: 7 },
            { name: 'parameters', tex: 'param.', digits: 8 },
            { name: 'parameters ≠ 0', tex: 'nonzero', digits: 7 },
            { name: 'MACs', digits: 4 },
            { name: 'MACs ≠ 0', tex: 'MACs nonzero', digits: 4 },
            { name: 'largest weight', tex: 'weight', digits: 3 },
            { name: 'least p', tex: '$p$' },
            { name: 'worst step error', tex: 'step error', digits: 3 },
            { name: 'verdict' },
          ],
          rows: inOrder(rows, 4),
        };
  },
});
