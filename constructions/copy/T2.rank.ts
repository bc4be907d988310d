/**
 * T2.rank: linear attention whose keys b_j, queries c_p and decays a_j are given by positions only, asked at time N for
 * every position p:
 *
 *   y^(p) = Σ_j W_pj v_j,   W_pj = c_p · α_Nj b_j,   rank W ≤ m.
 *
 * Truncated one-hot keys have W = diag(1_m, 0). With a skip path, or with a last key or decay that depends on p, m = N − 1
 * suffices: what T2.rank excludes. Source: docs/theory.md §3.
 */
import type { Arithmetic, Vec } from '../../src/arithmetic/arithmetic.ts';
import type { CopyModule } from '../../src/copy/task.ts';
import { FieldMatrix, Fields, pick, tokens } from '../../src/network/fields.ts';
import type { LinearAttention } from '../../src/network/layer.ts';
import { cloneState, compile } from '../../src/network/machine.ts';
import { MatrixBuilder } from '../../src/network/matrix.ts';

/** What a module does at each position. */
export interface Design {
  readonly N: number;
  readonly m: number;
  /** b_j [N, m] */
  readonly keys: ArrayLike<number>;
  /** c_p [N, m] */
  readonly queries: ArrayLike<number>;
  /** a_j [N] */
  readonly decays: ArrayLike<number>;
}

const tokenOf = (N: number, channels: number) => new Fields({ v: channels, e_i: N, e_pos: N });

/** b_j = c_j = e_j for j ≤ m and 0 beyond, no decay: a copy of the first m positions. */
export const truncatedOneHot = (N: number, m: number): Design => {
  const hot = Float64Array.from({ length: N * m }, (_, at) => (Math.floor(at / m) === at % m ? 1 : 0));
  return { N, m, keys: hot, queries: hot, decays: new Float64Array(N).fill(1) };
};

/** A design as weights on the one-hot positions. */
export const designedAttention = (
  { N, m, keys, queries, decays }: Design,
  channels: number,
): CopyModule & { readonly network: LinearAttention } => {
  const token = tokenOf(N, channels);
  const state = new Fields({ entry: m });
  const key = new FieldMatrix(state, token);
  const query = new FieldMatrix(state, token);
  const decay = new MatrixBuilder(1, token.width);
  for (let j = 0; j < N; j++) {
    for (let n = 0; n < m; n++) {
      key.set('entry', n, 'e_i', j, keys[j * m + n]!);
      query.set('entry', n, 'e_pos', j, queries[j * m + n]!);
    }
    decay.set(0, token.at('e_i', j), decays[j]!);
  }
  return {
    network: {
      kind: 'linear-attention',
      key: key.build(),
      query: query.build(),
      value: pick(token, 'v'),
      decay: decay.build(),
      normalised: false,
    },
    token,
    output: token.at('v'),
  };
};

/** Rows n of α_Nj b_jn: the state after N tokens as a function of the records of one channel. */
export const stateRows = <T>(A: Arithmetic<T>, { N, m, keys, decays }: Omit<Design, 'queries'>): T[][] => {
  const alpha = new Array<T>(N).fill(A.one);
  for (let j = N - 2; j >= 0; j--) alpha[j] = A.mul(alpha[j + 1]!, A.from(decays[j + 1]!));
  return Array.from({ length: m }, (_, n) => alpha.map((decay, j) => A.mul(decay, A.from(keys[j * m + n]!))));
};

/** With a skip path (D = 1), N − 1 floats copy: b_N = −Σ_k e_k takes v_N off every other slot, and c_N = 0 leaves v_N itself. */
export const withSkip = (N: number, channels: number): CopyModule => {
  const design = truncatedOneHot(N, N - 1);
  const keys = Float64Array.from(design.keys);
  keys.fill(-1, (N - 1) * (N - 1));
  const { network, token, output } = designedAttention({ ...design, keys }, channels);
  const value = new FieldMatrix(token, token);
  for (let c = 0; c < channels; c++) value.set('v', c, 'v', c, 1);
  return { network: { kind: 'residual', layer: { ...network, value: value.build() } }, token, output };
};

/** With a last key and decay that see the query, N − 1 floats copy: asked for N itself, slot 1 is erased and holds v_N. */
export const withQueryInKey = (N: number, channels: number): CopyModule => {
  const design = truncatedOneHot(N, N - 1);
  const { network, token, output } = designedAttention(design, channels);
  const state = new Fields({ entry: N - 1 });
  const key = new FieldMatrix(state, token).set('entry', 0, 'e_pos', N - 1, 1);
  const query = new FieldMatrix(state, token).set('entry', 0, 'e_pos', N - 1, 1);
  const decay = new MatrixBuilder(1, token.width)
    .set(0, token.at('e_pos', N - 1), -1)
    .set(0, token.at('e_i', N - 1), 1);
  for (let j = 0; j < N - 1; j++) {
    key.set('entry', j, 'e_i', j, 1);
    query.set('entry', j, 'e_pos', j, 1);
    decay.set(0, token.at('e_i', j), 1);
  }
  return { network: { ...network, key: key.build(), query: query.build(), decay: decay.build() }, token, output };
};

const oneHot = <T>(A: Arithmetic<T>, N: number, positions: readonly number[]): Vec<T> => {
  const x = A.alloc(positions.length * N);
  positions.forEach((j, row) => A.set(x, row * N + j, A.one));
  return x;
};

const part = <T>(A: Arithmetic<T>, x: Vec<T>, from: number, to: number): Vec<T> => {
  const out = A.alloc(to - from);
  A.copy(x, from, out, 0, to - from);
  return out;
};

/**
 * The read-outs y^(1), …, y^(N) at time N, each of `channels` components; records [N, channels]. The first N − 1 tokens
 * copy themselves; the last one runs from a copy of their state for every position asked.
 */
export const readOuts = <T>(
  A: Arithmetic<T>,
  { network, token, output }: CopyModule,
  records: Vec<T>,
  N: number,
): T[][] => {
  const channels = records.length / N;
  const machine = compile(network, A);
  const state = machine.initialState();
  const before = Array.from({ length: N - 1 }, (_, j) => j);
  const seen = { v: part(A, records, 0, (N - 1) * channels), e_i: oneHot(A, N, before), e_pos: oneHot(A, N, before) };
  machine.run(tokens(A, token, N - 1, seen), N - 1, state);
  const last = { v: part(A, records, (N - 1) * channels, N * channels), e_i: oneHot(A, N, [N - 1]) };
  return Array.from({ length: N }, (_, p) => {
    const asked = tokens(A, token, 1, { ...last, e_pos: oneHot(A, N, [p]) });
    const y = machine.run(asked, 1, cloneState(A, state));
    return Array.from({ length: channels }, (_, c) => A.get(y, output + c));
  });
};
