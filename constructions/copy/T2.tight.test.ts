import { describe, expect, it } from 'vitest';
import { toNumbers } from '../../src/arithmetic/arithmetic.ts';
import { emulatedArithmetic } from '../../src/arithmetic/emulated.ts';
import { float64 } from '../../src/arithmetic/float64.ts';
import { evaluateFormula } from '../../src/arithmetic/formula.ts';
import { CopyRunner } from '../../src/copy/task.ts';
import { denseData } from '../../src/network/matrix.ts';
import { sizesOf } from '../../src/network/size.ts';
import { buildTight, tightBound, tightConstants, tightWeight, tightWeights } from './T2.tight.ts';
import { agrees, exact, onWitness, parameters, range, reasonOf } from './testing.ts';

describe('the constants', () => {
  it.each([
    [64, '1e-4', 12, 32], // ln 14e4 = 11.8…, ln(64·12·64e4) = 20.0…
    [64, '1e-2', 8, 16],
    [1, '1', 3, 8],
  ])('at N = %d, ε = %sM are Γ = %d, λ = %d', (N, eps, Gamma, lambda) => {
    expect(tightConstants(parameters(N, 1, '1', eps))).toEqual({ Gamma, lambda });
    const scaled = { ...parameters(N, 1, '3', eps), eps: exact(eps).mul(exact('3')) };
    expect(tightConstants(scaled)).toEqual({ Gamma, lambda });
  });
});

/** Exact values by mpmath; a formula keeps 40 digits, of which the steps of this one lose at most 8. */
describe('the bound', () => {
  it.each([
    [1, '1', 2, 8, '1.74895067305342014813684556539313683872374725'],
    [10, '2', 6, 16, '0.0595428794515880393567444556212973681809512477'],
    [64, '3', 21, 32, '0.0000000273265097568924167206939278815913926792978718'],
  ])('at N = %d, M = %s, Γ = %d, λ = %d', (N, M, Gamma, lambda, text) => {
    const value = evaluateFormula(tightBound, { N, M: exact(M), Gamma, lambda });
    expect(agrees(value, text)).toBe(true);
  });

  it('is attained up to 1 − 1/(2Γ), nearly', () => {
    const { error, bound } = onWitness(buildTight, parameters(8, 1, '2', '2e-4'), 40);
    expect(error).toBeGreaterThanOrEqual(0.999 * (1 - 1 / 24) * bound);
    expect(error).toBeLessThanOrEqual(bound);
  });
});

describe('sizes', () => {
  it.each([
    [1, 1],
    [2, 3],
    [64, 2],
  ])('at N = %d, d = %d are those of the theorem', (N, d) => {
    const p = parameters(N, d, '3', '1e-4');
    const slots = N * d;
    const inner = slots + 3;
    const hidden = 2 * d + 5;
    expect(sizesOf(buildTight(p).network, N)).toEqual({
      dState: 1,
      dInner: inner,
      dtRank: 2,
      blocks: 1,
      stateFloats: inner,
      stateRead: slots + 1,
      convCache: 0,
      // in, conv, x, dt, dt bias, A_log, D, out
      parameters: 2 * inner * hidden + inner + 4 * inner + 2 * inner + inner + inner + inner + hidden * inner,
      // x; gates; conv; x_proj; steps with their biases; D; out
      parametersNonzero: 2 * slots + 3 + 3 * slots + 1 + inner + 4 + 3 * slots + 1 + 1 + slots + d,
      macsPerToken: 2 * inner * hidden + inner + 4 * inner + 2 * inner + 4 * inner + 3 * inner + hidden * inner,
      macsPerTokenNonzero:
        2 * slots + 3 + 3 * slots + 1 + inner + 4 + 2 * slots + 4 * (slots + 1) + 2 * (slots + 1) + 1 + slots + d,
      largestWeight: evaluateFormula(tightWeight, { N, M: p.M, eps: p.eps }).toNumber(),
    });
  });

  it.each([
    ['1', 294], // Γ(2·5² − 1)
    ['1/100', 800], // λ/M
    ['10000', 312.5], // 2M/λ²
  ])('have a largest weight that carries the unit of the records, M = %s, only where that is extreme', (M, weight) => {
    const M_ = exact(M).toNumber();
    expect(sizesOf(tightWeights(5, 1, M_, { Gamma: 6, lambda: 8 }), 1).largestWeight).toBe(weight);
  });
});

