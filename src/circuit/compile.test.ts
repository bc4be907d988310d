/** Circuits against the exact values of their expressions, in every format; their shape; and what is refused. */
import { describe, expect, it } from 'vitest';
import type { Accumulation } from '../arithmetic/arithmetic.ts';
import { emulatedArithmetic } from '../arithmetic/emulated.ts';
import { CarrierRangeError, formatByName } from '../arithmetic/format.ts';
import { doubleDoubles } from '../arithmetic/double-double.ts';
import { float64 } from '../arithmetic/float64.ts';
import { arithmeticByName } from '../arithmetic/names.ts';
import { Rational } from '../arithmetic/rational.ts';
import { InputError } from '../input-error.ts';
import type { MambaBlock, Residual, Sequential } from '../network/layer.ts';
import { roundingBounds, type Side } from '../network/rounding.ts';
import { sizesOf } from '../network/size.ts';
import type { CircuitActivation } from './activation.ts';
import { compileCircuit, type Circuit, type CircuitOptions } from './compile.ts';
import {
  abs,
  add,
  constant,
  eq,
  field,
  ge,
  input,
  integer,
  linear,
  lookup,
  max,
  min,
  mul,
  onehot,
  quotient,
  real,
  relu,
  remainder,
  scale,
  select,
  sub,
  type Expression,
} from './expression.ts';
import type { Target } from './node.ts';
import { CircuitRunner, runCircuit } from './run.ts';
import { attempt } from './steepness.ts';
import { ExactValues, InsideMargin, pointsFor, randomCircuit, type Point } from './testing.ts';

const arithmeticOf = ({ format, accumulate }: Circuit) =>
  format.name === 'fp64' ? float64 : emulatedArithmetic(format, accumulate);

/** The largest error of a field's components over their bounds, at points of its domain. */
const worstRatio = (circuit: Circuit, points: readonly Point[]): number => {
  const columns = Object.fromEntries(
    Object.keys(circuit.inputs).map((name) => [name, points.map((point) => point[name]!)]),
  );
  const computed = runCircuit(circuit, arithmeticOf(circuit), columns);
  let worst = 0;
  points.forEach((point, t) => {
    const exact = new ExactValues(circuit, point);
    try {
      for (const [name, parts] of Object.entries(circuit.outputs))
        parts.forEach(({ bound }, at) => {
          const value = exact.field(name, at);
          const y = computed[name]![t * parts.length + at]!;
          const error = Number.isFinite(y) ? Rational.fromNumber(y).sub(value).abs().toNumber() : Infinity;
          if (!(error <= bound))
            throw new Error(`${name}[${at}] is off by ${error}, not ${bound}, at ${JSON.stringify(point)}`);
          if (error > 0) worst = Math.max(worst, error / bound);
        });
    } catch (error) {
      if (!(error instanceof InsideMargin)) throw error;
    }
  });
  return worst;
};

const WIDE = [0.1, 1e-3, 1e-6, 1e-9];
const NARROW = [4, 1, 0.25];
const KINDS: readonly (readonly [Target, CircuitActivation, format: string, Accumulation, eps: readonly number[]])[] = [
  ['mamba', 'silu', 'fp64', 'own', WIDE],
  ['mlp', 'silu', 'fp64', 'own', WIDE],
  ['mlp', 'gelu', 'fp64', 'own', WIDE],
  ['mlp', 'relu', 'fp64', 'own', WIDE],
  ['mamba', 'silu', 'fp32', 'own', [1, 0.1, 1e-2]],
  ['mlp', 'gelu', 'fp32', 'own', [1, 0.1, 1e-2]],
  ['mlp', 'relu', 'fp32', 'own', [1, 0.1, 1e-2]],
  ['mamba', 'silu', 'fp32', 'fp32', [1, 0.1, 1e-2]],
  ['mamba', 'silu', 'bf16', 'own', NARROW],
  ['mamba', 'silu', 'bf16', 'fp32', NARROW],
  ['mlp', 'relu', 'bf16', 'own', NARROW],
  ['mamba', 'silu', 'fp16', 'own', NARROW],
  ['mamba', 'silu', 'fp16', 'fp32', NARROW],
  ['mamba', 'silu', 'tf32', 'own', NARROW],
  ['mlp', 'gelu', 'tf32', 'fp32', NARROW],
  ['mamba', 'silu', 'p12', 'own', NARROW],
  ['mamba', 'silu', 'p12', 'fp32', NARROW],
  ['mamba', 'silu', 'p30', 'own', [0.1, 1e-3, 1e-6]],
  ['mlp', 'silu', 'p30', 'own', [0.1, 1e-3]],
];

