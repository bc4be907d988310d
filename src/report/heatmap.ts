/** What a heat map looks like, apart from any output format; and how many numbers become few cells. */

import { ticks as niceTicks } from 'd3-array';
import type { Heatmap } from './model.ts';
import { decimalParts, formatNumber } from './numbers.ts';
import { LARGEST_LINEAR, SMALLEST_LINEAR, type Tick } from './plot.ts';

/** Okabe–Ito vermilion and blue, told apart with any colour vision, about a grey that paper sets off. */
const NEGATIVE = 'D55E00';
const NEUTRAL = 'F2F2F2';
const POSITIVE = '0072B2';
/** More cells along a side can hardly be told apart, and take LaTeX long. */
const MOST_CELLS = 64;
const SHADES = 100;

export interface HeatmapCell {
  /** In positions, of its corner next to position 1; cells at the end may be cut off. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Six hexadecimal digits. */
  readonly colour: string;
}

export interface HeatmapLook {
  readonly cells: readonly HeatmapCell[];
  readonly x: readonly Tick[];
  readonly y: readonly Tick[];
  readonly bar: {
    /** Its ends and ticks as parts of the largest size: from −1 or 0 to 0 or 1. */
    readonly min: number;
    readonly max: number;
    readonly ticks: readonly Tick[];
    /** Between which its colour is linear. */
    readonly colours: readonly string[];
    /** The same as steps, from min to max. */
    readonly shades: readonly string[];
  };
}

const channels = (colour: string): number[] => [0, 2, 4].map((at) => parseInt(colour.slice(at, at + 2), 16));

/** The colour of a number as a part of the largest size. */
const colourOf = (part: number): string => {
  const end = channels(part < 0 ? NEGATIVE : POSITIVE);
  return channels(NEUTRAL)
    .map((from, at) => Math.round(from + Math.abs(part) * (end[at] - from)))
    .map((channel) => channel.toString(16).toUpperCase().padStart(2, '0'))
    .join('');
};

const showable = (value: number | null | undefined): value is number =>
  typeof value === 'number' && Math.abs(value) <= LARGEST_LINEAR;

const positionTicks = (count: number): Tick[] =>
  niceTicks(1, count, 8)
    .filter(Number.isInteger)
    .map((value) => ({ value, label: decimalParts(String(value))! }));

/** Colours are linear in the number, and 0 has the neutral one; a sign that does not occur is left off the bar. */
export function heatmapLook({ x, y, step, cells }: Heatmap): HeatmapLook {
  const values = cells.flat().filter(showable);
  const size = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  // Numbers whose ticks are beyond the accuracy of float64 are shown as 0.
  const limit = size < SMALLEST_LINEAR ? 1 : size;
  const negative = values.some((value) => value < 0) && size === limit;
  const positive = values.some((value) => value > 0) || !negative;
  const min = negative ? -1 : 0;
  const max = positive ? 1 : 0;
  return {
    cells: cells.flatMap((row, r) =>
      row.flatMap((value, c) => {
        if (!showable(value)) return [];
        const [left, top] = [c * step, r * step];
        const width = Math.min(step, x.count - left);
        const height = Math.min(step, y.count - top);
        return [{ x: left, y: top, width, height, colour: colourOf(size < limit ? 0 : value / limit) }];
      }),
    ),
    x: positionTicks(x.count),
    y: positionTicks(y.count),
    bar: {
      min,
      max,
      ticks: niceTicks(min * limit, max * limit, 6).map((value) => ({
        value: value / limit,
        label: decimalParts(formatNumber(value, 6))!,
      })),
      colours: [...(negative ? [NEGATIVE] : []), NEUTRAL, ...(positive ? [POSITIVE] : [])],
      shades: Array.from({ length: SHADES }, (_, at) => colourOf(min + ((at + 0.5) / SHADES) * (max - min))),
    },
  };
}

/** Rows of numbers as at most MOST_CELLS cells along a side, each with the number of largest size among its own. */
export function heatmapCells(
  count: number,
  row: (position: number) => ArrayLike<number>,
): Pick<Heatmap, 'step' | 'cells'> {
  const step = Math.ceil(count / MOST_CELLS);
  const cells: number[][] = Array.from({ length: Math.ceil(count / step) }, () => []);
  for (let i = 0; i < count; i++) {
    const values = row(i + 1);
    const into = cells[Math.floor(i / step)];
    for (let j = 0; j < values.length; j++) {
      const at = Math.floor(j / step);
      if (!(Math.abs(into[at]) >= Math.abs(values[j]))) into[at] = values[j];
    }
  }
  return { step, cells };
}
