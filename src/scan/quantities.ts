/**
 * What claims about the rounding of scans measure: |ŷ_i − y_i| in multiples of its bound, ŷ as a network computes it in a
 * format, over random scans of a format's numbers and on the worst instances of the proof (docs/theory.md P1, P4).
 */
import { unboundedFormat, type Format } from '../arithmetic/format.ts';
import { emulatedArithmetic } from '../arithmetic/emulated.ts';
import { Rational } from '../arithmetic/rational.ts';
import { experiment, type Experiment, type Measured } from '../claim/claim.ts';
import type { Parameters, Values } from '../claim/parameters.ts';
import {
  integers,
  reals,
  vectors,
  type Domain,
  type IntegerAxis,
  type PointOf,
  type RealAxis,
} from '../claim/domain.ts';
import { Random } from '../claim/random.ts';
import { overBound, scanBounds, type Count } from './bounds.ts';
import { channelRunner, given, stepped, type Channel, type ExactInstance, type ScanInstance } from './channel.ts';
import type { ScanOptions } from '../network/scan.ts';

const ZERO = Rational.of(0n);
const ONE = Rational.of(1n);

/** What is checked: how often a scan in this order may round, and in what it departs from that. */
export interface Setting {
  readonly format: Format;
  readonly options: ScanOptions;
  readonly count: Count;
  /** The format in which it runs; `format` where absent. */
  readonly runsIn?: Format;
  /** What is summed exactly, where it is not what is run. */
  readonly instead?: (x: ExactInstance) => ExactInstance;
  /** Bounds with |c_i · b_j| in place of |c_i| · |b_j|. */
  readonly cancels?: true;
}

/** Runs scans in a format, in one order; of those that leave its range nothing is returned, as no bound is about them. */
export const runnerIn = (format: Format, options: ScanOptions): ((channel: Channel) => Float64Array | undefined) => {
  const run = channelRunner(emulatedArithmetic(format), options);
  if (format.overflow === 'error') return (channel) => run(channel) as Float64Array;
  // Without limits of the exponent the same precision computes the same, unless something was too large or too small.
  const unlimited = channelRunner(emulatedArithmetic(unboundedFormat(format.p)), options);
  return (channel) => {
    const y = run(channel) as Float64Array;
    const other = unlimited(channel) as Float64Array;
    return y.every((x, i) => Object.is(x, other[i])) ? y : undefined;
  };
};

/** The largest |ŷ_i − y_i| beside its bound, of any scan in one setting. */
export const worstRatio = ({
  format,
  options,
  count,
  runsIn = format,
  instead,
  cancels,
}: Setting): ((channel: Channel) => Rational) => {
  const A = emulatedArithmetic(runsIn);
  const run = runnerIn(runsIn, options);
  return (channel) => {
    const computed = run(channel);
    if (!computed) return ZERO;
    const exact = channel.exact(A);
    const at = scanBounds(instead ? instead(exact) : exact, count, format.p, cancels);
    return Array.from(computed).reduce((worst, yHat, i) => {
      const { y, bound } = at(i + 1);
      const ratio = overBound(Rational.fromNumber(yHat).sub(y).abs(), bound);
      return ratio.compare(worst) > 0 ? ratio : worst;
    }, ZERO);
  };
};

/** Numbers of p bits: decays in [1/2, 1], all others in [−2, 2]. */
const scanDomain = (n: number, m: number, { p }: Format) => {
  const signed = (length: number) => vectors(length, integers(-(2 ** p), 2 ** p));
  return { a: vectors(n, integers(2 ** (p - 1), 2 ** p)), b: signed(n * m), c: signed(n * m), v: signed(n) };
};

/** Scans of more numbers than this are drawn from a seed: they are too many to search one by one. */
const MOST_COORDINATES = 48;
const MOST_SEED = 2 ** 31 - 1;

const coordinatesOf = (domain: Domain): number =>
  Object.values(domain).reduce((count, axis) => count + (axis.kind === 'vector' ? axis.length : 1), 0);

/** A point of a domain, uniformly. */
const draw = <D extends Domain>(domain: D, random: Random): PointOf<D> => {
  const entry = ({ kind, lo, hi }: RealAxis | IntegerAxis): number =>
    kind === 'integer' ? random.integer(lo, hi) : lo + (hi - lo) * random.uniform();
  const drawn = Object.entries(domain).map(([name, axis]) => [
    name,
    axis.kind === 'vector' ? Array.from({ length: axis.length }, () => entry(axis.entry)) : entry(axis),
  ]);
  return Object.fromEntries(drawn) as PointOf<D>;
};

const experimentOf = <D extends Domain>(
  domain: D,
  channel: (point: PointOf<D>) => Channel,
  setting: Setting,
  worst?: Channel,
): Experiment<Rational> => {
  const ratio = worstRatio(setting);
  const witness = worst && { witness: () => ratio(worst) };
  if (coordinatesOf(domain) <= MOST_COORDINATES)
    return experiment({ domain, measure: (point) => ratio(channel(point)), ...witness });
  return experiment({
    domain: { seed: integers(0, MOST_SEED) },
    measure: ({ seed }) => ratio(channel(draw(domain, new Random(seed)))),
    ...witness,
  });
};

/** A scan of the numbers that a point stands for. */
const scanAt = ({ p }: Format, { a, b, c, v }: PointOf<ReturnType<typeof scanDomain>>): ScanInstance => {
  const u = 2 ** -p;
  const halved = (numbers: readonly number[]): number[] => numbers.map((x) => x * 2 * u);
  return { a: a.map((x) => x * u), b: halved(b), c: halved(c), v: halved(v) };
};