describe('random circuits err by no more than their bounds', () => {
  it.each(KINDS)('%s of %s in %s, sums in %s', (target, activation, format, accumulate, eps) => {
    const ratios: number[] = [];
    const CIRCUITS = 36;
    let built = 0;
    for (let seed = 0; seed < CIRCUITS; seed++) {
      const { inputs, fields, last } = randomCircuit(seed, 1 + (seed % 11), activation !== 'relu');
      let circuit: Circuit;
      try {
        circuit = compileCircuit({
          inputs,
          // Every step as a field, or only the last: then the others are parts.
          fields: seed % 2 === 0 ? fields : { y: fields[last]! },
          eps: eps[seed % eps.length]!,
          target,
          activation,
          format,
          accumulate,
        });
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        continue;
      }
      built++;
      expect(circuit.bound).toBeLessThanOrEqual(circuit.eps);
      try {
        ratios.push(worstRatio(circuit, pointsFor(circuit, seed, 16)));
      } catch (error) {
        if (!(error instanceof CarrierRangeError)) throw new Error(`circuit ${seed}`, { cause: error });
      }
    }
    expect(built).toBeGreaterThan(CIRCUITS / 4);
    expect(Math.max(...ratios)).toBeGreaterThan(0.05);
  });
});

const compileOne = (y: Expression, options: Partial<CircuitOptions> = {}): Circuit =>
  compileCircuit({
    inputs: { x: real(-1, 1), k: integer(0, 3), t: real(-1, 1, { margin: 0.125 }) },
    fields: { y },
    eps: 1e-3,
    ...options,
  });
/** The values of y at all integers of a single input. */
const tabulated = (circuit: Circuit, name: string): number[] => {
  const { lo, hi } = circuit.inputs[name]!;
  const column = Array.from({ length: hi - lo + 1 }, (_, at) => lo + at);
  const others = Object.keys(circuit.inputs).filter((other) => other !== name);
  const rest = Object.fromEntries(others.map((other) => [other, column.map(() => 0.5)]));
  return Array.from(runCircuit(circuit, float64, { ...rest, [name]: column }).y!, (y) => Math.round(y * 100) / 100 + 0);
};

describe('indicators at the ends of a range', () => {
  it.each([
    ['mamba', 2, [0, 0, 1, 0]],
    ['mlp', 2, [0, 0, 1, 0]],
    ['mlp', 3, [0, 0, 0, 1]],
    ['mlp', 0, [1, 0, 0, 0]],
    ['mlp', 1, [0, 1, 0, 0]],
    ['mamba', -1, [0, 0, 0, 0]],
    ['mlp', -1, [0, 0, 0, 0]],
    ['mamba', 4, [0, 0, 0, 0]],
  ] as const)('%s: k = %d, alone and in a selection', (target, value, expected) => {
    const condition = eq(input('k'), value);
    expect(tabulated(compileOne(condition, { target }), 'k')).toEqual(expected);
    const chosen = select(condition, add(input('x'), 1), input('x'));
    expect(tabulated(compileOne(chosen, { target }), 'k')).toEqual(expected.map((bit) => 0.5 + bit));
  });
});

describe('casting', () => {
  it('counts', () => {
    const bf16 = compileOne(input('x'), { format: 'bf16', eps: 0.1 });
    expect(
      worstRatio(
        bf16,
        Array.from({ length: 200 }, (_, i) => ({ x: 0.5 + i / 400, k: 0, t: 1 })),
      ),
    ).toBeGreaterThan(0.1);
    // A factor of 64 makes it the largest part.
    const steep = compileOne(scale(64, input('x')), { format: 'bf16', eps: 4 });
    expect(steep.bound).toBeGreaterThan(64 * 2 ** -8);
  });
  it('of large integers counts, too, and is exact up to 2^p', () => {
    const at = (most: number): number =>
      compileOne(sub(input('k'), most), { inputs: { k: integer(most - 8, most) }, format: 'p12', eps: 100 }).nodes[0]!
        .bound;
    expect([at(4096), at(4104)]).toEqual([0, expect.closeTo(4104 / 4096, 6)]);
  });
  it('beyond the largest number is refused', () => {
    const wide = { inputs: { x: real(-1e6, 1e6) }, format: 'fp16', eps: 100 };
    expect(() => compileOne(scale(2 ** -10, input('x')), wide)).toThrow(
      'expected y to be computed to eps = 100 in fp16',
    );
  });
});

