import { describe, expect, it } from 'vitest';
import type { Arithmetic } from './arithmetic.ts';
import { arithmeticByName } from './names.ts';
import { compileKernel, Stage, type Kernel } from './stage.ts';
import { randomFloat, randomStream } from './testing.ts';

const ARITHMETICS = [
  'fp64',
  'fp32',
  'tf32',
  'bf16',
  'fp16',
  'fp8-e4m3',
  'fp8-e5m2',
  'p5',
  'p25',
  'p26',
  'p53',
  'decimal30',
];

const values = (arithmetic: Arithmetic<unknown>, seed: number, length: number): unknown[] => {
  const random = randomStream(seed);
  return Array.from({ length }, () => arithmetic.from(randomFloat(random, 20, 2)));
};

const compile = (kernel: Kernel, arithmetic: Arithmetic<unknown>) =>
  compileKernel(kernel, arithmetic.emitter) as (...args: unknown[]) => void;

/** out[0] = Σ x[i]·y[i], out[1] the same with every second entry. */
const dot: Kernel = {
  name: 'dot',
  parameters: ['x', 'y', 'out', 'n'],
  body: (k) => {
    for (const [at, step] of [
      ['0', '1'],
      ['1', '2'],
    ] as const) {
      const sum = k.variable();
      k.for('0', 'n', (i) => k.set(sum, k.add(sum, k.mul(k.load('x', i), k.load('y', i)))), step);
      k.store('out', at, sum);
    }
  },
};

/** out[i] = silu(x[i] − y[i]) / (exp(−(start + y[i])²) + start), four lanes at a time, start = x[0]. */
const lanes: Kernel = {
  name: 'lanes',
  parameters: ['x', 'y', 'out', 'n'],
  body: (k) => {
    const start = k.variable(k.load('x', '0'));
    k.lanes('n', 4, (indices) => {
      const differences = indices.map((i) => k.sub(k.load('x', i), k.load('y', i)));
      indices.forEach((i, lane) => {
        const shifted = k.add(start, k.load('y', i));
        const bottom = k.add(k.call('exp', k.call('neg', k.mul(shifted, shifted))), start);
        k.store('out', i, k.div(k.call('silu', differences[lane]!), bottom));
      });
    });
  },
};

describe.each(ARITHMETICS)('a kernel in %s', (name) => {
  const arithmetic = arithmeticByName(name)!;
  const A = arithmetic;

  it('does the operations of its loops in order', () => {
    const [x, y] = [values(A, 1, 9), values(A, 2, 9)];
    const out = A.alloc(2);
    compile(dot, A)(x, y, out, 9);
    const sum = (step: number): unknown => {
      let total = A.zero;
      for (let i = 0; i < 9; i += step) total = A.add(total, A.mul(x[i], y[i]));
      return total;
    };
    expect([out[0], out[1]]).toEqual([sum(1), sum(2)]);
  });

  it.each([0, 1, 3, 4, 7, 8])('handles each of %i lanes once', (n) => {
    const [x, y] = [values(A, 3, 8), values(A, 4, 8)];
    const out = A.alloc(9);
    compile(lanes, A)(x, y, out, n);
    for (let i = 0; i < 9; i++) {
      const shifted = A.add(x[0], y[i] ?? A.zero);
      const expected = (): unknown =>
        A.div(A.silu(A.sub(x[i], y[i])), A.add(A.exp(A.neg(A.mul(shifted, shifted))), x[0]));
      expect(out[i]).toEqual(i < n ? expected() : A.zero);
    }
  });
});

describe('Stage', () => {
  const { emitter } = arithmeticByName('fp64')!;

  it('names every variable afresh', () => {
    const stage = new Stage(emitter);
    const [x, y] = [stage.load('v', '0'), stage.load('v', '1')];
    const names = [x, y, stage.add(x, y), stage.sub(x, y), stage.variable(), stage.index('3'), stage.call('exp', x)];
    expect(new Set(names).size).toBe(names.length);
    stage.for('0', '2', (i) => expect(names).not.toContain(i));
  });

  it.each([0, 1, 2, 3, 7, 9])('visits each of %i lanes once', (n) => {
    const visits: Kernel = {
      name: 'visits',
      parameters: ['one', 'out', 'n'],
      body: (k) =>
        k.lanes('n', 3, (indices) => {
          for (const i of indices) k.store('out', i, k.add(k.load('out', i), k.load('one', '0')));
        }),
    };
    const out = new Float64Array(10);
    compile(visits, arithmeticByName('fp64')!)([1], out, n);
    expect(out).toEqual(Float64Array.from(out, (_, i) => (i < n ? 1 : 0)));
  });

  it('writes what the loop over lanes leaves over one at a time', () => {
    const stage = new Stage(emitter);
    const widths: number[] = [];
    stage.lanes('n', 3, (indices) => widths.push(indices.length));
    expect(widths).toEqual([3, 1]);
    expect(stage.source()).toContain('n - n % 3');
  });
});
