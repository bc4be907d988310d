/**
 * T2.slots: a stack of Mamba blocks with d_state = 1 performs COPY from the scalars i and pos(i); its state is linear in N.
 *
 *   marks     λ e_k(i), λ e_k(pos(i)): one gated channel each                d_inner 2N
 *   products  e_k(i) v_r, two channels each                                   d_inner 2Nd
 *   memory    SiLU(±e_k(i) v_r) summed over time, gate SiLU(λ e_k(pos(i)))    d_inner 2Nd + 1
 *             B = C = σ(2λ) from one constant channel, Δ ≡ 1, A = −e^(−τ), D = 0
 *
 * Error ≤ M[(1+κ)² − σ(2λ)² e^(−(N−1)e^(−τ))], κ ≈ 6e^(−λ); λ = ln(20M/ε) and τ = ln(6(N−1)M/ε) make it ≤ ε for ε ≤ M.
 * Source: docs/theory.md §3, T2.mark and T2.slots; RLL Theorem 2.
 *
 * For a format, λ is a power of two with e^(−λ) ≤ u/2 (§9), and τ is at least (p + 2) ln 2 (then the decay rounds to 1, P3).
 */
import { vectorOf } from '../../src/arithmetic/arithmetic.ts';
import { evaluateFormula, parseFormula, realOf } from '../../src/arithmetic/formula.ts';
import { idle, type Format } from '../../src/arithmetic/format.ts';
import { Rational } from '../../src/arithmetic/rational.ts';
import { defineCopy, type BuiltCopy, type CopyParameters } from '../../src/copy/construction.ts';
import {
  defineMechanism,
  soleMemory,
  soleStream,
  type Memory,
  type MemoryShape,
  type Places,
} from '../../src/copy/mechanism.ts';
import { asking } from '../../src/copy/task.ts';
import { residualStack, type MambaBlock, type Sequential } from '../../src/network/layer.ts';
import { MambaBuilder } from '../../src/network/mamba-builder.ts';
import {
  addressMarks,
  breakOf,
  kappaText,
  markBlock,
  memoryChannels,
  productBlock,
  saturated,
  type Product,
} from './marks.ts';

/** Bound on the error, in λ and τ. */
export const slotsBound = parseFormula(`xi = 0
  ${kappaText('kappa', 'xi')}
  b = 1/(1 + exp(-2*lambda))
  M*((1 + kappa)^2 - b^2*exp(-(N - 1)*exp(-tau)))`);
/** Constants that make the bound ≤ ε, for ε ≤ M. One token has nothing to decay, so N = 1 takes the τ of N = 2. */
export const slotsLambda = parseFormula('log(20*M/eps)');
export const slotsTau = parseFormula('log(6*max(N - 1, 1)*M/eps)');
export interface SlotsConstants {
  readonly lambda: number;
  readonly tau: number;
}

export const slotsConstants = ({ N, M, eps, format }: CopyParameters): SlotsConstants => {
  const lambda = evaluateFormula(slotsLambda, { M, eps }).toNumber();
  const tau = evaluateFormula(slotsTau, { N, M, eps }).toNumber();
  return format ? { lambda: saturated(lambda, format), tau: idle(tau, format) } : { lambda, tau };
};

/** What the stack writes for itself: marks of i and of each pos, and the products. */
const scratchOf = ({ N, d, reads }: MemoryShape): { writing: number; reading: number; slots: number } => ({
  writing: N,
  reading: reads * N,
  slots: N * d,
});
/** The residual stream: the token (v, i, pos, 1) and what each block writes. */
const streamOf = (N: number, d: number) => soleStream(d, scratchOf({ N, d, reads: 1 }));

/** The three blocks of a memory: slots and their products are there once, gates for each reader. */
export const slotsBlocks = (
  { width, one, v, i, reads, scale = 1 }: Memory,
  own: Places<'writing' | 'reading' | 'slots'>,
  N: number,
  { lambda, tau }: SlotsConstants,
): MambaBlock[] => {
  const slots = Array.from({ length: N }, (_, k) => k);
  const each = (product: (k: number, r: number, slot: number) => Product): Product[] =>
    slots.flatMap((k) => v.map((_, r) => product(k, r, own.at('slots', k * v.length + r))));

  const memory = new MambaBuilder(width);
  reads.forEach(({ out }, at) =>
    memoryChannels(
      memory,
      { lambda, tau, scale },
      each((k, r, slot) => ({ mark: own.at('reading', at * N + k), value: slot, to: out[r]! })),
    ),
  );
  const constant = memory.channel({ x: [[one, 2 * lambda]] });
  memory.project('key', 0, [[constant, 1 / (2 * lambda)]]).project('query', 0, [[constant, 1 / (2 * lambda)]]);

  return [
    markBlock(width, one, lambda, [
      ...addressMarks(i, N, (k) => own.at('writing', k)),
      ...reads.flatMap(({ pos }, at) => addressMarks(pos, N, (k) => own.at('reading', at * N + k))),
    ]),
    productBlock(
      width,
      { lambda, scale },
      each((k, r, slot) => ({ mark: own.at('writing', k), value: v[r]!, to: slot })),
    ),
    memory.build(),
  ];
};

/** The stack's weights, on the stream of `streamOf`. */
const slotsNetwork = (N: number, d: number, constants: SlotsConstants): Sequential => {
  const stream = streamOf(N, d);
  const blocks = slotsBlocks(soleMemory(stream, d), stream, N, constants);
  return residualStack(blocks);
};

/** A position with neighbours at distance 2 on both sides, as far as the sequence is long, and old enough to have decayed. */
const EXPOSED_POSITION = 3;

const breaks = (format: Format, N: number, { lambda }: SlotsConstants): string | undefined =>
  breakOf(
    format,
    N,
    lambda > N ? { name: 'λ²', value: lambda ** 2 } : { name: 'the largest weight λN', value: lambda * N },
  );

export const buildSlots = (p: CopyParameters): BuiltCopy => {
  const { N, d, M } = p;
  const constants = slotsConstants(p);
  const stream = streamOf(N, d);
  return {
    network: slotsNetwork(N, d, constants),
    token: stream,
    output: stream.at('out'),
    constants: { ...constants },
    bound: realOf(slotsBound, { N, M, ...constants }),
    // Every leak is negative: it takes from the record asked for, and subtracts the others.
    witness: (A, margin) => {
      const top = A.fromRational(M.mul(Rational.fromNumber(1 - margin)));
      return { records: vectorOf(A, N * d, () => top), pos: asking(N, Math.min(EXPOSED_POSITION, N)) };
    },
    breaks: (format) => breaks(format, N, constants),
  };
};

export const slotsMemory = defineMechanism({
  tag: 'T2.slots',
  title: 'Mamba blocks of d_state = 1, one slot for each address',
  keeps: 'all',
  scratch: scratchOf,
  layers: (memory, own, p) => slotsBlocks(memory, own, p.N, slotsConstants(p)),
  breaks: (p) => breaks(p.format, p.N, slotsConstants(p)),
});

export const slots = defineCopy({
  tag: 'T2.slots',
  title: 'COPY by Mamba blocks of d_state = 1, one slot for each position',
  statement:
    'Three Mamba blocks of d_state = 1 and d_inner 2N, 2Nd, 2Nd + 1 copy to ε; λ = ln(20M/ε), τ = ln(6(N − 1)M/ε), largest weight max(λN, 2λ, τ).',
  source: 'RLL Theorem 2; docs/theory.md §3',
  allows: { expected: 'a number in (0, M]', holds: ({ eps, M }) => eps.compare(M) <= 0 },
  build: buildSlots,
});
