/** Builds one COPY construction, runs it in one arithmetic, and says how far it errs: what `mambound copy` reports. */
import fc from 'fast-check';
import { castVector, type Accumulation, type Arithmetic } from '../arithmetic/arithmetic.ts';
import { maximum } from '../arithmetic/float64.ts';
import { formatByName } from '../arithmetic/format.ts';
import { roundingRoom } from '../claim/claim.ts';
import type { AnyPoint } from '../claim/domain.ts';
import { valueForResult } from '../claim/parameters.ts';
import type { FoundBy, Verdict } from '../claim/result.ts';
import { pointArbitrary } from './arbitraries/axis.ts';
import { BOUND_BITS } from './judge.ts';
import { search } from './search.ts';
import { InputError } from '../input-error.ts';
import { sizesOf, type Sizes } from '../network/size.ts';
import type { CopyConstruction, CopyParameters } from '../copy/construction.ts';
import { copyExperiment } from '../copy/experiment.ts';
import { CopyRunner } from '../copy/task.ts';

export interface CopyReport {
  readonly construction: string;
  readonly params: Readonly<Record<string, number | string>>;
  readonly format: string;
  readonly mode: Accumulation;
  readonly constants: Readonly<Record<string, number>>;
  /** Bound on the error in real arithmetic. */
  readonly bound: number;
  /** Largest error over random instances. */
  readonly error: number;
  /** Largest error found by any means. */
  readonly worst: number;
  readonly foundBy: FoundBy;
  readonly found: Readonly<Partial<Record<FoundBy, number>>>;
  readonly sizes: Sizes;
  readonly verdict: Verdict;
  readonly reason?: string;
}

/** Random instances run, fewer where they take more than this many multiply–adds; each is run twice. */
const SAMPLES = 3;
const SAMPLE_WORK = 3.5e9;
/** Multiply–adds that the search may spend. Both counts are heavier in slower arithmetics. */
const SEARCH_WORK = 4e8;
/** Multiply–adds of one run beyond which it would take minutes. */
const MOST_WORK = 1e10;
/** Components of all records together, N·d, beyond which weights of several for each take gigabytes while they are built. */
const MOST_COMPONENTS = 2 ** 18;
const MOST_SWEEPS = 8;
/** Starts of the search: the first sample, and it with the position at either end. */
const SEARCH_STARTS = 3;
/** However small ε is beside M, records keep half their size. */
const MOST_MARGIN = 0.5;
/** Up to this length every position is asked for at the last token; beyond, those near the ends and an even spread. */
const ASK_ALL = 512;
const ASK_ENDS = 16;
const ASK_SPREAD = 64;

const askedPositions = (N: number): number[] => {
  const all = Array.from({ length: N }, (_, at) => at + 1);
  if (N <= ASK_ALL) return all;
  const stride = Math.floor(N / ASK_SPREAD);
  return all.filter((p) => p <= ASK_ENDS || p > N - ASK_ENDS || p % stride === 0);
};

/** Work of one operation against a float64 one, roughly; it only sets how much is tried. */
const slowness = (format: string): number => (format.startsWith('decimal') ? 3000 : format === 'fp64' ? 1 : 10);

export const evaluateCopy = <T>(
  construction: CopyConstruction,
  p: CopyParameters,
  A: Arithmetic<T>,
  seed: number,
): CopyReport => {
  if (!construction.allows.holds(p)) {
    throw new InputError('`--eps`', `${construction.allows.expected} for ${construction.tag}`, p.eps.toString());
  }
  if (p.N * p.d > MOST_COMPONENTS) {
    throw new InputError('`--n` and `--d`', `so small that N·d is at most ${MOST_COMPONENTS}`, `${p.N} and ${p.d}`);
  }
  const format = formatByName(A.name);
  const real = format === undefined || format.p === 53;
  const built = construction.build(real ? p : { ...p, format });
  const { N, d, M } = p;
  const margin = real ? Math.min(MOST_MARGIN, roundingRoom(N, 1 + M.div(p.eps).toNumber())) : 0;
  const sizes = sizesOf(built.network, N);
  const work = N * sizes.macsPerTokenNonzero;
  if (work > MOST_WORK) {
    throw new InputError(
      '`--n`',
      `so small that a run takes at most ${MOST_WORK} multiply–adds`,
      `${N} (${work.toPrecision(3)} of them)`,
    );
  }
  if (format && sizes.largestWeight > format.max) {
    const constants = Object.entries(built.constants).map(
      ([name, value]) => `${name} = ${Number(value.toPrecision(5))}`,
    );
    throw new InputError(
      '`--format`',
      `a format that holds the weights of ${construction.tag} (${constants.join(', ')}), the largest of which is ${sizes.largestWeight}`,
      `${format.name}, whose largest number is ${format.max}`,
    );
  }
  const runner = new CopyRunner(built, d, A);
  const experiment = copyExperiment(built, p, A, margin, runner);
  const domain = experiment.domain!;
  const measure = (point: AnyPoint): number => A.toNumber(experiment.measure(point));

  const runWork = work * slowness(A.name);
  const samples = Math.max(1, Math.min(SAMPLES, Math.floor(SAMPLE_WORK / (2 * runWork))));
  const points = fc.sample(pointArbitrary(domain), { seed, numRuns: samples });
  const errors = points.map((point) =>
    maximum([
      measure(point),
      A.toNumber(runner.worstLastQuery(castVector(A, point.records as readonly number[]), N, askedPositions(N))),
    ]),
  );
  const evaluations = SEARCH_WORK / runWork;
  const sweeps = Math.min(MOST_SWEEPS, evaluations / (SEARCH_STARTS * (N * d + 1)));
  const climbed = sweeps >= 1 ? search(domain, measure, points.slice(0, 1), sweeps) : undefined;

  const found: [FoundBy, number][] = [
    ['witness', A.toNumber(experiment.witness!())],
    ['sample', maximum(errors)],
    ...(climbed ? [['search', climbed.value] as [FoundBy, number]] : []),
  ];
  const [foundBy, worst] = found.reduce((x, y) => (Object.is(maximum([x[1], y[1]]), x[1]) ? x : y));
  const bound = built.bound.approximate().toNumber();
  const eps = p.eps.toNumber();
  // In real arithmetic the bound must hold and lie within ε; a format adds its rounding, and only ε counts.
  const { lo, hi } = built.bound.enclose(BOUND_BITS);
  const limit = real ? lo.toNumberBelow() : eps;
  const within = worst <= limit && (!real || hi.compare(p.eps) <= 0);
  const reason = within ? undefined : ((format && built.breaks(format, A.mode)) ?? failure(A.name, worst, limit, eps));
  return {
    construction: construction.tag,
    params: { N, d, M: valueForResult(M), eps: valueForResult(p.eps) },
    format: A.name,
    mode: A.mode,
    constants: built.constants,
    bound,
    error: maximum(errors),
    worst,
    foundBy,
    found: Object.fromEntries(found),
    sizes,
    verdict: within ? 'holds' : 'refuted',
    ...(reason !== undefined && { reason }),
  };
};

const failure = (format: string, worst: number, limit: number, eps: number): string =>
  worst <= limit
    ? `the construction's own bound ${limit.toPrecision(3)} is above ε = ${eps}`
    : `the error ${worst.toPrecision(3)} is above ${limit.toPrecision(3)}: the rounding of the weights to doubles, or of the run in ${format}, is not small against ε`;
