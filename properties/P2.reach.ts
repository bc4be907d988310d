/** P2.reach: how far every COPY construction reaches in every format, and what ends it (docs/theory.md §6). */
import { MODES } from '../src/arithmetic/arithmetic.ts';
import { emulatedArithmetic } from '../src/arithmetic/emulated.ts';
import { formatByName, type Format } from '../src/arithmetic/format.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import { defineClaim, dimensionless, type Experiment, type Measured } from '../src/claim/claim.ts';
import { BOUNDED } from '../src/claim/format-conditions.ts';
import { accumulation, choice, format, integer, perCell, type Values } from '../src/claim/parameters.ts';
import { COPY_ERROR, COPY_TAGS, copyFor } from '../constructions/precision/subjects.ts';
import { hardestError } from '../src/copy/hardest.ts';
import { greatest } from '../src/precision/bisect.ts';

const parameters = {
  construction: choice('COPY construction', COPY_TAGS),
  N: integer('longest sequence tried', { min: 1, max: 4096 }),
  format: format('number format'),
  accumulate: accumulation(),
} as const;
type P = Values<typeof parameters>;

const formatFor = ({ format }: P): Format => formatByName(format)!;

/** Records ±1 of random signs are drawn from here: the reach belongs to the construction and the format alone. */
const SEED = 1;

/** The reach that theory gives: positions, squares and weights up to it are numbers of the format. */
const predictedReach = perCell((p: P): number =>
  greatest(0, p.N, (N) => copyFor(p.construction, N, formatFor(p)).breaks(formatFor(p), p.accumulate) === undefined),
);

const errorAt = (p: P, N: number, build: typeof copyFor): number =>
  hardestError(build(p.construction, N, formatFor(p)), N, emulatedArithmetic(formatFor(p), p.accumulate), SEED);

/** The greatest N up to which the hardest records known are copied to M/4. */
const reachOf = (p: P, build: typeof copyFor): number =>
  greatest(0, p.N, (N) => errorAt(p, N, build) <= COPY_ERROR.toNumber(), predictedReach(p));
const measuredReach = perCell((p: P) => reachOf(p, copyFor));

const counted = (p: P, build?: typeof copyFor): Experiment<Rational> => ({
  measure: () => Rational.fromNumber(build ? reachOf(p, build) : measuredReach(p)),
});

/** The reach as a quantity of the claim: the one predicted, or at most that. */
const reaches = (
  claimed: Pick<Measured<typeof parameters>, 'relation' | 'applies' | 'teethAt' | 'mutants'>,
): Measured<typeof parameters> => ({
  measures: 'the greatest N that is copied to M/4',
  tried: true,
  bound: (p) => Rational.fromNumber(predictedReach(p)),
  slack: () => null,
  experiment: (p) => counted(p),
  ...claimed,
});

/**
 * In its own accumulation softmax attention rounds scores of size βN², which ends it sooner; and with few bits fl(2β·pos)
 * asks for a position as far off as a square that is no number.
 */
const LEAST_ATTENTION_BITS = 6;
const isPredicted = (p: P): boolean =>
  p.construction !== 'T2.attention' || (p.accumulate === 'fp32' && formatFor(p).p >= LEAST_ATTENTION_BITS);

const POSITIONS = ['T2.block', 'T2.slots', 'T2.packed'];
const OTHERS = COPY_TAGS.filter((tag) => !POSITIONS.includes(tag));

export const reach = defineClaim({
  tag: 'P2.reach',
  title: 'How far each COPY construction reaches in each format',
  statement:
    'The greatest N copied to M/4: 2^p for T2.block, T2.slots, T2.packed; for T2.selective and T2.tight the last k with 2k² − 1 ≤ 2^p, for T2.attention the last N before an odd k² > 2^p (with fp32 sums and p ≥ 6; sooner otherwise), or less where a number of the run overflows; T2.ideal has no end.',
  quantifiers: [
    'for all COPY constructions built for M = 1 and ε = 1/4, formats of 3 bits or more with a least and a largest number, and accumulations',
    'the greatest N (of those tried) up to which the hardest records known are copied to M/4 is the one predicted',
  ],
  source: 'beyond; docs/theory.md §6',
  parameters,
  conditions: [BOUNDED],
  grid: {
    quick: [{ construction: ['T2.tight', 'T2.ideal'], N: 20, format: 'bf16', accumulate: 'own' }],
    standard: [
      { construction: COPY_TAGS, N: 20, format: ['fp8-e4m3', 'fp8-e5m2', 'bf16'], accumulate: MODES },
      { construction: OTHERS, N: 50, format: ['fp16', 'tf32'], accumulate: MODES },
      { construction: POSITIONS, N: 20, format: ['fp16', 'tf32'], accumulate: MODES },
      { construction: 'T2.block', N: 260, format: 'bf16', accumulate: MODES },
    ],
    deep: [
      { construction: POSITIONS, N: 300, format: 'bf16', accumulate: MODES },
      { construction: OTHERS, N: 100, format: ['fp32', 'p14e8'], accumulate: MODES },
    ],
  },
  quantities: {
    reach: reaches({
      relation: '==',
      applies: isPredicted,
      teethAt: { construction: 'T2.tight', N: 20, format: 'bf16', accumulate: 'own' },
      mutants: {
        'another construction': (p: P) => counted(p, (_, N, number) => copyFor('T2.attention', N, number)),
      },
    }),
    sooner: reaches({
      relation: '<=',
      applies: (p) => !isPredicted(p),
      teethAt: { construction: 'T2.attention', N: 20, format: 'fp8-e4m3', accumulate: 'own' },
      mutants: {
        'one-hot keys': (p: P) => counted(p, (_, N, number) => copyFor('T2.ideal', N, number)),
      },
    }),
  },
  measurements: [
    {
      id: 'P2.reach.ends',
      title: 'The greatest N copied to M/4, and what ends it: the error at the next N and what theory says of it',
      columns: dimensionless(['construction', 'format', 'p', 'accumulate', 'tried', 'reach', 'error beyond', 'reason']),
      row: (p) => {
        const N = measuredReach(p);
        const next = N < p.N ? copyFor(p.construction, N + 1, formatFor(p)) : undefined;
        return [
          p.construction,
          p.format,
          formatFor(p).p,
          p.accumulate,
          p.N,
          N,
          next ? errorAt(p, N + 1, copyFor) : null,
          next ? (next.breaks(formatFor(p), p.accumulate) ?? 'rounding') : null,
        ];
      },
    },
  ],
});
