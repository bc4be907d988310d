/** What the tests of copying constructions share. */
import type { Accumulation } from '../../src/arithmetic/arithmetic.ts';
import { decimalArithmetic } from '../../src/arithmetic/decimal.ts';
import { emulatedArithmetic } from '../../src/arithmetic/emulated.ts';
import { formatByName } from '../../src/arithmetic/format.ts';
import { evaluateFormula } from '../../src/arithmetic/formula.ts';
import { Rational } from '../../src/arithmetic/rational.ts';
import type { BuiltCopy, CopyParameters } from '../../src/copy/construction.ts';
import { CopyRunner } from '../../src/copy/task.ts';

export type Build = (p: CopyParameters) => BuiltCopy;

export const exact = (text: string): Rational => Rational.parse(text)!;

export const parameters = (N: number, d: number, M: string, eps: string, format?: string): CopyParameters => ({
  N,
  d,
  M: exact(M),
  eps: exact(eps),
  ...(format !== undefined && { format: formatByName(format)! }),
});

/** 1, …, N. */
export const range = (N: number): number[] => Array.from({ length: N }, (_, at) => at + 1);

/** Whether a value is what another program printed, but for a part of it. */
export const agrees = (value: Rational, printed: string, part = '1e-32'): boolean =>
  value.div(exact(printed)).sub(Rational.of(1n)).abs().compare(exact(part)) < 0;

/** The formula of a bound at the constants that a construction chooses, some of them changed. */
export const boundAt = <C extends object>(
  formula: Parameters<typeof evaluateFormula>[0],
  constantsOf: (p: CopyParameters) => C,
  p: CopyParameters,
  change: (constants: C) => Partial<C> = () => ({}),
): Rational => {
  const constants = constantsOf(p);
  return evaluateFormula(formula, { N: p.N, M: p.M, ...constants, ...change(constants) });
};

/** The error on the witness of the proof, with records of size M, and the bound, rounded down. */
export const onWitness = (build: Build, p: CopyParameters, digits = 20): { error: number; bound: number } => {
  const built = build(p);
  const A = decimalArithmetic(digits);
  const error = A.toNumber(new CopyRunner(built, p.d, A).worstError(built.witness(A, 0)));
  return { error, bound: built.bound.enclose(80).lo.toNumberBelow() };
};

/** In the format of p, for one component: the largest error of copying i/2 at every i, and those asked at the last. */
export const errorInFormat = (
  build: Build,
  p: CopyParameters,
  mode: Accumulation,
  records: Float64Array,
  asked: readonly number[],
): number => {
  const runner = new CopyRunner(build(p), 1, emulatedArithmetic(p.format!, mode));
  const pos = range(p.N).map((i) => Math.ceil(i / 2));
  return Math.max(runner.worstLastQuery(records, p.N, asked), runner.worstError({ records, pos }));
};

/** The same for ε = 1/4 and records ±1, neighbours opposite: neighbours that are not told apart show. */
export const errorOfNeighbours =
  (build: Build) =>
  (N: number, format: string, mode: Accumulation = 'own', asked: readonly number[] = [1, 2, N - 1, N]): number => {
    const records = Float64Array.from(range(N), (i) => (i % 2 === 1 ? 1 : -1));
    return errorInFormat(build, parameters(N, 1, '1', '1/4', format), mode, records, asked);
  };

/** Why theory says that a construction fails in the format of p, if it does. */
export const reasonOf = (build: Build, p: CopyParameters, mode: Accumulation = 'own'): string | undefined =>
  build(p).breaks(p.format!, mode);
