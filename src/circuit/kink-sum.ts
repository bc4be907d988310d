/**
 * Σ change · ReLU(scale · t + offset): what makes comparisons and functions of integers, up to a line. With g(λ·)/λ in
 * place of ReLU it has an error of its own, and moves with the error of t.
 */
import type { ActivationFacts } from './activation.ts';
import { rampDrift, rampError, splineDrift } from './errors.ts';
import { shifted, type StreamForm } from './forms.ts';
import type { UnitChannel } from './node.ts';
import { splineError, type Spline } from './spline.ts';

export interface KinkSum {
  /** Tells it from other sums over the same t. */
  readonly key: string;
  readonly kinks: readonly { readonly scale: number; readonly offset: number; readonly change: number }[];
  /** |change| ≤ lipschitz · |change of t|, of the value meant. */
  readonly lipschitz: number;
  readonly error: (lambda: number) => number;
  /** `error`: that of t. */
  readonly drift: (lambda: number, error: number) => number;
}

/** The kinks of a spline. Its drift is that of the whole spline, line included. */
export const splineKinks = (facts: ActivationFacts, spline: Spline, path: string): KinkSum => ({
  key: spline.kinks.map(({ at, change }) => `${at}:${change}`).join(' '),
  kinks: spline.kinks.map(({ at, change }) => ({ scale: 1, offset: -at, change })),
  lipschitz: spline.lipschitz,
  error: (lambda) => splineError(spline, facts, lambda),
  drift: (lambda, error) => splineDrift(spline, facts, lambda, error, path),
});

/** The power of two at or below a positive number. */
export const powerBelow = (x: number): number => {
  const power = 2 ** Math.floor(Math.log2(x));
  return power > x ? power / 2 : power;
};

/** 1[t ≥ 0] for |t| ≥ margin: up from 0 to 1 between −α/2 and α/2, α the power of two below, which weights divide exactly. */
export const rampKinks = (facts: ActivationFacts, margin: number, path: string): KinkSum => {
  const scale = 1 / powerBelow(margin);
  const least = margin * scale;
  return {
    key: `${scale} ${least}`,
    kinks: [
      { scale, offset: 1 / 2, change: 1 },
      { scale, offset: -1 / 2, change: -1 },
    ],
    lipschitz: scale,
    error: (lambda) => rampError(facts, lambda, least),
    drift: (lambda, error) => rampDrift(facts, lambda, least, error * scale, path),
  };
};

/** One for each kink; `form` is t. */
export const channelsOf = (
  { kinks }: KinkSum,
  form: StreamForm,
  one: number,
  lambda: number,
): Omit<UnitChannel, 'gate'>[] =>
  kinks.map(({ scale, offset, change }) => ({
    x: shifted(form, lambda * scale, one, lambda * offset),
    weight: change / lambda,
  }));
