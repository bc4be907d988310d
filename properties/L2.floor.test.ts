import { describe, expect, it } from 'vitest';
import { emulatedArithmetic } from '../src/arithmetic/emulated.ts';
import { formatByName } from '../src/arithmetic/format.ts';
import { parseCell } from '../src/claim/claim.ts';
import { decide } from '../src/evidence/decide.ts';
import { evaluate } from '../src/lemma/quantities.ts';
import { productNetwork } from '../constructions/lemma/L2.ts';
import { productFloor } from './L2.floor.ts';

const ACTIVATIONS = ['silu', 'gelu', 'softplus'] as const;
type G = (typeof ACTIVATIONS)[number];

const outputOf = (g: G, format: string, lambda: number): ((a: number, b: number) => number) => {
  const multiply = evaluate(productNetwork(g, lambda), emulatedArithmetic(formatByName(format)!));
  return (a, b) => multiply([a, b]);
};
const boundOf = (quantity: string, g: G, format: string, lambda: number): number =>
  productFloor.quantities[quantity]!.bound(parseCell(productFloor, { g, format, lambda: String(lambda) }))
    .approximate()
    .toNumber();

/** All numbers of p bits from 2^−6 to 1, and their negatives. */
const numbersOf = (p: number): number[] => {
  const positive = Array.from({ length: 6 }, (_, k) => 2 ** (-k - 1)).flatMap((binade) =>
    Array.from({ length: 2 ** (p - 1) }, (_, i) => binade * (1 + (i + 1) / 2 ** (p - 1))),
  );
  return [0, ...positive, ...positive.map((x) => -x)];
};

describe.each(ACTIVATIONS)('%s', (g) => {
  it.each([
    ['p4', 2],
    ['p5', 2],
    ['p6', g === 'softplus' ? 2 : 8],
  ])('errs by no more than its bound at any pair of numbers of %s, λ = %d', (format, lambda) => {
    const multiply = outputOf(g, format, lambda);
    const numbers = numbersOf(formatByName(format)!.p);
    const errors = numbers.flatMap((a) => numbers.map((b) => Math.abs(multiply(a, b) - a * b)));
    const ratio =
      Math.max(...numbers.map((_, at) => Math.max(...errors.slice(at * numbers.length, (at + 1) * numbers.length)))) /
      boundOf('error', g, format, lambda);
    expect(ratio).toBeLessThanOrEqual(1);
    // and the bound is no more than 10 times too large even with so few bits
    expect(ratio).toBeGreaterThan(0.1);
  });

  it('returns multiples of its spacing at a = b near 1', () => {
    const [p, lambda] = [14, 32];
    const u = 2 ** -p;
    const spacing = g === 'softplus' ? 2 * lambda ** 2 * u : (lambda / 2) * u;
    const multiply = outputOf(g, `p${p}`, lambda);
    const outputs = Array.from({ length: 400 }, (_, i) => multiply(1 - i * u, 1 - i * u) / spacing);
    expect(outputs.filter((y) => !Number.isInteger(y))).toEqual([]);
    expect(outputs.some((y) => y % 2 !== 0)).toBe(true);
  });

  it('has the constants of the theory to first order', () => {
    const [u, lambda] = [2 ** -40, 2 ** 16];
    const c = { silu: 1 / 3, gelu: 2 / 3, softplus: 1 / 6 }[g];
    const K = { silu: 5 / 2, gelu: (13 / 8) * Math.sqrt(Math.PI / 2), softplus: 11 / 2 }[g];
    const rounding = boundOf('error', g, 'p40', lambda) - c / lambda ** 2;
    const leading = K * (g === 'softplus' ? lambda ** 2 : lambda) * u;
    // terms in u without λ, and in u/λ, are what is left
    expect(Math.abs(rounding / leading - 1)).toBeLessThan(8 / lambda);
  });
});

describe('the floor', () => {
  const cellOf = (quantity: string, g: G, p: number): { worst: number; bound: number } =>
    decide(productFloor, quantity, { g, format: `p${p}` }, { seed: 1, profile: 'quick' }).cell;

  it.each([
    ['silu', 2 / 3],
    ['gelu', 2 / 3],
    ['softplus', 1 / 2],
  ] as const)('falls with p as theory says, as far as the two bounds tell: %s', (g, slope) => {
    const [few, many] = [16, 40];
    const below = (p: number): number => cellOf('least', g, p).bound;
    const above = (p: number): number => cellOf('floor', g, p).bound;
    const perBit = (x: number, y: number): number => Math.log2(x / y) / (many - few);
    const measured = perBit(cellOf('floor', g, few).worst, cellOf('floor', g, many).worst);
    expect(perBit(below(few), above(many))).toBeLessThan(Math.min(measured, slope));
    expect(perBit(above(few), below(many))).toBeGreaterThan(Math.max(measured, slope));
    // A floor that is between bounds in constant proportion stays that near to the slope.
    const apart = Math.max(above(few) / below(few), above(many) / below(many));
    expect(Math.abs(measured - slope)).toBeLessThan(perBit(apart, 1));
  });

  it('is left out of account where nothing is known of it', () => {
    const { applies } = productFloor.quantities.least!;
    const at = (format: string): boolean => applies!(parseCell(productFloor, { g: 'silu', format }));
    expect([at('p8'), at('p16')]).toEqual([false, true]);
  });

  it('is refused for a λ whose outputs are too far apart, or whose weights leave the range', () => {
    const parse = (format: string, lambda: string) => () => parseCell(productFloor, { g: 'silu', format, lambda });
    expect(parse('bf16', '64')).toThrow('expected `lambda` of L2.floor to be so small');
    expect(parse('bf16', '32')).not.toThrow();
    expect(parse('fp16', '256')).toThrow('so small');
    expect(parse('bf16', '6')).toThrow('a power of two');
    expect(parse('fp64', '32')).toThrow('of 4 to 48 bits');
  });
});
