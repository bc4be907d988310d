/** Ranges of values: sums and products of their ends are rounded outwards. */
import { addDown, addUp, mulDown, mulUp } from '../arithmetic/error-free.ts';

export interface Range {
  readonly lo: number;
  readonly hi: number;
}

export const NOTHING: Range = { lo: 0, hi: 0 };
export const EVERYTHING: Range = { lo: -Infinity, hi: Infinity };

/** Bounds that are computed in float64 are raised by this factor: by more than the rounding of their computation. */
export const UP = 1 + 2 ** -30;

/** Largest absolute value. */
export const sizeOf = ({ lo, hi }: Range): number => Math.max(Math.abs(lo), Math.abs(hi));
export const meet = (x: Range, y: Range): Range => ({ lo: Math.max(x.lo, y.lo), hi: Math.min(x.hi, y.hi) });
export const plus = (x: Range, y: Range): Range => ({ lo: addDown(x.lo, y.lo), hi: addUp(x.hi, y.hi) });
export const times = (x: Range, y: Range): Range => {
  const ends = [x.lo, x.hi].flatMap((a) => [y.lo, y.hi].map((b) => [a, b] as const));
  return {
    lo: ends.reduce((least, [a, b]) => Math.min(least, mulDown(a, b)), Infinity),
    hi: ends.reduce((most, [a, b]) => Math.max(most, mulUp(a, b)), -Infinity),
  };
};
export const scaled = (range: Range, weight: number): Range => times(range, { lo: weight, hi: weight });
export const widened = ({ lo, hi }: Range, by: number): Range =>
  by === 0 ? { lo, hi } : { lo: addDown(lo, -by), hi: addUp(hi, by) };
