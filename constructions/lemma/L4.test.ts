import { describe, expect, it } from 'vitest';
import { emulatedArithmetic } from '../../src/arithmetic/emulated.ts';
import { formatByName } from '../../src/arithmetic/format.ts';
import { randomStream } from '../../src/arithmetic/testing.ts';
import { evaluate } from '../../src/lemma/quantities.ts';
import { powerOfTwoAbove } from '../../src/network/activation.ts';
import { lambdaForRelu, transferBound } from './L1.ts';
import { EXTREMA, extremumNetwork } from './L4.ts';
import { exact, exactly, output } from './testing.ts';

it.each([
  [0.5, -2],
  [-2, 0.5],
  [1, 1],
  [-3, -3.5],
  [0, 0],
])('with ReLU, min, max and abs of %d and %d are exact', (a, b) => {
  expect(exactly(extremumNetwork('min', 'relu', 8), [a, b])).toBe(Math.min(a, b));
  expect(exactly(extremumNetwork('max', 'relu', 8), [a, b])).toBe(Math.max(a, b));
  expect(exactly(extremumNetwork('abs', 'relu', 8), [a])).toBe(Math.abs(a));
});

/** mpmath: λ = 8, min(1/2, −1/4) and |−1/4|. */
it.each([
  ['silu', '-0.24814553263252391925', '0.19039853898894122203'],
  ['gelu', '-0.24999999926005926622', '0.2386249340259103964'],
  ['softplus', '-0.25030946064221630619', '0.28173200276074312411'],
] as const)('%s: min and abs', (g, min, abs) => {
  expect(output(extremumNetwork('min', g, 8), [0.5, -0.25])).toBe(min);
  expect(output(extremumNetwork('abs', g, 8), [-0.25])).toBe(abs);
});

describe('in a format, with the next power of two as λ', () => {
  const eps = exact('0.02');
  const lambda = powerOfTwoAbove(lambdaForRelu('silu', eps, 2));

  /**
   * λ and 1/λ are exact. A term g(λx)/λ with |x| ≤ 2M has the 4 roundings of g (see L0) and one of its argument, which moves
   * g by at most 1.1u|x|; at most 3 terms, whose sums add 2 roundings: 8 units of 2M for each term.
   */
  it.each(['fp32', 'bf16', 'fp16', 'p5'])('%s errs by ε and a few roundings', (name) => {
    const format = formatByName(name)!;
    const A = emulatedArithmetic(format);
    const random = randomStream(1);
    const M = 2;
    const limit = transferBound('silu', exact(String(lambda)), 2).toNumber() + 3 * 8 * (2 * M) * 2 ** -format.p;
    for (const form of EXTREMA) {
      const run = evaluate(extremumNetwork(form, 'silu', lambda), A);
      for (let trial = 0; trial < 200; trial++) {
        const [a, b] = [M * (2 * random() - 1), M * (2 * random() - 1)].map((x) => A.from(x)) as [number, number];
        const value = form === 'abs' ? Math.abs(a) : Math[form](a, b);
        expect(Math.abs(run(form === 'abs' ? [a] : [a, b]) - value)).toBeLessThanOrEqual(limit);
      }
    }
  });
});
