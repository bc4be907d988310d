/**
 * A priori rounding bounds as a number system: a number here is what is known, before any run, of a pair (x, x̂): x is
 * what the network computes in real arithmetic with its weights as doubles, x̂ what it computes in a format. A run of any
 * network on a box of inputs then bounds |x̂ − x| for each output.
 *
 * Every error is a nonnegative double rounded outward: a formula of at most six operations, each within 2^−53, times
 * UP = 1 + 2^−50, and TINY for products that underflow. Unknown is an infinite error, which no comparison accepts.
 * For p<k>, whose runs throw where they leave the range of doubles, a bound holds for runs that do not throw.
 */
import {
  SOFTPLUS_THRESHOLD,
  Undecidable,
  type Accumulation,
  type Arithmetic,
  type Composed,
  type Primitives,
} from './arithmetic.ts';
import { emulatedArithmetic } from './emulated.ts';
import { sumError } from './error-free.ts';
import { CarrierRangeError, FP32, FP64, type Format } from './format.ts';
import { intervalFunctions, outwardDown, outwardUp, type Interval } from './interval-functions.ts';
import { perFormat } from './per-format.ts';
import { Rational } from './rational.ts';
import { objectEmitter } from './stage.ts';
import { objectStorage } from './storage.ts';

export interface Rounded {
  /** The exact value x lies in [lo, hi]; infinite ends where nothing is known. */
  readonly lo: number;
  readonly hi: number;
  /** |x̂ − x| ≤ error. If it is infinite, x̂ may be anything, NaN too. */
  readonly error: number;
  /** x̂ lies in [low, high], which may be narrower than [lo − error, hi + error]: products of signs keep theirs. */
  readonly low: number;
  readonly high: number;
  /** x̂ is a multiple of 2^grid, or |x̂| ≤ dust. −∞ if nothing is known; ∞ leaves only 0 and the dust. */
  readonly grid: number;
  readonly dust: number;
}

export interface RoundingArithmetic extends Arithmetic<Rounded> {
  /**
   * An input that may be any double from lo to hi, or any integer: rounded to the format as it enters. Stored in two
   * places, it is two inputs; elsewhere one object is one number, so that x · x is a square.
   */
  input(lo: number, hi: number, options?: { readonly integer?: boolean }): Rounded;
}

const UP = 1 + 2 ** -50;
const TINY = 2 * Number.MIN_VALUE;

/** ab from above, for a, b ≥ 0. */
const times = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : a * b * UP + TINY);
/** a + b from above, for a, b ≥ 0; exact where one is 0. */
const plus = (a: number, b: number): number => (a === 0 ? b : b === 0 ? a : (a + b) * UP);

const word = new Float64Array(1);
const halves = new Uint32Array(word.buffer); // little-endian: [low, high]

/** 2^⌊log2 x⌋ for a normal x ≥ 0; 0 for a subnormal one. */
const leadingBit = (x: number): number => {
  word[0] = x;
  halves[0] = 0;
  halves[1]! &= 0x7ff00000;
  return word[0]!;
};

const trailingZeros = (bits: number): number => 31 - Math.clz32(bits & -bits);
/** The exponent of the lowest set bit; ∞ for 0. */
const lowestBit = (x: number): number => {
  if (x === 0) return Infinity;
  word[0] = x;
  const high = halves[1]! & 0xfffff;
  const zeros = halves[0] !== 0 ? trailingZeros(halves[0]!) : high !== 0 ? 32 + trailingZeros(high) : 52;
  return Math.max((halves[1]! >>> 20) & 0x7ff, 1) - 1075 + zeros;
};

const LEAST_EXPONENT = -1074;
const POWERS = Float64Array.from({ length: 1023 - LEAST_EXPONENT + 1 }, (_, i) => 2 ** (i + LEAST_EXPONENT));
const powerOf2 = (k: number): number => (k < LEAST_EXPONENT ? 0 : (POWERS[k - LEAST_EXPONENT] ?? Infinity));

/** Rounding to nearest in one format, as bounds. */
class Rounding {
  /** Beyond, a value may overflow: up to a quarter of an ulp above the largest number it cannot. */
  readonly most: number;
  /** u = 2^−p */
  readonly unit: number;
  /** Exponent of the least subnormal number. */
  readonly least: number;
  /** Half the least subnormal number, which bounds what underflow loses; 0 without underflow. */
  readonly tiny: number;
  readonly #significand: number;
  readonly #normal: number;

