import { describe, expect, it } from 'vitest';
import { evaluateFormula } from '../../src/arithmetic/formula.ts';
import { sizesOf } from '../../src/network/size.ts';
import type { Linear } from '../../src/network/layer.ts';
import { lambdaForProduct, productBound, productNetwork, productWeight } from './L2.ts';
import { exact, output } from './testing.ts';

/** mpmath: f(1/2, −1/4) at λ = 8, with the real √(π/2); the double moves the sixteenth digit. */
describe.each([
  ['silu', -0.12489836505953536388],
  ['gelu', -0.12479682039643420074],
  ['softplus', -0.12494916748314092118],
] as const)('%s', (g, value) => {
  const network = productNetwork(g, 8);

  it('is C_g (λ²/4)[q(S/λ) − q(T/λ)]', () => {
    expect(Number(output(network, [0.5, -0.25]))).toBeCloseTo(value, 15);
  });
  it('is symmetric, and 0 where a factor is', () => {
    expect(output(network, [-0.25, 0.5])).toBe(output(network, [0.5, -0.25]));
    expect(output(network, [0, 0.5])).toBe('0');
  });
  it('has width 4 and the largest weight C_g λ²/4', () => {
    expect((network.layers[0] as Linear).weight.rows).toBe(4);
    const formula = evaluateFormula(productWeight[g], { lambda: 8 }).toNumber();
    expect(sizesOf(network, 1).largestWeight).toBe(formula);
    expect(sizesOf(productNetwork(g, 2 ** -4), 1).largestWeight).toBe(16);
  });
  it('meets ε at the λ that suffices for it, with a largest weight of order M⁴/ε', () => {
    const [M, eps] = [exact('3'), exact('1e-4')];
    const lambda = lambdaForProduct(g, M, eps);
    expect(evaluateFormula(productBound[g], { M, lambda }).div(eps).toNumber()).toBeCloseTo(1, 14);
    const weight = evaluateFormula(productWeight[g], { lambda }).toNumber();
    const order = { silu: 2 / 3, gelu: Math.sqrt(Math.PI / 2) * (2 / 3), softplus: 4 / 6 }[g] / 4;
    expect(weight / ((order * 81) / 1e-4)).toBeCloseTo(1, 12);
  });
});
