/**
 * A claim is a value: what is stated, over which parameters and instances, with which bound, and how the measured
 * quantity is obtained by running a network. How it is decided is the business of `src/evidence`.
 */
import type { Arithmetic } from '../arithmetic/arithmetic.ts';
import { arithmeticByName } from '../arithmetic/names.ts';
import type { Rational } from '../arithmetic/rational.ts';
import type { Real } from '../arithmetic/real.ts';
import type { AnyPoint, Domain, PointOf } from './domain.ts';
import { InputError } from '../input-error.ts';
import { parseValues, REAL, type Parameters, type Point, type Values } from './parameters.ts';
import type { Random } from './random.ts';

/** How much work a run invests; defined by numbers of cases and grid points, never by time. */
export const PROFILES = ['quick', 'standard', 'deep'] as const;
export type Profile = (typeof PROFILES)[number];

/**
 * '<=': every instance has quantity ≤ bound. '>=' and '>': every instance has quantity ≥ or > bound (what no instance
 * can avoid). '==': the quantity is the bound, exactly; for counts.
 */
export type Relation = '<=' | '>=' | '>' | '==';

/** Whether the smallest values are the worst. */
export const isLowerBound = (relation: Relation): boolean => relation === '>=' || relation === '>';

/** What is measured on one instance, and the instances over which it is quantified. */
export interface Experiment<T> {
  /** Absent: there is a single case, `measure({})`. */
  readonly domain?: Domain;
  /** Every point of the domain, which is one of integers, is measured, however many there are. */
  readonly exhaustive?: true;
  /** Runs the network on the instance at this point and returns the quantity. */
  measure(point: AnyPoint): T;
  /** The quantity on the instance that the proof says is extremal. Never shown to the search. */
  witness?(): T;
}

/** Ties the type of `measure`'s point to the domain. */
export const experiment = <T, D extends Domain>(e: {
  domain: D;
  exhaustive?: true;
  measure: (point: PointOf<D>) => T;
  witness?: () => T;
}): Experiment<T> => e as unknown as Experiment<T>;

/** Independent trials of a random event. */
export interface Trials {
  readonly count: number;
  /** One trial: whether the event occurs. */
  occurs(random: Random): boolean;
}

interface Bounded<P extends Parameters> {
  /** What is measured, in words. */
  readonly measures: string;
  readonly relation: Relation;
  /** Cells where the quantity is stated; all where absent. */
  applies?(values: Values<P>): boolean;
  bound(values: Values<P>): Real;
  /** The scale at which the bound must be refuted (below 1; above 1 for lower bounds), or null where no tightness is claimed. */
  slack(values: Values<P>): number | null;
  /** A cell at which the mutants and the scaled bound are refuted; the first of the quick grid if absent. */
  readonly teethAt?: Readonly<Record<string, string | number>>;
}

/** A quantity that is measured by running a network on instances. */
export interface Measured<P extends Parameters> extends Bounded<P> {
  /** What is measured is itself found by trying instances: that is evidence of the kind `sampled`. */
  readonly tried?: true;
  /** Values equal their bound, and the network is rational: exact arithmetic decides at once. */
  readonly exact?: true;
  /** Measures a number of the arithmetic, or a count, which is exact in any. */
  experiment<T>(values: Values<P>, arithmetic: Arithmetic<T>): Experiment<T | Rational>;
  /** Broken constructions that the check must refute, by name: its teeth. */
  readonly mutants?: Readonly<
    Record<string, <T>(values: Values<P>, arithmetic: Arithmetic<T>) => Experiment<T | Rational>>
  >;
}

/** The probability of an event, with an upper bound. Its evidence is the rate in a number of trials. */
export interface Frequency<P extends Parameters> extends Bounded<P> {
  trials(values: Values<P>): Trials;
  readonly mutants?: Readonly<Record<string, (values: Values<P>) => Trials>>;
}

/** One quantity of a claim with its bound. */
export type Quantity<P extends Parameters> = Measured<P> | Frequency<P>;

/** Columns of plain numbers. */
export const dimensionless = (names: readonly string[]): { readonly name: string; readonly unit: string }[] =>
  names.map((name) => ({ name, unit: '' }));