  constructor({ p, emin, max }: Format) {
    this.unit = 2 ** -p;
    this.most = Math.min(p < 50 ? max * (1 + this.unit / 4) : max, Number.MAX_VALUE);
    this.least = emin - p + 1;
    this.tiny = emin === -Infinity ? 0 : Math.max(2 ** (emin - p), Number.MIN_VALUE);
    this.#significand = 2 ** p;
    this.#normal = 2 ** emin;
  }

  /** |fl(v) − v| for |v| ≤ `size`: half an ulp of the binade of `size`, which no smaller value exceeds. */
  of(size: number): number {
    if (size <= this.tiny) return size;
    return size < this.#normal ? this.tiny : Math.max(leadingBit(size) * this.unit, Number.MIN_VALUE);
  }
  /** The same where v is the sum of two numbers of the format: a subnormal sum is exact. */
  ofSum(size: number): number {
    return size < this.#normal ? 0 : this.of(size);
  }
  /** Where fl(v) lies for v in an interval: it is monotone, keeps signs, and is within `rounding` of v. */
  range({ lo, hi }: Interval, rounding: number): Interval {
    const below = Math.min(rounding, this.of(Math.abs(lo)));
    const above = Math.min(rounding, this.of(Math.abs(hi)));
    return {
      lo: below === 0 ? lo : Math.max(outwardDown(lo - below), lo >= 0 ? 0 : -Infinity),
      hi: above === 0 ? hi : Math.min(outwardUp(hi + above), hi <= 0 ? 0 : Infinity),
    };
  }
  /** |fl(v)| for |v| ≤ `size`: v up to half the least subnormal number rounds to 0. */
  grown(size: number): number {
    return size <= this.tiny && this.tiny > Number.MIN_VALUE ? 0 : plus(size, this.of(size));
  }
  /**
   * Whether multiples of 2^grid up to `size` are numbers of the format: they are integers of p bits times 2^grid. Those
   * beyond round to multiples of 2^grid, as every coarser grid of the format consists of such.
   */
  holds(size: number, grid: number): boolean {
    return grid >= this.least && Math.floor(size / powerOf2(grid)) <= this.#significand;
  }
  /**
   * Whether a number g ≠ 0 on the grid plus dust rounds to g: |g| ≥ 2^grid has a neighbour no nearer than 2^(grid − p),
   * below a power of two, and the dust is less than half of it.
   */
  absorbs(grid: number, dust: number): boolean {
    return grid >= this.least && dust < (powerOf2(grid) * this.unit) / 2;
  }
}

const BELOW_ONE = 1 - 2 ** -53;

const exactly = (x: number): Rounded => ({ lo: x, hi: x, error: 0, low: x, high: x, grid: lowestBit(x), dust: 0 });
const ZERO = exactly(0);
const ONE = exactly(1);

const isKnown = (lo: number, hi: number): boolean => lo > -Infinity && hi < Infinity;
/** Of the computed value nothing is known. */
const lost = (lo: number, hi: number): Rounded => ({
  lo: isKnown(lo, hi) ? lo : -Infinity,
  hi: isKnown(lo, hi) ? hi : Infinity,
  error: Infinity,
  low: -Infinity,
  high: Infinity,
  grid: -Infinity,
  dust: 0,
});
/** What is known if both the error and the range of x̂ are: each bounds the other. */
const rounded = (
  { lo, hi }: Interval,
  error: number,
  range: Interval,
  grid: number = -Infinity,
  dust: number = 0,
): Rounded => {
  if (!(isKnown(lo, hi) && error < Infinity && isKnown(range.lo, range.hi))) return lost(lo, hi);
  const low = Math.max(range.lo, error === 0 ? lo : outwardDown(lo - error));
  const high = Math.min(range.hi, error === 0 ? hi : outwardUp(hi + error));
  if (error === 0) return { lo: low, hi: high, error, low, high, grid, dust };
  return { lo, hi, error: Math.min(error, Math.max(high - lo, hi - low) * UP), low, high, grid, dust };
};

/** Exactly 0 in both worlds. */
const isZero = (x: Rounded): boolean => x.lo === 0 && x.hi === 0 && x.error === 0;
/** max |x| */
const size = (x: Rounded): number => Math.max(-x.lo, x.hi);
/** max |x̂| */
const reach = (x: Rounded): number => Math.max(-x.low, x.high);

// Any x̂ is 0 or dust for dust = max |x̂|: how the rules see a number of which nothing else is known.
const gridOf = (x: Rounded): number => (x.grid === -Infinity ? Infinity : x.grid);
const dustOf = (x: Rounded): number => (x.grid === -Infinity ? reach(x) : x.dust);

const computed = ({ low, high }: Rounded): Interval => ({ lo: low, hi: high });