describe('shape', () => {
  const blocksOf = ({ network }: Circuit): MambaBlock[] =>
    (network as Sequential).layers.map((layer) => (layer as Residual).layer as MambaBlock);
  const channels = (circuit: Circuit): number[] => blocksOf(circuit).map(({ D }) => D.length);

  it('is one real Mamba block for each step of depth', () => {
    const step = (x: Expression): Expression => mul(x, input('x'));
    for (let depth = 1; depth <= 4; depth++) {
      const circuit = compileOne(Array.from({ length: depth }).reduce<Expression>(step, input('x')));
      const blocks = blocksOf(circuit);
      expect(blocks.map(({ kind }) => kind)).toEqual(new Array(depth).fill('mamba'));
      expect(blocks.every(({ D }) => D.every((d) => d === 1))).toBe(true);
      expect(sizesOf(circuit.network, 1).blocks).toBe(depth);
    }
  });
  it('is linear, activation, linear in an MLP', () => {
    const { network } = compileOne(abs(input('x')), { target: 'mlp', activation: 'gelu' });
    const [block] = (network as Sequential).layers;
    expect(block).toMatchObject({ kind: 'residual', layer: { kind: 'sequential' } });
    const { layers } = (block as Residual).layer as Sequential;
    expect(layers.map(({ kind }) => kind)).toEqual(['linear', 'activation', 'linear']);
    expect(layers[1]).toMatchObject({ function: 'gelu' });
  });
  it('shares knots: a one-hot of n values has n of them, beside the copies of lines', () => {
    const fields = { y: onehot(input('k'), 0, 9) };
    const circuit = compileCircuit({ inputs: { k: integer(0, 9) }, fields, eps: 1e-3 });
    // 8 kinks inside, and ± the line of each end.
    expect(channels(circuit)).toEqual([8 + 4]);
  });
  it('computes what a selection of two tables shares once', () => {
    const twice = mul(input('x'), input('x'));
    expect(channels(compileOne(add(twice, mul(input('x'), input('x')))))).toEqual([4]);
    expect(channels(compileOne(abs(input('x'))))).toEqual([3]);
  });
  it('costs nothing for what no field needs', () => {
    const dead = mul(lookup(input('k'), [3, 1, 4, 1]), input('x'));
    const plain = compileOne(relu(input('x')));
    const same = compileOne(relu(linear([1, input('x')], [1, dead], [-1, dead])));
    expect(sizesOf(same.network, 1)).toEqual(sizesOf(plain.network, 1));
    expect(same.stream.width).toBe(plain.stream.width);
    expect(tabulated(compileOne(remainder(quotient(mul(input('k'), input('k')), 2), 1)), 'k')).toEqual([0, 0, 0, 0]);
  });
  it('has fresh fields: inputs, the constant, units, then what is defined', () => {
    const circuit = compileOne(abs(input('x')), {
      fields: { y: abs(input('x')), z: [constant(1), field('y')] },
    });
    expect(circuit.stream.names).toEqual(['x', 'k', 't', 'one', '1: y', 'y', 'z']);
    expect(circuit.stream.widthOf('z')).toBe(2);
    const { y, z } = runCircuit(circuit, float64, { x: [-0.5], k: [0], t: [1] });
    expect([...z!]).toEqual([expect.closeTo(1, 3), expect.closeTo(y![0]!, 12)]);
  });
  it('takes names that objects have', () => {
    const names = ['constructor', '__proto__', 'toString'];
    const inputs = Object.fromEntries(names.map((name) => [name, integer(0, 3)]));
    const fields = Object.fromEntries(names.map((name) => [`${name} of y`, ge(input(name), 2)]));
    const circuit = compileCircuit({ inputs, fields, eps: 1e-2 });
    const y = runCircuit(circuit, float64, Object.fromEntries(names.map((name, at) => [name, [at + 1]])));
    expect(names.map((name) => Math.round(y[`${name} of y`]![0]!))).toEqual([0, 1, 1]);
    const own = compileCircuit({
      inputs: { x: real(0, 1) },
      fields: { ['__proto__']: input('x'), y: field('__proto__') },
      eps: 1,
    });
    expect(Object.keys(own.outputs)).toEqual(['__proto__', 'y']);
  });
});

