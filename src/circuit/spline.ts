/**
 * Functions of an integer as piecewise linear ones, base + slope·(t − lo) + Σ_k c_k ReLU(t − k): comparisons, indicators,
 * tables and quotients are all of this kind. With g(λx)/λ for ReLU each kink leaks, only beside it.
 *
 * A sharp spline has its kinks at integers, where they do not leak. A levelled one is flat within ¼ of each integer, so
 * that an error of its argument does not go on; its kinks leak e^(−λ/4).
 */
import { sumError } from '../arithmetic/error-free.ts';
import type { ActivationFacts } from './activation.ts';
import { UP } from './ranges.ts';

interface SplineKink {
  readonly at: number;
  /** Change of slope. */
  readonly change: number;
}

export interface Spline {
  /** The integers at which it is stated. */
  readonly lo: number;
  readonly hi: number;
  /** Value at lo and slope after it. */
  readonly base: number;
  readonly slope: number;
  /** Inside (lo, hi), increasing. */
  readonly kinks: readonly SplineKink[];
  /** Its least and greatest value. */
  readonly least: number;
  readonly greatest: number;
  /** How far the rounding of its slopes to doubles moves it at most. */
  readonly loss: number;
  /** Largest change from an integer to the next. */
  readonly lipschitz: number;
  /** How far an argument may be from its integer. */
  readonly reach: number;
}

/** How far the argument of a sharp spline may be off: then other integers' kinks are still three times as far away. */
const SHARP_REACH = 1 / 4;
/** The same for a levelled one: half the way to the next kink. */
const LEVEL_REACH = 1 / 8;

/** The spline through values[t − lo]. */
export const splineThrough = (lo: number, values: readonly number[]): Spline => {
  const slopes = values.slice(1).map((value, at) => value - values[at]!);
  const kinks = slopes
    .slice(1)
    .map((slope, at): SplineKink => ({ at: lo + at + 1, change: slope - slopes[at]! }))
    .filter(({ change }) => change !== 0);
  return {
    lo,
    hi: lo + values.length - 1,
    base: values[0]!,
    slope: slopes[0] ?? 0,
    kinks,
    least: values.reduce((x, y) => Math.min(x, y)),
    greatest: values.reduce((x, y) => Math.max(x, y)),
    loss: lossOf(values, slopes[0] ?? 0, kinks, lo),
    lipschitz: slopes.reduce((most, slope) => Math.max(most, Math.abs(slope)), 0),
    reach: SHARP_REACH,
  };
};

/** max_t |values[t − lo] − what base, slope and kinks give|, with sums carried as pairs of doubles. */
const lossOf = (values: readonly number[], slope: number, kinks: readonly SplineKink[], lo: number): number => {
  let [s, sError, v, vError] = [slope, 0, values[0]!, 0];
  let next = 0;
  let most = 0;
  for (let at = 1; at < values.length; at++) {
    const value = v + s;
    vError += sumError(v, s, value) + sError;
    v = value;
    most = Math.max(most, Math.abs(v - values[at]! + vError));
    if (kinks[next]?.at !== lo + at) continue;
    const { change } = kinks[next++]!;
    const sum = s + change;
    sError += sumError(s, change, sum);
    s = sum;
  }
  return most * UP;
};

/** From the value at lo and all changes of slope; those outside [lo, hi) do not count. */
const fromChanges = (lo: number, hi: number, base: number, changes: ReadonlyMap<number, number>): Spline => {
  const kinks = [...changes]
    .filter(([at, change]) => at > lo && at < hi && change !== 0)
    .map(([at, change]): SplineKink => ({ at, change }))
    .sort((x, y) => x.at - y.at);
  let [slope, value, t] = [changes.get(lo) ?? 0, base, lo];
  const first = slope;
  let lipschitz = 0;
  let [least, greatest] = [base, base];
  for (const { at, change } of [...kinks, { at: hi, change: 0 }]) {
    value += slope * (at - t);
    lipschitz = Math.max(lipschitz, Math.abs(slope));
    [least, greatest] = [Math.min(least, value), Math.max(greatest, value)];
    slope += change;
    t = at;
  }
  return { lo, hi, base, slope: first, kinks, least, greatest, loss: 0, lipschitz, reach: SHARP_REACH };
};

/** Goes up by 1 at each of `ups`, increasing and in lo + 1 … hi, from the value `base` at lo. */
export const stairs = (lo: number, hi: number, base: number, ups: readonly number[]): Spline => {
  const changes = new Map<number, number>();
  for (const up of ups) {
    changes.set(up - 1, (changes.get(up - 1) ?? 0) + 1);
    changes.set(up, -1);
  }
  return fromChanges(lo, hi, base, changes);
};

/** 1[t ≥ 0]. */
export const stepSpline = (lo: number, hi: number): Spline =>
  stairs(lo, hi, lo >= 0 ? 1 : 0, lo < 0 && hi >= 0 ? [0] : []);

