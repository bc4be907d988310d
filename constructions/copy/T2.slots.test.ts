import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toNumbers, type Accumulation } from '../../src/arithmetic/arithmetic.ts';
import { decimalArithmetic } from '../../src/arithmetic/decimal.ts';
import { emulatedArithmetic } from '../../src/arithmetic/emulated.ts';
import { float64 } from '../../src/arithmetic/float64.ts';
import { formatByName } from '../../src/arithmetic/format.ts';
import { evaluateFormula } from '../../src/arithmetic/formula.ts';
import { Rational } from '../../src/arithmetic/rational.ts';
import { randomStream } from '../../src/arithmetic/testing.ts';
import { recordMargin } from '../../src/claim/claim.ts';
import type { CopyParameters } from '../../src/copy/construction.ts';
import { CopyRunner } from '../../src/copy/task.ts';
import { sizesOf } from '../../src/network/size.ts';
import { buildSlots, slots, slotsBound, slotsConstants } from './T2.slots.ts';

const exact = (text: string): Rational => Rational.parse(text)!;
const parameters = (N: number, d: number, M: string, eps: string, format?: string): CopyParameters => ({
  N,
  d,
  M: exact(M),
  eps: exact(eps),
  ...(format !== undefined && { format: formatByName(format)! }),
});
const range = (N: number): number[] => Array.from({ length: N }, (_, at) => at + 1);

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
    const ratio = evaluateFormula(slotsBound, { ...rest, M: exact(M) }).div(exact(text));
    expect(ratio.sub(Rational.of(1n)).abs().compare(exact('1e-28'))).toBe(-1);
  });

  it.each(['1', '0.5', '0.1', '1e-3', '1e-9'])('is at most ε = %s for the chosen constants', (eps) => {
    for (const N of [1, 2, 3, 5, 7, 16, 1000, 65536]) {
      const p = parameters(N, 1, '1', eps);
      expect(evaluateFormula(slotsBound, { N, M: p.M, ...slotsConstants(p) }).compare(p.eps)).toBe(-1);
    }
  });

  it('exceeds ε = M with ln(18M/ε), or with ln(4(N − 1)M/ε)', () => {
    const p = parameters(16, 1, '1', '1');
    const { lambda, tau } = slotsConstants(p);
    const at = (l: number, t: number): Rational => evaluateFormula(slotsBound, { N: 16, M: p.M, lambda: l, tau: t });
    expect(at(lambda + Math.log(18 / 20), tau).compare(p.eps)).toBe(1);
    expect(at(lambda, tau + Math.log(4 / 6)).compare(p.eps)).toBe(1);
  });

  it('is built only for 0 < ε ≤ M', () => {
    expect(slots.allows.holds(parameters(4, 1, '2', '2'))).toBe(true);
    expect(slots.allows.holds(parameters(4, 1, '2', '2.01'))).toBe(false);
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
  const check = (N: number, d: number, M: string, ratio: string, seed: number): void => {
    const p = { N, d, M: exact(M), eps: exact(M).mul(exact(ratio)) };
    const built = buildSlots(p);
    const bound = built.bound.enclose(80);
    expect(bound.hi.compare(p.eps)).toBeLessThanOrEqual(0);
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
    ]) {
      expect(Rational.fromNumber(error).compare(bound.lo)).toBeLessThanOrEqual(0);
    }
  };

  it('errs by at most the bound', () => {
    const instances = fc.record({
      N: fc.integer({ min: 1, max: 31 }),
      d: fc.integer({ min: 1, max: 3 }),
      M: fc.constantFrom('1/3', '1', '2.5', '10'),
      ratio: fc.constantFrom('1', '1/2', '0.1', '1e-3', '1e-6'),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(instances, ({ N, d, M, ratio, seed }) => check(N, d, M, ratio, seed)),
      { numRuns: 60 },
    );
  });
  it.each([1, 2, 3, 5])('for N = %d, too', (N) => {
    for (let seed = 0; seed < 5; seed++) for (const ratio of ['1', '1e-3', '1e-6']) check(N, 1, '1', ratio, seed);
  });

  it('comes within 4 % of the bound on the witness', () => {
    const p = parameters(16, 2, '1', '0.01');
    const built = buildSlots(p);
    const A = decimalArithmetic(20);
    const error = A.toNumber(new CopyRunner(built, 2, A).worstError(built.witness(A, 0)));
    const { lo } = built.bound.enclose(80);
    expect(error).toBeLessThanOrEqual(lo.toNumberBelow());
    expect(error).toBeGreaterThanOrEqual(0.96 * lo.toNumber());
  });

  it('has a witness of equal records M(1 − margin)', () => {
    const { records, pos } = buildSlots(parameters(5, 1, '8', '1')).witness(float64, 0.25);
    expect(Array.from(toNumbers(float64, records))).toEqual([6, 6, 6, 6, 6]);
    expect(pos).toEqual([1, 2, 3, 3, 3]);
  });
});

describe('positions in a format (P2)', () => {
  /** Records ±1, neighbours opposite; the largest error of copying i/2 at every i, and the positions asked at the last. */
  const errorAt = (N: number, format: string, mode: Accumulation = 'own', asked = [1, 2, N - 1, N]): number => {
    const p = parameters(N, 1, '1', '1/4', format);
    const runner = new CopyRunner(buildSlots(p), 1, emulatedArithmetic(p.format!, mode));
    const records = Float64Array.from({ length: N }, (_, at) => (at % 2 === 0 ? 1 : -1));
    return Math.max(
      runner.worstLastQuery(records, N, asked),
      runner.worstError({ records, pos: range(N).map((i) => Math.ceil(i / 2)) }),
    );
  };

  it('are exact up to 2^p', () => {
    expect(errorAt(256, 'bf16')).toBe(0);
    expect(errorAt(16, 'fp8-e4m3', 'own', range(16))).toBe(0);
    expect(errorAt(100, 'fp16', 'own', range(100))).toBe(0);
  });
  it('are told apart where products are added in fp32, and in a format of 3 bits', () => {
    expect(errorAt(256, 'bf16', 'fp32')).toBeLessThan(1 / 16);
    expect(errorAt(8, 'fp8-e5m2', 'own', range(8))).toBeLessThanOrEqual(1 / 4);
  });
  it('break at 2^p + 1, by more than any ε ≤ M/2', () => {
    expect(errorAt(257, 'bf16')).toBeGreaterThanOrEqual(0.5);
    expect(errorAt(257, 'bf16', 'fp32')).toBeGreaterThanOrEqual(0.5);
    expect(errorAt(17, 'fp8-e4m3')).toBeGreaterThanOrEqual(0.5);
    expect(errorAt(9, 'fp8-e5m2')).toBeGreaterThanOrEqual(0.5);
  });

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
    const p = parameters(N, 1, '1', eps, format);
    expect(buildSlots(p).breaks(p.format!)).toBe(reason);
  });
});
