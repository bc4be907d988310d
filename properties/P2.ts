/** P2: positions as scalars reach as far as a format counts: N = 2^p, and no farther (docs/theory.md §6). */
import { castVector, MODES, type Arithmetic } from '../src/arithmetic/arithmetic.ts';
import { emulatedArithmetic } from '../src/arithmetic/emulated.ts';
import { formatByName, type Format } from '../src/arithmetic/format.ts';
import { evaluateFormula } from '../src/arithmetic/formula.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import { defineClaim, dimensionless, experiment, type Experiment } from '../src/claim/claim.ts';
import { BOUNDED } from '../src/claim/format-conditions.ts';
import { integers } from '../src/claim/domain.ts';
import { accumulation, choice, format, integer, real, type Values } from '../src/claim/parameters.ts';
import { blockLambda } from '../constructions/copy/T2.block.ts';
import { blockWithSteepness, COPY_ERROR, copyFor } from '../constructions/precision/subjects.ts';
import type { BuiltCopy } from '../src/copy/construction.ts';
import { hardestError, REPEATED_SIGNS, repeatedSigns } from '../src/copy/hardest.ts';
import { asking, CopyRunner } from '../src/copy/task.ts';
import { scaleEntries } from '../src/network/matrix.ts';
import { withBlock, type MambaBlock } from '../src/network/layer.ts';
import { sizesOf } from '../src/network/size.ts';

const IDEAL = 'T2.ideal';
const parameters = {
  construction: choice('COPY construction', ['T2.block', 'T2.slots', 'T2.packed', IDEAL]),
  N: integer('sequence length', { min: 1, max: 4096 }),
  lambda: real('steepness of the knots of T2.block; a power of two for the format where left out', {
    min: '0',
    openMin: true,
    optional: true,
  }),
  format: format('number format'),
  accumulate: accumulation(),
} as const;
type P = Values<typeof parameters>;

const ONE = Rational.of(1n);
const LEAST_STEEPNESS = evaluateFormula(blockLambda, { M: ONE, eps: COPY_ERROR });
const formatFor = ({ format }: P): Format => formatByName(format)!;

/** The construction for d = M = 1, ε = M/4, with another λ where one is set. */
const build = (p: P): BuiltCopy =>
  p.lambda ? blockWithSteepness(p.N, formatFor(p), p.lambda.toNumber()) : copyFor(p.construction, p.N, formatFor(p));

/** The odd part of λ where that is an integer; ∞ of any other. */
const oddPart = (lambda: Rational): number => {
  let { n } = lambda;
  const { d } = lambda;
  if ((d & (d - 1n)) !== 0n) return Infinity;
  while ((n & 1n) === 0n) n >>= 1n;
  return Number(n);
};

/** Whether all positions, and all knots λ(i − t) up to t = N + 1, are numbers of the format. */
const counts = (p: P): boolean => {
  const limit = 2 ** formatFor(p).p;
  const odd = p.lambda ? oddPart(p.lambda) : 1;
  return p.construction === IDEAL || (odd === 1 ? p.N <= limit : odd * (p.N + 1) <= limit);
};

/** ‖y_i − v_pos(i)‖∞, the largest over i. */
const copyError = <T>(p: P, A: Arithmetic<T>, built = build(p)): Experiment<T> => {
  const { N } = p;
  const runner = new CopyRunner(built, 1, A);
  return experiment({
    domain: { signs: REPEATED_SIGNS, pos: integers(1, N) },
    measure: ({ signs, pos }) =>
      runner.worstError({ records: castVector(A, repeatedSigns(N, signs)), pos: asking(N, pos) }),
  });
};

/**
 * The larger of the errors of copying 2^p and 2^p + 1 at the last token. The two positions are one number of the format,
 * so both questions get the same answer y, and of max(|y − v|, |y + v|) none is below |v| = M.
 */
const sharedError = <T>(p: P, A: Arithmetic<T>, built = build(p)): Experiment<T> => {
  const { N } = p;
  const shared = 2 ** formatFor(p).p;
  const runner = new CopyRunner(built, 1, A);
  return experiment({
    domain: { signs: REPEATED_SIGNS },
    measure: ({ signs }) => {
      const records = repeatedSigns(N, signs);
      records[shared - 1] = 1;
      records[shared] = -1;
      return runner.worstLastQuery(castVector(A, records), N, [shared, shared + 1]);
    },
  });
};

const mutatedBlock = <T>(p: P, A: Arithmetic<T>, change: (block: MambaBlock) => MambaBlock): Experiment<T> => {
  const built = build(p);
  return copyError(p, A, { ...built, network: withBlock(built.network, change) });
};

const arithmeticFor = (p: P): Arithmetic<number> => emulatedArithmetic(formatFor(p), p.accumulate);

const ON_MARKS = ['T2.slots', 'T2.packed'];

