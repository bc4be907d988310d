/**
 * Theorem 1 in gap form: T1.gap, T1.gap-signed and T1.converse (docs/theory.md §2; Eq. 7 of RLL).
 *
 * Read-out normalised to mass one; the score is s at pos(i) and at most δ elsewhere; decays lie in [a_min, 1].
 */
import { castVector, type Arithmetic, type Vec } from '../src/arithmetic/arithmetic.ts';
import { decimalArithmetic, decimalToRational } from '../src/arithmetic/decimal.ts';
import { evaluateFormula, parseFormula, type Formula } from '../src/arithmetic/formula.ts';
import { float64 } from '../src/arithmetic/float64.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import {
  defineClaim,
  dimensionless,
  experiment,
  recordMargin,
  type Experiment,
  type Explanation,
  type Measurement,
  type Quantity,
} from '../src/claim/claim.ts';
import { integers, reals, vectors } from '../src/claim/domain.ts';
import { InputError } from '../src/input-error.ts';
import { integer, real, type Parameters, type Values } from '../src/claim/parameters.ts';
import { Random } from '../src/claim/random.ts';
import { extremalReadOut, normalisedAttention, readOutError, type ReadOut } from '../constructions/copy/T1.gap.ts';

const OTHERS = `x = 1/a_min
  G = a_min == 1 ? r : (x^r - 1)/(1 - a_min)
  others = G + i - r - 1`;
/** R: the other mass beside w_pos; from 1 on, signed scores can make the normaliser vanish. */
const RATIO = `${OTHERS}\n  R = delta/s*others`;
const KAPPA = { plain: 'kappa = 2*M/eps - 1', signed: 'kappa = 2*M/eps + 1' };

/** Thresholds and worst cases of both forms; R is the ratio of the other mass to w_pos. */
const formulas = {
  plain: {
    threshold: parseFormula(`${OTHERS}\n${KAPPA.plain}\ndelta*kappa*others`),
    ratio: parseFormula(RATIO),
    worst: parseFormula(`${RATIO}\n2*M*R/(1 + R)`),
  },
  signed: {
    threshold: parseFormula(`${OTHERS}\n${KAPPA.signed}\ndelta*kappa*others`),
    ratio: parseFormula(RATIO),
    worst: parseFormula(`${RATIO}\n2*M*R/(1 - R)`),
  },
};
/** Eq. 7: s ≥ c x^(L−1) + d, here for r = L − 1 and i = N; defined for a_min < 1. */
const slope = (form: Form): Formula => parseFormula(`${KAPPA[form]}\ndelta*kappa/(1 - a_min)`);
const intercept = (form: Form): Formula => parseFormula(`${KAPPA[form]}\ndelta*kappa*(i - r - 1 - 1/(1 - a_min))`);
type Form = keyof typeof formulas;

const symbols = {
  a_min: real('least decay', { min: '0', max: '1', openMin: true }),
  L: integer('window: pos(i) ≥ i − L + 1', { min: 1 }),
  N: integer('sequence length', { min: 1, max: 4096 }),
  delta: real('bound on the other scores', { min: '0' }),
  eps: real('target error', { min: '0', openMin: true }),
  M: real('bound on the records', { min: '0', openMin: true }),
} as const;
type Symbols = Values<typeof symbols>;

const ONE = Rational.fromNumber(1);

/** Thresholds stay well inside the range of doubles, in which results are written. */
const LEAST_DECAY = Rational.of(1n, 10n ** 200n);

export const decayInRange = {
  name: 'a_min',
  expected: 'so large that a_min^(min(L, N) − 1) ≥ 1e-200',
  holds: (p: Pick<Symbols, 'a_min' | 'L' | 'N'>) => p.a_min.pow(worstPlace(p).r).compare(LEAST_DECAY) >= 0,
};

/** Over r ≤ L − 1 and i ≤ N the worst place is r = min(L, N) − 1, i = N. */
export const worstPlace = ({ L, N }: Pick<Symbols, 'L' | 'N'>): { r: number; i: number } => ({
  r: Math.min(L, N) - 1,
  i: N,
});

/** The least score that Theorem 1 asks for; any positive one will do where it is 0. */
const thresholdOf = (form: Form, p: Symbols): Rational =>
  evaluateFormula(formulas[form].threshold, { ...p, ...worstPlace(p) });
