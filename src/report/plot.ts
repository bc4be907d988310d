/** What a plot looks like, apart from any output format: limits, ticks, and one distinct look for each series. */

import { extent, ticks as niceTicks } from 'd3-array';
import type { Axis, Figure, Series } from './model.ts';
import { decimalParts, formatNumber, type DecimalParts } from './numbers.ts';

/** Okabe–Ito, told apart with any colour vision; without black (axes) and yellow (too pale for lines). */
export const COLOURS = ['0072B2', 'D55E00', '009E73', 'CC79A7', 'E69F00', '56B4E9'] as const;
export const MARKERS = ['circle', 'square', 'triangle', 'diamond', 'down-triangle', 'cross', 'plus'] as const;
export type Marker = (typeof MARKERS)[number];

/** Dash patterns in points, on and off in turn. Every second look of one style differs from its neighbours. */
const DASHES: Readonly<Record<'line' | 'dashed', readonly (readonly number[])[]>> = {
  line: [[], [7, 2, 1.5, 2], [7, 2, 1.5, 2, 1.5, 2], [1.5, 2]],
  dashed: [
    [5, 3],
    [2.5, 2],
    [10, 4],
    [5, 2, 2, 2],
  ],
};

export type Point = readonly [x: number, y: number];

export interface PlotSeries {
  readonly label: string;
  readonly tex?: string;
  /** Six hexadecimal digits. */
  readonly colour: string;
  /** Absent for marks only. */
  readonly dash?: readonly number[];
  /** Absent for lines only. */
  readonly marker?: Marker;
  /** Runs of neighbouring points that can be shown; a line is not drawn across one that cannot. */
  readonly runs: readonly (readonly Point[])[];
}

export interface Tick {
  readonly value: number;
  /** A power of ten on a log axis is its exponent only. */
  readonly label: Partial<DecimalParts>;
}

export interface PlotAxis {
  readonly label: string;
  readonly tex?: string;
  readonly log: boolean;
  readonly min: number;
  readonly max: number;
  readonly ticks: readonly Tick[];
  /** Unlabelled ticks between. */
  readonly minor: readonly number[];
}

export interface Plot {
  readonly x: PlotAxis;
  readonly y: PlotAxis;
  /** In drawing order, which the legend follows too: marks after the lines that they may lie on. */
  readonly series: readonly PlotSeries[];
  readonly legend: readonly PlotSeries[];
  readonly legendColumns: number;
}

/** Room between the outermost points and the frame, as a part of the range. */
const PADDING = 0.05;
/** Beyond these the width of a linear range, or the step of its ticks, is no longer an accurate float64. */
export const LARGEST_LINEAR = 1e300;
export const SMALLEST_LINEAR = 1e-290;

const powerOfTen = (exponent: number): number => Number(`1e${exponent}`);
/** Limits appear in the output: a few digits are enough. */
const brief = (x: number): number => Number(x.toPrecision(6));

const showable = (axis: Axis, value: number): boolean =>
  axis.scale === 'log' ? value > 0 && value < Infinity : Math.abs(value) <= LARGEST_LINEAR;

function linearAxis(values: readonly number[]): Pick<PlotAxis, 'min' | 'max' | 'ticks' | 'minor'> {
  const [low = 0, high = 1] = extent(values);
  const size = Math.max(Math.abs(low), Math.abs(high));
  // Ranges too narrow for the digits of limits and ticks are shown flat.
  const pad = size < SMALLEST_LINEAR ? 1 : high > low ? Math.max((high - low) * PADDING, size * 1e-3) : size * 0.1;
  const min = brief(low >= 0 && low - pad < 0 ? 0 : low - pad);
  const max = brief(high + pad);
  const ticks = niceTicks(min, max, 6).map((value) => ({ value, label: decimalParts(formatNumber(value, 6))! }));
  return { min, max, ticks, minor: [] };
}

