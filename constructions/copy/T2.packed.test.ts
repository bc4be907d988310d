import { describe, expect, it } from 'vitest';
import { toNumbers } from '../../src/arithmetic/arithmetic.ts';
import { float64 } from '../../src/arithmetic/float64.ts';
import { evaluateFormula } from '../../src/arithmetic/formula.ts';
import { Rational } from '../../src/arithmetic/rational.ts';
import { sizesOf } from '../../src/network/size.ts';
import { buildPacked, packedBound, packedConstants, shapeOf, type PackedConstants } from './T2.packed.ts';
import { agrees, boundAt, exact, onWitness, parameters, range, reasonOf } from './testing.ts';

describe('constants', () => {
  it('are λ = ln(42M/ε), λ_A = λ + ln(4C) and τ = ln(6(N − 1)M/ε)', () => {
    const { lambda, lambdaA, tau } = packedConstants(parameters(64, 2, '1', '1e-4'));
    expect(lambda).toBeCloseTo(12.948009990259551042, 14); // ln(42e4)
    expect(lambdaA).toBeCloseTo(16.413745893059277589, 14); // ln(42e4 · 32)
    expect(tau).toBeCloseTo(15.145234567595770425, 14); // ln(6 · 63e4)
    expect(packedConstants(parameters(64, 1, '100', '1e-2'))).toEqual({ lambda, lambdaA, tau });
  });
  it('take the τ of N = 2 at N = 1', () => {
    expect(packedConstants(parameters(1, 1, '1', '0.1')).tau).toBe(packedConstants(parameters(2, 1, '1', '0.1')).tau);
  });
  it('saturate in a format', () => {
    const { lambda, lambdaA, tau } = packedConstants(parameters(64, 1, '1', '1/4', 'bf16'));
    expect([lambda, lambdaA, tau]).toEqual([8, 16, Math.max(10 * Math.LN2, tau)]);
    expect(packedConstants(parameters(16, 1, '1', '1/4', 'fp32')).lambdaA).toBe(32);
  });
});

describe('the table of positions', () => {
  it('has ⌈√N⌉ columns and as many rows as it takes', () => {
    const shapes = [1, 2, 3, 5, 7, 16, 17, 64].map(shapeOf).map(({ columns, rows }) => [columns, rows]);
    expect(shapes).toEqual([
      [1, 1],
      [2, 1],
      [2, 2],
      [3, 2],
      [3, 3],
      [4, 4],
      [5, 4],
      [8, 8],
    ]);
  });
});

describe('the bound', () => {
  /** By mpmath. */
  it.each([
    [{ N: 10, M: '2', lambda: 4, lambdaA: 6, tau: 3 }, '1.9190174668442441812125913945369833'],
    [{ N: 1, M: '1', lambda: 8, lambdaA: 9, tau: 1 }, '0.0080863338480667025293610555632809747'],
    [{ N: 2, M: '1', lambda: 8, lambdaA: 9, tau: 5 }, '0.014801631780225212926472718399240132'],
    [{ N: 64, M: '3', lambda: 16, lambdaA: 17, tau: 20 }, '0.000010727702570646211306263476842082905'],
  ] as const)('at %o', (environment, text) => {
    const { M, ...rest } = environment;
    expect(agrees(evaluateFormula(packedBound, { ...rest, M: exact(M) }), text, '1e-28')).toBe(true);
  });

  it.each(['1', '0.5', '0.1', '1e-3', '1e-9'])('is at most ε = %s for the chosen constants', (eps) => {
    for (const N of [1, 2, 3, 5, 7, 16, 1000, 65536]) {
      const p = parameters(N, 1, '1', eps);
      expect(boundAt(packedBound, packedConstants, p).compare(p.eps)).toBe(-1);
    }
  });

  it('exceeds ε = M with ln(40M/ε), or with λ_A = λ', () => {
    const p = parameters(3, 1, '1', '1');
    const at = (change: (constants: PackedConstants) => Partial<PackedConstants>): Rational =>
      boundAt(packedBound, packedConstants, p, change);
    const less = Math.log(40 / 42);
    const smaller = at(({ lambda, lambdaA }) => ({ lambda: lambda + less, lambdaA: lambdaA + less }));
    expect(smaller.compare(p.eps)).toBe(1);
    expect(at(({ lambda }) => ({ lambdaA: lambda })).compare(p.eps)).toBe(1);
  });
});

