/**
 * Assumption 1 on a given instance (docs/theory.md A1, D1, and "Vacuity" of T1.mass).
 *
 * No verdict rests on rounding: float64 decides where a proved error bound leaves no doubt, exact rationals elsewhere.
 * The doubles of an instance are the rationals that they are, and a threshold is exactly what was typed.
 */
import { Rational } from '../arithmetic/rational.ts';
import { InputError } from '../input-error.ts';

/** Decays a [N], keys b and queries c [N][m], records v [N][d], positions pos(i) ≤ i [N]; positions count from 1. */
export interface AssumptionInstance {
  readonly a: readonly number[];
  readonly b: readonly (readonly number[])[];
  readonly c: readonly (readonly number[])[];
  readonly v: readonly (readonly number[])[];
  readonly pos: readonly number[];
}

export interface AssumptionSettings {
  /** L ≥ 1; beyond N it is the whole instance. */
  readonly window: number;
  /** Thresholds 0 ≤ δ < ρ. One that is absent gets the best value that the other allows; both, the best pair. */
  readonly delta?: Rational | undefined;
  readonly rho?: Rational | undefined;
  readonly M: Rational;
  /** The error of T1.mass, in (0, 2M]; absent where M = 0 leaves none. */
  readonly eps?: Rational | undefined;
}

/** One part of Assumption 1, and the first indices (by i, then j) that break it. */
export interface Part {
  readonly holds: boolean;
  readonly i?: number;
  readonly j?: number;
  readonly reason?: string;
}

/**
 * The pair of the largest ρ − δ among all for which A1.gap holds, both of them scores, or δ = 0: nothing needs to lie
 * below ρ, as where all of a window matches. Of gaps of one width the upper one, which leaves the smaller matching sets.
 * Where there is no such pair, the scores that leave none: at (i, j), and in the reason the one that should be larger.
 */
export type Thresholds =
  | { readonly delta: Rational; readonly rho: Rational }
  | { readonly i: number; readonly j: number; readonly reason: string };

/** What T1.mass asks of one position. */
export interface MassHypothesis {
  /** w_pos ≥ 1 − η, by the decays that position i really has. */
  readonly own: boolean;
  /** s ≥ (1 − η)·x^(L−1), the uniform condition of Eq. 7. */
  readonly uniform: boolean;
  /** α_{i,pos} ≤ a_min^(L−1)/(1 − η): only then can A1.scale hold together with the uniform condition. */
  readonly possible: boolean;
}

export interface AssumptionRow {
  readonly i: number;
  readonly pos: number;
  /** S_i, where there are thresholds. */
  readonly matching?: readonly number[];
  /** s_{i,pos}. */
  readonly score: number;
  /** The largest |s_ij| of the other positions; null for i = 1. */
  readonly other: number | null;
  /** Σ_j |w_ij|. */
  readonly mass: number;
  /** α_{i,pos}. */
  readonly alpha: number;
  readonly thresholds: Thresholds;
  readonly hypothesis?: MassHypothesis;
}

export interface AssumptionCheck {
  /** At most N. */
  readonly window: number;
  readonly delta?: Rational;
  readonly rho?: Rational;
  readonly parts: { readonly gap: Part; readonly scale: Part; readonly values: Part };
  /** The best pair for all positions at once. */
  readonly overall: Thresholds;
  /** The least decay that enters a weight: of a_2, …, a_N, since a_1 only acts on the empty state; 1 for N = 1. */
  readonly aMin: number;
  /** (1 − η)·x^(L−1); absent without ε, and where a_min = 0 makes it infinite. */
  readonly uniformScore?: Rational;
  readonly rows: readonly AssumptionRow[];
  /** w_i1, …, w_ii, to float64. */
  weights(i: number): Float64Array;
}

