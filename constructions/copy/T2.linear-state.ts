/**
 * T2.linear-state: a memory of k = m·E floats for N records of d components, and decoders that see its state and the query
 * p and nothing else.
 *
 *   H = Σ_j α_Nj b_j (U v_j)ᵀ ∈ R^{m×E},   y^(p) = W₂ ReLU(W₁ (H, e_p))
 *
 * With k < N·d two opposite sequences share one state; with k = N·d the copying decoder is exact. Source: docs/theory.md §3.
 */
import { vectorOf, type Arithmetic, type Vec } from '../../src/arithmetic/arithmetic.ts';
import { FieldMatrix, Fields, tokens } from '../../src/network/fields.ts';
import { mlp, type Layer, type Sequential } from '../../src/network/layer.ts';
import { compile } from '../../src/network/machine.ts';
import { matrixFromDense } from '../../src/network/matrix.ts';
import { designedAttention, stateRows, truncatedOneHot, type Design } from './T2.rank.ts';

export interface Memory extends Pick<Design, 'N' | 'm' | 'keys' | 'decays'> {
  /** Components of a record. */
  readonly d: number;
  /** E. */
  readonly channels: number;
  /** U [E, d] */
  readonly mix: ArrayLike<number>;
}

/** Holds the first E components of the first m records as they are. */
export const truncatedMemory = (N: number, d: number, m: number, channels: number): Memory => ({
  ...truncatedOneHot(N, m),
  d,
  channels,
  mix: Float64Array.from({ length: channels * d }, (_, at) => (Math.floor(at / d) === at % d ? 1 : 0)),
});

/** The rows (n, e) of α_Nj b_jn U_ec over the components (j, c): the state as a function of the records. */
export const memoryRows = <T>(A: Arithmetic<T>, { d, channels, mix, ...keys }: Memory): T[][] => {
  const U = Array.from({ length: channels }, (_, e) => Array.from({ length: d }, (__, c) => A.from(mix[e * d + c]!)));
  return stateRows(A, keys).flatMap((row) => U.map((u) => row.flatMap((weight) => u.map((x) => A.mul(weight, x)))));
};

/** A function that runs the memory over records [N, d] and returns its state [m, E]. */
export const stateAfter = <T>(
  A: Arithmetic<T>,
  { d, channels, mix, ...keys }: Memory,
): ((v: readonly T[]) => Vec<T>) => {
  const { N, m } = keys;
  const { network, token } = designedAttention({ ...keys, queries: new Float64Array(N * m) }, d);
  const value = new FieldMatrix(new Fields({ channel: channels }), token);
  for (let e = 0; e < channels; e++) for (let c = 0; c < d; c++) value.set('channel', e, 'v', c, mix[e * d + c]!);
  const machine = compile({ ...network, value: value.build() }, A);
  const position = vectorOf(A, N * N, (at) => (at % (N + 1) === 0 ? A.one : A.zero));
  return (v) => {
    const state = machine.initialState();
    machine.run(tokens(A, token, N, { v: vectorOf(A, N * d, (at) => v[at]!), e_i: position }), N, state);
    return state.vectors.ssm!;
  };
};

/** A function that decodes a state into the copies of all positions [N, d]. */
export const decoded = <T>(A: Arithmetic<T>, decoder: Layer, N: number): ((state: Vec<T>) => T[]) => {
  const machine = compile(decoder, A);
  return (state) => {
    const k = state.length;
    const width = k + N;
    const x = A.alloc(N * width);
    for (let p = 0; p < N; p++) {
      A.copy(state, 0, x, p * width, k);
      A.set(x, p * width + k + p, A.one);
    }
    const y = machine.run(x, N, machine.initialState());
    return Array.from({ length: y.length }, (_, at) => A.get(y, at));
  };
};

/** W₂ ReLU(W₁ (H, e_p)): first [hidden, k + N], second [d, hidden]. */
export const decoderOf = (
  inputs: number,
  hidden: number,
  outputs: number,
  first: ArrayLike<number>,
  second: ArrayLike<number>,
): Sequential =>
  mlp({ kind: 'linear', weight: matrixFromDense(hidden, inputs, first) }, 'relu', {
    kind: 'linear',
    weight: matrixFromDense(outputs, hidden, second),
  });

/** Positions that the memory holds or not, odd or even: the hidden units of a decoder that guesses. */
export const GUESSING_UNITS = 4;

/**
 * Ignores the state and answers ±M for every component that a truncated memory does not hold, 0 for the others: by turns,
 * so that half of the guesses are right for either of two opposite sequences; or all +M.
 */
export const guessingDecoder = ({ N, d, m, channels }: Memory, M: number, byTurns: boolean): Sequential => {
  const unitOf = (p: number): number => (p < m ? 0 : 2) + (p % 2);
  const k = m * channels;
  const inputs = new Fields({ state: k, e_p: N });
  const hidden = new Fields({ unit: GUESSING_UNITS });
  const outputs = new Fields({ y: d });
  const first = new FieldMatrix(hidden, inputs);
  for (let p = 0; p < N; p++) first.set('unit', unitOf(p), 'e_p', p, 1);
  const second = new FieldMatrix(outputs, hidden);
  for (let unit = 0; unit < GUESSING_UNITS; unit++) {
    for (let c = unit < 2 ? channels : 0; c < d; c++) {
      second.set('y', c, 'unit', unit, byTurns && (unit + c) % 2 === 1 ? -M : M);
    }
  }
  return mlp({ kind: 'linear', weight: first.build() }, 'relu', { kind: 'linear', weight: second.build() });
};

/** Copies from a memory that holds everything: ReLU(x + Kt) − ReLU(Kt) is x at t = 1 and 0 at t = −1 for |x| ≤ M = K. */
export const copyingDecoder = (N: number, d: number, M: number): Sequential => {
  const inputs = new Fields({ state: N * d, e_p: N });
  const hidden = new Fields({ chosen: N * d, offset: N });
  const outputs = new Fields({ y: d });
  const first = new FieldMatrix(hidden, inputs);
  const second = new FieldMatrix(outputs, hidden);
  for (let j = 0; j < N; j++) {
    for (let p = 0; p < N; p++) first.set('offset', j, 'e_p', p, p === j ? M : -M);
    for (let c = 0; c < d; c++) {
      first.set('chosen', j * d + c, 'state', j * d + c, 1);
      for (let p = 0; p < N; p++) first.set('chosen', j * d + c, 'e_p', p, p === j ? M : -M);
      second.set('y', c, 'chosen', j * d + c, 1).set('y', c, 'offset', j, -1);
    }
  }
  return mlp({ kind: 'linear', weight: first.build() }, 'relu', { kind: 'linear', weight: second.build() });
};
