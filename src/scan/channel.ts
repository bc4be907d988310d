/**
 * One channel of a scan as a network whose token is the recurrence itself, and as exact rationals beside it:
 *
 *   y_i = Σ_{j≤i} α_ij (c_i · b_j) v_j,   α_ij = Π_{k=j+1..i} a_k.
 *
 * The decay and the record are read from the token ('given'), or made of a step size, a = exp(ΔA) and v = Δu, as S6 has them.
 */
import { vectorOf, type Arithmetic, type Vec } from '../arithmetic/arithmetic.ts';
import { Rational } from '../arithmetic/rational.ts';
import { Fields, pick } from '../network/fields.ts';
import type { Layer, LinearAttention } from '../network/layer.ts';
import { compile, type Compiled } from '../network/machine.ts';
import type { ScanOptions } from '../network/scan.ts';

/** Keys and queries [n, m], token by token, beside the decays and records [n] of a recurrence with m states. */
export interface ScanInstance {
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly c: readonly number[];
  readonly v: readonly number[];
}

/** S6: step sizes Δ and inputs u [n], and A ≤ 0 of the channel, in place of decays and records. */
export interface StepInstance extends Pick<ScanInstance, 'b' | 'c'> {
  readonly delta: readonly number[];
  readonly u: readonly number[];
  readonly rate: number;
}

/** A scan of one channel: the network, its tokens, and what it should compute. */
export interface Channel {
  /** The same object for all channels that differ in their tokens only. */
  readonly layer: Layer;
  readonly length: number;
  /** [length, inputs] */
  tokens<T>(A: Arithmetic<T>): Vec<T>;
  /** `A` is the format that it runs in, which makes the decays of steps. */
  exact(A: Arithmetic<number>): ExactInstance;
}

/** The recurrence in exact rationals. */
export interface ExactInstance {
  readonly a: readonly Rational[];
  readonly b: readonly Rational[];
  readonly c: readonly Rational[];
  readonly v: readonly Rational[];
}

type Numbers = readonly number[];
const exactly = (numbers: Numbers): Rational[] => numbers.map((x) => Rational.fromNumber(x));

const attention = (m: number): LinearAttention => {
  const token = new Fields({ a: 1, v: 1, b: m, c: m });
  return {
    kind: 'linear-attention',
    key: pick(token, 'b'),
    query: pick(token, 'c'),
    value: pick(token, 'v'),
    decay: pick(token, 'a'),
    normalised: false,
  };
};
const attentions = new Map<number, LinearAttention>();
const attentionOf = (m: number): LinearAttention => {
  let layer = attentions.get(m);
  if (!layer) attentions.set(m, (layer = attention(m)));
  return layer;
};

/** A token is two numbers, the key and the query. */
const tokensOf = <T>(A: Arithmetic<T>, { b, c }: Pick<ScanInstance, 'b' | 'c'>, x: Numbers, z: Numbers): Vec<T> => {
  const n = x.length;
  const m = b.length / n;
  const width = 2 + 2 * m;
  return vectorOf(A, n * width, (at) => {
    const t = Math.floor(at / width);
    const k = (at % width) - 2;
    return A.from(k === -2 ? x[t]! : k === -1 ? z[t]! : k < m ? b[t * m + k]! : c[t * m + k - m]!);
  });
};

export const given = (x: ScanInstance): Channel => {
  const { a, b, c, v } = x;
  return {
    layer: attentionOf(b.length / a.length),
    length: a.length,
    tokens: (A) => tokensOf(A, x, a, v),
    exact: () => ({ a: exactly(a), b: exactly(b), c: exactly(c), v: exactly(v) }),
  };
};

export const stepped = (x: StepInstance): Channel => {
  const { delta, u, rate, b, c } = x;
  const m = b.length / u.length;
  return {
    layer: {
      kind: 'selective-scan',
      channels: 1,
      states: m,
      A: new Float64Array(m).fill(rate),
      deltaSoftplus: false,
      gated: false,
    },
    length: u.length,
    tokens: (A) => tokensOf(A, x, u, delta),
    exact: (A) => ({
      // The rounding of a decay is no matter of the scan.
      a: exactly(delta.map((step) => A.exp(A.mul(step, A.from(rate))))),
      b: exactly(b),
      c: exactly(c),
      v: exactly(delta).map((step, t) => step.mul(Rational.fromNumber(u[t]!))),
    }),
  };
};

/** A function that runs channels in one order: y_1 … y_n. Of layers that are the same object it compiles the first. */
export const channelRunner = <T>(A: Arithmetic<T>, options: ScanOptions): ((channel: Channel) => Vec<T>) => {
  const machines = new WeakMap<Layer, Compiled<T>>();
  return ({ layer, length, tokens }) => {
    let machine = machines.get(layer);
    if (!machine) machines.set(layer, (machine = compile(layer, A, options)));
    return machine.run(tokens(A), length, machine.initialState());
  };
};