describe('options', () => {
  it('ask for more steepness the smaller ε is', () => {
    const weights = [1e-1, 1e-3, 1e-6].map((eps) => {
      const circuit = compileOne(abs(input('x')), { eps });
      expect(circuit.bound).toBeGreaterThan(eps / 8);
      return sizesOf(circuit.network, 1).largestWeight;
    });
    expect(weights).toEqual([...weights].sort((x, y) => x - y));
    expect(new Set(weights).size).toBe(3);
  });
  it('keep the bound of every field and node', () => {
    const circuit = compileOne(abs(input('x')), { fields: { y: abs(input('x')), z: scale(3, field('y')) } });
    expect(circuit.bound).toBe(circuit.outputs.z![0]!.bound);
    expect(circuit.outputs.z![0]!.bound).toBeGreaterThan(2.9 * circuit.outputs.y![0]!.bound);
    expect(circuit.nodes.map(({ path }) => path)).toEqual(['y.abs', 'y', 'z']);
  });
  it('make integers exact in narrow formats, where σ saturates', () => {
    const y = lookup(input('k'), [3, 1, 4, 1]);
    for (const format of ['fp32', 'bf16', 'fp16']) {
      const circuit = compileOne(y, { format, eps: 0.25 });
      const A = arithmeticOf(circuit);
      const computed = runCircuit(circuit, A, { x: [0, 0, 0, 0], k: [0, 1, 2, 3], t: [1, 1, 1, 1] }).y!;
      expect([...computed].map((value) => Math.abs(value - Math.round(value)) < 1e-2)).toEqual([
        true,
        true,
        true,
        true,
      ]);
    }
  });
});

