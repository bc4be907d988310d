/**
 * Slots that a Mamba block addresses by its step sizes, for T2.selective and T2.tight (docs/theory.md §3).
 *
 *   feed channels    SiLU(λt)/λ, SiLU(λt²)/λ and SiLU(λ)/λ = B = C, for t = i: t, t² and 1 up to e^(−λ)
 *   step of slot k   Δ_k = softplus(Γ(1 − 2(t − k)²)), linear in t and t² (dt_rank 2), with A = −1:
 *                    Γ or a little more at t = k, where the slot is erased and written; at most about e^(−Γ) elsewhere
 *
 * Γ is an integer and λ a power of two, so that steps and gates are made of integers that doubles hold, and of 1/λ.
 * For a format both are powers of two and at least 2^⌈log2((p + 1) ln 2)⌉, where the feeds saturate: SiLU(λ)/λ = 1.
 */
import type { Accumulation } from '../../src/arithmetic/arithmetic.ts';
import { evaluateFormula, parseFormula } from '../../src/arithmetic/formula.ts';
import { nextPowerOfTwo, saturation, type Format } from '../../src/arithmetic/format.ts';
import type { CopyParameters } from '../../src/copy/construction.ts';
import type { MambaBlock } from '../../src/network/layer.ts';
import { MambaBuilder, type Channel } from '../../src/network/mamba-builder.ts';

export interface StepConstants {
  readonly Gamma: number;
  readonly lambda: number;
}

/**
 * ω: how far the argument of a step is off. s: what the steps of one slot come to on one side of its own. W: the sum of
 * a slot's weights Σ_t a_kt.
 */
export const STEPS = `omega = 4*Gamma*N*exp(-lambda)
  s = exp(omega - Gamma)/(1 - exp(-6*Gamma))
  W = 1 + (omega + s*(2 + s))/Gamma`;

/** λ for a given Γ: ω ≤ ε/(16M). */
export const LAMBDA = '2^ceil(log(log(64*Gamma*N*M/eps))/log(2))';
const lambdaFormula = parseFormula(LAMBDA);

/** Γ by its formula, and λ; or what a format needs, where that is more. */
export const stepConstants = (Gamma: string, { N, M, eps, format }: CopyParameters): StepConstants => {
  const least = evaluateFormula(parseFormula(Gamma), { M, eps }).toNumber();
  const lambdaAt = (value: number): number => evaluateFormula(lambdaFormula, { Gamma: value, N, M, eps }).toNumber();
  if (!format) return { Gamma: least, lambda: lambdaAt(least) };
  const saturated = saturation(format);
  const value = Math.max(nextPowerOfTwo(least), saturated);
  return { Gamma: value, lambda: Math.max(lambdaAt(value), saturated) };
};

/** Feeds t and t² of the stream into the steps, and a given channel of SiLU(λ) into B and C. */
export const feedSteps = (
  block: MambaBuilder,
  { i, iSquared }: { readonly i: number; readonly iSquared: number },
  constant: number,
  lambda: number,
): void => {
  const feed = (component: number): number => block.channel({ x: [[component, lambda]] });
  block
    .project('step', 0, [[feed(i), 1 / lambda]])
    .project('step', 1, [[feed(iSquared), 1 / lambda]])
    .project('key', 0, [[constant, 1 / lambda]])
    .project('query', 0, [[constant, 1 / lambda]]);
};

/** The squares of components, by the block's own gate (L2.gate); D takes λ² back before the gate, so that λx is the largest. */
export const squareBlock = (
  hidden: number,
  lambda: number,
  squares: readonly { readonly of: number; readonly to: number }[],
): MambaBlock => {
  const block = new MambaBuilder(hidden);
  for (const { of, to } of squares)
    for (const s of [1, -1])
      for (const t of [1, -1])
        block.channel({
          x: [[of, s * lambda]],
          gate: [[of, t * lambda]],
          out: [[to, s * t]],
          skip: lambda ** -2,
        });
  return block.build();
};

/** The step of slot k. */
export const slotStep = (k: number, Gamma: number): Pick<Channel, 'step' | 'stepBias'> => ({
  step: [
    [0, 4 * Gamma * k],
    [1, -2 * Gamma],
  ],
  stepBias: Gamma * (1 - 2 * k * k),
});

/** Why a format cannot hold a number that the run meets. */
export const overflow = (format: Format, largest: number, what: string): string | undefined =>
  largest > format.max ? `${what} = ${largest}, beyond the largest number of ${format.name}, ${format.max}` : undefined;

/**
 * Why slots must fail in a format: 2k² − 1, which is odd, is no number of it and rounds to 2k² − 2 or 2k², so that slot k
 * is written with a step of 2Γ or ln 2; or a term of a step overflows.
 */
export const stepsBreak = (
  format: Format,
  mode: Accumulation,
  N: number,
  { Gamma, lambda }: StepConstants,
): string | undefined => {
  const slot = Math.floor(Math.sqrt((2 ** format.p + 1) / 2)) + 1;
  if (N >= slot)
    return `the step of slot ${slot} has the bias Γ(1 − 2·${slot}²), and ${2 * slot * slot - 1} > 2^${format.p} is not a number of ${format.name}`;
  // Sums in fp32 are rounded when they are done: only what is fed to the steps must be a number of the format.
  return mode === 'own'
    ? overflow(format, Math.max(4 * Gamma, lambda) * N * N, 'terms of the steps reach max(4Γ, λ)N²')
    : overflow(format, lambda * N * N, 'what feeds the steps reaches λN²');
};
