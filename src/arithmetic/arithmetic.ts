/**
 * What every number system of the suite offers. A network, a kernel and a construction are written once against
 * this interface and run in each: float64, emulated p-bit formats and arbitrary-precision decimals.
 */
import type { Rational } from './rational.ts';
import type { Emitter } from './stage.ts';

/** Flat storage: a Float64Array where numbers are doubles, an array of objects elsewhere. */
export interface Vec<T> {
  readonly length: number;
  [index: number]: T;
}

/** The operations that an arithmetic rounds once each. */
export interface Primitives<T> {
  readonly zero: T;
  readonly one: T;
  add(x: T, y: T): T;
  sub(x: T, y: T): T;
  mul(x: T, y: T): T;
  div(x: T, y: T): T;
  sqrt(x: T): T;
  neg(x: T): T;
  abs(x: T): T;
  exp(x: T): T;
  log1p(x: T): T;
  tanh(x: T): T;
  erf(x: T): T;
  /** x < y; false where either is NaN. */
  less(x: T, y: T): boolean;
  /** A double, rounded once. */
  from(x: number): T;
  /** An exact rational, rounded once. */
  fromRational(x: Rational): T;
}

/** Functions composed of primitives, each step rounded (docs/theory.md §6). */
export interface Composed<T> {
  /** 1/(1 + e^(−x)), by way of e^(−|x|), which cannot overflow. */
  sigmoid(x: T): T;
  /** x·σ(x). */
  silu(x: T): T;
  /** Φ(x) = (1 + erf(x/√2))/2, the distribution function of the standard normal. */
  phi(x: T): T;
  /** x·Φ(x): the erf form. */
  gelu(x: T): T;
  /** ln(1 + e^x) = max(x, 0) + log1p(e^(−|x|)). */
  softplus(x: T): T;
  relu(x: T): T;
  max(x: T, y: T): T;
}

export type ScalarFunction = 'identity' | 'relu' | 'silu' | 'gelu' | 'softplus' | 'sigmoid' | 'tanh' | 'exp';

/** "own": every operation rounds to the format. "fp32": dot products, dt, exp and state in fp32, layer values in the format. */
export type Accumulation = 'own' | 'fp32';

export interface Arithmetic<T> extends Primitives<T>, Composed<T> {
  /** What `--format` calls it. */
  readonly name: string;
  readonly mode: Accumulation;
  readonly emitter: Emitter;
  /** A constant of a formula, which is no weight: rounded as operations round, whatever the format of the weights. */
  literal(x: number): T;
  toNumber(x: T): number;
  /** Decimal text that identifies the value: the shortest for doubles, all digits for decimals. */
  toText(x: T): string;
  alloc(length: number): Vec<T>;
  /** Rounds what a layer hands on, in place. Only the "fp32" accumulation mode has anything to do here. */
  settle(x: Vec<T>): void;
}

/** The composed functions over any primitives, in the order of operations that real kernels use. */
export const compose = <T>(p: Primitives<T>): Composed<T> => {
  const { zero, one } = p;
  const half = p.div(one, p.add(one, one));
  const rsqrt2 = p.sqrt(half);
  const max = (x: T, y: T): T => (p.less(x, y) ? y : x);
  const sigmoid = (x: T): T => {
    const e = p.exp(p.neg(p.abs(x)));
    const bottom = p.add(one, e);
    return p.less(x, zero) ? p.div(e, bottom) : p.div(one, bottom);
  };
  const phi = (x: T): T => p.mul(half, p.add(one, p.erf(p.mul(x, rsqrt2))));
  return {
    max,
    sigmoid,
    phi,
    relu: (x) => max(x, zero),
    silu: (x) => p.mul(x, sigmoid(x)),
    gelu: (x) => p.mul(x, phi(x)),
    softplus: (x) => p.add(max(x, zero), p.log1p(p.exp(p.neg(p.abs(x))))),
  };
};

/** Moves doubles into an arithmetic, each rounded once. */
export const castVector = <T>(arithmetic: Arithmetic<T>, x: ArrayLike<number>): Vec<T> => {
  const out = arithmetic.alloc(x.length);
  for (let i = 0; i < x.length; i++) out[i] = arithmetic.from(x[i]!);
  return out;
};

/** The doubles nearest to a vector's entries. */
export const toNumbers = <T>(arithmetic: Arithmetic<T>, x: Vec<T>): Float64Array => {
  const out = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) out[i] = arithmetic.toNumber(x[i]!);
  return out;
};