/** x̂ itself where its grid and range leave one number other than 0: a constant, or 2^60 + 1 after rounding. */
const pinned = (x: Rounded): number | undefined => {
  if (Math.abs(x.grid) === Infinity) return undefined;
  const { lo, hi } = computed(x);
  if (lo <= x.dust && hi >= -x.dust) return undefined;
  const unit = powerOf2(x.grid);
  const only = Math.floor(hi / unit);
  return Math.ceil(lo / unit) === only ? only * unit : undefined;
};
/** 2^grid where x̂ can only be 0 or ±2^grid, but for dust; or 0. Multiplying by such a number can only underflow. */
const scaling = (x: Rounded): number => {
  const unit = Math.abs(x.grid) === Infinity ? 0 : powerOf2(x.grid);
  return reach(x) < 2 * unit ? unit : 0;
};

// Sums and products of intervals, exact where doubles are: integers keep their ranges.
const sum = (x: Interval, y: Interval): Interval => {
  const lo = x.lo + y.lo;
  const hi = x.hi + y.hi;
  return {
    lo: sumError(x.lo, y.lo, lo) >= 0 ? lo : outwardDown(lo),
    hi: sumError(x.hi, y.hi, hi) <= 0 ? hi : outwardUp(hi),
  };
};
const sizeOf = ({ lo, hi }: Interval): number => Math.max(-lo, hi);
/** Products of two numbers of 24 bits are doubles. */
const isShort = ({ lo, hi }: Interval): boolean => Math.fround(lo) === lo && Math.fround(hi) === hi;
const product = (x: Interval, y: Interval): Interval => {
  const [a, b, c, d] = [x.lo * y.lo, x.lo * y.hi, x.hi * y.lo, x.hi * y.hi];
  const [lo, hi] = [Math.min(a, b, c, d), Math.max(a, b, c, d)];
  if (isShort(x) && isShort(y)) return { lo, hi };
  const isPositive = (x.lo >= 0 && y.lo >= 0) || (x.hi <= 0 && y.hi <= 0);
  const isNegative = (x.lo >= 0 && y.hi <= 0) || (x.hi <= 0 && y.lo >= 0);
  return {
    lo: isPositive ? Math.max(0, outwardDown(lo)) : outwardDown(lo),
    hi: isNegative ? Math.min(0, outwardUp(hi)) : outwardUp(hi),
  };
};

/** Where both x and x̂ are, and whatever lies between them. */
const union = (x: Interval, y: Interval): Interval => ({ lo: Math.min(x.lo, y.lo), hi: Math.max(x.hi, y.hi) });

const F = intervalFunctions;
const at = (f: (x: Interval) => Interval, x: number): Interval => f({ lo: x, hi: x });
/** min |x| */
const nearest = ({ lo, hi }: Interval): number => Math.max(0, lo, -hi);
const expOf = (x: number): number => at(F.exp, x).hi;
/** e^(−x²/scale) from above. */
const bell = (x: number, scale: number): number => expOf(-(Math.min(x * x, 1e6) * (1 - 2 ** -50)) / scale);

const INVERSE_ROOT_2PI: Interval = { lo: 0.3989422804014326, hi: 0.3989422804014328 };
const TWO_OVER_ROOT_PI = 1.12837916709552;

/** SiLU' = σ + xσ(1 − σ) */
const siluSlope = (x: Interval): Interval => {
  const s = F.sigmoid(x);
  return F.add(s, F.mul(x, F.mul(s, F.sub(F.one, s))));
};
/** GELU' = Φ + xφ */
const geluSlope = (x: Interval): Interval => {
  const density = F.mul(INVERSE_ROOT_2PI, F.exp(F.neg(F.mul(x, F.mul(x, { lo: 0.5, hi: 0.5 })))));
  return F.add(F.phi(x), F.mul(x, density));
};
/**
 * max |f'| on an interval, for an f' that rises to `top` between −turn and turn and falls beyond, f'(−x) = 1 − f'(x): at
 * an end or a turn. SiLU'' = σ'(x)·(2 − x tanh(x/2)) and GELU'' = φ(x)(2 − x²) change their signs once for x > 0.
 */
const gatedSlope =
  (slope: (x: Interval) => Interval, turn: number, top: number) =>
  ({ lo, hi }: Interval): number => {
    const about = 1e-3;
    const ends = Math.max(sizeOf(at(slope, lo)), sizeOf(at(slope, hi)));
    if (lo < turn + about && hi > turn - about) return Math.max(ends, top);
    return lo < -turn + about && hi > -turn - about ? Math.max(ends, top - 1) : ends;
  };