const scoreAt = (form: Form, p: Symbols): Rational => {
  const threshold = thresholdOf(form, p);
  return threshold.sign() > 0 ? threshold : ONE;
};

/** Records of the samples, the search and the witness: a little below M (see recordMargin). */
const recordSize = ({ M, N, eps }: Symbols): Rational =>
  M.mul(Rational.fromNumber(1 - recordMargin(N, 1 + M.div(eps).toNumber())));

/** The class: all r, i, decays, scores and records that the theorem allows, the score at pos at `strength` times `s`. */
const classDomain = (form: Form, p: Symbols, widest = 4) => {
  const { r, i } = worstPlace(p);
  // Rounded inward: an instance outside the class would prove nothing.
  const delta = p.delta.toNumberBelow();
  const size = recordSize(p).toNumberBelow();
  return {
    r: integers(0, r),
    i: integers(1, i),
    strength: reals(1, widest),
    decays: vectors(p.N, reals(p.a_min.toNumberAbove(), 1)),
    scores: vectors(p.N, reals(form === 'signed' ? -delta : 0, delta)),
    records: vectors(p.N, reals(-size, size)),
  };
};
interface ClassPoint {
  readonly r: number;
  readonly i: number;
  readonly strength: number;
  readonly decays: readonly number[];
  readonly scores: readonly number[];
  readonly records: readonly number[];
}

const readOutAt = <T>(A: Arithmetic<T>, point: ClassPoint, score: T): ReadOut<T> => {
  const i = Math.max(point.i, point.r + 1);
  const pos = i - point.r;
  const cut = (values: readonly number[]): Vec<T> => castVector(A, values.slice(0, i));
  const scores = cut(point.scores);
  A.set(scores, pos - 1, score);
  return { scores, decays: cut(point.decays), records: cut(point.records), pos };
};

/** How an experiment departs from the theorem; each must be refuted. */
interface Mutation {
  readonly decays?: Rational;
  readonly scores?: Rational;
  readonly normalised?: false;
}
const scaled = (x: Rational, by?: Rational): Rational => (by ? x.mul(by) : x);

/** ‖ŷ_i − v_pos‖∞ over the class, at the threshold score. */
const errorOver = <T>(form: Form, p: Symbols, A: Arithmetic<T>, mutation: Mutation = {}): Experiment<T> => {
  const s = scoreAt(form, p);
  const error = readOutError(A, { ...normalisedAttention, normalised: mutation.normalised ?? true });
  const q: Symbols = { ...p, a_min: scaled(p.a_min, mutation.decays), delta: scaled(p.delta, mutation.scores) };
  return experiment({
    domain: classDomain(form, q),
    measure: (point) => error(readOutAt(A, point, A.fromRational(s.mul(Rational.fromNumber(point.strength))))),
    witness: () => error(extremalReadOut(A, { ...q, ...worstPlace(q), s, M: recordSize(q) }, form === 'signed')),
  });
};

/** Below this fraction of ε an error is no longer told from rounding; such an instance needs next to no score. */
const HARMLESS = 2 ** -20;

/**
 * The least score at pos with which an instance errs by at most ε, found by running it. For a fixed instance
 * 1/error is affine in the score (error = |X|/(α s + W)), so two runs determine it. Harmless instances count as 0.
 */
const leastScore = <T>(
  A: Arithmetic<T>,
  error: (r: ReadOut<T>) => T,
  instance: (score: T) => ReadOut<T>,
  s: T,
  eps: T,
): T => {
  const s2 = A.add(s, s);
  const [e1, e2] = [error(instance(s)), error(instance(s2))];
  if (A.less(e2, A.mul(A.from(HARMLESS), eps))) return A.zero;
  const inverse = (e: T): T => A.div(A.one, e);
  const rise = A.sub(inverse(e2), inverse(e1));
  return A.max(A.zero, A.add(s, A.mul(A.sub(s2, s), A.div(A.sub(inverse(eps), inverse(e1)), rise))));
};

