/**
 * Every rule by brute force: all pairs (exact value, computed value) that a number allows, in formats small enough to have
 * few, go through the emulated operation, and what comes out must be what the result allows.
 */
import { describe, expect, it } from 'vitest';
import { Undecidable, type Arithmetic } from './arithmetic.ts';
import { doubleDoubles } from './double-double.ts';
import { emulatedArithmetic } from './emulated.ts';
import { float64 } from './float64.ts';
import { formatByName, roundTo, type Format } from './format.ts';
import { intervalFunctions } from './interval-functions.ts';
import { Rational } from './rational.ts';
import { roundingArithmetic, type Rounded } from './rounding.ts';
import { OPERATIONS, randomStream, TABLES, vectorFrom } from './testing.ts';

const format = (name: string): Format => formatByName(name)!;

/** Numbers of a format from its least, or 2^−9, to 2^6. */
const valuesOf = (f: Format): number[] => {
  const values = new Set<number>([0]);
  for (let e = Math.max(f.emin - f.p + 1, -9 - f.p); e <= 6; e++) {
    for (let m = 1; m < 2 ** f.p; m++) values.add(roundTo(f, m * 2 ** e));
  }
  return [...values].filter((x) => x <= 64).flatMap((x) => (x === 0 ? [0] : [x, -x]));
};

const isOnGrid = (x: number, grid: number): boolean => x === 0 || (grid < Infinity && Number.isInteger(x / 2 ** grid));
const allowsComputed = ({ low, high, grid, dust }: Rounded, computed: number): boolean =>
  computed >= low && computed <= high && (grid === -Infinity || isOnGrid(computed, grid) || Math.abs(computed) <= dust);

/** Why a pair is not what `r` allows; `slack` is how little the exact value is known. */
const violation = (r: Rounded, exact: number, computed: number, slack = 0): string | undefined => {
  if (exact < r.lo - slack || exact > r.hi + slack) return `exact ${exact}`;
  if (r.error === Infinity) return undefined;
  if (!(Math.abs(computed - exact) <= r.error + slack)) return `off by ${Math.abs(computed - exact)}`;
  return allowsComputed(r, computed) ? undefined : `computed ${computed}`;
};

/** A number without error: what is exact is what is computed. */
const known = (lo: number, hi: number, grid = -Infinity, dust = 0): Rounded => ({
  lo,
  hi,
  error: 0,
  low: lo,
  high: hi,
  grid,
  dust,
});

interface Instance {
  readonly number: Rounded;
  readonly pairs: readonly (readonly [exact: number, computed: number])[];
}
const instance = (number: Rounded, values: readonly number[]): Instance => ({
  number,
  pairs: values.filter((x) => allowsComputed(number, x)).map((x) => [x, x]),
});

/** Numbers on grids with dust about the size that a grid of p bits just absorbs. */
const onGrids = (f: Format, values: readonly number[]): Instance[] => {
  const all: Instance[] = [];
  for (const grid of [-2, 0, 1]) {
    const edge = 2 ** (grid - f.p - 1);
    for (const dust of [0, edge * 0.75, edge, 2 ** grid * 0.5])
      for (const hi of [2 ** grid, 2 ** (grid + f.p), 2 ** (grid + f.p) + 2 ** (grid + 2)])
        all.push(instance(known(-hi, hi, grid, dust), values));
  }
  return all;
};
const constants = (f: Format, values: readonly number[]): Instance[] =>
  [0, 1, -1, 2, -0.5, 3, 0.75].map((x) => instance(roundingArithmetic(f).from(x), values));
/** Nothing known but a range; and an error about it. */
const ranges = (f: Format, values: readonly number[]): Instance[] => {
  const sides: [number, number][] = [
    [0.5, 1.25],
    [-1, 3],
    [-3, -2],
    [0, 2 ** -6],
  ];
  return sides.flatMap(([lo, hi]) => {
    const plain = instance(known(lo, hi), values);
    const error = 2 ** -f.p;
    const moved = { ...known(lo, hi), error, low: lo - error, high: hi + error };
    const pairs = values
      .filter((x) => x >= moved.low && x <= moved.high)
      .flatMap((x) => [Math.max(lo, x - error), x, Math.min(hi, x + error)].map((exact) => [exact, x] as const))
      .filter(([exact]) => exact >= lo && exact <= hi);
    return [plain, { number: moved, pairs }];
  });
};

