import fc from 'fast-check';

const STEPS = 2 ** 52;

/** Uniform on [lo, hi] by value (fc.double is uniform over bit patterns). Shrinks towards lo. */
export const uniform = (lo: number, hi: number): fc.Arbitrary<number> =>
  fc.noBias(fc.integer({ min: 0, max: STEPS })).map((step) => between(lo, hi, step / STEPS));

/** The point a fraction of the way from lo to hi, never outside. */
export const between = (lo: number, hi: number, fraction: number): number =>
  Math.min(hi, Math.max(lo, lo * (1 - fraction) + hi * fraction));
