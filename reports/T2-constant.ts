/** T2.constant: the worst error over the state dimension m, for keys of several kinds. */
import { defineFigure } from '../src/report/item.ts';
import type { Series } from '../src/report/model.ts';
import { isAt, rowsOf, type Row } from '../src/report/rows.ts';

/** The rows shown. */
const SHOWN = { N: 24, M: 1 };
const LEAST_POINTS = 3;

const pointsOf = (rows: readonly Row[], column: string): (readonly [number, number])[] =>
  rows.map((row) => [Number(row.m), Number(row[column])] as const).sort(([x], [y]) => x - y);

export const constant = defineFigure({
  id: 'T2-constant',
  title: 'T2.constant: worst error of COPY with m < N keys',
  make: (results) => {
    const rows = rowsOf(results, 'T2.constant.errors').filter((row) => isAt(row, SHOWN));
    const of = (keys: string): Row[] => rows.filter((row) => row.keys === keys);
    const series: Series[] = [
      {
        label: 'least: ⌈N/m⌉ − 1',
        tex: 'least: $\\lceil N/m\\rceil-1$',
        style: 'line',
        points: pointsOf(of('basis'), 'sharp'),
      },
      {
        label: 'Welch: max(1, N/m − 1)',
        tex: 'Welch: $\\max(1,N/m-1)$',
        style: 'dashed',
        points: pointsOf(of('basis'), 'welch'),
      },
      { label: 'repeated basis', style: 'marks', points: pointsOf(of('basis'), 'error') },
      { label: 'optimised keys', style: 'marks', points: pointsOf(of('any'), 'optimised') },
      {
        label: 'random ±1/√m keys',
        tex: 'random $\\pm1/\\sqrt m$ keys',
        style: 'marks',
        points: pointsOf(of('signs'), 'error'),
      },
      { label: 'random unit keys', style: 'marks', points: pointsOf(of('any'), 'error') },
    ];
    const shown = series.filter(({ points }) => points.length >= LEAST_POINTS);
    return shown.length === 0
      ? undefined
      : {
          id: 'T2-constant',
          title: 'T2.constant: worst error of COPY with m < N keys',
          caption: `Worst error of COPY with unit keys in $\\mathbb{R}^m$ and $c_i=b_{\\mathrm{pos}}$ ($N=${SHOWN.N}$, $M=${SHOWN.M}$), measured by running the network: the repeated basis attains the least possible $M(\\lceil N/m\\rceil-1)$, and gradient descent from random keys comes down to it; random keys (the mean over draws) cost several times as much. Answering zero costs $M$.`,
          x: { label: 'state dimension m', tex: 'state dimension $m$', scale: 'log' },
          y: { label: 'worst error', scale: 'log' },
          series: shown,
        };
  },
});
