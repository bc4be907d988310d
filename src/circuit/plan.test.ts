/** Ranges and Lipschitz constants of random circuits against exact values. */
import { describe, expect, it } from 'vitest';
import { Rational } from '../arithmetic/rational.ts';
import {
  abs,
  ge,
  input,
  integer,
  linear,
  lookup,
  mul,
  real,
  relu,
  scale,
  select,
  sub,
  type Definitions,
  type Expression,
  type InputRange,
} from './expression.ts';
import type { Node, Plan } from './node.ts';
import { planOf as planWith } from './plan.ts';
import { splineThrough } from './spline.ts';
import { ExactValues, InsideMargin, pointsFor, randomCircuit } from './testing.ts';

const planOf = (inputs: Readonly<Record<string, InputRange>>, definitions: Definitions, flatten = true): Plan =>
  planWith(inputs, definitions, { target: 'mamba', activation: 'silu', flatten });

it('ranges contain every value, and Lipschitz constants bound every change', () => {
  let tight = 0;
  for (let seed = 0; seed < 150; seed++) {
    const { inputs, fields } = randomCircuit(seed, 1 + (seed % 12), true);
    const { outputs } = planOf(inputs, fields, seed % 2 === 0);
    const names = Object.keys(fields);
    const seen: { point: Readonly<Record<string, number>>; values: number[] }[] = [];
    // Kinks are not known before λ is; half the points differ from one before in one input, by one or a little.
    const points = pointsFor({ inputs, fields, kinks: [] }, seed, 24);
    const beside = points.flatMap((point, at): typeof points => {
      const name = Object.keys(inputs)[at % Object.keys(inputs).length]!;
      const { lo, hi, integer: whole, margin } = inputs[name]!;
      const x = point[name]! + (whole ? 1 : 1e-3 * (hi - lo));
      return margin !== undefined || x > hi ? [] : [{ ...point, [name]: Math.max(lo, x) }];
    });
    for (const point of [...points, ...beside]) {
      const exact = new ExactValues({ fields }, point);
      let values: Rational[];
      try {
        values = names.map((name) => exact.field(name));
      } catch (error) {
        if (error instanceof InsideMargin) continue;
        throw error;
      }
      values.forEach((value, i) => {
        const { lo, hi, integer: whole } = outputs.get(names[i]!)![0]!;
        const outside = value.compare(Rational.fromNumber(lo)) < 0 || value.compare(Rational.fromNumber(hi)) > 0;
        if (outside) throw new Error(`${seed} ${names[i]}: ${value.toNumber()} outside of [${lo}, ${hi}]`);
        if (whole && !value.isInteger()) throw new Error(`${seed} ${names[i]}: ${value.toNumber()}, no integer`);
      });
      const numbers = values.map((value) => value.toNumber());
      for (const before of seen) {
        const moved = Math.max(...Object.keys(inputs).map((name) => Math.abs(point[name]! - before.point[name]!)));
        numbers.forEach((value, i) => {
          const { lipschitz } = outputs.get(names[i]!)![0]!;
          const change = Math.abs(value - before.values[i]!);
          if (change > lipschitz * moved * (1 + 1e-9) + 1e-13)
            throw new Error(`${seed} ${names[i]}: changes by ${change / moved}, not ${lipschitz}`);
          if (moved > 0 && change > 0.99 * lipschitz * moved) tight++;
        });
      }
      seen.push({ point, values: numbers });
    }
  }
  expect(tight).toBeGreaterThan(1000);
});

