import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toNumbers, type Accumulation } from '../../src/arithmetic/arithmetic.ts';
import { decimalArithmetic } from '../../src/arithmetic/decimal.ts';
import { emulatedArithmetic } from '../../src/arithmetic/emulated.ts';
import { float64 } from '../../src/arithmetic/float64.ts';
import { FORMAT_NAMES, formatByName } from '../../src/arithmetic/format.ts';
import { evaluateFormula } from '../../src/arithmetic/formula.ts';
import { nextDown, nextUp, Rational } from '../../src/arithmetic/rational.ts';
import { randomStream } from '../../src/arithmetic/testing.ts';
import { recordMargin } from '../../src/claim/claim.ts';
import type { CopyParameters } from '../../src/copy/construction.ts';
import { CopyRunner } from '../../src/copy/task.ts';
import { sizesOf } from '../../src/network/size.ts';
import {
  block,
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

const exact = (text: string): Rational => Rational.parse(text)!;
const parameters = (N: number, d: number, M: string, eps: string, format?: string): CopyParameters => ({
  N,
  d,
  M: exact(M),
  eps: exact(eps),
  ...(format !== undefined && { format: formatByName(format)! }),
});

/** Distance of a double from a literal, in units in its last place. */
const ulps = (x: number, literal: number): number => Math.abs(x - literal) / (nextUp(literal) - literal);

/** A formula keeps 40 digits, of which the steps of those below lose at most 8. */
const FORMULA_ERROR = exact('1e-32');
const agrees = (x: Rational, literal: string): boolean =>
  x.div(exact(literal)).sub(Rational.of(1n)).abs().compare(FORMULA_ERROR) < 0;

/** Exact values by mpmath. */
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
        const bound = evaluateFormula(blockBound, { N, M: p.M, ...blockConstants(p) });
        expect(bound.compare(p.eps)).toBe(-1);
      }
    }
  });

  it('is built only for 0 < ε ≤ M', () => {
    expect(block.allows.holds(parameters(4, 1, '2', '2'))).toBe(true);
    expect(block.allows.holds(parameters(4, 1, '2', '2.01'))).toBe(false);
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
  const boundAt = (eps: string, change: (c: BlockConstants) => BlockConstants, N = 16): Rational => {
    const p = { N, d: 1, M: Rational.of(1n), eps: Rational.parse(eps)! };
    return evaluateFormula(blockBound, { N, M: p.M, ...change(blockConstants(p)) });
  };
  it.each(['1', '0.5', '0.1', '1e-3', '1e-9'])('make the bound ≤ ε = %s', (eps) => {
    for (const N of [1, 2, 16, 4096]) expect(boundAt(eps, (c) => c, N).compare(Rational.parse(eps)!)).toBe(-1);
  });
  it('are nearly the least: with ln(23M/ε) or ln(12(N − 1)M/ε) the bound exceeds ε = M', () => {
    const one = Rational.of(1n);
    expect(boundAt('1', ({ lambda, tau }) => ({ lambda: lambda + Math.log(23 / 24), tau })).compare(one)).toBe(1);
    expect(boundAt('1', ({ lambda, tau }) => ({ lambda, tau: tau + Math.log(12 / 14) })).compare(one)).toBe(1);
  });
});