export const positions = defineClaim({
  tag: 'P2',
  title: 'Positions reach N = 2^p in a format of p bits, and no farther',
  statement:
    'With λ a power of two, at least ln(24M/ε), T2.block, T2.slots and T2.packed copy to M/4 in p ≥ 3 bits up to N = 2^p; from 2^p + 1 on, two positions share one number and some record errs by at least M. λ of odd part o is exact while o(N + 1) ≤ 2^p. T2.ideal never breaks.',
  quantifiers: [
    'for all formats of p ≥ 3 bits with a least and a largest number that hold the weights, and both accumulations, with M = 1 and ε = 1/4',
    'for all records with |v| ≤ M, all pos and N ≤ 2^p: |y_i − v_pos(i)| ≤ M/4 for every i ≥ pos(i)',
    'for all N > 2^p and all records with v = −v′ = M at 2^p and 2^p + 1: asked for both, the last token errs by at least M',
  ],
  source: 'beyond; docs/theory.md §6',
  parameters,
  conditions: [
    BOUNDED,
    {
      name: 'lambda',
      expected:
        'left out but for T2.block, and then at least ln(24M/ε) = 4.564…, with which it copies in real arithmetic',
      holds: (p) => !p.lambda || (p.construction === 'T2.block' && p.lambda.compare(LEAST_STEEPNESS) >= 0),
    },
    {
      name: 'N',
      expected: 'so small that the largest weight, and λ², are numbers of the format',
      holds: (p) => {
        const built = build(p);
        const { lambda = 1 } = built.constants;
        return Math.max(sizesOf(built.network, 1).largestWeight, lambda ** 2) <= formatFor(p).max;
      },
    },
  ],
  grid: {
    quick: [
      { construction: ['T2.block', IDEAL], N: [8, 9], format: 'fp8-e5m2', accumulate: MODES },
      { construction: 'T2.block', N: [16, 17], format: 'fp8-e4m3', accumulate: 'own' },
      { construction: 'T2.block', lambda: 12, N: 4, format: 'p6e8', accumulate: 'own' },
    ],
    standard: [
      { construction: ON_MARKS, N: [8, 9], format: 'fp8-e5m2', accumulate: 'fp32' },
      { construction: ON_MARKS, N: [16, 17], format: 'fp8-e4m3', accumulate: 'own' },
      { construction: 'T2.block', N: [16, 17], format: 'fp8-e4m3', accumulate: MODES },
      { construction: ['T2.block', 'T2.slots'], N: [32, 33], format: 'p5e8', accumulate: 'own' },
      { construction: 'T2.block', N: [256, 257], format: 'bf16', accumulate: 'own' },
      { construction: IDEAL, N: 257, format: 'bf16', accumulate: MODES },
      {
        construction: 'T2.block',
        lambda: ['12', '20', '9.125'],
        N: [4, 8, 12, 16, 24, 32],
        format: 'p6e8',
        accumulate: 'own',
      },
      { construction: 'T2.block', N: [8, 16, 32, 64, 65], format: 'p6e8', accumulate: 'own' },
    ],
    deep: [
      { construction: ON_MARKS, N: [256, 257], format: 'bf16', accumulate: MODES },
      { construction: 'T2.block', N: [256, 257], format: 'bf16', accumulate: 'fp32' },
    ],
  },
  quantities: {
    error: {
      measures: '|y_i − v_pos(i)|, the largest over i',
      relation: '<=',
      applies: counts,
      bound: () => COPY_ERROR,
      slack: () => null,
      experiment: (p, A) => copyError(p, A),
      teethAt: { construction: 'T2.block', N: 16, format: 'fp8-e4m3', accumulate: 'own' },
      mutants: {
        'λ of odd part 3': (p, A) => copyError({ ...p, lambda: Rational.of(12n) }, A),
        'a knot moved by a half': (p, A) =>
          mutatedBlock(p, A, (b) => ({ ...b, inProj: scaleEntries(b.inProj, 1.5, 8) })),
        'faster decay': (p, A) =>
          mutatedBlock(p, A, (b) => ({ ...b, ALog: { ...b.ALog, values: b.ALog.values.map((w) => w + 4) } })),
      },
    },
    shared: {
      measures: 'the larger error of copying 2^p and 2^p + 1',
      relation: '>=',
      applies: (p) => p.construction !== IDEAL && p.N > 2 ** formatFor(p).p,
      bound: () => ONE,
      slack: () => null,
      experiment: (p, A) => sharedError(p, A),
      teethAt: { construction: 'T2.block', N: 9, format: 'fp8-e5m2', accumulate: 'own' },
      mutants: {
        'keys that do not count': (p, A) => sharedError(p, A, copyFor(IDEAL, p.N, formatFor(p))),
      },
    },
  },
  measurements: [
    {
      id: 'P2.cliff',
      title: 'Errors of copying every position at the last token, records ±1',
      columns: dimensionless(['construction', 'format', 'p', 'accumulate', 'lambda', 'N', 'error']),
      row: (p, seed) => [
        p.construction,
        p.format,
        formatFor(p).p,
        p.accumulate,
        build(p).constants.lambda ?? null,
        p.N,
        hardestError(build(p), p.N, arithmeticFor(p), seed),
      ],
    },
  ],
});
