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
import { compile, type CompileOptions } from '../network/machine.ts';
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
export const predictedDeviation = (
  subject: Subject,
  format: Format,
  mode: Accumulation = 'own',
  options: CompileOptions = {},
): number =>
  Math.max(
    ...subject.sequences.map((sequence) => {
      const bounds = roundingBounds(subject.network, sequence.flat(), format, mode, options);
      const places = placesOf(subject, sequence.length, bounds.length / sequence.length);
      return Math.max(...places.map((place) => bounds[place]!.error));
    }),
  );

/** Bits of the enclosures that are taken where float64 intervals are not narrow beside the deviation. */
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

type Enclose = (tokens: readonly number[], length: number) => (place: number) => Bounds | undefined;

/** Encloses the outputs of a network in real arithmetic. */
const enclosed = <R>(network: Layer, B: Arithmetic<R>): Enclose => {
  const machine = compile(network, B);
  return (tokens, length) => {
    const y = machine.run(castVector(B, tokens), length, machine.initialState());
    return (place) => B.bounds(B.get(y, place));
  };
};

/** What |ŷ − y| is at least and at most, the largest over the places; undefined where y is not enclosed. */
const distance = (
  places: readonly number[],
  computed: readonly Rational[],
  exact: (place: number) => Bounds | undefined,
): Bounds | undefined => {
  let [least, most] = [ZERO, ZERO];
  for (const [k, place] of places.entries()) {
    const known = exact(place);
    if (!known) return undefined;
    const { lo, hi } = known;
    const farther = larger(computed[k]!.sub(lo), hi.sub(computed[k]!));
    least = larger(least, farther.sub(hi.sub(lo)));
    most = larger(most, farther);
  }
  return { lo: least, hi: most };
};

/** A deviation is known well enough to 1 %. */
const NARROW = Rational.of(101n, 100n);
const isNarrow = ({ lo, hi }: Bounds): boolean => hi.compare(lo.mul(NARROW)) <= 0;

/**
 * |ŷ − y|, the largest over the outputs, for any of the sequences and any tokens in its boxes; A is the format's
 * arithmetic. What comes out is an upper end, because the real number y is enclosed; or ŷ itself where it is no number.
 * `fine`: an upper end that need not be known better; `options`: how the format runs the network.
 */
export const deviation = <T>(
  subject: Subject,
  A: Arithmetic<T>,
  fine: Rational,
  {
    run = subject.network,
    ...options
  }: CompileOptions & { /** Another network than the subject's. */ readonly run?: Layer } = {},
): Experiment<T | Rational> => {
  const { network, sequences } = subject;
  const [{ length } = []] = sequences;
  const free = Math.max(...sequences.map((sequence) => sequence.flat().filter(isFree).length));
  const machine = compile(run, A, options);
  const places = placesOf(subject, length!, machine.outputs);
  const quick: Enclose = enclosed(network, intervals);
  let precise: Enclose | undefined;
  return experiment({
    domain: { sequence: integers(0, sequences.length - 1), at: vectors(free, reals(-1, 1)) },
    measure: ({ sequence, at: coordinates }) => {
      const tokens = tokensAt(sequences[sequence]!, coordinates);
      const y = machine.run(castVector(A, tokens), length!, machine.initialState());
      const computed: Rational[] = [];
      for (const place of places) {
        const value = A.get(y, place);
        const known = A.bounds(value);
        if (!known) return value;
        computed.push(known.lo);
      }
      const near = distance(places, computed, quick(tokens, length!));
      if (near && (isNarrow(near) || near.hi.compare(fine) <= 0)) return near.hi;
      precise ??= enclosed(network, bigIntervals(REFERENCE_BITS));
      return distance(places, computed, precise(tokens, length!))!.hi;
    },
  });
};