describe('refuses, in one line that names the place,', () => {
  const x = input('x');
  const k = input('k');
  const table = (values: unknown, first = 0): Expression => lookup(k, values as number[], first);
  const margin = (value: unknown): Expression => ge(x, 0, { margin: value as number });
  const y = (expression: unknown, rest: object = {}): object => ({ fields: { y: expression }, ...rest });
  const hole = [1, 2, 3, 4];
  delete hole[1];

  it.each<[string, object, string]>([
    [
      'no margin',
      y(ge(x, 0)),
      'y to be a comparison of integers, or of real numbers with a margin above 0, got margin none',
    ],
    [
      'a margin of 0',
      y(abs(margin(0))),
      'y.abs to be a comparison of integers, or of real numbers with a margin above 0, got margin 0',
    ],
    ['a negative margin', y(margin(-1)), 'real numbers with a margin above 0, got margin -1'],
    ['a margin that is no number', y(margin(NaN)), 'real numbers with a margin above 0, got margin NaN'],
    ['a wide margin', y(margin(5)), 'y to be a margin of at most 1, the largest value, got 5'],
    [
      'a table with a gap',
      y(table([1, 2, 3])),
      'y to be a table with an entry for every key in 0 … 3, got entries for 0 … 2',
    ],
    ['a table that begins late', y(table([1, 2, 3, 4], 1)), 'got entries for 1 … 4'],
    ['NaN in a table', y(table([1, NaN, 3, 4])), 'y[1] to be a number, got NaN'],
    ['a hole in a table', y(add(table(hole), 1)), 'y.sum1[1] to be a number, got undefined'],
    ['a table that is none', y(table(undefined)), 'y to be a table that is an array of numbers, got undefined'],
    ['half a key', y(table([1, 2, 3, 4, 5], 0.5)), 'y.first to be an integer, got 0.5'],
    ['an unknown input', y(input('z')), 'y to be an input (x, k), got z'],
    ['an inherited input', y(input('constructor')), 'y to be an input (x, k), got constructor'],
    ['an unknown field', y(mul(x, field('z'))), 'y.right to be a field (x, k, y), got z'],
    ['an inherited field', y(field('__proto__')), 'y to be a field (x, k, y), got __proto__'],
    ['a component too many', { fields: { v: [x, k], y: field('v', 2) } }, 'y to be a component of v below 2, got 2'],
    ['an input defined', { fields: { x: k } }, 'field x to be written once, got an input and a definition'],
    ['a circle', y(add(field('y'), 1)), 'y to be free of itself, got y → y, a circle'],
    [
      'a circle of three',
      { fields: { a: field('b'), b: add(field('c'), 1), c: abs(field('a')) } },
      'a to be free of itself, got a → b → c → a, a circle',
    ],
    ['no fields', { fields: {} }, 'a circuit to be at least one definition, got none'],
    ['a field of nothing', y([]), 'field y to be made of at least one component, got none'],
    ['a field that is undefined', { fields: undefined }, 'fields to be given by name, got undefined'],
    ['a text for a field', y('3'), 'y to be an expression, got "3"'],
    ['undefined in a sum', y(add(undefined as never, 1)), 'y.sum1 to be an expression, got undefined'],
    ['an unknown expression', y({ kind: 'sqrt' }), 'y to be an expression, got {"kind":"sqrt"}'],
    [
      'the name of the constant',
      { inputs: { one: real(0, 1) } },
      'a name to be neither one nor one that begins with a digit, which the stream uses, got one',
    ],
    ['a number for a name', { fields: { 5: x } }, 'which the stream uses, got 5'],
    ...[0, -1, NaN, '1e-3', undefined].map((eps): [string, object, string] => [
      `ε = ${eps}`,
      { eps },
      `eps to be a number above 0, got ${eps}`,
    ]),
    ...['p1', 'p54', 'nonsense'].map((format): [string, object, string] => [
      `format ${format}`,
      { format },
      `8-e5m2 or p<k> with 2 ≤ k ≤ 53, got ${format}`,
    ]),
    [
      'fp32 sums of fp64',
      { accumulate: 'fp32' },
      'format to be one of at most 24 bits for fp32 accumulation, got fp64',
    ],
    ['fp32 sums of p25', { accumulate: 'fp32', format: 'p25' }, 'for fp32 accumulation, got p25'],
    ['other sums', { accumulate: 'fp8' }, 'accumulate to be one of own, fp32, got fp8'],
    ['another target', { target: 'rnn' }, 'target to be one of mamba, mlp, got rnn'],
    ['another activation', { target: 'mlp', activation: 'tanh' }, 'activation to be one of silu, gelu, relu, got tanh'],
    ['GELU in a Mamba block', { activation: 'gelu' }, 'activation to be silu in a Mamba block, got gelu'],
    ['a range reversed', { inputs: { x: real(1, -1) } }, 'input x to be a finite range with lo ≤ hi, got [1, -1]'],
    ['NaN as an end', { inputs: { x: real(NaN, 1) } }, 'input x to be a finite range with lo ≤ hi, got [NaN, 1]'],
    [
      'an infinite range',
      { inputs: { x: real(0, Infinity) } },
      'input x to be a finite range with lo ≤ hi, got [0, Infinity]',
    ],
    ['half an integer', { inputs: { x: integer(0.5, 2) } }, 'input x to be a range of integers, got [0.5, 2]'],
    ['no range', { inputs: { x: undefined } }, 'input x to be a range, got undefined'],
    [
      'an input margin beyond its range',
      { inputs: { x: real(-1, 1, { margin: 2 }) } },
      'input x to be a margin in (0, 1], got 2',
    ],
    [
      'a product in ReLU',
      y(abs(mul(x, k)), { target: 'mlp', activation: 'relu' }),
      'y.abs to be made without products, which ReLU cannot form, got a product',
    ],
    [
      'a selection by 0 … 3',
      y(select(k, 1, 2)),
      'y.when to be a condition (an integer that is 0 or 1), got an integer in [0, 3]',
    ],
    [
      'a selection by a real number',
      y(select(abs(x), 1, 2)),
      'y.when to be a condition (an integer that is 0 or 1), got a real number in [0, 1]',
    ],
    ['x = 0 of real numbers', y(eq(x, 0)), 'y to be an integer, got a real number'],
    ['a table of real keys', y(lookup(x, [1, 2])), 'y.key to be an integer, got a real number'],
    ['a quotient of a real number', y(quotient(x, 2)), 'y.of to be an integer, got a real number'],
    ['a remainder of a real number', y(remainder(x, 2)), 'y.of to be an integer, got a real number'],
    ...[0, -1, 1.5, NaN].flatMap((by): [string, object, string][] => [
      [`a quotient by ${by}`, y(quotient(k, by)), `y to be a division by an integer of at least 1, got ${by}`],
      [`a remainder by ${by}`, y(remainder(k, by)), `y to be a division by an integer of at least 1, got ${by}`],
    ]),
    ['a constant NaN', y(constant(NaN)), 'y to be a finite constant, got NaN'],
    ['a weight NaN', y(scale(NaN, x)), 'y to be finite weights, got NaN'],
    [
      'values beyond doubles',
      y(abs(scale(1e308, scale(10, x)))),
      'y.abs to be a value within ±1.7976931348623157e+308, got one that is larger',
    ],
    [
      'integers beyond 2^50',
      { inputs: { x: integer(0, 2 ** 51) } },
      `y to be a value within ±${2 ** 50}, got up to ${2 ** 51}`,
    ],
    [
      'an ε below rounding',
      y(abs(mul(x, x)), { eps: 1e-30 }),
      'y to be computed to eps = 1e-30 in fp64, got a bound of',
    ],
    ['an ε below fp16', y(max(mul(x, x), x), { eps: 1e-3, format: 'fp16' }), 'from the rounding of y'],
    [
      'an argument too unsure',
      y(
        lookup(
          quotient(mul(mul(k, k), mul(k, k)), 2),
          new Array(41).fill(0).map((_, i) => i % 3),
        ),
        { format: 'bf16', eps: 1 },
      ),
      ' to be a function of an argument known to',
    ],
  ])('%s', (_, options, expected) => {
    const attempt = (): unknown =>
      compileCircuit({
        inputs: { x: real(-1, 1), k: integer(0, 3) },
        fields: { y: x },
        eps: 1e-3,
        ...options,
      } as never);
    expect(attempt).toThrow(InputError);
    expect(attempt).toThrow(expected);
    expect(attempt).toThrow(/^expected [^\n]* to be [^\n]*, got [^\n]*$/);
  });
});

