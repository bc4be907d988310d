import { expect, it } from 'vitest';
import { float64 } from './float64.ts';

it('silu is x·σ(x), also where it takes σ(x) for 1', () => {
  for (let x = -60; x <= 60; x += 1 / 64) expect(float64.silu(x)).toBe(x * float64.sigmoid(x));
  for (const x of [Infinity, 1e300, 0]) expect(float64.silu(x)).toBe(x * float64.sigmoid(x));
  expect(float64.silu(NaN)).toBeNaN();
});
