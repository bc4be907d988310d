import { describe, expect, it } from 'vitest';
import { copyFor } from '../../constructions/precision/subjects.ts';
import { emulatedArithmetic } from '../arithmetic/emulated.ts';
import { formatByName } from '../arithmetic/format.ts';
import { compile } from '../network/machine.ts';
import { castVector } from '../arithmetic/arithmetic.ts';
import { float64 } from '../arithmetic/float64.ts';
import { hardestError } from './hardest.ts';
import { copySubject } from './subject.ts';
import { asking, CopyRunner } from './task.ts';

const e5m2 = formatByName('fp8-e5m2')!;

describe('the hardest records', () => {
  it('are copied without error by one-hot keys, and not where two positions share a key', () => {
    expect(hardestError(copyFor('T2.ideal', 9, e5m2), 9, emulatedArithmetic(e5m2), 1)).toBe(0);
    expect(hardestError(copyFor('T2.block', 9, e5m2), 9, emulatedArithmetic(e5m2), 1)).toBeGreaterThanOrEqual(1);
  });

  it('are at least as hard as those of any signs for a linear construction', () => {
    const N = 5;
    const built = copyFor('T2.selective', N, formatByName('fp32')!);
    const runner = new CopyRunner(built, 1, float64);
    const positions = Array.from({ length: N }, (_, at) => at + 1);
    const all = Array.from({ length: 2 ** N }, (_, k) => positions.map((j) => 1 - 2 * ((k >> (j - 1)) & 1)));
    const worst = Math.max(...all.map((records) => runner.worstLastQuery(castVector(float64, records), N, positions)));
    // The construction is linear in real arithmetic, and in float64 up to its rounding.
    expect(hardestError(built, N, float64, 1)).toBeGreaterThanOrEqual(worst * (1 - 2 ** -30));
  });
});

describe('a COPY construction as a subject', () => {
  it('has a sequence for each position, whose tokens are those of the task', () => {
    const N = 4;
    const built = copyFor('T2.block', N, formatByName('fp32')!);
    const { sequences, outputs } = copySubject(built, { N, d: 1, M: 1 });
    expect(sequences).toHaveLength(N);
    const machine = compile(built.network, float64);
    const runner = new CopyRunner(built, 1, float64);
    sequences.forEach((sequence, at) => {
      const tokens = sequence.flat().map(({ hi }) => hi); // all records are 1
      const y = machine.run(castVector(float64, tokens), N, machine.initialState());
      const error = Math.max(
        ...Array.from({ length: N }, (_, t) => Math.abs(float64.get(y, t * machine.outputs + outputs[0]!) - 1)),
      );
      const records = castVector(float64, [1, 1, 1, 1]);
      expect(error).toBe(runner.worstError({ records, pos: asking(N, at + 1) }));
    });
  });
});
