import type { Decimal } from 'decimal.js';
import { describe, expect, it } from 'vitest';
import { castVector } from '../../src/arithmetic/arithmetic.ts';
import { decimalArithmetic } from '../../src/arithmetic/decimal.ts';
import { evaluateFormula } from '../../src/arithmetic/formula.ts';
import { Rational } from '../../src/arithmetic/rational.ts';
import { entries } from '../../src/arithmetic/testing.ts';
import { compile } from '../../src/network/machine.ts';
import { etaFormula, onehot } from './hat.ts';

const A = decimalArithmetic(40);

/** From the middle of so many positions a row's tails are below e^(−48λ), that is 10^−41 for the smallest λ of SiLU, 2. */
const N = 96;
const MIDDLE = N / 2;
/**
 * Absolute rounding error of sums of hats: knots are at most 97λ with 40 digits, so a hat errs by at most
 * 4·97·10^−39, and a sum of 96 of them by less than 10^−34.
 */
const ROUNDING = 1e-34;

const decimal = (text: string): Decimal => A.fromRational(Rational.parse(text)!);
const integer = (n: number): Decimal => A.from(n);
const total = (xs: readonly Decimal[]): Decimal => xs.reduce(A.add, A.zero);
const distance = (x: Decimal, y: Decimal): number => A.toNumber(A.abs(A.sub(x, y)));

/** hat_1 … hat_count at each of the given positions. */
const hats = (g: 'silu' | 'gelu', lambda: number, positions: readonly number[], count: number): Decimal[][] => {
  const machine = compile(onehot(g, lambda, count), A);
  const tokens = positions.flatMap((t) => [t, 1]);
  const y = entries(A, machine.run(castVector(A, tokens), positions.length, machine.initialState()));
  return positions.map((_, at) => y.slice(at * count, (at + 1) * count));
};

/** Σ |x − 1[this is entry k]|, entries counted from 1. */
const leak = (xs: readonly Decimal[], k: number): Decimal =>
  total(xs.map((x, at) => A.abs(A.sub(x, at + 1 === k ? A.one : A.zero))));

/**
 * Row: 8[σ(−λ) − σ(−2λ)] or 8[Φ(−λ) − Φ(−2λ)]; centre: tanh(λ/2) or erf(λ/√2); eta: the bound of theory.md T2.onehot.
 * All by mpmath.
 */
const EXAMPLES = [
  {
    g: 'silu',
    lambda: 2,
    row: '0.809733696480207983307821765984518239369045516',
    centre: '0.761594155955764888119458282604793590412768597',
    eta: '1.44812332193262093281597757826118115451877668',
  },
  {
    g: 'silu',
    lambda: 4,
    row: '0.141206878653000639383318480963207247001239507',
    centre: '0.964027580075816883946413724100923150255029976',
    eta: '0.152043659676142198506746025044444566171100806',
  },
  {
    g: 'gelu',
    lambda: 1,
    row: '1.08724097586622275371587853761142912040248648',
    centre: '0.682689492137085897170465091264075844955825933',
    eta: '2.49175047974960245056790282791493177501359345',
  },
  {
    g: 'gelu',
    lambda: 2,
    row: '0.181747685650768698232230931278490289386659123',
    centre: '0.954499736103641585599434725666933125056447553',
    eta: '0.216500517180963914434155111726541810131478',
  },
  {
    g: 'gelu',
    lambda: 4,
    row: '0.000253369934659982601570748626478397591412596453',
    centre: '0.999936657516333760157492458486555697403112333',
    eta: '0.000267660451539875245715604221519176966431674381',
  },
] as const;

describe.each(EXAMPLES)('hats of $g at λ = $lambda', ({ g, lambda, row, centre, eta }) => {
  const positions = [MIDDLE - 5, MIDDLE - 1, MIDDLE, MIDDLE + 1, MIDDLE + 7];
  const rows = hats(g, lambda, positions, N);

  it('are tanh(λ/2) or erf(λ/√2) at their centre', () => {
    const formula = g === 'silu' ? A.tanh(A.from(lambda / 2)) : A.erf(A.div(A.from(lambda), A.sqrt(integer(2))));
    positions.forEach((t, at) => {
      const value = rows[at]![t - 1]!;
      expect(distance(value, formula)).toBeLessThanOrEqual(ROUNDING);
      expect(distance(value, decimal(centre))).toBeLessThanOrEqual(ROUNDING);
    });
  });

  it('leak 8[G(−λ) − G(−2λ)] in the middle', () => {
    const G = g === 'silu' ? A.sigmoid : A.phi;
    const formula = A.mul(integer(8), A.sub(G(A.from(-lambda)), G(A.from(-2 * lambda))));
    positions.forEach((t, at) => {
      expect(distance(leak(rows[at]!, t), formula)).toBeLessThanOrEqual(ROUNDING);
      expect(distance(leak(rows[at]!, t), decimal(row))).toBeLessThanOrEqual(ROUNDING);
    });
  });

  it('leak less than η(λ)', () => {
    const bound = A.fromRational(evaluateFormula(etaFormula[g], { lambda }));
    expect(distance(bound, decimal(eta))).toBeLessThanOrEqual(ROUNDING);
    for (const [at, t] of positions.entries()) expect(A.less(leak(rows[at]!, t), bound)).toBe(true);
  });

  it('form a symmetric kernel: columns leak what rows leak', () => {
    const count = 12;
    const all = Array.from({ length: count }, (_, at) => at + 1);
    const table = hats(g, lambda, all, count);
    for (const t of all) {
      for (const k of all) expect(distance(table[t - 1]![k - 1]!, table[k - 1]![t - 1]!)).toBeLessThanOrEqual(ROUNDING);
      const column = table.map((hat) => hat[t - 1]!);
      expect(distance(leak(column, t), leak(table[t - 1]!, t))).toBeLessThanOrEqual(ROUNDING);
      expect(A.less(leak(column, t), decimal(eta))).toBe(true);
    }
  });
});

it('has knots for 0 … N + 1 and hats for 1 … N only', () => {
  const network = onehot('silu', 8, 5);
  const machine = compile(network, A);
  expect([machine.inputs, machine.outputs]).toEqual([2, 5]);
  expect(network.layers[1]).toEqual({ kind: 'activation', width: 5 + 2, function: 'silu' });
});