describe('the weights', () => {
  it('of slot 2 and of the 1-channel', () => {
    const { inProj, dtProj, dtBias, ALog, D, xProj, outProj } = tightWeights(2, 1, 2, { Gamma: 4, lambda: 8 });
    const rows = (m: typeof inProj): number[][] =>
      Array.from({ length: m.rows }, (_, r) => Array.from(denseData(m).subarray(r * m.columns, (r + 1) * m.columns)));
    // The stream is (v, i, i², pos, pos², 1, out); channels 0 and 1 are the slots, 2 … 4 the constant, t and t².
    expect(rows(inProj)).toEqual([
      [4, 0, 0, 0, 0, 16, 0],
      [4, 0, 0, 0, 0, 16, 0],
      [0, 0, 0, 0, 0, 8, 0],
      [0, 8, 0, 0, 0, 0, 0],
      [0, 0, 8, 0, 0, 0, 0],
      [0, 0, 0, 16, -8, -4, 0],
      [0, 0, 0, 32, -8, -28, 0],
      [0, 0, 0, 0, 0, 8, 0],
      [0, 0, 0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 0, 0],
    ]);
    expect(rows(dtProj)).toEqual([
      [16, -8],
      [32, -8],
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    expect(Array.from(dtBias)).toEqual([-4, -28, -16, 0, 0]);
    expect(Array.from(D)).toEqual([0, 0, 1, 0, 0]);
    expect(ALog.values.length).toBe(0);
    expect(rows(xProj)).toEqual([
      [0, 0, 0, 0.125, 0],
      [0, 0, 0, 0, 0.125],
      [0, 0, 0.125, 0, 0],
      [0, 0, 0.125, 0, 0],
    ]);
    expect(rows(outProj).at(-1)).toEqual([2 / 128, 2 / 128, -4 / 64, 0, 0]);
  });
});

it('has a witness of records M(1 − margin)', () => {
  const { records, pos } = buildTight(parameters(4, 1, '8', '1')).witness(float64, 0.25);
  expect(Array.from(toNumbers(float64, records))).toEqual([6, 6, 6, 6]);
  expect(pos).toEqual([1, 2, 2, 2]);
});

it.each([
  ['bf16', 11],
  ['fp16', 31],
  ['fp8-e5m2', 2],
])('returns ±1 exactly in %s, N = %d', (name, N) => {
  const p = parameters(N, 1, '1', '0.25', name);
  const runner = new CopyRunner(buildTight(p), 1, emulatedArithmetic(p.format!));
  for (let period = 1; period <= 4; period++) {
    const records = Float64Array.from(range(N), (i) => (i % (2 * period) < period ? -1 : 1));
    expect(runner.worstLastQuery(records, N, range(N))).toBe(0);
  }
});

it('breaks where a slot overflows on its way out', () => {
  const at = (eps: string): string | undefined => reasonOf(buildTight, parameters(2, 1, '1', eps, 'fp8-e4m3'));
  // Γ = ⌈ln(14/ε)⌉ is 4 down to ε = 14e^(−4) = 0.2564…, and 5, so 8, below.
  expect(at('0.257')).toBeUndefined();
  expect(at('0.256')).toBe(
    'a slot that holds 3λΓ, read through the gate SiLU(Γ), reaches 3λΓ² = 3072, beyond the largest number of fp8-e4m3, 448',
  );
});
