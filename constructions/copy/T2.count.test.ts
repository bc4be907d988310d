import { describe, expect, it } from 'vitest';
import { arithmeticByName } from '../../src/arithmetic/names.ts';
import { castVector, toNumbers, type Arithmetic } from '../../src/arithmetic/arithmetic.ts';
import { formatByName } from '../../src/arithmetic/format.ts';
import { cloneState, compile } from '../../src/network/machine.ts';
import { sizesOf } from '../../src/network/size.ts';
import { baseModel, blockModel, counterModel, slotModel, type CountedModel } from './T2.count.ts';

const decoded = (model: CountedModel, n: number, y: number): number[] =>
  Array.from({ length: n }, (_, at) => model.decode(y, at + 1));

describe('decoding', () => {
  it('takes the digits of a base, the first symbol leading or trailing', () => {
    expect(decoded(baseModel(4, 10, 10), 4, 2047)).toEqual([2, 0, 4, 7]);
    expect(decoded(baseModel(4, 4, 1 / 4), 4, 2 + 3 / 4 + 1 / 64)).toEqual([1, 0, 3, 2]);
  });
  it('takes the largest symbols first for a count', () => {
    expect(decoded(counterModel(2), 4, 3)).toEqual([1, 1, 1, 0]);
    expect(decoded(counterModel(4), 4, 7)).toEqual([3, 3, 1, 0]);
  });
});

describe('what is asked', () => {
  it.each([
    ['growing', baseModel(6, 2, 2)],
    ['decaying', baseModel(6, 2, 0.5)],
    ['slots', slotModel(6, 4)],
    ['block', blockModel(6, formatByName('fp8-e5m2')!)],
  ])('leaves the state as it is: %s', (_, model) => {
    const A = arithmeticByName('fp8-e5m2') as Arithmetic<number>;
    const machine = compile(model.network, A);
    const { token } = model;
    const row = (entries: Record<string, number>): number[] => {
      const x = new Array<number>(token.width).fill(0);
      for (const [field, value] of Object.entries(entries)) if (token.has(field)) x[token.at(field)] = value;
      return x;
    };
    const state = machine.initialState();
    machine.run(castVector(A, row({ v: 1, reads: 1, one: 1, i: 1, pos: 1, e_i: 1, e_pos: 1 })), 1, state);
    const before = cloneState(A, state);
    const asked = castVector(A, row({ asks: 1, one: 1, pos: 1, e_pos: 1 }));
    const [first, again] = [0, 1].map(() => toNumbers(A, machine.run(asked, 1, state))[model.output]!);
    expect(state.vectors).toEqual(before.vectors);
    expect(model.decode(again!, 1)).toBe(model.decode(first!, 1));
  });
});

it('keeps one float, m slots, or the 2n floats that a block reads', () => {
  expect(sizesOf(baseModel(6, 2, 2).network, 6).stateFloats).toBe(1);
  expect(sizesOf(slotModel(6, 4).network, 6).stateFloats).toBe(4);
  expect(sizesOf(blockModel(6, formatByName('bf16')!).network, 6).stateRead).toBe(12);
});
