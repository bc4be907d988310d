/**
 * T1.range: one state channel with a constant decay, asked for its first token at every distance r:
 *
 *   h_0 = b v,  h_r = a h_(r−1),  y_r = c_r h_r = v  for  c_r = a^(−r)/b
 *
 * In a number format a, b v, every a h, c_r and c_r h_r are rounded once each; all that the layer adds to them is 0, which
 * is exact. Several records are copied at once, as components of one. Source: docs/theory.md §2, T1.range.
 */
import type { Arithmetic, Vec } from '../../src/arithmetic/arithmetic.ts';
import { Fields, pick, tokens } from '../../src/network/fields.ts';
import type { LinearAttention } from '../../src/network/layer.ts';
import { cloneState, compile, type State } from '../../src/network/machine.ts';
import { matrixFromForms } from '../../src/network/matrix.ts';

/** Token: 1 in `first` at the token that is copied and 0 later; c, the query. */
const token = new Fields({ first: 1, c: 1 });

/** The layer for a decay a, a key b and records v; numbers of the format that it will run in are not rounded again. */
export const decayingChannel = (a: number, b: number, records: readonly number[]): LinearAttention => {
  const first = token.at('first');
  return {
    kind: 'linear-attention',
    key: matrixFromForms([[[first, b]]], token.width),
    query: pick(token, 'c'),
    value: matrixFromForms(
      records.map((v) => [[first, v]]),
      token.width,
    ),
    decay: a,
    normalised: false,
  };
};

/** All copies at one distance. */
export interface Copies {
  readonly r: number;
  readonly c: number;
  /** The state and the output, for every record. */
  readonly h: readonly number[];
  readonly y: readonly number[];
}

/** Distances that are run at a time. */
const CHUNK = 1024;

/** Runs the layer with the scores c_0, c_1, …; all copies at the first distance 1 ≤ r ≤ most that misses one of them. */
export const firstFailure = <T>(
  A: Arithmetic<T>,
  layer: LinearAttention,
  scores: Iterator<number, never>,
  most: number,
  isMissed: (y: number, record: number) => boolean,
): Copies | undefined => {
  const machine = compile(layer, A);
  const width = machine.outputs;
  const row = (x: Vec<T>, at: number): number[] =>
    Array.from({ length: width }, (_, k) => A.toNumber(A.get(x, at * width + k)));
  const state = machine.initialState();
  for (let from = 0; from <= most; from += CHUNK) {
    const c = Array.from({ length: CHUNK }, () => scores.next().value);
    const run = (length: number, at: State<T>): Vec<T> => {
      const x = tokens(A, token, length, {
        first: (t) => (from + t === 0 ? A.one : A.zero),
        c: (t) => A.from(c[t]!),
      });
      return machine.run(x, length, at);
    };
    const before = cloneState(A, state);
    const y = run(CHUNK, state);
    for (let t = 0; t < CHUNK && from + t <= most; t++) {
      let k = from + t === 0 ? width : 0;
      while (k < width && !isMissed(A.toNumber(A.get(y, t * width + k)), k)) k++;
      if (k === width) continue;
      run(t + 1, before);
      return { r: from + t, c: c[t]!, h: row(before.vectors.ssm!, 0), y: row(y, t) };
    }
  }
  return undefined;
};