const scoreOver = <T>(p: Symbols, A: Arithmetic<T>): Experiment<T> => {
  const s = scoreAt('plain', p);
  const error = readOutError(A);
  const eps = A.fromRational(p.eps);
  const { strength: _, ...domain } = classDomain('plain', p);
  const extremal = extremalReadOut(A, { ...p, ...worstPlace(p), s, M: recordSize(p) }, false);
  const least = (instance: (score: T) => ReadOut<T>): T => leastScore(A, error, instance, A.fromRational(s), eps);
  return experiment({
    domain,
    measure: (point) => least((score) => readOutAt(A, { ...point, strength: 1 }, score)),
    witness: () => least((score) => withScore(A, extremal, score)),
  });
};

/** The same read-out with another score at pos. */
const withScore = <T>(A: Arithmetic<T>, readOut: ReadOut<T>, score: T): ReadOut<T> => {
  const scores = A.alloc(readOut.scores.length);
  A.copy(readOut.scores, 0, scores, 0, scores.length);
  A.set(scores, readOut.pos - 1, score);
  return { ...readOut, scores };
};

/** Random instances at the worst place, and the quantiles of what they need that are reported. */
const INSTANCES = 100;
const QUANTILES = [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1] as const;
const LOOSENESS = ['a_min', 'L', 'N', 'delta', 'eps', 'M', 'instances', ...QUANTILES.map((q) => `${100 * q} %`)];

/**
 * How loose the threshold is for an instance that is not the worst: the least score that a random instance needs (decays,
 * scores and records uniform in their ranges, r and i at the worst place), as a fraction of the threshold.
 */
const looseness = (p: Symbols, seed: number): readonly (number | null)[] => {
  const random = new Random(seed);
  const { r, i } = worstPlace(p);
  const threshold = scoreAt('plain', p).toNumber();
  const error = readOutError(float64);
  const draw = (lo: number, hi: number): number[] =>
    Array.from({ length: p.N }, () => lo + (hi - lo) * random.uniform());
  const M = p.M.toNumber();
  const fractions = Array.from({ length: INSTANCES }, () => {
    const point = {
      r,
      i,
      strength: 1,
      decays: draw(p.a_min.toNumber(), 1),
      scores: draw(0, p.delta.toNumber()),
      records: draw(-M, M),
    };
    const at = (score: number): number => error(readOutAt(float64, point, score));
    const [without, met, target] = [at(0), at(threshold), p.eps.toNumber()];
    // As 1/error is affine in the score, these two runs determine what is needed, however far below the threshold.
    return without > target ? (1 / target - 1 / without) / (1 / met - 1 / without) : 0;
  }).sort((x, y) => x - y);
  return [
    p.a_min.toNumber(),
    p.L,
    p.N,
    p.delta.toNumber(),
    p.eps.toNumber(),
    M,
    INSTANCES,
    ...QUANTILES.map((q) => fractions[Math.round(q * (INSTANCES - 1))]!),
  ];
};

/** Thresholds, Eq. 7's constants and the worst case at the threshold, a row for each cell. */
const thresholds = (form: Form): Measurement<typeof symbols> => {
  const tag = form === 'signed' ? 'T1.gap-signed' : 'T1.gap';
  return {
    id: `${tag}.thresholds`,
    title: `Thresholds of ${tag}`,
    columns: dimensionless(['a_min', 'L', 'N', 'delta', 'eps', 'M', 'c', 'd', 'threshold', 'worst']),
    row: (p) => {
      const place = { ...p, ...worstPlace(p) };
      const decaying = p.a_min.compare(ONE) < 0;
      const number = (formula: Formula, environment = {}): number =>
        evaluateFormula(formula, { ...place, ...environment }).toNumber();
      return [
        p.a_min.toNumber(),
        p.L,
        p.N,
        p.delta.toNumber(),
        p.eps.toNumber(),
        p.M.toNumber(),
        decaying ? number(slope(form)) : null,
        decaying ? number(intercept(form)) : null,
        thresholdOf(form, p).toNumber(),
        number(formulas[form].worst, { s: scoreAt(form, p) }),
      ];
    },
  };
};

/** Attained wherever the threshold is positive; shown down to this fraction. */
const ATTAINED = 0.999;
const attained =
  (form: Form) =>
  (p: Symbols): number | null =>
    thresholdOf(form, p).sign() > 0 ? ATTAINED : null;