const real = { add: float64.add, sub: float64.sub, mul: float64.mul, div: float64.div, max: float64.max };
const FUNCTIONS = [
  'exp',
  'tanh',
  'erf',
  'sigmoid',
  'silu',
  'phi',
  'gelu',
  'softplus',
  'torchSoftplus',
  'relu',
  'abs',
  'sqrt',
  'log1p',
] as const;
const isDefined = (name: (typeof FUNCTIONS)[number], { low }: Rounded): boolean =>
  name === 'sqrt' ? low >= 0 : name === 'log1p' ? low > -1 : true;

describe.each(['p3', 'p4', 'fp8-e5m2', 'fp8-e4m3'])('in %s', (name) => {
  const f = format(name);
  const A = roundingArithmetic(f);
  const E = emulatedArithmetic(f);
  const values = valuesOf(f);
  const numbers = [
    ...onGrids(f, values),
    ...constants(f, values),
    ...ranges(f, values),
    instance(known(0.25, 1, 0, 0.5), values),
  ];

  it.each([...OPERATIONS, 'max'] as const)('%s allows whatever comes out', (operation) => {
    const wrong: string[] = [];
    numbers.forEach((x, i) =>
      numbers.forEach((y, j) => {
        // All pairs of numbers, each with a part of the pairs of values: which ones depends on both.
        const result = A[operation](x.number, { ...y.number });
        const step = 1 + Math.floor((x.pairs.length * y.pairs.length) / 20);
        for (let k = (i * 7 + j * 13) % step; k < x.pairs.length * y.pairs.length; k += step) {
          const [a, p] = x.pairs[k % x.pairs.length]!;
          const [b, q] = y.pairs[Math.floor(k / x.pairs.length)]!;
          if (operation === 'div' && (b === 0 || q === 0)) continue;
          const exact = real[operation](a, b);
          const reason = violation(
            result,
            exact,
            E[operation](p, q),
            operation === 'div' ? Math.abs(exact) * 1e-15 : 0,
          );
          if (reason && wrong.length < 5) wrong.push(`${p} ${operation} ${q} (${i}, ${j}): ${reason}`);
        }
      }),
    );
    expect(wrong).toEqual([]);
  });

  /** Also each value alone, and grids on which functions saturate, with dust about half an ulp of 1. */
  const operands = [
    ...numbers,
    ...values.map((x) => instance(A.from(x), [x])),
    ...[4, 5].flatMap((grid) => [0, 2 ** -8].map((dust) => instance(known(-64, 64, grid, dust), values))),
    ...[0.25, 0.5, 1, 2].map((units) => {
      const dust = units * 2 ** -f.p;
      return instance(known(-64, dust, 4, dust), values);
    }),
    instance(known(24, 64, 3), values),
  ];
  it.each(FUNCTIONS)('%s allows whatever comes out', (name) => {
    const wrong: string[] = [];
    for (const { number, pairs } of operands.filter((x) => isDefined(name, x.number))) {
      const result = A[name](number);
      pairs.forEach(([exact, computed]) => {
        const { lo, hi } = intervalFunctions[name]({ lo: exact, hi: exact });
        const reason = violation(result, (lo + hi) / 2, E[name](computed), hi - lo);
        if (reason && wrong.length < 5) wrong.push(`${computed} for ${exact}: ${reason}`);
      });
    }
    expect(wrong).toEqual([]);
  });

  it('max and relu are exact on what is', () => {
    for (const x of numbers) {
      for (const y of numbers) {
        const result = A.max(x.number, y.number);
        if (x.number.error === 0 && y.number.error === 0) expect(result.error).toBe(0);
      }
    }
  });
});

