/**
 * T2.count: models of finite state, whose reachable states can be counted exactly.
 *
 *   decaying, growing   H ← aH + s, a = 1/D or D: a string is a number in base D, read from either end
 *   counter             H ← H + s
 *   slots               T2.ideal with m ≤ n keys: b_j = e_j for j ≤ m, 0 beyond
 *   block               T2.block for the format
 *
 * A model reads n symbols and is then asked for each of them; what it is asked with does not carry the string, so that
 * all of it crosses in the state. Any decoder may follow: it sees the output and the position asked for.
 * Source: docs/theory.md §3, T2.count.
 */
import type { Format } from '../../src/arithmetic/format.ts';
import { Rational } from '../../src/arithmetic/rational.ts';
import type { CopyModule } from '../../src/copy/task.ts';
import { Fields, pick } from '../../src/network/fields.ts';
import type { LinearAttention } from '../../src/network/layer.ts';
import { MatrixBuilder, submatrix } from '../../src/network/matrix.ts';
import { buildBlock } from './T2.block.ts';
import { buildIdeal } from './T2.ideal.ts';

export interface CountedModel extends CopyModule {
  /** The symbol at position p (from 1) that an output stands for. */
  decode(y: number, p: number): number;
}

/** A token of one scalar: the symbol, and 1 in `reads` while the string is read or in `asks` afterwards. */
const scalar = new Fields({ v: 1, reads: 1, asks: 1 });

/** H ← aH + s, and y = H when asked. */
const accumulator = (a: number): CopyModule => ({
  network: {
    kind: 'linear-attention',
    key: pick(scalar, 'reads'),
    query: pick(scalar, 'asks'),
    value: pick(scalar, 'v'),
    // Asking changes nothing.
    decay: new MatrixBuilder(1, scalar.width).set(0, scalar.at('reads'), a).set(0, scalar.at('asks'), 1).build(),
    normalised: false,
  },
  token: scalar,
  output: 0,
});

/** y = Σ_j s_j D^(n−j) for a = D, Σ_j s_j D^(j−n) for a = 1/D: the symbols are the digits. */
export const baseModel = (n: number, D: number, a: number): CountedModel => ({
  ...accumulator(a),
  decode: (y, p) => Math.floor(y * a ** (p - n)) % D,
});

/** y = Σ_j s_j, of whose strings the one that begins with the largest symbols is told. */
export const counterModel = (D: number): CountedModel => ({
  ...accumulator(1),
  decode: (y, p) => Math.min(D - 1, Math.max(0, y - (p - 1) * (D - 1))),
});

/** The nearest symbol. */
const nearest = (y: number): number => Math.round(y);

export const slotModel = (n: number, m: number): CountedModel => {
  const M = Rational.of(1n);
  const { network, token, output } = buildIdeal({ N: n, d: 1, M, eps: M });
  const layer = network as LinearAttention;
  const kept = Array.from({ length: m }, (_, j) => j);
  return {
    network: { ...layer, key: submatrix(layer.key, kept), query: submatrix(layer.query, kept) },
    token,
    output,
    decode: nearest,
  };
};

/** For symbols 0 and 1. */
export const blockModel = (n: number, format: Format): CountedModel => {
  const M = Rational.of(1n);
  const { network, token, output } = buildBlock({ N: n, d: 1, M, eps: Rational.of(1n, 4n), format });
  return { network, token, output, decode: nearest };
};
