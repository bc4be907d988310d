/** T1.range: how far one decaying state channel copies in a number format, and what ends it (docs/theory.md §2). */
import type { Arithmetic } from '../src/arithmetic/arithmetic.ts';
import { fromNumber, top } from '../src/arithmetic/big-float.ts';
import { bigIntervalFunctions, type BigInterval } from '../src/arithmetic/big-interval.ts';
import { emulatedArithmetic } from '../src/arithmetic/emulated.ts';
import { FP32, formatByName, roundRational, roundTo, type Format } from '../src/arithmetic/format.ts';
import { evaluateFormula, parseFormula, realOf } from '../src/arithmetic/formula.ts';
import { roundedPowers } from '../src/arithmetic/powers.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import { minimum, type Real } from '../src/arithmetic/real.ts';
import { defineClaim, dimensionless, type Experiment } from '../src/claim/claim.ts';
import { BOUNDED } from '../src/claim/format-conditions.ts';
import { format, perCell, real, type Values } from '../src/claim/parameters.ts';
import { isPowerOfTwo } from '../src/lemma/quantities.ts';
import { greatest } from '../src/precision/bisect.ts';
import { decayingChannel, firstFailure, type Copies } from '../constructions/copy/T1.range.ts';

const parameters = {
  a_min: real('decay', { min: '0', max: '1', openMin: true, openMax: true }),
  format: format('number format'),
} as const;
type P = Values<typeof parameters>;

/** M = 1; formats of four bits and more hold them. */
const RECORDS: readonly number[] = [1, ...[9, 10, 11, 12, 13, 14, 15].map((k) => k / 16)];
/** M/4 */
const EPS = 1 / 4;
/** Distances that are tried. */
const MOST = 10 ** 6;

const ONE = Rational.of(1n);
const formatFor = ({ format }: P): Format => formatByName(format)!;
/** a = fl(a_min), exactly. */
const decayIn = (p: P): Rational => Rational.fromNumber(roundRational(formatFor(p), p.a_min));
const keepsAll = (p: P): boolean => decayIn(p).compare(ONE) === 0;

/** A copy that is not within ε, NaN included. About ε the difference is exact, as y is between v/2 and 2v. */
const isMissed = (y: number, v: number): boolean => !(Math.abs(y - v) <= EPS);

/** What c_r is a power of: the decay as the format has it, or as it was meant. */
type Base = 'rounded' | 'nominal';
const baseOf = (p: P, base: Base): Rational => (base === 'rounded' ? decayIn(p) : p.a_min);

/** How a run departs from the definition. */
interface Mutation {
  readonly a?: number;
  /** The key, a power of two; c_r = fl(a^(−r)/b). */
  readonly b?: number;
  /** c of the distance r + ahead. */
  readonly ahead?: number;
  /** The largest score. */
  readonly most?: number;
}

const runOf = <T>(p: P, A: Arithmetic<T>, base: Base, mutation: Mutation = {}): Copies | undefined => {
  const { a = decayIn(p).toNumber(), b = 1, ahead = 0, most = Infinity } = mutation;
  const number = formatFor(p);
  const powers = roundedPowers(number, ONE.div(baseOf(p, base)));
  for (let skipped = 0; skipped < ahead; skipped++) powers.next();
  const scores: Iterator<number, never> = {
    next: () => {
      const c = Math.min(powers.next().value / b, most);
      // A key, if there is one, is a power of two: overflow is all that may happen to c.
      return { value: c <= number.max ? c : roundTo(number, c), done: false };
    },
  };
  const layer = decayingChannel(a, b, RECORDS);
  return firstFailure(A, layer, scores, MOST, (y, k) => isMissed(y, RECORDS[k]!));
};

/** Runs of the definition itself, which several quantities ask for. */
const definitions: Readonly<Record<Base, (p: P) => Copies | undefined>> = {
  rounded: perCell((p: P) => runOf(p, emulatedArithmetic(formatFor(p)), 'rounded')),
  nominal: perCell((p: P) => runOf(p, emulatedArithmetic(formatFor(p)), 'nominal')),
};

/** Of a power with an exponent up to 2^20 some 100 bits are left. */
const POWER_BITS = 128;
const I = bigIntervalFunctions(POWER_BITS);

/** a^(−r) h to some 30 digits: the copy that an exact score would make of the state. */
const copyByExactScore = (a: Rational, r: number, h: number): number =>
  I.bounds(I.pow(I.fromRational(ONE.div(a)), r))!
    .lo.mul(Rational.fromNumber(h))
    .toNumber();

