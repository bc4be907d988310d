import { describe, expect, it } from 'vitest';
import { toNumbers } from '../../src/arithmetic/arithmetic.ts';
import { float64 } from '../../src/arithmetic/float64.ts';
import { evaluateFormula } from '../../src/arithmetic/formula.ts';
import { Rational } from '../../src/arithmetic/rational.ts';
import { sizesOf } from '../../src/network/size.ts';
import { buildSlots, slotsBound, slotsConstants, type SlotsConstants } from './T2.slots.ts';
import { agrees, boundAt, exact, onWitness, parameters, reasonOf } from './testing.ts';

describe('constants', () => {
  it('are λ = ln(20M/ε) and τ = ln(6(N − 1)M/ε)', () => {
    const { lambda, tau } = slotsConstants(parameters(64, 2, '1', '1e-4'));
    expect(lambda).toBeCloseTo(12.20607264553017373, 14); // ln(20e4)
    expect(tau).toBeCloseTo(15.145234567595770425, 14); // ln(6 · 63e4)
    expect(slotsConstants(parameters(64, 1, '100', '1e-2'))).toEqual({ lambda, tau });
  });
  it('take N = 1 as N = 2', () => {
    expect(slotsConstants(parameters(1, 1, '1', '0.1'))).toEqual(slotsConstants(parameters(2, 1, '1', '0.1')));
  });
  it('saturate in a format', () => {
    expect(slotsConstants(parameters(16, 1, '1', '1/4', 'fp32'))).toEqual({ lambda: 32, tau: 26 * Math.LN2 });
    expect(slotsConstants(parameters(16, 1, '1', '1e-9', 'bf16')).lambda).toBe(32); // ln(2e10) = 23.7
  });
});

describe('the bound', () => {
  /** By mpmath. */
  it.each([
    [{ N: 10, M: '2', lambda: 4, tau: 3 }, '1.2121147977893117721407581561046513'],
    [{ N: 1, M: '1', lambda: 8, tau: 1 }, '0.0040352512761040806395187505133268834'],
    [{ N: 64, M: '3', lambda: 16, tau: 20 }, '0.0000044408287823627927145549277419270263'],
  ] as const)('at %o', (environment, text) => {
    const { M, ...rest } = environment;
    expect(agrees(evaluateFormula(slotsBound, { ...rest, M: exact(M) }), text, '1e-28')).toBe(true);
  });

  it.each(['1', '0.5', '0.1', '1e-3', '1e-9'])('is at most ε = %s for the chosen constants', (eps) => {
    for (const N of [1, 2, 3, 5, 7, 16, 1000, 65536]) {
      const p = parameters(N, 1, '1', eps);
      expect(boundAt(slotsBound, slotsConstants, p).compare(p.eps)).toBe(-1);
    }
  });

  it('exceeds ε = M with ln(18M/ε), or with ln(4(N − 1)M/ε)', () => {
    const p = parameters(16, 1, '1', '1');
    const at = (change: (constants: SlotsConstants) => Partial<SlotsConstants>): Rational =>
      boundAt(slotsBound, slotsConstants, p, change);
    expect(at(({ lambda }) => ({ lambda: lambda + Math.log(18 / 20) })).compare(p.eps)).toBe(1);
    expect(at(({ tau }) => ({ tau: tau + Math.log(4 / 6) })).compare(p.eps)).toBe(1);
  });
});

describe('sizes', () => {
  it.each([
    [1, 1],
    [2, 3],
    [64, 2],
  ])('at N = %d, d = %d are those of the theorem', (N, d) => {
    const p = parameters(N, d, '3', '1e-4');
    const { lambda, tau } = slotsConstants(p);
    const hidden = 2 * d + 3 + 2 * N + N * d;
    const channels = 4 * N * d + 2 * N + 1;
    expect(sizesOf(buildSlots(p).network, N)).toMatchObject({
      dState: 1,
      dInner: 2 * N * d + 1,
      blocks: 3,
      stateFloats: channels,
      stateRead: 2 * N * d,
      convCache: 0,
      // in, conv, x, dt, dt bias, A_log, D, out
      parameters: channels * (2 * hidden + 1 + 3 + 1 + 1 + 1 + 1 + hidden),
      // marks: 4 in, conv, D, out, less the constants of the first and the last; products: 5; memory: 6, and the constant
      parametersNonzero: 2 * N * 7 - 4 + 2 * N * d * 5 + 2 * N * d * 6 + 4,
      largestWeight: Math.max(lambda * N, 2 * lambda, tau),
    });
  });
});

describe('the copy in real numbers', () => {
  it('comes within 4 % of the bound on the witness', () => {
    const { error, bound } = onWitness(buildSlots, parameters(16, 2, '1', '0.01'));
    expect(error).toBeLessThanOrEqual(bound);
    expect(error).toBeGreaterThanOrEqual(0.96 * bound);
  });

  it('has a witness of equal records M(1 − margin)', () => {
    const { records, pos } = buildSlots(parameters(5, 1, '8', '1')).witness(float64, 0.25);
    expect(Array.from(toNumbers(float64, records))).toEqual([6, 6, 6, 6, 6]);
    expect(pos).toEqual([1, 2, 3, 3, 3]);
  });
});

describe('positions in a format (P2)', () => {
  it.each([
    ['bf16', 256, '1/4', undefined],
    [
      'bf16',
      257,
      '1/4',
      'P2: N = 257 > 2^8 = 256, and 257 is not a number of bf16: positions 256 and 257 share one mark',
    ],
    ['fp8-e4m3', 16, '1/4', undefined],
    [
      'fp8-e4m3',
      56,
      '1/4',
      'P2: N = 56 > 2^4 = 16, and 17 is not a number of fp8-e4m3: positions 16 and 17 share one mark',
    ],
    ['fp8-e4m3', 57, '1/4', 'P2: the largest weight λN = 456 is beyond the largest number of fp8-e4m3, 448'],
    ['fp8-e4m3', 8, '1e-6', 'P2: λ² = 1024 is beyond the largest number of fp8-e4m3, 448'],
    ['fp16', 2047, '1e-6', undefined],
    ['fp16', 2048, '1e-6', 'P2: the largest weight λN = 65536 is beyond the largest number of fp16, 65504'],
  ])('in %s at N = %d, ε = %s: %s', (format, N, eps, reason) => {
    expect(reasonOf(buildSlots, parameters(N, 1, '1', eps, format))).toBe(reason);
  });
});
