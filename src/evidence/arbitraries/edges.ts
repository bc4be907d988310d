import fc from 'fast-check';
import type { IntegerAxis, RealAxis } from '../../claim/domain.ts';

/** The special points of an axis: its ends, and 0, ±1 and the middle where they lie inside. */
export const edgesOf = ({ kind, lo, hi }: RealAxis | IntegerAxis): number[] => {
  const middle = kind === 'integer' ? Math.floor((lo + hi) / 2) : lo / 2 + hi / 2;
  return [...new Set([lo, hi, 0, 1, -1, middle])].filter((x) => x >= lo && x <= hi);
};

export const edges = (axis: RealAxis | IntegerAxis): fc.Arbitrary<number> => fc.constantFrom(...edgesOf(axis));
