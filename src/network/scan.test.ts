/** Orders of evaluation: the same real numbers, and in formats the roundings that scan.ts says. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { castVector, toNumbers, type Arithmetic } from '../arithmetic/arithmetic.ts';
import { decimalArithmetic } from '../arithmetic/decimal.ts';
import { emulatedArithmetic } from '../arithmetic/emulated.ts';
import { rationals } from '../arithmetic/exact.ts';
import { float64 } from '../arithmetic/float64.ts';
import { formatByName } from '../arithmetic/format.ts';
import { fusedMultiplyAdd } from '../arithmetic/fused.ts';
import { intervals } from '../arithmetic/interval.ts';
import { arithmeticByName } from '../arithmetic/names.ts';
import { Rational } from '../arithmetic/rational.ts';
import { roundingArithmetic } from '../arithmetic/rounding.ts';
import { entries } from '../arithmetic/testing.ts';
import { InputError } from '../input-error.ts';
import { Fields, pick } from './fields.ts';
import type { LinearAttention } from './layer.ts';
import { compile } from './machine.ts';
import { DEFAULT_CHUNK, ORDERS, type ScanOptions } from './scan.ts';
import { cases, difference, instantiate, LAYERS, runInChunks, stateText, Weights } from './testing.ts';

const OTHERS: readonly ScanOptions[] = [
  { order: 'chunked', chunk: 1 },
  { order: 'chunked', chunk: 3 },
  { order: 'chunked' },
  { order: 'parallel' },
];
const ALL = [...OTHERS, ...OTHERS.map((options) => ({ ...options, fused: true })), { fused: true }];
const label = ({ order = 'sequential', chunk, fused }: ScanOptions): string =>
  `${order}${chunk === undefined ? '' : ` by ${chunk}`}${fused ? ', fused' : ''}`;
const LABELLED = ALL.map((options) => [label(options), options] as const);

const SIZES = { inputs: 2, width: 2, states: 3, tokens: 12 };
const RECURRENT = Object.keys(LAYERS).filter((kind) => /linear attention|selective|mamba|stack/.test(kind));
const RATIONAL = RECURRENT.filter((kind) => LAYERS[kind]!.rational);

describe.each(LABELLED)('%s', (_, options) => {
  it.each(RATIONAL)('is the sequential scan in rationals, over any number of calls: %s', (kind) => {
    fc.assert(
      fc.property(cases(SIZES), (c) => {
        const { layer, length, tokens } = instantiate(kind, c);
        const [machine, plain] = [compile(layer, rationals, options), compile(layer, rationals)];
        const x = castVector(rationals, tokens(machine.inputs));
        const expected = runInChunks(rationals, plain, x, [length]);
        for (const chunks of [[length], c.chunks]) {
          const got = runInChunks(rationals, machine, x, chunks);
          expect(difference(rationals, got.y, expected.y)).toBeUndefined();
          expect(stateText(rationals, got.state)).toBe(stateText(rationals, expected.state));
        }
      }),
      { numRuns: 6 },
    );
  });

  it.each(RECURRENT)('differs by rounding only in decimals, and is enclosed by intervals: %s', (kind) => {
    const A = decimalArithmetic(40);
    const { layer, length, tokens } = instantiate(kind, { seed: 5, ...SIZES, chunks: [5, 4] });
    const x = tokens(compile(layer, A).inputs);
    const run = <T>(B: Arithmetic<T>, own: ScanOptions): T[] => {
      const machine = compile(layer, B, own);
      return entries(B, machine.run(castVector(B, x), length, machine.initialState()));
    };
    const exact = run(A, {}).map((y) => A.bounds(y)!.lo);
    run(A, options).forEach((y, i) => {
      expect(A.bounds(y)!.lo.sub(exact[i]!).abs().toNumber()).toBeLessThan(1e-30);
    });
    run(intervals, options).forEach((y, i) => {
      const { lo, hi } = intervals.bounds(y)!;
      expect(lo.compare(exact[i]!)).toBeLessThanOrEqual(0);
      expect(hi.compare(exact[i]!)).toBeGreaterThanOrEqual(0);
      expect(hi.sub(lo).toNumber()).toBeLessThan(1e-9);
    });
  });

  it.each(RECURRENT)('stays within bounds known before a run: %s', (kind) => {
    const { layer, length, tokens } = instantiate(kind, { seed: 7, ...SIZES, chunks: [6] });
    const dd = arithmeticByName('dd')!;
    const x = tokens(compile(layer, dd).inputs);
    const run = <T>(B: Arithmetic<T>): T[] => {
      const machine = compile(layer, B, options);
      return entries(B, machine.run(castVector(B, x), length, machine.initialState()));
    };
    const exact = run(dd);
    for (const name of ['fp32', 'fp16']) {
      const format = formatByName(name)!;
      const bounds = run(roundingArithmetic(format));
      run(emulatedArithmetic(format)).forEach((y, i) => {
        expect(Math.abs(y - dd.toNumber(exact[i]))).toBeLessThanOrEqual(bounds[i]!.error * (1 + 1e-9));
      });
      expect(bounds.every(({ error }) => error < 0.5)).toBe(true);
    }
  });

  it('runs no tokens', () => {
    const machine = compile(attention(2), float64, options);
    const state = machine.initialState();
    expect(machine.run(new Float64Array(0), 0, state)).toHaveLength(0);
    expect(Array.from(state.vectors.ssm as Float64Array)).toEqual([0, 0]);
  });
});

const attention = (m: number): LinearAttention => {
  const token = new Fields({ a: 1, b: m, c: m, v: 1 });
  return {
    kind: 'linear-attention',
    key: pick(token, 'b'),
    query: pick(token, 'c'),
    value: pick(token, 'v'),
    decay: pick(token, 'a'),
    normalised: false,
  };
};

describe('orders that round alike', () => {
  const A = emulatedArithmetic(formatByName('bf16')!);
  const outputs = (kind: string, seed: number, chunks: readonly number[], options: ScanOptions) => {
    const { layer, tokens } = instantiate(kind, { seed, inputs: 3, width: 3, states: 3, chunks });
    const machine = compile(layer, A, options);
    const { y, state } = runInChunks(A, machine, castVector(A, tokens(machine.inputs)), chunks);
    return [...toNumbers(A, y), stateText(A, state)];
  };
  it.each(RECURRENT)('%s', (kind) => {
    for (const fused of [false, true]) {
      const expected = outputs(kind, 3, [9], { fused });
      const alike: [readonly number[], ScanOptions][] = [
        // A chunk of one token, one chunk of all, one token a call.
        [[9], { order: 'chunked', chunk: 1 }],
        [[9], { order: 'chunked', chunk: 9 }],
        [[9], { order: 'chunked' }],
        [new Array<number>(9).fill(1), { order: 'parallel' }],
        [[2, 0, 7], {}],
      ];
      for (const [chunks, options] of alike) expect(outputs(kind, 3, chunks, { ...options, fused })).toEqual(expected);
    }
  });
  it('are all others not', () => {
    const seen = ORDERS.flatMap((order) =>
      [false, true].map((fused) => outputs('linear attention, token decay', 3, [9], { order, chunk: 4, fused }).join()),
    );
    expect(new Set(seen).size).toBe(seen.length);
  });
});

/** The recurrence of one channel as docs/theory.md words it, in a format; chunks and trees written as recursions. */
describe('the order of roundings', () => {
  const format = formatByName('p5')!;
  const { add, mul } = emulatedArithmetic(format);
  const once = fusedMultiplyAdd(format);

  interface Instance {
    readonly a: readonly number[];
    readonly b: readonly number[];
    readonly c: readonly number[];
    readonly v: readonly number[];
  }
  const instance = (seed: number, n: number, m: number): Instance => {
    const w = new Weights(seed);
    const numbers = (count: number, lo: number): number[] =>
      Array.from({ length: count }, () => emulatedArithmetic(format).from(w.number(lo, 1)));
    return { a: numbers(n, 0.5), b: numbers(n * m, -1), c: numbers(n * m, -1), v: numbers(n, -1) };
  };

  const states = (
    { a, b, v }: Instance,
    m: number,
    at: number,
    H0: number,
    { order, chunk = DEFAULT_CHUNK, fused }: ScanOptions,
  ): number[] => {
    const mulAdd = fused ? once : (x: number, y: number, z: number): number => add(mul(x, y), z);
    const write = (t: number): number => mul(b[t * m + at]!, v[t]!);
    const sequential = (t: number): number => (t < 0 ? H0 : mulAdd(a[t]!, sequential(t - 1), write(t)));
    const within = (t: number): number => (t % chunk === 0 ? write(t) : mulAdd(a[t]!, within(t - 1), write(t)));
    const decay = (t: number): number => (t % chunk === 0 ? a[t]! : mul(decay(t - 1), a[t]!));
    const chunked = (t: number): number => (t < 0 ? H0 : mulAdd(decay(t), chunked(t - (t % chunk) - 1), within(t)));
    /** The node of tokens t − 2^level + 1 … t, those that exist. */
    const tree = (t: number, level: number): readonly [a: number, h: number] => {
      if (level === 0) return [a[t]!, t === 0 ? mulAdd(a[0]!, H0, write(0)) : write(t)];
      const half = 2 ** (level - 1);
      if (t < half) return tree(t, level - 1);
      const [left, right] = [tree(t - half, level - 1), tree(t, level - 1)];
      return [mul(left[0], right[0]), mulAdd(right[0], left[1], right[1])];
    };
    const height = Math.ceil(Math.log2(a.length));
    return a.map((_, t) =>
      order === 'chunked' ? chunked(t) : order === 'parallel' ? tree(t, height)[1] : sequential(t),
    );
  };

  it.each(LABELLED)('%s', (_, options) => {
    const A = emulatedArithmetic(format);
    const mulAdd = options.fused ? once : (x: number, y: number, z: number): number => add(mul(x, y), z);
    for (const n of [1, 2, 3, 4, 5, 7, 8, 9, 16, 21]) {
      for (const m of [1, 3]) {
        const x = instance(n * 10 + m, n, m);
        const machine = compile(attention(m), A, options);
        const tokens = x.a.flatMap((a, t) => [
          a,
          ...x.b.slice(t * m, (t + 1) * m),
          ...x.c.slice(t * m, (t + 1) * m),
          x.v[t]!,
        ]);
        const H0 = Array.from({ length: m }, (__, at) => at / 2);
        const state = machine.initialState();
        H0.forEach((h, at) => A.set(state.vectors.ssm!, at, h));
        const y = machine.run(castVector(A, tokens), n, state);
        const h = H0.map((H, at) => states(x, m, at, H, options));
        const expected = x.a.map((__, t) => h.reduce((sum, own, at) => mulAdd(x.c[t * m + at]!, own[t]!, sum), 0));
        expect(Array.from(toNumbers(A, y))).toEqual(expected);
        expect(Array.from(toNumbers(A, state.vectors.ssm!))).toEqual(h.map((own) => own.at(-1)));
      }
    }
  });
});

it('refuses a chunk without tokens', () => {
  for (const chunk of [0, 1.5, -2, NaN]) {
    expect(() => compile(attention(1), float64, { order: 'chunked', chunk })).toThrow(InputError);
    expect(() => compile(attention(1), float64, { order: 'chunked', chunk })).toThrow(
      `expected \`chunk\` to be a positive integer, got ${chunk}`,
    );
  }
});

it('has exact rationals for every order of a Mamba block whose exponentials are 1', () => {
  const layer = {
    kind: 'selective-scan',
    channels: 2,
    states: 2,
    A: new Float64Array(4),
    deltaSoftplus: false,
    gated: false,
  } as const;
  const x = castVector(rationals, new Weights(1).vector(7 * 8));
  const run = (options: ScanOptions): Rational[] => {
    const machine = compile(layer, rationals, options);
    return entries(rationals, machine.run(x, 7, machine.initialState()));
  };
  for (const options of ALL) expect(run(options).map(String)).toEqual(run({}).map(String));
});
