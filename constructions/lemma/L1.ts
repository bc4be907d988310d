/**
 * L1: ReLU by a smooth activation, and any one-hidden-layer ReLU network with it.
 *
 *   ReLU(x) ≈ g(λx)/λ,   |g(λx)/λ − ReLU(x)| ≤ κ_g/λ for all x, attained
 *
 * ReLU − g has one sign, so Σ_h w_h ReLU(form_h) becomes Σ_h (w_h/λ) g(λ form_h) with an error of at most
 * max(Σ positive, Σ negative w_h)·κ_g/λ. Source: docs/theory.md §4, L1; Feng C.1–C.5.
 *
 * A weight is a double: λ is a power of two, or 1/λ is not its exact inverse.
 */
import { Rational } from '../../src/arithmetic/rational.ts';
import { mlp, type Sequential } from '../../src/network/layer.ts';
import { matrixFromForms, type Form } from '../../src/network/matrix.ts';
import { KAPPA, type LemmaActivation } from '../../src/network/activation.ts';

/** One hidden neuron: `weight`·ReLU(`of`). */
export interface ReluNeuron {
  readonly of: Form;
  readonly weight: number;
}

/** Σ weight·ReLU(of) over the neurons, each ReLU(x) as g(λx)/λ. */
export const reluSum = (
  g: LemmaActivation,
  lambda: number,
  inputs: number,
  neurons: readonly ReluNeuron[],
): Sequential => {
  const hidden = neurons.map(({ of }) => of.map(([component, weight]) => [component, lambda * weight] as const));
  const output = neurons.map(({ weight }, h) => [h, weight / lambda] as const);
  return mlp({ kind: 'linear', weight: matrixFromForms(hidden, inputs) }, g, {
    kind: 'linear',
    weight: matrixFromForms([output], neurons.length),
  });
};

export const reluNetwork = (g: LemmaActivation, lambda: number): Sequential =>
  reluSum(g, lambda, 1, [{ of: [[0, 1]], weight: 1 }]);

/** mass·κ_g/λ, where `mass` is the larger sum of output weights of one sign. */
export const transferBound = (g: LemmaActivation, lambda: Rational, mass = 1): Rational =>
  KAPPA[g].mul(Rational.fromNumber(mass)).div(lambda);

/** From this λ on the error of such a network is at most ε. */
export const lambdaForRelu = (g: LemmaActivation, eps: Rational, mass = 1): Rational =>
  KAPPA[g].mul(Rational.fromNumber(mass)).div(eps);
