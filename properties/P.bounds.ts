/** P.bounds: rounding in a format stays below the bound that is known before any run (docs/theory.md §6). */
import type { Arithmetic } from '../src/arithmetic/arithmetic.ts';
import { formatByName, type Format } from '../src/arithmetic/format.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import { defineClaim, dimensionless, type Experiment } from '../src/claim/claim.ts';
import { accumulation, choice, format, integer, real, type Values } from '../src/claim/parameters.ts';
import { COPY_TAGS, LEMMA_NAMES, statedBy, type Stated } from '../constructions/precision/subjects.ts';
import { isPowerOfTwo, scaled } from '../src/lemma/quantities.ts';
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
} as const;
type P = Values<typeof parameters>;

const formatFor = ({ format }: P): Format => formatByName(format)!;
const stated = (p: P): Stated => statedBy(p.network, { lambda: p.lambda?.toNumber() ?? 1, N: p.N ?? 1 }, formatFor(p));
const predicted = (p: P): number => predictedDeviation(stated(p).subject, formatFor(p), p.accumulate);

const takesLength = ({ network }: P): boolean => COPY_TAGS.includes(network) || ON_INTEGERS.includes(network);
const takesSteepness = ({ network }: P): boolean => LEMMA_NAMES.includes(network) && !EXACT.includes(network);

const mutated = <T>(p: P, A: Arithmetic<T>, layer: 'hidden' | 'output'): Experiment<T | Rational> => {
  const { subject } = stated(p);
  return deviation(subject, A, formatFor(p), scaled(subject.network as Sequential, layer, 1 + 2 ** -16, 0));
};

const FORMATS = ['fp32', 'tf32', 'fp16', 'bf16', 'fp8-e4m3', 'fp8-e5m2'];
const MODES = ['own', 'fp32'];

export const bounds = defineClaim({
  tag: 'P.bounds',
  title: 'Rounding stays below a bound known before any run',
  statement:
    '|ŷ − y| ≤ the bound that the network gives when it is run over its box of inputs on numbers that carry a range, an error and a grid: y in real arithmetic with weights as doubles, ŷ in the format, every weight, input and operation rounded.',
  quantifiers: [
    'for all lemmas and COPY constructions with M = 1, number formats and accumulations in which nothing overflows',
    'for all inputs of size at most 1, and every position asked for: |ŷ − y| ≤ bound',
  ],
  source: 'beyond; docs/theory.md §6, A priori bounds',
  parameters,
  conditions: [
    { name: 'format', expected: 'a binary floating-point format', holds: (p) => formatFor(p) !== undefined },
    {
      name: 'N',
      expected: 'set for COPY constructions and lemmas on integers, and for no other',
      holds: (p) => (p.N !== undefined) === takesLength(p),
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
      { network: COPY_TAGS, N: 6, format: FORMATS, accumulate: MODES },
    ],
    deep: [
      { network: ['L1', 'L2', 'L3', 'L6'], lambda: ['1', '64'], format: FORMATS, accumulate: MODES },
      { network: COPY_TAGS, N: 16, format: FORMATS, accumulate: MODES },
      { network: ['L2', 'L4.min'], lambda: 8, format: ['fp64', 'p40'], accumulate: 'own' },
    ],
  },
  quantities: {
    deviation: {
      measures: '|ŷ − y|, the largest over the outputs',
      relation: '<=',
      applies: (p) => predicted(p) < Infinity,
      bound: (p) => Rational.fromNumber(predicted(p)),
      slack: () => null,
      experiment: (p, A) => deviation(stated(p).subject, A, formatFor(p)),
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
      columns: dimensionless(['network', 'N', 'lambda', 'format', 'p', 'accumulate', 'theory', 'rounding']),
      row: (p) => [
        p.network,
        p.N ?? null,
        p.lambda?.toNumber() ?? null,
        p.format,
        formatFor(p).p,
        p.accumulate,
        stated(p).theory.approximate().toNumber(),
        predicted(p),
      ],
    },
  ],
});