describe.each(FUNCTIONS)('an error of the operand of %s', (name) => {
  const A = roundingArithmetic(format('p20'));
  const f = (x: number): number => intervalFunctions[name]({ lo: x, hi: x }).hi;
  it.each([
    [-4, 4],
    [-0.5, 1],
    [1, 3],
    [-3, -1],
    [0.25, 0.5],
  ])('counts as its slope on [%d, %d]', (lo, hi) => {
    const error = 2 ** -8;
    const operand = { ...known(lo, hi), error, low: lo - error, high: hi + error };
    if (!isDefined(name, operand)) return;
    const bound = A[name](operand).error;
    let worst = 0;
    for (let x = lo; x <= hi; x += 2 ** -8)
      worst = Math.max(worst, Math.abs(f(x + error) - f(x)), Math.abs(f(x - error) - f(x)));
    expect(worst).toBeLessThanOrEqual(bound);
    // The slopes of σ and tanh are e^(−|x|) and 4e^(−2|x|) here.
    expect(bound).toBeLessThanOrEqual(worst * (name === 'sigmoid' || name === 'tanh' ? 2 : 1.1));
  });
});

describe('fp64', () => {
  const A = roundingArithmetic(format('fp64'));
  it.each(['exp', 'log1p', 'tanh', 'erf', 'silu', 'gelu', 'softplus', 'sigmoid', 'phi'] as const)(
    '%s is as precise as assumed, and the bound not far from that',
    (name) => {
      const random = randomStream(64);
      let closest = Infinity;
      for (let i = 0; i < 200; i++) {
        const x = -0.9 + 4 * random();
        const exact = doubleDoubles.bounds(doubleDoubles[name](doubleDoubles.from(x)))!.lo;
        const difference = exact
          .sub(Rational.fromNumber(float64[name](x)))
          .abs()
          .toNumber();
        const { error } = A[name](A.from(x));
        expect(difference).toBeLessThanOrEqual(error);
        closest = Math.min(closest, error / difference);
      }
      expect(closest).toBeLessThan(20);
    },
  );
});

it('softplus of torch jumps at 20, in one world or the other', () => {
  const A = roundingArithmetic(format('p40'));
  const error = 2 ** -36;
  const jump = Math.exp(-20) * 0.99;
  const upTo = (hi: number, high: number): Rounded => ({ ...known(20 - error, hi), error, high });
  expect(A.torchSoftplus(upTo(20, 20)).error).toBeLessThan(2 * error);
  expect(A.torchSoftplus(upTo(20, 20 + error)).error).toBeGreaterThan(jump);
  expect(A.torchSoftplus(upTo(20 + error, 20)).error).toBeGreaterThan(jump);
});

describe('p<k> without underflow', () => {
  it('flushes exp alone to 0', () => {
    const bound = roundingArithmetic(format('p12')).exp(known(-712, -709));
    expect(bound.error).toBeGreaterThan(Math.exp(-709));
    expect(emulatedArithmetic(format('p12')).exp(-709)).toBe(0);
  });
  it('brings numbers to fp32 that only an addition finds to be none', () => {
    const A = roundingArithmetic(format('p12'), 'fp32');
    const least = 2 ** -152;
    expect(A.add(A.zero, A.from(least)).error).toBeGreaterThanOrEqual(least);
    expect(A.add(A.from(least), A.one).error).toBeGreaterThanOrEqual(least);
    expect(emulatedArithmetic(format('p12'), 'fp32').add(0, least)).toBe(0);
  });
});

