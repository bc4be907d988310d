/**
 * How far a function made of g(λx)/λ in place of ReLU(x) is from the function meant ("error"), and how far it moves where
 * its argument is off ("drift"): docs/theory.md §4, Composition.
 */
import { InputError } from '../input-error.ts';
import type { ActivationFacts } from './activation.ts';
import type { Choices, Errors, Unit } from './node.ts';
import { splineLipschitz, type Spline } from './spline.ts';

/** What the field of a unit adds to the error of what it is part of; drift apart. */
export const ownError = (unit: Unit, error: Errors, choices: Choices): number =>
  unit.approximation(choices.lambda(unit), error) + choices.rounding(unit);

/** Drifts are bounded only where arguments are known well enough. */
export const assertArgument = (error: number, reach: number, path: string): void => {
  if (!(error <= reach))
    throw new InputError(path, `a function of an argument known to ${reach}`, `an error of ${error}`);
};

/** |g(λx)/λ − ReLU(x)|, at integers or anywhere. */
export const kinkError = ({ kappa, tail }: ActivationFacts, lambda: number, integer: boolean): number =>
  (integer ? tail(lambda) : kappa) / lambda;

/** Where the maximum of ReLU − g lies below: 1.278 for SiLU, 0.752 for GELU. */
const PAST_MAXIMUM = 1.3;
/** sup of ReLU − g from z on: it falls beyond its maximum. */
export const tailFrom = ({ kappa, tail }: ActivationFacts, z: number): number => (z < PAST_MAXIMUM ? kappa : tail(z));

/** How far the argument of a kink may be from its integer for the kink to be bounded as one at integers. */
const KINK_REACH = 1 / 4;
/** For λ|x| below this, g' still lies in [0, 1] (SiLU to 1.278, GELU to 0.751). */
const MONOTONE = 0.75;

/**
 * The error of a value x + weight · ReLU(t), at a place where it has Lipschitz constant 1 in operands off by `incoming`,
 * with an argument t off by `argument`.
 */
export const throughKink = (
  facts: ActivationFacts,
  lambda: number,
  { integer, incoming, argument, weight }: KinkPassage,
): number => {
  const anywhere = incoming + (weight * facts.kappa) / lambda;
  if (!integer || argument > KINK_REACH) return anywhere;
  // Near an integer g' leaves [0, 1] by at most this much.
  const beside = facts.slopeTail(Math.max(1, lambda * (1 - argument)));
  const excess = Math.max(beside, lambda * argument <= MONOTONE ? 0 : -facts.slope.lo);
  return Math.min(anywhere, incoming * (1 + 2 * excess) + weight * kinkError(facts, lambda, true));
};
export interface KinkPassage {
  /** Whether t is meant to be an integer. */
  readonly integer: boolean;
  readonly incoming: number;
  readonly argument: number;
  readonly weight: number;
}

/** How far the realisation of a spline moves when its integer is off by `error`. */
export const splineDrift = (
  spline: Spline,
  facts: ActivationFacts,
  lambda: number,
  error: number,
  path: string,
): number => {
  if (error === 0) return 0;
  assertArgument(error, spline.reach, path);
  return splineLipschitz(spline, facts, lambda, error) * error;
};

/** How far z may be off where a real number that keeps away from 0 is compared with it by z, |z| ≥ 1. */
export const RAMP_REACH = 1 / 4;
/** [g(λ(z + ½)) − g(λ(z − ½))]/λ against 1[z > 0] for |z| ≥ least ≥ 1. */
export const rampError = ({ tail }: ActivationFacts, lambda: number, least: number): number =>
  tail(lambda * (least - 0.5)) / lambda;
/** How far it moves when z is off by `error`. */
export const rampDrift = (
  { slopeTail }: ActivationFacts,
  lambda: number,
  least: number,
  error: number,
  path: string,
): number => {
  if (error === 0) return 0;
  assertArgument(error, RAMP_REACH, path);
  return 2 * slopeTail(Math.max(1, lambda * (least - 0.5 - error))) * error;
};
