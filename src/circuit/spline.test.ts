import { describe, expect, it } from 'vitest';
import { doubleDoubles } from '../arithmetic/double-double.ts';
import { Rational } from '../arithmetic/rational.ts';
import { randomStream } from '../arithmetic/testing.ts';
import { ACTIVATIONS, type CircuitActivation } from './activation.ts';
import {
  levelled,
  splineError,
  splineLipschitz,
  splineThrough,
  stairs,
  stepSpline,
  zeroSpline,
  type Spline,
} from './spline.ts';

const exact = (x: number): Rational => Rational.fromNumber(x);

/** base + slope·(t − lo) + Σ c ReLU(t − k), exactly. */
const valueAt = ({ base, slope, lo, kinks }: Spline, t: number): Rational =>
  kinks.reduce(
    (sum, { at, change }) => (t > at ? sum.add(exact(change).mul(exact(t).sub(exact(at)))) : sum),
    exact(base).add(exact(slope).mul(exact(t).sub(exact(lo)))),
  );
/** The same with g(λ·)/λ, of about 30 digits. */
const realised = ({ base, slope, lo, kinks }: Spline, g: CircuitActivation, lambda: number, t: number): Rational => {
  const A = doubleDoubles;
  const [at, steepness] = [A.from(t), A.from(lambda)];
  const line = A.add(A.from(base), A.mul(A.from(slope), A.sub(at, A.from(lo))));
  const sum = kinks.reduce(
    (so, kink) => A.add(so, A.mul(A.from(kink.change), A[g](A.mul(steepness, A.sub(at, A.from(kink.at)))))),
    A.zero,
  );
  return A.bounds(A.add(line, A.div(sum, steepness)))!.lo;
};

const domain = ({ lo, hi }: Spline): number[] => Array.from({ length: hi - lo + 1 }, (_, at) => lo + at);
const random = randomStream(3);
const table = (length: number, integer: boolean): number[] =>
  Array.from({ length }, () => (integer ? Math.floor(random() * 9) - 4 : 10 * random() - 5));

const SPLINES: Readonly<Record<string, Spline>> = {
  'a step': stepSpline(-6, 9),
  'a step at the end': stepSpline(-5, 0),
  'an indicator': zeroSpline(-7, 7),
  'an indicator at the start': zeroSpline(0, 4),
  'an indicator at the end': zeroSpline(-4, 0),
  'an indicator beside the end': zeroSpline(-4, 1),
  'stairs of 2': stairs(-3, 12, -2, [-2, 0, 2, 4, 6, 8, 10, 12]),
  'stairs of 5': stairs(-3, 14, -1, [0, 5, 10]),
  'a table of integers': splineThrough(-2, table(12, true)),
  'a table of numbers': splineThrough(3, table(15, false)),
  'a table of two': splineThrough(0, [1.5, -2]),
};
const FORMS = Object.entries(SPLINES).flatMap(([name, spline]) => [
  [name, spline] as const,
  [`${name}, levelled`, levelled(spline)] as const,
]);

describe('values', () => {
  const meant: Readonly<Record<string, (t: number) => number>> = {
    'a step': (t) => (t >= 0 ? 1 : 0),
    'a step at the end': (t) => (t >= 0 ? 1 : 0),
    'an indicator': (t) => (t === 0 ? 1 : 0),
    'an indicator at the start': (t) => (t === 0 ? 1 : 0),
    'an indicator at the end': (t) => (t === 0 ? 1 : 0),
    'an indicator beside the end': (t) => (t === 0 ? 1 : 0),
    'stairs of 2': (t) => Math.floor(t / 2),
    'stairs of 5': (t) => Math.floor(t / 5),
  };
  it.each(Object.keys(meant))('of %s, levelled or not', (name) => {
    for (const spline of [SPLINES[name]!, levelled(SPLINES[name]!)]) {
      expect(domain(spline).map((t) => valueAt(spline, t).toNumber())).toEqual(domain(spline).map(meant[name]!));
      const values = domain(spline).map(meant[name]!);
      expect([spline.least, spline.greatest]).toEqual([Math.min(...values), Math.max(...values)]);
      expect(spline.lipschitz).toBe(1);
    }
  });
  it.each([
    [1, 5],
    [2, 5],
    [-5, -1],
    [3, 3],
  ])('of indicators are 0 where 0 is not in %d … %d', (lo, hi) => {
    const spline = zeroSpline(lo, hi);
    for (const t of domain(spline)) expect(valueAt(spline, t).toNumber()).toBe(0);
  });
  it('do not change within a quarter of an integer where levelled', () => {
    for (const spline of Object.values(SPLINES).map(levelled))
      for (const t of domain(spline))
        for (const offset of [-0.25, 0.25]) expect(valueAt(spline, t + offset).compare(valueAt(spline, t))).toBe(0);
  });
});

