/** Records that a COPY construction errs by most on, as far as it is linear in them. */
import { castVector, type Arithmetic } from '../arithmetic/arithmetic.ts';
import { maximum } from '../arithmetic/float64.ts';
import { integers, vectors, type VectorAxis } from '../claim/domain.ts';
import { Random } from '../claim/random.ts';
import { CopyRunner, type CopyModule } from './task.ts';

/** Signs of records ±1 or 0 that repeat: few coordinates for a search, however long the sequence. */
export const REPEATED_SIGNS: VectorAxis = vectors(4, integers(-1, 1));
export const repeatedSigns = (N: number, signs: readonly number[]): number[] =>
  Array.from({ length: N }, (_, j) => signs[j % signs.length]!);

/** Up to this length the weights of all records in all answers are read off: N runs. */
const MOST_READ = 64;
/** Instances of random signs beside the regular ones. */
const RANDOM = 2;

const positionsOf = (N: number): number[] => Array.from({ length: N }, (_, at) => at + 1);

/** Signs that add up in the answer which strays the farthest: those of its weights, w_pos − 1 in place of w_pos. */
const alignedSigns = <T>(runner: CopyRunner<T>, N: number): number[] => {
  const { arithmetic: A } = runner;
  const positions = positionsOf(N);
  /** [j][pos] */
  const weights = positions.map((j) =>
    runner
      .lastAnswers(
        castVector(
          A,
          positions.map((at) => (at === j ? 1 : 0)),
        ),
        N,
        positions,
      )
      .map((w, at) => A.toNumber(w) - (at + 1 === j ? 1 : 0)),
  );
  const strays = positions.map((_, pos) => weights.reduce((sum, row) => sum + Math.abs(row[pos]!), 0));
  const farthest = strays.indexOf(Math.max(...strays));
  return weights.map((row) => (row[farthest]! < 0 ? -1 : 1));
};

/**
 * The largest error of copying any position at the last token, records ±1: alternating, all alike, of random signs, and
 * of the signs that the construction's own weights have. NaN where an answer is none.
 */
export const hardestError = <T>(module: CopyModule, N: number, A: Arithmetic<T>, seed: number): number => {
  const runner = new CopyRunner(module, 1, A);
  const random = new Random(seed);
  const positions = positionsOf(N);
  const instances = [
    positions.map((i) => 1 - 2 * (i % 2)),
    positions.map(() => 1),
    ...Array.from({ length: RANDOM }, () => positions.map(() => (random.uniform() < 0.5 ? -1 : 1))),
    ...(N <= MOST_READ ? [alignedSigns(runner, N)] : []),
  ];
  return maximum(instances.map((records) => A.toNumber(runner.worstLastQuery(castVector(A, records), N, positions))));
};
