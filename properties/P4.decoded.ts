/** P4.decoded: when another order of evaluation changes what is decoded, and when it cannot (docs/theory.md §6, P4). */
import { vectorOf, type Arithmetic } from '../src/arithmetic/arithmetic.ts';
import { emulatedArithmetic } from '../src/arithmetic/emulated.ts';
import { formatByName, type Format } from '../src/arithmetic/format.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import { defineClaim, dimensionless, experiment, type Experiment } from '../src/claim/claim.ts';
import { BINARY } from '../src/claim/format-conditions.ts';
import { integers } from '../src/claim/domain.ts';
import { choice, format, integer, real, type Point, type Values } from '../src/claim/parameters.ts';
import { Random } from '../src/claim/random.ts';
import { asking, CopyRunner } from '../src/copy/task.ts';
import type { ScanOptions } from '../src/network/scan.ts';
import { given, type ScanInstance } from '../src/scan/channel.ts';
import { overBound, scanBounds, type Count } from '../src/scan/bounds.ts';
import { CHUNK_IN_CHUNKED, scanOptions } from '../src/scan/order.ts';
import { runnerIn } from '../src/scan/quantities.ts';
import { COPY_ERROR, copyFor } from '../constructions/precision/subjects.ts';
import { criticalReadOut } from '../constructions/scan/critical.ts';
import { roundingsOf } from '../constructions/scan/roundings.ts';

const parameters = {
  task: choice('what is decoded: a fading record of critical score, or COPY by T2.block', ['read-out', 'block']),
  order: choice('order of evaluation, beside the sequential one', ['chunked', 'parallel']),
  chunk: integer('tokens of a chunk, for that order', { min: 1, max: 256, optional: true }),
  a: real('decay of the read-out, rounded to the format', { min: '0.25', max: '1', optional: true }),
  n: integer('longest distance of the read-out; tokens of the block', { min: 1, max: 256 }),
  format: format('number format'),
} as const;
type P = Values<typeof parameters>;

const formatOf = ({ format }: P): Format => formatByName(format)!;

/** The record that is nearer, −1 or 1. */
const decode = (y: number): number => (y < 0 ? -1 : 1);

/** A read-out that two orders decode differently: what they compute, its exact value, the larger of their bounds, Σ_j |w_j v_j|. */
interface Difference {
  readonly computed: readonly [sequential: number, other: number];
  readonly y: Rational;
  readonly bound: Rational;
  readonly mass: Rational;
}

/** How a comparison departs from the theorem. */
interface Mutation {
  /** Roundings that are counted in place of those that there are. */
  readonly roundings?: number;
  /** The instance that the bounds are of. */
  readonly exact?: (x: ScanInstance) => ScanInstance;
}

/** Compares two orders at distance r: undefined where they decode alike, or leave the range of the format. */
const comparer = (p: P, { roundings, exact = (x) => x }: Mutation = {}): ((r: number) => Difference | undefined) => {
  const format = formatOf(p);
  const A = emulatedArithmetic(format);
  const orders = [{}, scanOptions(p)] as const;
  const counts = orders.map((options): Count => {
    const own = roundingsOf(options);
    return (i, j) => roundings ?? own(i, j) + 1;
  });
  const runs = orders.map((options) => runnerIn(format, options));
  const a = A.fromRational(p.a!);
  return (r) => {
    const instance = criticalReadOut(A, a, r);
    if (!Number.isFinite(instance.b[0]!)) return undefined;
    const [sequential, other] = runs.map((run) => run(given(instance))?.[r]);
    if (sequential === undefined || other === undefined || decode(sequential) === decode(other)) return undefined;
    const exactly = given(exact(instance)).exact(A);
    const [own, others] = counts.map((count) => scanBounds(exactly, count, format.p)(r + 1));
    // A single rounding of each term is u times all of them.
    const once = scanBounds(exactly, () => 1, format.p)(r + 1).bound;
    return {
      computed: [sequential, other],
      y: own!.y,
      bound: own!.bound.compare(others!.bound) < 0 ? others!.bound : own!.bound,
      mass: once.mul(Rational.fromNumber(2 ** format.p)),
    };
  };
};

const margin = (p: P, mutation?: Mutation): Experiment<Rational> => {
  const compare = comparer(p, mutation);
  return experiment({
    domain: { r: integers(1, p.n) },
    measure: ({ r }) => {
      const difference = compare(r);
      return difference ? overBound(difference.y.abs(), difference.bound) : Rational.of(0n);
    },
  });
};

/** The fading record twice as heavy as it is. */
const heavier = (x: ScanInstance): ScanInstance => ({ ...x, b: [x.b[0]! * 2, ...x.b.slice(1)] });

/** Records are 2 apart: what is nearer than ε to one of them is decoded. */
const isOff = (error: number): boolean => !(error < COPY_ERROR.toNumber());

/** Strings of records ±1 that the block is run on, and the positions asked for. */
const STRINGS = 3;
const positionsOf = (N: number): number[] => [...new Set([1, Math.ceil(N / 2), N])];

