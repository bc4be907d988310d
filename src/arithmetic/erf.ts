/** The error function in float64. */

const TWO_OVER_SQRT_PI = 1.1283791670955126;
/** Beyond this erfc(x) < 2^−54, so erf(x) rounds to ±1. */
const SATURATED = 6;
/** Below: an all-positive series. Above: 1 − erfc by its continued fraction. Near 2.5 the series is 15 ulp off. */
const SERIES_LIMIT = 1.5;
/** Enough at SERIES_LIMIT: the next term of the series is below 2^−56 of it, the fraction's tail below 2^−53. */
const SERIES_TERMS = 28;
const FRACTION_DEPTH = 90;

/** e^(−x²) with the rounding error of x² taken into account. */
const gaussian = (x: number): number => {
  const high = Math.fround(x);
  return Math.exp(-high * high) * Math.exp(-(x - high) * (x + high));
};

/**
 * erf(x) = 2/√π e^(−x²) Σ 2^n x^(2n+1)/(1·3·…·(2n+1)); every term has the same sign (Abramowitz–Stegun 7.1.6).
 * From the inside out, which rounds less than adding terms up.
 */
const series = (x: number): number => {
  const twice = 2 * x * x;
  let sum = 1;
  for (let n = SERIES_TERMS; n >= 1; n--) sum = 1 + (twice / (2 * n + 1)) * sum;
  return TWO_OVER_SQRT_PI * gaussian(x) * (x * sum);
};

/** erfc(x) = e^(−x²)/√π · 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + …)))) for x > 0 (7.1.14), from the inside out. */
const complement = (x: number): number => {
  let tail = x;
  for (let n = FRACTION_DEPTH; n >= 1; n--) tail = x + n / 2 / tail;
  return ((TWO_OVER_SQRT_PI / 2) * gaussian(x)) / tail;
};

/** erf(x), within 8 units in the last place (tested against decimals). */
export const erf = (x: number): number => {
  if (Number.isNaN(x)) return NaN;
  if (x === 0) return x;
  const magnitude = Math.abs(x);
  const value = magnitude >= SATURATED ? 1 : magnitude < SERIES_LIMIT ? series(magnitude) : 1 - complement(magnitude);
  return x < 0 ? -value : value;
};