describe('what rounding loses of a table', () => {
  it('is known exactly', () => {
    for (const length of [2, 3, 10, 60]) {
      const values = table(length, false).map((x) => x * 10 ** (4 * random()));
      const spline = splineThrough(-1, values);
      const losses = (s: Spline): number =>
        domain(s).reduce((most, t, at) => Math.max(most, valueAt(s, t).sub(exact(values[at]!)).abs().toNumber()), 0);
      expect(spline.loss).toBeGreaterThanOrEqual(losses(spline));
      expect(spline.loss).toBeLessThanOrEqual(losses(spline) * (1 + 1e-8));
      expect(levelled(spline).loss).toBeGreaterThanOrEqual(losses(levelled(spline)));
    }
  });
  it('is nothing of integers', () => {
    const spline = splineThrough(0, table(40, true));
    expect([spline.loss, levelled(spline).loss]).toEqual([0, 0]);
  });
});

describe.each(['silu', 'gelu', 'relu'] as const)('in %s', (g) => {
  const facts = ACTIVATIONS[g];

  it.each([4, 8, 32])('errs at integers by its bound, nearly, at λ = %d', (lambda) => {
    for (const [name, spline] of FORMS) {
      const bound = splineError(spline, facts, lambda);
      const errors = domain(spline).map((t) => realised(spline, g, lambda, t).sub(valueAt(spline, t)).abs().toNumber());
      const worst = Math.max(...errors);
      // Double-doubles of size 100 are rounded.
      if (worst > bound + 1e-27) throw new Error(`${name}: ${worst}, not ${bound}`);
      if (worst > 1e-25 && g === 'silu') expect(bound / worst).toBeLessThan(2);
    }
  });

  it.each([4, 16, 64])('moves no faster than its Lipschitz constant within its reach, at λ = %d', (lambda) => {
    for (const [name, spline] of FORMS) {
      let fastest = 0;
      for (const error of [0.01, spline.reach / 2, spline.reach]) {
        const bound = splineLipschitz(spline, facts, lambda, error);
        for (const t of domain(spline)) {
          const there = realised(spline, g, lambda, t);
          for (const part of [-1, -0.7, -0.05, 0.05, 0.7, 1]) {
            const x = t + part * error;
            const speed = realised(spline, g, lambda, x).sub(there).abs().toNumber() / Math.abs(x - t);
            if (speed > bound * (1 + 1e-9) + 1e-20) throw new Error(`${name} near ${t}: ${speed}, not ${bound}`);
            if (error === spline.reach) fastest = Math.max(fastest, speed / bound);
          }
        }
      }
      if (spline.reach === 0.25) expect(fastest).toBeGreaterThan(0.4);
    }
  });
});

it('reaches as far as promised: sharp to a quarter, levelled to an eighth', () => {
  expect(stepSpline(-3, 3).reach).toBe(1 / 4);
  expect(levelled(stepSpline(-3, 3)).reach).toBe(1 / 8);
});

it('counts the tails of all kinks, near and far', () => {
  // Alternating kinks cancel; those of a parabola add up, and the far ones are bounded by a geometric series.
  const parabola = splineThrough(
    0,
    Array.from({ length: 40 }, (_, t) => t * t),
  );
  const facts = ACTIVATIONS.silu;
  for (const lambda of [0.5, 1, 4]) {
    const leaks = domain(parabola).map((t) =>
      realised(parabola, 'silu', lambda, t).sub(valueAt(parabola, t)).abs().toNumber(),
    );
    expect(splineError(parabola, facts, lambda)).toBeGreaterThanOrEqual(Math.max(...leaks));
  }
});

it('counts all kinks in Lipschitz constants, too', () => {
  const zigzag = splineThrough(
    0,
    Array.from({ length: 41 }, (_, t) => t % 2),
  );
  const { slope, slopeTail } = ACTIVATIONS.silu;
  for (const lambda of [1, 2, 4]) {
    // In the middle, with the kink there passed through and all others off by what they can be.
    let most = 1 - 2 * slope.lo;
    for (let distance = 1; distance < 20; distance++) {
      const z = lambda * (distance - 0.1);
      most += 4 * (z < 1 ? slope.hi : slopeTail(z));
    }
    expect(splineLipschitz(zigzag, ACTIVATIONS.silu, lambda, 0.1)).toBeGreaterThan(most);
  }
});