/** At least max |f'| on an interval. */
type Slope = (x: Interval) => number;

const SLOPES: Readonly<
  Record<'exp' | 'log1p' | 'tanh' | 'erf' | 'sqrt' | Exclude<keyof Composed<0>, 'max' | 'relu'>, Slope>
> = {
  exp: ({ hi }) => expOf(hi),
  log1p: ({ lo }) => F.div(F.one, F.add(F.one, { lo, hi: lo })).hi,
  sqrt: ({ lo }) => (lo > 0 ? (0.5 / Math.sqrt(lo)) * UP : Infinity),
  // cosh^−2(x) ≤ 4e^(−2|x|)
  tanh: (x) => Math.min(1, 4 * expOf(-2 * nearest(x))),
  erf: (x) => TWO_OVER_ROOT_PI * bell(nearest(x), 1),
  phi: (x) => INVERSE_ROOT_2PI.hi * bell(nearest(x), 2) * UP,
  // σ' = σ(1 − σ) ≤ e^(−|x|)
  sigmoid: (x) => Math.min(0.25, expOf(-nearest(x))),
  softplus: ({ hi }) => at(F.sigmoid, hi).hi,
  torchSoftplus: () => 1,
  silu: gatedSlope(siluSlope, 2.39936, 1.09984),
  gelu: gatedSlope(geluSlope, Math.SQRT2, 1.12891),
};

/**
 * Units in the last place by which a float64 library function may be wrong. An assumption, as no standard promises it;
 * measured are less than 1 for exp and log1p, 2.13 for tanh, and 8 for the suite's own erf. Also assumed: exp is 1 on
 * |x| ≤ 2^−54. Emulated formats need neither, as they round functions correctly.
 */
const FP64_ULPS = { exp: 2, log1p: 2, tanh: 4, erf: 8 } as const;
type Library = keyof typeof FP64_ULPS;

/** What a grid tells of f(x̂): the rounding of the computed value, and its grid. */
interface Saturated {
  readonly rounding: number;
  readonly grid: number;
  readonly dust: number;
}

