import { describe, expect, it } from 'vitest';
import { Rational } from '../src/arithmetic/rational.ts';
import { parseCell, type Measured } from '../src/claim/claim.ts';
import { decide, decideExperiment } from '../src/evidence/decide.ts';
import { constant } from './T2.constant.ts';

const options = { seed: 1, profile: 'quick' } as const;
const textsOf = (cell: Record<string, string | number>): Record<string, string> =>
  Object.fromEntries(Object.entries(cell).map(([name, x]) => [name, String(x)]));
const error = constant.quantities.error as Measured<typeof constant.parameters>;

describe('the bound of Welch, N/m − 1', () => {
  const verdict = (N: number, m: number): string => {
    const values = parseCell(constant, textsOf({ keys: 'any', N, m, M: 1 }));
    const welch = { ...error, bound: () => Rational.of(BigInt(N - m), BigInt(m)) };
    return decideExperiment(welch, values, (A) => error.experiment(values, A), undefined, options).cell.verdict;
  };
  it('is not attained where m does not divide N', () => {
    expect(verdict(5, 2)).toBe('undecided');
    expect(verdict(7, 2)).toBe('undecided');
  });
});

describe('keys that attain the bound', () => {
  it.each([
    ['basis', 5, 2, 2],
    ['basis', 7, 3, 2],
    ['basis', 24, 5, 4],
    ['simplex', 4, 3, 1],
    ['signs', 12, 4, 2],
  ])('%s, N = %i, m = %i: %i', (keys, N, m, expected) => {
    const { found } = decide(constant, 'error', textsOf({ keys, N, m, M: 1 }), options).cell;
    expect(found.witness ?? found.proof).toBeCloseTo(expected, 13);
  });
  it('attain it exactly where they are a basis, also for records that no double holds', () => {
    const { cell } = decide(constant, 'error', textsOf({ keys: 'basis', N: 7, m: 3, M: '0.3' }), options);
    expect([cell.verdict, cell.worst]).toEqual(['holds', 0.6]);
  });
});

describe('measured errors', () => {
  const { columns, row } = constant.measurements![0]!;
  const measured = (cell: Record<string, string | number>): Record<string, number> => {
    const values = row(parseCell(constant, textsOf(cell)), 3);
    return Object.fromEntries(columns.map(({ name }, at) => [name, values[at] as number]));
  };
  it('of random keys lie above the bound, and a descent comes down to it', () => {
    for (const m of [2, 3, 4]) {
      const { sharp, error: random, optimised } = measured({ keys: 'any', N: 9, m, M: 2 });
      expect(sharp).toBe(2 * (Math.ceil(9 / m) - 1));
      expect(random).toBeGreaterThan(1.2 * sharp!);
      expect(optimised! / sharp!).toBeGreaterThan(1 - 1e-12);
      expect(optimised! / sharp!).toBeLessThan(1.02);
    }
  });
  it('are the same for the same seed', () => {
    const cell = { keys: 'signs', N: 9, m: 4, M: 1 };
    expect(measured(cell)).toEqual(measured(cell));
  });
});

it.each([
  ['as many keys as positions', { keys: 'any', N: 3, m: 3, M: 1 }],
  ['a simplex of other sizes', { keys: 'simplex', N: 5, m: 3, M: 1 }],
])('does not speak of %s', (_, cell) => {
  expect(() => decide(constant, 'error', textsOf(cell), options)).toThrow(/^expected/);
});
