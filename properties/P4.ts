/** P4: the same scan in other orders of evaluation, each within a bound of its own (docs/theory.md §6). */
import { formatByName } from '../src/arithmetic/format.ts';
import { defineClaim, dimensionless } from '../src/claim/claim.ts';
import { BINARY } from '../src/claim/format-conditions.ts';
import { choice, format, integer, type Values } from '../src/claim/parameters.ts';
import { Random } from '../src/claim/random.ts';
import { given } from '../src/scan/channel.ts';
import type { Count } from '../src/scan/bounds.ts';
import { drawScan, growthOf, scanQuantities, type ScanCase } from '../src/scan/quantities.ts';
import { ORDERS, type ScanOptions } from '../src/network/scan.ts';
import { CHUNK_IN_CHUNKED, scanOptions } from '../src/scan/order.ts';
import { roundingsOf } from '../constructions/scan/roundings.ts';
import { MOST_PRECISE, sharpFrom, worstInstance } from '../constructions/scan/worst.ts';

const parameters = {
  order: choice('order of evaluation', ORDERS),
  chunk: integer('tokens of a chunk, for that order', { min: 1, max: 64, optional: true }),
  rounding: choice('roundings of a multiply–add', ['twice', 'fused']),
  n: integer('tokens', { min: 1, max: 64 }),
  m: integer('state dimension', { min: 1, max: 64 }),
  format: format('number format'),
} as const;
type P = Values<typeof parameters>;

const caseOf = (p: P): ScanCase => {
  const { rounding, n, m, format } = p;
  const number = formatByName(format)!;
  const options: ScanOptions = { ...scanOptions(p), fused: rounding === 'fused' };
  const roundings = roundingsOf(options);
  const count: Count = (i, j) => roundings(i, j) + m;
  return {
    ...{ n, m, format: number, options, count },
    worst: (['first', 'last'] as const).map((counted) => () => given(worstInstance(number.p, n, m, options, counted))),
    sharpFrom: number.p > MOST_PRECISE ? Infinity : sharpFrom(count(n, 1), options),
  };
};

/** Random scans whose largest error is shown beside the worst case. */
const DRAWN = 50;

/** Every order, with the tokens, states and formats of a grid. */
const orders = <G extends object>(grid: G) => [
  { order: ['sequential', 'parallel'], ...grid },
  { order: 'chunked', chunk: [2, 4], ...grid },
];

export const orderOfEvaluation = defineClaim({
  tag: 'P4',
  title: 'Rounding of the scan in other orders of evaluation',
  statement:
    'Sequential, in chunks and by a balanced tree, |ŷ_i − y_i| ≤ Σ_{j≤i} [(1+u)^k_ij − 1]·α_ij·(|c_i|ᵀ|b_j|)·|v_j|, each with its own k_ij: parallel, i − j + 1 + h_ij + m with h_ij ≤ ⌈log2 i⌉ sums in the tree. With one rounding less it fails (for p ≥ 3 log2 k + 4, in trees 4 log2 k + 2, checked up to 40 bits).',
  quantifiers: [
    'for all orders, lengths of chunks, n, m and binary formats of p bits, u = 2^(−p)',
    'for all decays, keys, queries and records of the format without over- and underflow, all i ≤ n: the error is within the bound; there are some that are beyond the bound with one rounding less',
  ],
  source: 'beyond; docs/theory.md §6',
  parameters,
  conditions: [BINARY, CHUNK_IN_CHUNKED],
  grid: {
    quick: [
      { order: 'parallel', rounding: 'twice', n: 4, m: 2, format: 'p24' },
      { order: 'chunked', chunk: 2, rounding: ['twice', 'fused'], n: 4, m: 2, format: 'bf16' },
      { order: 'parallel', rounding: 'fused', n: 5, m: 1, format: ['p24', 'bf16'] },
    ],
    standard: [
      ...orders({ rounding: ['twice', 'fused'], n: 4, m: 2, format: ['p3', 'bf16', 'fp32'] }),
      ...orders({ rounding: 'twice', n: [1, 2, 8, 16, 32], m: 1, format: ['bf16', 'fp32'] }),
    ],
    deep: orders({ rounding: ['twice', 'fused'], n: [13, 64], m: [1, 4], format: ['p4', 'bf16', 'fp16', 'fp32'] }),
  },
  quantities: scanQuantities<typeof parameters>(caseOf),
  measurements: [
    {
      id: 'P4.growth',
      title: 'Errors of the last output in units of u Σ_j |w_j v_j|',
      columns: dimensionless(['order', 'chunk', 'rounding', 'n', 'm', 'format', 'k', 'worst', 'random']),
      row: (p, seed) => {
        const { order, chunk, rounding, n, m, format } = p;
        const scan = caseOf(p);
        const random = new Random(seed);
        const drawn = Array.from({ length: DRAWN }, () => given(drawScan(n, m, scan.format, random)));
        return [
          ...[order, chunk ?? null, rounding, n, m, format, scan.count(n, 1)],
          scan.format.p < scan.sharpFrom
            ? null
            : growthOf(
                scan,
                scan.worst.slice(0, 1).map((worst) => worst()),
              ),
          growthOf(scan, drawn),
        ];
      },
    },
  ],
});