/** What ended the copies, all that did, in this order; where the score overflowed, what an exact score would have met. */
const causesOf = (p: P, base: Base, { r, c, h, y }: Copies): string => {
  const leastNormal = 2 ** formatFor(p).emin;
  const byExactScore = h.map((state) => copyByExactScore(decayIn(p), r, state));
  const overflow = !Number.isFinite(c);
  const missed = RECORDS.flatMap((v, k) => (isMissed((overflow ? byExactScore : y)[k]!, v) ? [k] : []));
  /** The state would do, had c been computed from a. */
  const ofDecay = missed.filter((k) => base === 'nominal' && !isMissed(byExactScore[k]!, RECORDS[k]!));
  const ofState = missed.filter((k) => !ofDecay.includes(k));
  return [
    ...(overflow ? ['score overflow'] : []),
    ...(ofState.some((k) => h[k]! < leastNormal) ? ['state underflow'] : []),
    ...(ofState.some((k) => h[k]! >= leastNormal) ? ['chain rounding'] : []),
    ...(ofDecay.length > 0 ? ['rounding of a'] : []),
  ].join(', ');
};

/** u, the least subnormal number s, and from where on numbers overflow; all exact. */
const constantsOf = ({ p, emin, max }: Format) => {
  const u = Rational.fromNumber(2 ** -p);
  const exponent = top(fromNumber(max)) - 1;
  return {
    u,
    s: Rational.fromNumber(2 ** (emin - p + 1)),
    F: Rational.fromNumber(max).add(Rational.fromNumber(2 ** (exponent - p))),
  };
};

/** Scores overflow beyond. */
const scoreLimit = parseFormula('floor(log(F)/log(1/base))');
/** Without decay the record 1 stays 1, and the score itself leaves 1 + ε. */
const driftLimit = parseFormula('floor(log(5/4 + u)/log(1/base))');

/** No copy reaches farther; undefined where nothing decays, nor grows. */
const limitOf = (p: P, base: Base): Real | undefined => {
  if (keepsAll(p) && base === 'rounded') return undefined;
  const environment = { ...constantsOf(formatFor(p)), base: baseOf(p, base) };
  const limit = realOf(scoreLimit, environment);
  return keepsAll(p) ? minimum(limit, realOf(driftLimit, environment)) : limit;
};

/** The precision from which on, without decay, the record 1 is the first to be missed (docs/theory.md). */
const DRIFT_BITS = 7;

/** At least the error of every copy at distance r while scores are finite; increases with r. */
const errorAt = (p: P, base: Base): ((r: number) => BigInterval) => {
  const number = formatFor(p);
  const { u, s } = constantsOf(number);
  const a = decayIn(p);
  const grown = I.fromRational(ONE.add(u));
  const inverse = I.fromRational(ONE.div(a));
  /** a/a_min, where c is a power of a_min. */
  const ratio = I.fromRational(a.div(baseOf(p, base)));
  const widest = I.max(I.one, ratio);
  // Roundings: of every a·h, of c and c·h, and of records of four bits. Powers of two are spared them.
  const [everyStep, once] = [isPowerOfTwo(a) ? 0 : 1, isPowerOfTwo(baseOf(p, base)) ? 0 : 2];
  const ofRecord = number.p >= 4 ? 0 : 1;
  /** (s/2) Σ_(j=1..r) a^(−j), for what underflow takes. */
  const lost = (r: number): BigInterval =>
    keepsAll(p)
      ? I.zero
      : I.mul(I.fromRational(s.div(Rational.of(2n).mul(ONE.sub(a)))), I.sub(I.pow(inverse, r), I.one));
  return (r) => {
    const chain = I.mul(I.pow(grown, everyStep * r + once + ofRecord), I.add(I.one, lost(r)));
    const drift = I.abs(I.sub(I.pow(ratio, r), I.one));
    return I.add(I.mul(I.pow(widest, r), I.sub(chain, I.one)), drift);
  };
};

/** The distance up to which all copies are right, by counting roundings. */
const guaranteeOf = (p: P, base: Base): number => {
  const limit = Math.min(limitOf(p, base)?.approximate().toNumber() ?? MOST, MOST);
  if (keepsAll(p) && base === 'nominal' && formatFor(p).p >= DRIFT_BITS) return limit;
  const errorOf = errorAt(p, base);
  const eps = Rational.fromNumber(EPS);
  return greatest(0, limit, (r) => I.bounds(errorOf(r))!.hi.compare(eps) <= 0);
};

/** The greatest distance up to which every record is copied. */
const reachOf = (copies: Copies | undefined): number => (copies ? copies.r - 1 : MOST);
const reach = (p: P, base: Base): Experiment<Rational> => ({
  measure: () => Rational.fromNumber(reachOf(definitions[base](p))),
});
const mutated =
  (base: Base, change: Mutation) =>
  <T>(p: P, A: Arithmetic<T>): Experiment<Rational> => ({
    measure: () => Rational.fromNumber(reachOf(runOf(p, A, base, change))),
  });

/** Where theory leaves no gap the reach is known; a bound half a step off, on the side of `sign`, is wrong then. */
const slackOf = (p: P, base: Base, sign: number): number | null => {
  const limit = limitOf(p, base)?.approximate().toNumber();
  const isKnown = limit !== undefined && limit > 0 && limit < MOST && guaranteeOf(p, base) === limit;
  return isKnown ? 1 + sign / (2 * limit) : null;
};

