/**
 * T2.onehot: from the scalar t to the one-hot vector e_t by hat functions.
 *
 *   hat_k(t) = [g(λ(t−k+1)) − 2 g(λ(t−k)) + g(λ(t−k−1))] / λ,   k = 1 … N
 *
 * for an activation g with g(x) − g(−x) = x. Knots are the N + 2 hidden units g(λ(t−k)), k = 0 … N+1.
 * Source: docs/theory.md §3, T2.onehot.
 */
import type { ScalarFunction } from '../../src/arithmetic/arithmetic.ts';
import { parseFormula } from '../../src/arithmetic/formula.ts';
import { Fields } from '../../src/network/fields.ts';
import { mlp, type Sequential } from '../../src/network/layer.ts';
import { matrixFromForms, type Form } from '../../src/network/matrix.ts';

/** Σ_k |hat_k(t) − 1[k = t]| ≤ η(λ), for g = SiLU. */
export const ETA_SILU = 'eta = 8*exp(-lambda)/(1 - exp(-lambda))^2';
/** The same for g = GELU (erf form). */
export const ETA_GELU = 'eta = 8*exp(-lambda^2/2)/(lambda*sqrt(2*pi)*(1 - exp(-3*lambda^2/2)))';

/** The knots λ·t − λk, k = 0 … N+1, as forms of the components that hold t and 1. */
export const knotForms = (t: number, one: number, lambda: number, N: number): Form[] =>
  Array.from({ length: N + 2 }, (_, k) => [
    [t, lambda],
    [one, -lambda * k],
  ]);

/** hat_1 … hat_N as forms of the activated knots, given by their components. */
export const hatForms = (knots: readonly number[], lambda: number): Form[] =>
  knots.slice(1, -1).map((knot, at) => [
    [knots[at]!, 1 / lambda],
    [knot, -2 / lambda],
    [knots[at + 2]!, 1 / lambda],
  ]);

/** The MLP t ↦ (hat_1(t), …, hat_N(t)); its token is (t, 1). */
export const onehot = (g: ScalarFunction, lambda: number, N: number): Sequential => {
  const token = new Fields({ t: 1, one: 1 });
  const knots = knotForms(token.at('t'), token.at('one'), lambda, N);
  const hats = hatForms([...knots.keys()], lambda);
  return mlp({ kind: 'linear', weight: matrixFromForms(knots, token.width) }, g, {
    kind: 'linear',
    weight: matrixFromForms(hats, knots.length),
  });
};

export const etaFormula = { silu: parseFormula(ETA_SILU), gelu: parseFormula(ETA_GELU) };
