/** Bounds against the worst errors that search finds, and what the domain of an experiment leaves out. */
import { describe, expect, it } from 'vitest';
import { float64 } from '../arithmetic/float64.ts';
import { randomStream } from '../arithmetic/testing.ts';
import { search } from '../evidence/search.ts';
import { compileCircuit, type Circuit, type CircuitOptions } from './compile.ts';
import { circuitExperiment } from './experiment.ts';
import {
  abs,
  add,
  eq,
  ge,
  gt,
  input,
  integer,
  le,
  linear,
  lookup,
  lt,
  max,
  min,
  mul,
  not,
  onehot,
  quotient,
  real,
  relu,
  remainder,
  scale,
  select,
  sub,
} from './expression.ts';

/** The largest error of y found from some random starts. */
const worstOf = (circuit: Circuit): number => {
  const { domain = {}, measure } = circuitExperiment(circuit, float64, 'y');
  const random = randomStream(5);
  const starts = Array.from({ length: 8 }, () =>
    Object.fromEntries(
      Object.entries(domain).map(([name, axis]) => {
        if (axis.kind === 'vector') throw new Error(name);
        const x = axis.lo + random() * (axis.hi - axis.lo);
        return [name, axis.kind === 'integer' ? Math.round(x) : x];
      }),
    ),
  );
  return search(domain, measure, starts, 4)!.value;
};

const [a, b, c, k, n, x] = ['a', 'b', 'c', 'k', 'n', 'x'].map(input) as [never, never, never, never, never, never];
const three = { a: real(-1, 1), b: real(-1, 1), c: real(-1, 1) };
const two = { k: integer(0, 9), n: integer(0, 9) };
const DIGITS = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3];

const CIRCUITS: Readonly<Record<string, Pick<CircuitOptions, 'inputs'> & { y: CircuitOptions['fields'][string] }>> = {
  'a sum': { inputs: three, y: linear([2, a], [-0.3, b]) },
  'a polynomial': { inputs: { x: real(-1, 1) }, y: linear([2, mul(x, mul(x, x))], [-3, mul(x, x)], [1, 1]) },
  'a product and a table': { inputs: { x: real(0, 1), ...two }, y: mul(sub(1, x), lookup(k, DIGITS)) },
  'the median of three': { inputs: three, y: max(min(a, b), min(max(a, b), c)) },
  'a clamp': { inputs: { x: real(-2, 3) }, y: min(max(x, 0), 1) },
  'a leaky ReLU': { inputs: { x: real(-10, 10) }, y: max(x, scale(0.01, x)) },
  'tax brackets': {
    inputs: { x: real(0, 1000) },
    y: linear([0.1, x], [0.1, relu(sub(x, 100))], [0.2, relu(sub(x, 500))]),
  },
  'a band': { inputs: { x: real(0, 10) }, y: mul(ge(x, 3, { margin: 0.1 }), le(x, 6, { margin: 0.1 })) },
  'a threshold': { inputs: { x: real(0, 10) }, y: gt(x, 3.5, { margin: 0.25 }) },
  'a selection by a sign': { inputs: { ...three, x: real(-1, 1, { margin: 0.1 }) }, y: select(ge(x, 0), a, b) },
  'a selection by a comparison': { inputs: { ...three, ...two }, y: select(lt(k, n), a, scale(2, b)) },
  'a selection by a bit of a table': {
    inputs: { ...three, ...two },
    y: select(lookup(k, [1, 0, 1, 1, 0, 0, 0, 1, 1, 0]), a, b),
  },
  'a distance': { inputs: two, y: abs(sub(k, n)) },
  'an edit': { inputs: two, y: add(k, not(eq(k, n))) },
  'a one-hot vector': { inputs: two, y: onehot(k, 0, 9) },
  'the digit of a sum': { inputs: two, y: remainder(add(k, n), 10) },
  'the carry of a sum': { inputs: two, y: quotient(add(k, n), 10) },
  'a table of a table': { inputs: two, y: lookup(remainder(lookup(k, DIGITS), 4), [0.5, 2, -1, 7]) },
  'a leap year': {
    inputs: { k: integer(1900, 2100) },
    y: max(sub(eq(remainder(k, 4), 0), eq(remainder(k, 100), 0)), eq(remainder(k, 400), 0)),
  },
  Collatz: { inputs: { n: integer(1, 60) }, y: select(eq(remainder(n, 2), 0), quotient(n, 2), linear([3, n], [1, 1])) },
};

describe('bounds are within 1000 of the worst error found', () => {
  it.each(Object.keys(CIRCUITS).flatMap((name) => [1e-2, 1e-6].map((eps) => [name, eps] as const)))(
    '%s, ε = %d',
    (name, eps) => {
      const { inputs, y } = CIRCUITS[name]!;
      const circuit = compileCircuit({ inputs, fields: { y }, eps });
      const bound = Math.max(...circuit.outputs.y!.map((part) => part.bound));
      const worst = worstOf(circuit);
      expect(worst).toBeLessThanOrEqual(bound);
      // Integers may come out exactly; then the bound is far below what a double resolves.
      if (worst === 0) expect(bound).toBeLessThan(2 ** -53);
      else expect(bound / worst).toBeLessThan(1000);
    },
  );
});

describe('the domain', () => {
  const compare = compileCircuit({
    inputs: { x: real(-1, 1), y0: real(-1, 1) },
    fields: { y: ge(input('x'), input('y0'), { margin: 0.05 }) },
    eps: 1e-2,
  });
  it('promises nothing inside a margin', () => {
    const { measure } = circuitExperiment(compare, float64, 'y');
    expect(measure({ x: 0.3, y0: 0.3, tie: 0, moved: 0, offset: 0 })).toBe(0);
    expect(measure({ x: 0.34, y0: 0.3, tie: 0, moved: 0, offset: 0 })).toBe(0);
    expect(measure({ x: 0.36, y0: 0.3, tie: 0, moved: 0, offset: 0 })).toBeGreaterThan(0);
  });
  it('leads to the edges of margins', () => {
    expect(worstOf(compare) / compare.bound).toBeGreaterThan(0.9);
  });
  it('leaves out the margins of inputs', () => {
    const y = (lo: number, hi: number) => {
      const circuit = compileCircuit({
        inputs: { t: real(lo, hi, { margin: 0.5 }) },
        fields: { y: input('t') },
        eps: 1,
      });
      return circuitExperiment(circuit, float64, 'y').domain;
    };
    const axis = (lo: number, hi: number) => ({ t: { kind: 'real', lo, hi, scale: 'linear' } });
    expect(y(0, 3)).toEqual(axis(0.5, 3));
    expect(y(-0.25, 3)).toEqual(axis(0.5, 3));
    expect(y(-3, 0.25)).toEqual(axis(-3, -0.5));
    expect(Object.keys(y(-3, 3)!)).toEqual(['t', 'sign of t']);
  });
  it('has inputs of any name', () => {
    const circuit = compileCircuit({
      inputs: { tie: real(-1, 1), moved: real(-1, 1), offset: real(-1, 1) },
      fields: { y: max(input('tie'), input('moved'), input('offset')) },
      eps: 1e-3,
    });
    const { domain = {} } = circuitExperiment(circuit, float64, 'y');
    expect(Object.keys(domain)).toEqual(['tie', 'moved', 'offset', 'tie′', 'moved′', 'offset′']);
    expect(worstOf(circuit) / circuit.bound).toBeGreaterThan(0.5);
  });
});
