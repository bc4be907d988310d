/**
 * L5: comparison, indicator and table lookup on integers, from the knots ReLU(t − j) by g (L1).
 *
 *   1[t ≥ k] = R(t−k+1) − R(t−k)                     width 2, error ≤ σ(−λ)            R(x) = g(λx)/λ
 *   1[t = k] = R(t−k+1) − 2R(t−k) + R(t−k−1)         width 3, error ≤ 2σ(−λ)
 *   y_t      = Σ_k y_k 1[t = k], 1 ≤ t ≤ n           width n + 2, error ≤ η(λ)·max|y|
 *
 * for SiLU and integers t, k; Φ(−λ), 2Φ(−λ) and η of GELU for GELU. Largest weight λ times the last knot, or that of the
 * read-out: at most 1/λ, 2/λ, 4 max|y|/λ. Source: docs/theory.md §4, L5; η is that of T2.onehot (constructions/copy/hat.ts).
 */
import { evaluateFormula, parseFormula } from '../../src/arithmetic/formula.ts';
import type { Rational } from '../../src/arithmetic/rational.ts';
import { Fields } from '../../src/network/fields.ts';
import type { Sequential } from '../../src/network/layer.ts';
import { reluSum, type ReluNeuron } from './L1.ts';

export type StepActivation = 'silu' | 'gelu';

const token = new Fields({ t: 1, one: 1 });

/** Σ_j weights[j] ReLU(t − first − j); the token is (t, 1). */
const knots = (g: StepActivation, lambda: number, first: number, weights: readonly number[]): Sequential => {
  const neurons = weights.map((weight, j): ReluNeuron => ({
    of: [
      [token.at('t'), 1],
      [token.at('one'), -(first + j)],
    ],
    weight,
  }));
  return reluSum(g, lambda, token.width, neurons);
};

/** t ↦ 1[t ≥ k]. */
export const comparisonNetwork = (g: StepActivation, lambda: number, k: number): Sequential =>
  knots(g, lambda, k - 1, [1, -1]);

/** t ↦ 1[t = k]. */
export const indicatorNetwork = (g: StepActivation, lambda: number, k: number): Sequential =>
  knots(g, lambda, k - 1, [1, -2, 1]);

/** t ↦ y_t for t = 1 … n: the read-out holds the second differences of 0, 0, y_1, …, y_n, 0, 0. */
export const lookupNetwork = (g: StepActivation, lambda: number, y: readonly number[]): Sequential => {
  const entry = (k: number): number => y[k - 1] ?? 0;
  const differences = Array.from({ length: y.length + 2 }, (_, j) => entry(j + 1) - 2 * entry(j) + entry(j - 1));
  return knots(g, lambda, 0, differences);
};

/** The error of a comparison: how far g(λ)/λ is from 1. */
export const stepBound = {
  silu: parseFormula('1/(1 + exp(lambda))'),
  gelu: parseFormula('(1 - erf(lambda/sqrt(2)))/2'),
};

const sufficient = { step: parseFormula('log(1/eps - 1)'), lookup: parseFormula('log(9*Y/eps)') };

/** SiLU: from this λ on a comparison errs by at most ε < 1/2, an indicator by 2ε. */
export const lambdaForStep = (eps: Rational): Rational => evaluateFormula(sufficient.step, { eps });

/** SiLU: from this λ on a lookup among entries |y| ≤ Y errs by at most ε ≤ Y/2, since then η(λ) ≤ 9e^(−λ). */
export const lambdaForLookup = (Y: Rational, eps: Rational): Rational => evaluateFormula(sufficient.lookup, { Y, eps });
