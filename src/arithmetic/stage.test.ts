import { describe, expect, it } from 'vitest';
import { vectorOf, type Arithmetic, type Vec } from './arithmetic.ts';
import { bigIntervals } from './big-interval-arithmetic.ts';
import { intervals } from './interval.ts';
import { arithmeticByName } from './names.ts';
import { compileFunction, compileKernel, Stage, type Emitter, type Kernel, type Staged } from './stage.ts';
import { entries, randomFloat, randomStream } from './testing.ts';

const NAMES = [
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
  'dd',
  'decimal30',
];
const ARITHMETICS = [
  ...NAMES.map((name) => arithmeticByName(name)!),
  intervals as Arithmetic<unknown>,
  bigIntervals(100) as Arithmetic<unknown>,
].map((A): [string, Arithmetic<unknown>] => [A.name, A]);

const values = (A: Arithmetic<unknown>, seed: number, length: number): Vec<unknown> => {
  const random = randomStream(seed);
  return vectorOf(A, length, () => A.from(randomFloat(random, 20, 2)));
};

const compile = (kernel: Kernel, emitter: Emitter) => compileKernel(kernel, emitter) as (...args: unknown[]) => void;

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

describe.each(ARITHMETICS)('a kernel in %s', (_, A) => {
  it('does the operations of its loops in order', () => {
    const [x, y] = [values(A, 1, 9), values(A, 2, 9)];
    const out = A.alloc(2);
    compile(dot, A.emitter)(x, y, out, 9);
    const sum = (step: number): unknown => {
      let total = A.zero;
      for (let i = 0; i < 9; i += step) total = A.add(total, A.mul(A.get(x, i), A.get(y, i)));
      return total;
    };
    expect(entries(A, out)).toEqual([sum(1), sum(2)]);
  });

  it.each([0, 1, 3, 4, 7, 8])('handles each of %i lanes once', (n) => {
    const [x, y] = [values(A, 3, 8), values(A, 4, 8)];
    const out = A.alloc(9);
    compile(lanes, A.emitter)(x, y, out, n);
    const start = A.get(x, 0);
    const expected = (i: number): unknown => {
      const shifted = A.add(start, A.get(y, i));
      return A.div(A.silu(A.sub(A.get(x, i), A.get(y, i))), A.add(A.exp(A.neg(A.mul(shifted, shifted))), start));
    };
    expect(entries(A, out)).toEqual(Array.from({ length: 9 }, (_, i) => (i < n ? expected(i) : A.zero)));
  });
});

/** Numbers of three parts, each with a zero and a function of its own, so that no part can stand in for another. */
const triples: Emitter = {
  environment: { turn: (a: number, b: number, c: number) => [c, a, b] },
  parts: ['a', 'b', 'c'],
  zero: ['100', '200', '300'],
  binary: (operation, target, x, y) => {
    const symbol = { add: '+', sub: '-', mul: '*', div: '/' }[operation];
    return ['a', 'b', 'c'].map((part) => `const ${target}${part} = ${x}${part} ${symbol} ${y}${part};`).join('\n');
  },
  call: (name, target, x) => `const o${target} = ${name}(${x}a, ${x}b, ${x}c);
const ${target}a = o${target}[0], ${target}b = o${target}[1], ${target}c = o${target}[2];`,
};
interface Triples {
  a: number[];
  b: number[];
  c: number[];
}
const tripleVector = (...rows: (readonly [number, number, number])[]): Triples => ({
  a: rows.map((row) => row[0]),
  b: rows.map((row) => row[1]),
  c: rows.map((row) => row[2]),
});
/** What a body leaves in a vector of `length` triples; x holds (1, 10, 100), (2, 20, 200), …. */
const run = (length: number, body: Kernel['body'], n = length): Triples => {
  const x = tripleVector(...Array.from({ length: 9 }, (_, i) => [i + 1, 10 * (i + 1), 100 * (i + 1)] as const));
  const out = tripleVector(...Array.from({ length }, () => [0, 0, 0] as const));
  compile({ name: 'body', parameters: ['x', 'out', 'n'], body }, triples)(x, out, n);
  return out;
};

