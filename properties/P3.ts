/** P3: log2 N bits suffice for positions, and about twice as many where λ is no power of two (docs/theory.md §6). */
import { castVector } from '../src/arithmetic/arithmetic.ts';
import { emulatedArithmetic } from '../src/arithmetic/emulated.ts';
import { boundedFormat, type Format } from '../src/arithmetic/format.ts';
import { evaluateFormula } from '../src/arithmetic/formula.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import { defineClaim, dimensionless, experiment, type Experiment } from '../src/claim/claim.ts';
import { choice, integer, type Values } from '../src/claim/parameters.ts';
import { blockLambda } from '../constructions/copy/T2.block.ts';
import { blockWithSteepness, COPY_ERROR, copyFor } from '../constructions/precision/subjects.ts';
import type { BuiltCopy } from '../src/copy/construction.ts';
import { hardestError, REPEATED_SIGNS, repeatedSigns } from '../src/copy/hardest.ts';
import { CopyRunner } from '../src/copy/task.ts';

const parameters = {
  N: integer('sequence length', { min: 1, max: 512 }),
  lambda: choice('steepness of the knots', ['power of two', 'generic']),
} as const;
type P = Values<typeof parameters>;

const ONE = Rational.of(1n);
/** Two bits are too few for the gate. */
const LEAST = 3;
const MOST = 25;

/** T2.block in p bits, with exponents of 8 bits as bf16 has them, so that no tail of σ leaves the format's range. */
const formatOf = (p: number): Format => boundedFormat(p, 8);
/** ln(24M/ε), as in real arithmetic. */
const GENERIC = evaluateFormula(blockLambda, { M: ONE, eps: COPY_ERROR }).toNumber();
const build = ({ N, lambda }: P, p: number): BuiltCopy =>
  lambda === 'generic' ? blockWithSteepness(N, formatOf(p), GENERIC) : copyFor('T2.block', N, formatOf(p));

/** The least p from which on the error is met, up to `most`: most + 1 where it is not met there. */
const leastPrecision = (most: number, errorAt: (p: number) => number): number => {
  let least = most + 1;
  while (least > 2 && errorAt(least - 1) <= COPY_ERROR.toNumber()) least--;
  return least;
};

/** Runs of T2.block in any precision on one kind of records: the error of copying any position at the last token. */
const errorsFor = (p: P, change: (built: BuiltCopy) => BuiltCopy) => {
  const positions = Array.from({ length: p.N }, (_, at) => at + 1);
  const runners = new Map<number, CopyRunner<number>>();
  return (records: readonly number[]) =>
    (bits: number): number => {
      const A = emulatedArithmetic(formatOf(bits));
      const runner = runners.get(bits) ?? new CopyRunner(change(build(p, bits)), 1, A);
      runners.set(bits, runner);
      return runner.worstLastQuery(castVector(A, records), p.N, positions);
    };
};

/** The least p in which records ±1 or 0 are copied to M/4. */
const leastFor = (p: P, change: (built: BuiltCopy) => BuiltCopy = (built) => built): Experiment<Rational> => {
  const errorOf = errorsFor(p, change);
  const least = (signs: readonly number[]): Rational =>
    Rational.fromNumber(leastPrecision(bitsFor(p), errorOf(repeatedSigns(p.N, signs))));
  return experiment({
    domain: { signs: REPEATED_SIGNS },
    measure: ({ signs }) => least(signs),
    // Neighbours of opposite signs: those that share a position are the farthest apart.
    witness: () => least([1, -1]),
  });
};

/** ⌈log2 N⌉ from 3 on; for a generic λ what the roundings of knots and hats come to. */
const bitsFor = ({ N, lambda }: P): number =>
  lambda === 'generic' ? Math.ceil(Math.log2(N * (N + 1))) + GENERIC_BITS : Math.max(LEAST, Math.ceil(Math.log2(N)));
/** The proof's constant, docs/theory.md P3. */
const GENERIC_BITS = 11;

export const precision = defineClaim({
  tag: 'P3',
  title: 'log2 N bits suffice for T2.block, with λ a power of two',
  statement:
    'T2.block copies N records to M/4 in p bits from p = max(3, ⌈log2 N⌉) on, and in no fewer, if λ is a power of two; with λ = ln(24M/ε) from p = ⌈log2 N(N+1)⌉ + 11 on at the latest: twice as many bits for each doubling of N.',
  quantifiers: [
    'for all N, formats of p bits with exponents as in bf16, each operation rounded',
    'for all records with |v| ≤ M and all pos: the least p from which on the last token errs by at most M/4 is no larger; some records need it if λ is a power of two',
  ],
  source: 'beyond; docs/theory.md §6',
  parameters,
  grid: {
    quick: [{ N: [5, 8], lambda: ['power of two', 'generic'] }],
    standard: [{ N: [1, 2, 3, 4, 16, 17, 32], lambda: ['power of two', 'generic'] }],
    deep: [{ N: [9, 24, 33, 64, 128, 256], lambda: ['power of two', 'generic'] }],
  },
  quantities: {
    bits: {
      measures: 'the least p from which on the records are copied to M/4',
      relation: '<=',
      bound: (p) => Rational.fromNumber(bitsFor(p)),
      // Less by half a bit, the least precision is another.
      slack: (p) => (p.lambda === 'generic' ? null : 1 - 1 / (2 * bitsFor(p))),
      experiment: (p) => leastFor(p),
      teethAt: { N: 8, lambda: 'power of two' },
      mutants: {
        'λ of odd part 3': (p: P) =>
          leastFor(p, (built) => ({ ...built, network: blockWithSteepness(p.N, formatOf(MOST), 12).network })),
      },
    },
  },
  measurements: [
    {
      id: 'P3.least',
      title: 'Least precision that copies to M/4, over the hardest records known',
      columns: dimensionless(['lambda', 'N', 'least p', 'bound']),
      row: (p, seed) => [
        p.lambda,
        p.N,
        leastPrecision(bitsFor(p), (bits) =>
          hardestError(build(p, bits), p.N, emulatedArithmetic(formatOf(bits)), seed),
        ),
        bitsFor(p),
      ],
    },
  ],
});
