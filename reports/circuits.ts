/** Circuits compiled into Mamba blocks and MLPs: composed bound beside the measured error, and sizes. */
import { defineTable } from '../src/report/item.ts';
import { cellOf, cellsOfQuantity, inOrder, rowsOf } from '../src/report/rows.ts';
import { symbols } from '../src/report/symbols.ts';

const [id, title] = ['circuits', 'Circuits: composed bounds beside measured errors'];

export const circuits = defineTable({
  id,
  title,
  make: (results) => {
    const cells = cellsOfQuantity(results, 'L.circuit', 'error');
    const rows = rowsOf(results, 'L.circuit.sizes').flatMap((row) => {
      const { circuit, target, eps, format } = row;
      const cell = cellOf(cells, row);
      if (!cell) return [];
      return [
        [
          circuit!,
          target === 'mamba' ? 'mamba' : `mlp, ${row.activation}`,
          format!,
          eps!,
          cell.bound,
          cell.worst,
          cell.tightness,
          row.lipschitz!,
          row.blocks!,
          target === 'mamba' ? row.dInner! : null,
          row.parametersNonzero!,
          row.largestWeight!,
        ],
      ];
    });
    return rows.length === 0
      ? undefined
      : {
          id,
          title,
          caption:
            'Expressions compiled into explicit weights for the target error $\\varepsilon$: the bound composed of ranges, Lipschitz constants, leaks and roundings of the parts, the largest error found by running the network, and tightness $=$ found$/$bound; the Lipschitz constant in the inputs; blocks, largest inner width, nonzero parameters and largest weight.',
          columns: [
            { name: 'circuit' },
            { name: 'compiled to', tex: 'compiled to' },
            { name: 'format' },
            ...symbols('ε'),
            { name: 'bound', digits: 3 },
            { name: 'worst found', tex: 'worst', digits: 3 },
            { name: 'tightness', digits: 3 },
            { name: 'Lipschitz', digits: 4 },
            { name: 'blocks' },
            { name: 'd_inner', tex: '$d_{\\mathrm{inner}}$' },
            { name: 'parameters ≠ 0', tex: 'nonzero', digits: 6 },
            { name: 'largest weight', tex: 'weight', digits: 3 },
          ],
          rows: inOrder(rows, 4),
        };
  },
});
