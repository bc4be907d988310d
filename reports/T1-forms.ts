/** Theorem 1 in all its forms beside softmax attention: exponential against logarithmic growth of the score. */
import { defineFigure } from '../src/report/item.ts';
import type { Series } from '../src/report/model.ts';
import { cellsOfQuantity, isAt, rowsOf, type Row } from '../src/report/rows.ts';

/** What the forms share, and what only some of them know. */
const TARGET = { eps: 0.1, M: 1 };
const DECAY = { a_min: 0.9 };
const OTHERS = { delta: 0.01 };
const LENGTH = { N: 64 };
const LEAST_POINTS = 3;

/** Thresholds over the window, in its order. */
const thresholds = (rows: readonly Row[], window = 'L'): (readonly [number, number])[] =>
  rows
    .filter((row) => Number(row[window]) <= LENGTH.N)
    .map((row) => [Number(row[window]), Number(row.threshold)] as const)
    .sort(([x], [y]) => x - y);

export const forms = defineFigure({
  id: 'T1-forms',
  title: 'Theorem 1 in its forms, and softmax attention',
  make: (results) => {
    const rows = (id: string, ...fixed: readonly Readonly<Record<string, number>>[]): Row[] =>
      rowsOf(results, id).filter((row) => isAt(row, TARGET, ...fixed));
    const cells = cellsOfQuantity(results, 'T1.gap', 'score').filter(({ params }) =>
      isAt(params, TARGET, DECAY, OTHERS, LENGTH),
    );
    const found = (by: 'witness' | 'search'): (readonly [number, number])[] =>
      cells.flatMap((cell) => {
        const score = cell.found[by];
        return score === undefined ? [] : [[Number(cell.params.L), score] as const];
      });
    const series: Series[] = [
      { label: 'T1.gap', style: 'line', points: thresholds(rows('T1.gap.thresholds', DECAY, OTHERS, LENGTH)) },
      {
        label: 'T1.gap-signed',
        style: 'line',
        points: thresholds(rows('T1.gap-signed.thresholds', DECAY, OTHERS, LENGTH)),
      },
      { label: 'T1.mass', style: 'line', points: thresholds(rows('T1.mass.vacuity', DECAY)) },
      {
        label: 'softmax, n = L',
        tex: 'softmax, $n=L$',
        style: 'line',
        points: thresholds(rows('T1.softmax.thresholds', OTHERS), 'n'),
      },
      { label: 'T1.gap: extremal instance', style: 'marks', points: found('witness') },
      { label: 'T1.gap: search', style: 'marks', points: found('search') },
    ];
    const shown = series.filter(({ points }) => points.length >= LEAST_POINTS);
    return shown.length === 0
      ? undefined
      : {
          id: 'T1-forms',
          title: 'Theorem 1 in its forms, and softmax attention',
          caption: `Lines: the least score at $\\mathrm{pos}(i)$ that guarantees COPY to $\\varepsilon=${TARGET.eps}$ ($M=${TARGET.M}$, $a_{\\min}=${DECAY.a_min}$, $\\delta=${OTHERS.delta}$, $N=${LENGTH.N}$). T1.gap: read-out of mass one, other scores in $[0,\\delta]$; T1.gap-signed: in $[-\\delta,\\delta]$; T1.mass: the uniform condition $(1-\\eta)(1/a_{\\min})^{L-1}$, which takes $\\sum_j|w_{ij}|\\le1$ for granted instead of $\\delta$ and $N$. All three grow like $(1/a_{\\min})^L$, softmax attention over $n=L$ positions like $\\ln n$. Marks: what instances of T1.gap were seen to need by running them, the extremal one of the proof and the worst that a search found without knowing it.`,
          x: { label: 'window L', tex: 'window $L$', scale: 'linear' },
          y: { label: 'least score', scale: 'log' },
          series: shown,
        };
  },
});