/** Errors of T2.block for N tokens as built for the format, M = 1 and ε = 1/4, one for each string and position. */
const blockErrors = <T>(p: P, A: Arithmetic<T>, options: ScanOptions, N = p.n): number[] => {
  const runner = new CopyRunner(copyFor('T2.block', N, formatOf(p)), 1, A, options);
  return Array.from({ length: STRINGS }, (_, seed) => seed).flatMap((seed) => {
    const random = new Random(seed);
    const records = vectorOf(A, N, () => A.from(random.integer(0, 1) === 0 ? -1 : 1));
    return positionsOf(N).map((pos) => A.toNumber(runner.worstError({ records, pos: asking(N, pos) })));
  });
};
const countOff = <T>(p: P, A: Arithmetic<T>, N?: number): Experiment<Rational> => ({
  measure: () => Rational.fromNumber(blockErrors(p, A, scanOptions(p), N).filter(isOff).length),
});

const READ_OUT = { task: 'read-out', a: ['0.9', '0.99'], n: 64 } as const;
const ORDERS: readonly Point[] = [{ order: 'chunked', chunk: 4 }, { order: 'parallel' }];

export const decoded = defineClaim({
  tag: 'P4.decoded',
  title: 'What other orders of evaluation decode',
  statement:
    'Two orders decode a read-out differently only where its real value is within the larger of their bounds of P4 from the decision boundary. T2.block copies the strings that are run to ε = M/4 in every order up to N = 2^p.',
  quantifiers: [
    'for all decays a, binary formats, orders and distances r up to n: if −1 and 1 are decoded by two orders at the critical score, then |y| is within the bound',
    'for all binary formats and orders, and N ≤ 2^p: on the strings of records ±M that are run, T2.block errs by less than ε',
  ],
  source: 'beyond; docs/theory.md §6',
  parameters,
  conditions: [
    BINARY,
    CHUNK_IN_CHUNKED,
    {
      name: 'a',
      expected: 'set for the read-out, and left out otherwise',
      holds: ({ task, a }) => (task === 'read-out') === (a !== undefined),
    },
    {
      name: 'n',
      expected: 'at most 2^p for the block, whose positions are numbers of the format',
      holds: (p) => p.task === 'read-out' || p.n <= 2 ** formatOf(p).p,
    },
  ],
  grid: {
    quick: [
      { task: 'read-out', order: 'parallel', a: '0.9', n: 32, format: ['bf16', 'fp32'] },
      { task: 'block', order: 'parallel', n: 8, format: 'fp8-e5m2' },
    ],
    standard: ORDERS.flatMap((order) => [
      { ...READ_OUT, ...order, format: ['fp8-e4m3', 'bf16', 'fp16', 'fp32'] },
      { task: 'block', ...order, n: 8, format: 'fp8-e5m2' },
      { task: 'block', ...order, n: 16, format: 'fp8-e4m3' },
      { task: 'block', ...order, n: 64, format: ['bf16', 'fp16'] },
    ]),
    deep: ORDERS.map((order) => ({ task: 'block', ...order, n: 256, format: ['bf16', 'fp16'] })),
  },
  quantities: {
    margin: {
      measures: '|y| beside the larger of the two bounds, where the orders decode differently; 0 elsewhere',
      relation: '<=',
      applies: ({ task }) => task === 'read-out',
      bound: () => Rational.of(1n),
      slack: () => null,
      experiment: (p) => margin(p),
      mutants: {
        'bounds without roundings': (p: P) => margin(p, { roundings: 0 }),
        'a record twice as heavy': (p: P) => margin(p, { exact: heavier }),
      },
    },
    off: {
      measures: 'runs of T2.block that err by ε = M/4 or more',
      tried: true,
      relation: '==',
      applies: ({ task }) => task === 'block',
      bound: () => Rational.of(0n),
      slack: () => null,
      experiment: (p, A) => countOff(p, A),
      teethAt: { task: 'block', order: 'parallel', n: 8, format: 'fp8-e5m2' },
      mutants: { 'a position too many': (p, A) => countOff(p, A, p.n + 1) },
    },
  },
  measurements: [
    {
      id: 'P4.decoded.first',
      title: 'Where another order first decodes differently',
      columns: dimensionless([
        ...['task', 'order', 'chunk', 'a', 'n', 'format', 'decoded differently', 'first at'],
        ...['sequential', 'other', 'margin', 'bound'],
      ]),
      row: (p) => {
        const { task, order, chunk, a, n, format } = p;
        const cell = [task, order, chunk ?? null, a?.toNumber() ?? null, n, format];
        if (task === 'block') {
          const A = emulatedArithmetic(formatOf(p));
          const errors = [{}, scanOptions(p)].map((options) => blockErrors(p, A, options));
          const differently = errors[0]!.filter((error, at) => isOff(error) !== isOff(errors[1]![at]!)).length;
          return [
            ...cell,
            differently,
            null,
            ...errors.map((own) => Math.max(...own)),
            1 - Math.max(...errors.flat()),
            null,
          ];
        }
        const compare = comparer(p);
        const different = Array.from({ length: n }, (_, at) => at + 1).flatMap((r) => {
          const difference = compare(r);
          return difference ? [{ r, ...difference }] : [];
        });
        const [first] = different;
        if (!first) return [...cell, 0, null, null, null, null, null];
        const relative = (x: Rational): number => x.div(first.mass).toNumber();
        return [...cell, different.length, first.r, ...first.computed, relative(first.y.abs()), relative(first.bound)];
      },
    },
  ],
});
