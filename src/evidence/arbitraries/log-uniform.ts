import fc from 'fast-check';
import { between, uniform } from './uniform.ts';

/** Uniform in log x on [lo, hi], 0 < lo. Shrinks towards lo. */
export const logUniform = (lo: number, hi: number): fc.Arbitrary<number> =>
  uniform(0, 1).map((fraction) => Math.min(hi, Math.max(lo, Math.exp(between(Math.log(lo), Math.log(hi), fraction)))));
