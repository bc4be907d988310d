import { expect, it } from 'vitest';
import { castVector } from '../arithmetic/arithmetic.ts';
import { float64 } from '../arithmetic/float64.ts';
import { compileCircuit } from '../circuit/compile.ts';
import { add, ge, input, integer, lookup, mul, select } from '../circuit/expression.ts';
import { placeCircuit } from '../circuit/place.ts';
import { runCircuit } from '../circuit/run.ts';
import { compile } from './machine.ts';
import { denseData, matrixFromDense, relocated } from './matrix.ts';
import { Stack } from './stack.ts';

it('lays fields out one after the other, and tells layers the width that all of them take', () => {
  const stack = new Stack();
  const token = stack.fields({ x: 1, y: 2 });
  stack.add((width) => [
    { kind: 'linear', weight: matrixFromDense(width, width, new Float64Array(width * width).fill(1)) },
  ]);
  const late = stack.fields({ z: 1 });
  expect([token.at('y', 1), late.at('z')]).toEqual([2, 3]);
  const machine = compile(stack.build(), float64);
  // x ← x + (sum of all) in every component.
  expect([...(machine.run(castVector(float64, [1, 2, 3, 4]), 1, machine.initialState()) as Float64Array)]).toEqual([
    11, 12, 13, 14,
  ]);
});

it('moves rows and columns of a matrix', () => {
  const matrix = matrixFromDense(2, 2, [1, 2, 3, 4]);
  const moved = relocated(matrix, { columns: 4, column: (c) => 3 - c });
  expect([...denseData(moved)]).toEqual([0, 0, 2, 1, 0, 0, 4, 3]);
  expect([...denseData(relocated(matrix, { rows: 3, row: (r) => r + 1 }))]).toEqual([0, 0, 1, 2, 3, 4]);
});

it('runs a circuit on a larger stream as on its own', () => {
  const circuit = compileCircuit({
    inputs: { a: integer(0, 5), b: integer(-3, 3) },
    fields: {
      y: select(ge(input('a'), 3), mul(input('a'), input('b')), lookup(input('b'), [7, 1, 4, 2, 8, 5, 9], -3)),
      s: add(input('a'), 1),
    },
    eps: 1e-6,
  });
  const stack = new Stack();
  const token = stack.fields({ other: 3, b: 1, one: 1, a: 1 });
  const at = placeCircuit(stack, circuit, { a: token.at('a'), b: token.at('b') }, token.at('one'));
  const machine = compile(stack.build(), float64);
  for (let a = 0; a <= 5; a++)
    for (let b = -3; b <= 3; b++) {
      const x = new Float64Array(machine.inputs);
      x.set([9, 9, 9, b, 1, a]);
      const y = machine.run(castVector(float64, x), 1, machine.initialState()) as Float64Array;
      const own = runCircuit(circuit, float64, { a: [a], b: [b] });
      expect([y[at.y!], y[at.s!]]).toEqual([own.y![0], own.s![0]]);
      expect([...y.subarray(0, 6)]).toEqual([9, 9, 9, b, 1, a]);
    }
});
