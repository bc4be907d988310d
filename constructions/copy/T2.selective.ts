/**
 * T2.selective: one real Mamba block of linear state performs COPY by Mamba's own selectivity.
 *
 *   slot channels   u = SiLU(±v_r) for each slot k, component r and gate; d_state = 1, A = −1
 *   step            Δ_k = softplus(Γ(1 − 2(i − k)²)): erases and writes slot k at i = k only
 *   gates           SiLU(λ(pos − k + g)), g = 1, 0, −1, with coefficients 1, −2, 1: hat_k(pos), which reads slot pos
 *   out_proj        y(+) − y(−), divided by λΓ
 *   feeds           SiLU(λi), SiLU(λi²), SiLU(λ)
 *
 * d_inner = state = 6Nd + 3. Error ≤ M[s + (ω + s(1 + s))/Γ + ηW + 2e^(−λ)] ≤ ε for ε ≤ M with Γ = ⌈ln(2M/ε)⌉, at least
 * 2, and λ = 2^⌈log2 ln(64ΓNM/ε)⌉; the largest weight is of order ΓN². Source: docs/theory.md §3, T2.selective.
 */
import { vectorOf, type Accumulation } from '../../src/arithmetic/arithmetic.ts';
import { float64 } from '../../src/arithmetic/float64.ts';
import { parseFormula, realOf } from '../../src/arithmetic/formula.ts';
import type { Format } from '../../src/arithmetic/format.ts';
import { Rational } from '../../src/arithmetic/rational.ts';
import { defineCopy, type BuiltCopy, type CopyParameters } from '../../src/copy/construction.ts';
import { defineMechanism, soleMemory, type Memory } from '../../src/copy/mechanism.ts';
import { asking } from '../../src/copy/task.ts';
import { Fields } from '../../src/network/fields.ts';
import type { MambaBlock } from '../../src/network/layer.ts';
import { MambaBuilder } from '../../src/network/mamba-builder.ts';
import {
  feedSteps,
  LAMBDA,
  overflow,
  slotStep,
  squareBlock,
  stepConstants,
  STEPS,
  stepsBreak,
  type StepConstants,
} from './addressed-steps.ts';
import { ETA_SILU } from './hat.ts';

const GAMMA = 'max(2, ceil(log(2*M/eps)))';
export const selectiveBound = parseFormula(`${ETA_SILU}
  ${STEPS}
  M*(s + (omega + s*(1 + s))/Gamma + eta*W + 2*exp(-lambda))`);
/** Steps have weights Γ(2k² − 1) and 4Γk, gates λ(k + 1). */
export const selectiveWeight = parseFormula(`Gamma = ${GAMMA}
  lambda = ${LAMBDA}
  max(Gamma*(2*N^2 - 1), 4*Gamma*N, lambda*(N + 1))`);

export const selectiveConstants = (p: CopyParameters): StepConstants => stepConstants(GAMMA, p);

/** The residual stream: the token and the field that the block writes. */
const streamOf = (d: number): Fields<'v' | 'i' | 'i_squared' | 'pos' | 'one' | 'out'> =>
  new Fields({ v: d, i: 1, i_squared: 1, pos: 1, one: 1, out: d });

/** The knots of a hat, and their coefficients. */
const HAT = [
  [1, 1],
  [0, -2],
  [-1, 1],
] as const;

/** The block of a memory: slots for each reader, since every slot has a gate. */
export const selectiveBlock = (
  { width, one, v, i, reads, scale = 1 }: Memory,
  iSquared: number,
  N: number,
  { Gamma, lambda }: StepConstants,
): MambaBlock => {
  const block = new MambaBuilder(width, { rank: 2 });
  for (const { pos, out } of reads)
    for (let k = 1; k <= N; k++)
      v.forEach((component, r) => {
        for (const sign of [1, -1])
          for (const [knot, coefficient] of HAT)
            block.channel({
              x: [[component, sign * scale]],
              gate: [
                [pos, lambda],
                [one, lambda * (knot - k)],
              ],
              out: [[out[r]!, (sign * coefficient) / (lambda * Gamma * scale)]],
              ...slotStep(k, Gamma),
            });
      });
  feedSteps(block, { i, iSquared }, block.channel({ x: [[one, lambda]] }), lambda);
  return block.build();
};

/** The block's weights, on the stream of `streamOf`. */
export const selectiveWeights = (N: number, d: number, constants: StepConstants): MambaBlock => {
  const stream = streamOf(d);
  return selectiveBlock(soleMemory(stream, d), stream.at('i_squared'), N, constants);
};

/** A position far from the start as far as the leaks reach. */
const EXPOSED_POSITION = 3;

const breaks = (
  format: Format,
  mode: Accumulation,
  { N, M }: CopyParameters,
  constants: StepConstants,
): string | undefined => {
  // Records pass through SiLU.
  const record = float64.silu(M.toNumber());
  const largest = record * constants.Gamma * constants.lambda * N;
  return (
    stepsBreak(format, mode, N, constants) ??
    overflow(format, largest, 'slot 1, which holds Γ·SiLU(M), read through the gate SiLU(λN), reaches ΓλN·SiLU(M)')
  );
};

export const buildSelective = (p: CopyParameters): BuiltCopy => {
  const { N, d, M } = p;
  const constants = selectiveConstants(p);
  const stream = streamOf(d);
  return {
    network: { kind: 'residual', layer: selectiveWeights(N, d, constants) },
    token: stream,
    output: stream.at('out'),
    constants: { ...constants },
    bound: realOf(selectiveBound, { N, M, ...constants }),
    // The slot decays and takes in the next record; hats leak with a positive sign at distance 1 and negative elsewhere.
    witness: (A, margin) => {
      const pos = Math.min(EXPOSED_POSITION, N);
      const top = A.fromRational(M.mul(Rational.fromNumber(1 - margin)));
      const distance = (at: number): number => Math.abs(Math.floor(at / d) + 1 - pos);
      const records = vectorOf(A, N * d, (at) => (distance(at) === 1 ? A.neg(top) : top));
      return { records, pos: asking(N, pos) };
    },
    breaks: (format, mode) => breaks(format, mode, p, constants),
  };
};

export const selectiveMemory = defineMechanism({
  tag: 'T2.selective',
  title: 'a Mamba block of linear state, slots addressed by the steps',
  keeps: 'all',
  scratch: () => ({ i_squared: 1 }),
  layers: (memory, own, p) => {
    const constants = selectiveConstants(p);
    const squared = own.at('i_squared');
    return [
      squareBlock(memory.width, constants.lambda, [{ of: memory.i, to: squared }]),
      selectiveBlock(memory, squared, p.N, constants),
    ];
  },
  breaks: (p, mode) => breaks(p.format, mode, p, selectiveConstants(p)),
});

export const selective = defineCopy({
  tag: 'T2.selective',
  title: 'COPY by one Mamba block of linear state, slots addressed by the steps',
  statement:
    'One Mamba block with d_state = 1, dt_rank = 2, d_inner = 6Nd + 3 copies to ε; Γ = ⌈ln(2M/ε)⌉, at least 2, λ = 2^⌈log2 ln(64ΓNM/ε)⌉, largest weight max(Γ(2N² − 1), 4ΓN, λ(N + 1)).',
  source: 'docs/theory.md §3',
  allows: { expected: 'a number in (0, M]', holds: ({ eps, M }) => eps.compare(M) <= 0 },
  build: buildSelective,
});