const atMost = (base: Base) =>
  ({
    relation: '<=',
    applies: (p: P) => limitOf(p, base) !== undefined,
    bound: (p: P) => limitOf(p, base)!,
    slack: (p: P) => slackOf(p, base, -1),
    experiment: (p: P) => reach(p, base),
  }) as const;
const atLeast = (base: Base) =>
  ({
    relation: '>=',
    bound: (p: P) => Rational.fromNumber(guaranteeOf(p, base)),
    slack: (p: P) => slackOf(p, base, 1),
    experiment: (p: P) => reach(p, base),
  }) as const;

const NO_DECAY = 'no decay in this format';
const NO_FAILURE = `none up to r = ${MOST}`;

/** L from the output scale alone: 1 + log(F/(1 − η))/log(1/a), F the largest number and η = ε/(2M). */
const naiveLimit = parseFormula('1 + log(F/(1 - eps/2))/log(1/a)');

const endOf = (p: P, base: Base): readonly [r: number | null, cause: string] => {
  const copies = definitions[base](p);
  if (copies) return [copies.r, causesOf(p, base, copies)];
  return [null, keepsAll(p) ? NO_DECAY : NO_FAILURE];
};

export const range = defineClaim({
  tag: 'T1.range',
  title: 'How far a constant-size module copies in a number format',
  statement:
    'h_0 = fl(v), h ← fl(ah) r times, y = fl(ch) with a = fl(a_min), c = fl(a^(−r)): the distance r reached before some record v ∈ {1, 9/16, …, 15/16} errs by more than 1/4 is at most log F⁺/log(1/a), and at least the largest r there with (1+u)^(r+2)[1 + (s/2)(a^(−r) − 1)/(1−a)] ≤ 5/4: equal in fp32 and fp64 for the decays of the grid. With c = fl(a_min^(−r)) the drift (a/a_min)^r comes on top. F⁺: from where on numbers overflow; s: the least subnormal number.',
  quantifiers: [
    'for all 0 < a_min < 1 and formats of at least 3 bits with a least and a largest number',
    'over all r = 1, 2, …, 10⁶ and all eight records: the first r at which a copy fails is the reach + 1',
  ],
  source: 'beyond; docs/theory.md §2',
  parameters,
  conditions: [
    BOUNDED,
    { name: 'a_min', expected: 'a number that does not round to 0', holds: (p) => decayIn(p).sign() > 0 },
  ],
  grid: {
    quick: [{ format: ['fp16', 'fp32'], a_min: ['0.5', '0.9'] }],
    standard: [
      {
        format: ['fp8-e4m3', 'fp8-e5m2', 'fp16', 'bf16', 'tf32', 'fp32', 'fp64'],
        a_min: ['0.5', '0.9', '0.99', '0.999'],
      },
    ],
    deep: [
      {
        format: ['fp8-e4m3', 'fp8-e5m2', 'fp16', 'bf16', 'tf32', 'fp32', 'fp64'],
        a_min: ['0.1', '0.25', '0.75', '0.8', '0.95', '0.98', '0.995', '0.998'],
      },
    ],
  },
  quantities: {
    reach: {
      measures: 'the greatest r up to which all records are copied',
      ...atMost('rounded'),
      teethAt: { format: 'fp32', a_min: '0.5' },
      mutants: { 'scores that saturate': mutated('rounded', { most: FP32.max }) },
    },
    guaranteed: {
      measures: 'the greatest r up to which all records are copied',
      ...atLeast('rounded'),
      teethAt: { format: 'fp16', a_min: '0.5' },
      mutants: {
        'a key of 1/16': mutated('rounded', { b: 1 / 16 }),
        'the score of a step more': mutated('rounded', { ahead: 1 }),
      },
    },
    nominal: {
      measures: 'the same with scores computed from a_min',
      ...atMost('nominal'),
      teethAt: { format: 'bf16', a_min: '0.999' },
      mutants: { 'scores computed from a': mutated('rounded', {}) },
    },
    nominalGuaranteed: {
      measures: 'the same with scores computed from a_min',
      ...atLeast('nominal'),
      teethAt: { format: 'bf16', a_min: '0.999' },
      mutants: { 'the decay rounded down': mutated('nominal', { a: 1 - 2 ** -8 }) },
    },
  },
  measurements: [
    {
      id: 'T1.range.failures',
      title: 'The first distance at which T1.range fails',
      columns: dimensionless(['format', 'a_min', 'a', 'r', 'cause', 'limit', 'nominal r', 'nominal cause']),
      row: (p) => [
        p.format,
        p.a_min.toNumber(),
        decayIn(p).toNumber(),
        ...endOf(p, 'rounded'),
        keepsAll(p) ? null : evaluateFormula(naiveLimit, { F: formatFor(p).max, eps: EPS, a: decayIn(p) }).toNumber(),
        ...endOf(p, 'nominal'),
      ],
    },
  ],
});
