/** P.bounds: rounding in a format stays below the bound that is known before any run (docs/theory.md §6). */
import fc from 'fast-check';
import { MODES, type Arithmetic } from '../src/arithmetic/arithmetic.ts';
import { emulatedArithmetic } from '../src/arithmetic/emulated.ts';
import { maximum } from '../src/arithmetic/float64.ts';
import { formatByName, type Format } from '../src/arithmetic/format.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import { defineClaim, dimensionless, type Experiment } from '../src/claim/claim.ts';
import { BINARY } from '../src/claim/format-conditions.ts';
import { accumulation, choice, format, integer, perCell, real, type Values } from '../src/claim/parameters.ts';
import { COPY_TAGS, LEMMA_NAMES, statedBy, type Stated } from '../constructions/precision/subjects.ts';
import { pointArbitrary } from '../src/evidence/arbitraries/axis.ts';
import { isPowerOfTwo, scaled } from '../src/lemma/quantities.ts';
import { ORDERS, type ScanOptions } from '../src/network/scan.ts';
import { deviation, predictedDeviation } from '../src/precision/deviation.ts';
import type { Sequential } from '../src/network/layer.ts';

/** Lemmas that have no steepness, and those on the integers 1 … N. */
const EXACT: readonly string[] = ['L0', 'L2.gate'];
const ON_INTEGERS: readonly string[] = ['L5.comparison', 'L5.lookup'];

const parameters = {
  network: choice('lemma or COPY construction', [...LEMMA_NAMES, ...COPY_TAGS]),
  N: integer('sequence length, or the largest integer of a lemma on integers', { min: 1, max: 64, optional: true }),
  lambda: real("steepness of a lemma's neurons", { min: '0', openMin: true, optional: true }),
  format: format('number format'),
  accumulate: accumulation(),
  order: { ...choice('order of evaluation of scans, in chunks of 4', ORDERS), optional: true },
} as const;
type P = Values<typeof parameters>;

const formatFor = ({ format }: P): Format => formatByName(format)!;
const stated = (p: P): Stated => statedBy(p.network, { lambda: p.lambda?.toNumber() ?? 1, N: p.N ?? 1 }, formatFor(p));
const CHUNK = 4;
const scanOf = ({ order = 'sequential' }: P): ScanOptions => ({ order, chunk: CHUNK });
const predicted = perCell((p: P): number =>
  predictedDeviation(stated(p).subject, formatFor(p), p.accumulate, scanOf(p)),
);

/** Squares of positions, and products of steepnesses, overflow the formats of 8 bits, or may. */
const WIDE: readonly string[] = ['T2.packed', 'T2.selective', 'T2.tight', 'T2.attention'];
const LEAST_BITS = 8;
const hasRoom = (p: P): boolean => formatFor(p).p >= LEAST_BITS || !WIDE.includes(p.network);

const predictedBound = (p: P): Rational => {
  const bound = predicted(p);
  if (bound < Infinity) return Rational.fromNumber(bound);
  throw new RangeError(`expected numbers that cannot overflow ${p.format}, got none that are bounded`);
};

/** Far below the bound, a deviation need not be known exactly. */
const FINE = 2 ** -20;
const fineFor = (p: P): Rational => Rational.fromNumber(predicted(p) * FINE);

/** Those whose read-out sums over a scan; softmax attention has none. */
const SCANNING = COPY_TAGS.filter((tag) => tag !== 'T2.attention');

const takesLength = ({ network }: P): boolean => COPY_TAGS.includes(network) || ON_INTEGERS.includes(network);
const takesSteepness = ({ network }: P): boolean => LEMMA_NAMES.includes(network) && !EXACT.includes(network);

/** λ of lemmas tried for the least error, and inputs run at the best of them. */
const STEEPNESSES = Array.from({ length: 21 }, (_, k) => 2 ** (k - 4));
const SAMPLES = 40;
/** Bits of bounds beside errors that doubles hold. */
const BITS = 80;

/** The steepness that guarantees the least error of a lemma in a format, that error, and the largest one found there. */
const leastError = (p: P, seed: number): readonly [lambda: number | null, guaranteed: number, found: number] => {
  const steepnesses = takesSteepness(p) ? STEEPNESSES : [null];
  const candidates = steepnesses.map((lambda) => {
    const at = { ...p, ...(lambda !== null && { lambda: Rational.fromNumber(lambda) }) };
    const theory = stated(at).theory.enclose(BITS).hi.toNumberAbove();
    return { lambda, at, theory, guaranteed: theory + predicted(at) };
  });
  const { lambda, at, theory, guaranteed } = candidates.reduce((x, y) => (y.guaranteed < x.guaranteed ? y : x));
  return [lambda, guaranteed, theory + sampledDeviation(at, seed)];
};

