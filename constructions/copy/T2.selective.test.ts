import { describe, expect, it } from 'vitest';
import { toNumbers } from '../../src/arithmetic/arithmetic.ts';
import { float64 } from '../../src/arithmetic/float64.ts';
import { evaluateFormula } from '../../src/arithmetic/formula.ts';
import { denseData } from '../../src/network/matrix.ts';
import { sizesOf } from '../../src/network/size.ts';
import {
  buildSelective,
  selectiveBound,
  selectiveConstants,
  selectiveWeight,
  selectiveWeights,
} from './T2.selective.ts';
import { agrees, exact, onWitness, parameters, reasonOf } from './testing.ts';

describe('the constants', () => {
  it.each([
    [64, '1e-4', 10, 32], // ln 2e4 = 9.90…, ln(64·10·64e4) = 19.8…
    [64, '1e-2', 6, 16],
    [1, '1', 2, 8],
  ])('at N = %d, ε = %sM are Γ = %d, λ = %d', (N, eps, Gamma, lambda) => {
    expect(selectiveConstants(parameters(N, 1, '1', eps))).toEqual({ Gamma, lambda });
    const scaled = { ...parameters(N, 1, '3', eps), eps: exact(eps).mul(exact('3')) };
    expect(selectiveConstants(scaled)).toEqual({ Gamma, lambda });
  });
});

/** Exact values by mpmath; a formula keeps 40 digits, of which the steps of this one lose at most 8. */
describe('the bound', () => {
  it.each([
    [1, '1', 2, 8, '0.217847954766663071828840140507202462619299543'],
    [10, '2', 6, 16, '0.00579721448821173992693302324576470752812348548'],
    [64, '3', 21, 32, '0.00000000239319642455346798049331564722206688326094914'],
  ])('at N = %d, M = %s, Γ = %d, λ = %d', (N, M, Gamma, lambda, text) => {
    const value = evaluateFormula(selectiveBound, { N, M: exact(M), Gamma, lambda });
    expect(agrees(value, text)).toBe(true);
  });

  it('is attained up to Γ/(Γ + 1) below torch’s threshold, and nearly above it', () => {
    for (const [eps, part] of [
      ['1e-4', 0.999 * (10 / 11)],
      ['4e-9', 0.999],
    ] as const) {
      const { error, bound } = onWitness(buildSelective, parameters(8, 1, '1', eps), 40);
      expect(error).toBeGreaterThanOrEqual(part * bound);
      expect(error).toBeLessThanOrEqual(bound);
    }
  });
});

describe('sizes', () => {
  it.each([
    [1, 1],
    [2, 3],
    [64, 2],
  ])('at N = %d, d = %d are those of the theorem', (N, d) => {
    const p = parameters(N, d, '3', '1e-4');
    const slots = 6 * N * d;
    const inner = slots + 3;
    const hidden = 2 * d + 4;
    expect(sizesOf(buildSelective(p).network, N)).toEqual({
      dState: 1,
      dInner: inner,
      dtRank: 2,
      blocks: 1,
      stateFloats: inner,
      stateRead: slots,
      convCache: 0,
      // in, conv, x, dt, dt bias, A_log, D, out
      parameters: 2 * inner * hidden + inner + 4 * inner + 2 * inner + inner + inner + inner + hidden * inner,
      // x; gates (2d of slot 1 have no constant); conv; x_proj; steps with their biases; out
      parametersNonzero: slots + 3 + 2 * slots - 2 * d + inner + 4 + 3 * slots + slots,
      macsPerToken: 2 * inner * hidden + inner + 4 * inner + 2 * inner + 4 * inner + 3 * inner + hidden * inner,
      macsPerTokenNonzero: slots + 3 + 2 * slots - 2 * d + inner + 4 + 2 * slots + 4 * slots + 2 * slots + slots,
      largestWeight: evaluateFormula(selectiveWeight, { N, M: p.M, eps: p.eps }).toNumber(),
    });
  });

  it('have the largest weight in a step, or in a gate', () => {
    const largest = (N: number, Gamma: number, lambda: number): number =>
      sizesOf(selectiveWeights(N, 1, { Gamma, lambda }), 1).largestWeight;
    expect([largest(1, 3, 4), largest(1, 3, 8), largest(2, 3, 4), largest(5, 3, 4)]).toEqual([12, 16, 24, 147]);
  });
});

describe('the weights', () => {
  it('of slot 2 for one component', () => {
    const { inProj, dtProj, dtBias, ALog, D, xProj, outProj } = selectiveWeights(2, 1, { Gamma: 3, lambda: 4 });
    const rows = (m: typeof inProj, from: number, to: number): number[][] =>
      Array.from({ length: to - from }, (_, r) =>
        Array.from(denseData(m).subarray((from + r) * m.columns, (from + r + 1) * m.columns)),
      );
    // The stream is (v, i, i², pos, 1, out); channels 6 … 11 are slot 2, 12 … 14 the constant, t and t².
    expect(rows(inProj, 8, 10)).toEqual([
      [1, 0, 0, 0, 0, 0],
      [-1, 0, 0, 0, 0, 0],
    ]);
    expect(rows(inProj, 12, 15)).toEqual([
      [0, 0, 0, 0, 4, 0],
      [0, 4, 0, 0, 0, 0],
      [0, 0, 4, 0, 0, 0],
    ]);
    expect(rows(inProj, 15 + 6, 15 + 9)).toEqual([
      [0, 0, 0, 4, -4, 0],
      [0, 0, 0, 4, -8, 0],
      [0, 0, 0, 4, -12, 0],
    ]);
    expect(rows(dtProj, 6, 7)).toEqual([[24, -6]]);
    expect([dtBias[6], dtBias[12], D.some((x) => x !== 0), ALog.values.length]).toEqual([-21, 0, false, 0]);
    expect(rows(xProj, 0, 4).map((row) => row.slice(12))).toEqual([
      [0, 0.25, 0],
      [0, 0, 0.25],
      [0.25, 0, 0],
      [0.25, 0, 0],
    ]);
    expect(
      rows(outProj, 5, 6)[0]!
        .slice(6, 12)
        .map((w) => Math.round(12 * w)),
    ).toEqual([1, -2, 1, -1, 2, -1]);
  });
});

it('has a witness of records ±M(1 − margin)', () => {
  const { records, pos } = buildSelective(parameters(6, 1, '8', '1')).witness(float64, 0.25);
  expect(Array.from(toNumbers(float64, records))).toEqual([6, -6, 6, -6, 6, 6]);
  expect(pos).toEqual([1, 2, 3, 3, 3, 3]);
});

it('breaks where a slot overflows on its way out', () => {
  expect(reasonOf(buildSelective, parameters(31, 1, '9', '3', 'fp16'))).toBe(
    'slot 1, which holds Γ·SiLU(M), read through the gate SiLU(λN), reaches ΓλN·SiLU(M) = 71415.18666580477, beyond the largest number of fp16, 65504',
  );
});
