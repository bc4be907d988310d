import { expect, it } from 'vitest';
import { denseData } from '../../src/network/matrix.ts';
import type { Linear } from '../../src/network/layer.ts';
import { linearMap } from './L0.ts';
import { exactly, output } from './testing.ts';

/** (x, y, z) ↦ (2x − z, y/4). */
const rows = [
  [
    [0, 2],
    [2, -1],
  ],
  [[1, 0.25]],
] as const;

it('has two hidden units per input, and opposite weights behind them', () => {
  const { layers } = linearMap('silu', rows, 3);
  const [first, , second] = layers as [Linear, unknown, Linear];
  expect(Array.from(denseData(first.weight))).toEqual([1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1]);
  expect(Array.from(denseData(second.weight))).toEqual([2, -2, 0, 0, -1, 1, 0, 0, 0.25, -0.25, 0, 0]);
});

it('is the linear map', () => {
  const token = [0.75, -6, 3];
  expect([0, 1].map((at) => exactly(linearMap('relu', rows, 3), token, at))).toEqual([-1.5, -1.5]);
  for (const g of ['silu', 'gelu', 'softplus'] as const)
    expect([0, 1].map((at) => output(linearMap(g, rows, 3), token, at))).toEqual(['-1.5', '-1.5']);
});