describe('sizes', () => {
  it.each([
    [3, 1],
    [7, 3],
    [64, 2],
  ])('at N = %d, d = %d are those of the theorem', (N, d) => {
    const p = parameters(N, d, '3', '1e-4');
    const { lambdaA, tau } = packedConstants(p);
    const { columns: C, rows: R } = shapeOf(N);
    const hidden = 2 * d + 5 + 2 * R + 2 * C + C * d;
    const memoryless = 4 * (R - 1) + 2 * (C + R) + 2 * C * d;
    const memory = 2 * C * d + 2 * R;
    expect(sizesOf(buildPacked(p).network, N)).toMatchObject({
      dState: R,
      dInner: memory,
      blocks: 4,
      stateFloats: memoryless + R * memory,
      stateRead: 2 * C * R * d,
      convCache: 0,
      // in, conv, x, dt, dt bias, A_log, D, out
      parameters:
        memoryless * (2 * hidden + 1 + 3 + 1 + 1 + 1 + 1 + hidden) +
        memory * (2 * hidden + 1 + (1 + 2 * R) + 1 + 1 + R + 1 + hidden),
      // steps: 6; marks of rows 7, of columns 9, less the constants of row and column 1; products 5; memory 5 and A_log; feeds 3
      parametersNonzero: 24 * (R - 1) + 2 * (7 * R + 9 * C - 2) + 2 * C * d * 5 + 2 * C * d * (5 + R) + 2 * R * 3,
      largestWeight: Math.max(lambdaA * ((R - 1) * C + 1), tau),
    });
  });

  it.each([1, 2])('at N = %d need no staircases', (N) => {
    const p = parameters(N, 1, '1', '1e-4');
    const sizes = sizesOf(buildPacked(p).network, N);
    const { lambda, tau } = packedConstants(p);
    expect([sizes.blocks, sizes.dInner, sizes.dState]).toEqual([3, 2 * N + 2, 1]);
    expect(sizes.largestWeight).toBe(Math.max(lambda * (N + 1), tau));
  });
});

describe('the copy in real numbers', () => {
  it('comes within 11 % of the bound on the witness', () => {
    const { error, bound } = onWitness(buildPacked, parameters(36, 1, '1', '0.01'));
    expect(error).toBeLessThanOrEqual(bound);
    expect(error).toBeGreaterThanOrEqual(0.89 * bound);
  });

  it('has a witness of equal records M(1 − margin), asked for in the third row and column', () => {
    const witness = (N: number) => buildPacked(parameters(N, 1, '8', '1')).witness(float64, 0.25);
    const { records, pos } = witness(14);
    expect(Array.from(toNumbers(float64, records))).toEqual(range(14).map(() => 6));
    expect(pos).toEqual([...range(11), 11, 11, 11]);
    expect(witness(5).pos).toEqual(range(5));
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
      17,
      '1/4',
      'P2: N = 17 > 2^4 = 16, and 17 is not a number of fp8-e4m3: positions 16 and 17 share one mark',
    ],
    ['fp8-e4m3', 20, '1/4', 'P2: 2λ_A(N − C) = 480 is beyond the largest number of fp8-e4m3, 448'],
    ['fp8-e4m3', 2, '1e-6', 'P2: λ² = 1024 is beyond the largest number of fp8-e4m3, 448'],
    ['fp16', 2048, '1/4', undefined],
    ['fp16', 1056, '1e-6', undefined],
    ['fp16', 1057, '1e-6', 'P2: 2λ_A(N − C) = 65536 is beyond the largest number of fp16, 65504'],
  ])('in %s at N = %d, ε = %s: %s', (format, N, eps, reason) => {
    expect(reasonOf(buildPacked, parameters(N, 1, '1', eps, format))).toBe(reason);
  });
});
