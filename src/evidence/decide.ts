/** Decides one quantity of a claim in one cell of its grid: witness, samples, search, and the verdict. */
import { arithmeticByName } from '../arithmetic/names.ts';
import type { Accumulation, Arithmetic } from '../arithmetic/arithmetic.ts';
import { float64 } from '../arithmetic/float64.ts';
import { parseFormula, realOf } from '../arithmetic/formula.ts';
import { Rational } from '../arithmetic/rational.ts';
import { scale, type Bounds, type Real } from '../arithmetic/real.ts';
import {
  isLowerBound,
  parseCell,
  type Claim,
  type Experiment,
  type Measured,
  type Profile,
  type Relation,
  type Trials,
} from '../claim/claim.ts';
import { pointsOf, type AnyPoint } from '../claim/domain.ts';
import { REAL, valueForResult, type Parameters, type Value, type Values } from '../claim/parameters.ts';
import { weakestVerdict, type Cell, type FoundBy, type Verdict } from '../claim/result.ts';
import { measureRate, refutesBound } from './frequency.ts';
import { BOUND_BITS, Judge, judgeBounds, type ExperimentIn, type Judgement } from './judge.ts';
import { sample, type JudgedPoint } from './sample.ts';
import { search, simplify } from './search.ts';

/** Cases drawn, samples that the search starts from, and its evaluations for each coordinate and start. */
export const EFFORT: Readonly<
  Record<Profile, { readonly cases: number; readonly starts: number; readonly sweeps: number }>
> = {
  quick: { cases: 40, starts: 1, sweeps: 4 },
  standard: { cases: 120, starts: 2, sweeps: 6 },
  deep: { cases: 1000, starts: 8, sweeps: 30 },
};

export interface DecideOptions {
  readonly seed: number;
  readonly profile: Profile;
  readonly path?: string;
  /** Multiplies the bound; how the teeth of a claim are tested. */
  readonly scale?: number;
  /** A formula over the claim's parameters that replaces the bound; no tightness is claimed of it. */
  readonly bound?: string;
}

export interface Decision {
  readonly cell: Cell;
  readonly cases: number;
  /** A minimal violation, where the cell is refuted. */
  readonly counterexample?: { readonly point: AnyPoint; readonly value: number; readonly path?: string };
}

/** A seed of its own for every quantity and cell, whatever else runs. FNV-1a over the text. */
export const seedFor = (seed: number, ...texts: readonly string[]): number => {
  let hash = 0x811c9dc5 ^ seed;
  for (const character of texts.join('\u0000')) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
  return hash | 0;
};

/** The seed of one quantity or table of a claim in one cell. */
export const cellSeed = (seed: number, name: string, values: Values<Parameters>): number =>
  seedFor(seed, name, JSON.stringify(Object.entries(paramsOf(values)).sort()));

/** The parameters of a cell as a result file holds them: however they were typed. */
const paramsOf = (values: Values<Parameters>): Record<string, number | string> =>
  Object.fromEntries(
    Object.entries(values as Record<string, Value>).map(([key, value]) => [key, valueForResult(value)]),
  );

/** The arithmetic that a cell's statement is about; undefined where it is about real numbers. */
export const formatOf = (cell: Readonly<Record<string, string>>): Arithmetic<unknown> | undefined =>
  cell.format === undefined || cell.format === REAL
    ? undefined
    : arithmeticByName(cell.format, cell.accumulate as Accumulation | undefined)!;

/** Which of two values is nearer to violating the relation; NaN is the worst. */
const worse = (relation: Relation, x: number, y: number): boolean => {
  if (Number.isNaN(y)) return false;
  if (Number.isNaN(x)) return true;
  return isLowerBound(relation) ? x < y : x > y;
};

interface Findings {
  readonly found: Partial<Record<FoundBy, Judgement>>;
  readonly cases: number;
  /** The weakest verdict of all that was judged. */
  readonly verdict: Verdict;
  readonly counterexample?: Decision['counterexample'];
}