const U = 2 ** -53;
/** The least double: every product may lose half of it to underflow. */
const TINY = 2 ** -1074;
const LARGEST_SCORE = 1e300;
/** Units of fixed point in 1: far more digits than two masses agree in by chance. */
const FIXED = 1n << 256n;
const ZERO = Rational.of(0n);
const ONE = Rational.of(1n);

/** A threshold and the doubles next to it. */
interface Threshold {
  readonly exact: Rational;
  /** The largest double that is not above it. */
  readonly below: number;
  /** The least double that is not below it. */
  readonly above: number;
}
const threshold = (exact: Rational): Threshold => ({
  exact,
  below: exact.toNumberBelow(),
  above: exact.toNumberAbove(),
});

/**
 * A number within `error` of `near`. Every `error` is 0 or so much more than what is proved (by 2u·|near| at least) that
 * near ± error may be rounded.
 */
interface Enclosed {
  readonly near: number;
  readonly error: number;
  exact(): Rational;
  /** Closer bounds, where the exact number takes long. */
  bounds?(): { readonly lo: Rational; readonly hi: Rational };
}

/** The sign of x − t. */
const compareTo = (x: Enclosed, t: Threshold): number => {
  if (x.near - x.error > t.below) return 1;
  if (x.near + x.error < t.above) return -1;
  if (x.error === 0) return 0;
  const bounds = x.bounds?.();
  if (bounds && bounds.lo.compare(t.exact) > 0) return 1;
  if (bounds && bounds.hi.compare(t.exact) < 0) return -1;
  return x.exact().compare(t.exact);
};

/** A number for a reader: where float64 keeps too few digits of it, the double next to the exact one. */
const toNumber = (x: Enclosed): number =>
  x.error <= 1e-10 * Math.abs(x.near) + 1e-300 ? x.near : x.exact().toNumber();

const word = new Float64Array(1);
const bits = new BigUint64Array(word.buffer);

/** The largest power of two that divides x > 0. */
const unitOf = (x: number): number => {
  word[0] = x;
  if (BigInt.asUintN(52, bits[0]!) === 0n) return x;
  bits[0] = bits[0]! & (bits[0]! - 1n);
  return x - word[0];
};

/** Vectors of one length, in float64 and as integers over a common power of two. */
class Rows {
  readonly width: number;
  readonly data: Float64Array;
  /** Of each row: the largest power of two that divides its entries, its largest entry in that unit, its entries ≠ 0. */
  readonly unit: Float64Array;
  readonly span: Float64Array;
  readonly count: Uint32Array;
  readonly #integers: bigint[][] = [];
  readonly denominator: bigint;

  constructor(rows: readonly (readonly number[])[]) {
    this.width = rows[0]!.length;
    this.data = Float64Array.from(rows.flat());
    this.unit = Float64Array.from(rows, (row) =>
      row.reduce((unit, x) => (x === 0 ? unit : Math.min(unit, unitOf(Math.abs(x)))), Infinity),
    );
    this.span = Float64Array.from(rows, (row, r) => row.reduce((x, y) => Math.max(x, Math.abs(y)), 0) / this.unit[r]!);
    this.count = Uint32Array.from(rows, (row) => row.filter((x) => x !== 0).length);
    this.denominator = Rational.fromNumber(this.unit.reduce((x, y) => Math.min(x, y), 1)).d;
  }

  /** A row times the denominator. */
  integers(row: number): bigint[] {
    return (this.#integers[row] ??= Array.from(this.data.subarray(row * this.width, (row + 1) * this.width), (x) => {
      const { n, d } = Rational.fromNumber(x);
      return n * (this.denominator / d);
    }));
  }
}

/** All scores s_ij, j ≤ i ≤ N, one number k for each pair; and a score 0 behind them, which belongs to no pair. */
class Scores {
  readonly #b: Rows;
  readonly #c: Rows;
  readonly #near: Float64Array;
  readonly #error: Float64Array;
  readonly #denominator: bigint;
  readonly #sizes: (bigint | undefined)[];
  /** The number of pairs, and the score 0. */
  readonly zero: number;

