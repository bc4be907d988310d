import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bigIntervalFunctions, type BigInterval } from '../arithmetic/big-interval.ts';
import { Rational } from '../arithmetic/rational.ts';
import { ACTIVATIONS, FARTHEST, KAPPA, powerOfTwoAbove } from './activation.ts';

const A = bigIntervalFunctions(192);
type T = BigInterval;
const rational = (text: string): T => A.fromRational(Rational.parse(text)!);
const kappa = (g: (typeof ACTIVATIONS)[number]): Rational => KAPPA[g];
/** How far above sup |g − ReLU| a constant may be: it is a decimal of 17 digits. */
const ROUNDING = Rational.parse('1e-16')!;

const above = (x: T, limit: Rational): boolean => A.bounds(x)!.lo.compare(limit) > 0;
const below = (x: T, limit: Rational): boolean => A.bounds(x)!.hi.compare(limit) < 0;

describe('κ_g is an upper bound, by no more than its rounding', () => {
  it('SiLU: sup xσ(−x) = W(1/e)', () => {
    // At the maximum e^x (x − 1) = 1, so x − 1 = W(1/e), and the value x/(1 + e^x) = x/(x e^x) = x − 1. W increases.
    const inverse = (k: Rational): T => A.mul(A.fromRational(k), A.exp(A.fromRational(k)));
    const target = A.bounds(A.exp(A.neg(A.one)))!;
    expect(above(inverse(kappa('silu')), target.hi)).toBe(true);
    expect(below(inverse(kappa('silu').sub(ROUNDING)), target.lo)).toBe(true);
  });

  it('GELU: sup xΦ(−x)', () => {
    // r(x) = xΦ(−x) has r″(x) = (x² − 2)φ(x): concave up to √2, convex beyond, where r′ < 0 rises to 0. So r decreases
    // beyond √2, and before it stays below any tangent: sup r ≤ r(c) + |r′(c)|√2, with c next to the maximum.
    const c = rational('0.7517915246935644574579049467795239');
    const tail = A.phi(A.neg(c));
    const density = A.div(A.exp(A.neg(A.div(A.mul(c, c), A.from(2)))), A.sqrt(A.mul(A.from(2), A.pi())));
    const slope = A.sub(tail, A.mul(c, density));
    const sup = A.add(A.mul(c, tail), A.mul(A.abs(slope), A.sqrt(A.from(2))));
    expect(below(sup, kappa('gelu'))).toBe(true);
    expect(above(A.mul(c, tail), kappa('gelu').sub(ROUNDING))).toBe(true);
  });

  it('softplus: ln 2, at 0', () => {
    expect(below(A.log1p(A.one), kappa('softplus'))).toBe(true);
    expect(above(A.log1p(A.one), kappa('softplus').sub(ROUNDING))).toBe(true);
  });
});

describe.each(ACTIVATIONS)('%s', (g) => {
  const distance = (x: T): T => A.abs(A.sub(A[g](x), A.relu(x)));

  it('is within κ_g of ReLU', () => {
    fc.assert(
      fc.property(fc.double({ min: -40, max: 40, noNaN: true }), (x) => {
        expect(A.bounds(distance(A.from(x)))!.lo.compare(KAPPA[g])).toBeLessThanOrEqual(0);
      }),
    );
  });
  it('comes within 1e-16 of κ_g on both sides of 0', () => {
    for (const x of [FARTHEST[g], -FARTHEST[g]]) {
      expect(KAPPA[g].sub(A.bounds(distance(A.from(x)))!.lo).compare(ROUNDING)).toBeLessThan(0);
    }
  });
});

describe('the tanh form of GELU', () => {
  it('is farther from ReLU', () => {
    const x = rational('-0.7517915246935645');
    const inner = A.mul(A.sqrt(A.div(A.from(2), A.pi())), A.add(x, A.mul(rational('0.044715'), A.mul(x, A.mul(x, x)))));
    const value = A.mul(A.div(x, A.from(2)), A.add(A.one, A.tanh(inner)));
    expect(above(A.abs(value), Rational.parse('0.17004')!)).toBe(true);
  });
});

describe('powerOfTwoAbove', () => {
  it.each([
    ['1', 1],
    ['1.0000001', 2],
    ['3', 4],
    ['4', 4],
    ['0.3', 0.5],
    ['0.25', 0.25],
    ['1048577', 2 ** 21],
  ])('of %s is %d', (x, power) => {
    expect(powerOfTwoAbove(Rational.parse(x)!)).toBe(power);
  });
  it('tells what a double cannot', () => {
    const x = Rational.fromNumber(8).add(Rational.of(1n, 1n << 200n));
    expect(powerOfTwoAbove(x)).toBe(16);
    expect(powerOfTwoAbove(Rational.fromNumber(8).sub(Rational.of(1n, 1n << 200n)))).toBe(8);
  });
});