it('takes a table of ten thousand entries', () => {
  const values = Array.from({ length: 10_000 }, (_, t) => Math.sin(t / 300));
  const inputs = { k: integer(0, values.length - 1) };
  const circuit = compileCircuit({ inputs, fields: { y: lookup(input('k'), values) }, eps: 1e-3 });
  expect(
    worstRatio(
      circuit,
      [0, 1, 77, 5000, 9999].map((at) => ({ k: at })),
    ),
  ).toBeLessThan(1);
  const broken = [...values];
  broken[7777] = NaN;
  expect(() => compileCircuit({ inputs, fields: { y: lookup(input('k'), broken) }, eps: 1e-3 })).toThrow(
    'y[7777] to be a number',
  );
});

it('keeps ties of min and max within their bounds at every scale', () => {
  for (const eps of [1, 1e-2, 1e-5]) {
    const circuit = compileCircuit({
      inputs: { a: real(-1, 1), b: real(-1, 1) },
      fields: { low: min(input('a'), input('b')), high: max(input('a'), input('b')) },
      eps,
    });
    const { lambda } = circuit.kinks[0]!;
    const points = [0, 0.5, 1.2784645427610738, 3, 10].flatMap((z) =>
      [z, -z].map((offset) => ({ a: 0.3 + offset / lambda, b: 0.3 })),
    );
    expect(
      worstRatio(
        circuit,
        points.filter(({ a }) => Math.abs(a) <= 1),
      ),
    ).toBeGreaterThan(0.9);
  }
});

