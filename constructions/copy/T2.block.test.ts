import { describe, expect, it } from 'vitest';
import { toNumbers } from '../../src/arithmetic/arithmetic.ts';
import { decimalArithmetic } from '../../src/arithmetic/decimal.ts';
import { float64 } from '../../src/arithmetic/float64.ts';
import { FORMAT_NAMES, formatByName } from '../../src/arithmetic/format.ts';
import { evaluateFormula } from '../../src/arithmetic/formula.ts';
import { nextDown, nextUp, Rational } from '../../src/arithmetic/rational.ts';
import { sizesOf } from '../../src/network/size.ts';
import {
  blockBound,
  blockConstants,
  blockLambda,
  blockTau,
  blockWeights,
  type BlockConstants,
  buildBlock,
  UNIT_STEP_BIAS,
  Z0,
} from './T2.block.ts';
import { agrees, boundAt, errorOfNeighbours, exact, onWitness, parameters, range, reasonOf } from './testing.ts';

/** Distance of a double from a literal, in units in its last place. */
const ulps = (x: number, literal: number): number => Math.abs(x - literal) / (nextUp(literal) - literal);

/** Exact values by mpmath. A formula keeps 40 digits, of which the steps of those below lose at most 8. */
describe('constants', () => {
  it('are λ = ln(24M/ε) and τ = ln(14(N − 1)M/ε)', () => {
    const { lambda, tau } = blockConstants(parameters(64, 2, '1', '1e-4'));
    expect(ulps(lambda, 12.388394202324129)).toBeLessThanOrEqual(2); // ln(24e4)
    expect(ulps(tau, 15.992532427982974)).toBeLessThanOrEqual(2); // ln(14 · 63e4)
    expect(blockConstants(parameters(64, 1, '100', '1e-2'))).toEqual({ lambda, tau });
    const environment = { N: 64, M: exact('1'), eps: exact('1e-4') };
    expect(agrees(evaluateFormula(blockLambda, environment), '12.3883942023241283557189074200345122392783969')).toBe(
      true,
    );
    expect(agrees(evaluateFormula(blockTau, environment), '15.9925324279829740384903939009270442670490567')).toBe(true);
  });

  it('take N = 1 as N = 2', () => {
    expect(blockConstants(parameters(1, 1, '1', '0.1'))).toEqual(blockConstants(parameters(2, 1, '1', '0.1')));
    expect(ulps(blockConstants(parameters(1, 1, '1', '0.1')).tau, 4.941642422609304)).toBeLessThanOrEqual(2); // ln 140
  });

  it.each(FORMAT_NAMES.flatMap((format) => ['1', '0.25', '1e-3', '1e-7'].map((eps) => [format, eps] as const)))(
    'suit %s at ε = %s: λ a power of two, τ ≥ (p + 2) ln 2',
    (format, eps) => {
      const real = blockConstants(parameters(16, 1, '1', eps));
      const { lambda, tau } = blockConstants(parameters(16, 1, '1', eps, format));
      expect(Number.isInteger(Math.log2(lambda))).toBe(true);
      expect(lambda).toBeGreaterThanOrEqual(real.lambda);
      expect(lambda / 2).toBeLessThan(real.lambda);
      expect(tau).toBe(Math.max(real.tau, (formatByName(format)!.p + 2) * 0.6931471805599453));
    },
  );

  it('solve SiLU(z₀) = 1 and softplus(bias) = 1 to the last digit', () => {
    const A = decimalArithmetic(40);
    for (const [root, f] of [
      [Z0, A.silu],
      [UNIT_STEP_BIAS, A.softplus],
    ] as const) {
      const halfway = (neighbour: number) => A.div(A.add(A.from(root), A.from(neighbour)), A.from(2));
      expect(A.less(f(halfway(nextDown(root))), A.one)).toBe(true);
      expect(A.less(A.one, f(halfway(nextUp(root))))).toBe(true);
    }
  });
});

