/**
 * L6: any one-hidden-layer SiLU MLP inside a Mamba block: C ≡ 0, D = 1, convolution = the current tap, so that
 *
 *   block(x) = W_o [SiLU(W_x x) ⊙ SiLU(W_z x)]
 *
 * and a gate of 1 leaves the MLP. Two gates:
 *   'pair'  SiLU(1) − SiLU(−1) = 1: two channels per hidden unit, exact with weights ±1.
 *   'z0'    SiLU(z₀) = 1: one channel per hidden unit; z₀ = 1 + W(1/e) is irrational, and its double leaves an error of
 *           |SiLU(z₀) − 1| < 2^−53 relative to the hidden layer's part of the output.
 * Source: docs/theory.md §4, L6.
 */
import { Fields } from '../../src/network/fields.ts';
import type { Linear, MambaBlock, Sequential } from '../../src/network/layer.ts';
import { memorylessBlock } from '../../src/network/mamba-builder.ts';
import type { Form, Matrix } from '../../src/network/matrix.ts';
import { Z0 } from '../copy/T2.block.ts';

export const GATES = ['pair', 'z0'] as const;
export type ConstantGate = (typeof GATES)[number];

/** Weights on the constant 1 whose SiLUs, weighed by their signs, add up to 1. */
const GATE_WEIGHTS: Readonly<Record<ConstantGate, readonly (readonly [weight: number, sign: number])[]>> = {
  pair: [
    [1, 1],
    [-1, -1],
  ],
  z0: [[Z0, 1]],
};

/** The stream: the MLP's input x, the constant 1, and the output y that the block writes. */
export const mlpStream = (inputs: number, outputs: number): Fields<'x' | 'one' | 'y'> =>
  new Fields({ x: inputs, one: 1, y: outputs });

/** A matrix row by row, as forms of its columns. */
const formsOf = ({ rows, starts, indices, values }: Matrix): Form[] =>
  Array.from({ length: rows }, (_, row) => {
    const [from, to] = [starts[row]!, starts[row + 1]!];
    return Array.from(values.subarray(from, to), (w, e) => [indices[from + e]!, w] as const);
  });

/** The block that computes a SiLU MLP (linear, SiLU, linear). */
export const mlpInMamba = ({ layers }: Sequential, gate: ConstantGate): MambaBlock => {
  const [first, activation, second] = layers;
  if (first?.kind !== 'linear' || activation?.kind !== 'activation' || second?.kind !== 'linear')
    throw new TypeError('expected an MLP of one hidden layer');
  if (activation.function !== 'silu') throw new TypeError(`expected SiLU, got ${activation.function}`);
  return blockOf(first, second, gate);
};

const blockOf = (first: Linear, second: Linear, gate: ConstantGate): MambaBlock => {
  const stream = mlpStream(first.weight.columns, second.weight.rows);
  const one = stream.at('one');
  const inputs = formsOf(first.weight).map((form, h): Form => [
    ...form.map(([i, w]) => [stream.at('x', i), w] as const),
    ...(first.bias ? [[one, first.bias[h]!] as const] : []),
  ]);
  const outputs = inputs.map((): [number, number][] => []);
  formsOf(second.weight).forEach((form, k) => form.forEach(([h, w]) => outputs[h]!.push([stream.at('y', k), w])));
  const block = memorylessBlock(
    stream.width,
    inputs.flatMap((x, h) =>
      GATE_WEIGHTS[gate].map(([weight, sign]) => ({
        x,
        gate: [[one, weight]],
        out: outputs[h]!.map(([k, w]) => [k, sign * w]),
      })),
    ),
  );
  if (!second.bias) return block;
  const outBias = new Float64Array(stream.width);
  second.bias.forEach((b, k) => (outBias[stream.at('y', k)] = b));
  return { ...block, outBias };
};
