import { describe, expect, it } from 'vitest';
import { castVector, toNumbers } from '../arithmetic/arithmetic.ts';
import { float64 } from '../arithmetic/float64.ts';
import { intervals } from '../arithmetic/interval.ts';
import { FieldMatrix, Fields, pick, tokens } from './fields.ts';
import { denseData } from './matrix.ts';

const fields = new Fields({ v: 2, i: 1, empty: 0, e: 3 });
const dense = (matrix: Parameters<typeof denseData>[0]): number[] => Array.from(denseData(matrix));

/** The message of the one-line error that `act` must throw. */
const failure = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
    return (error as Error).message;
  }
  throw new Error('expected an error');
};

describe('Fields', () => {
  it('lays fields out in order', () => {
    expect(fields.names).toEqual(['v', 'i', 'empty', 'e']);
    expect(fields.width).toBe(6);
    expect([fields.at('v'), fields.at('v', 1), fields.at('i'), fields.at('e'), fields.at('e', 2)]).toEqual([
      0, 1, 2, 3, 5,
    ]);
    expect(fields.names.map((name) => fields.widthOf(name))).toEqual([2, 1, 0, 3]);
    expect([fields.has('i'), fields.has('j'), fields.has('toString')]).toEqual([true, false, false]);
  });

  it.each([2, -1, NaN])('has no component %d of a field of two', (k) => {
    expect(failure(() => fields.at('v', k))).toBe(`expected a component of v below 2, got ${k}`);
  });
  it('has no component of an empty field', () => {
    expect(failure(() => fields.at('empty'))).toBe('expected a component of empty below 0, got 0');
  });
  it('names the fields there are where one is unknown', () => {
    const message = 'expected a field (v, i, empty, e), got w';
    expect(failure(() => fields.at('w' as 'v'))).toBe(message);
    expect(failure(() => fields.widthOf('w' as 'v'))).toBe(message);
    expect(failure(() => pick(fields, 'w' as 'v'))).toBe(message);
  });
});

describe('FieldMatrix', () => {
  const to = new Fields({ a: 1, b: 2 });

  it('writes weights from one field to another', () => {
    const matrix = new FieldMatrix(to, fields).set('a', 0, 'i', 0, 3).set('b', 1, 'e', 2, -4).build();
    expect([matrix.rows, matrix.columns]).toEqual([3, 6]);
    expect(dense(matrix)).toEqual([0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -4]);
  });
  it('refuses components outside', () => {
    expect(failure(() => new FieldMatrix(to, fields).set('a', 1, 'i', 0, 1))).toBe(
      'expected a component of a below 1, got 1',
    );
    expect(failure(() => new FieldMatrix(to, fields).set('a', 0, 'e', 3, 1))).toBe(
      'expected a component of e below 3, got 3',
    );
  });
});

it('picks one field', () => {
  expect(dense(pick(fields, 'v'))).toEqual([1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
  expect(dense(pick(fields, 'e'))).toEqual([0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1]);
  expect(pick(fields, 'empty')).toMatchObject({ rows: 0, columns: 6 });
});

describe('tokens', () => {
  it('hold vectors and numbers in the fields named, zeros elsewhere', () => {
    const x = tokens(float64, fields, 2, { e: Float64Array.of(1, 2, 3, 4, 5, 6), i: (position) => 10 + position });
    expect(toNumbers(float64, x)).toEqual(Float64Array.of(0, 0, 10, 1, 2, 3, 0, 0, 11, 4, 5, 6));
    expect(toNumbers(float64, tokens(float64, fields, 2, {}))).toEqual(new Float64Array(12));
    expect(tokens(float64, fields, 0, { i: () => 1 })).toHaveLength(0);
  });
  it('are numbers of the arithmetic', () => {
    const x = tokens(intervals, fields, 1, { v: castVector(intervals, [3, 4]), i: () => ({ lo: 1, hi: 2 }) });
    expect([intervals.get(x, 1), intervals.get(x, 2)]).toEqual([
      { lo: 4, hi: 4 },
      { lo: 1, hi: 2 },
    ]);
  });
  it('know their fields', () => {
    const contents = { w: () => 1 } as unknown as { v: () => number };
    expect(failure(() => tokens(float64, fields, 1, contents))).toBe('expected a field (v, i, empty, e), got w');
  });
});
