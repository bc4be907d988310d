/** P1: the error of sequential scans beside its bound, and beside the bound with one rounding less. */
import { defineTable } from '../src/report/item.ts';
import { cellsOfQuantity, inOrder, isAt } from '../src/report/rows.ts';
import { symbols } from '../src/report/symbols.ts';

const [id, title] = ['P1-rounding', 'P1: rounding of the sequential scan'];

export const rounding = defineTable({
  id,
  title,
  make: (results) => {
    const sharp = cellsOfQuantity(results, 'P1', 'sharp');
    const rows = cellsOfQuantity(results, 'P1', 'error').map(({ params, found }) => {
      const { scan, n, m, format } = params;
      const less = sharp.find((cell) => isAt(cell.params, { scan: scan!, n: n!, m: m!, format: format! }));
      const of = [scan!, n!, m!, format!];
      return [...of, found.sample ?? null, found.search ?? null, found.witness ?? null, less?.worst ?? null];
    });
    return rows.length === 0
      ? undefined
      : {
          id,
          title,
          caption:
            'Errors of scans with decays and records given, with fused multiply--adds, and of S6, as multiples of the bound of P1 ($n$ tokens, $m$ states): the largest of random scans, the largest found by search, and that of the worst instance of the proof; last, the error of the worst instances beside the bound that counts one rounding less, which it exceeds. Formats of few bits have no such instances: what is of second order outweighs a rounding.',
          columns: [
            { name: 'scan' },
            ...symbols('n', 'm'),
            { name: 'format' },
            { name: 'random', digits: 3 },
            { name: 'search', digits: 3 },
            { name: 'worst instance', tex: 'worst', digits: 6 },
            { name: 'one rounding less', tex: 'one less', digits: 5 },
          ],
          rows: inOrder(rows, 4),
        };
  },
});
