/** T2.rank over the state dimension: the worst error jumps at m = N, failures and RMS error shrink on the way there. */
import { defineFigure } from '../src/report/item.ts';
import { rowsOf, type Row } from '../src/report/rows.ts';

const [id, title] = ['T2-rank-transition', 'T2.rank: errors of COPY over the state dimension m'];

/** The rows of the longest sequence that was measured at every m. */
const complete = (rows: readonly Row[]): Row[] => {
  const own = (N: number): Row[] => rows.filter((row) => row.N === N).sort((x, y) => Number(x.m) - Number(y.m));
  const lengths = [...new Set(rows.map(({ N }) => Number(N)))].sort((x, y) => y - x);
  return own(lengths.find((N) => own(N).length === N) ?? 0);
};

/** Samples of a curve on [0, 1], dense towards 1, where the RMS error is steep. */
const SAMPLES = 40;
const curve = (y: (x: number) => number): [number, number][] =>
  Array.from({ length: SAMPLES + 1 }, (_, at) => 1 - (1 - at / SAMPLES) ** 2).map((x) => [x, y(x)]);

export const transition = defineFigure({
  id,
  title,
  make: (results) => {
    const rows = complete(rowsOf(results, 'T2.rank.transition'));
    if (rows.length < 3) return undefined;
    const measured = (column: string): [number, number][] =>
      rows.map((row) => [Number(row.m) / Number(row.N), Number(row[column])]);
    return {
      id,
      title,
      caption: `What $m$ state floats per channel can do for $N$ records, in units of $M$. Lines: the least possible over all designs of rank $m$ of the worst error, the worst fraction of the $N$ copies that err by $M$, and the RMS error for independent records of variance $M^2$. Marks: measured by running networks with $N=${rows.length}$; truncated one-hot keys attain all three minima, random keys with least-squares queries (the mean over draws) only the RMS error.`,
      x: { label: 'state dimension per record, m/N', tex: 'state dimension per record, $m/N$', scale: 'linear' },
      y: { label: 'error / M, or fraction', tex: 'error$/M$, or fraction', scale: 'linear' },
      series: [
        {
          label: 'worst error, least',
          style: 'line',
          points: [
            [0, 1],
            [1, 1],
            [1, 0],
          ],
        },
        { label: 'failed copies, least', style: 'line', points: curve((x) => 1 - x) },
        { label: 'RMS error, least', style: 'line', points: curve((x) => Math.sqrt(1 - x)) },
        { label: 'failed copies, one-hot', style: 'marks', points: measured('failed') },
        { label: 'RMS error, random keys', style: 'marks', points: measured('rms, random keys') },
        { label: 'worst error, random keys', style: 'marks', points: measured('worst, random keys') },
        { label: 'worst error, one-hot', style: 'marks', points: measured('worst') },
      ],
    };
  },
});
