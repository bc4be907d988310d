/** How often something happens: independent trials, and Wilson's interval around the rate that was seen. */
import type { Trials } from '../claim/claim.ts';
import { Random } from '../claim/random.ts';

/** Rates are shown with five standard deviations around them. */
export const WILSON_Z = 5;
/** The same level as a probability: a true bound is refuted by chance once in 3.5 million times. */
const SIGNIFICANCE = 2.9e-7;

export interface Rate {
  readonly hits: number;
  readonly rate: number;
  /** Wilson's interval. */
  readonly lo: number;
  readonly hi: number;
}

/** Wilson's score interval for `hits` of `count` trials at z standard deviations. */
export const wilson = (hits: number, count: number, z = WILSON_Z): Rate => {
  const rate = hits / count;
  const z2 = z * z;
  const centre = (rate + z2 / (2 * count)) / (1 + z2 / count);
  const half = (z / (1 + z2 / count)) * Math.sqrt((rate * (1 - rate)) / count + z2 / (4 * count * count));
  // At 0 and 1 the two terms cancel, or add up to 1, exactly.
  return { hits, rate, lo: hits === 0 ? 0 : centre - half, hi: hits === count ? 1 : centre + half };
};

/** P(X ≥ hits) for X binomial with `count` trials of probability p. */
export const binomialTail = (hits: number, count: number, p: number): number => {
  if (hits <= 0 || p >= 1) return 1;
  if (p <= 0) return 0;
  let term = 0;
  for (let i = 1; i <= hits; i++) term += Math.log((count - hits + i) / i);
  term = Math.exp(term + hits * Math.log(p) + (count - hits) * Math.log1p(-p));
  let tail = 0;
  for (let k = hits; k <= count && term > tail * Number.EPSILON; k++) {
    tail += term;
    term *= (((count - k) / (k + 1)) * p) / (1 - p);
  }
  return Math.min(1, tail);
};

/**
 * Whether so many hits are incredible for a probability of at most `bound`. (Wilson's lower end is no such test for rare
 * events: one hit puts it above any bound below 0.037/count.)
 */
export const refutesBound = ({ hits, rate }: Rate, { count }: Trials, bound: number): boolean =>
  rate > bound && binomialTail(hits, count, bound) < SIGNIFICANCE;

/** Runs the trials from one seed. */
export const measureRate = ({ count, occurs }: Trials, seed: number): Rate => {
  const random = new Random(seed);
  let hits = 0;
  for (let trial = 0; trial < count; trial++) if (occurs(random)) hits++;
  return wilson(hits, count);
};
