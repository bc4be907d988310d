/** How far each construction of Theorem 2 is from Assumption 1. */
import type { Cell } from '../src/claim/result.ts';
import { defineTable } from '../src/report/item.ts';
import type { CellValue } from '../src/report/model.ts';
import { cellOf, cellsOfQuantity, inOrder } from '../src/report/rows.ts';
import { symbols } from '../src/report/symbols.ts';

export const constructions = defineTable({
  id: 'A1-constructions',
  title: 'Assumption 1 on the constructions of Theorem 2',
  make: (results) => {
    const own = cellsOfQuantity(results, 'A1.gap', 'own');
    const mass = cellsOfQuantity(results, 'A1.scale', 'mass');
    const excess = cellsOfQuantity(results, 'A1.scale', 'excess');
    const records = cellsOfQuantity(results, 'A1.values', 'records');
    const rows = cellsOfQuantity(results, 'A1.gap', 'others').map((others): CellValue[] => {
      const { module, N, M, eps } = others.params;
      const at = { module: module!, N: N!, M: M!, eps: eps! };
      const seen = (cell: Cell | undefined): CellValue[] => {
        const tightness = cell?.tightness ?? null;
        // A mass below 1 is nowhere near its bound.
        return [cell?.worst ?? null, tightness !== null && tightness < 0 ? null : tightness];
      };
      const heaviest = cellOf(mass, at);
      return [
        ...Object.values(at),
        others.bound,
        ...seen(others),
        ...seen(cellOf(own, at)),
        heaviest?.bound ?? null,
        ...seen(heaviest),
        cellOf(excess, at)?.worst ?? null,
        cellOf(records, at)?.tightness ?? null,
      ];
    });
    return rows.length === 0
      ? undefined
      : {
          id: 'A1-constructions',
          title: 'Assumption 1 on the constructions of Theorem 2',
          caption:
            'Scores and weights that the modules compute, over all positions. A1.gap: $\\delta=\\max_{j\\ne\\mathrm{pos}}|s_{ij}|$ and $1-\\rho=\\max|1-s_{i,\\mathrm{pos}}|$ with their bound $\\eta/2$, $\\eta$ the leak of the hats; ratio $=$ found$/$bound. A1.scale asks for $\\sum_j|w_{ij}|\\le1$: the bound $(1+\\eta/2)^2-1$ on the excess, the largest excess found and their ratio, and the least excess of T2.block over $1<\\mathrm{pos}<N$: where that is positive, A1.scale fails at every such position. A1.values: the largest record found as a fraction of $M$. Empty: no such position, a bound of 0, or a mass below 1.',
          columns: [
            { name: 'module' },
            ...symbols('N', 'M', 'ε'),
            { name: 'η/2', tex: '$\\eta/2$', digits: 3 },
            { name: 'δ', tex: '$\\delta$', digits: 3 },
            { name: 'δ/bound', tex: 'ratio', digits: 3 },
            { name: '1 − ρ', tex: '$1-\\rho$', digits: 3 },
            { name: '(1 − ρ)/bound', tex: 'ratio', digits: 3 },
            { name: 'bound on the excess', tex: 'bound', digits: 3 },
            { name: 'largest excess', tex: 'excess', digits: 3 },
            { name: 'excess/bound', tex: 'ratio', digits: 3 },
            { name: 'least excess inside', tex: 'least', digits: 3 },
            { name: 'record/M', tex: 'record', digits: 3 },
          ],
          rows: inOrder(rows, 4),
        };
  },
});
