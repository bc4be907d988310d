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
import { FieldMatrix, Fields } from '../../src/network/fields.ts';
import { mlp, type Sequential } from '../../src/network/layer.ts';

/** Σ_k |hat_k(t) − 1[k = t]| ≤ η(λ), for g = SiLU. */
export const ETA_SILU = 'eta = 8*exp(-lambda)/(1 - exp(-lambda))^2';
/** The same for g = GELU (erf form). */
export const ETA_GELU = 'eta = 8*exp(-lambda^2/2)/(lambda*sqrt(2*pi)*(1 - exp(-3*lambda^2/2)))';

/** Rows knot_k = λ·t − λk·one. */
export const writeKnots = <To extends string, From extends string>(
  matrix: FieldMatrix<To, From>,
  knots: To,
  t: From,
  one: From,
  lambda: number,
  N: number,
): void => {
  for (let k = 0; k <= N + 1; k++) matrix.set(knots, k, t, 0, lambda).set(knots, k, one, 0, -lambda * k);
};

/** Rows hat_k, k = 1 … N, from the activated knots. */
export const writeHats = <To extends string, From extends string>(
  matrix: FieldMatrix<To, From>,
  hats: To,
  knots: From,
  lambda: number,
  N: number,
): void => {
  for (let k = 1; k <= N; k++) {
    matrix
      .set(hats, k - 1, knots, k - 1, 1 / lambda)
      .set(hats, k - 1, knots, k, -2 / lambda)
      .set(hats, k - 1, knots, k + 1, 1 / lambda);
  }
};

/** The MLP t ↦ (hat_1(t), …, hat_N(t)); its token is (t, 1). */
export const onehot = (g: ScalarFunction, lambda: number, N: number): Sequential => {
  const token = new Fields({ t: 1, one: 1 });
  const hidden = new Fields({ knots: N + 2 });
  const output = new Fields({ hats: N });
  const first = new FieldMatrix(hidden, token);
  writeKnots(first, 'knots', 't', 'one', lambda, N);
  const second = new FieldMatrix(output, hidden);
  writeHats(second, 'hats', 'knots', lambda, N);
  return mlp({ kind: 'linear', weight: first.build() }, g, { kind: 'linear', weight: second.build() });
};

export const etaFormula = { silu: parseFormula(ETA_SILU), gelu: parseFormula(ETA_GELU) };
