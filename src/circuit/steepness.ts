/** The constants λ of a circuit's units: as steep as ε asks, no steeper, since steeper units round more. */
import { InputError } from '../input-error.ts';
import type { Unit } from './node.ts';
import { NodeErrors } from './node-errors.ts';
import { sizeOf } from './ranges.ts';
import type { Setting } from './setting.ts';

/** The steepest that units are made. */
const LARGEST_LAMBDA = 2 ** 200;
/** Steepness is a power of two from here on: tails are small, and λt is exact for integers. */
const LEAST_LAMBDA = 4;
/** Halvings of the tolerance of a unit before a circuit is given up. */
const MOST_HALVINGS = 400;

export interface Steepness {
  readonly lambda: (unit: Unit) => number;
  /** The largest error of an output that it leaves, without rounding. */
  readonly approximation: number;
}

/** The least steepness for which approximation stays below `allowed`, the same tolerance for every unit. */
export const steepnessFor = (setting: Setting, allowed: number): Steepness => {
  const { units, outputs } = setting.plan;
  let failure: InputError | undefined;
  let tolerance = allowed;
  for (let halving = 0; halving < MOST_HALVINGS; halving++, tolerance /= 2) {
    const lambdas = new Map(units.map((unit) => [unit, lambdaFor(unit, tolerance, setting)]));
    const lambda = (unit: Unit): number => lambdas.get(unit)!;
    const approximation = attempt(() => approximationOf(setting, lambda));
    if (approximation instanceof InputError) failure = approximation;
    else if (approximation <= allowed) return { lambda, approximation };
    else failure = undefined;
    if (units.every((unit) => lambda(unit) >= LARGEST_LAMBDA)) break;
  }
  if (failure) throw failure;
  const [name] = outputs.keys();
  throw new InputError('eps', `above what weights that are doubles can reach (${name})`, `a share of ${allowed}`);
};

/** How steep units are where nothing is asked of their error: what they leak alone is below this. */
const UNASKED = 2 ** -10;

/** Steepness for a circuit whose error is not bounded: each unit as if its operands had none, integers saturated. */
export const unaskedSteepness = (setting: Setting): Steepness => ({
  lambda: (unit) => Math.max(lambdaFor(unit, UNASKED, setting), unit.integer && !unit.exact ? setting.shape.gate : 0),
  approximation: Infinity,
});

/** The largest error of an output without rounding. */
const approximationOf = ({ plan }: Setting, lambda: (unit: Unit) => number): number => {
  const { of } = new NodeErrors(plan, { lambda, rounding: () => 0 }, () => 0).settle();
  return [...plan.outputs.values()].flat().reduce((most, node) => Math.max(most, of(node)), 0);
};

const lambdaFor = (unit: Unit, tolerance: number, { shape, format }: Setting): number => {
  if (unit.exact) return shape.identity(unit, sizeOf(unit));
  // In narrow formats integers stay exact where σ saturates.
  let lambda = unit.integer && format.p < 53 ? shape.gate : LEAST_LAMBDA;
  while (unit.approximation(lambda, () => 0) > tolerance && lambda < LARGEST_LAMBDA) lambda *= 2;
  return lambda;
};

/** What `make` returns, or the InputError that it throws: a function may need arguments known better than they are. */
export const attempt = <T>(make: () => T): T | InputError => {
  try {
    return make();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
};