describe('the bound', () => {
  it.each([
    [10, '2', 4, 3, '1.61304571039155591601652462509602028345133752'],
    [1, '1', 8, 1, '0.00537821690854360654389340815186370448167524294'],
    [64, '3', 16, 20, '0.00000579125074457785878509920327044921060898745715'],
  ])('at N = %d, M = %s, λ = %d, τ = %d', (N, M, lambda, tau, text) => {
    expect(agrees(evaluateFormula(blockBound, { N, M: exact(M), lambda, tau }), text)).toBe(true);
  });

  it('is at most ε for the chosen constants', () => {
    for (const N of [1, 2, 3, 10, 1000]) {
      for (const eps of ['1', '0.3', '1e-2', '1e-5', '1e-9']) {
        const p = parameters(N, 1, '1', eps);
        expect(boundAt(blockBound, blockConstants, p).compare(p.eps)).toBe(-1);
      }
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
    const { lambda, tau } = blockConstants(p);
    const inner = 2 * d + 2 * (N + 2);
    const hidden = 2 * d + 3;
    expect(sizesOf(buildBlock(p).network, N)).toEqual({
      dState: N,
      dInner: inner,
      dtRank: 1,
      blocks: 1,
      stateFloats: inner * N,
      stateRead: 2 * d * N,
      convCache: 0,
      // in, conv, x, dt, dt bias, A_log, D, out
      parameters: 2 * inner * hidden + inner + (2 * N + 1) * inner + inner + inner + inner * N + inner + hidden * inner,
      // ±v and gates; knots (the one at 0 has no constant); conv; 3 for each of 2N hats; dt biases; A_log; out
      parametersNonzero: 4 * d + 2 * (2 * (N + 2) - 1) + inner + 6 * N + 2 * d + 2 * d * N + 2 * d,
      macsPerToken:
        2 * inner * hidden + inner + (2 * N + 1) * inner + inner + 4 * inner * N + 3 * inner + hidden * inner,
      macsPerTokenNonzero: 4 * d + 2 * (2 * (N + 2) - 1) + inner + 6 * N + 4 * 2 * d * N + 2 * 2 * d + 2 * d,
      largestWeight: Math.max(lambda * (N + 1), tau, 1.2784645427610737),
    });
  });

  it('have largest weight λ(N + 1) or τ, whichever is larger', () => {
    const largest = (lambda: number, tau: number): number =>
      sizesOf(blockWeights(1, 1, { lambda, tau }), 1).largestWeight;
    expect([largest(2, 3), largest(2, 9)]).toEqual([4, 9]);
  });
});

describe('the constants', () => {
  const at = (eps: string, change: (c: BlockConstants) => Partial<BlockConstants>, N = 16): Rational =>
    boundAt(blockBound, blockConstants, parameters(N, 1, '1', eps), change);
  it.each(['1', '0.5', '0.1', '1e-3', '1e-9'])('make the bound ≤ ε = %s', (eps) => {
    for (const N of [1, 2, 16, 4096]) expect(at(eps, (c) => c, N).compare(exact(eps))).toBe(-1);
  });
  it('are nearly the least: with ln(23M/ε) or ln(12(N − 1)M/ε) the bound exceeds ε = M', () => {
    const one = Rational.of(1n);
    expect(at('1', ({ lambda }) => ({ lambda: lambda + Math.log(23 / 24) })).compare(one)).toBe(1);
    expect(at('1', ({ tau }) => ({ tau: tau + Math.log(12 / 14) })).compare(one)).toBe(1);
  });
});

describe('the copy in real numbers', () => {
  it('comes within 10 % of the bound on the witness', () => {
    const { error, bound } = onWitness(buildBlock, parameters(16, 2, '1', '0.01'));
    expect(error).toBeLessThanOrEqual(bound);
    expect(error).toBeGreaterThanOrEqual(0.9 * bound);
  });

  it('has a witness of records ±M(1 − margin)', () => {
    const { records, pos } = buildBlock(parameters(6, 1, '8', '1')).witness(float64, 0.25);
    expect(Array.from(toNumbers(float64, records))).toEqual([6, -6, 6, -6, 6, 6]);
    expect(pos).toEqual([1, 2, 3, 3, 3, 3]);
  });
});

describe('positions in a format (P2)', () => {
  const errorAt = errorOfNeighbours(buildBlock);

  it('are exact up to 2^p, every one', () => {
    expect(errorAt(256, 'bf16', 'own', range(256))).toBe(0);
  });
  it('are told apart with fp32 accumulation, too, which resolves the decay', () => {
    expect(errorAt(256, 'bf16', 'fp32')).toBeLessThanOrEqual(1 / 4);
  });

  it('cost the tails of SiLU where the format resolves them: fp16 with λ = 8', () => {
    expect(blockConstants(parameters(64, 1, '1', '1/4', 'fp16')).lambda).toBe(8);
    expect(errorAt(64, 'fp16', 'own', range(64))).toBeLessThanOrEqual(2 ** -8);
  });

  it.each([
    ['bf16', 256, undefined],
    ['bf16', 257, 'P2: N = 257 > 2^8 = 256, and 257 is not a number of bf16: positions 256 and 257 share one key'],
    ['fp8-e4m3', 16, undefined],
    ['fp8-e4m3', 17, 'P2: N = 17 > 2^4 = 16, and 17 is not a number of fp8-e4m3: positions 16 and 17 share one key'],
    ['fp8-e4m3', 55, 'P2: N = 55 > 2^4 = 16, and 17 is not a number of fp8-e4m3: positions 16 and 17 share one key'],
    ['fp8-e4m3', 56, 'P2: the largest weight λ(N + 1) = 456 is beyond the largest number of fp8-e4m3, 448'],
    ['fp16', 2048, undefined],
    [
      'fp16',
      2049,
      'P2: N = 2049 > 2^11 = 2048, and 2049 is not a number of fp16: positions 2048 and 2049 share one key',
    ],
  ])('break in %s at N = %d: %s', (format, N, reason) => {
    expect(reasonOf(buildBlock, parameters(N, 1, '1', '1/4', format))).toBe(reason);
  });

  it('break where λ(N + 1) overflows', () => {
    // ε = 1e-6 needs λ ≥ 16.99, so 32: 32 · 2047 fits into fp16, 32 · 2048 does not.
    const reason = (N: number): string | undefined => reasonOf(buildBlock, parameters(N, 1, '1', '1e-6', 'fp16'));
    expect(reason(2046)).toBeUndefined();
    expect(reason(2047)).toBe('P2: the largest weight λ(N + 1) = 65536 is beyond the largest number of fp16, 65504');
  });
});
