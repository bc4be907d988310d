/** Smoothstep z²(3 − 2z) of z = clamp(x, 0, 1), doubled and bent: |2z²(3 − 2z) − 1|. Products of products, and kinks. */
import { abs, input, linear, max, min, mul, real } from '../../src/circuit/language.ts';

const z = min(max(input('x'), 0), 1);

export const smoothstep = {
  inputs: { x: real(-2, 3) },
  fields: { y: abs(linear([2, mul(mul(z, z), linear([3, 1], [-2, z]))], [-1, 1])) },
};
