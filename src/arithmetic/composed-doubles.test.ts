/** The compiled functions are, bit for bit, those that call each primitive in turn. */
import { describe, expect, it } from 'vitest';
import { compose, type Arithmetic, type Composed } from './arithmetic.ts';
import { composeDoubles } from './composed-doubles.ts';
import { emulatedArithmetic } from './emulated.ts';
import { float64 } from './float64.ts';
import { formatByName, roundTo } from './format.ts';
import { Mismatches, randomStream, TABLES } from './testing.ts';

const FUNCTIONS = ['sigmoid', 'silu', 'phi', 'gelu', 'softplus', 'torchSoftplus', 'relu'] as const;

/** f(x), or NaN where it leaves the range of doubles: both must. */
const valueOf = (f: (x: number) => number, x: number): number => {
  try {
    return f(x);
  } catch {
    return NaN;
  }
};

const mismatches = (
  name: (typeof FUNCTIONS)[number],
  compiled: Composed<number>,
  called: Composed<number>,
  xs: readonly number[],
): readonly string[] => {
  const wrong = new Mismatches();
  for (const x of xs) wrong.check(valueOf(compiled[name], x), valueOf(called[name], x), () => `${name}(${x})`);
  return wrong.examples;
};

/** Doubles of every size, dense where the functions bend and where exponentials vanish. */
const RANGES = [2 ** -20, 1, 8, 40, 120, 760, 1e5];
const randomDoubles = (count: number): number[] => {
  const random = randomStream(21);
  return Array.from({ length: count }, (_, i) => (2 * random() - 1) * RANGES[i % RANGES.length]!);
};
const SPECIAL = [0, -0, 1, -1, 20, -20, 1e300, -1e300, Infinity, -Infinity, NaN];

const numbersOf = (A: Arithmetic<number>, format: string): number[] => {
  const table = TABLES[format];
  if (table) return table.all();
  const isCarried = /^p\d+$/.test(format);
  return [...SPECIAL.filter((x) => !isCarried || Number.isFinite(x)), ...randomDoubles(3000)].map((x) => A.from(x));
};

const WIDE = ['fp64', 'fp32', 'tf32', 'p2', 'p11', 'p25', 'p40', 'p53', 'p2e3', 'p13e8', 'p25e10'];

describe.each([...Object.keys(TABLES), ...WIDE])('%s', (name) => {
  const format = formatByName(name)!;
  const own = emulatedArithmetic(format);
  // Decimals decide every function of 53 bits.
  const numbers = numbersOf(own, name).slice(0, name === 'p53' ? 60 : undefined);

  const arithmetics = format.p <= 24 ? [own, emulatedArithmetic(format, 'fp32')] : [own];

  it.each(FUNCTIONS)('%s is what its steps give, in either accumulation', (f) => {
    for (const A of arithmetics) expect(mismatches(f, A, compose(A), numbers)).toEqual([]);
  });

  it('numbers enter, and layers settle, by the reference rounding', () => {
    const wrong = new Mismatches();
    const random = randomStream(22);
    // All sizes, those about the least normal number, and ties.
    const emin = Math.max(format.emin, -900);
    const doubles = Array.from({ length: 6000 }, (_, i) => {
      const exponent = [emin - format.p + 4 * random(), emin + 2 * random() - 1, 60 * random() - 30][i % 3]!;
      const x = (2 * random() - 1) * 2 ** exponent;
      return i % 2 ? x : roundTo({ ...format, p: Math.min(format.p + 1, 53) }, x);
    });
    const xs = [0, -0, ...doubles];
    for (const x of xs) wrong.check(own.from(x), roundTo(format, x), () => `from(${x})`);
    const settled = Float64Array.from(xs);
    arithmetics[1]?.settle(settled);
    if (arithmetics[1]) xs.forEach((x, i) => wrong.check(settled[i]!, roundTo(format, x), () => `settle(${x})`));
    expect(wrong.examples).toEqual([]);
  });
});

describe('the tails of SiLU', () => {
  it('must not begin too early', () => {
    const called = compose(float64);
    const early = (tails: { vanishes: number; saturates: number }): readonly string[] =>
      mismatches('silu', composeDoubles(float64, float64.emitter, tails), called, randomDoubles(3000));
    expect(early({ vanishes: -1076 * Math.LN2, saturates: 54 * Math.LN2 })).toEqual([]);
    expect(early({ vanishes: -700, saturates: 54 * Math.LN2 })).not.toEqual([]);
    expect(early({ vanishes: -1076 * Math.LN2, saturates: 35 })).not.toEqual([]);
  });

  it.each(['bf16', 'fp16', 'fp32', 'p11', 'p13e8'])('leave the neighbours of both ends as they are in %s', (name) => {
    const A = emulatedArithmetic(formatByName(name)!);
    const { p, emin } = formatByName(name)!;
    const ends = [(Math.max(emin - p, -1021) - 1) * Math.LN2, (p + 1) * Math.LN2];
    const near = ends.flatMap((end) => Array.from({ length: 400 }, (_, i) => A.from(end + (i - 200) / 100)));
    expect(mismatches('silu', A, compose(A), near)).toEqual([]);
  });
});
