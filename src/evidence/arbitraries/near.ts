import fc from 'fast-check';
import { logUniform } from './log-uniform.ts';

/** Below this fraction of the axis, nearness to an end is indistinguishable from the end. */
const NEAREST = 2 ** -40;

/** Points near one end of [lo, hi], at distances log-uniform over the axis: where bounds are usually decided. */
export const nearEnds = (lo: number, hi: number): fc.Arbitrary<number> =>
  fc.tuple(logUniform(NEAREST, 1), fc.boolean()).map(([distance, low]) => {
    const x = low ? lo + distance * (hi - lo) : hi - distance * (hi - lo);
    return Math.min(hi, Math.max(lo, x));
  });
