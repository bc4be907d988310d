import { describe, expect, it } from 'vitest';
import { emulatedArithmetic } from './emulated.ts';
import { formatByName } from './format.ts';
import { Rational } from './rational.ts';
import { Mismatches, OPERATIONS, randomStream, staged, TABLES } from './testing.ts';

/** Every pair of a small format; of a larger one, random pairs, half of them near each other in magnitude. */
const pairs = (name: string): [number[], number[]] => {
  const all = TABLES[name]!.all();
  if (all.length < 300) return [all.flatMap((x) => all.map(() => x)), all.flatMap(() => all)];
  const random = randomStream(16);
  const x = Array.from({ length: 8000 }, () => all[Math.floor(random() * all.length)]!);
  return [x, x.map((v, i) => (i % 2 ? all[Math.floor(random() * all.length)]! : v * (0.5 + random() * 1.5)))];
};

describe.each(Object.entries(TABLES))('%s', (name, table) => {
  const arithmetic = emulatedArithmetic(formatByName(name)!);
  const [x, second] = pairs(name);
  const y = second.map((v) => table.roundNumber(v));

  it.each(OPERATIONS)('%s is correctly rounded, called and staged', (operation) => {
    const wrong = new Mismatches();
    const inline = staged(arithmetic, operation, x, y);
    for (let i = 0; i < x.length; i++) {
      const expected = table.binary(operation, x[i]!, y[i]!);
      wrong.check(arithmetic[operation](x[i]!, y[i]!), expected, () => `${x[i]} ${operation} ${y[i]}`);
      wrong.check(inline[i]!, expected, () => `staged ${x[i]} ${operation} ${y[i]}`);
    }
    expect(wrong.examples).toEqual([]);
  });

  it('sqrt is correctly rounded', () => {
    const wrong = new Mismatches();
    table.values.forEach((value, pattern) => {
      const root = table.roundRoot(Rational.fromNumber(value));
      wrong.check(arithmetic.sqrt(value), root, () => `sqrt ${value}`);
      wrong.check(arithmetic.sqrt(-value), pattern === 0 ? -0 : NaN, () => `sqrt -${value}`);
    });
    expect(wrong.examples).toEqual([]);
    expect(arithmetic.sqrt(Infinity)).toBe(table.special(Infinity));
    expect(arithmetic.sqrt(NaN)).toBe(NaN);
  });

  it('neg, abs and less are exact', () => {
    const wrong = new Mismatches();
    for (const value of table.all()) {
      wrong.check(arithmetic.neg(value), -value, () => `neg ${value}`);
      wrong.check(arithmetic.abs(value), Math.abs(value), () => `abs ${value}`);
    }
    expect(wrong.examples).toEqual([]);
    const ordered = table
      .all()
      .filter((v) => arithmetic.less(v, NaN) || arithmetic.less(NaN, v) || arithmetic.less(v, v));
    expect(ordered).toEqual([]);
    expect([arithmetic.less(-1, 1), arithmetic.less(-0, 0), arithmetic.less(1, -1)]).toEqual([true, false, false]);
  });
});

describe('overflow', () => {
  it('gives NaN in e4m3, which has no infinity', () => {
    const { add, mul, div, from } = emulatedArithmetic(formatByName('fp8-e4m3')!);
    expect(add(448, 16)).toBe(448); // a tie, and 448 is even
    expect(add(448, 18)).toBe(NaN);
    expect(mul(-448, 2)).toBe(NaN);
    expect(div(1, 0)).toBe(NaN);
    expect(from(464)).toBe(448);
    expect(from(465)).toBe(NaN);
    expect(from(-Infinity)).toBe(NaN);
  });

  it('gives infinity in e5m2', () => {
    const { add, mul, div, from } = emulatedArithmetic(formatByName('fp8-e5m2')!);
    expect(add(57344, 4096)).toBe(Infinity); // a tie, and 57344 is odd
    expect(add(57344, 3584)).toBe(57344);
    expect(mul(-57344, 2)).toBe(-Infinity);
    expect(div(1, -0)).toBe(-Infinity);
    expect(from(61439)).toBe(57344);
  });
});
