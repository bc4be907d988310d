/**
 * T2.tight: one real Mamba block performs COPY with Nd + 3 state floats, against the Nd that are necessary.
 *
 *   slot channels   u = SiLU(λ(v_r + 2M)/M) for each slot k and component r: records shifted to be positive, and no −branch;
 *                   d_state = 1, A = −1
 *   step            Δ_k = softplus(Γ(1 − 2(i − k)²)): erases and writes slot k at i = k only
 *   gate            SiLU(Γ(1 − 2(pos − k)²)): Γ at k = pos, hardly anything elsewhere
 *   1-channel       u = SiLU(λ) gives B = C, and −2M through D = 1 and the gate SiLU(λ); its own step is at most e^(−2λ)
 *   out_proj        slots times M/(λΓ²), the 1-channel times −2M/λ²
 *   feeds           SiLU(λi), SiLU(λi²)
 *
 * Error ≤ M[3(e^(−Γ) + s + ω/Γ + gW) + 3e^(−λ) + 2Ne^(−2λ)] ≤ ε for ε ≤ M with Γ = ⌈ln(14M/ε)⌉ and
 * λ = 2^⌈log2 ln(64ΓNM/ε)⌉; the largest weight is of order ΓN². Source: docs/theory.md §3, T2.tight.
 */
import { vectorOf, type Accumulation } from '../../src/arithmetic/arithmetic.ts';
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

const GAMMA = 'ceil(log(14*M/eps))';
/** g: what the gates of all other slots come to, in units of Γ. */
export const tightBound = parseFormula(`${STEPS}
  g = 2*exp(-Gamma)*(1 + 8*exp(-6*Gamma))
  M*(3*(exp(-Gamma) + s + omega/Gamma + g*W) + 3*exp(-lambda) + 2*N*exp(-2*lambda))`);
/** Steps and gates have weights Γ(2k² − 1) and 4Γk; the units of the records enter by λ/M and M/(λΓ²), 2M/λ². */
export const tightWeight = parseFormula(`Gamma = ${GAMMA}
  lambda = ${LAMBDA}
  max(Gamma*(2*N^2 - 1), 4*Gamma*N, 2*lambda, lambda/M, M/(lambda*Gamma^2), 2*M/lambda^2)`);

export const tightConstants = (p: CopyParameters): StepConstants => stepConstants(GAMMA, p);

/** The residual stream: the token and the field that the block writes. */
const streamOf = (d: number): Fields<'v' | 'i' | 'i_squared' | 'pos' | 'pos_squared' | 'one' | 'out'> =>
  new Fields({ v: d, i: 1, i_squared: 1, pos: 1, pos_squared: 1, one: 1, out: d });

/** The components that hold i² and, for each reader, pos². */
interface Squares {
  readonly i: number;
  readonly pos: readonly number[];
}

/** The block of a memory: slots for each reader, since every slot has a gate. */
export const tightBlock = (
  { width, one, v, i, reads }: Memory,
  squared: Squares,
  N: number,
  M: number,
  { Gamma, lambda }: StepConstants,
): MambaBlock => {
  const block = new MambaBuilder(width, { rank: 2 });
  reads.forEach(({ pos, out }, at) => {
    for (let k = 1; k <= N; k++)
      v.forEach((component, r) =>
        block.channel({
          x: [
            [component, lambda / M],
            [one, 2 * lambda],
          ],
          gate: [
            [pos, 4 * Gamma * k],
            [squared.pos[at]!, -2 * Gamma],
            [one, Gamma * (1 - 2 * k * k)],
          ],
          out: [[out[r]!, M / (lambda * Gamma ** 2)]],
          ...slotStep(k, Gamma),
        }),
      );
  });
  const constant = block.channel({
    x: [[one, lambda]],
    gate: [[one, lambda]],
    out: reads.flatMap(({ out }) => out.map((component) => [component, (-2 * M) / lambda ** 2] as const)),
    skip: 1,
    stepBias: -2 * lambda,
  });
  feedSteps(block, { i, iSquared: squared.i }, constant, lambda);
  return block.build();
};

/** The block's weights, on the stream of `streamOf`. */
export const tightWeights = (N: number, d: number, M: number, constants: StepConstants): MambaBlock => {
  const stream = streamOf(d);
  const squared = { i: stream.at('i_squared'), pos: [stream.at('pos_squared')] };
  return tightBlock(soleMemory(stream, d), squared, N, M, constants);
};

/** A slot with neighbours on both sides, and records after it. */
const EXPOSED_POSITION = 2;

const breaks = (format: Format, mode: Accumulation, N: number, constants: StepConstants): string | undefined => {
  const largest = 3 * constants.lambda * constants.Gamma ** 2;
  return (
    stepsBreak(format, mode, N, constants) ??
    overflow(format, largest, 'a slot that holds 3λΓ, read through the gate SiLU(Γ), reaches 3λΓ²')
  );
};

export const buildTight = (p: CopyParameters): BuiltCopy => {
  const { N, d, M } = p;
  const constants = tightConstants(p);
  const stream = streamOf(d);
  return {
    network: { kind: 'residual', layer: tightWeights(N, d, M.toNumber(), constants) },
    token: stream,
    output: stream.at('out'),
    constants: { ...constants },
    bound: realOf(tightBound, { N, M, ...constants }),
    // Gates, decay and neighbours all take away from a sum of positive records: the largest ones lose most.
    witness: (A, margin) => {
      const top = A.fromRational(M.mul(Rational.fromNumber(1 - margin)));
      return { records: vectorOf(A, N * d, () => top), pos: asking(N, Math.min(EXPOSED_POSITION, N)) };
    },
    breaks: (format, mode) => breaks(format, mode, N, constants),
  };
};

export const tightMemory = defineMechanism({
  tag: 'T2.tight',
  title: 'a Mamba block of the least state, slots addressed by the steps',
  keeps: 'all',
  scratch: ({ reads }) => ({ i_squared: 1, pos_squared: reads }),
  layers: (memory, own, p) => {
    const constants = tightConstants(p);
    const squared = { i: own.at('i_squared'), pos: memory.reads.map((_, at) => own.at('pos_squared', at)) };
    return [
      squareBlock(memory.width, constants.lambda, [
        { of: memory.i, to: squared.i },
        ...memory.reads.map(({ pos }, at) => ({ of: pos, to: squared.pos[at]! })),
      ]),
      tightBlock(memory, squared, p.N, p.M.toNumber(), constants),
    ];
  },
  breaks: (p, mode) => breaks(p.format, mode, p.N, tightConstants(p)),
});

export const tight = defineCopy({
  tag: 'T2.tight',
  title: 'COPY by one Mamba block with the least state up to 3 floats',
  statement:
    'One Mamba block with d_state = 1, dt_rank = 2, d_inner = Nd + 3 copies to ε; Γ = ⌈ln(14M/ε)⌉, λ = 2^⌈log2 ln(64ΓNM/ε)⌉, largest weight max(Γ(2N² − 1), 4ΓN, 2λ, λ/M, M/(λΓ²), 2M/λ²).',
  source: 'docs/theory.md §3',
  allows: { expected: 'a number in (0, M]', holds: ({ eps, M }) => eps.compare(M) <= 0 },
  build: buildTight,
});