/** A scan drawn from those that `overScans` is about. */
export const drawScan = (n: number, m: number, format: Format, random: Random): ScanInstance =>
  scanAt(format, draw(scanDomain(n, m, format), random));

/** Over all scans of n tokens and m states with given decays and records. */
export const overScans = (n: number, m: number, setting: Setting, worst?: Channel): Experiment<Rational> =>
  experimentOf(scanDomain(n, m, setting.format), (point) => given(scanAt(setting.format, point)), setting, worst);

/** The largest −A: decays stay above e^(−2). */
const STEEPEST = 2;

/** The same for S6, with steps in [1/2, 1]. */
export const overSteps = (n: number, m: number, setting: Setting, worst?: Channel): Experiment<Rational> => {
  const { format } = setting;
  const A = emulatedArithmetic(format);
  return experimentOf(
    { ...scanDomain(n, m, format), rate: reals(-STEEPEST, 0) },
    ({ rate, ...point }) => {
      const { a: delta, b, c, v: u } = scanAt(format, point);
      return stepped({ delta, b, c, u, rate: A.from(rate) });
    },
    setting,
    worst,
  );
};

/** One cell of a claim about a scan. */
export interface ScanCase {
  readonly n: number;
  readonly m: number;
  readonly format: Format;
  readonly options: ScanOptions;
  /** S6: decays and records are made of steps. */
  readonly stepped?: boolean;
  readonly count: Count;
  /** Instances on which every rounding of one record counts, and that need as many bits for one rounding less to fail. */
  readonly worst: readonly (() => Channel)[];
  readonly sharpFrom: number;
}

/** The largest error of the last output over some scans, in units of u Σ_j α_nj (|c_n| · |b_j|) |v_j|. */
export const growthOf = ({ n, format, options }: ScanCase, channels: readonly Channel[]): number => {
  const A = emulatedArithmetic(format);
  const run = runnerIn(format, options);
  const ratios = channels.map((channel) => {
    const computed = run(channel);
    if (!computed) return 0;
    // One rounding of every term.
    const { y, bound } = scanBounds(channel.exact(A), () => 1, format.p)(n);
    return overBound(
      Rational.fromNumber(computed[n - 1]!)
        .sub(y)
        .abs(),
      bound,
    ).toNumber();
  });
  return Math.max(...ratios);
};

type Change = Partial<Omit<Setting, 'format' | 'options'>>;

/** Bits that leave next to nothing of an error. */
const MORE_BITS = 8;

/**
 * The error of a scan within its bound, and beyond the bound that counts one rounding less. A format too coarse for the
 * worst instances has no such bound: what they lose to second order outweighs a rounding.
 */
export const scanQuantities = <P extends Parameters>(
  caseOf: (values: Values<P>) => ScanCase,
): Record<'error' | 'sharp', Measured<P>> => {
  const isSharp = ({ format, sharpFrom }: ScanCase): boolean => format.p >= sharpFrom;
  const settingOf = ({ format, options, count }: ScanCase, change: Change = {}): Setting => ({
    ...{ format, options, count },
    ...change,
  });
  const error = (values: Values<P>, change?: (p: ScanCase) => Change): Experiment<Rational> => {
    const p = caseOf(values);
    const setting = settingOf(p, change?.(p));
    return (p.stepped ? overSteps : overScans)(p.n, p.m, setting, isSharp(p) ? p.worst[0]!() : undefined);
  };
  const fewer =
    (by: number) =>
    ({ count }: ScanCase): Change => ({ count: (i, j) => count(i, j) - by });
  const sharp = (values: Values<P>, change: (p: ScanCase) => Change): Experiment<Rational> => {
    const p = caseOf(values);
    return {
      measure: () => {
        const ratio = worstRatio(settingOf(p, change(p)));
        return p.worst.map((channel) => ratio(channel())).reduce((least, x) => least.min(x));
      },
    };
  };
  return {
    error: {
      measures: 'largest |ŷ_i − y_i| / Σ_{j≤i} [(1+u)^k_j − 1]·α_ij·(|c_i|ᵀ|b_j|)·|v_j| over i',
      relation: '<=',
      bound: () => ONE,
      slack: (values) => {
        const p = caseOf(values);
        const k = p.count(p.n, 1);
        return isSharp(p) ? (k - 1) / k : null;
      },
      experiment: (values) => error(values),
      mutants: {
        'one rounding less': (values) => error(values, fewer(1)),
        'one bit less': (values) => error(values, ({ format: { p } }) => ({ runsIn: unboundedFormat(p - 1) })),
        'keys that may cancel': (values) => error(values, () => ({ cancels: true })),
        'the sign of a key flipped': (values) =>
          error(values, () => ({ instead: (x) => ({ ...x, b: [x.b[0]!.neg(), ...x.b.slice(1)] }) })),
        'a decay left out': (values) =>
          error(values, () => ({ instead: (x) => ({ ...x, a: [...x.a.slice(0, -1), ONE] }) })),
      },
    },
    sharp: {
      measures:
        'the same with one rounding less in every k_j, at i = n, where every rounding of v_1, or of v_n, counts',
      relation: '>',
      applies: (values) => isSharp(caseOf(values)),
      bound: () => ONE,
      slack: () => null,
      experiment: (values) => sharp(values, fewer(1)),
      mutants: {
        'no rounding less': (values) => sharp(values, fewer(0)),
        'eight bits more': (values) =>
          sharp(values, (p) => ({ ...fewer(1)(p), runsIn: unboundedFormat(p.format.p + MORE_BITS) })),
      },
    },
  };
};
