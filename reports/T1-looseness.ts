/** T1.gap: is Eq. 7 loose? Tight over the class, and what random instances of it need: a figure and a table. */
import type { Cell, Results } from '../src/claim/result.ts';
import { defineFigure, defineTable } from '../src/report/item.ts';
import type { CellValue, Series } from '../src/report/model.ts';
import { cellOf, cellsOfQuantity, inOrder, isAt, rowsOf, type Row } from '../src/report/rows.ts';
import { symbols } from '../src/report/symbols.ts';

/** The rows of the figure: everything but a_min and L as in the standard grid. */
const SHOWN = { N: 64, delta: 0.01, eps: 0.1, M: 1 };
const CURVES: readonly (readonly [a_min: number, L: number])[] = [
  [0.99, 48],
  [0.9, 8],
  [0.9, 48],
  [0.5, 8],
  [0.5, 24],
  [0.5, 48],
];

/** The rows that there is a threshold for, with the cells that hold it. */
const contested = (results: Results): { row: Row; cell: Cell }[] => {
  const cells = cellsOfQuantity(results, 'T1.gap', 'score');
  return rowsOf(results, 'T1.gap.looseness').flatMap((row) => {
    const cell = cellOf(cells, row);
    return cell ? [{ row, cell }] : [];
  });
};

/** The quantiles of a row, by their share in percent. */
const quantilesOf = (row: Row): { name: string; share: number; fraction: number }[] =>
  Object.entries(row).flatMap(([name, fraction]) =>
    name.endsWith(' %') ? [{ name, share: Number(name.slice(0, -2)) / 100, fraction: Number(fraction) }] : [],
  );

const ofClass = (cell: Cell, by: 'witness' | 'search'): number | null => {
  const score = cell.found[by];
  return score === undefined ? null : score / cell.bound;
};

export const distribution = defineFigure({
  id: 'T1-looseness',
  title: 'T1.gap: what random instances need of the threshold',
  make: (results) => {
    const all = contested(results).filter(({ row }) => isAt(row, SHOWN));
    const curves = CURVES.flatMap(([a, L]) => all.filter(({ row }) => row.a_min === a && row.L === L));
    if (curves.length === 0) return undefined;
    const series = curves.map(({ row }): Series => ({
      label: `a_min = ${row.a_min}, L = ${row.L}`,
      tex: `$a_{\\min}=${row.a_min}$, $L=${row.L}$`,
      style: 'line',
      points: quantilesOf(row).map(({ share, fraction }) => [fraction, share]),
    }));
    const extremal: Series = {
      label: 'extremal instance',
      style: 'marks',
      points: curves.flatMap(({ cell }) => {
        const fraction = ofClass(cell, 'witness');
        return fraction === null ? [] : [[fraction, 1] as const];
      }),
    };
    return {
      id: 'T1-looseness',
      title: 'T1.gap: what random instances need of the threshold',
      caption: `Share of ${curves[0]!.row.instances} random instances (decays, scores and records uniform in their ranges, at the worst place) for which a score of that fraction of the class threshold is enough ($N=${SHOWN.N}$, $\\delta=${SHOWN.delta}$, $\\varepsilon=${SHOWN.eps}$, $M=${SHOWN.M}$); through the quantiles of table T1-looseness-quantiles, without those that need no score at all. The extremal instances of the proof need all of it (one mark for each curve): over the class Eq.~7 is tight. For other instances it is as loose as their curves lie to the left, which grows with $L$ where $a_{\\min}$ is far below the decays that occur.`,
      x: {
        label: 'least score / class threshold',
        tex: 'least score $/$ class threshold',
        scale: 'log',
      },
      y: { label: 'share of instances', scale: 'linear' },
      series: [...series, extremal],
    };
  },
});

export const quantiles = defineTable({
  id: 'T1-looseness-quantiles',
  title: 'T1.gap: the threshold beside what instances need',
  make: (results) => {
    const all = contested(results);
    const [first] = all;
    if (!first) return undefined;
    const rows = all.map(({ row, cell }): CellValue[] => {
      const { a_min, L, N, delta, eps, M } = row;
      return [
        a_min!,
        L!,
        N!,
        delta!,
        eps!,
        M!,
        cell.bound,
        ...quantilesOf(row).map(({ fraction }) => fraction),
        ofClass(cell, 'search'),
        ofClass(cell, 'witness'),
      ];
    });
    return {
      id: 'T1-looseness-quantiles',
      title: 'T1.gap: the threshold beside what instances need',
      caption: `The threshold of the class, and as fractions of it the least score that an instance needs: quantiles over ${first.row.instances} random instances (0 where any positive score is enough), the worst found by search, and the extremal instance of the proof, which needs all of it. Decays, scores and records of the random instances are uniform in their ranges, $r=\\min(L,N)-1$ and $i=N$. Left out: cells where any positive score will do for all of the class.`,
      columns: [
        ...symbols('a_min', 'L', 'N', 'δ', 'ε', 'M'),
        { name: 'threshold', digits: 4 },
        ...quantilesOf(first.row).map(({ name }) => ({ name, tex: name.replace(' %', '\\,\\%'), digits: 2 })),
        { name: 'search', digits: 3 },
        { name: 'extremal', digits: 4 },
      ],
      rows: inOrder(rows, 6),
    };
  },
});
