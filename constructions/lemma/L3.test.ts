import { describe, expect, it } from 'vitest';
import { Rational } from '../../src/arithmetic/rational.ts';
import { selectNetwork, selectSteepness } from './L3.ts';
import { exact, exactly, output } from './testing.ts';

describe('with ReLU', () => {
  it('is exact from |t| = α on, at the largest values too', () => {
    const K = selectSteepness(exact('3'), exact('0.5'));
    for (const x of [-3, 0.5, 3])
      for (const y of [-3, -1, 3])
        for (const t of [0.5, 0.75, 100]) {
          expect(exactly(selectNetwork('relu', 4, K), [x, y, t])).toBe(x);
          expect(exactly(selectNetwork('relu', 4, K), [x, y, -t])).toBe(y);
        }
  });
  it('is not, below α', () => {
    expect(exactly(selectNetwork('relu', 4, 6), [-3, 1, 0.25])).not.toBe(-3);
  });
});

it('takes a K that is not below M/α', () => {
  const [M, alpha] = [exact('1'), exact('0.3')];
  const K = Rational.fromNumber(selectSteepness(M, alpha));
  expect(K.mul(alpha).compare(M)).toBeGreaterThan(0);
  expect(K.mul(alpha).sub(M).toNumber()).toBeLessThan(2 ** -50);
});

/** mpmath: λ = 8, K = 2, (x, y, t) = (1/2, −3/4, 1/2). */
it.each([
  ['silu', '0.5006600288249812219'],
  ['gelu', '0.50000000000000124419'],
  ['softplus', '0.49991702037200744736'],
] as const)('%s: four activations', (g, value) => {
  expect(output(selectNetwork(g, 8, 2), [0.5, -0.75, 0.5])).toBe(value);
});
