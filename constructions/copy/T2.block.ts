/**
 * T2.block: one real Mamba block performs COPY from the scalars i and pos(i).
 *
 *   value channels  SiLU(±v_k)                    out: y(+) − y(−), since SiLU(x) − SiLU(−x) = x
 *   knot channels   SiLU(λ(i−t)), SiLU(λ(pos−t))  t = 0 … N+1
 *   B_i = hat(i), C_i = hat(pos(i)) ∈ R^N, linear in the knots (x_proj)
 *   conv kernel = the current tap,  Δ ≡ 1 (dt bias ln(e − 1)),  A = −e^(−τ),  D = 0,  gate SiLU(z₀) = 1
 *
 * Error ≤ M[(1+η)² − 1] + M(1+η)²(1 − e^(−(N−1)e^(−τ))); λ = ln(24M/ε) and τ = ln(14(N−1)M/ε) make it ≤ ε for ε ≤ M.
 * Source: docs/theory.md §3, T2.block; RLL Theorem 2.
 *
 * For a format, λ is rounded up to a power of two (then the knots λ(i − t) are exact, P2) and τ is at least (p + 2) ln 2
 * (then the decay rounds to 1, P3).
 */
import { vectorOf } from '../../src/arithmetic/arithmetic.ts';
import { evaluateFormula, parseFormula, realOf } from '../../src/arithmetic/formula.ts';
import { idle, nextPowerOfTwo, type Format } from '../../src/arithmetic/format.ts';
import { Rational } from '../../src/arithmetic/rational.ts';
import { defineCopy, type BuiltCopy, type CopyParameters } from '../../src/copy/construction.ts';
import { defineMechanism, soleMemory, soleStream, type Memory, type Read } from '../../src/copy/mechanism.ts';
import { asking } from '../../src/copy/task.ts';
import type { MambaBlock } from '../../src/network/layer.ts';
import { MambaBuilder } from '../../src/network/mamba-builder.ts';
import type { Form } from '../../src/network/matrix.ts';
import { ETA_SILU, hatForms, knotForms } from './hat.ts';

/** SiLU(z₀) = 1: z₀ = 1 + W(1/e). */
export const Z0 = 1.2784645427610737;
/** softplus(ln(e − 1)) = 1. */
export const UNIT_STEP_BIAS = 0.5413248546129181;

/** Bound on the error, in λ and τ. */
export const blockBound = parseFormula(`${ETA_SILU}
  M*((1 + eta)^2 - 1) + M*(1 + eta)^2*(1 - exp(-(N - 1)*exp(-tau)))`);
/** Constants that make the bound ≤ ε, for ε ≤ M. One token has nothing to decay, so N = 1 takes the τ of N = 2. */
export const blockLambda = parseFormula('log(24*M/eps)');
export const blockTau = parseFormula('log(14*max(N - 1, 1)*M/eps)');
export interface BlockConstants {
  readonly lambda: number;
  readonly tau: number;
}

export const blockConstants = ({ N, M, eps, format }: CopyParameters): BlockConstants => {
  const lambda = evaluateFormula(blockLambda, { M, eps }).toNumber();
  const tau = evaluateFormula(blockTau, { N, M, eps }).toNumber();
  if (!format) return { lambda, tau };
  return { lambda: nextPowerOfTwo(lambda), tau: idle(tau, format) };
};

/** The residual stream: the token (v, i, pos, 1) and the field that the block writes. */
const streamOf = (d: number) => soleStream(d, {});

/** The block of one reader of a memory. */
const readingBlock = (
  { width, one, v, i, scale = 1 }: Memory,
  { pos, out }: Read,
  N: number,
  { lambda, tau }: BlockConstants,
): MambaBlock => {
  const block = new MambaBuilder(width, { states: N });
  // Scaled records have a gate that saturates, too: SiLU(scale) = scale, where SiLU(z₀) = 1 up to rounding only.
  const [gate, through] = scale === 1 ? [Z0, 1] : [scale, scale];
  for (const sign of [1, -1])
    v.forEach((component, k) =>
      block.channel({
        x: [[component, sign * scale]],
        gate: [[one, gate]],
        out: [[out[k]!, sign / (scale * through)]],
        stepBias: UNIT_STEP_BIAS,
        ALog: -tau,
      }),
    );
  const hats = (t: number): Form[] => {
    const knots = knotForms(t, one, lambda, N).map((x) => block.channel({ x }));
    return hatForms(knots, lambda);
  };
  hats(i).forEach((form, n) => block.project('key', n, form));
  hats(pos).forEach((form, n) => block.project('query', n, form));
  return block.build();
};

/** The block's weights, on the stream of `streamOf`. */
export const blockWeights = (N: number, d: number, constants: BlockConstants): MambaBlock => {
  const memory = soleMemory(streamOf(d), d);
  return readingBlock(memory, memory.reads[0]!, N, constants);
};

/** A position far from both ends of the sequence as far as the leaks reach, and old enough to have decayed. */
const EXPOSED_POSITION = 3;

const breaks = (format: Format, N: number, { lambda }: BlockConstants): string | undefined => {
  const largest = lambda * (N + 1);
  if (largest > format.max)
    return `P2: the largest weight λ(N + 1) = ${largest} is beyond the largest number of ${format.name}, ${format.max}`;
  const limit = 2 ** format.p;
  if (N <= limit) return undefined;
  return `P2: N = ${N} > 2^${format.p} = ${limit}, and ${limit + 1} is not a number of ${format.name}: positions ${limit} and ${limit + 1} share one key`;
};

export const buildBlock = (p: CopyParameters): BuiltCopy => {
  const { N, d, M } = p;
  const constants = blockConstants(p);
  const stream = streamOf(d);
  return {
    network: { kind: 'residual', layer: blockWeights(N, d, constants) },
    token: stream,
    output: stream.at('out'),
    constants: { ...constants, z0: Z0 },
    bound: realOf(blockBound, { N, M, ...constants }),
    // The leak of hat ∗ hat is positive at distance 1 and negative elsewhere: every other record has the sign that adds.
    witness: (A, margin) => {
      const pos = Math.min(EXPOSED_POSITION, N);
      const top = A.fromRational(M.mul(Rational.fromNumber(1 - margin)));
      const distance = (at: number): number => Math.abs(Math.floor(at / d) + 1 - pos);
      const records = vectorOf(A, N * d, (at) => (distance(at) === 1 ? A.neg(top) : top));
      return { records, pos: asking(N, pos) };
    },
    breaks: (format) => breaks(format, N, constants),
  };
};

export const blockMemory = defineMechanism({
  tag: 'T2.block',
  title: 'one Mamba block of d_state N for each reader, addresses as scalars',
  keeps: 'all',
  scratch: () => ({}),
  layers: (memory, _, p) => memory.reads.map((read) => readingBlock(memory, read, p.N, blockConstants(p))),
  breaks: (p) => breaks(p.format, p.N, blockConstants(p)),
});

export const block = defineCopy({
  tag: 'T2.block',
  title: 'COPY by one Mamba block, positions as scalars',
  statement:
    'One Mamba block with d_state = N, d_inner = 2d + 2(N + 2) copies to ε; λ = ln(24M/ε), τ = ln(14(N − 1)M/ε), largest weight max(λ(N + 1), τ, z₀).',
  source: 'RLL Theorem 2; docs/theory.md §3',
  allows: { expected: 'a number in (0, M]', holds: ({ eps, M }) => eps.compare(M) <= 0 },
  build: buildBlock,
});
