import { describe, expect, it } from 'vitest';
import { sizesOf } from '../../src/network/size.ts';
import { mlp, type Linear } from '../../src/network/layer.ts';
import { matrixFromDense } from '../../src/network/matrix.ts';
import { GATES, mlpInMamba, mlpStream } from './L6.ts';
import { output } from './testing.ts';

const first: Linear = {
  kind: 'linear',
  weight: matrixFromDense(3, 2, [1, -2, 0.5, 0, -1, 1]),
  bias: Float64Array.of(0.5, 0, -1),
};
const second: Linear = {
  kind: 'linear',
  weight: matrixFromDense(2, 3, [1, 2, -1, 0, 0.25, 3]),
  bias: Float64Array.of(-0.125, 2),
};
const { bias: _first, ...firstWithout } = first;
const { bias: _second, ...secondWithout } = second;

describe.each([
  ['with biases', mlp(first, 'silu', second)],
  ['without', mlp(firstWithout, 'silu', secondWithout)],
])('%s', (_, network) => {
  const stream = mlpStream(2, 2);
  const token = [0.75, -0.5];
  const outputs = (gate: (typeof GATES)[number]): string[] =>
    [0, 1].map((k) => output(mlpInMamba(network, gate), [...token, 1, 0, 0], stream.at('y', k)));
  const expected = [0, 1].map((k) => output(network, token, k));

  it('is the MLP to all digits with a pair of gates', () => {
    expect(outputs('pair')).toEqual(expected);
  });
  it('is the MLP to 2^−53 with the gate z₀', () => {
    outputs('z0').forEach((y, k) => {
      expect(y).not.toBe(expected[k]);
      expect(Math.abs(Number(y) / Number(expected[k]) - 1)).toBeLessThan(2 ** -51);
    });
  });
  it('writes nothing but y', () => {
    expect(output(mlpInMamba(network, 'pair'), [...token, 1, 0, 0], stream.at('x'))).toBe('0');
  });
});

it.each([
  ['pair', 6],
  ['z0', 3],
] as const)('%s has %d channels', (gate, channels) => {
  expect(sizesOf(mlpInMamba(mlp(first, 'silu', second), gate), 1).dInner).toBe(channels);
});

it('takes one hidden layer of SiLU only', () => {
  expect(() => mlpInMamba(mlp(first, 'gelu', second), 'pair')).toThrow('expected SiLU, got gelu');
  expect(() => mlpInMamba({ kind: 'sequential', layers: [first] }, 'pair')).toThrow('one hidden layer');
});