describe('what a layer hands on in mode "fp32"', () => {
  const A = roundingArithmetic(format('bf16'), 'fp32');
  const settled = (x: Rounded): Rounded => {
    const values = vectorFrom(A, [x]);
    A.settle(values);
    return A.get(values, 0);
  };
  it('is rounded to the format, unless it is on a grid that fits', () => {
    expect(settled(known(0, 255)).error).toBe(0.5);
    expect(settled(known(0, 256, 0))).toMatchObject({ error: 0, grid: 0, dust: 0 });
    expect(settled(known(0, 257, 0)).error).toBe(1);
    expect(settled({ ...known(0, 255), error: 1, high: 256 }).error).toBeCloseTo(2, 12);
  });
  it('keeps dust as dust', () => {
    const { error, dust } = settled(known(0, 255, 0, 2 ** -12));
    expect(error).toBe(2 ** -20);
    expect(dust).toBeGreaterThanOrEqual(2 ** -12);
  });
});

describe('a sum on a grid', () => {
  const A = roundingArithmetic(format('p4'));
  const integers = (hi: number, dust = 0): Rounded => known(0, hi, 0, dust);

  it('is exact up to 2^p and no further', () => {
    expect(A.add(integers(8), integers(8)).error).toBe(0);
    expect(A.add(integers(8), integers(9)).error).toBe(1);
  });
  it('rounds dust off that is less than half an ulp below 1, and loses the grid to more', () => {
    const dust = (most: number): Rounded => known(-most, most, Infinity, most);
    expect(A.add(integers(8), dust(2 ** -6))).toMatchObject({ error: 2 ** -6, grid: 0, dust: 2 ** -6 });
    expect(A.add(integers(8), dust(2 ** -5)).grid).toBe(-Infinity);
    // 1 − 2^−5·(1 + ε) would round to 1 − 2^−4.
    expect(emulatedArithmetic(format('p4')).add(1, -(2 ** -5) * 1.125)).toBe(1 - 2 ** -4);
  });
  it('takes a small number of which nothing is known for dust', () => {
    expect(A.add(integers(8), known(0, 0.01))).toMatchObject({ grid: 0, dust: 0.01 });
  });
});

describe('a product on grids', () => {
  const A = roundingArithmetic(format('p4'));
  it('is exact if it fits p bits, and shifts by powers of two', () => {
    expect(A.mul(known(0, 4, 0), known(0, 4, 0))).toMatchObject({ error: 0, grid: 0 });
    expect(A.mul(known(0, 4, 0), known(0, 5, 0)).error).toBe(1);
    expect(A.mul(A.from(0.25), known(0, 16, 0))).toMatchObject({ error: 0, grid: -2 });
    expect(A.mul(A.from(0.25), known(0, 3)).error).toBe(0);
    expect(A.div(known(0, 3), A.from(-8)).error).toBe(0);
    expect(A.mul(A.from(3), known(0, 3)).error).toBe(0.5);
  });
  it('underflows, where there is underflow', () => {
    const E = roundingArithmetic(format('fp8-e5m2'));
    expect(E.mul(E.from(2 ** -15), E.from(0.5)).error).toBe(0);
    expect(E.mul(E.from(2 ** -16), E.from(0.5)).error).toBe(2 ** -17);
    expect(E.add(E.from(2 ** -16), E.from(2 ** -15)).error).toBe(0);
  });
});

describe('squares, differences and inputs', () => {
  const A = roundingArithmetic(format('bf16'));
  const x = A.input(-1, 2);
  it('know that one object is one number', () => {
    expect(A.mul(x, x).lo).toBe(0);
    expect(A.sub(x, x)).toMatchObject({ lo: 0, hi: 0, error: 0 });
  });
  it('know that an input stored twice is two', () => {
    const stored = A.alloc(2);
    A.set(stored, 0, x);
    A.set(stored, 1, x);
    expect(A.mul(A.get(stored, 0), A.get(stored, 1)).lo).toBe(-2);
  });
  it('round inputs as the format does', () => {
    expect(A.input(-1, 1).error).toBe(2 ** -8);
    expect(A.input(-1, 0.99).error).toBe(2 ** -8);
    expect(A.input(-256, 256, { integer: true })).toMatchObject({ error: 0, grid: 0 });
    expect(A.input(-257, 257, { integer: true })).toMatchObject({ error: 1, grid: 0 });
    expect(roundingArithmetic(format('fp64')).input(-1, 1).error).toBe(0);
    expect(A.input(0.1, 0.1).error).toBeCloseTo(TABLES.bf16!.roundNumber(0.1) - 0.1, 12);
  });
});

