import { expect, it } from 'vitest';
import { emulatedArithmetic } from '../../src/arithmetic/emulated.ts';
import { formatByName } from '../../src/arithmetic/format.ts';
import { randomStream } from '../../src/arithmetic/testing.ts';
import { evaluate } from '../../src/lemma/quantities.ts';
import { sizesOf } from '../../src/network/size.ts';
import { productBlock, productStream } from './L2.gate.ts';
import { output } from './testing.ts';

const at = productStream.at('product');

it('is the product, to all digits', () => {
  expect(output(productBlock(), [0.75, -2.5, 0], at)).toBe('-1.875');
  expect(output(productBlock(), [300, 0.0009765625, 0], at)).toBe('0.29296875');
  expect(output(productBlock(), [0, 5, 0], at)).toBe('0');
});

it('has 4 channels with weights ±1, and reads no state', () => {
  const { dInner, stateRead, largestWeight, parametersNonzero } = sizesOf(productBlock(), 1);
  expect({ dInner, stateRead, largestWeight }).toEqual({ dInner: 4, stateRead: 0, largestWeight: 1 });
  // x, z, convolution, D and output: one each per channel.
  expect(parametersNonzero).toBe(20);
});

it('leaves a few units of relative error in any precision', () => {
  const random = randomStream(1);
  for (const p of [3, 4, 8, 11, 24]) {
    const A = emulatedArithmetic(formatByName(`p${p}`)!);
    const multiply = evaluate(productBlock(), A, at);
    for (let trial = 0; trial < 300; trial++) {
      const [a, b] = [8 * random() - 4, 8 * random() - 4].map((x) => A.from(x));
      const error = Math.abs(multiply([a!, b!, 0]) / (a! * b!) - 1);
      expect(error).toBeLessThanOrEqual((1 + 2 ** -p) ** 10 - 1);
    }
  }
});
