/** Fused multiply–adds: x·y + z rounded to a format once. */
import { sumError } from './error-free.ts';
import { roundRational, roundTo, roundWithResidual, type Format } from './format.ts';
import { Rational } from './rational.ts';

/** Up to this precision a product of two numbers is a double. */
const EXACT_PRODUCTS = 26;
/** Smaller products, of p<k> and p<k>e10, may lose bits as doubles. */
const LEAST_PRODUCT = 2 ** -960;

export const fusedMultiplyAdd = (format: Format): ((x: number, y: number, z: number) => number) => {
  const exactly = (x: number, y: number, z: number): number => {
    const exact = Rational.fromNumber(x).mul(Rational.fromNumber(y)).add(Rational.fromNumber(z));
    // Both terms of a sum that is 0 are numbers of the format, or 0: a double knows its sign.
    return exact.sign() === 0 ? x * y + z : roundRational(format, exact);
  };
  /** Zeros, infinities and NaN, on which doubles need no second thought. */
  const isPlain = (x: number, y: number, z: number): boolean =>
    x === 0 || y === 0 || !Number.isFinite(x) || !Number.isFinite(y) || !Number.isFinite(z);
  if (format.p > EXACT_PRODUCTS) return (x, y, z) => (isPlain(x, y, z) ? x * y + z : exactly(x, y, z));
  return (x, y, z) => {
    const product = x * y;
    const sum = product + z;
    if (Math.abs(product) >= LEAST_PRODUCT && Number.isFinite(sum)) {
      const rounded = roundWithResidual(format, sum, sumError(product, z, sum));
      // A sum that as a double is the midpoint beyond the largest number may lie below it.
      if (Number.isFinite(rounded)) return rounded;
    }
    return isPlain(x, y, z) ? roundTo(format, sum) : exactly(x, y, z);
  };
};
