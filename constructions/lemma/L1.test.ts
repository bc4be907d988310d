import { describe, expect, it } from 'vitest';
import { KAPPA } from '../../src/network/activation.ts';
import { lambdaForRelu, reluNetwork, reluSum, transferBound } from './L1.ts';
import { exact, exactly, output } from './testing.ts';

/** mpmath: g(8·0.25)/8. */
it.each([
  ['silu', '0.22019926949447061101'],
  ['gelu', '0.2443124670129551982'],
  ['softplus', '0.26586600138037156206'],
] as const)('%s: g(λx)/λ', (g, value) => {
  expect(output(reluNetwork(g, 8), [0.25])).toBe(value);
});

describe('a sum of ReLUs', () => {
  // 3 ReLU(x − y) − ReLU(2y)/2
  const neurons = [
    {
      of: [
        [0, 1],
        [1, -1],
      ],
      weight: 3,
    },
    { of: [[1, 2]], weight: -0.5 },
  ] as const;

  it('is exact with ReLU, whatever λ', () => {
    for (const lambda of [0.25, 1, 64]) {
      expect(exactly(reluSum('relu', lambda, 2, neurons), [5, 1])).toBe(11);
      expect(exactly(reluSum('relu', lambda, 2, neurons), [-1, 1])).toBe(-1);
    }
  });
  it('errs by at most mass·κ_g/λ with g', () => {
    for (const g of ['silu', 'gelu', 'softplus'] as const) {
      const bound = transferBound(g, exact('4'), 3).toNumber();
      for (const [x, y, value] of [
        [0.5, 0.25, 0.5],
        [0, 0.25, -0.25],
        [0.3125, 0, 0.9375],
      ] as const)
        expect(Math.abs(Number(output(reluSum(g, 4, 2, neurons), [x, y])) - value)).toBeLessThanOrEqual(bound);
    }
  });
});

it('meets ε at the λ that suffices for it', () => {
  for (const g of ['silu', 'gelu', 'softplus'] as const) {
    const eps = exact('0.001');
    expect(transferBound(g, lambdaForRelu(g, eps, 2), 2).compare(eps)).toBe(0);
    expect(lambdaForRelu(g, eps).compare(KAPPA[g].mul(exact('1000')))).toBe(0);
  }
});
