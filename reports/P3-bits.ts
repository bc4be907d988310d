/** P3: least precisions over N, with their fits. */
import { fitLine, type Line } from '../src/report/fit.ts';
import { defineFigure, defineTable } from '../src/report/item.ts';
import type { Series } from '../src/report/model.ts';
import { rowsOf } from '../src/report/rows.ts';
import { symbols } from '../src/report/symbols.ts';
import type { Results } from '../src/claim/result.ts';

const STEEPNESSES = ['power of two', 'generic'];
/** Below, three bits are needed for the gate whatever N is. */
const LEAST_N = 8;
const LEAST_POINTS = 3;

interface Points {
  readonly lambda: string;
  /** (log2 N, least p) and (log2 N, bound), by N. */
  readonly least: readonly [number, number][];
  readonly bound: readonly [number, number][];
}

const pointsOf = (results: Results): Points[] =>
  STEEPNESSES.flatMap((lambda) => {
    const rows = rowsOf(results, 'P3.least')
      .filter((row) => row.lambda === lambda)
      .sort((x, y) => Number(x.N) - Number(y.N));
    const over = (column: string): [number, number][] => rows.map((row) => [Number(row.N), Number(row[column])]);
    return rows.length < LEAST_POINTS ? [] : [{ lambda, least: over('least p'), bound: over('bound') }];
  });

const fit = (points: Points['least']): Line => fitLine(points.map(([N, p]) => [Math.log2(N), p]));

const fitted = (points: Points['least']): Points['least'] => points.filter(([N]) => N >= LEAST_N);

export const table = defineTable({
  id: 'P3-bits',
  title: 'P3: bits that T2.block needs',
  make: (results) => {
    const all = pointsOf(results);
    const lengths = [...new Set(all.flatMap(({ least }) => least.map(([N]) => N)))].sort((x, y) => x - y);
    const at = (points: Points['least'], N: number): number | null => points.find(([n]) => n === N)?.[1] ?? null;
    return all.length === 0
      ? undefined
      : {
          id: 'P3-bits',
          title: 'P3: bits that T2.block needs',
          caption: `The least $p$ in which T2.block copies $N$ records to $M/4$ (the hardest records known, exponents as in bf16), and the $p$ that is proved to suffice, for $\\lambda$ a power of two and for $\\lambda=\\ln(24M/\\varepsilon)$. Last row: the slope over $\\log_2N$ fitted to $N\\ge${LEAST_N}$.`,
          columns: [
            ...symbols('N'),
            ...all.flatMap(({ lambda }) => [
              { name: `p, λ ${lambda}`, tex: `$p$, $\\lambda$ ${lambda}`, digits: 3 },
              { name: `proved, λ ${lambda}`, tex: `proved, $\\lambda$ ${lambda}`, digits: 3 },
            ]),
          ],
          rows: [
            ...lengths.map((N) => [N, ...all.flatMap(({ least, bound }) => [at(least, N), at(bound, N)])]),
            [
              'slope',
              ...all.flatMap(({ least, bound }) =>
                [least, bound].map((points) =>
                  fitted(points).length < LEAST_POINTS ? null : fit(fitted(points)).slope,
                ),
              ),
            ],
          ],
        };
  },
});

const [id, title] = ['P3-fits', 'P3: least precision over N'];

export const figure = defineFigure({
  id,
  title,
  make: (results) => {
    const series = pointsOf(results).flatMap(({ lambda, least }): Series[] => {
      const own = fitted(least);
      if (own.length < LEAST_POINTS) return [];
      const { slope, constant } = fit(own);
      const ends = [own[0]![0], own.at(-1)![0]];
      return [
        { label: `λ ${lambda}: least p`, tex: `$\\lambda$ ${lambda}: least $p$`, style: 'marks', points: least },
        {
          label: `${slope.toFixed(2)} log2 N + ${constant.toFixed(2)}`,
          tex: `$${slope.toFixed(2)}\\log_2N+${constant.toFixed(2)}$`,
          style: 'line',
          points: ends.map((N): [number, number] => [N, slope * Math.log2(N) + constant]),
        },
      ];
    });
    return series.length === 0
      ? undefined
      : {
          id,
          title,
          caption: `The least $p$ in which T2.block copies to $M/4$, and lines fitted to $N\\ge${LEAST_N}$: with $\\lambda$ a power of two one bit for each doubling of $N$, otherwise about two.`,
          x: { label: 'sequence length N', tex: 'sequence length $N$', scale: 'log' },
          y: { label: 'bits p', tex: 'bits $p$', scale: 'linear' },
          series,
        };
  },
});
