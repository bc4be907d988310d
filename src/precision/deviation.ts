/**
 * How far a network's run in a number format departs from real arithmetic: the bound known before any run, and what runs
 * show. The network in real arithmetic has its weights as doubles; a run in a format casts weights and inputs to it.
 */
import { castVector, type Accumulation, type Arithmetic } from '../arithmetic/arithmetic.ts';
import { bigIntervals } from '../arithmetic/big-interval-arithmetic.ts';
import type { Format } from '../arithmetic/format.ts';
import { intervals } from '../arithmetic/interval.ts';
import { Rational } from '../arithmetic/rational.ts';
import type { Bounds } from '../arithmetic/real.ts';
import { experiment, type Experiment } from '../claim/claim.ts';
import { integers, reals, vectors } from '../claim/domain.ts';
import type { Layer } from '../network/layer.ts';
import { compile } from '../network/machine.ts';
import { roundingBounds, type Side } from '../network/rounding.ts';

/** Where the components of a token may lie. */
export type TokenBox = readonly Side[];

/** A network, the sequences of tokens that it is run on, and the components that count of each token's output. */
export interface Subject {
  readonly network: Layer;
  /** All of one length. */
  readonly sequences: readonly (readonly TokenBox[])[];
  readonly outputs: readonly number[];
}

/** An input that is known. */
export const at = (x: number): Side => ({ lo: x, hi: x });
/** An input of size at most M. */
export const within = (M: number): Side => ({ lo: -M, hi: M });

/** Places in y [length, width] of the outputs that count. */
const placesOf = ({ outputs }: Subject, length: number, width: number): number[] =>
  Array.from({ length }, (_, t) => outputs.map((k) => t * width + k)).flat();

/** Bound on |ŷ − y| over all sequences and outputs; ∞ where a run may overflow. */
export const predictedDeviation = (subject: Subject, format: Format, mode: Accumulation = 'own'): number =>
  Math.max(
    ...subject.sequences.map((sequence) => {
      const bounds = roundingBounds(subject.network, sequence.flat(), format, mode);
      const places = placesOf(subject, sequence.length, bounds.length / sequence.length);
      return Math.max(...places.map((place) => bounds[place]!.error));
    }),
  );

/** Formats of at most so many bits err far above the width of float64 intervals. */
const MOST_BITS_BESIDE_DOUBLES = 30;
const REFERENCE_BITS = 128;

const ZERO = Rational.of(0n);
const larger = (x: Rational, y: Rational): Rational => (x.compare(y) < 0 ? y : x);

const isFree = ({ lo, hi }: Side): boolean => lo !== hi;

/** The doubles of a sequence at coordinates in [−1, 1], one for each side that is not a point. */
const tokensAt = (sequence: readonly TokenBox[], coordinates: readonly number[]): number[] => {
  let next = 0;
  return sequence.flat().map((side) => {
    const { lo, hi, integer } = side;
    if (!isFree(side)) return lo;
    const x = lo + ((hi - lo) * (1 + coordinates[next++]!)) / 2;
    return integer ? Math.round(x) : x;
  });
};

/** Encloses the outputs of a network in real arithmetic. */
const enclosed = <R>(network: Layer, B: Arithmetic<R>) => {
  const machine = compile(network, B);
  return (tokens: readonly number[], length: number): ((place: number) => Bounds | undefined) => {
    const y = machine.run(castVector(B, tokens), length, machine.initialState());
    return (place) => B.bounds(B.get(y, place));
  };
};

/**
 * |ŷ − y|, the largest over the outputs, for any of the sequences and any tokens in its boxes; A is the format's
 * arithmetic. What comes out is an upper end, because the real number y is enclosed; or ŷ itself where it is no number.
 * `run`: the network that the format runs, where it is another.
 */
export const deviation = <T>(
  subject: Subject,
  A: Arithmetic<T>,
  { p }: Format,
  run = subject.network,
): Experiment<T | Rational> => {
  const { network, sequences } = subject;
  const [{ length } = []] = sequences;
  const free = Math.max(...sequences.map((sequence) => sequence.flat().filter(isFree).length));
  const machine = compile(run, A);
  const places = placesOf(subject, length!, machine.outputs);
  const reference =
    p <= MOST_BITS_BESIDE_DOUBLES ? enclosed(network, intervals) : enclosed(network, bigIntervals(REFERENCE_BITS));
  return experiment({
    domain: { sequence: integers(0, sequences.length - 1), at: vectors(free, reals(-1, 1)) },
    measure: ({ sequence, at: coordinates }) => {
      const tokens = tokensAt(sequences[sequence]!, coordinates);
      const y = machine.run(castVector(A, tokens), length!, machine.initialState());
      const exact = reference(tokens, length!);
      let worst = ZERO;
      for (const place of places) {
        const value = A.get(y, place);
        const computed = A.bounds(value)?.lo;
        if (!computed) return value;
        const { lo, hi } = exact(place)!;
        worst = larger(larger(worst, computed.sub(lo)), hi.sub(computed));
      }
      return worst;
    },
  });
};
