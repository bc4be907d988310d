/**
 * What every number system of the suite offers. A network, a kernel and a construction are written once against
 * this interface and run in each: float64, emulated p-bit formats, double-doubles, arbitrary-precision decimals, exact
 * rationals, and intervals of doubles or of arbitrary precision.
 */
import { Rational } from './rational.ts';
import type { Bounds, Real } from './real.ts';
import type { Emitter } from './stage.ts';
import type { Storage, Vec } from './storage.ts';

export type { Vec } from './storage.ts';

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
  /** x < y; false where either is NaN. Interval arithmetics throw Undecidable where their points differ in this. */
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
  /** torch.nn.functional.softplus: x itself above SOFTPLUS_THRESHOLD. Mamba's step sizes are defined by it. */
  torchSoftplus(x: T): T;
  relu(x: T): T;
  max(x: T, y: T): T;
}

export type ScalarFunction = 'identity' | 'relu' | 'silu' | 'gelu' | 'softplus' | 'sigmoid' | 'tanh' | 'exp';

/** "own": every operation rounds to the format. "fp32": dot products, dt, exp and state in fp32, layer values in the format. */
export const MODES = ['own', 'fp32'] as const;
export type Accumulation = (typeof MODES)[number];

/** A comparison that intervals leave open; a more precise arithmetic may decide it. */
export class Undecidable extends Error {
  override name = 'Undecidable';
}

/** See `Composed.torchSoftplus`. */
export const SOFTPLUS_THRESHOLD = 20;

export interface Arithmetic<T> extends Primitives<T>, Composed<T>, Storage<T> {
  /** What `--format` calls it. */
  readonly name: string;
  readonly mode: Accumulation;
  readonly emitter: Emitter;
  /** A constant of a formula, which is no weight: rounded as operations round, whatever the format of the weights. */
  literal(x: number): T;
  /** A real number: enclosed by intervals, rounded elsewhere. */
  fromReal(x: Real): T;
  /** The nearest double; the midpoint of an interval; NaN where nothing is known. */
  toNumber(x: T): number;
  /** What is known of the value, exactly: a point for numbers, both ends of an interval; undefined for NaN and infinities. */
  bounds(x: T): Bounds | undefined;
  /** Decimal text that identifies the value: the shortest for doubles, all digits for decimals. */
  toText(x: T): string;
  /** Rounds what a layer hands on, in place. Only the "fp32" accumulation mode has anything to do here. */
  settle(x: Vec<T>): void;
}

/** What composed functions are written in: operations on numbers, or on the names of numbers in generated code. */
export interface Steps<T> extends Pick<
  Primitives<T>,
  'zero' | 'one' | 'add' | 'mul' | 'div' | 'neg' | 'abs' | 'exp' | 'log1p' | 'erf'
> {
  readonly half: T;
  readonly rootOfHalf: T;
  readonly softplusThreshold: T;
  /** `yes` where x < y, `no` elsewhere. */
  choose(x: T, y: T, yes: () => T, no: () => T): T;
}

/** The composed functions, in the order of operations that real kernels use. */
export const composeSteps = <T>(p: Steps<T>): Composed<T> => {
  const { zero, one, half } = p;
  const decay = (x: T): T => p.exp(p.neg(p.abs(x)));
  const max = (x: T, y: T): T =>
    p.choose(
      x,
      y,
      () => y,
      () => x,
    );
  const sigmoid = (x: T): T => {
    const e = decay(x);
    const bottom = p.add(one, e);
    return p.choose(
      x,
      zero,
      () => p.div(e, bottom),
      () => p.div(one, bottom),
    );
  };
  const phi = (x: T): T => p.mul(half, p.add(one, p.erf(p.mul(x, p.rootOfHalf))));
  const softplus = (x: T): T => p.add(max(x, zero), p.log1p(decay(x)));
  return {
    max,
    sigmoid,
    phi,
    softplus,
    relu: (x) => max(x, zero),
    silu: (x) => p.mul(x, sigmoid(x)),
    gelu: (x) => p.mul(x, phi(x)),
    torchSoftplus: (x) =>
      p.choose(
        p.softplusThreshold,
        x,
        () => x,
        () => softplus(x),
      ),
  };
};

/** The constants of composed functions, rounded as operations round. */
export const stepConstants = <T>({ zero, one, from, sqrt }: Primitives<T>) => {
  const half = from(0.5);
  return { zero, one, half, rootOfHalf: sqrt(half), softplusThreshold: from(SOFTPLUS_THRESHOLD) };
};

/** The composed functions over any primitives, each step a call. */
export const compose = <T>(p: Primitives<T>): Composed<T> =>
  composeSteps({
    ...p,
    ...stepConstants(p),
    choose: (x, y, yes, no) => (p.less(x, y) ? yes() : no()),
  });

/** The vector of value(0), …, value(length − 1). */
export const vectorOf = <T>(arithmetic: Storage<T>, length: number, value: (at: number) => T): Vec<T> => {
  const out = arithmetic.alloc(length);
  for (let i = 0; i < length; i++) arithmetic.set(out, i, value(i));
  return out;
};

/** The largest of numbers that are not negative; 0 of none. */
export const largest = <T>(arithmetic: Arithmetic<T>, values: readonly T[]): T =>
  values.reduce((most, x) => arithmetic.max(most, x), arithmetic.zero);

/** Moves doubles into an arithmetic, each rounded once. */
export const castVector = <T>(arithmetic: Arithmetic<T>, x: ArrayLike<number>): Vec<T> => {
  const out = arithmetic.alloc(x.length);
  for (let i = 0; i < x.length; i++) arithmetic.set(out, i, arithmetic.from(x[i]!));
  return out;
};

/** The doubles nearest to a vector's entries. */
export const toNumbers = <T>(arithmetic: Arithmetic<T>, x: Vec<T>): Float64Array =>
  Float64Array.from({ length: x.length }, (_, i) => arithmetic.toNumber(arithmetic.get(x, i)));

/** The point that a double is; nothing where it is no number. */
export const boundsOfNumber = (x: number): Bounds | undefined =>
  Number.isFinite(x) ? Rational.fromNumber(x).enclose() : undefined;