/** A table of numbers beside the verdict: one row for every cell of the grid. */
export interface Measurement<P extends Parameters> {
  readonly id: string;
  readonly title: string;
  readonly columns: readonly { readonly name: string; readonly unit: string }[];
  /** `seed` is the cell's own, for rows that hold rates of random events. */
  row(values: Values<P>, seed: number): readonly (number | string | null)[];
}

/** Values a user can ask `explain` for. */
export interface Explanation<P extends Parameters> {
  /** Parameters that `explain --set` takes; all optional there. */
  readonly parameters: P;
  /** Name → value to that many digits, as decimal text; entries whose parameters are missing are left out. */
  evaluate(values: Partial<Values<P>>, digits: number): Readonly<Record<string, string>>;
}

export interface Claim<P extends Parameters = Parameters> {
  readonly kind: 'claim';
  readonly tag: string;
  readonly title: string;
  /** The statement with its bound, as text. */
  readonly statement: string;
  /** "for all …", "there exist …", in order. */
  readonly quantifiers: readonly string[];
  readonly source: string;
  readonly parameters: P;
  /** Conditions that tie parameters together. */
  readonly conditions?: readonly {
    readonly name: string;
    readonly expected: string;
    holds(values: Values<P>): boolean;
  }[];
  /** Cells of each profile; a profile contains those before it. */
  readonly grid: Readonly<Record<Profile, readonly Point[]>>;
  readonly quantities: Readonly<Record<string, Quantity<P>>>;
  /** The quantity whose bound `--bound` replaces; the first one if absent. */
  readonly main?: string;
  readonly measurements?: readonly Measurement<P>[];
  readonly explain?: Explanation<Parameters>;
}

/** Declares a claim; its file exports the result under any name. */
export const defineClaim = <const P extends Parameters>(claim: Omit<Claim<P>, 'kind'>): Claim<P> => ({
  kind: 'claim',
  ...claim,
});

/** A claim about the problems and mechanisms of a project, a user's own among them. */
export interface ProjectClaim<Parts> {
  readonly kind: 'project-claim';
  readonly tag: string;
  make(parts: Parts): Claim;
}

/** Whether a claim's `format` parameter takes that arithmetic. */
export const isStatedIn = (claim: Claim, format: string): boolean => {
  const parameter = claim.parameters.format;
  return parameter?.kind === 'format' || (parameter?.kind === 'choice' && parameter.choices.includes(format));
};

/** The values of one cell, with the conditions that tie them together checked. */
export const parseCell = <P extends Parameters>(
  claim: Claim<P>,
  texts: Readonly<Record<string, string>>,
): Values<P> => {
  const values = parseValues(claim.parameters, texts);
  const { format = REAL, accumulate } = texts;
  if (accumulate === 'fp32' && (format === REAL || !arithmeticByName(format, accumulate)))
    throw new InputError(
      `\`accumulate\` of ${claim.tag}`,
      `own for ${format} (fp32 takes formats of at most 24 bits)`,
      accumulate,
    );
  const broken = claim.conditions?.find((condition) => !condition.holds(values));
  if (broken)
    throw new InputError(`\`${broken.name}\` of ${claim.tag}`, broken.expected, texts[broken.name] ?? 'nothing');
  return values;
};

/**
 * The room that a run over N tokens in float64 needs beside a bound that is attained, as a fraction of it: the terms of a
 * read-out and of its normaliser pass through fewer than 2N + 4 roundings each (docs/theory.md P1), an error of at most
 * M·(4N + 8)u. `amplification` is M/bound (at least 1): how large that is beside the bound. Twice the room is left.
 */
export const roundingRoom = (N: number, amplification = 1): number =>
  Math.max(2 ** -40, (4 * N + 8) * 2 ** -52 * amplification);

/** However much room rounding asks for, records keep nearly their full size; more precise enclosures decide then. */
const MOST_MARGIN = 2 ** -20;

/**
 * Bounds that are attained cannot be decided by enclosures when an instance attains them exactly. Records of size at most
 * M(1 − margin) leave room for the rounding of float64, so that its fast intervals decide.
 */
export const recordMargin = (N: number, amplification = 1): number =>
  Math.min(MOST_MARGIN, roundingRoom(N, amplification));