/** Near ε = 2M the margin of the records takes more than that of the score, relatively by (1 + κ)/κ. */
const LEAST_KAPPA = Rational.fromNumber(2 ** -26);
const scoreAttained = (p: Symbols): number | null =>
  p.M.add(p.M).div(p.eps).sub(ONE).compare(LEAST_KAPPA) >= 0 ? attained('plain')(p) : null;

/** explain --set …: the threshold, Eq. 7's c and d, the worst case by formula and by running the extremal instance. */
const explanation = (form: Form): Explanation<Parameters> => ({
  parameters: {
    ...symbols,
    r: integer('distance i − pos(i); min(L, N) − 1 if not set', { min: 0, optional: true }),
    i: integer('current position; N if not set', { min: 1, max: 4096, optional: true }),
    s: real('score at pos(i); the threshold if not set', { min: '0', openMin: true, optional: true }),
  },
  evaluate: (given, digits) => {
    const p = given as Partial<Values<typeof symbols>> & { r?: number; i?: number; s?: Rational };
    const i = p.i ?? p.N;
    const r = p.r ?? (p.L === undefined ? undefined : Math.min(p.L, i ?? p.L) - 1);
    const limit = (name: string, value: number | undefined, expected: string, most: number | undefined): void => {
      if (value !== undefined && most !== undefined && value > most)
        throw new InputError(`\`${name}\``, `${expected} ${most}`, String(value));
    };
    limit('i', p.i, 'at most N =', p.N);
    limit('r', p.r, 'at most L − 1 =', p.L === undefined ? undefined : p.L - 1);
    limit('r', r, 'at most i − 1 =', i === undefined ? undefined : i - 1);
    if (form === 'plain' && p.eps && p.M && !targetWithin.holds({ eps: p.eps, M: p.M })) {
      throw new InputError('`eps`', targetWithin.expected, p.eps.toString());
    }
    const place = { ...p, i, r };
    const text = (x: Rational): string => x.toDecimalText(digits);
    const out: Record<string, string> = {};
    const evaluated = (formula: Formula, environment: typeof place): Rational | undefined =>
      formula.parameters.every((symbol) => environment[symbol as keyof typeof place] !== undefined)
        ? evaluateFormula(formula, environment, digits)
        : undefined;
    const value = (name: string, formula: Formula, environment: typeof place): Rational | undefined => {
      const x = evaluated(formula, environment);
      if (x) out[name] = text(x);
      return x;
    };
    const threshold = value('threshold', formulas[form].threshold, place);
    if (p.a_min && p.a_min.compare(ONE) < 0) {
      value('c', slope(form), place);
      value('d', intercept(form), place);
    }
    // Where nothing competes (δ = 0, or one token) every positive score does the same; 1 stands for them.
    const uncontested = evaluated(formulas[form].ratio, { ...place, s: ONE })?.sign() === 0;
    const s = p.s ?? (uncontested ? ONE : threshold && threshold.sign() > 0 ? threshold : undefined);
    const ratio = evaluated(formulas[form].ratio, { ...place, ...(s && { s }) });
    if (form === 'signed' && ratio && ratio.compare(ONE) >= 0) return { ...out, bound: 'Infinity', worst: 'Infinity' };
    value('bound', formulas[form].worst, { ...place, ...(s && { s }) });
    if (p.a_min && p.delta && p.M && s && i !== undefined && r !== undefined) {
      const A = decimalArithmetic(digits + RUN_GUARD_DIGITS);
      const instance = extremalReadOut(A, { a_min: p.a_min, delta: p.delta, M: p.M, s, i, r }, form === 'signed');
      out.worst = text(decimalToRational(readOutError(A)(instance)));
    }
    return out;
  },
});
/** A run over at most 4096 tokens loses fewer digits than this. */
const RUN_GUARD_DIGITS = 20;

export const targetWithin = {
  name: 'eps',
  expected: 'a number in (0, 2M]',
  holds: ({ eps, M }: Pick<Symbols, 'eps' | 'M'>) => eps.compare(M.add(M)) <= 0,
};

