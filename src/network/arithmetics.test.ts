/**
 * Every kind of layer in the arithmetics that prove something: intervals enclose what the layer computes in real numbers,
 * rationals are exact, double-doubles as precise as they say. Decimals of many digits are what they are held against.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { castVector, vectorOf, type Arithmetic, type ScalarFunction, type Vec } from '../arithmetic/arithmetic.ts';
import { bigIntervals } from '../arithmetic/big-interval-arithmetic.ts';
import { decimalArithmetic, decimalToRational } from '../arithmetic/decimal.ts';
import { doubleDoubles } from '../arithmetic/double-double.ts';
import { NotRational, rationals } from '../arithmetic/exact.ts';
import { float64 } from '../arithmetic/float64.ts';
import { intervals } from '../arithmetic/interval.ts';
import { Rational } from '../arithmetic/rational.ts';
import type { Bounds } from '../arithmetic/real.ts';
import { entries } from '../arithmetic/testing.ts';
import type { Layer } from './layer.ts';
import { compile } from './machine.ts';
import { cases, instantiate, LAYERS, Weights } from './testing.ts';

const KINDS = Object.keys(LAYERS);
/** Sizes above the kernels' lane width of 8 take their unrolled loops. */
const SIZES = { inputs: 3, width: 9, states: 3, tokens: 4 };

const run = <T>(A: Arithmetic<T>, layer: Layer, length: number, tokens: (A: Arithmetic<T>) => Vec<T>): T[] => {
  const machine = compile(layer, A);
  return entries(A, machine.run(tokens(A), length, machine.initialState()));
};

const exact = decimalArithmetic(60);
/**
 * No product of doubles needs more: an output over 3 tokens is a sum of products of at most 5 sums of 2 factors, each of
 * which has fewer than 70 decimal places.
 */
const roomy = decimalArithmetic(1000);
const RATIONAL_FUNCTIONS = new Set<ScalarFunction>(['identity', 'relu']);

/** The outputs by decimals of 60 digits, the largest size among them or 1, and what 60 digits may be wrong by. */
const reference = (
  layer: Layer,
  length: number,
  x: ArrayLike<number>,
): { y: Rational[]; largest: Rational; error: Rational } => {
  const y = run(exact, layer, length, (A) => castVector(A, x)).map(decimalToRational);
  const largest = y.reduce((most, value) => (value.abs().compare(most) > 0 ? value.abs() : most), Rational.of(1n));
  return { y, largest, error: largest.mul(Rational.of(1n, 10n ** 48n)) };
};

/** Checks that enclosures hold values that are known up to an error. */
const expectInside = (bounds: readonly (Bounds | undefined)[], y: readonly Rational[], error: Rational): void => {
  expect(bounds).toHaveLength(y.length);
  y.forEach((value, at) => {
    const known = bounds[at];
    if (known && (known.lo.compare(value.add(error)) > 0 || known.hi.compare(value.sub(error)) < 0)) {
      throw new Error(`[${at}]: ${value.toNumber()} outside of ${known.lo.toNumber()} … ${known.hi.toNumber()}`);
    }
  });
};

const width = ({ lo, hi }: Bounds): number => hi.sub(lo).toNumber();

/** `narrow`: width of an output, beside its size or 1; some 1000 roundings in a residual stack. */
const ENCLOSURES: readonly [string, Arithmetic<unknown>, narrow: number][] = [
  ['float64 intervals', intervals as Arithmetic<unknown>, 1e-10],
  ['intervals of 128 bits', bigIntervals(128) as Arithmetic<unknown>, 1e-33],
];
/** Up to this radius no input makes a normaliser or the mean under a root 0: outputs stay known. */
const WIDEST = 0.05;
/** Its norms take what a wide Mamba block makes of its tokens: a mean of squares may reach below 0. */
const MAY_BE_UNKNOWN = 'residual stack';

