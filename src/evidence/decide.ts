/** Decides one quantity of a claim in one cell of its grid: witness, samples, search, and the verdict. */
import type { Arithmetic } from '../arithmetic/arithmetic.ts';
import { nextUp, Rational } from '../arithmetic/rational.ts';
import { parseCell, type Claim, type Experiment, type Profile, type Quantity, type Relation } from '../claim/claim.ts';
import { valueForResult, type Parameters, type Value, type Values } from '../claim/parameters.ts';
import type { Cell, FoundBy, Verdict } from '../claim/result.ts';
import type { AnyPoint } from '../claim/domain.ts';
import { sample } from './sample.ts';
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

const holds = (relation: Relation, value: number, bound: number): boolean =>
  relation === '<=' ? value <= bound : relation === '>' ? value > bound : value === bound;

/** Which of two values is nearer to violating the relation; NaN is the worst. */
const worse = (relation: Relation, x: number, y: number): boolean => {
  if (Number.isNaN(y)) return false;
  if (Number.isNaN(x)) return true;
  return relation === '>' ? x < y : x > y;
};

interface Findings {
  readonly values: Partial<Record<FoundBy, number>>;
  readonly cases: number;
  readonly counterexample?: Decision['counterexample'];
}

const investigate = <T>(
  experiment: Experiment<T>,
  relation: Relation,
  bound: number,
  arithmetic: Arithmetic<T>,
  options: DecideOptions,
): Findings => {
  const measure = (point: AnyPoint): number => arithmetic.toNumber(experiment.measure(point));
  const violates = (value: number): boolean => !holds(relation, value, bound);
  const { domain } = experiment;
  if (!domain) {
    const value = measure({});
    return { values: { proof: value }, cases: 1, ...(violates(value) && { counterexample: { point: {}, value } }) };
  }
  const { cases, starts, sweeps } = EFFORT[options.profile];
  const sampled = sample(domain, measure, violates, {
    seed: options.seed,
    cases,
    ...(options.path !== undefined && { path: options.path }),
  });
  const ranked = [...sampled.cases].sort((x, y) =>
    worse(relation, x.value, y.value) ? -1 : worse(relation, y.value, x.value) ? 1 : 0,
  );
  const witness = experiment.witness && arithmetic.toNumber(experiment.witness());
  const sign = relation === '>' ? -1 : 1;
  const found =
    options.path === undefined
      ? search(
          domain,
          (point) => sign * measure(point),
          ranked.slice(0, starts).map(({ point }) => point),
          sweeps,
        )
      : undefined;
  const violation =
    found && violates(sign * found.value)
      ? simplify(domain, (point) => violates(measure(point)), found.point)
      : undefined;
  const counterexample = sampled.counterexample ?? (violation && { point: violation, value: measure(violation) });
  return {
    values: {
      ...(witness !== undefined && { witness }),
      ...(found && { search: sign * found.value }),
      ...(ranked[0] && { sample: ranked[0].value }),
    },
    cases: sampled.cases.length,
    ...(counterexample && { counterexample }),
  };
};

/** An exact bound as a double: an upper bound rounded down, a lower one up, a count to nearest. */
const againstVerdict = (bound: Rational, relation: Relation): number => {
  const below = bound.toNumberBelow();
  if (relation === '<=') return below;
  if (relation === '==') return bound.toNumber();
  return Rational.fromNumber(below).compare(bound) < 0 ? nextUp(below) : below;
};

const ratio = (worst: number, bound: number): number | null => (bound === 0 ? null : worst / bound);

/** Decides an experiment against a bound. */
export const decideExperiment = <P extends Parameters, T>(
  quantity: Quantity<P>,
  values: Values<P>,
  experiment: Experiment<T>,
  arithmetic: Arithmetic<T>,
  options: DecideOptions,
): Omit<Decision, 'cell'> & { cell: Omit<Cell, 'params'> } => {
  const { relation } = quantity;
  const bound = againstVerdict(quantity.bound(values), relation) * (options.scale ?? 1);
  const findings = investigate(experiment, relation, bound, arithmetic, options);
  const entries = Object.entries(findings.values) as [FoundBy, number][];
  const [foundBy, worst] = entries.reduce((x, y) => (worse(relation, y[1], x[1]) ? y : x));
  const slack = options.scale === undefined ? quantity.slack(values) : null;
  const refuted = !holds(relation, worst, bound) || findings.counterexample !== undefined;
  // A bound that claims to be attained must be seen to be: scaled by its slack it has to fail.
  const loose = slack !== null && holds(relation, worst, bound * slack);
  const verdict: Verdict = refuted ? 'refuted' : loose ? 'undecided' : 'holds';
  return {
    cell: {
      format: arithmetic.name,
      mode: arithmetic.mode,
      bound,
      worst,
      foundBy,
      found: findings.values,
      tightness: relation === '==' ? null : ratio(worst, bound),
      slack,
      verdict,
      evidence: experiment.domain ? 'sampled' : 'exhaustive',
    },
    cases: findings.cases,
    ...(findings.counterexample && { counterexample: findings.counterexample }),
  };
};

/** Decides one quantity of a claim in one cell. */
export const decide = <P extends Parameters>(
  claim: Claim<P>,
  name: string,
  texts: Readonly<Record<string, string>>,
  arithmetic: Arithmetic<unknown>,
  options: DecideOptions,
): Decision => {
  const quantity = claim.quantities[name]!;
  const values = parseCell(claim, texts);
  const seed = seedFor(options.seed, claim.tag, name, JSON.stringify(Object.entries(texts).sort()));
  const decision = decideExperiment(quantity, values, quantity.experiment(values, arithmetic), arithmetic, {
    ...options,
    seed,
  });
  const params = Object.fromEntries(
    Object.entries(values as Record<string, Value>).map(([key, value]) => [key, valueForResult(value)]),
  );
  return { ...decision, cell: { params: { quantity: name, ...params }, ...decision.cell } };
};