describe('what one part does to the next', () => {
  const ab = { a: real(-1, 1), b: real(-1, 1) };
  it('counts at the edge of a margin', () => {
    const y = ge(max(input('a'), input('b')), 0.5, { margin: 0.125 });
    const circuit = compileCircuit({ inputs: ab, fields: { y }, eps: 0.02 });
    const ties = [0.625, 0.375].flatMap((a) => Array.from({ length: 41 }, (_, i) => ({ a, b: a - i / 1000 })));
    expect(worstRatio(circuit, ties)).toBeGreaterThan(0.2);
  });
  it('counts in an MLP that selects between small numbers', () => {
    const inputs = { k: integer(0, 3), a: real(-0.01, 0.01), b: real(0, 0.01) };
    const y = select(ge(input('k'), 2), input('a'), input('b'));
    const circuit = compileCircuit({ inputs, fields: { y }, eps: 1e-4, target: 'mlp' });
    const ends = [-0.01, 0, 0.003, 0.01].flatMap((a) =>
      [0, 1, 2, 3].flatMap((k) => [0, 0.01].map((b) => ({ k, a, b }))),
    );
    expect(worstRatio(circuit, ends)).toBeGreaterThan(0.1);
    // A selection leaks e^(−λ): steepness grows with the logarithm of 1/ε.
    const fine = compileCircuit({ inputs, fields: { y }, eps: 1e-9, target: 'mlp' });
    expect(sizesOf(fine.network, 1).largestWeight).toBeLessThan(8 * sizesOf(circuit.network, 1).largestWeight);
  });
  it('counts in an MLP that selects by a condition which is itself computed', () => {
    const inputs = { k: integer(0, 4), a: real(-0.2, 0.2), b: real(-0.2, 0.2) };
    const y = select(lookup(input('k'), [0, 1, 0, 1, 0]), input('a'), input('b'));
    const circuit = compileCircuit({ inputs, fields: { y }, eps: 0.2, target: 'mlp' });
    const ends = [0, 1, 2, 3, 4].flatMap((k) => [-0.2, 0.2].flatMap((a) => [-0.2, 0.2].map((b) => ({ k, a, b }))));
    expect(worstRatio(circuit, ends)).toBeGreaterThan(0.2);
  });
  it('counts beside a kink of integers', () => {
    const y = relu(sub(scale(5, eq(input('k'), 3)), 4));
    const circuit = compileCircuit({ inputs: { k: integer(0, 6) }, fields: { y }, eps: 1 });
    expect(
      worstRatio(
        circuit,
        [0, 1, 2, 3, 4, 5, 6].map((k) => ({ k })),
      ),
    ).toBeGreaterThan(0.7);
  });
  it('scales margins of inputs with them', () => {
    for (const weight of [0.5, -4]) {
      const circuit = compileOne(ge(scale(weight, input('t')), 0), { eps: 1e-2 });
      const points = [-1, -0.125, 0.125, 1].map((t) => ({ x: 0, k: 0, t }));
      expect(worstRatio(circuit, points)).toBeGreaterThan(0.9);
    }
  });
  it('counts the leak of constant gates, which is all that copies of integers err by', () => {
    const inputs = { k: integer(-5, 5), n: integer(0, 9) };
    const circuit = compileCircuit({ inputs, fields: { y: add(input('k'), input('n')) }, eps: 1e-9 });
    const A = doubleDoubles;
    const computed = new CircuitRunner(circuit, A).one({ k: A.from(5), n: A.from(9) })('y');
    const error = Math.abs(A.toNumber(A.sub(computed, A.from(14))));
    expect(error / circuit.bound).toBeGreaterThan(0.1);
    expect(error).toBeLessThan(circuit.bound);
    expect(circuit.bound).toBeLessThan(1e-25);
  });
  it.each(['bf16', 'fp16', 'p12'])(
    'counts all rounding of units in %s, as bounds of the network alone have it',
    (name) => {
      const format = formatByName(name)!;
      const inputs = { a: real(-1, 1), b: real(-2, 2) };
      const fields = { y: mul(input('a'), input('b')), z: scale(2, field('y')) };
      const circuit = compileCircuit({ inputs, fields, eps: 1, format: name });
      const boxOf = ({ stream }: Circuit): Side[] =>
        stream.names.map((at) => inputs[at as 'a'] ?? (at === 'one' ? { lo: 1, hi: 1 } : { lo: 0, hi: 0 }));
      const { error } = roundingBounds(circuit.network, boxOf(circuit), format)[circuit.stream.at('1: y')]!;
      const folded = compileCircuit({ inputs, fields: { y: abs(scale(0.7, input('a'))) }, eps: 1, format: name });
      const unit = roundingBounds(folded.network, boxOf(folded), format)[folded.stream.at('1: y')]!;
      expect(folded.nodes.find(({ path }) => path === 'y')!.bound).toBeGreaterThan(1.5 * unit.error);
      const y = circuit.nodes.find(({ path }) => path === 'y')!;
      expect(y.bound).toBeGreaterThan(0.7 * error);
      expect(circuit.nodes.find(({ path }) => path === 'z')!.bound).toBeGreaterThanOrEqual(2 * y.bound);
    },
  );
});

it('has formats by the names that tables use', () => {
  expect(compileOne(input('x')).format).toBe(formatByName('fp64'));
});

