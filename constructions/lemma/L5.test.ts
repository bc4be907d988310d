import { describe, expect, it } from 'vitest';
import { emulatedArithmetic } from '../../src/arithmetic/emulated.ts';
import { evaluateFormula } from '../../src/arithmetic/formula.ts';
import { formatByName } from '../../src/arithmetic/format.ts';
import { evaluate } from '../../src/lemma/quantities.ts';
import type { Linear, Sequential } from '../../src/network/layer.ts';
import { denseData } from '../../src/network/matrix.ts';
import { etaFormula } from '../copy/hat.ts';
import { comparisonNetwork, indicatorNetwork, lambdaForLookup, lambdaForStep, lookupNetwork, stepBound } from './L5.ts';
import { exact, output } from './testing.ts';

const widthOf = ({ layers }: Sequential): number => (layers[0] as Linear).weight.rows;

/** mpmath, λ = 4: at t = k, and the indicator at t = k + 1. */
describe.each([
  ['silu', '0.98201379003790844197', '0.035301719663250159846'],
  ['gelu', '0.99996832875816688008', '0.000063342483664995650393'],
] as const)('%s', (g, atK, behind) => {
  it('compares and indicates', () => {
    expect(output(comparisonNetwork(g, 4, 3), [3, 1])).toBe(atK);
    expect(output(indicatorNetwork(g, 4, 3), [4, 1])).toBe(behind);
    // Off by as much on the other side, and by twice that in the centre.
    const error = 1 - Number(atK);
    expect(Number(output(comparisonNetwork(g, 4, 3), [2, 1]))).toBeCloseTo(error, 15);
    expect(Number(output(indicatorNetwork(g, 4, 3), [3, 1]))).toBeCloseTo(1 - 2 * error, 15);
    expect(evaluateFormula(stepBound[g], { lambda: 4 }).toNumber()).toBeCloseTo(error, 15);
  });
  it('looks up with n + 2 neurons', () => {
    const network = lookupNetwork(g, 8, [1, 2, 4]);
    expect(widthOf(network)).toBe(5);
    expect(Array.from(denseData((network.layers[2] as Linear).weight))).toEqual([1, 0, 1, -6, 4].map((w) => w / 8));
    for (const [t, y] of [1, 2, 4].entries()) expect(Number(output(network, [t + 1, 1]))).toBeCloseTo(y, 1);
  });
  it('looks up nothing as 0, and one entry as an indicator', () => {
    expect(output(lookupNetwork(g, 4, [0, 0]), [1, 1])).toBe('0');
    expect(output(lookupNetwork(g, 4, [0, 0, 1]), [3, 1])).toBe(output(indicatorNetwork(g, 4, 3), [3, 1]));
  });
});

it('has widths 2 and 3', () => {
  expect(widthOf(comparisonNetwork('silu', 4, 3))).toBe(2);
  expect(widthOf(indicatorNetwork('silu', 4, 3))).toBe(3);
});

it('meets ε at the λ that suffices for it', () => {
  const lambda = lambdaForStep(exact('1e-6'));
  expect(evaluateFormula(stepBound.silu, { lambda }).toNumber()).toBeCloseTo(1e-6, 18);
  const Y = exact('10');
  for (const eps of ['5', '0.1', '1e-9'].map(exact)) {
    const eta = evaluateFormula(etaFormula.silu, { lambda: lambdaForLookup(Y, eps) });
    expect(eta.mul(Y).compare(eps)).toBeLessThan(0);
  }
});

/** λ = 2^⌈log2((p+1) ln 2)⌉: σ(λ) rounds to 1, so that all but the tails are integers; partial sums stay below 32. */
it.each([
  ['bf16', 8],
  ['fp16', 16],
  ['fp32', 32],
])('in %s a saturated table is exact to its tails', (name, lambda) => {
  const format = formatByName(name)!;
  expect(lambda).toBe(2 ** Math.ceil(Math.log2((format.p + 1) * Math.LN2)));
  const A = emulatedArithmetic(format);
  const table = [3, -2, 0, 5, 1];
  const look = evaluate(lookupNetwork('silu', lambda, table), A);
  const eta = (8 * Math.exp(-lambda)) / (1 - Math.exp(-lambda)) ** 2;
  const limit = 5 * eta + (table.length + 2) * 2 ** (4 - format.p);
  table.forEach((y, at) => expect(Math.abs(look([at + 1, 1]) - y)).toBeLessThanOrEqual(limit));
});