/**
 * A domain with few points is gone through. Of any other, samples and the witness are judged; the search climbs in plain
 * arithmetic, and what it finds is judged.
 */
const investigate = (
  judge: Judge,
  { domain, exhaustive, measure, witness }: Experiment<number | Rational>,
  relation: Relation,
  options: DecideOptions,
): Findings => {
  const at = (point: AnyPoint): JudgedPoint => ({ ...judge.judge((experiment) => experiment.measure(point)), point });
  const { cases, starts, sweeps } = EFFORT[options.profile];
  const points = domain ? pointsOf(domain, exhaustive ? Infinity : cases) : [{}];
  if (points) {
    const judged = points.map(at);
    const proof = judged.reduce((x, y) => (worse(relation, y.value, x.value) ? y : x));
    const refuted = judged.find(({ verdict }) => verdict === 'refuted');
    return {
      found: { proof },
      cases: points.length,
      verdict: weakestVerdict(judged.map(({ verdict }) => verdict)),
      ...(refuted && { counterexample: { point: refuted.point, value: refuted.value } }),
    };
  }
  const sampled = sample(domain!, at, {
    seed: options.seed,
    cases,
    ...(options.path !== undefined && { path: options.path }),
  });
  const ranked = [...sampled.cases].sort((x, y) =>
    worse(relation, x.value, y.value) ? -1 : worse(relation, y.value, x.value) ? 1 : 0,
  );
  const attained = witness && judge.judge((experiment) => experiment.witness!());
  const sign = isLowerBound(relation) ? -1 : 1;
  const climbed =
    options.path === undefined
      ? search(
          domain!,
          (point) => sign * asDouble(measure(point)),
          ranked.slice(0, starts).map(({ point }) => point),
          sweeps,
        )
      : undefined;
  const searched = climbed && at(climbed.point);
  const violation =
    climbed && searched?.verdict === 'refuted'
      ? simplify(domain!, (point) => at(point).verdict === 'refuted', climbed.point)
      : undefined;
  const counterexample = sampled.counterexample ?? (violation && { point: violation, value: at(violation).value });
  const [worst] = ranked;
  return {
    found: {
      ...(attained && { witness: attained }),
      ...(searched && { search: searched }),
      ...(worst && { sample: worst }),
    },
    cases: sampled.cases.length,
    verdict: weakestVerdict([attained, searched, ...sampled.cases].flatMap((judged) => judged?.verdict ?? [])),
    ...(counterexample && { counterexample }),
  };
};

const asDouble = (x: number | Rational): number => (typeof x === 'number' ? x : x.toNumber());

/** A bound as it is shown; verdicts compare exactly. */
const shown = (bound: Real): number => bound.enclose(BOUND_BITS).lo.toNumber();

const violates = (relation: Relation, found: Bounds, bound: Real): boolean =>
  judgeBounds(relation, found, bound.enclose(BOUND_BITS)) === 'refuted';

const ratio = (worst: number, bound: number): number | null => (bound === 0 ? null : worst / bound);

