import { describe, expect, it } from 'vitest';
import { formatByName } from '../../src/arithmetic/format.ts';
import { Rational } from '../../src/arithmetic/rational.ts';
import { buildAttention } from './T2.attention.ts';

const built = (N: number) => buildAttention({ N, d: 1, M: Rational.of(1n), eps: Rational.of(1n, 10n) });

describe('T2.attention', () => {
  it('has β = ln(4M/ε − 1) and the sharper bound 2M q/(1 + q), q = 2e^(−β)/(1 − e^(−3β))', () => {
    // Computed apart, with mpmath at 30 digits.
    expect(built(8).constants.beta).toBe(3.6635616461296463);
    expect(built(8).bound.approximate().toNumber()).toBe(0.09756254008980117);
  });

  it('breaks where the terms of a score, 2βN², leave the format', () => {
    const fp16 = formatByName('fp16')!;
    // 2·3.66·94² = 64743 and 2·3.66·95² = 66128, around the largest number, 65504.
    expect(built(94).breaks(fp16)).toBeUndefined();
    expect(built(95).breaks(fp16)).toMatch(/^terms of the score reach 2βN² = 66127\.\d+, beyond 65504$/);
  });
});