const functionsFor = (format: Format, mode: Accumulation) => {
  const concrete = emulatedArithmetic(format, mode);
  const precision = mode === 'fp32' ? FP32 : format;
  const R = new Rounding(precision);
  /** A format that is no part of fp32 brings numbers to which adding 0 rounds: they underflow, or are lost. */
  const embedded = mode === 'own' || (format.emin - format.p >= FP32.emin - FP32.p && format.max <= FP32.max);
  const slack = embedded ? 0 : R.tiny;
  const u = R.unit;

  const ulps = (name: Library): number => (precision === FP64 ? 2 * FP64_ULPS[name] : 1);
  /** The rounding of a library function's value, and the same relative to a normal value. */
  const functionRounding = (name: Library, value: number): number => ulps(name) * R.of(value);
  const v = (name: Library): number => ulps(name) * u;
  /** The absolute error where exp underflows. p<k> flushes it to 0 below 2^−1021. */
  const flush = precision.emin === -Infinity ? 2 ** -1021 : ulps('exp') * R.tiny;

  /** (1 + u)^n ∏ (1 + v) − 1: relative error of n roundings (or divisions by rounded numbers) and of functions. */
  const relative = (n: number, ...functions: Library[]): number =>
    [...new Array<number>(n).fill(u), ...functions.map(v)].reduce((sum, next) => sum + next + sum * next) * UP;

  /**
   * f̂(x̂) for f̂ within `rounding` of f: |f(x̂) − f(x)| is at most the slope times the error, and at most the distance of
   * the two ranges' far ends.
   */
  const apply = (
    f: (x: Interval) => Interval,
    slope: Slope,
    rounding: (x: Interval, y: Interval) => number,
    least = -Infinity,
    saturated?: (x: Rounded, xs: Interval, ys: Interval) => Saturated | undefined,
  ) => {
    return (x: Rounded): Rounded => {
      const exact = f(x);
      if (x.error === Infinity) return lost(exact.lo, exact.hi);
      const xs = computed(x);
      const ys = x.error === 0 ? exact : f(xs);
      if (!(sizeOf(ys) <= R.most)) return lost(exact.lo, exact.hi);
      const moved = x.error === 0 ? 0 : times(slope(union(x, xs)), x.error);
      const known = saturated?.(x, xs, ys);
      const own = Math.min(rounding(xs, ys), known?.rounding ?? Infinity);
      const range = { lo: Math.max(least, outwardDown(ys.lo - own)), hi: outwardUp(ys.hi + own) };
      return rounded(exact, plus(moved, own), range, known?.grid, known?.dust);
    };
  };

  const libraryFunction = (
    name: Library,
    least = -Infinity,
    saturated?: (x: Rounded, xs: Interval, ys: Interval) => Saturated | undefined,
  ) =>
    apply(
      F[name],
      SLOPES[name],
      (_, y) => Math.max(functionRounding(name, sizeOf(y)), name === 'exp' && y.lo < 2 ** -1020 ? flush : 0),
      least,
      saturated,
    );

  /**
   * The sum is within half an ulp, and no farther than either operand is from the other one, a number of the format.
   * On grids, it is exact if it fits. A grid number plus dust rounds back to the grid number; dust alone stays dust.
   */
  const add = (x: Rounded, y: Rounded): Rounded => {
    if (embedded && isZero(x)) return y;
    if (embedded && isZero(y)) return x;
    const exact = sum(x, y);
    const range = sum(computed(x), computed(y));
    const largest = sizeOf(range);
    if (!(largest <= R.most)) return lost(exact.lo, exact.hi);
    let rounding = Math.min(R.ofSum(largest), reach(x), reach(y));
    let grid = -Infinity;
    let dust = 0;
    if (x.grid !== -Infinity || y.grid !== -Infinity) {
      const [dx, dy] = [dustOf(x), dustOf(y)];
      const [p, q] = [gridOf(x), gridOf(y)];
      if ((dy === 0 || R.absorbs(p, dy)) && (dx === 0 || R.absorbs(q, dx))) {
        grid = Math.min(p, q);
        dust = dx === 0 ? dy : dy === 0 ? dx : R.grown((dx + dy) * UP);
        if (R.holds(largest, grid)) rounding = Math.min(rounding, Math.max(dx, dy));
      }
    }
    rounding = plus(rounding, slack);
    return rounded(exact, plus(plus(x.error, y.error), rounding), R.range(range, rounding), grid, dust);
  };

  /** Rounding of a product of x, whose grid part may be 0 or a power of two, and a number up to `other`. */
  const byScaling = (x: Rounded, other: number): number => {
    const scale = scaling(x);
    return scale === 0 ? Infinity : Math.max(scale >= 1 ? slack : R.tiny, R.of(times(x.dust, other)));
  };
  /** x̂ŷ − xy = x̂(ŷ − y) + y(x̂ − x), or with x and y exchanged. */
  const productError = (x: Rounded, y: Rounded): number =>
    Math.min(
      plus(times(reach(x), y.error), times(size(y), x.error)),
      plus(times(reach(y), x.error), times(size(x), y.error)),
    );
  /** The same object twice is a square. */
  const mul = (x: Rounded, y: Rounded): Rounded => {
    const exact = product(x, y);
    const range = product(computed(x), computed(y));
    const [rx, ry] = [reach(x), reach(y)];
    const largest = sizeOf(range);
    if (!(largest <= R.most)) return lost(exact.lo, exact.hi);
    if (isZero(x) || isZero(y)) return ZERO;
    const incoming = productError(x, y);
    let rounding = R.of(largest);
    let grid = -Infinity;
    let dust = 0;
    if (x.grid !== -Infinity && y.grid !== -Infinity) {
      // Two grid numbers make one of the grid 2^(q + q'), exact if it fits; with dust, the product is dust.
      grid = x.grid + y.grid;
      const product = Math.max(times(x.dust, ry), times(rx, y.dust));
      dust = product === 0 ? 0 : R.grown(product);
      if (R.holds(largest, grid)) rounding = Math.min(rounding, R.of(product));
    }
    rounding = Math.min(rounding, byScaling(x, ry), byScaling(y, rx));
    const least = x === y ? 0 : -Infinity;
    const { lo, hi } = R.range(range, rounding);
    return rounded(
      { lo: Math.max(exact.lo, least), hi: exact.hi },
      plus(incoming, rounding),
      { lo: Math.max(lo, least), hi },
      grid,
      dust,
    );
  };

  /** A product that is not rounded, and a sum that is; of grids nothing is kept. */
  const fma = (x: Rounded, y: Rounded, z: Rounded): Rounded => {
    if (isZero(x) || isZero(y)) return add(ZERO, z);
    const exact = sum(product(x, y), z);
    const range = sum(product(computed(x), computed(y)), computed(z));
    const largest = sizeOf(range);
    if (!(largest <= R.most)) return lost(exact.lo, exact.hi);
    const rounding = plus(R.of(largest), slack);
    return rounded(exact, plus(plus(productError(x, y), z.error), rounding), R.range(range, rounding));
  };

  /** x̂/ŷ − x/y = ((x̂ − x) − (x/y)(ŷ − y))/ŷ = ((x̂ − x) − (x̂/ŷ)(ŷ − y))/y */
  const div = (x: Rounded, y: Rounded): Rounded => {
    const exact = F.div(x, y);
    const ys = computed(y);
    const range = F.div(computed(x), ys);
    const largest = sizeOf(range);
    if (!(largest <= R.most)) return lost(exact.lo, exact.hi);
    if (isZero(x)) return ZERO;
    const over = (ratio: number, { lo, hi }: Interval): number =>
      ((x.error + times(ratio, y.error)) / Math.max(lo, -hi)) * UP + TINY;
    const incoming = x.error === 0 && y.error === 0 ? 0 : Math.min(over(sizeOf(exact), ys), over(largest, y));
    // Division by a power of two, dust excluded, moves the grid.
    const scale = nearest(ys) > y.dust ? scaling(y) : 0;
    let rounding = scale > 0 ? Math.min(R.of(largest), R.tiny) : R.of(largest);
    let grid = -Infinity;
    let dust = 0;
    if (scale > 0 && x.grid !== -Infinity) {
      grid = x.grid - y.grid;
      const quotient = x.dust === 0 ? 0 : (x.dust / scale) * UP + TINY;
      dust = quotient === 0 ? 0 : R.grown(quotient);
      if (R.holds(largest, grid)) rounding = Math.min(rounding, R.of(quotient));
    }
    return rounded(exact, plus(incoming, rounding), R.range(range, rounding), grid, dust);
  };

  const negated = ({ lo, hi, low, high, ...rest }: Rounded): Rounded => ({
    ...rest,
    lo: -hi,
    hi: -lo,
    low: -high,
    high: -low,
  });
  const max = (x: Rounded, y: Rounded): Rounded => {
    const exact = F.max(x, y);
    const [xs, ys] = [computed(x), computed(y)];
    if (x.error === Infinity || y.error === Infinity) return lost(exact.lo, exact.hi);
    if (Math.min(x.lo, x.low) >= Math.max(y.hi, y.high)) return x;
    if (Math.min(y.lo, y.low) >= Math.max(x.hi, x.high)) return y;
    const grid = x.grid === -Infinity ? x.grid : Math.min(x.grid, y.grid);
    return rounded(exact, Math.max(x.error, y.error), F.max(xs, ys), grid, Math.max(x.dust, y.dust));
  };

  /** A root of 2^60, say, is a number of the format; any other rounds once. */
  const sqrt = apply(
    F.sqrt,
    SLOPES.sqrt,
    (_, y) => R.of(y.hi),
    0,
    (x) => {
      const only = pinned(x);
      if (only === undefined || only < 0) return undefined;
      const root = concrete.sqrt(only);
      const isExact = Math.fround(root) === root && root * root === only;
      return { rounding: isExact ? 0 : R.of(root), grid: lowestBit(root), dust: 0 };
    },
  );

  /** On a grid without positive numbers: 1 for 0 and for dust less than u/2 on either side; dust up to e^(−2^grid). */
  const exp = libraryFunction('exp', 0, (x, xs) => {
    const step = powerOf2(x.grid);
    if (!(xs.hi < step) || x.dust > u / 4) return undefined;
    const tail = step < Infinity ? expOf(-step) : 0;
    const dust = tail === 0 ? 0 : plus(tail, functionRounding('exp', tail));
    return { rounding: Math.max(dust, times(x.dust, 1.5)), grid: 0, dust };
  });

  /**
   * e = e^(−|x|), b = 1 + e, and e/b or 1/b: an error of e counts e/(1 + e) or 1/(1 + e) times, so one function, a sum
   * and a quotient, relatively, and 2(flush + tiny) where e or the quotient underflows.
   */
  const gate = relative(2, 'exp');
  const underflow = 2 * (flush + R.tiny);
  const sigmoid = apply(F.sigmoid, SLOPES.sigmoid, (_, y) => times(y.hi, gate) + underflow, 0);

  /** From here on e^(−x) ≤ u/2, with its rounding, so that 1 + e rounds to 1 and σ̂ is 1. */
  const saturation = (precision.p + 1) * Math.LN2 + v('exp') * 2;
  const siluRelative = relative(3, 'exp');
  const silu = apply(
    F.silu,
    SLOPES.silu,
    (x, y) => (times(sizeOf(y), siluRelative) + times(sizeOf(x), underflow) + R.tiny) * UP,
    -Infinity,
    (x, xs) => {
      // x̂σ̂ is x̂; xσ(−x) ≤ xe^(−x), which falls for x ≥ 1.
      if (xs.lo >= saturation) return { rounding: times(xs.lo, expOf(-xs.lo)), grid: x.grid, dust: x.dust };
      const step = powerOf2(x.grid);
      if (!(step >= saturation)) return undefined;
      // Below 0, |x̂|ê with ê ≤ 2e^x (a half more where it is subnormal, or 0): dust. Dust only shrinks.
      const tail =
        step < Infinity ? 2 * times(step, expOf(-step)) + times(sizeOf(xs), precision === FP64 ? flush : 0) : 0;
      const dust = Math.max(R.grown(tail), x.dust);
      return { rounding: Math.max(tail, dust), grid: x.grid, dust };
    },
  );

  /**
   * Φ̂: z = x√½ has two roundings and erf moves by at most max z·erf'(z) times them; erf itself rounds, but no farther
   * than to ±1; 1 + erf rounds, and half of it is exact.
   */
  const phiRounding = (x: Interval, y: Interval): number => {
    const z = nearest(x) / (1 + u) ** 2;
    const steepness = z >= 1 ? times(2 * INVERSE_ROOT_2PI.hi * z, bell(z, 2)) : 0.484;
    const off = 2 * at(F.phi, -nearest(x)).hi;
    const inErf = Math.min(functionRounding('erf', BELOW_ONE), precision === FP64 ? Infinity : off);
    return (0.5 * (steepness * relative(2) + inErf + R.of(2 * y.hi + inErf)) + R.tiny) * UP + TINY;
  };
  const phi = apply(F.phi, SLOPES.phi, phiRounding, 0);
  /** erf(16√½), with roundings of z in any format, rounds to 1 in all; so does the suite's own from 6 on. */
  const GELU_SATURATION = 16;
  const gelu = apply(
    F.gelu,
    SLOPES.gelu,
    (x, y) => {
      const moved = times(sizeOf(x), phiRounding(x, at(F.phi, x.hi)));
      return plus(moved, R.of(plus(sizeOf(y), moved)));
    },
    -Infinity,
    (x) => {
      const step = powerOf2(x.grid);
      if (!(step >= GELU_SATURATION)) return undefined;
      const tail = step < Infinity ? times(step, at(F.phi, -step).hi) : 0;
      return { rounding: Math.max(tail, x.dust), grid: x.grid, dust: x.dust };
    },
  );

  /** log1p(e^(−|x|)), which two functions round: an error of e^(−|x|) counts at most once. Then a sum. */
  const twice = relative(0, 'exp', 'log1p');
  const softplusParts = (x: Interval, y: Interval): { log: number; rounding: number } => {
    const log = at(F.softplus, -nearest(x)).hi;
    const inLog = times(log, twice) + underflow;
    const sum = x.hi <= 0 ? 0 : Math.min(plus(log, inLog), R.of(plus(y.hi, inLog)));
    return { log: plus(log, inLog), rounding: plus(inLog, sum) };
  };
  const softplusSaturated = (x: Rounded, xs: Interval, ys: Interval): Saturated | undefined => {
    const { log } = softplusParts(xs, ys);
    // Half the gap above x̂ exceeds x̂u/2, and log1p(e^(−x̂)) does not reach it: the sum is x̂.
    if (xs.lo > 0 && log < (xs.lo * u) / 2) return { rounding: at(F.softplus, -xs.lo).hi, grid: x.grid, dust: x.dust };
    return undefined;
  };
  const softplus = apply(F.softplus, SLOPES.softplus, (x, y) => softplusParts(x, y).rounding, 0, softplusSaturated);

  /** The threshold of the computed one is rounded; softplus and identity differ by log1p(e^(−x)) there. */
  const threshold = concrete.literal(SOFTPLUS_THRESHOLD);
  const SOFTPLUS_JUMP = expOf(-SOFTPLUS_THRESHOLD);
  const torchSoftplus = (x: Rounded): Rounded => {
    const exact = F.torchSoftplus(x);
    if (x.error === Infinity) return lost(exact.lo, exact.hi);
    const xs = computed(x);
    if (Math.min(x.lo, xs.lo) > Math.max(threshold, SOFTPLUS_THRESHOLD)) return x;
    const smooth = softplus(x);
    const [jump, exactJump] = [
      xs.hi > threshold ? expOf(-threshold) : 0,
      x.hi > SOFTPLUS_THRESHOLD ? SOFTPLUS_JUMP : 0,
    ];
    if (jump === 0 && exactJump === 0) return smooth;
    const range = { lo: Math.min(smooth.low, threshold), hi: Math.max(smooth.high, xs.hi) };
    return rounded(exact, plus(smooth.error, plus(jump, exactJump)), range, smooth.grid, smooth.dust);
  };

  /** A number known in both worlds: exactly within [lo, hi], and as computed. */
  const constant = (lo: number, hi: number, compute: () => number): Rounded => {
    try {
      const value = compute();
      const error = Math.max(value - lo, hi - value);
      return rounded({ lo, hi }, error === 0 ? 0 : error * UP + TINY, { lo: value, hi: value }, lowestBit(value));
    } catch (error) {
      if (error instanceof CarrierRangeError) return lost(lo, hi);
      throw error;
    }
  };

  const functions: Primitives<Rounded> & Composed<Rounded> = {
    zero: ZERO,
    one: ONE,
    add,
    sub: (x, y) => (x === y && x.error < Infinity ? ZERO : add(x, negated(y))),
    mul,
    div,
    sqrt,
    neg: negated,
    abs: (x) => rounded(F.abs(x), x.error, F.abs(computed(x)), x.grid, x.dust),
    exp,
    log1p: libraryFunction('log1p'),
    tanh: libraryFunction('tanh'),
    erf: libraryFunction('erf'),
    less: (x, y) => {
      const [xs, ys] = [union(x, computed(x)), union(y, computed(y))];
      if (xs.hi < ys.lo) return true;
      if (xs.lo >= ys.hi) return false;
      throw new Undecidable('expected numbers whose bounds do not overlap');
    },
    from: (x) => constant(x, x, () => concrete.from(x)),
    fromRational: (x) => constant(x.toNumberBelow(), x.toNumberAbove(), () => concrete.fromRational(x)),
    sigmoid,
    silu,
    phi,
    gelu,
    softplus,
    torchSoftplus,
    relu: (x) => max(x, ZERO),
    max,
  };
  return { functions, fma, concrete, constant };
};