/** 1[t = 0]. */
export const zeroSpline = (lo: number, hi: number): Spline =>
  lo > 0
    ? fromChanges(lo, hi, 0, new Map())
    : fromChanges(
        lo,
        hi,
        lo === 0 ? 1 : 0,
        lo === 0
          ? new Map([
              [0, -1],
              [1, 1],
            ])
          : new Map([
              [-1, 1],
              [0, -2],
              [1, 1],
            ]),
      );

/** The same values, flat near every integer. */
export const levelled = (spline: Spline): Spline => {
  const steps: { after: number; change: number }[] = [];
  let { slope } = spline;
  let from = spline.lo;
  // What the rounding of the slopes here, which the kinks of the spline do not have, adds up to.
  let [slopeError, valueError, most] = [0, 0, 0];
  for (const { at, change } of [...spline.kinks, { at: spline.hi, change: 0 }]) {
    if (slope !== 0) for (let t = from; t < at; t++) steps.push({ after: t, change: slope });
    valueError += slopeError * (at - from);
    most = Math.max(most, Math.abs(valueError));
    slopeError += sumError(slope, change, slope + change);
    slope += change;
    from = at;
  }
  const kinks = steps.flatMap(({ after, change }): SplineKink[] => [
    { at: after + 1 / 4, change: 2 * change },
    { at: after + 3 / 4, change: -2 * change },
  ]);
  return { ...spline, slope: 0, kinks, loss: spline.loss + most * UP, reach: LEVEL_REACH };
};

/** Kinks this far away and further are bounded together. */
const NEAR = 4;
/** At most so many kinks in a unit of length. */
const DENSITY = 2;

const largestChange = ({ kinks }: Spline): number =>
  kinks.reduce((most, { change }) => Math.max(most, Math.abs(change)), 0);

/** What all kinks at distances from NEAR on can add, on both sides. */
const farTail = (change: number, tail: (distance: number) => number): number => {
  const [first, second] = [tail(NEAR), tail(NEAR + 1)];
  if (first === 0) return 0;
  const ratio = second / first; // falls with the distance
  return ratio < 1 ? (2 * DENSITY * change * first) / (1 - ratio) : Infinity;
};

/** Calls back for every integer of the domain within NEAR of a kink, with those kinks. */
const eachNear = ({ lo, hi, kinks }: Spline, visit: (t: number, near: readonly SplineKink[]) => void): void => {
  let [from, next] = [0, lo];
  for (const { at } of kinks) {
    const last = Math.min(hi, Math.floor(at + NEAR));
    for (let t = Math.max(next, Math.ceil(at - NEAR)); t <= last; t++) {
      while (kinks[from]!.at < t - NEAR) from++;
      let to = from;
      while (to < kinks.length && kinks[to]!.at <= t + NEAR) to++;
      visit(t, kinks.slice(from, to));
      next = t + 1;
    }
  }
};

/** sup_t |spline(t) − its realisation with g(λ·)/λ| over the integers of the domain. */
export const splineError = (spline: Spline, { tail, leastTail }: ActivationFacts, lambda: number): number => {
  if (spline.kinks.length === 0) return 0;
  let most = 0;
  eachNear(spline, (t, near) => {
    // Leaks of both signs: tails that add to the sum at their largest, those that take from it at their least.
    const leak = (sign: number): number =>
      near.reduce((sum, { at, change }) => {
        const z = lambda * Math.abs(t - at);
        return sum + sign * change * (sign * change > 0 ? tail(z) : leastTail(z));
      }, 0);
    most = Math.max(most, leak(1), leak(-1));
  });
  const far = farTail(largestChange(spline), (distance) => tail(lambda * distance));
  return ((most + far) / lambda) * UP;
};

/** Lipschitz constant of the realisation within `error` of the integers of the domain. */
export const splineLipschitz = (
  spline: Spline,
  { slope: derivative, slopeTail }: ActivationFacts,
  lambda: number,
  error: number,
): number => {
  // |g' − 1[x > 0]| this far from a kink; close to it, all that g' can be off.
  const tail = (distance: number): number => {
    const z = lambda * (distance - error);
    return z < 1 ? derivative.hi : slopeTail(z);
  };
  const slopes = slopesBefore(spline);
  let most = Math.abs(spline.slope);
  eachNear(spline, (t, near) => {
    const slope = slopes(t);
    // A kink at t itself is passed through with any g'.
    const here = near.find(({ at }) => at === t)?.change ?? 0;
    const steepest = Math.max(Math.abs(slope + derivative.lo * here), Math.abs(slope + derivative.hi * here));
    const beside = near.reduce(
      (sum, { at, change }) => sum + (at === t ? 0 : Math.abs(change) * tail(Math.abs(t - at))),
      0,
    );
    most = Math.max(most, steepest + beside);
  });
  return (most + farTail(largestChange(spline), tail)) * UP;
};

/** The slope just before t, for t asked in increasing order. */
const slopesBefore = ({ slope, kinks }: Spline): ((t: number) => number) => {
  let [current, next] = [slope, 0];
  return (t) => {
    while (next < kinks.length && kinks[next]!.at < t) current += kinks[next++]!.change;
    return current;
  };
};
