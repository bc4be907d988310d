/** What T2.selective and T2.tight have in common: constants, errors against bounds, and where formats end them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Accumulation } from '../../src/arithmetic/arithmetic.ts';
import { decimalArithmetic } from '../../src/arithmetic/decimal.ts';
import { emulatedArithmetic } from '../../src/arithmetic/emulated.ts';
import { float64 } from '../../src/arithmetic/float64.ts';
import { FORMAT_NAMES, formatByName } from '../../src/arithmetic/format.ts';
import { Rational } from '../../src/arithmetic/rational.ts';
import { randomStream } from '../../src/arithmetic/testing.ts';
import { recordMargin } from '../../src/claim/claim.ts';
import type { CopyParameters } from '../../src/copy/construction.ts';
import { CopyRunner } from '../../src/copy/task.ts';
import { LAMBDA, overflow, slotStep, stepConstants, stepsBreak } from './addressed-steps.ts';
import { selective } from './T2.selective.ts';
import { tight } from './T2.tight.ts';

const exact = (text: string): Rational => Rational.parse(text)!;
const parameters = (N: number, d: number, M: string, eps: string, format?: string): CopyParameters => ({
  N,
  d,
  M: exact(M),
  eps: exact(eps),
  ...(format !== undefined && { format: formatByName(format)! }),
});
const both = [selective, tight].map((construction) => [construction.tag, construction] as const);

describe('the step of slot k', () => {
  it('is Γ(1 − 2(t − k)²), from t and t²', () => {
    for (const k of [1, 2, 7])
      for (const t of [1, 2, 6, 9]) {
        const { step, stepBias } = slotStep(k, 5);
        const weights = new Map(step);
        expect(weights.get(0)! * t + weights.get(1)! * t * t + stepBias!).toBe(5 * (1 - 2 * (t - k) ** 2));
      }
  });
});

describe('λ', () => {
  it('is a power of two, so large that 4ΓNe^(−λ) ≤ ε/(16M)', () => {
    expect(LAMBDA).toBe('2^ceil(log(log(64*Gamma*N*M/eps))/log(2))');
    for (const N of [1, 5, 300])
      for (const eps of ['1', '0.1', '1e-4', '1e-9']) {
        const { Gamma, lambda } = stepConstants('7', parameters(N, 1, '1', eps));
        expect(Gamma).toBe(7);
        expect(Number.isInteger(Math.log2(lambda))).toBe(true);
        expect(64 * Gamma * N * Math.exp(-lambda)).toBeLessThanOrEqual(Number(eps));
        expect(64 * Gamma * N * Math.exp(-lambda / 2)).toBeGreaterThan(Number(eps));
      }
  });

  it.each(FORMAT_NAMES)('and Γ are powers of two at which SiLU(λ)/λ = 1 in %s', (name) => {
    const { Gamma, lambda } = stepConstants('3', parameters(2, 1, '1', '1', name));
    const A = emulatedArithmetic(formatByName(name)!);
    for (const x of [Gamma, lambda]) {
      expect(Number.isInteger(Math.log2(x))).toBe(true);
      expect(x).toBeGreaterThanOrEqual(4);
      expect(A.silu(x)).toBe(x);
    }
  });
});

describe.each(both)('%s', (_, construction) => {
  const instances = fc.record({
    N: fc.integer({ min: 1, max: 20 }),
    d: fc.integer({ min: 1, max: 3 }),
    M: fc.constantFrom('1/3', '1', '2.5', '10'),
    ratio: fc.constantFrom('1', '1/2', '0.1', '1e-3', '1e-6'),
    seed: fc.nat(),
  });

  const check = (N: number, d: number, M: string, ratio: string, seed: number): void => {
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
    const pos = Array.from({ length: N }, (_, at) => 1 + Math.floor(random() * (at + 1)));
    const all = Array.from({ length: N }, (_, at) => at + 1);
    for (const error of [
      runner.worstError({ records, pos }),
      runner.worstLastQuery(records, N, all),
      runner.worstError(built.witness(float64, margin)),
    ]) {
      expect(Rational.fromNumber(error).compare(bound.lo)).toBeLessThanOrEqual(0);
    }
  };

  it('errs by at most its bound, which is below ε', () => {
    fc.assert(
      fc.property(instances, ({ N, d, M, ratio, seed }) => check(N, d, M, ratio, seed)),
      { numRuns: 40 },
    );
  });
  it.each([1, 2])('does so for N = %d, too', (N) => {
    for (let seed = 0; seed < 10; seed++) for (const ratio of ['1', '1e-3', '1e-6']) check(N, 2, '1', ratio, seed);
  });
  it('has a bound below ε where its Γ is only just large enough', () => {
    for (const N of [1, 2, 30])
      for (const n of [1, 2, 3, 4, 8, 20])
        for (const factor of [2, 14]) {
          const eps = exact((factor * Math.exp(-n) * 1.000001).toFixed(20));
          const p = { N, d: 1, M: exact('1'), eps };
          if (construction.allows.holds(p)) expect(construction.build(p).bound.enclose(80).hi.compare(eps)).toBe(-1);
        }
  });

  it('is built only for 0 < ε ≤ M', () => {
    expect(construction.allows.holds(parameters(4, 1, '2', '2'))).toBe(true);
    expect(construction.allows.holds(parameters(4, 1, '2', '2.01'))).toBe(false);
  });

  it('copies the only record at N = 1', () => {
    const built = construction.build(parameters(1, 2, '4', '1e-3'));
    const A = decimalArithmetic(30);
    const runner = new CopyRunner(built, 2, A);
    expect(A.toNumber(runner.worstError(built.witness(A, 0)))).toBeLessThan(built.bound.approximate().toNumber());
  });
});

describe.each(both)('%s in a format', (_, construction) => {
  /** Records ±1 of random signs; the largest error of copying i/2 at every i, and every position at the last. */
  const errorAt = (N: number, format: string, mode: Accumulation = 'own'): number => {
    const p = parameters(N, 1, '1', '0.3', format);
    const runner = new CopyRunner(construction.build(p), 1, emulatedArithmetic(p.format!, mode));
    const random = randomStream(N);
    const records = Float64Array.from({ length: N }, () => (random() < 0.5 ? -1 : 1));
    records[N - 1] = 1;
    const pos = Array.from({ length: N }, (_, at) => Math.ceil((at + 1) / 2));
    const all = Array.from({ length: N }, (_, at) => at + 1);
    return Math.max(runner.worstLastQuery(records, N, all), runner.worstError({ records, pos }));
  };

  it.each([
    ['bf16', 11],
    ['tf32', 32],
    ['fp8-e4m3', 2],
    ['fp8-e5m2', 2],
  ])('works in %s up to N = %d, and breaks at the next', (format, last) => {
    for (const mode of ['own', 'fp32'] as const) {
      expect(errorAt(last, format, mode)).toBeLessThanOrEqual(0.3);
      expect(errorAt(last + 1, format, mode)).not.toBeLessThanOrEqual(0.5);
    }
    const breaks = (N: number): string | undefined => {
      const p = parameters(N, 1, '1', '0.3', format);
      return construction.build(p).breaks(p.format!);
    };
    expect(breaks(last)).toBeUndefined();
    expect(breaks(last + 1)).toMatch(new RegExp(`^the step of slot ${last + 1} has the bias Γ`));
  });

  it('overflows in fp16 one slot earlier, unless products are added in fp32', () => {
    expect(errorAt(31, 'fp16')).toBeLessThanOrEqual(0.3);
    expect(errorAt(32, 'fp16')).toBeNaN();
    expect(errorAt(32, 'fp16', 'fp32')).toBeLessThanOrEqual(0.3);
    const p = parameters(32, 1, '1', '0.3', 'fp16');
    expect(construction.build(p).breaks(p.format!)).toBe(
      'terms of the steps reach max(4Γ, λ)N² = 65536, beyond the largest number of fp16, 65504',
    );
  });
});

describe('the reason why a format fails', () => {
  it.each([
    ['bf16', 12, 287, 8],
    ['fp32', 2897, 16785217, 24],
    ['fp8-e5m2', 3, 17, 3],
    ['p14', 91, 16561, 14],
  ])('names slot and bias in %s at N = %d', (name, slot, odd, p) => {
    const format = formatByName(name)!;
    const constants = { Gamma: 1, lambda: 1 };
    expect(stepsBreak(format, slot - 1, constants)).toBeUndefined();
    const reason = `the step of slot ${slot} has the bias Γ(1 − 2·${slot}²), and ${odd} > 2^${p} is not a number of ${name}`;
    for (const N of [slot, slot + 5]) expect(stepsBreak(format, N, constants)).toBe(reason);
  });
  it('names what overflows', () => {
    const fp16 = formatByName('fp16')!;
    expect(overflow(fp16, 65504, 'F')).toBeUndefined();
    expect(overflow(fp16, 65505, 'F')).toBe('F = 65505, beyond the largest number of fp16, 65504');
  });
});