/** The largest deviation on some random inputs; NaN where an output is none. */
const sampledDeviation = (p: P, seed: number): number => {
  const A = emulatedArithmetic(formatFor(p), p.accumulate);
  const { domain, measure } = deviation(stated(p).subject, A, fineFor(p), scanOf(p));
  const values = fc.sample(pointArbitrary(domain!), { seed, numRuns: SAMPLES }).map(measure);
  return maximum(values.map((value) => (value instanceof Rational ? value.toNumber() : value)));
};

const mutated = <T>(p: P, A: Arithmetic<T>, layer: 'hidden' | 'output'): Experiment<T | Rational> => {
  const { subject } = stated(p);
  return deviation(subject, A, fineFor(p), { run: scaled(subject.network as Sequential, layer, 1 + 2 ** -16, 0) });
};

const FORMATS = ['fp32', 'tf32', 'fp16', 'bf16', 'fp8-e4m3', 'fp8-e5m2'];

export const bounds = defineClaim({
  tag: 'P.bounds',
  title: 'Rounding stays below a bound known before any run',
  statement:
    '|ŷ − y| ≤ the bound that the network gives when it is run over its box of inputs on numbers that carry a range, an error and a grid: y in real arithmetic with weights as doubles, ŷ in the format, every weight, input and operation rounded.',
  quantifiers: [
    'for all lemmas and COPY constructions with M = 1, number formats, accumulations and orders of evaluation in which nothing overflows',
    'for all inputs of size at most 1, and every position asked for: |ŷ − y| ≤ bound',
  ],
  source: 'beyond; docs/theory.md §6, A priori bounds',
  parameters,
  conditions: [
    BINARY,
    {
      name: 'N',
      expected: 'set for COPY constructions and lemmas on integers, and for no other',
      holds: (p) => (p.N !== undefined) === takesLength(p),
    },
    {
      name: 'order',
      expected: 'set for COPY constructions that scan only',
      holds: (p) => p.order === undefined || SCANNING.includes(p.network),
    },
    {
      name: 'lambda',
      expected: 'a power of two for lemmas that have a steepness, and left out otherwise',
      holds: (p) => (p.lambda === undefined ? !takesSteepness(p) : takesSteepness(p) && isPowerOfTwo(p.lambda)),
    },
  ],
  grid: {
    quick: [
      { network: 'L2.gate', format: 'bf16', accumulate: 'own' },
      { network: 'T2.block', N: 4, format: 'bf16', accumulate: MODES },
    ],
    standard: [
      { network: EXACT, format: FORMATS, accumulate: MODES },
      { network: ['L1', 'L2', 'L3', 'L4.min', 'L4.abs', 'L6'], lambda: 8, format: FORMATS, accumulate: MODES },
      { network: ON_INTEGERS, N: 6, lambda: 8, format: FORMATS, accumulate: MODES },
      { network: COPY_TAGS, N: 4, format: FORMATS, accumulate: MODES },
      { network: SCANNING, N: 6, format: ['bf16', 'fp16'], accumulate: MODES, order: ['chunked', 'parallel'] },
    ],
    deep: [
      { network: ['L1', 'L2', 'L3', 'L6'], lambda: ['1', '64'], format: FORMATS, accumulate: MODES },
      { network: COPY_TAGS, N: [6, 16], format: FORMATS, accumulate: MODES },
      { network: ['L2', 'L4.min'], lambda: 8, format: ['fp64', 'p40'], accumulate: 'own' },
    ],
  },
  quantities: {
    deviation: {
      measures: '|ŷ − y|, the largest over the outputs',
      relation: '<=',
      applies: hasRoom,
      bound: predictedBound,
      slack: () => null,
      experiment: (p, A) => deviation(stated(p).subject, A, fineFor(p), scanOf(p)),
      teethAt: { network: 'L4.min', lambda: 8, format: 'fp32', accumulate: 'own' },
      mutants: {
        'a hidden weight off by 2^−16': (p, A) => mutated(p, A, 'hidden'),
        'an output weight off by 2^−16': (p, A) => mutated(p, A, 'output'),
      },
    },
  },
  measurements: [
    {
      id: 'P.bounds.predictions',
      title: 'What is predicted of every construction in every format: rounding, and the error in real arithmetic',
      columns: dimensionless(['network', 'N', 'lambda', 'format', 'p', 'accumulate', 'order', 'theory', 'rounding']),
      row: (p) => [
        p.network,
        p.N ?? null,
        p.lambda?.toNumber() ?? null,
        p.format,
        formatFor(p).p,
        p.accumulate,
        p.order ?? null,
        stated(p).theory.approximate().toNumber(),
        predicted(p),
      ],
    },
    {
      id: 'P.bounds.least',
      title:
        'The least error that a lemma guarantees in a format, over powers of two λ, and the largest one found there',
      columns: dimensionless(['network', 'format', 'p', 'accumulate', 'lambda', 'guaranteed', 'found']),
      row: (p, seed) => [
        p.network,
        p.format,
        formatFor(p).p,
        p.accumulate,
        ...(LEMMA_NAMES.includes(p.network) ? leastError(p, seed) : [null, null, null]),
      ],
    },
  ],
});
