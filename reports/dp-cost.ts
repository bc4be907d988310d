/** The cost of a run over the number of states, by mechanism, with the exponents that it shows. */
import type { Results } from '../src/claim/result.ts';
import { defineFigure, defineTable } from '../src/report/item.ts';
import type { CellValue, Series } from '../src/report/model.ts';
import { isAt, rowsOf, type Row } from '../src/report/rows.ts';

/** The problem whose states are a square, at sizes from a few states to a thousand. */
const CURVES = { problem: 'edit-distance', letters: 2, costs: 'default', format: 'fp64' } as const;
/** Smaller ones have costs of which most is that of circuits. */
const LEAST = 7;

type Count = 'totalMacs' | 'totalMacsNonzero' | 'stateFloats' | 'stateRead';
type Points = (readonly [number, number])[];

/** A count over T by mechanism, in the order of T. */
const curves = (results: Results, x: 'states' | 'slots', count: Count, tags: readonly string[]): [string, Points][] => {
  const rows = tags.flatMap((tag) => rowsOf(results, `${tag}.sizes`)).filter((row) => isAt(row, CURVES));
  const mechanisms = [...new Set(rows.map((row) => String(row.mechanism)))].sort();
  return mechanisms.flatMap((mechanism): [string, Points][] => {
    const own = rows.filter((row: Row) => row.mechanism === mechanism && Number(row.n) >= LEAST);
    const points = own.map((row) => [Number(row[x]), Number(row[count])] as const).sort(([a], [b]) => a - b);
    return points.length < 2 ? [] : [[mechanism, points]];
  });
};

/** Least squares on logarithms, and between the last two points. */
const exponents = (points: Points): { fit: number; tail: number } => {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const);
  const mean = (of: (point: readonly [number, number]) => number): number =>
    logs.reduce((sum, point) => sum + of(point), 0) / logs.length;
  const [mx, my] = [mean(([x]) => x), mean(([, y]) => y)];
  const fit = mean(([x, y]) => (x - mx) * (y - my)) / mean(([x]) => (x - mx) ** 2);
  const [[x1, y1], [x2, y2]] = logs.slice(-2) as [readonly [number, number], readonly [number, number]];
  return { fit, tail: (y2 - y1) / (x2 - x1) };
};

const seriesOf = (all: readonly [string, Points][]): Series[] =>
  all.map(([label, points]) => ({ label, style: 'line', points }));

export const cost = defineFigure({
  id: 'dp-cost',
  title: 'Multiply–adds of edit distances by chain of thought',
  make: (results) => {
    const series = seriesOf(curves(results, 'states', 'totalMacsNonzero', ['T3', 'T4']));
    return series.length === 0
      ? undefined
      : {
          id: 'dp-cost',
          title: 'Multiply–adds of edit distances by chain of thought',
          caption:
            'Multiply--adds with weights $\\neq 0$ of a whole run over the number of states $T$ of an edit distance of two words of the same length, by COPY mechanism. Their exponents are in table dp-exponents.',
          x: { label: 'states T', tex: 'states $T$', scale: 'log' },
          y: { label: 'multiply–adds ≠ 0', tex: 'multiply--adds $\\neq 0$', scale: 'log' },
          series,
        };
  },
});

export const ring = defineFigure({
  id: 'dp-ring',
  title: 'State that local mechanisms read, over m',
  make: (results) => {
    const series = seriesOf(curves(results, 'slots', 'stateRead', ['T4']));
    return series.length === 0
      ? undefined
      : {
          id: 'dp-ring',
          title: 'State that local mechanisms read, over m',
          caption:
            'State floats that outputs read, those of the prompt included, over the number $m$ of states that an edit distance of two words of length $m-2$ reaches back.',
          x: { label: 'slots m', tex: 'slots $m$', scale: 'log' },
          y: { label: 'state floats read', scale: 'log' },
          series,
        };
  },
});

export const costExponents = defineTable({
  id: 'dp-exponents',
  title: 'Exponents in T of the cost of edit distances by chain of thought',
  make: (results) => {
    const tags = ['T3', 'T4'];
    const dense = new Map(curves(results, 'states', 'totalMacs', tags));
    const state = new Map(curves(results, 'states', 'stateRead', tags));
    const rows = curves(results, 'states', 'totalMacsNonzero', tags).map(([mechanism, points]): CellValue[] => {
      const [all, nonzero, read] = [dense.get(mechanism)!, points, state.get(mechanism)!].map(exponents);
      return [mechanism, points.at(-1)![0], all!.fit, all!.tail, nonzero!.fit, nonzero!.tail, read!.tail];
    });
    return rows.length === 0
      ? undefined
      : {
          id: 'dp-exponents',
          title: 'Exponents in T of the cost of edit distances by chain of thought',
          caption:
            'Exponents in $T$ of the multiply--adds of a whole run, all of them and those with weights $\\neq 0$: fitted by least squares to the logarithms, and between the two largest sizes; the exponent of the state that outputs read between these. Theory: 2 and 1, 3 with the zeros of T2.block, T2.slots and T2.linear-attention; $\\frac32$ and $\\frac12$ with a local memory, $m \\approx \\sqrt T$.',
          columns: [
            { name: 'mechanism' },
            { name: 'largest T', tex: 'largest $T$', digits: 6 },
            { name: 'all, fitted', digits: 3 },
            { name: 'all, tail', digits: 3 },
            { name: '≠ 0, fitted', tex: '$\\neq 0$, fitted', digits: 3 },
            { name: '≠ 0, tail', tex: '$\\neq 0$, tail', digits: 3 },
            { name: 'state, tail', digits: 3 },
          ],
          rows,
        };
  },
});
