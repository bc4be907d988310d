/** COPY as an experiment: all records up to a size, every position asked for at every later token. */
import { castVector, type Arithmetic } from '../arithmetic/arithmetic.ts';
import { experiment, type Experiment } from '../claim/claim.ts';
import { integers, reals, vectors } from '../claim/domain.ts';
import type { BuiltCopy, CopyParameters } from './construction.ts';
import { asking, CopyRunner } from './task.ts';

/**
 * ‖y_i − v_pos(i)‖∞, the largest over i, where every i ≥ pos copies pos and the others copy themselves; records of
 * size at most M(1 − margin).
 */
export const copyExperiment = <T>(
  built: BuiltCopy,
  { N, d, M }: Pick<CopyParameters, 'N' | 'd' | 'M'>,
  A: Arithmetic<T>,
  margin: number,
  runner = new CopyRunner(built, d, A),
): Experiment<T> => {
  const size = M.toNumber() * (1 - margin);
  return experiment({
    domain: { records: vectors(N * d, reals(-size, size)), pos: integers(1, N) },
    measure: ({ records, pos }) =>
      runner.worstError({
        records: castVector(A, records),
        pos: asking(N, pos),
      }),
    witness: () => runner.worstError(built.witness(A, margin)),
  });
};
