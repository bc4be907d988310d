/**
 * T1.softmax: one read-out of softmax attention with given scores, and the instance that errs most.
 *
 * n positions, score s at pos, at most δ elsewhere: the extremal instance has all others at δ, v_pos = −M, the rest M.
 * Source: docs/theory.md §2; Feng C.7.
 */
import type { Arithmetic, Vec } from '../../src/arithmetic/arithmetic.ts';
import { Fields, pick, tokens } from '../../src/network/fields.ts';
import type { SoftmaxAttention } from '../../src/network/layer.ts';
import { compile } from '../../src/network/machine.ts';

/** Token: record v, key = score, query 1. */
const token = new Fields({ v: 1, key: 1, query: 1 });

export const softmaxReadOut: SoftmaxAttention = {
  kind: 'softmax-attention',
  key: pick(token, 'key'),
  query: pick(token, 'query'),
  value: pick(token, 'v'),
};

/** A function that runs the module on scores and records [n] and returns |y_n − v_pos|; pos from 1. */
export const softmaxError = <T>(
  A: Arithmetic<T>,
  module: SoftmaxAttention = softmaxReadOut,
): ((scores: Vec<T>, records: Vec<T>, pos: number) => T) => {
  const machine = compile(module, A);
  return (scores, records, pos) => {
    const n = scores.length;
    const x = tokens(A, token, n, { v: records, key: scores, query: () => A.one });
    const y = machine.run(x, n, machine.initialState());
    return A.abs(A.sub(A.get(y, n - 1), A.get(records, pos - 1)));
  };
};
