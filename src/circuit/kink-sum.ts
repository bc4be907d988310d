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

/** 1[t ≥ 0] for |t| ≥ margin: up from 0 at t = −margin/2 to 1 at t = margin/2. */
export const rampKinks = (facts: ActivationFacts, margin: number, path: string): KinkSum => ({
  key: String(margin),
  kinks: [
    { scale: 1 / margin, offset: 1 / 2, change: 1 },
    { scale: 1 / margin, offset: -1 / 2, change: -1 },
  ],
  lipschitz: 1 / margin,
  error: (lambda) => rampError(facts, lambda),
  drift: (lambda, error) => rampDrift(facts, lambda, error / margin, path),
});

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
