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
import type { LinearAttention, SelectiveScan } from '../network/layer.ts';
import { compile } from '../network/machine.ts';
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

const givenScan = (m: number): LinearAttention => {
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

const stepScan = (m: number, rate: number): SelectiveScan => ({
  kind: 'selective-scan',
  channels: 1,
  states: m,
  A: new Float64Array(m).fill(rate),
  deltaSoftplus: false,
  gated: false,
});

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
type Numbers = readonly number[];

/** y_1 … y_n as the network computes them in one order. */
export const runScan = <T>(A: Arithmetic<T>, x: ScanInstance, options: ScanOptions): Vec<T> => {
  const machine = compile(givenScan(x.b.length / x.a.length), A, options);
  return machine.run(tokensOf(A, x, x.a, x.v), x.a.length, machine.initialState());
};

export const runSteps = <T>(A: Arithmetic<T>, x: StepInstance, options: ScanOptions): Vec<T> => {
  const machine = compile(stepScan(x.b.length / x.u.length, x.rate), A, options);
  return machine.run(tokensOf(A, x, x.u, x.delta), x.u.length, machine.initialState());
};

/** An instance in exact rationals. */
export interface ExactInstance {
  readonly a: readonly Rational[];
  readonly b: readonly Rational[];
  readonly c: readonly Rational[];
  readonly v: readonly Rational[];
}

const exactly = (numbers: Numbers): Rational[] => numbers.map((x) => Rational.fromNumber(x));

export const exactScan = ({ a, b, c, v }: ScanInstance): ExactInstance => ({
  a: exactly(a),
  b: exactly(b),
  c: exactly(c),
  v: exactly(v),
});

/** The decays are those that the format makes of the steps: their own rounding is no matter of the scan. */
export const exactSteps = (A: Arithmetic<number>, { delta, u, rate, b, c }: StepInstance): ExactInstance => ({
  a: exactly(delta.map((step) => A.exp(A.mul(step, A.from(rate))))),
  b: exactly(b),
  c: exactly(c),
  v: exactly(delta).map((step, t) => step.mul(Rational.fromNumber(u[t]!))),
});
