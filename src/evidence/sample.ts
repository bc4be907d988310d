/** Property-based cases: fast-check draws instances, has them judged, and shrinks what violates the relation. */
import fc from 'fast-check';
import type { AnyPoint, Domain } from '../claim/domain.ts';
import { pointArbitrary } from './arbitraries/axis.ts';
import type { Judgement } from './judge.ts';

export interface SampleOptions {
  readonly seed: number;
  readonly cases: number;
  /** Replays one case of an earlier run. */
  readonly path?: string;
}

export interface JudgedPoint extends Judgement {
  readonly point: AnyPoint;
}

export interface Sampled {
  /** Every case drawn, in order; the shrinking steps are not among them. */
  readonly cases: readonly JudgedPoint[];
  /** The shrunk violation, if any. */
  readonly counterexample?: { readonly point: AnyPoint; readonly value: number; readonly path: string };
}

/** Draws cases until one violates, or all are drawn. */
export const sample = (
  domain: Domain,
  judge: (point: AnyPoint) => Judgement,
  { seed, cases, path }: SampleOptions,
): Sampled => {
  const drawn: JudgedPoint[] = [];
  let failed = false;
  const property = fc.property(pointArbitrary(domain), (point) => {
    const judgement = judge(point);
    if (!failed) drawn.push({ ...judgement, point });
    const violates = judgement.verdict === 'refuted';
    failed ||= violates;
    return !violates;
  });
  const result = fc.check(property, path === undefined ? { seed, numRuns: cases } : { seed, numRuns: 1, path });
  if (!result.failed || !result.counterexample) return { cases: drawn };
  const point = result.counterexample[0];
  return { cases: drawn, counterexample: { point, value: judge(point).value, path: result.counterexamplePath ?? '' } };
};
