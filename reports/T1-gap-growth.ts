/** T1.gap over the window: the threshold grows like (1/a_min)^(L−1). */
import { defineFigure } from '../src/report/item.ts';
import type { Series } from '../src/report/model.ts';
import { cellsOfQuantity, isAt } from '../src/report/rows.ts';

/** The cells shown: everything but a_min and L as in the standard grid. */
const SHOWN = { N: 64, delta: 0.01, eps: 0.1, M: 1 };
const LEAST_POINTS = 3;

export const growth = defineFigure({
  id: 'T1-gap-growth',
  title: 'T1.gap: threshold score over the window L',
  make: (results) => {
    const cells = cellsOfQuantity(results, 'T1.gap', 'score').filter(({ params }) => isAt(params, SHOWN));
    const decays = [...new Set(cells.map(({ params }) => Number(params.a_min)))].sort((x, y) => x - y);
    const series = decays.flatMap((a): Series[] => {
      const own = cells
        .filter(({ params }) => params.a_min === a)
        .sort((x, y) => Number(x.params.L) - Number(y.params.L));
      if (own.length < LEAST_POINTS) return [];
      return [
        {
          label: `bound, a_min = ${a}`,
          tex: `bound, $a_{\\min}=${a}$`,
          style: 'line',
          points: own.map(({ params, bound }) => [Number(params.L), bound]),
        },
        {
          label: `found by search, a_min = ${a}`,
          tex: `found by search, $a_{\\min}=${a}$`,
          style: 'marks',
          points: own.flatMap(({ params, found }) =>
            found.search === undefined ? [] : [[Number(params.L), found.search] as const],
          ),
        },
      ];
    });
    return series.length === 0
      ? undefined
      : {
          id: 'T1-gap-growth',
          title: 'T1.gap: threshold score over the window L',
          caption: `The score at $\\mathrm{pos}(i)$ that guarantees COPY to $\\varepsilon=${SHOWN.eps}$ ($N=${SHOWN.N}$, $\\delta=${SHOWN.delta}$, $M=${SHOWN.M}$), and the largest score that an instance found by search still needs; the search does not know the extremal instance.`,
          x: { label: 'window L', tex: 'window $L$', scale: 'linear' },
          y: { label: 'score', scale: 'log' },
          series,
        };
  },
});
