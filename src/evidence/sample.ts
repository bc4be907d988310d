/** Property-based cases: fast-check draws instances, checks the relation, and shrinks what violates it. */
import fc from 'fast-check';
import type { AnyPoint, Domain } from '../claim/domain.ts';
import { pointArbitrary } from './arbitraries/axis.ts';

export interface SampleOptions {
  readonly seed: number;
  readonly cases: number;
  /** Replays one case of an earlier run. */
  readonly path?: string;
}

export interface Sampled {
  /** Every case drawn with its quantity, in order; the shrinking steps are not among them. */
  readonly cases: readonly { readonly point: AnyPoint; readonly value: number }[];
  /** The shrunk violation, if any. */
  readonly counterexample?: { readonly point: AnyPoint; readonly value: number; readonly path: string };
}

/** Draws cases until one violates, or all are drawn. */
export const sample = (
  domain: Domain,
  measure: (point: AnyPoint) => number,
  violates: (value: number) => boolean,
  { seed, cases, path }: SampleOptions,
): Sampled => {
  const drawn: { point: AnyPoint; value: number }[] = [];
  let failed = false;
  const property = fc.property(pointArbitrary(domain), (point) => {
    const value = measure(point);
    if (!failed) drawn.push({ point, value });
    failed ||= violates(value);
    return !violates(value);
  });
  const result = fc.check(property, { seed, numRuns: cases, ...(path !== undefined && { path }) });
  if (!result.failed || !result.counterexample) return { cases: drawn };
  const point = result.counterexample[0];
  return { cases: drawn, counterexample: { point, value: measure(point), path: result.counterexamplePath ?? '' } };
};
