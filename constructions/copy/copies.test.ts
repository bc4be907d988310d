/** What all constructions with a bound have in common: errors within it, in real numbers; the end of positions (P2). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float64 } from '../../src/arithmetic/float64.ts';
import { Rational } from '../../src/arithmetic/rational.ts';
import { randomStream } from '../../src/arithmetic/testing.ts';
import { recordMargin } from '../../src/claim/claim.ts';
import type { CopyConstruction } from '../../src/copy/construction.ts';
import { CopyRunner } from '../../src/copy/task.ts';
import { block } from './T2.block.ts';
import { packed } from './T2.packed.ts';
import { selective } from './T2.selective.ts';
import { slots } from './T2.slots.ts';
import { tight } from './T2.tight.ts';
import { errorOfNeighbours, exact, parameters, range } from './testing.ts';

interface Instance {
  readonly N: number;
  readonly d: number;
  readonly M: string;
  /** ε/M */
  readonly ratio: string;
  readonly seed: number;
}

/** A bound below ε, and errors of random, constant and extremal records within it. */
const check = (construction: CopyConstruction, { N, d, M, ratio, seed }: Instance): void => {
  const p = { N, d, M: exact(M), eps: exact(M).mul(exact(ratio)) };
  const built = construction.build(p);
  const bound = built.bound.enclose(80);
  expect(bound.hi.compare(p.eps)).toBe(-1);
  const random = randomStream(seed);
  const margin = recordMargin(N, p.M.div(bound.lo).toNumber());
  const size = p.M.toNumber() * (1 - margin);
  const runner = new CopyRunner(built, d, float64);
  const records = Float64Array.from({ length: N * d }, () =>
    random() < 0.3 ? Math.sign(random() - 0.5) * size : (2 * random() - 1) * size,
  );
  const pos = range(N).map((i) => 1 + Math.floor(random() * i));
  for (const error of [
    runner.worstError({ records, pos }),
    runner.worstLastQuery(records, N, range(N)),
    runner.worstLastQuery(new Float64Array(N * d).fill(size), N, range(N)),
    runner.worstError(built.witness(float64, margin)),
  ])
    expect(Rational.fromNumber(error).compare(bound.lo)).toBeLessThanOrEqual(0);
};

/** With the largest N that is tried. */
const CONSTRUCTIONS = [
  [block, 24],
  [slots, 31],
  [packed, 31],
  [selective, 20],
  [tight, 20],
] as const;

describe.each(CONSTRUCTIONS.map(([construction, most]) => [construction.tag, construction, most] as const))(
  '%s',
  (_, construction, most) => {
    it('errs by at most its bound, which is below ε', () => {
      const instances = fc.record({
        N: fc.integer({ min: 1, max: most }),
        d: fc.integer({ min: 1, max: 3 }),
        M: fc.constantFrom('1/3', '1', '2.5', '10'),
        ratio: fc.constantFrom('1', '1/2', '0.1', '1e-3', '1e-6'),
        seed: fc.nat(),
      });
      fc.assert(
        fc.property(instances, (instance) => check(construction, instance)),
        { numRuns: 60 },
      );
    });
    it.each([1, 2, 3, 5])('does so for N = %d, too', (N) => {
      for (let seed = 0; seed < 10; seed++)
        for (const d of [1, 2])
          for (const ratio of ['1', '1e-3', '1e-6']) check(construction, { N, d, M: '1', ratio, seed });
    });

    it('is built only for 0 < ε ≤ M', () => {
      expect(construction.allows.holds(parameters(4, 1, '2', '2'))).toBe(true);
      expect(construction.allows.holds(parameters(4, 1, '2', '2.01'))).toBe(false);
    });
  },
);

describe.each([block, slots, packed])('the positions of $tag in a format (P2)', ({ build }) => {
  const errorAt = errorOfNeighbours(build);

  it('are exact up to 2^p', () => {
    expect(errorAt(256, 'bf16')).toBe(0);
    expect(errorAt(16, 'fp8-e4m3', 'own', range(16))).toBe(0);
  });
  it('break at 2^p + 1, by more than any ε ≤ M/2', () => {
    expect(errorAt(257, 'bf16')).toBeGreaterThanOrEqual(0.5);
    expect(errorAt(257, 'bf16', 'fp32')).toBeGreaterThanOrEqual(0.5);
    expect(errorAt(17, 'fp8-e4m3')).toBeGreaterThanOrEqual(0.5);
  });
});

describe.each([slots, packed])('the positions of $tag, which multiplies by marks', ({ build }) => {
  const errorAt = errorOfNeighbours(build);

  it('are exact in fp16, 100 of them', () => {
    expect(errorAt(100, 'fp16', 'own', range(100))).toBe(0);
  });
  it('are told apart where products are added in fp32, and in a format of 3 bits up to 8', () => {
    expect(errorAt(256, 'bf16', 'fp32')).toBeLessThan(1 / 16);
    expect(errorAt(8, 'fp8-e5m2', 'own', range(8))).toBeLessThanOrEqual(1 / 4);
    expect(errorAt(9, 'fp8-e5m2')).toBeGreaterThanOrEqual(0.5);
  });
});