describe('losses to the rounding of weights', () => {
  it('of sums are bounded, range and error included', () => {
    const fields = {
      y: linear(
        [0.1, linear([0.3, input('a')], [0.7, input('b')])],
        [1.7, linear([-0.9, input('a')], [1e-3, input('b')])],
      ),
      z: linear([0.1, input('a')], [0.2, input('a')], [-1 / 3, input('a')]),
    };
    const { outputs } = planOf({ a: real(-1, 1), b: real(-3, 3) }, fields);
    for (const [name, [node]] of outputs) {
      let most = 0;
      for (const point of [1, -1].flatMap((a) => [3, -3].map((b) => ({ a, b })))) {
        const places = [point.a, point.b, 1].map((x) => Rational.fromNumber(x));
        const stored = [...node!.form].reduce(
          (sum, [place, weight]) => sum.add(places[place]!.mul(Rational.fromNumber(weight))),
          Rational.of(0n),
        );
        most = Math.max(most, stored.sub(new ExactValues({ fields }, point).field(name)).abs().toNumber());
      }
      expect(most).toBeGreaterThan(0);
      expect(node!.loss).toBeGreaterThanOrEqual(most);
    }
  });
  it('of tables count', () => {
    const values = Array.from({ length: 60 }, (_, t) => 1e4 * Math.sin(t * t));
    for (const level of [true, false]) {
      const { outputs } = planOf(
        { k: integer(0, 59) },
        { y: lookup(input('k'), values), z: lookup(relu(sub(input('k'), 1)), values) },
        level,
      );
      for (const [node] of outputs.values()) {
        const error = (of: Node): number => of.error(error, { lambda: () => 2 ** 200, rounding: () => 0 });
        expect(error(node!)).toBeGreaterThanOrEqual(splineThrough(0, values.slice(0, 59)).loss);
      }
    }
    expect(splineThrough(0, values.slice(0, 59)).loss).toBeGreaterThan(0);
  });
});

describe('Lipschitz constants', () => {
  const lipschitz = (x: Expression): number =>
    planOf({ x: real(-2, 3), t: real(-1, 1, { margin: 0.25 }), k: integer(-4, 4) }, { y: x }).outputs.get('y')![0]!
      .lipschitz;
  it.each([
    ['a sum', linear([2, input('x')], [-3, input('t')]), 5],
    ['a product', mul(input('x'), input('t')), 4],
    ['an absolute value', abs(scale(-3, input('x'))), 3],
    ['a comparison of integers', ge(input('k'), 1), 1],
    ['a comparison of real numbers', ge(input('t'), 0), 4],
    ['a table', lookup(input('k'), [0, 1, -2, 0, 0, 0, 5, 5, 5], -4), 5],
    ['a selection', select(ge(input('t'), 0), input('x'), scale(2, input('x'))), 2 + 3 * 4],
  ])('of %s', (_, x, expected) => expect(lipschitz(x)).toBe(expected));
});

describe('units', () => {
  const inputs = { x: real(-1, 1), k: integer(0, 9) };
  const table = (w: number): Expression =>
    lookup(
      input('k'),
      Array.from({ length: 10 }, (_, t) => ((t * t) % 7) + w * t),
    );

  it('are one for functions that differ by a line, whatever each loses to rounding', () => {
    const { units, outputs } = planOf(inputs, { y: table(0), z: table(3), w: table(0) });
    expect(units).toHaveLength(1);
    expect([...outputs.values()].map(([node]) => node!.hi)).toEqual([4, 31, 4]);
  });
  it('that no output depends on are left out, with their places', () => {
    const dead = abs(mul(input('x'), input('k')));
    const { units, nodes, positions } = planOf(inputs, {
      y: select(ge(input('k'), 5), input('x'), abs(linear([1, dead], [-1, dead], [1, input('x')]))),
    });
    expect(units.map(({ path }) => path)).toEqual(['y.otherwise', 'y']);
    expect([...positions.values()]).toEqual([0, 1, 2, 3, 4]);
    expect(nodes.some(({ path }) => path.startsWith('y.otherwise.abs.sum1'))).toBe(false);
  });
  it('are none for what is linear or constant', () => {
    const { units } = planOf(inputs, {
      a: lookup(input('k'), [5, 5, 5, 5, 5, 5, 5, 5, 5, 5]),
      b: lookup(input('k'), [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]),
      c: ge(input('k'), 0),
      d: abs(input('k')),
      e: mul(input('x'), 2),
      f: select(ge(input('k'), -1), input('x'), 7),
    });
    expect(units).toHaveLength(0);
  });
});
