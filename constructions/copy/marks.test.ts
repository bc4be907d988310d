import { describe, expect, it } from 'vitest';
import { castVector } from '../../src/arithmetic/arithmetic.ts';
import { decimalArithmetic } from '../../src/arithmetic/decimal.ts';
import { emulatedArithmetic } from '../../src/arithmetic/emulated.ts';
import { formatByName, idle } from '../../src/arithmetic/format.ts';
import { evaluateFormula } from '../../src/arithmetic/formula.ts';
import { Rational } from '../../src/arithmetic/rational.ts';
import { entries, randomStream } from '../../src/arithmetic/testing.ts';
import type { MambaBlock } from '../../src/network/layer.ts';
import { compile } from '../../src/network/machine.ts';
import { kappaFormula, markBlock, productBlock, saturated, staircaseBlock } from './marks.ts';

const A = decimalArithmetic(40);
const silu = (x: number): number => x / (1 + Math.exp(-x));
/** Numbers of a double's precision that a few operations made. */
const DIGITS = 12;

/** The block's outputs at one token, every component of the stream. */
const run = (block: MambaBlock, token: readonly number[]): number[] => {
  const machine = compile(block, A);
  return entries(A, machine.run(castVector(A, token), 1, machine.initialState())).map((x) => A.toNumber(x));
};

describe('marks', () => {
  const N = 6;
  const lambda = 3;
  const range = Array.from({ length: N }, (_, k) => k);
  const block = markBlock(
    2 + N,
    1,
    lambda,
    range.map((k) => ({ t: [[0, 1]], k: k + 1, to: 2 + k, last: k === N - 1 })),
  );
  const marks = (t: number): number[] => run(block, [t, 1, ...range.map(() => 0)]).slice(2);

  it.each(range.map((k) => k + 1))('at t = %d are λ·ramp(t − k)', (t) => {
    marks(t).forEach((mark, at) => {
      const x = t - at - 1;
      const falling = at === N - 1 ? silu(lambda) : silu(lambda * (1 - x));
      expect(mark).toBeCloseTo((silu(lambda * (1 + x)) * falling) / lambda, DIGITS);
    });
  });

  it('are exactly 0 at both neighbours', () => {
    expect(marks(3).map((mark) => mark === 0)).toEqual([false, true, false, true, false, false]);
  });

  it('are exact in a format where λ saturates, up to 2^p', () => {
    const format = formatByName('bf16')!;
    const own = emulatedArithmetic(format);
    const steep = saturated(2, format);
    const whole = markBlock(
      2 + 256,
      1,
      steep,
      Array.from({ length: 256 }, (_, k) => ({ t: [[0, 1]], k: k + 1, to: 2 + k, last: k === 255 })),
    );
    const machine = compile(whole, own);
    for (const t of [1, 2, 100, 255, 256]) {
      const token = new Float64Array(258);
      token.set([t, 1]);
      const found = entries(own, machine.run(token, 1, machine.initialState())).slice(2);
      expect(found[t - 1]).toBe(steep);
      // e^(−λ) at distance 2, times 3.
      expect(Math.max(...found.map((x, at) => (at === t - 1 ? 0 : Math.abs(x))))).toBeLessThan(
        3.1 * steep * Math.exp(-steep),
      );
    }
  });
});

describe('products', () => {
  it('multiply a value by φ of its mark', () => {
    const lambda = 5;
    const block = productBlock(4, { lambda }, [
      { mark: 0, value: 1, to: 2 },
      { mark: 0, value: 2, to: 3 },
    ]);
    for (const mark of [lambda, 0, -0.01, 1]) {
      const [, , x, y] = run(block, [mark, 3, -0.25, 0]) as [number, number, number, number];
      expect(x).toBeCloseTo((3 * silu(mark)) / lambda, DIGITS);
      expect(y).toBeCloseTo((-0.25 * silu(mark)) / lambda, DIGITS);
    }
  });
});

