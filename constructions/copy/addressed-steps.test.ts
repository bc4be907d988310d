/** What T2.selective and T2.tight have in common: constants, errors against bounds, and where formats end them. */
import { describe, expect, it } from 'vitest';
import type { Accumulation } from '../../src/arithmetic/arithmetic.ts';
import { emulatedArithmetic } from '../../src/arithmetic/emulated.ts';
import { FORMAT_NAMES, formatByName } from '../../src/arithmetic/format.ts';
import { randomStream } from '../../src/arithmetic/testing.ts';
import { LAMBDA, overflow, slotStep, stepConstants, stepsBreak } from './addressed-steps.ts';
import { selective } from './T2.selective.ts';
import { tight } from './T2.tight.ts';
import { errorInFormat, exact, onWitness, parameters, range, reasonOf } from './testing.ts';
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
  it('has a bound below ε where its Γ is only just large enough', () => {
    for (const N of [1, 2, 30])
      for (const n of [1, 2, 3, 4, 8, 20])
        for (const factor of [2, 14]) {
          const eps = exact((factor * Math.exp(-n) * 1.000001).toFixed(20));
          const p = { N, d: 1, M: exact('1'), eps };
          if (construction.allows.holds(p)) expect(construction.build(p).bound.enclose(80).hi.compare(eps)).toBe(-1);
        }
  });

  it('copies the only record at N = 1', () => {
    const { error, bound } = onWitness(construction.build, parameters(1, 2, '4', '1e-3'), 30);
    expect(error).toBeLessThan(bound);
  });
});

describe.each(both)('%s in a format', (_, construction) => {
  /** Records ±1 of random signs; the largest error of copying i/2 at every i, and every position at the last. */
  const errorAt = (N: number, format: string, mode: Accumulation = 'own'): number => {
    const p = parameters(N, 1, '1', '0.3', format);
    const random = randomStream(N);
    const records = Float64Array.from({ length: N }, () => (random() < 0.5 ? -1 : 1));
    records[N - 1] = 1;
    return errorInFormat(construction.build, p, mode, records, range(N));
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
    const breaks = (N: number): string | undefined =>
      reasonOf(construction.build, parameters(N, 1, '1', '0.3', format));
    expect(breaks(last)).toBeUndefined();
    expect(breaks(last + 1)).toMatch(new RegExp(`^the step of slot ${last + 1} has the bias Γ`));
  });

  it('overflows in fp16 one slot earlier, unless products are added in fp32', () => {
    expect(errorAt(31, 'fp16')).toBeLessThanOrEqual(0.3);
    expect(errorAt(32, 'fp16')).toBeNaN();
    expect(errorAt(32, 'fp16', 'fp32')).toBeLessThanOrEqual(0.3);
    expect(reasonOf(construction.build, parameters(32, 1, '1', '0.3', 'fp16'))).toBe(
      'terms of the steps reach max(4Γ, λ)N² = 65536, beyond the largest number of fp16, 65504',
    );
    expect(reasonOf(construction.build, parameters(32, 1, '1', '0.3', 'fp16'), 'fp32')).toBeUndefined();
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
    expect(stepsBreak(format, 'own', slot - 1, constants)).toBeUndefined();
    const reason = `the step of slot ${slot} has the bias Γ(1 − 2·${slot}²), and ${odd} > 2^${p} is not a number of ${name}`;
    for (const N of [slot, slot + 5]) expect(stepsBreak(format, 'fp32', N, constants)).toBe(reason);
  });
  it('names what overflows', () => {
    const fp16 = formatByName('fp16')!;
    expect(overflow(fp16, 65504, 'F')).toBeUndefined();
    expect(overflow(fp16, 65505, 'F')).toBe('F = 65505, beyond the largest number of fp16, 65504');
  });
});
