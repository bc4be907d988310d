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
    const narrow = formatByName('p20e5')!;
    // 2·3.66·94² = 64743 and 2·3.66·95² = 66128, around the largest number, 65535.9.
    expect(built(94).breaks(narrow, 'own')).toBeUndefined();
    expect(built(95).breaks(narrow, 'own')).toMatch(/^terms of the score reach 2βN² = 66127\.\d+, beyond the largest/);
    // Sums in fp32 have room: queries reach half of it, β·133² = 64805 and β·134² = 65783.
    expect(built(133).breaks(narrow, 'fp32')).toBeUndefined();
    expect(built(134).breaks(narrow, 'fp32')).toMatch(/^queries reach βN² = 65782\.\d+, beyond the largest/);
  });

  it.each([
    ['fp8-e5m2', 3],
    ['fp8-e4m3', 5],
    ['p6e8', 9],
    ['bf16', 17],
    ['fp16', 47],
  ])('breaks in %s where an odd square is no number of it: %d²', (name, odd) => {
    const format = formatByName(name)!;
    expect(built(odd - 1).breaks(format, 'fp32')).toBeUndefined();
    expect(built(odd).breaks(format, 'fp32')).toMatch(`P2: ${odd}² = ${odd * odd} > 2^${format.p} is not a number of`);
  });
});
