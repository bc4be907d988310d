import { describe, expect, it } from 'vitest';
import { emulatedArithmetic } from '../arithmetic/emulated.ts';
import { float64 } from '../arithmetic/float64.ts';
import { formatByName } from '../arithmetic/format.ts';
import { compileCircuit } from './compile.ts';
import { add, constant, field, input, integer, onehot, real } from './expression.ts';
import { CircuitRunner, runCircuit } from './run.ts';

const built = compileCircuit({
  inputs: { x: real(-1, 1), k: integer(0, 2) },
  fields: { hot: onehot(input('k'), 0, 2), y: add(input('x'), field('hot', 1)) },
  eps: 1e-9,
});
const rounded = (column: ArrayLike<number>): number[] => Array.from(column, (x) => Math.round(x * 1e6) / 1e6 + 0);

describe('columns', () => {
  it('hold every component of a field, token by token', () => {
    const { y, hot } = runCircuit(built, float64, { x: [0.5, -1, 0], k: [1, 0, 2] });
    expect(rounded(y!)).toEqual([1.5, -1, 0]);
    expect(rounded(hot!)).toEqual([0, 1, 0, 1, 0, 0, 0, 0, 1]);
  });
  it('longer than a chunk are those of single tokens', () => {
    const length = 10_000;
    const x = Array.from({ length }, (_, t) => Math.sin(t));
    const k = Array.from({ length }, (_, t) => t % 3);
    const { y, hot } = runCircuit(built, float64, { x, k });
    const runner = new CircuitRunner(built, float64);
    for (const t of [0, 1, 3639, 3640, 3641, 7281, length - 1]) {
      const one = runner.one({ x: x[t]!, k: k[t]! });
      expect([y![t], hot![3 * t + 2]]).toEqual([one('y'), one('hot', 2)]);
    }
  });
  it('of no tokens are empty', () => {
    expect(runCircuit(built, float64, { x: [], k: [] }).y).toHaveLength(0);
  });
  it('are cast into the format', () => {
    const A = emulatedArithmetic(formatByName('bf16')!);
    const coarse = compileCircuit({ inputs: { x: real(0, 1) }, fields: { y: input('x') }, eps: 0.1, format: 'bf16' });
    expect(runCircuit(coarse, A, { x: [0.1] }).y![0]).toBe(A.toNumber(A.from(0.1)));
  });
});

it('a circuit without inputs is one token', () => {
  const alone = compileCircuit({ inputs: {}, fields: { y: constant(3) }, eps: 1e-9 });
  expect(rounded(runCircuit(alone, float64, {}).y!)).toEqual([3]);
});

it('asks for every input, in columns of one length', () => {
  expect(() => runCircuit(built, float64, { x: [1] })).toThrow('expected input k to be given, got nothing');
  expect(() => runCircuit(built, float64, { x: [1, 0], k: [1] })).toThrow('columns of one length, got 2, 1');
});