function logAxis(values: readonly number[]): Pick<PlotAxis, 'min' | 'max' | 'ticks' | 'minor'> {
  const [smallest = 1, largest = 10] = extent(values);
  let low = Math.log10(smallest);
  let high = Math.log10(largest);
  const pad = Math.max((high - low) * PADDING, 0.03);
  low -= pad;
  high += pad;
  // A log axis is read off its powers of ten: show at least two, widening on the side where that costs less.
  while (Math.floor(high) - Math.ceil(low) < 1) {
    if (low - (Math.ceil(low) - 1) <= Math.floor(high) + 1 - high) low = Math.ceil(low) - 1;
    else high = Math.floor(high) + 1;
  }
  const first = Math.max(Math.ceil(low), -323);
  const last = Math.min(Math.floor(high), 308);
  const exponents = niceTicks(first, last, 8).filter(Number.isInteger);
  const min = Math.max(brief(10 ** low), Number.MIN_VALUE);
  const max = Math.min(brief(10 ** high), Number.MAX_VALUE);
  const everyDecade = last - first <= 6;
  const minor = everyDecade
    ? Array.from({ length: last - first + 2 }, (_, i) => first - 1 + i)
        .flatMap((exponent) => [2, 3, 4, 5, 6, 7, 8, 9].map((digit) => Number(`${digit}e${exponent}`)))
        .filter((value) => value > min && value < max)
    : [];
  return {
    min,
    max,
    ticks: exponents.map((exponent) => ({ value: powerOfTen(exponent), label: { exponent } })),
    minor,
  };
}

function plotAxis(axis: Axis, values: readonly number[]): PlotAxis {
  const { label, tex, scale } = axis;
  const log = scale === 'log';
  return { label, ...(tex !== undefined && { tex }), log, ...(log ? logAxis(values) : linearAxis(values)) };
}

function runs(series: Series, visible: (point: Point) => boolean): readonly (readonly Point[])[] {
  const result: Point[][] = [];
  let open = false;
  for (const point of series.points) {
    if (!visible(point)) open = false;
    else if (open) result.at(-1)!.push(point);
    else {
      result.push([point]);
      open = true;
    }
  }
  return result;
}

const STYLES = ['line', 'dashed', 'marks'] as const;

/**
 * The n-th series of one style is taken to belong to the n-th of another (a bound and what was measured against it)
 * where all styles in use have equally many series: both get one colour, and the legend puts them side by side.
 */
export function plot(figure: Figure): Plot {
  const visible = ([x, y]: Point) => showable(figure.x, x) && showable(figure.y, y);
  const byStyle = STYLES.map((style) => figure.series.filter((series) => series.style === style)).filter(
    (s) => s.length,
  );
  const paired = byStyle.every((group) => group.length === byStyle[0].length);
  const drawn = byStyle.flatMap((group) =>
    group.map((series, n): PlotSeries & { readonly pair: number } => {
      const { label, tex, style } = series;
      const look = style === 'marks' ? { marker: MARKERS[n % MARKERS.length] } : { dash: DASHES[style][n % 4] };
      const colour = COLOURS[(paired ? n : figure.series.indexOf(series)) % COLOURS.length];
      return { label, ...(tex !== undefined && { tex }), colour, ...look, runs: runs(series, visible), pair: n };
    }),
  );
  const points = drawn.flatMap((series) => series.runs.flat());
  const longest = Math.max(0, ...drawn.map((series) => series.label.length));
  const sideBySide = paired && byStyle.length > 1 ? byStyle.length : 3;
  return {
    x: plotAxis(
      figure.x,
      points.map(([x]) => x),
    ),
    y: plotAxis(
      figure.y,
      points.map(([, y]) => y),
    ),
    series: drawn,
    legend: paired ? [...drawn].sort((a, b) => a.pair - b.pair) : drawn,
    legendColumns: Math.max(1, Math.min(sideBySide, Math.floor(84 / (longest + 6)), drawn.length)),
  };
}