/** Bits to which a constant is known before it is rounded outward. */
const CONSTANT_BITS = 80;

/** The bounds for a format and a mode of accumulation: those of `emulatedArithmetic(format, mode)`. */
export const roundingArithmetic = perFormat((format, mode): RoundingArithmetic => {
  const { functions, fma, concrete, constant } = functionsFor(format, mode);
  const target = new Rounding(format);
  const storage = objectStorage(ZERO);
  const inputs = new WeakSet<Rounded>();

  /** x̂ rounded to the format: grid numbers that fit stay, dust rounds as dust. */
  const settled = (x: Rounded): Rounded => {
    if (x.error === Infinity) return x;
    const largest = reach(x);
    if (!(largest <= target.most)) return lost(x.lo, x.hi);
    const exact = x.grid !== -Infinity && target.holds(largest, x.grid);
    const rounding = exact ? target.of(x.dust) : target.of(largest);
    return rounded(
      x,
      plus(x.error, rounding),
      target.range(computed(x), rounding),
      x.grid,
      x.dust === 0 ? 0 : target.grown(x.dust),
    );
  };

  return {
    ...functions,
    ...storage,
    name: `bound-${format.name}`,
    mode,
    emitter: objectEmitter({ ...functions, fma }),
    literal: (x) => constant(x, x, () => concrete.literal(x)),
    fromReal: (x) => {
      const { lo, hi } = x.enclose(CONSTANT_BITS);
      return constant(lo.toNumberBelow(), hi.toNumberAbove(), () => concrete.fromReal(x));
    },
    toNumber: ({ lo, hi }) => (lo === hi ? lo : lo / 2 + hi / 2),
    bounds: ({ lo, hi }) =>
      isKnown(lo, hi) ? { lo: Rational.fromNumber(lo), hi: Rational.fromNumber(hi) } : undefined,
    toText: ({ lo, hi, error }) => `[${lo}, ${hi}] ± ${error}`,
    settle: (x) => {
      if (mode === 'own') return;
      const values = x as unknown as Rounded[];
      for (let i = 0; i < values.length; i++) values[i] = settled(values[i]!);
    },
    set: (x, at, value) => storage.set(x, at, inputs.has(value) ? { ...value } : value),
    input: (lo, hi, { integer = false } = {}) => {
      if (lo === hi) return functions.from(lo);
      const largest = Math.max(-lo, hi);
      if (!(lo < hi && largest <= target.most)) return lost(lo, hi);
      const isExact = format.p === 53 || (integer && target.holds(largest, 0));
      const rounding = isExact ? 0 : target.of(largest);
      const input = rounded({ lo, hi }, rounding, target.range({ lo, hi }, rounding), integer ? 0 : -Infinity);
      inputs.add(input);
      return input;
    },
  };
});
