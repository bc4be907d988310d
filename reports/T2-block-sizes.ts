/** T2.block: error against bound, largest weight against N M², and the sizes behind "O(N)". */
import { defineTable } from '../src/report/item.ts';
import { cellOf, cellsOfQuantity, inOrder, rowsOf } from '../src/report/rows.ts';
import { symbols } from '../src/report/symbols.ts';

export const sizes = defineTable({
  id: 'T2-block-sizes',
  title: 'T2.block: error, weights and sizes',
  make: (results) => {
    const errors = cellsOfQuantity(results, 'T2.block', 'error');
    const rows = rowsOf(results, 'T2.block.sizes').flatMap((row) => {
      const error = cellOf(errors, row);
      if (!error) return [];
      const picked = [
        'N',
        'd',
        'M',
        'eps',
        'largestWeight',
        'lambda(N+1)',
        'N M^2',
        'dInner',
        'stateFloats',
        'stateRead',
        'parameters',
        'parametersNonzero',
      ];
      const [N, d, M, eps, ...rest] = picked.map((name) => row[name]!);
      return [[N!, d!, M!, eps!, error.bound, error.worst, error.found.search ?? null, error.tightness, ...rest]];
    });
    return rows.length === 0
      ? undefined
      : {
          id: 'T2-block-sizes',
          title: 'T2.block: error, weights and sizes',
          caption:
            'Bound on the COPY error, the largest error found by running, the largest found by search alone, and tightness $=$ found$/$bound; the largest weight beside $\\lambda(N+1)$ and the conjectured $NM^2$; $d_{\\mathrm{state}}=N$, the inner width, the state floats allocated and those that the output reads, and the parameters, all and nonzero.',
          columns: [
            ...symbols('N', 'd', 'M', 'ε'),
            { name: 'bound', digits: 4 },
            { name: 'worst found', tex: 'worst', digits: 4 },
            { name: 'worst, search', tex: 'by search', digits: 4 },
            { name: 'tightness', digits: 3 },
            { name: 'largest weight', tex: 'weight', digits: 4 },
            { name: 'λ(N+1)', tex: '$\\lambda(N{+}1)$', digits: 4 },
            { name: 'N M²', tex: '$NM^2$', digits: 4 },
            { name: 'd_inner', tex: '$d_{\\mathrm{inner}}$', digits: 7 },
            { name: 'state floats', tex: 'state', digits: 7 },
            { name: 'state read', tex: 'read', digits: 7 },
            { name: 'parameters', tex: 'param.', digits: 7 },
            { name: 'parameters ≠ 0', tex: 'nonzero', digits: 7 },
          ],
          rows: inOrder(rows, 4),
        };
  },
});