describe('the copy in real numbers', () => {
  const instances = fc.record({
    N: fc.integer({ min: 1, max: 24 }),
    d: fc.integer({ min: 1, max: 3 }),
    M: fc.constantFrom('1/3', '1', '2.5', '10'),
    ratio: fc.constantFrom('1', '1/2', '0.1', '1e-3', '1e-6'),
    seed: fc.nat(),
  });

  const check = (N: number, d: number, M: string, ratio: string, seed: number): void => {
    const p = { N, d, M: exact(M), eps: exact(M).mul(exact(ratio)) };
    const built = buildBlock(p);
    const bound = built.bound.enclose(80);
    expect(bound.hi.compare(p.eps)).toBeLessThanOrEqual(0);
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

  it('errs by at most the bound', () => {
    fc.assert(
      fc.property(instances, ({ N, d, M, ratio, seed }) => check(N, d, M, ratio, seed)),
      { numRuns: 60 },
    );
  });
  it.each([1, 2])('for N = %d, too', (N) => {
    for (let seed = 0; seed < 10; seed++) for (const ratio of ['1', '1e-3', '1e-6']) check(N, 1, '1', ratio, seed);
  });

  it('comes within 10 % of the bound on the witness', () => {
    const p = parameters(16, 2, '1', '0.01');
    const built = buildBlock(p);
    const A = decimalArithmetic(20);
    const error = A.toNumber(new CopyRunner(built, 2, A).worstError(built.witness(A, 0)));
    const { lo } = built.bound.enclose(80);
    expect(error).toBeLessThanOrEqual(lo.toNumberBelow());
    expect(error).toBeGreaterThanOrEqual(0.9 * lo.toNumber());
  });

  it('has a witness of records ±M(1 − margin)', () => {
    const { records, pos } = buildBlock(parameters(6, 1, '8', '1')).witness(float64, 0.25);
    expect(Array.from(toNumbers(float64, records))).toEqual([6, -6, 6, -6, 6, 6]);
    expect(pos).toEqual([1, 2, 3, 3, 3, 3]);
  });
});

describe('positions in a format (P2)', () => {
  /** Records ±1, neighbours opposite; the largest error of copying i/2 at every i, and the positions asked at the last. */
  const errorAt = (N: number, format: string, mode: Accumulation = 'own', asked = [1, N - 1, N]): number => {
    const p = parameters(N, 1, '1', '1/4', format);
    const runner = new CopyRunner(buildBlock(p), 1, emulatedArithmetic(p.format!, mode));
    const records = Float64Array.from({ length: N }, (_, at) => (at % 2 === 0 ? 1 : -1));
    const pos = Array.from({ length: N }, (_, at) => Math.ceil((at + 1) / 2));
    return Math.max(runner.worstLastQuery(records, N, asked), runner.worstError({ records, pos }));
  };
  const all = (N: number): number[] => Array.from({ length: N }, (_, at) => at + 1);

  it('are exact up to 2^p', () => {
    expect(errorAt(256, 'bf16', 'own', all(256))).toBe(0);
    expect(errorAt(16, 'fp8-e4m3', 'own', all(16))).toBe(0);
  });
  it('are told apart with fp32 accumulation, too, which resolves the decay', () => {
    expect(errorAt(256, 'bf16', 'fp32')).toBeLessThanOrEqual(1 / 4);
  });

  it('break at 2^p + 1, by more than any ε ≤ M/2', () => {
    expect(errorAt(257, 'bf16')).toBeGreaterThanOrEqual(0.5);
    expect(errorAt(257, 'bf16', 'fp32')).toBeGreaterThanOrEqual(0.5);
    expect(errorAt(17, 'fp8-e4m3')).toBeGreaterThanOrEqual(0.5);
  });

  it('cost the tails of SiLU where the format resolves them: fp16 with λ = 8', () => {
    expect(blockConstants(parameters(64, 1, '1', '1/4', 'fp16')).lambda).toBe(8);
    expect(errorAt(64, 'fp16', 'own', all(64))).toBeLessThanOrEqual(2 ** -8);
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
    const p = parameters(N, 1, '1', '1/4', format);
    expect(buildBlock(p).breaks(p.format!)).toBe(reason);
  });

  it('break where λ(N + 1) overflows', () => {
    // ε = 1e-6 needs λ ≥ 16.99, so 32: 32 · 2047 fits into fp16, 32 · 2048 does not.
    const reason = (N: number): string | undefined => {
      const p = parameters(N, 1, '1', '1e-6', 'fp16');
      return buildBlock(p).breaks(p.format!);
    };
    expect(reason(2046)).toBeUndefined();
    expect(reason(2047)).toBe('P2: the largest weight λ(N + 1) = 65536 is beyond the largest number of fp16, 65504');
  });
});
