/** A1.rate: how often random keys violate Assumption 1, as a figure and as a table. */
import type { Results } from '../src/claim/result.ts';
import { WILSON_Z, wilson, type Rate } from '../src/evidence/frequency.ts';
import { defineFigure, defineTable } from '../src/report/item.ts';
import type { CellValue, Series } from '../src/report/model.ts';
import { cellOf, cellsOfQuantity, inOrder, isAt, rowsOf } from '../src/report/rows.ts';
import { symbols } from '../src/report/symbols.ts';

interface Seen extends Rate {
  readonly keys: string;
  readonly positions: string;
  readonly N: number;
  readonly m: number;
  readonly delta: number;
  readonly trials: number;
  /** null where nothing is proved. */
  readonly bound: number | null;
}

/** Rates with Wilson's interval: from the claim's cell where it decides one, and measured alone elsewhere. */
const ratesOf = (results: Results): Seen[] => {
  const decided = cellsOfQuantity(results, 'A1.rate', 'rate');
  return rowsOf(results, 'A1.rate.rates').flatMap((row) => {
    const rate = row.rate ?? cellOf(decided, row)?.worst;
    if (rate === undefined) return [];
    const number = (name: string): number => Number(row[name]);
    const trials = number('trials');
    return [
      {
        keys: String(row.keys),
        positions: String(row.positions),
        N: number('N'),
        m: number('m'),
        delta: number('delta'),
        trials,
        bound: row.bound === null ? null : number('bound'),
        ...wilson(Math.round(Number(rate) * trials), trials),
      },
    ];
  });
};

/** The rates of the figure: everything but the keys and m as in the standard grid. */
const SHOWN = { positions: 'one', N: 16, delta: 0.5 } as const;
const FAMILIES = [
  { keys: 'sphere', label: 'unit sphere' },
  { keys: 'signs', label: '±1/√m', tex: '$\\pm1/\\sqrt m$' },
  { keys: 'gaussian', label: 'Gaussian' },
  { keys: 'mamba-init', label: 'Mamba’s initialisation' },
];
/** Families have their marks side by side, this far apart in m. */
const APART = 0.7;
/** Ends an interval: no axis shows it, and no line is drawn across it. */
const BREAK = [NaN, NaN] as const;
const LEAST_POINTS = 3;

export const figure = defineFigure({
  id: 'A1-rate',
  title: 'A1.rate: how often random keys violate Assumption 1',
  make: (results) => {
    const all = ratesOf(results).filter((seen) => isAt(seen, SHOWN));
    const families = FAMILIES.map(({ keys, ...name }, at) => {
      const place = (m: number): number => m + APART * (at - (FAMILIES.length - 1) / 2);
      const own = all.filter((seen) => seen.keys === keys).sort((x, y) => x.m - y.m);
      return { name, keys, own, place };
    }).filter(({ own }) => own.length >= LEAST_POINTS);
    if (families.length === 0) return undefined;
    const bound = (keys: string): Series['points'] =>
      families
        .filter((family) => family.keys === keys)
        .flatMap(({ own }) => own.flatMap(({ m, bound: b }) => (b !== null && b < 1 ? [[m, b] as const] : [])));
    const series: Series[] = [
      ...families.map(({ name, own, place }): Series => ({
        ...name,
        style: 'marks',
        points: own.map(({ m, rate }) => [place(m), rate]),
      })),
      {
        label: 'Wilson’s interval',
        style: 'line',
        points: families.flatMap(({ own, place }) =>
          own.flatMap(({ m, lo, hi }) => [[place(m), lo] as const, [place(m), hi] as const, BREAK]),
        ),
      },
      {
        label: 'bound: sphere, ±1/√m',
        tex: 'bound: sphere, $\\pm1/\\sqrt m$',
        style: 'dashed',
        points: bound('sphere'),
      },
      { label: 'bound: Gaussian', style: 'dashed', points: bound('gaussian') },
    ];
    return {
      id: 'A1-rate',
      title: 'A1.rate: how often random keys violate Assumption 1',
      caption: `Rate of $\\max_{j\\ne\\mathrm{pos}}|s_{ij}|\\ge\\delta s_{i,\\mathrm{pos}}$ over the state dimension ($\\delta=${SHOWN.delta}$, $i=N=${SHOWN.N}$); for Mamba's initialisation it is about the effective weights $w_{ij}$, and nothing is proved. Bars are Wilson's intervals ($z=${WILSON_Z}$), the families set side by side around their $m$. A rate of 0 has no place on this axis: it is the dot at the upper end of its interval. Dashed: the bounds, where they are below 1.`,
      x: { label: 'state dimension m', tex: 'state dimension $m$', scale: 'linear' },
      y: { label: 'rate', scale: 'log' },
      series: series.filter(({ points }) => points.length > 0),
    };
  },
});

export const table = defineTable({
  id: 'A1-rates',
  title: 'A1.rate: rates and bounds',
  make: (results) => {
    const rows = ratesOf(results).map(
      ({ keys, positions, N, m, delta, trials, hits, rate, lo, hi, bound }): CellValue[] => {
        const says = bound !== null && bound < 1;
        return [
          keys,
          positions,
          N,
          m,
          delta,
          trials,
          (100 * hits) / trials,
          100 * lo,
          100 * hi,
          says ? 100 * bound : bound === null ? 'none' : 'vacuous',
          says ? rate / bound : null,
        ];
      },
    );
    return rows.length === 0
      ? undefined
      : {
          id: 'A1-rates',
          title: 'A1.rate: rates and bounds',
          caption: `Rate at which independent random keys have another score $|s_{ij}|\\ge\\delta s_{i,\\mathrm{pos}}$: at one position $i=N$ with $c_i=b_{\\mathrm{pos}}$, or at some $i$ at all with $\\mathrm{pos}(i)=i$. Keys uniform on the sphere, with entries $\\pm1/\\sqrt m$, or Gaussian; mamba-init: effective weights of Gaussian keys in one channel at Mamba's published initialisation. In per cent: the rate in so many trials, Wilson's interval ($z=${WILSON_Z}$), and the bound (vacuous from 100 on; none is proved of mamba-init); and rate$/$bound. Only a number of hits that it makes incredible refutes a bound: the interval may reach above it.`,
          columns: [
            { name: 'keys' },
            { name: 'positions', tex: 'at' },
            ...symbols('N', 'm', 'δ'),
            { name: 'trials', digits: 7 },
            { name: 'rate (%)', tex: 'rate (\\%)' },
            { name: 'from (%)', tex: 'from', digits: 3 },
            { name: 'to (%)', tex: 'to', digits: 3 },
            { name: 'bound (%)', tex: 'bound (\\%)', digits: 3 },
            { name: 'rate/bound', tex: 'rate$/$bound', digits: 3 },
          ],
          rows: inOrder(rows, 5),
        };
  },
});
