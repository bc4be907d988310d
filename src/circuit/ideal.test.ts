import { expect, it } from 'vitest';
import { rationals } from '../arithmetic/exact.ts';
import { float64 } from '../arithmetic/float64.ts';
import { Rational } from '../arithmetic/rational.ts';
import { eq, ge, gt, input, le, lt, max, min, quotient, remainder, select } from './expression.ts';
import { idealValues } from './ideal.ts';
import { ExactValues, InsideMargin, pointsFor, randomCircuit } from './testing.ts';

it('agrees with values computed apart, exactly', () => {
  let compared = 0;
  for (let seed = 0; seed < 40; seed++) {
    const { inputs, fields } = randomCircuit(seed + 500, 8, true);
    for (const point of pointsFor({ inputs, fields, kinks: [] }, seed, 5)) {
      const given = Object.fromEntries(Object.entries(point).map(([name, x]) => [name, Rational.fromNumber(x)]));
      const ideal = idealValues(rationals, fields, given);
      const exact = new ExactValues({ fields }, point);
      for (const name of Object.keys(fields)) {
        try {
          expect(ideal.field(name).compare(exact.field(name))).toBe(0);
          compared++;
        } catch (error) {
          if (!(error instanceof InsideMargin)) throw error;
        }
      }
    }
  }
  expect(compared).toBeGreaterThan(1000);
});

it('means what is written', () => {
  const [a, b] = [input('a'), input('b')];
  const value = (x: Parameters<typeof min>[0], at: Record<string, number>): number =>
    idealValues(float64, {}, at).valueOf(x as never);
  const at = { a: -7, b: 2 };
  expect([ge, gt, le, lt, eq].map((compare) => value(compare(a, b), at))).toEqual([0, 0, 1, 1, 0]);
  expect([ge, gt, le, lt, eq].map((compare) => value(compare(b, 2), at))).toEqual([1, 0, 1, 0, 1]);
  expect([min(a, b, 0), max(a, b, 0), quotient(a, 3), remainder(a, 3)].map((x) => value(x, at))).toEqual([
    -7, 2, -3, 2,
  ]);
  expect(value(select(lt(a, b), 10, 20), at)).toBe(10);
});

it('tells numbers apart that differ by a small margin', () => {
  const y = ge(input('x'), 0, { margin: 1e-12 });
  expect([-1e-12, 1e-12].map((x) => idealValues(float64, { y }, { x }).field('y'))).toEqual([0, 1]);
});