describe('numbers of several parts', () => {
  it('are loaded and stored part by part', () => {
    const out = run(2, (k) => {
      k.store('out', '1', k.load('x', '0'));
      k.store('out', '0', k.load('x', 'n'));
    });
    expect(out).toEqual(tripleVector([3, 30, 300], [1, 10, 100]));
  });

  it('are computed and passed to functions whole', () => {
    const out = run(2, (k) => {
      const [x, y] = [k.load('x', '1'), k.load('x', '2')];
      k.store('out', '0', k.sub(k.mul(x, y), k.div(y, x)));
      k.store('out', '1', k.call('turn', k.add(x, y)));
    });
    expect(out).toEqual(tripleVector([6 - 1.5, 600 - 1.5, 60000 - 1.5], [500, 5, 50]));
  });

  it('start at zero, or at a number of which they are a copy', () => {
    const out = run(4, (k) => {
      const zero = k.variable();
      const x = k.load('x', '0');
      const copy = k.variable(x);
      const other = k.variable(copy);
      k.set(copy, k.add(copy, zero));
      k.store('out', '0', zero);
      k.store('out', '1', copy);
      k.store('out', '2', other);
      k.store('out', '3', x);
    });
    expect(out).toEqual(tripleVector([100, 200, 300], [101, 210, 400], [1, 10, 100], [1, 10, 100]));
  });

  it('add up in a loop', () => {
    const out = run(
      1,
      (k) => {
        const sum = k.variable();
        k.for('0', 'n', (i) => k.set(sum, k.add(sum, k.load('x', i))), '2');
        k.store('out', '0', sum);
      },
      5,
    );
    expect(out).toEqual(tripleVector([109, 290, 1200]));
  });

  it.each([0, 1, 2, 3, 7, 9])('fill each of %i lanes once', (n) => {
    const out = run(
      10,
      (k) =>
        k.lanes('n', 3, (indices) => {
          const loaded = indices.map((i) => k.load('x', i));
          indices.forEach((i, lane) => k.store('out', i, k.add(k.load('out', i), loaded[lane]!)));
        }),
      n,
    );
    const rows = Array.from({ length: 10 }, (_, i) => (i < n ? i + 1 : 0));
    expect(out).toEqual(tripleVector(...rows.map((i) => [i, 10 * i, 100 * i] as const)));
  });

  it('unpack the vectors that are used, once and ahead of the loops; arrays of indices stay as they are', () => {
    const body: Kernel['body'] = (k) =>
      k.for('0', 'n', (i) => {
        const place = k.index(`places[${i}]`);
        k.store('y', place, k.add(k.load('x', place), k.load('x', i)));
      });
    const stage = new Stage(triples);
    body(stage);
    const lines = stage.source().split('\n');
    const unpacked = ['x', 'y'].flatMap((v) => ['a', 'b', 'c'].map((part) => `const ${v}_${part} = ${v}.${part};`));
    expect(lines.slice(0, 6).sort()).toEqual(unpacked);
    expect(lines.slice(6).filter((line) => line.includes('.'))).toEqual([]);

    const x = tripleVector([1, 2, 3], [10, 20, 30], [100, 200, 300]);
    const y = tripleVector([0, 0, 0], [0, 0, 0], [0, 0, 0]);
    const scatter = { name: 'scatter', parameters: ['x', 'y', 'places', 'n'], body };
    compile(scatter, triples)(x, y, Int32Array.of(2, 0, 1), 3);
    expect(y).toEqual(tripleVector([11, 22, 33], [110, 220, 330], [101, 202, 303]));
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
    compile(visits, emitter)([1], out, n);
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

describe('a compiled function', () => {
  const { emitter } = arithmeticByName('fp64')!;
  /** x − y where x < y, y / x elsewhere; once more on the result. */
  const twice = compileFunction(
    'twice',
    (k) => {
      const step = (x: Staged, y: Staged): Staged =>
        k.choose(
          `${x} < ${y}`,
          () => k.sub(x, y),
          () => k.div(y, x),
        );
      return (x, y) => step(step(x, y), y);
    },
    emitter,
  ) as (x: number, y: number) => number;

  it('takes its numbers in order and computes one branch of each choice', () => {
    expect(twice.name).toBe('twice');
    expect(twice.length).toBe(2);
    expect([twice(1, 4), twice(4, 2), twice(8, 0.5), twice(2, 2)]).toEqual([-7, -1.5, -0.4375, -1]);
    expect(twice(NaN, 1)).toBe(NaN);
  });

  it('has a text of its own, so that nothing is shared with another', () => {
    const identity = (): unknown => compileFunction('identity', () => (x) => x, emitter);
    expect(String(identity())).not.toBe(String(identity()));
  });
});
