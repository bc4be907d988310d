/** What the claims about the lemmas of docs/theory.md §4 have in common: a network against the function that it stands for. */
import { castVector, type Arithmetic } from '../arithmetic/arithmetic.ts';
import { rationals } from '../arithmetic/exact.ts';
import { realOf } from '../arithmetic/formula.ts';
import { Rational } from '../arithmetic/rational.ts';
import type { Real } from '../arithmetic/real.ts';
import { experiment, type Experiment } from '../claim/claim.ts';
import type { Domain, PointOf } from '../claim/domain.ts';
import { REAL } from '../claim/parameters.ts';
import type { Layer, Linear, Sequential } from '../network/layer.ts';
import { compile } from '../network/machine.ts';
import { scaleEntries } from '../network/matrix.ts';
import { sizesOf } from '../network/size.ts';

/** A network of one token as a function of its fields: doubles in, one output. */
export type Evaluate<T> = (token: readonly number[]) => T;

export const evaluate = <T>(network: Layer, A: Arithmetic<T>, output = 0): Evaluate<T> => {
  const machine = compile(network, A);
  return (token) => A.get(machine.run(castVector(A, token), 1, machine.initialState()), output);
};

/** An MLP with an activation that no layer has. */
export const evaluateWith = <T>(network: Sequential, A: Arithmetic<T>, activation: (x: T) => T): Evaluate<T> => {
  const [first, second] = [network.layers[0]!, network.layers[2]!].map((layer) => compile(layer, A));
  return (token) => {
    const hidden = first!.run(castVector(A, token), 1, first!.initialState());
    for (let h = 0; h < hidden.length; h++) A.set(hidden, h, activation(A.get(hidden, h)));
    return A.get(second!.run(hidden, 1, second!.initialState()), 0);
  };
};

/** GELU's tanh form, x/2·(1 + tanh(√(2/π)(x + 0.044715x³))), which is another function. */
export const tanhGelu = <T>(A: Arithmetic<T>): ((x: T) => T) => {
  const half = A.fromRational(Rational.of(1n, 2n));
  const cubic = A.fromRational(Rational.parse('0.044715')!);
  const steepness = A.fromReal(realOf('sqrt(2/pi)', {}));
  return (x) => {
    const inner = A.mul(steepness, A.add(x, A.mul(cubic, A.mul(x, A.mul(x, x)))));
    return A.mul(A.mul(half, x), A.add(A.one, A.tanh(inner)));
  };
};

/** The function that a lemma's network computes, and where. An instance is a list of numbers, the token among them. */
export interface Lemma<D extends Domain> {
  readonly domain: D;
  instance(point: PointOf<D>): readonly number[];
  /** What the network should return; `x` is the instance in the arithmetic. */
  value<T>(A: Arithmetic<T>, x: readonly T[], instance: readonly number[]): T;
  /** The instance that the proof says is extremal. */
  readonly witness?: readonly number[];
  /** Errors are relative to the value, which is not 0. */
  readonly relative?: boolean;
}

const errorIn = <T>(A: Arithmetic<T>, y: T, value: T, relative = false): T => {
  const error = A.abs(A.sub(y, value));
  return relative ? A.div(error, A.abs(value)) : error;
};

/** A number of a format, exactly; undefined for NaN and infinities. */
const exactly = <T>(A: Arithmetic<T>, x: T): Rational | undefined => A.bounds(x)?.lo;

/**
 * |output − value| over the domain. In a format the network's output is what the format makes of it, the value that of the
 * rounded instance in exact rationals.
 */
export const errorOf = <T, D extends Domain>(
  A: Arithmetic<T>,
  output: (instance: readonly number[]) => T,
  { domain, instance, value, witness, relative }: Lemma<D>,
  format: string = REAL,
): Experiment<T | Rational> => {
  const measure = (at: readonly number[]): T | Rational => {
    const x = at.map((entry) => A.from(entry));
    const y = output(at);
    if (format === REAL) return errorIn(A, y, value(A, x, at), relative);
    const returned = exactly(A, y);
    if (!returned) return y;
    const rounded = x.map((entry) => exactly(A, entry)!);
    return errorIn(rationals, returned, value(rationals, rounded, at), relative);
  };
  return experiment({
    domain,
    measure: (point) => measure(instance(point)),
    ...(witness && { witness: () => measure(witness) }),
  });
};

/**
 * Enclosures cannot show that two real numbers are equal, but that they agree to this many bits, twice those of a double;
 * the judge's intervals of 128 bits do.
 */
const EXACT_BITS = 100;
export const exactTo = (size: Rational): Rational => size.mul(Rational.fromNumber(2 ** -EXACT_BITS));

/** An attained bound that is irrational, rounded up to so many bits that no double tells, so that enclosures can decide it. */
export const upperEnd = (x: Real): Rational => x.enclose(128).hi;

export const isPowerOfTwo = ({ n, d }: Rational): boolean => n > 0n && (n & (n - 1n)) === 0n && (d & (d - 1n)) === 0n;
/** λ and 1/λ are both doubles only then. */
export const POWER_OF_TWO = {
  name: 'lambda',
  expected: 'a power of two (the rounding of 1/λ to a double would show)',
  holds: ({ lambda }: { readonly lambda: Rational }) => isPowerOfTwo(lambda),
};

/** Hidden units of an MLP, inner channels of a block. */
const widthOf = (network: Layer): number =>
  network.kind === 'sequential' ? (network.layers[0] as Linear).weight.rows : sizesOf(network, 1).dInner;

/** A number that must equal its formula; V is what of a claim's values it depends on. */
interface Count<V> {
  readonly measures: string;
  readonly relation: '==';
  bound(values: V): Rational;
  slack(): null;
  experiment<T>(values: V, A: Arithmetic<T>): Experiment<T>;
}
const count = <V>(measures: string, counted: (values: V) => number, formula: (values: V) => number): Count<V> => ({
  measures,
  relation: '==',
  bound: (values) => Rational.fromNumber(formula(values)),
  slack: () => null,
  experiment: (values, A) => ({ measure: () => A.from(counted(values)) }),
});

export const width = <V>(network: (values: V) => Layer, formula: (values: V) => number): Count<V> =>
  count('hidden neurons (inner channels)', (values) => widthOf(network(values)), formula);

export const largestWeightOf = (network: Layer): number => sizesOf(network, 1).largestWeight;
/** A formula for weights that are doubles. */
export const weight = <V>(network: (values: V) => Layer, formula: (values: V) => number): Count<V> =>
  count('largest absolute weight', (values) => largestWeightOf(network(values)), formula);

/** An MLP with one weight, or all weights, of its first or last layer multiplied. */
export const scaled = (network: Sequential, layer: 'hidden' | 'output', factor: number, at?: number): Sequential => {
  const layers = [...network.layers];
  const place = layer === 'hidden' ? 0 : 2;
  const linear = layers[place] as Linear;
  layers[place] = { ...linear, weight: scaleEntries(linear.weight, factor, at) };
  return { kind: 'sequential', layers };
};
