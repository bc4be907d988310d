import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalArithmetic } from '../../src/arithmetic/decimal.ts';
import { float64 } from '../../src/arithmetic/float64.ts';
import { Rational } from '../../src/arithmetic/rational.ts';
import { extremalReadOut, readOutError, type GapParameters } from './T1.gap.ts';

const exact = (text: string): Rational => Rational.parse(text)!;
const ONE = Rational.of(1n);

/** R = (δ/s)(G_r + i − r − 1), G_r = Σ_{q=1..r} a_min^(−q), term by term. */
const ratio = ({ a_min, i, r, delta, s }: GapParameters): Rational => {
  let G = Rational.of(0n);
  for (let q = 1; q <= r; q++) G = G.add(ONE.div(a_min.pow(q)));
  return delta.div(s).mul(G.add(Rational.fromNumber(i - r - 1)));
};
/** 2M R/(1 + R), or 2M R/(1 − R) with signs. */
const supremum = (p: GapParameters, signed: boolean): Rational => {
  const R = ratio(p);
  return Rational.of(2n)
    .mul(p.M)
    .mul(R)
    .div(signed ? ONE.sub(R) : ONE.add(R));
};

const A = decimalArithmetic(60);
/** What 60 digits leave: some 200 roundings, and up to 12 digits lost in sums that nearly cancel. */
const RELATIVE = exact('1e-45');

const parameters = (a_min: string, i: number, r: number, delta: string, s: string, M = '1'): GapParameters => ({
  a_min: exact(a_min),
  i,
  r,
  delta: exact(delta),
  s: exact(s),
  M: exact(M),
});

const EXAMPLES: readonly GapParameters[] = [
  parameters('0.9', 8, 3, '0.1', '1'),
  parameters('0.9', 8, 0, '0.1', '1', '7/3'), // pos = i
  parameters('0.9', 8, 7, '0.1', '20'), // pos = 1
  parameters('1', 12, 4, '0.05', '1', '0.3'), // no decay
  parameters('0.001', 6, 5, '1e-3', '1e13', '10'),
  parameters('2/3', 2, 1, '1/7', '5'),
  parameters('0.99', 40, 20, '1/100', '1'),
];

const label = ({ a_min, i, r, delta, s, M }: GapParameters): string =>
  `a_min = ${a_min}, i = ${i}, r = ${r}, δ = ${delta}, s = ${s}, M = ${M}`;

describe('the extremal instance', () => {
  const error = readOutError(A);

  describe.each([false, true])('(signed: %s)', (signed) => {
    it.each(EXAMPLES.map((p) => [label(p), p] as const))('attains the supremum: %s', (_, p) => {
      const expected = A.fromRational(supremum(p, signed));
      expect(A.less(A.zero, expected)).toBe(true); // R < 1 where signs are allowed
      const gap = A.abs(A.sub(error(extremalReadOut(A, p, signed)), expected));
      expect(A.less(gap, A.mul(expected, A.fromRational(RELATIVE)))).toBe(true);
    });

    it('is no error for a single token, or without other scores', () => {
      expect(A.toNumber(error(extremalReadOut(A, parameters('0.5', 1, 0, '0.1', '1'), signed)))).toBe(0);
      expect(A.toNumber(error(extremalReadOut(A, parameters('0.5', 9, 4, '0', '1'), signed)))).toBe(0);
    });
  });

  it('is scores, decays and records as stated', () => {
    const p = parameters('0.5', 5, 2, '0.25', '3', '2');
    expect(extremalReadOut(float64, p, false)).toEqual({
      scores: Float64Array.of(0.25, 0.25, 3, 0.25, 0.25),
      decays: Float64Array.of(1, 1, 1, 0.5, 0.5),
      records: Float64Array.of(2, 2, -2, 2, 2),
      pos: 3,
    });
    expect(extremalReadOut(float64, p, true).scores).toEqual(Float64Array.of(-0.25, -0.25, 3, -0.25, -0.25));
  });
});

/** ŷ_i = Σ w_ij v_j / Σ w_ij with w_ij = s_ij Π_{k>j} a_k, as a double sum. */
const readOut = (scores: readonly number[], decays: readonly number[], records: readonly number[]): number => {
  const weights = scores.map((score, j) => decays.slice(j + 1).reduce((x, y) => x * y, score));
  const sum = (xs: readonly number[]): number => xs.reduce((x, y) => x + y, 0);
  return sum(weights.map((w, j) => w * records[j]!)) / sum(weights);
};

it('reads out any instance: positive scores, decays in [0, 1], any position', () => {
  const LENGTH = 6;
  // Positive weights: at most 2·6 + 3 roundings for each of numerator, denominator and their textbook counterparts.
  const tolerance = 4 * (2 * LENGTH + 3) * 2 ** -53;
  const list = (min: number, max: number) =>
    fc.array(fc.double({ min, max, noNaN: true }), { minLength: LENGTH, maxLength: LENGTH });
  const error = readOutError(float64);
  fc.assert(
    fc.property(
      list(0.1, 1),
      list(0, 1),
      list(-1, 1),
      fc.integer({ min: 1, max: LENGTH }),
      (scores, decays, v, pos) => {
        const measured = error({ scores, decays, records: v, pos });
        expect(Math.abs(measured - Math.abs(readOut(scores, decays, v) - v[pos - 1]!))).toBeLessThanOrEqual(tolerance);
      },
    ),
  );
});

it('never exceeds the supremum over the class', () => {
  const error = readOutError(A);
  const scores = fc.array(fc.double({ min: 0, max: 0.1, noNaN: true }), { minLength: 7, maxLength: 7 });
  const decays = fc.array(fc.double({ min: 0.5, max: 1, noNaN: true }), { minLength: 7, maxLength: 7 });
  const records = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 7, maxLength: 7 });
  fc.assert(
    fc.property(scores, decays, records, fc.integer({ min: 0, max: 6 }), (others, a, v, r) => {
      const p = { a_min: exact('0.5'), i: 7, r, delta: Rational.fromNumber(0.1), s: exact('2'), M: ONE };
      const pos = p.i - r;
      const cast = (xs: readonly number[]) => xs.map(A.from);
      const measured = error({
        scores: cast(others.map((score, at) => (at + 1 === pos ? 2 : score))),
        decays: cast(a),
        records: cast(v),
        pos,
      });
      const sup = A.fromRational(supremum(p, false));
      expect(A.less(A.mul(sup, A.fromRational(ONE.add(RELATIVE))), measured)).toBe(false);
    }),
    { numRuns: 50 },
  );
});
