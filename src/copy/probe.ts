/** Reads keys, queries, records and effective weights off a COPY module by running it (docs/theory.md §0). */
import { vectorOf, type Arithmetic, type Vec } from '../arithmetic/arithmetic.ts';
import { asking, CopyRunner, type CopyInstance, type CopyModule } from './task.ts';

/** What a state-space module computes for a sequence of N tokens. */
export interface Inside<T> {
  /** Keys b_j, one for each token. */
  readonly keys: readonly Vec<T>[];
  /** Queries c_i, one for each token. */
  readonly queries: readonly Vec<T>[];
  /** Records v_j = Δ_j ⊙ x_j as they enter the state, one for each token. */
  readonly records: readonly Vec<T>[];
}

/** Runs a module of one state-space layer and returns what enters its state and reads it. */
export const lookInside = <T>(runner: CopyRunner<T>, instance: CopyInstance<T>): Inside<T> => {
  const { arithmetic: A } = runner;
  const seen: Record<string, Vec<T>[]> = { B: [], C: [], v: [] };
  runner.lastOutput(instance, (name, values, width) => {
    for (let t = 0; t * width < values.length; t++) {
      seen[name]?.push(vectorOf(A, width, (k) => A.get(values, t * width + k)));
    }
  });
  return { keys: seen.B!, queries: seen.C!, records: seen.v! };
};

export const dot = <T>(A: Arithmetic<T>, x: Vec<T>, y: Vec<T>): T => {
  let sum = A.zero;
  for (let k = 0; k < x.length; k++) sum = A.add(sum, A.mul(A.get(x, k), A.get(y, k)));
  return sum;
};

/**
 * The weights w_Nj with which a module that is linear in its records returns record j at the last token, where pos is
 * asked for: its answers to unit records, one run for each j.
 */
export const effectiveWeights = <T>(module: CopyModule, A: Arithmetic<T>, N: number): ((pos: number) => T[]) => {
  const runner = new CopyRunner(module, 1, A);
  return (pos) =>
    Array.from({ length: N }, (_, j) =>
      runner.lastOutput({
        records: vectorOf(A, N, (at) => (at === j ? A.one : A.zero)),
        pos: asking(N, pos),
      }),
    );
};