describe.each(ENCLOSURES)('%s', (_, A, narrow) => {
  describe.each(KINDS)('%s', (kind) => {
    it('enclose the run in real numbers, narrowly', () => {
      fc.assert(
        fc.property(cases(SIZES), (c) => {
          const { layer, length, tokens } = instantiate(kind, c);
          const x = tokens(compile(layer, A).inputs);
          const bounds = run(A, layer, length, () => castVector(A, x)).map(A.bounds);
          const { y, error } = reference(layer, length, x);
          expectInside(bounds, y, error);
          for (const known of bounds) {
            const size = Math.max(1, Math.abs(known!.hi.toNumber()));
            expect(width(known!)).toBeLessThanOrEqual(narrow * size);
          }
        }),
        { numRuns: 3 },
      );
    });

    it('enclose the runs from every point of wide inputs', () => {
      let known = 0;
      fc.assert(
        fc.property(cases(SIZES), fc.double({ min: 1e-6, max: WIDEST, noNaN: true }), (c, radius) => {
          const { layer, length, tokens } = instantiate(kind, c);
          const w = new Weights(c.seed + 1);
          const middle = tokens(compile(layer, A).inputs);
          const ends = Array.from(middle, (x) => [x - radius * w.number(0, 1), x + radius * w.number(0, 1)] as const);
          const wide = vectorOf(A, ends.length, (i) => {
            const [lo, hi] = ends[i]!.map(Rational.fromNumber);
            return A.fromReal({ enclose: () => ({ lo: lo!, hi: hi! }), approximate: () => lo! });
          });
          const bounds = run(A, layer, length, () => wide).map(A.bounds);
          if (kind !== MAY_BE_UNKNOWN) expect(bounds).not.toContain(undefined);
          known += bounds.filter((b) => b !== undefined).length;
          const inside = (place: () => number): number[] =>
            ends.map(([lo, hi]) => Math.min(hi, Math.max(lo, lo + place() * (hi - lo))));
          for (const place of [() => w.number(0, 1), () => (w.chance() ? 0 : 1)]) {
            const { y, error } = reference(layer, length, inside(place));
            expectInside(bounds, y, error);
          }
        }),
        { numRuns: 2 },
      );
      expect(known).toBeGreaterThan(0);
    });
  });
});

describe.each(KINDS)('%s in double-doubles', (kind) => {
  it('has 28 digits, beside the largest entry', () => {
    fc.assert(
      fc.property(cases(SIZES), (c) => {
        const { layer, length, tokens } = instantiate(kind, c);
        const x = tokens(compile(layer, doubleDoubles).inputs);
        const y = run(doubleDoubles, layer, length, (A) => castVector(A, x)).map((value) =>
          doubleDoubles.bounds(value)!,
        );
        const { y: expected, largest } = reference(layer, length, x);
        const error = largest.mul(Rational.of(1n, 10n ** 28n));
        expectInside(y, expected, error);
      }),
      { numRuns: 3 },
    );
  });
});

const isRational = (kind: string): boolean => LAYERS[kind]!.rational ?? false;

describe('in rationals', () => {
  it.each(KINDS.filter(isRational))('%s is what decimals make of it that have room for every digit', (kind) => {
    fc.assert(
      fc.property(cases({ ...SIZES, tokens: 3 }), (c) => {
        const { layer, length, tokens } = instantiate(kind, c);
        const x = tokens(compile(layer, rationals).inputs);
        const y = run(rationals, layer, length, (A) => castVector(A, x));
        const expected = run(roomy, layer, length, (A) => castVector(A, x));
        // Only the division of a normalised read-out rounds, as fromRational does.
        expect(y.map((value) => roomy.toText(roomy.fromRational(value)))).toEqual(expected.map(roomy.toText));
      }),
      { numRuns: 2 },
    );
  });
  it.each(KINDS.filter((kind) => !isRational(kind)))('%s is refused, because it is not rational', (kind) => {
    for (let seed = 0; seed < 8; seed++) {
      const { layer, length, tokens } = instantiate(kind, { seed, inputs: 2, width: 3, states: 2, chunks: [2] });
      const x = tokens(compile(layer, float64).inputs);
      const attempt = (): unknown => run(rationals, layer, length, (A) => castVector(A, x));
      if (layer.kind === 'activation' && RATIONAL_FUNCTIONS.has(layer.function)) expect(attempt).not.toThrow();
      else expect(attempt).toThrow(NotRational);
    }
  });
});
