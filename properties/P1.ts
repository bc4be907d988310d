/** P1: how far rounding takes a sequential scan from its real value, term by term (docs/theory.md §6). */
import { formatByName } from '../src/arithmetic/format.ts';
import { defineClaim } from '../src/claim/claim.ts';
import { BINARY } from '../src/claim/format-conditions.ts';
import { choice, format, integer, type Values } from '../src/claim/parameters.ts';
import { given, stepped } from '../src/scan/channel.ts';
import type { Count } from '../src/scan/bounds.ts';
import { scanQuantities, type ScanCase } from '../src/scan/quantities.ts';
import type { ScanOptions } from '../src/network/scan.ts';
import { roundingsOf } from '../constructions/scan/roundings.ts';
import { sharpFrom, worstInstance, worstSteps } from '../constructions/scan/worst.ts';

const parameters = {
  scan: choice('decays and records given, with fused multiply–adds, or S6 (a = exp(ΔA), v = Δu)', [
    'given',
    'fused',
    's6',
  ]),
  n: integer('tokens', { min: 1, max: 64 }),
  m: integer('state dimension', { min: 1, max: 64 }),
  format: format('number format'),
} as const;
type P = Values<typeof parameters>;

const caseOf = ({ scan, n, m, format }: P): ScanCase => {
  const number = formatByName(format)!;
  const options: ScanOptions = { fused: scan === 'fused' };
  const isStepped = scan === 's6';
  const roundings = roundingsOf(options);
  // A record that is a product is rounded itself.
  const count: Count = (i, j) => roundings(i, j) + m + (isStepped ? 1 : 0);
  return {
    ...{ n, m, format: number, options, count },
    stepped: isStepped,
    worst: (['first', 'last'] as const).map(
      (counted) => () =>
        isStepped
          ? stepped(worstSteps(number.p, n, m, counted))
          : given(worstInstance(number.p, n, m, options, counted)),
    ),
    sharpFrom: sharpFrom(count(n, 1), options),
  };
};

export const scan = defineClaim({
  tag: 'P1',
  title: 'Rounding of the sequential scan',
  statement:
    '|ŷ_i − y_i| ≤ Σ_{j≤i} [(1+u)^k_j − 1]·α_ij·(|c_i|ᵀ|b_j|)·|v_j|, k_j = 2(i−j) + 2 + m − [j=1]; fused, (i−j) + 2 + m − [j=1]; S6, one more. With one rounding less in k_j it fails, for p ≥ 2 log2 k_1 + 4.',
  quantifiers: [
    'for all n, m and binary formats of p bits, u = 2^(−p)',
    'for all decays, keys, queries and records of the format without over- and underflow, all i ≤ n: the error is within the bound; there are some that are beyond the bound with one rounding less',
  ],
  source: 'beyond; docs/theory.md §6',
  parameters,
  conditions: [BINARY],
  grid: {
    quick: [{ scan: ['given', 'fused', 's6'], n: 4, m: 2, format: ['p24', 'bf16'] }],
    standard: [
      { scan: ['given', 'fused', 's6'], n: 4, m: 2, format: ['p3', 'p6', 'p11', 'fp8-e5m2', 'fp16', 'fp32', 'fp64'] },
      { scan: ['given', 'fused', 's6'], n: [1, 2, 8], m: 1, format: ['p8', 'fp32'] },
      { scan: ['given', 'fused', 's6'], n: 2, m: 4, format: 'fp32' },
    ],
    deep: [{ scan: ['given', 'fused', 's6'], n: [16, 32], m: [1, 8], format: ['p4', 'bf16', 'fp16', 'fp32', 'fp64'] }],
  },
  quantities: scanQuantities<typeof parameters>(caseOf),
});
