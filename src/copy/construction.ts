/** What a COPY construction offers: explicit weights for given sizes, its error bound, and the instance that attains it. */
import type { Accumulation, Arithmetic } from '../arithmetic/arithmetic.ts';
import type { Format } from '../arithmetic/format.ts';
import type { Rational } from '../arithmetic/rational.ts';
import type { Real } from '../arithmetic/real.ts';
import { integer, real } from '../claim/parameters.ts';
import type { CopyInstance, CopyModule } from './task.ts';

/** Parameters that every COPY construction takes, up to given sizes. */
export const copyParameters = (most: { N: number; d: number }) =>
  ({
    N: integer('sequence length', { min: 1, max: most.N }),
    d: integer('components of a record', { min: 1, max: most.d }),
    M: real('bound on the records', { min: '0', openMin: true }),
    eps: real('target error', { min: '0', openMin: true }),
  }) as const;

export interface CopyParameters {
  readonly N: number;
  readonly d: number;
  readonly M: Rational;
  readonly eps: Rational;
  /** The format that the weights are meant for; constants are chosen to suit it. Absent: real numbers. */
  readonly format?: Format;
}

export interface BuiltCopy extends CopyModule {
  /** Derived constants by their symbol. */
  readonly constants: Readonly<Record<string, number>>;
  /** Bound on the error in real arithmetic. */
  readonly bound: Real;
  /** The extremal instance of the proof, with records of size M(1 − margin). */
  witness<T>(arithmetic: Arithmetic<T>, margin: number): CopyInstance<T>;
  /** Why the construction must fail in a format and an accumulation, if theory says so. */
  breaks(format: Format, mode: Accumulation): string | undefined;
}

export interface CopyConstruction {
  readonly kind: 'construction';
  readonly tag: string;
  readonly title: string;
  readonly statement: string;
  readonly source: string;
  /** The errors that it can be built for, beyond ε > 0. */
  readonly allows: { readonly expected: string; holds(p: CopyParameters): boolean };
  build(p: CopyParameters): BuiltCopy;
}

/** Declares a construction; its file exports the result under any name. */
export const defineCopy = (construction: Omit<CopyConstruction, 'kind'>): CopyConstruction => ({
  kind: 'construction',
  ...construction,
});