/** Decides an experiment against a bound, in the cell's format or, where that is undefined, in real arithmetic. */
export const decideExperiment = <P extends Parameters>(
  quantity: Omit<Measured<P>, 'experiment' | 'mutants'>,
  values: Values<P>,
  experiment: ExperimentIn,
  format: Arithmetic<unknown> | undefined,
  options: DecideOptions,
): Omit<Decision, 'cell'> & { cell: Omit<Cell, 'params'> } => {
  const { relation } = quantity;
  const bound = boundOf(quantity, values, options);
  const judge = new Judge(experiment, quantity, bound, format);
  // Formats of doubles are searched in themselves, everything else in float64.
  const plain = format && typeof format.zero === 'number' ? (format as Arithmetic<number>) : float64;
  const { found, cases, verdict, counterexample } = investigate(judge, experiment(plain), relation, options);
  const entries = Object.entries(found) as [FoundBy, Judgement][];
  const [foundBy, { value: worst }] = entries.reduce((x, y) => (worse(relation, y[1].value, x[1].value) ? y : x));
  const slack = options.scale === undefined && options.bound === undefined ? quantity.slack(values) : null;
  const limit = shown(bound);
  // A bound that claims to be attained must be seen to be: scaled by its slack it has to fail.
  const loose =
    slack !== null &&
    !entries.some(
      ([, judged]) => judged.bounds && violates(relation, judged.bounds, scale(bound, Rational.fromNumber(slack))),
    );
  return {
    cell: {
      format: format?.name ?? REAL,
      mode: format?.mode ?? 'own',
      bound: limit,
      worst,
      foundBy,
      found: Object.fromEntries(entries.map(([by, judgement]) => [by, judgement.value])),
      tightness: relation === '==' ? null : ratio(worst, limit),
      slack,
      verdict: verdict === 'holds' && loose ? 'undecided' : verdict,
      evidence: quantity.tried ? 'sampled' : entries[0]![0] === 'proof' ? 'exhaustive' : 'enclosed',
    },
    cases,
    ...(counterexample && { counterexample }),
  };
};

/** The bound to decide against: the claim's or the user's own, scaled where the claim's teeth are tested. */
const boundOf = <P extends Parameters>(
  quantity: Pick<Measured<P>, 'bound'>,
  values: Values<P>,
  options: DecideOptions,
): Real => {
  const stated = options.bound === undefined ? quantity.bound(values) : ownBound(options.bound, values);
  return options.scale === undefined ? stated : scale(stated, Rational.fromNumber(options.scale));
};

/** Decides an upper bound on a probability by the rate in independent trials. */
export const decideFrequency = <P extends Parameters>(
  quantity: Pick<Measured<P>, 'bound'>,
  values: Values<P>,
  trials: Trials,
  options: DecideOptions,
): Omit<Decision, 'cell'> & { cell: Omit<Cell, 'params'> } => {
  const limit = shown(boundOf(quantity, values, options));
  const seen = measureRate(trials, options.seed);
  return {
    cell: {
      format: REAL,
      mode: 'own',
      bound: limit,
      worst: seen.rate,
      foundBy: 'sample',
      found: { sample: seen.rate },
      tightness: ratio(seen.rate, limit),
      slack: null,
      verdict: refutesBound(seen, trials, limit) ? 'refuted' : 'holds',
      evidence: 'sampled',
    },
    cases: trials.count,
  };
};

/** The user's own bound: a formula over the claim's numeric parameters; fails where it has no value at them. */
export const ownBound = (text: string, values: Readonly<Record<string, unknown>>): Real =>
  realOf(
    parseFormula(text),
    Object.fromEntries(
      Object.entries(values).flatMap(([name, value]) =>
        typeof value === 'number' || value instanceof Rational ? [[name, value]] : [],
      ),
    ),
  );

/** Decides one quantity of a claim in one cell. */
export const decide = <P extends Parameters>(
  claim: Claim<P>,
  name: string,
  texts: Readonly<Record<string, string>>,
  options: DecideOptions,
): Decision => {
  const quantity = claim.quantities[name]!;
  const values = parseCell(claim, texts);
  const seed = cellSeed(options.seed, `${claim.tag}.${name}`, values as Values<Parameters>);
  const seeded = { ...options, seed };
  const decision =
    'trials' in quantity
      ? decideFrequency(quantity, values, quantity.trials(values), seeded)
      : decideExperiment(quantity, values, (A) => quantity.experiment(values, A), formatOf(texts), seeded);
  const params = paramsOf(values as Values<Parameters>);
  return { ...decision, cell: { params: { quantity: name, ...params }, ...decision.cell } };
};