const grid = {
  quick: [{ a_min: ['0.5', '0.9'], L: 8, N: 16, delta: '0.01', eps: '0.1', M: 1 }],
  standard: [
    { a_min: ['0.5', '0.9', '0.99'], L: [1, 4, 8, 16, 24, 32, 48], N: 64, delta: '0.01', eps: '0.1', M: 1 },
    { a_min: '0.9', L: 16, N: [8, 16, 128], delta: '0.01', eps: '0.1', M: 1 },
    { a_min: '0.9', L: 16, N: 64, delta: ['0', '0.1', '1'], eps: ['0.01', '1'], M: 1 },
    { a_min: '0.7', L: 12, N: 48, delta: '0.05', eps: ['0.1', '4'], M: 2 },
    { a_min: '1', L: 16, N: 64, delta: '0.01', eps: '0.1', M: 1 },
    { a_min: '0.9', L: 1, N: 1, delta: '0.01', eps: '0.1', M: 1 },
  ],
  deep: [
    {
      a_min: ['0.3', '0.8', '0.95', '0.999'],
      L: [2, 8, 64],
      N: [64, 256],
      delta: ['0.001', '0.1'],
      eps: ['0.001', '0.1'],
      M: 1,
    },
  ],
} as const;

const teethAt = { a_min: '0.9', L: 8, N: 16, delta: '0.01', eps: '0.1', M: 1 };

const TENTH_MORE = Rational.of(11n, 10n);
const TENTH_LESS = Rational.of(9n, 10n);

/** The error at the threshold score, with the mutants that both forms share. */
const errorQuantity = (
  form: Form,
  mutants: NonNullable<Quantity<typeof symbols>['mutants']>,
): Quantity<typeof symbols> => ({
  measures: '‖ŷ_i − v_pos‖∞ at the threshold score',
  relation: '<=',
  bound: (p) => p.eps,
  slack: attained(form),
  experiment: (p, A) => errorOver(form, p, A),
  teethAt,
  mutants: {
    'decays below a_min': (p, A) => errorOver(form, p, A, { decays: TENTH_LESS }),
    'scores beyond δ': (p, A) => errorOver(form, p, A, { scores: TENTH_MORE }),
    ...mutants,
  },
});

export const gap = defineClaim({
  tag: 'T1.gap',
  title: 'Eq. 7, sharp: the score that guarantees COPY',
  statement:
    'sup ‖ŷ_i − v_pos‖∞ = 2M·R/(1+R), R = (δ/s)(G_r + i − r − 1); COPY to ε is guaranteed iff s ≥ δκ(G_r + i − r − 1), κ = 2M/ε − 1; over the window that is s ≥ c(1/a_min)^(L−1) + d.',
  quantifiers: [
    'for all a_min ∈ (0, 1], window L, length N, δ ≥ 0, 0 < ε ≤ 2M',
    'for all i ≤ N, r ≤ L − 1, decays in [a_min, 1], scores of the others in [0, δ], records with ‖v‖∞ ≤ M',
    'for all scores s at pos(i) of at least the threshold: ‖ŷ_i − v_pos(i)‖∞ ≤ ε',
  ],
  source: 'RLL Theorem 1 (Eq. 7); docs/theory.md §2',
  parameters: symbols,
  conditions: [targetWithin, decayInRange],
  grid,
  main: 'score',
  quantities: {
    error: errorQuantity('plain', {
      'read-out not normalised': (p, A) => errorOver('plain', p, A, { normalised: false }),
    }),
    score: {
      measures: 'the least score at pos with which an instance errs by at most ε',
      relation: '<=',
      applies: (p) => thresholdOf('plain', p).sign() > 0,
      bound: (p) => thresholdOf('plain', p),
      slack: scoreAttained,
      experiment: (p, A) => scoreOver(p, A),
      teethAt,
      mutants: {
        'decays below a_min': (p, A) => scoreOver({ ...p, a_min: p.a_min.mul(TENTH_LESS) }, A),
        'a smaller target': (p, A) => scoreOver({ ...p, eps: p.eps.mul(TENTH_LESS) }, A),
      },
    },
  },
  measurements: [
    thresholds('plain'),
    {
      id: 'T1.gap.looseness',
      title: 'Least scores of random instances as fractions of the threshold of T1.gap',
      columns: dimensionless(LOOSENESS),
      row: looseness,
    },
  ],
  explain: explanation('plain'),
});

