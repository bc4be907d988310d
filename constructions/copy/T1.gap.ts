/**
 * T1.gap: the extremal instances of Theorem 1 for linear attention with forgetting and a normalised read-out,
 *
 *   ŷ_i = Σ_j w_ij v_j / Σ_j w_ij,   w_ij = s_ij Π_{k=j+1..i} a_k.
 *
 * The score s at pos = i − r, δ (or −δ: T1.gap-signed) elsewhere; a_k = a_min after pos and 1 before; v_pos = −M, all
 * other records M. They attain the supremum of ‖ŷ_i − v_pos‖∞ over the class. Source: docs/theory.md §2.
 *
 * A state dimension of m = 1 loses nothing: for one read-out, any scores are c_i b_j with c_i = 1 and b_j = s_ij.
 */
import { vectorOf, type Arithmetic, type Vec } from '../../src/arithmetic/arithmetic.ts';
import type { Rational } from '../../src/arithmetic/rational.ts';
import { Fields, pick, tokens } from '../../src/network/fields.ts';
import type { LinearAttention } from '../../src/network/layer.ts';
import { compile } from '../../src/network/machine.ts';

/** Token: record v, key b = s_ij, query c = 1, decay a. */
const token = new Fields({ v: 1, key: 1, query: 1, decay: 1 });

export const normalisedAttention: LinearAttention = {
  kind: 'linear-attention',
  key: pick(token, 'key'),
  query: pick(token, 'query'),
  value: pick(token, 'v'),
  decay: pick(token, 'decay'),
  normalised: true,
};

/** One read-out at the last of i tokens: scores, decays and records [i], the position to copy (from 1). */
export interface ReadOut<T> {
  readonly scores: Vec<T>;
  readonly decays: Vec<T>;
  readonly records: Vec<T>;
  readonly pos: number;
}

/** A function that runs a module on a read-out and returns |ŷ_i − v_pos|. */
export const readOutError = <T>(
  A: Arithmetic<T>,
  module: LinearAttention = normalisedAttention,
): ((instance: ReadOut<T>) => T) => {
  const machine = compile(module, A);
  return ({ scores, decays, records, pos }) => {
    const i = scores.length;
    const x = tokens(A, token, i, { v: records, key: scores, query: () => A.one, decay: decays });
    const y = machine.run(x, i, machine.initialState());
    return A.abs(A.sub(A.get(y, i - 1), A.get(records, pos - 1)));
  };
};

export interface GapParameters {
  /** Least decay, in (0, 1]. */
  readonly a_min: Rational;
  /** Current position and distance: pos = i − r ≥ 1. */
  readonly i: number;
  readonly r: number;
  /** Bound on the other scores, and the score at pos. */
  readonly delta: Rational;
  readonly s: Rational;
  /** Size of the records. */
  readonly M: Rational;
}

/** The extremal instance; `signed` takes the other scores to be −δ. */
export const extremalReadOut = <T>(
  A: Arithmetic<T>,
  { a_min, i, r, delta, s, M }: GapParameters,
  signed: boolean,
): ReadOut<T> => {
  const pos = i - r;
  const fill = (value: (j: number) => T): Vec<T> => vectorOf(A, i, (at) => value(at + 1));
  const other = A.fromRational(signed ? delta.neg() : delta);
  const score = A.fromRational(s);
  const decay = A.fromRational(a_min);
  const record = A.fromRational(M);
  return {
    scores: fill((j) => (j === pos ? score : other)),
    decays: fill((j) => (j > pos ? decay : A.one)),
    records: fill((j) => (j === pos ? A.neg(record) : record)),
    pos,
  };
};
