import fc from 'fast-check';
import type { AnyPoint, Axis, Domain, IntegerAxis, RealAxis } from '../../claim/domain.ts';
import { edges } from './edges.ts';
import { logUniform } from './log-uniform.ts';
import { nearEnds } from './near.ts';
import { uniform } from './uniform.ts';

const scalar = (axis: RealAxis | IntegerAxis): fc.Arbitrary<number> => {
  const { lo, hi } = axis;
  if (axis.kind === 'integer') return fc.oneof(edges(axis), fc.noBias(fc.integer({ min: lo, max: hi })));
  const spread = axis.scale === 'log' ? logUniform(lo, hi) : uniform(lo, hi);
  return fc.oneof({ withCrossShrink: true }, edges(axis), spread, nearEnds(lo, hi));
};

/**
 * Values of one axis. Vectors come as independent entries, as entries at the ends only, and as one value repeated:
 * independent entries alone almost never come near a worst case, which has all of them at an end.
 */
export const axisArbitrary = (axis: Axis): fc.Arbitrary<number | number[]> => {
  if (axis.kind !== 'vector') return scalar(axis);
  const { entry, length } = axis;
  const sized = { minLength: length, maxLength: length };
  const one = scalar(entry);
  return fc.oneof(
    { withCrossShrink: true },
    one.map((x) => new Array<number>(length).fill(x)),
    fc.array(fc.constantFrom(entry.lo, entry.hi), sized),
    fc.array(one, sized),
  );
};

/** Points of a domain. */
export const pointArbitrary = (domain: Domain): fc.Arbitrary<AnyPoint> =>
  fc.record(Object.fromEntries(Object.entries(domain).map(([name, axis]) => [name, axisArbitrary(axis)])));
