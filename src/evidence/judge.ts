/**
 * Decides single measurements rigorously. A statement about real numbers is judged by enclosures: float64 intervals
 * first, and more precise ones where those leave it open; exact rationals decide what equals its bound. A statement about
 * a number format is judged by the run itself, which that format determines to the last bit.
 */
import { Undecidable, type Arithmetic } from '../arithmetic/arithmetic.ts';
import { bigIntervals } from '../arithmetic/big-interval-arithmetic.ts';
import { NotRational, rationals } from '../arithmetic/exact.ts';
import { intervals } from '../arithmetic/interval.ts';
import { Rational } from '../arithmetic/rational.ts';
import type { Bounds, Real } from '../arithmetic/real.ts';
import { isLowerBound, type Experiment, type Measured, type Relation } from '../claim/claim.ts';
import type { Parameters } from '../claim/parameters.ts';
import type { Verdict } from '../claim/result.ts';

/** An experiment in any arithmetic. */
export type ExperimentIn = <T>(arithmetic: Arithmetic<T>) => Experiment<T | Rational>;

export interface Judgement {
  readonly verdict: Verdict;
  /** The end of the enclosure that is nearer to violating the relation; NaN where nothing is known. */
  readonly value: number;
  readonly bounds?: Bounds;
}

/** An arithmetic whose runs can be compared with bounds, and the bits to which it needs the bound. */
interface Rung {
  readonly arithmetic: Arithmetic<unknown>;
  readonly bits: number;
}

const rung = <T>(arithmetic: Arithmetic<T>, bits: number): Rung => ({
  arithmetic: arithmetic as Arithmetic<unknown>,
  bits,
});

/** Bits of a bound beside float64 intervals. */
export const BOUND_BITS = 80;
/** Bits of a bound beside runs that are exact, or nearly. */
const MOST_BITS = 512;
const EXACT = rung(rationals, MOST_BITS);
/** Exact rationals come after the first precise intervals: they decide equality, but their digits grow with the run. */
const LADDER: readonly Rung[] = [
  rung(intervals, BOUND_BITS),
  rung(bigIntervals(128), 128),
  EXACT,
  rung(bigIntervals(MOST_BITS), MOST_BITS),
];

/** What a value within `bounds` comes to against a bound. */
export const judgeBounds = (relation: Relation, { lo, hi }: Bounds, bound: Bounds): Verdict => {
  const below = hi.compare(bound.lo) <= 0;
  const above = lo.compare(bound.hi) > 0;
  if (relation === '<=') return below ? 'holds' : above ? 'refuted' : 'undecided';
  if (relation === '>') return above ? 'holds' : below ? 'refuted' : 'undecided';
  const under = hi.compare(bound.lo) < 0;
  if (relation === '>=') return lo.compare(bound.hi) >= 0 ? 'holds' : under ? 'refuted' : 'undecided';
  if (under || above) return 'refuted';
  const equal = lo.compare(hi) === 0 && bound.lo.compare(bound.hi) === 0;
  return equal ? 'holds' : 'undecided';
};

const nearer = (relation: Relation, { lo, hi }: Bounds): Rational => (isLowerBound(relation) ? lo : hi);

/** Judges runs of one experiment against one bound. */
export class Judge {
  readonly #relation: Relation;
  readonly #bound: Real;
  readonly #format: Arithmetic<unknown> | undefined;
  readonly #ladder: readonly Rung[];
  readonly #experiment: ExperimentIn;
  /** Experiments set up so far; null where a network cannot run in that arithmetic at all. */
  readonly #compiled = new Map<Rung, Experiment<unknown> | null>();

  /** `format`: the arithmetic that the statement is about; real numbers where absent. */
  constructor(
    experiment: ExperimentIn,
    { relation, exact }: Pick<Measured<Parameters>, 'relation' | 'exact'>,
    bound: Real,
    format?: Arithmetic<unknown>,
  ) {
    this.#experiment = experiment;
    this.#relation = relation;
    this.#bound = bound;
    this.#format = format;
    this.#ladder = format ? [rung(format, MOST_BITS)] : exact ? [EXACT, ...LADDER] : LADDER;
  }

  #run(step: Rung, measure: (experiment: Experiment<unknown>) => unknown): Bounds | undefined {
    let experiment = this.#compiled.get(step);
    if (experiment === null) return undefined;
    try {
      if (!experiment) {
        this.#compiled.set(step, null);
        this.#compiled.set(step, (experiment = this.#experiment(step.arithmetic)));
      }
      const value = measure(experiment);
      return value instanceof Rational ? value.enclose() : step.arithmetic.bounds(value);
    } catch (error) {
      if (error instanceof NotRational || error instanceof Undecidable) return undefined;
      throw error;
    }
  }

  /** Judges one measurement: a point of the domain, or the witness. */
  judge(measure: (experiment: Experiment<unknown>) => unknown): Judgement {
    let value = NaN;
    for (const step of this.#ladder) {
      const bounds = this.#run(step, measure);
      if (!bounds) continue;
      value = nearer(this.#relation, bounds).toNumber();
      const verdict = judgeBounds(this.#relation, bounds, this.#bound.enclose(step.bits));
      if (verdict !== 'undecided') return { verdict, value, bounds };
    }
    // A format's run that ends in NaN or an infinity is known, and violates any bound.
    return { verdict: Number.isNaN(value) && this.#format ? 'refuted' : 'undecided', value };
  }
}