describe('the rounding of weights to doubles', () => {
  const bit = integer(0, 1);
  const [a, b, c, t] = ['a', 'b', 'c', 't'].map(input) as [Expression, Expression, Expression, Expression];
  const wide = 2 ** 40;
  const CASES: Readonly<Record<string, [CircuitOptions, Point]>> = {
    'of an output that scales a table': [
      { inputs: { t: integer(0, 3) }, fields: { y: scale(1 / 3, lookup(t, [0, 0, 3.1e9, 1])) }, eps: 1e-10 },
      { t: 3 },
    ],
    'of an output that adds two tables of one key': [
      {
        inputs: { t: integer(0, 4) },
        fields: { y: add(lookup(t, [0, 0, wide, 0, 0]), scale(2 ** -20, lookup(t, [0, 1, 0, 0, 0]))) },
        eps: 1e-10,
      },
      { t: 3 },
    ],
    'of an MLP that selects by what it selects from': [
      {
        inputs: { b: bit, c: bit },
        fields: { y: select(ge(b, 1), linear([7.5e-6, b], [1e10, c]), 0) },
        eps: 1e-9,
        target: 'mlp',
        activation: 'relu',
      },
      { b: 1, c: 0 },
    ],
    'of a minimum whose form holds its own unit': [
      {
        inputs: { a: real(-1, 1) },
        fields: { y: add(min(scale(1e-17, relu(a)), linear([1e-17, relu(a)], [-1, a])), relu(a)) },
        eps: 1e-20,
        target: 'mlp',
        activation: 'relu',
      },
      { a: 1 },
    ],
    'of products whose factors differ by it alone': [
      {
        inputs: { a: bit, b: bit },
        fields: { x: mul(scale(wide + 1e-6, a), b), y: mul(linear([wide, a], [1e-6, a]), b) },
        eps: 1,
      },
      { a: 1, b: 1 },
    ],
  };
  it.each(Object.keys(CASES))('%s is part of the bound, or the circuit is refused', (name) => {
    const [options, point] = CASES[name]!;
    // At their own ε, where a bound without it is far too small; and where it fits.
    for (const eps of [options.eps, 1e-3]) {
      const circuit = attempt(() => compileCircuit({ ...options, eps }));
      if (!(circuit instanceof InputError)) expect(worstRatio(circuit, [point])).toBeLessThanOrEqual(1);
      else expect(eps).toBe(options.eps);
    }
  });

  it('lets no unit stand for another with a different range', () => {
    const when = ge(t, 0, { margin: 1 });
    const fields = {
      x: select(when, scale(3.5, max(a, b)), 0),
      y: select(when, linear([3.5, b], [3.5, relu(sub(a, b))]), 0),
    };
    const inputs = { t: real(-3, 3), a: real(-1 / 7, 1 / 7), b: real(-1, 1 / 7) };
    const circuit = compileCircuit({ inputs, fields, eps: 0.5, target: 'mlp' });
    const points = Array.from({ length: 60 }, (_, i) => ({ t: 1, a: -1 / 7, b: -0.4 - i / 600 }));
    expect(worstRatio(circuit, points)).toBeLessThanOrEqual(1);
  });

  it('takes an integer for one in either order', () => {
    const twice = { a: relu(t), b: relu(scale(0.5, scale(2, t))) };
    for (const fields of [twice, { b: twice.b, a: twice.a }])
      expect(compileCircuit({ inputs: { t: integer(-5, 5) }, fields, eps: 1e-6 }).bound).toBeLessThanOrEqual(1e-6);
  });
});

describe('the choice of λ', () => {
  const n = input('n');
  const collatz = (hi: number, eps: number): Circuit =>
    compileCircuit({
      inputs: { n: integer(1, hi) },
      fields: { y: select(eq(remainder(n, 2), 0), quotient(n, 2), linear([3, n], [1, 1])) },
      eps,
    });

  it('goes on to steeper units until rounding fits beside approximation', () => {
    expect(collatz(1000, 1e-6).bound).toBeLessThan(1e-6);
  });
  it('makes units steeper than ε asks where that stops the rounding of integers', () => {
    expect(collatz(1000, 1e-3).bound).toBeLessThan(1e-15);
  });
  it('reports as the cause what contributes most, not what rounds most', () => {
    const [a, b, c] = ['a', 'b', 'c'].map(input) as [Expression, Expression, Expression];
    const large = real(-1000, 1000);
    const y = add(scale(2 ** -40, mul(a, b)), mul(c, c));
    expect(() =>
      compileCircuit({ inputs: { a: large, b: large, c: real(-1, 1) }, fields: { y }, eps: 1e-6, format: 'bf16' }),
    ).toThrow(/most of it from the rounding of y\.sum2,/);
  });
});

describe('a circuit of which no error bound is asked', () => {
  const q = input('q');
  const built = compileCircuit({
    inputs: { q: integer(-9, 20) },
    fields: { y: select(ge(q, 7), mul(q, 3), sub(2, q)) },
    eps: Infinity,
    format: 'fp16',
  });
  it('promises nothing', () => {
    expect(built.bound).toBe(Infinity);
    expect(built.outputs.y![0]).toMatchObject({ integer: true, bound: Infinity });
  });
  it('still computes integers in a narrow format', () => {
    const columns = Float64Array.from({ length: 30 }, (_, at) => at - 9);
    const { y } = runCircuit(built, arithmeticByName('fp16')!, { q: columns });
    const meant = Array.from(columns, (x) => (x >= 7 ? 3 * x : 2 - x));
    expect(Array.from(y!, (x) => Math.round(x))).toEqual(meant);
  });
});