describe('nothing is known', () => {
  const cases: readonly [string, string, (A: Arithmetic<Rounded>) => Rounded][] = [
    ['of an overflow', 'fp16', (A) => A.mul(A.from(300), A.from(300))],
    ['of NaN', 'fp8-e4m3', (A) => A.add(A.from(448), A.from(448))],
    ['of a weight that overflows', 'fp16', (A) => A.from(70_000)],
    ['of exp that overflows', 'fp16', (A) => A.exp(A.from(12))],
    ['of a quotient by 0', 'fp32', (A) => A.div(A.one, A.zero)],
    ['of a root that may not exist', 'fp32', (A) => A.sqrt(known(-1e-9, 1))],
    ['of log1p at −1', 'fp32', (A) => A.log1p(known(-1, 1))],
    ['of weights that a double cannot carry', 'p12', (A) => A.from(2 ** -1060)],
    ['of what comes of any of them', 'fp16', (A) => A.mul(A.zero, A.relu(A.from(70_000)))],
  ];
  it.each(cases)('%s', (_, name, run) => {
    expect(run(roundingArithmetic(format(name))).error).toBe(Infinity);
  });
  it('of comparisons that bounds leave open', () => {
    const A = roundingArithmetic(format('fp16'));
    expect(A.less(known(0, 1), known(2, 3))).toBe(true);
    expect(A.less(known(2, 3), known(0, 2))).toBe(false);
    expect(() => A.less(known(0, 1), known(0.5, 3))).toThrow(Undecidable);
  });
  it('but the exact value still is', () => {
    const A = roundingArithmetic(format('fp16'));
    expect(A.mul(A.from(300), A.from(300))).toMatchObject({ lo: 90_000, hi: 90_000 });
  });
  it('of fp32 accumulation in wider formats, which there is none of', () => {
    expect(() => roundingArithmetic(format('fp64'), 'fp32')).toThrow(RangeError);
  });
});

describe('saturated functions in fp32', () => {
  const A = roundingArithmetic(format('fp32'));
  const multiples = (step: number, most: number): Rounded => known(-most, most, Math.log2(step));
  it('SiLU and GELU of multiples of 32 are ReLU, but for dust', () => {
    expect(A.silu(multiples(32, 320)).error).toBeLessThan(1e-12);
    expect(A.silu(multiples(16, 320)).error).toBeGreaterThan(1e-7);
    expect(A.gelu(multiples(32, 320)).error).toBeLessThan(1e-200);
  });
  it('softplus and its products with data are exact above', () => {
    const step = A.softplus(A.from(64));
    expect(step.error).toBeLessThan(1e-27);
    expect(A.mul(step, known(-1, 1)).error).toBeLessThan(1e-27);
    expect(A.exp(A.neg(step)).dust).toBeLessThan(1e-27);
  });
  it('exp of 0 is 1, also with dust', () => {
    expect(A.exp(known(-1e-20, 1e-20, Infinity, 1e-20))).toMatchObject({ grid: 0, dust: 0 });
    expect(A.exp(A.zero)).toMatchObject({ error: 0, grid: 0 });
  });
  it('the root of 2^60 and something is 2^30', () => {
    const root = A.sqrt(A.add(A.from(2 ** 60), known(0, 1e6)));
    expect(root.error).toBeLessThan(1e-3);
    expect(A.div(known(-5, 5), root).error).toBeLessThan(5 * 2 ** -30 * 2 ** -40);
  });
  it('constants of any kind are enclosed', () => {
    const third = A.fromRational(Rational.of(1n, 3n));
    expect(violation(third, 1 / 3, Math.fround(1 / 3), 1e-17)).toBeUndefined();
    expect(third.error).toBeGreaterThan(9e-9);
    expect(A.literal(0.5).error).toBe(0);
  });
});