export const gapSigned = defineClaim({
  tag: 'T1.gap-signed',
  title: 'Eq. 7 with scores of any sign',
  statement:
    'With |s_ij| ≤ δ of any sign, sup ‖ŷ_i − v_pos‖∞ = 2M·R/(1−R) for R < 1; threshold s ≥ δκ±(G_r + i − r − 1), κ± = 2M/ε + 1, for any ε > 0.',
  quantifiers: [
    'for all a_min ∈ (0, 1], window L, length N, δ ≥ 0, ε > 0',
    'for all i ≤ N, r ≤ L − 1, decays in [a_min, 1], scores of the others in [−δ, δ], records with ‖v‖∞ ≤ M',
    'for all scores s at pos(i) of at least the threshold: ‖ŷ_i − v_pos(i)‖∞ ≤ ε',
  ],
  source: 'docs/theory.md §2',
  parameters: symbols,
  conditions: [decayInRange],
  grid,
  quantities: {
    error: errorQuantity('signed', {
      'the threshold of T1.gap': (p, A) => {
        const s = scoreAt('plain', p);
        const error = readOutError(A);
        return experiment({
          domain: { r: integers(0, worstPlace(p).r) },
          measure: ({ r }) => error(extremalReadOut(A, { ...p, ...worstPlace(p), r, s, M: recordSize(p) }, true)),
        });
      },
    }),
  },
  measurements: [thresholds('signed')],
  explain: explanation('signed'),
});

/** Scores as fractions of the threshold, up to just below it. */
const BELOW_THRESHOLD = 1 - 2 ** -20;

/**
 * The error of the extremal instance with a score below the threshold; `decay` replaces a_min. The claim is that this
 * instance exists, so samples and search vary the score only: they are no evidence independent of the proof's instance.
 */
const converseOver = <T>(p: Symbols, A: Arithmetic<T>, decay: Rational = p.a_min): Experiment<T> => {
  const threshold = scoreAt('plain', p);
  const error = readOutError(A);
  const at = (fraction: number): T =>
    error(
      extremalReadOut(
        A,
        { ...p, a_min: decay, ...worstPlace(p), s: threshold.mul(Rational.fromNumber(fraction)) },
        false,
      ),
    );
  return experiment({
    domain: { fraction: reals(2 ** -10, BELOW_THRESHOLD, 'log') },
    measure: ({ fraction }) => at(fraction),
    witness: () => at(BELOW_THRESHOLD),
  });
};

export const converse = defineClaim({
  tag: 'T1.converse',
  title: 'Below the threshold the guarantee fails',
  statement:
    'For 0 < s < δκ(G_r + i − r − 1) and ε < 2M the extremal instance errs by more than ε: as a condition on the class, Eq. 7 is tight.',
  quantifiers: [
    'for all a_min ∈ (0, 1], window L, length N with a positive threshold, 0 < ε < 2M',
    'for all scores s in (0, threshold)',
    'there is an instance of the class with ‖ŷ_i − v_pos(i)‖∞ > ε',
  ],
  source: 'beyond RLL; docs/theory.md §2',
  parameters: symbols,
  conditions: [
    { name: 'eps', expected: 'a number in (0, 2M)', holds: ({ eps, M }) => eps.compare(M.add(M)) < 0 },
    { name: 'delta', expected: 'a number > 0, with N ≥ 2', holds: ({ delta, N }) => delta.sign() > 0 && N >= 2 },
    decayInRange,
  ],
  grid: {
    quick: grid.quick,
    standard: [
      { a_min: ['0.5', '0.9', '0.99'], L: [1, 4, 16, 32], N: 64, delta: '0.01', eps: '0.1', M: 1 },
      { a_min: '0.9', L: 16, N: [8, 16, 128], delta: ['0.1', '1'], eps: ['0.01', '1'], M: 1 },
      { a_min: '1', L: 16, N: 64, delta: '0.01', eps: '0.1', M: 1 },
    ],
    deep: grid.deep,
  },
  quantities: {
    error: {
      measures: '‖ŷ_i − v_pos‖∞ of the extremal instance below the threshold',
      relation: '>',
      bound: (p) => p.eps,
      slack: () => 1 / ATTAINED,
      experiment: (p, A) => converseOver(p, A),
      teethAt,
      mutants: { 'no decay': (p, A) => converseOver(p, A, ONE) },
    },
  },
});