describe('staircases', () => {
  const steps = [4, 7, 10];
  const block = (lambda: number): MambaBlock => staircaseBlock(3, 1, lambda, [{ t: [[0, 1]], steps, to: 2 }]);
  /** The bound of theory.md T2.packed for steps that are 3 or more apart. */
  const bound = (lambda: number): number => {
    const z = Math.exp(-lambda);
    return z * (2 / (1 - z) ** 2 - 1) + steps.length * z ** 2;
  };

  it.each([1.3, 2, 4, 16])('count the steps up to t at λ = %d', (lambda) => {
    const errors = Array.from({ length: 12 }, (_, at) => {
      const t = at + 1;
      return Math.abs(run(block(lambda), [t, 1, 0])[2]! - steps.filter((step) => t >= step).length);
    });
    expect(Math.max(...errors)).toBeLessThanOrEqual(bound(lambda));
    // From λ = 2 on the nearest step's z is most of the bound.
    if (lambda >= 2) expect(Math.max(...errors)).toBeGreaterThan(0.6 * bound(lambda));
  });
});

describe('κ', () => {
  const sigma = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));
  const kappa = (lambda: number, xi: number): number => evaluateFormula(kappaFormula, { lambda, xi }).toNumber();
  /** |φ(ramp(y)) − 1[x = 0]| at y = x + ξ. */
  const leak = (lambda: number, x: number, xi: number): number => {
    const y = x + xi;
    const e = (1 - y * y) * sigma(lambda * (1 + y)) * sigma(lambda * (1 - y));
    return Math.abs(e * sigma(lambda * e) - (x === 0 ? 1 : 0));
  };
  const total = (lambda: number, xi: (x: number) => number): number =>
    Array.from({ length: 61 }, (_, at) => at - 30).reduce((sum, x) => sum + leak(lambda, x, xi(x)), 0);

  it('bounds the sum of the leaks, wherever each argument stands', () => {
    const random = randomStream(1);
    for (let trial = 0; trial < 400; trial++) {
      const lambda = 1 + 15 * random();
      const most = random() < 0.2 ? 0 : 10 ** (-6 * random());
      const end = random() < 0.5;
      const xi = (): number => most * (end ? Math.sign(random() - 0.5) : 2 * random() - 1);
      expect(total(lambda, xi)).toBeLessThanOrEqual(kappa(lambda, most) + 1e-14);
    }
  });

  it('is nearly attained', () => {
    expect(total(8, () => 0)).toBeGreaterThan(0.99 * kappa(8, 0));
    // Only the two neighbours feel a small ξ, each by half of it.
    expect(total(12, () => 1e-3) - total(12, () => 0)).toBeGreaterThan(0.98 * (kappa(12, 1e-3) - kappa(12, 0)));
  });

  /** By mpmath: 2z + z e^(2λz) + z(3 − z)/(1 − z)³. */
  it.each([
    [3, '0.337895162505844566378722242265'],
    [10, '0.000272457311000994497499442400695'],
  ])('κ(0) at λ = %d', (lambda, text) => {
    const value = evaluateFormula(kappaFormula, { lambda, xi: 0 });
    expect(value.div(Rational.parse(text)!).sub(Rational.of(1n)).abs().compare(Rational.parse('1e-27')!)).toBe(-1);
  });
});

describe('constants of a format', () => {
  it('are the next power of two from (p + 1) ln 2, and at least (p + 2) ln 2', () => {
    const bf16 = formatByName('bf16')!;
    expect([saturated(1, bf16), saturated(8, bf16), saturated(8.1, bf16)]).toEqual([8, 8, 16]);
    expect([saturated(1, formatByName('fp32')!), saturated(1, formatByName('fp64')!)]).toEqual([32, 64]);
    expect([idle(1, bf16), idle(9, bf16)]).toEqual([10 * Math.LN2, 9]);
  });
});