  constructor(b: Rows, c: Rows, N: number) {
    this.#b = b;
    this.#c = c;
    this.#denominator = b.denominator * c.denominator;
    this.zero = (N * (N + 1)) / 2;
    this.#near = new Float64Array(this.zero + 1);
    this.#error = new Float64Array(this.zero + 1);
    this.#sizes = new Array<bigint | undefined>(this.zero + 1);
    for (let i = 1, k = 0; i <= N; i++) for (let j = 1; j <= i; j++, k++) this.#compute(i, j, k);
  }

  /**
   * A dot product of m terms errs by at most γ_m Σ|c||b| and by half the least double for each product. It is exact
   * where all its terms are multiples of one power of two that no sum of them exceeds 2^53-fold, as for one-hot keys.
   */
  #compute(i: number, j: number, k: number): void {
    const { width: m, data: b } = this.#b;
    const c = this.#c.data;
    const row = (i - 1) * m;
    const key = (j - 1) * m;
    let score = 0;
    let size = 0;
    for (let x = 0; x < m; x++) {
      const term = c[row + x]! * b[key + x]!;
      score += term;
      size += Math.abs(term);
    }
    if (!(size <= LARGEST_SCORE))
      throw new InputError(`the score of i = ${i}, j = ${j}`, `at most ${LARGEST_SCORE}`, `${size}`);
    const terms = Math.min(this.#b.count[j - 1]!, this.#c.count[i - 1]!);
    const exact =
      terms === 0 ||
      (this.#b.span[j - 1]! * this.#c.span[i - 1]! * terms < 2 ** 53 &&
        this.#b.unit[j - 1]! * this.#c.unit[i - 1]! > 0);
    this.#near[k] = score;
    this.#error[k] = exact ? 0 : (m + 4) * (U * size + TINY);
  }

  at(i: number, j: number): number {
    return (i * (i - 1)) / 2 + j - 1;
  }
  /** The positions i and j of a pair. */
  row(k: number): number {
    return Math.floor((Math.sqrt(8 * k + 1) + 1) / 2);
  }
  column(k: number): number {
    return k - this.at(this.row(k), 1) + 1;
  }
  enclosed(k: number): Enclosed {
    return {
      near: this.#near[k]!,
      error: this.#error[k]!,
      exact: () => Rational.of(this.#integer(k), this.#denominator),
    };
  }
  error(k: number): number {
    return this.#error[k]!;
  }
  /** |s|, to float64. */
  size(k: number): number {
    return Math.abs(this.#near[k]!);
  }

  /** s times the denominator. */
  #integer(k: number): bigint {
    if (this.#error[k] === 0) {
      const { n, d } = Rational.fromNumber(this.#near[k]!);
      return n * (this.#denominator / d);
    }
    const b = this.#b.integers(this.column(k) - 1);
    const c = this.#c.integers(this.row(k) - 1);
    let score = 0n;
    for (let x = 0; x < b.length; x++) score += c[x]! * b[x]!;
    return score;
  }
  /** |s| times the denominator; kept, since sorting asks for it again and again. */
  #integerSize(k: number): bigint {
    const kept = this.#sizes[k];
    if (kept !== undefined) return kept;
    const score = this.#integer(k);
    return (this.#sizes[k] = score < 0n ? -score : score);
  }
  /** |s|. */
  exactSize(k: number): Rational {
    return Rational.of(this.#integerSize(k), this.#denominator);
  }
  /** The sign of |s| − t. */
  compareTo(k: number, t: Threshold): number {
    return compareTo({ near: this.size(k), error: this.error(k), exact: () => this.exactSize(k) }, t);
  }

  /** The sign of |s| − |s'|. */
  compare(k: number, l: number): number {
    const gap = this.size(k) - this.size(l);
    const error = this.error(k) + this.error(l);
    if (Math.abs(gap) > error || error === 0 || k === l) return gap;
    const x = this.#integerSize(k);
    const y = this.#integerSize(l);
    return x < y ? -1 : x > y ? 1 : 0;
  }

  /** The first of the largest |s|, or the score 0. */
  largest(pool: ArrayLike<number>): number {
    let largest = this.zero;
    for (let at = 0; at < pool.length; at++) if (this.compare(pool[at]!, largest) > 0) largest = pool[at]!;
    return largest;
  }
  /** The first of the least |s| of a pool that is not empty. */
  least(pool: ArrayLike<number>): number {
    let least = pool[0]!;
    for (let at = 1; at < pool.length; at++) if (this.compare(pool[at]!, least) < 0) least = pool[at]!;
    return least;
  }

  /** The sign of the difference in width of two gaps between scores. */
  compareGaps([x, y]: Gap, [p, q]: Gap): number {
    const difference = this.size(y) - this.size(x) - (this.size(q) - this.size(p));
    const rounding = 4 * U * (this.size(y) + this.size(q));
    const error = this.error(x) + this.error(y) + this.error(p) + this.error(q) + rounding;
    if (Math.abs(difference) > error) return difference;
    const exact = this.#integerSize(y) - this.#integerSize(x) - this.#integerSize(q) + this.#integerSize(p);
    return exact < 0n ? -1 : exact > 0n ? 1 : 0;
  }
}

/** Two scores with no other between them, the smaller first. */
type Gap = readonly [below: number, above: number];

/** The widest gap, the upper one of several, that the scores of a pool leave between two of them (or 0 and one of them). */
const widestGap = (scores: Scores, pool: Uint32Array, floor: number, ceiling: number): Gap => {
  const inside = pool.filter((k) => scores.compare(k, floor) > 0 && scores.compare(k, ceiling) < 0);
  inside.sort((k, l) => scores.compare(k, l));
  let below = floor;
  let widest: Gap | undefined;
  for (const above of [...inside, ceiling]) {
    const gap: Gap = [below, above];
    if (!widest || scores.compareGaps(gap, widest) >= 0) widest = gap;
    below = above;
  }
  return widest!;
};

/** Numbers with as few digits as show which of two neighbours in the list is the larger. */
const apart = (...numbers: readonly Rational[]): string[] => {
  for (let digits = 5; ; digits *= 2) {
    const texts = numbers.map((x) => x.toDecimalText(digits));
    if (texts.every((text, at) => at === 0 || text !== texts[at - 1] || numbers[at]!.compare(numbers[at - 1]!) === 0))
      return texts;
  }
};

/** The decays a_1, …, a_N as doubles and as rationals. */
interface Decays {
  readonly near: readonly number[];
  readonly exact: readonly Rational[];
}

/** x·y, where each is known to some error. */
const product = (x: Enclosed, y: Enclosed): Enclosed => {
  const near = x.near * y.near;
  const error = Math.abs(x.near) * y.error + Math.abs(y.near) * x.error + x.error * y.error;
  return {
    near,
    error: error * (1 + 8 * U) + 4 * U * Math.abs(near) + 4 * TINY,
    exact: () => x.exact().mul(y.exact()),
  };
};

/**
 * α_{i,pos} and the mass Σ_j |w_ij|. Each product of decays rounds once more than the one before; with the products
 * α|s| and their sum that makes at most (2i + 1)u of the mass, beside the errors of the scores and underflow.
 */
const weigh = (
  scores: Scores,
  decays: Decays,
  i: number,
  pos: number,
): { readonly alpha: Enclosed; readonly mass: Enclosed } => {
  const { near: a, exact } = decays;
  let alpha = 1;
  let alphaAtPos = 1;
  let mass = 0;
  let scoreError = 0;
  let sizes = 1;
  for (let j = i; j >= 1; j--) {
    const k = scores.at(i, j);
    if (j === pos) alphaAtPos = alpha;
    mass += alpha * scores.size(k);
    scoreError += alpha * scores.error(k);
    sizes += scores.size(k) + scores.error(k);
    alpha *= a[j - 1]!;
  }
  const exactMass = (): Rational => {
    let sum = ZERO;
    for (let j = 1; j <= i; j++) {
      if (a[j - 1] !== 1 && sum.sign() !== 0) sum = sum.mul(exact[j - 1]!);
      const k = scores.at(i, j);
      if (scores.size(k) !== 0 || scores.error(k) !== 0) sum = sum.add(scores.exactSize(k));
    }
    return sum;
  };
  /** In fixed point: a product and a score lose less than one unit each, which no later decay enlarges. */
  const massBounds = (): { lo: Rational; hi: Rational } => {
    let sum = 0n;
    for (let j = 1; j <= i; j++) {
      const { n, d } = exact[j - 1]!;
      const score = scores.exactSize(scores.at(i, j));
      sum = (sum * n) / d + (score.n * FIXED) / score.d;
    }
    return { lo: Rational.of(sum, FIXED), hi: Rational.of(sum + BigInt(2 * i), FIXED) };
  };
  const r = i - pos;
  return {
    alpha: {
      near: alphaAtPos,
      error: r === 0 ? 0 : (r + 4) * (U * alphaAtPos + TINY),
      exact: () => exact.slice(pos, i).reduce((product, x) => product.mul(x), ONE),
    },
    mass: {
      near: mass,
      error: scoreError + (2 * i + 8) * U * (mass + scoreError) + (2 * i + 4) * TINY * sizes,
      exact: exactMass,
      bounds: massBounds,
    },
  };
};

/** An instance's scores with what each position may match: pos(i), and nothing before its window. */
class Task {
  readonly scores: Scores;
  readonly pos: readonly number[];
  readonly window: number;
  readonly positions: readonly number[];

  constructor({ b, c, pos }: AssumptionInstance, window: number) {
    this.scores = new Scores(new Rows(b), new Rows(c), pos.length);
    this.pos = pos;
    this.window = window;
    this.positions = pos.map((_, at) => at + 1);
  }

  windowStart(i: number): number {
    return Math.max(1, i - this.window + 1);
  }
  windowText(i: number): string {
    return `{${this.windowStart(i)}..${i}}`;
  }
  posText(i: number): string {
    return `pos(${i}) = ${this.pos[i - 1]}`;
  }
  /** The pair (i, pos(i)). */
  atPos(i: number): number {
    return this.scores.at(i, this.pos[i - 1]!);
  }
  everyPair(): Uint32Array {
    return range(0, this.scores.zero);
  }
  pairsOf(i: number): Uint32Array {
    return range(this.scores.at(i, 1), this.scores.at(i, i) + 1);
  }
  /** The largest score of i outside the window; the score 0 where nothing is. */
  outside(i: number): number {
    return this.scores.largest(range(this.scores.at(i, 1), this.scores.at(i, this.windowStart(i))));
  }

  /** The best thresholds for a pool of pairs, between the largest score that must not match and the least that must. */
  best(pool: () => Uint32Array, outside: number, inside: number): Thresholds {
    const { scores } = this;
    if (scores.compare(outside, inside) < 0) {
      const [below, above] = widestGap(scores, pool(), outside, inside);
      return { delta: scores.exactSize(below), rho: scores.exactSize(above) };
    }
    const k = outside === scores.zero ? inside : outside;
    const [i, j] = [scores.row(k), scores.column(k)];
    const asked = this.posText(scores.row(inside));
    if (outside === scores.zero) return { i, j, reason: `the score of ${asked} is 0` };
    if (outside === inside) return { i, j, reason: `${asked} lies outside the window ${this.windowText(i)}` };
    const [large, small] = apart(scores.exactSize(outside), scores.exactSize(inside));
    const where = `j = ${j} at i = ${i}, outside the window ${this.windowText(i)}`;
    return { i, j, reason: `${where}, has |s| = ${large} ≥ ${small} of ${asked}` };
  }
}

const range = (from: number, to: number): Uint32Array => new Uint32Array(to - from).map((_, at) => from + at);

/** Both thresholds; or how A1.gap is broken because no pair fits every position, or no score is above a given δ. */
const thresholdsFor = (
  task: Task,
  { delta, rho }: AssumptionSettings,
  best: Thresholds,
): { delta: Rational; rho: Rational } | { delta?: Rational; gap: Part } => {
  const { scores } = task;
  if (delta && rho) return { delta, rho };
  if (rho) {
    const limit = threshold(rho);
    const below = task.everyPair().filter((k) => scores.compareTo(k, limit) < 0);
    return { rho, delta: scores.exactSize(scores.largest(below)) };
  }
  if (delta) {
    const limit = threshold(delta);
    const above = task.everyPair().filter((k) => scores.compareTo(k, limit) > 0);
    if (above.length > 0) return { delta, rho: scores.exactSize(scores.least(above)) };
    const [size, most] = apart(scores.exactSize(0), delta);
    const reason = `no score is above δ, so that pos(1) = 1 is in no S_1: |s| = ${size} ≤ δ = ${most}`;
    return { delta, gap: { holds: false, i: 1, j: 1, reason } };
  }
  if (!('reason' in best)) return best;
  return { gap: { ...best, holds: false, reason: `no thresholds fit every position: ${best.reason}` } };
};

/** A1.gap at given thresholds, and the sets S_i. */
const gapAt = (
  task: Task,
  { delta, rho }: { delta: Rational; rho: Rational },
): { gap: Part; matching?: readonly number[][] } => {
  const { scores, pos } = task;
  const [lower, upper] = [threshold(delta), threshold(rho)];
  /** Why the pair (i, j) breaks A1.gap. */
  const wrong = (i: number, j: number, matches: boolean): string | undefined => {
    const k = scores.at(i, j);
    if (matches ? j >= task.windowStart(i) : j !== pos[i - 1] && scores.compareTo(k, lower) <= 0) return undefined;
    const [low, size, limit] = apart(delta, scores.exactSize(k), rho);
    if (matches)
      return `j = ${j} is in S_${i} but outside the window ${task.windowText(i)}: |s| = ${size} ≥ ρ = ${limit}`;
    if (j === pos[i - 1]) return `${task.posText(i)} is not in S_${i}: |s| = ${size} < ρ = ${limit}`;
    return `j = ${j} has δ = ${low} < |s| = ${size} < ρ = ${limit}`;
  };
  let gap: Part = { holds: true };
  const matching = task.positions.map((i) =>
    task.positions.slice(0, i).filter((j) => {
      const matches = scores.compareTo(scores.at(i, j), upper) >= 0;
      const reason = gap.holds ? wrong(i, j, matches) : undefined;
      if (reason !== undefined) gap = { holds: false, i, j, reason };
      return matches;
    }),
  );
  return { gap, matching };
};

const valuesPart = (v: AssumptionInstance['v'], M: Rational): Part => {
  const bound = M.toNumberBelow();
  const j = v.findIndex((record) => record.some((x) => Math.abs(x) > bound)) + 1;
  if (j === 0) return { holds: true };
  const at = v[j - 1]!.findIndex((x) => Math.abs(x) > bound);
  const [size, limit] = apart(Rational.fromNumber(Math.abs(v[j - 1]![at]!)), M);
  return { holds: false, j, reason: `component ${at + 1} of v_${j} has |v| = ${size} > M = ${limit}` };
};

const scalePart = (masses: readonly Enclosed[]): Part => {
  const one = threshold(ONE);
  const i = masses.findIndex((mass) => compareTo(mass, one) > 0) + 1;
  if (i === 0) return { holds: true };
  const mass = masses[i - 1]!.exact();
  const text = mass.toDecimalText(5);
  return { holds: false, i, reason: `Σ|w| = ${text === '1' ? `1 + ${mass.sub(ONE).toDecimalText(5)}` : text} > 1` };
};

/** The hypothesis of T1.mass, with 1 − η and a_min^(L−1): met or not by a score and its decay. */
const hypothesis = (
  least: Rational,
  uniformScore: Rational | undefined,
  power: Rational,
): ((score: Enclosed, alpha: Enclosed) => MassHypothesis) => {
  const zero = threshold(ZERO);
  const mass = threshold(least);
  const uniform = uniformScore && threshold(uniformScore);
  // For ε = 2M any positive score will do.
  const most = least.sign() > 0 ? threshold(power.div(least)) : undefined;
  return (score, alpha) => {
    const positive = compareTo(score, zero) > 0;
    return {
      own: positive && compareTo(product(alpha, score), mass) >= 0,
      uniform: positive && uniform !== undefined && compareTo(score, uniform) >= 0,
      possible: uniform !== undefined && (most === undefined || compareTo(alpha, most) <= 0),
    };
  };
};

/** Checks Assumption 1 on an instance, and whether the hypothesis of T1.mass is met. */
export const checkAssumption = (instance: AssumptionInstance, settings: AssumptionSettings): AssumptionCheck => {
  const { a, v, pos } = instance;
  const window = Math.min(settings.window, a.length);
  const task = new Task(instance, window);
  const { scores, positions } = task;

  const outside = positions.map((i) => task.outside(i));
  const largestOutside = scores.largest(outside);
  const leastAtPos = scores.least(positions.map((i) => task.atPos(i)));
  const overall = task.best(() => task.everyPair(), largestOutside, leastAtPos);
  const thresholds = thresholdsFor(task, settings, overall);
  const { gap, matching }: { gap: Part; matching?: readonly number[][] } =
    'gap' in thresholds ? thresholds : gapAt(task, thresholds);

  const decays: Decays = { near: a, exact: a.map((x) => Rational.fromNumber(x)) };
  const weighed = positions.map((i) => weigh(scores, decays, i, pos[i - 1]!));
  const aMin = a.slice(1).reduce((x, y) => Math.min(x, y), 1);
  const power = Rational.fromNumber(aMin).pow(window - 1);
  const least = settings.eps && ONE.sub(settings.eps.div(settings.M.add(settings.M)));
  const uniformScore = least && power.sign() > 0 ? least.div(power) : undefined;
  const hypothesisOf = least && hypothesis(least, uniformScore, power);

  return {
    window,
    ...(thresholds.delta && { delta: thresholds.delta }),
    ...('rho' in thresholds && { rho: thresholds.rho }),
    parts: { gap, scale: scalePart(weighed.map(({ mass }) => mass)), values: valuesPart(v, settings.M) },
    overall,
    aMin,
    ...(uniformScore && { uniformScore }),
    rows: positions.map((i): AssumptionRow => {
      const { alpha, mass } = weighed[i - 1]!;
      const score = scores.enclosed(task.atPos(i));
      const others = task.pairsOf(i).filter((k) => k !== task.atPos(i));
      return {
        i,
        pos: pos[i - 1]!,
        ...(matching && { matching: matching[i - 1]! }),
        score: toNumber(score),
        other: others.length === 0 ? null : Math.abs(toNumber(scores.enclosed(scores.largest(others)))),
        mass: toNumber(mass),
        alpha: toNumber(alpha),
        thresholds: task.best(() => task.pairsOf(i), outside[i - 1]!, task.atPos(i)),
        ...(hypothesisOf && { hypothesis: hypothesisOf(score, alpha) }),
      };
    }),
    weights: (i) => {
      const row = new Float64Array(i);
      let alpha = 1;
      for (let j = i; j >= 1; j--) {
        row[j - 1] = alpha * toNumber(scores.enclosed(scores.at(i, j)));
        alpha *= a[j - 1]!;
      }
      return row;
    },
  };
};
