/** P2's cliff: the error of T2.block over N, for λ on the grid of the format and off it. */
import { defineFigure } from '../src/report/item.ts';
import type { Series } from '../src/report/model.ts';
import { isAt, rowsOf } from '../src/report/rows.ts';

const SHOWN = { construction: 'T2.block', format: 'p6e8', accumulate: 'own' };
/** Errors of 0 have no place on a log axis. */
const FLOOR = 1e-3;
const LEAST_POINTS = 3;
const [id, title] = ['P2-cliff', 'P2: error of T2.block over N in 6 bits'];

export const cliff = defineFigure({
  id,
  title,
  make: (results) => {
    const rows = rowsOf(results, 'P2.cliff').filter((row) => isAt(row, SHOWN));
    const steepnesses = [...new Set(rows.map((row) => Number(row.lambda)))].sort((x, y) => x - y);
    const series = steepnesses.flatMap((lambda): Series[] => {
      const points = rows
        .filter((row) => row.lambda === lambda)
        .map(({ N, error }): [number, number] => [Number(N), Math.max(Number(error), FLOOR)])
        .sort(([x], [y]) => x - y);
      if (points.length < LEAST_POINTS) return [];
      return [{ label: `λ = ${lambda}`, tex: `$\\lambda=${lambda}$`, style: 'line', points }];
    });
    return series.length === 0
      ? undefined
      : {
          id,
          title,
          caption: `The largest error of T2.block at the last token, records $\\pm1$, in a format of $p=6$ bits (exponents as in bf16), over the sequence length: 0 (drawn at $10^{-3}$) up to $N=2^p=64$ for $\\lambda$ a power of two; up to $o(N+1)=2^p$ for $\\lambda$ of odd part $o$ ($12=3\\cdot4$, $20=5\\cdot4$); sooner for others.`,
          x: { label: 'sequence length N', tex: 'sequence length $N$', scale: 'log' },
          y: { label: 'largest error', scale: 'log' },
          series,
        };
  },
});
