/** Error-free transformations: what a rounded sum or product of doubles leaves out, exactly. */

/** x + y − fl(x + y) (Knuth). */
export const sumError = (x: number, y: number, s: number): number => {
  const yy = s - x;
  return x - (s - yy) + (y - yy);
};

const SPLITTER = 2 ** 27 + 1;

/**
 * x·y − fl(x·y) (Dekker): Veltkamp's splitting makes halves whose products are doubles. No partial product may under- or
 * overflow: factors beyond 2^996 split into NaN.
 */
export const productError = (x: number, y: number, product: number): number => {
  const cx = SPLITTER * x;
  const xh = cx - (cx - x);
  const xl = x - xh;
  const cy = SPLITTER * y;
  const yh = cy - (cy - y);
  const yl = y - yh;
  return xl * yl - (product - xh * yh - xl * yh - xh * yl);
};

const below = (x: number): number => x - Math.abs(x) * 2 ** -52 - Number.MIN_VALUE;
const above = (x: number): number => x + Math.abs(x) * 2 ** -52 + Number.MIN_VALUE;

/** Doubles at or below and at or above x + y and x·y: the result itself where it is exact. */
export const addDown = (x: number, y: number): number => (sumError(x, y, x + y) >= 0 ? x + y : below(x + y));
export const addUp = (x: number, y: number): number => (sumError(x, y, x + y) <= 0 ? x + y : above(x + y));
export const mulDown = (x: number, y: number): number => (productError(x, y, x * y) >= 0 ? x * y : below(x * y));
export const mulUp = (x: number, y: number): number => (productError(x, y, x * y) <= 0 ? x * y : above(x * y));
