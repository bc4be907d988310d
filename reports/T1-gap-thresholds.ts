/** T1.gap: thresholds, exact worst cases and what was found by running. */
import { defineTable } from '../src/report/item.ts';
import { cellOf, cellsOfQuantity, inOrder, rowsOf } from '../src/report/rows.ts';
import { symbols } from '../src/report/symbols.ts';

export const thresholds = defineTable({
  id: 'T1-gap-thresholds',
  title: 'T1.gap: the score that guarantees COPY',
  make: (results) => {
    const errors = cellsOfQuantity(results, 'T1.gap', 'error');
    const scores = cellsOfQuantity(results, 'T1.gap', 'score');
    const rows = rowsOf(results, 'T1.gap.thresholds').flatMap((row) => {
      const error = cellOf(errors, row);
      const score = cellOf(scores, row);
      if (!error || !score) return [];
      const { a_min, L, N, delta, eps, M, threshold, worst } = row;
      const search = error.found.search;
      return [
        [
          a_min!,
          L!,
          N!,
          delta!,
          eps!,
          M!,
          threshold!,
          score.found.search ?? null,
          worst!,
          error.worst,
          error.tightness,
          search === undefined ? null : search / error.bound,
        ],
      ];
    });
    return rows.length === 0
      ? undefined
      : {
          id: 'T1-gap-thresholds',
          title: 'T1.gap: the score that guarantees COPY',
          caption:
            'Threshold $\\delta\\kappa(G_r+i-r-1)$ at the worst place $r=\\min(L,N)-1$, $i=N$; beside it the largest score that an instance found by search alone still needs. At the threshold: the exact worst error $2M\\,R/(1+R)$ (which is $\\varepsilon$, since Eq.~7 is sharp), the largest error found by running (witness included), and as a fraction of $\\varepsilon$ that error (tightness) and the largest found by search alone. Left out: cells where any positive score will do ($\\delta=0$, $\\varepsilon=2M$, $N=1$).',
          columns: [
            ...symbols('a_min', 'L', 'N', 'δ', 'ε', 'M'),
            { name: 'threshold', digits: 5 },
            { name: 'threshold, search', tex: 'by search', digits: 5 },
            { name: 'exact worst', digits: 5 },
            { name: 'worst found', digits: 5 },
            { name: 'tightness', digits: 5 },
            { name: 'tightness, search', tex: 'by search', digits: 3 },
          ],
          rows: inOrder(rows, 6),
        };
  },
});
