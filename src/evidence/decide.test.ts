/** Deciding: every way to refute, every relation, and the edge where a bound is attained. */
import { describe, expect, it } from 'vitest';
import type { Arithmetic } from '../arithmetic/arithmetic.ts';
import { float64 } from '../arithmetic/float64.ts';
import { nextUp, Rational } from '../arithmetic/rational.ts';
import { defineClaim, experiment, type Experiment, type Quantity } from '../claim/claim.ts';
import { reals, vectors } from '../claim/domain.ts';
import { real } from '../claim/parameters.ts';
import { decide, decideExperiment, seedFor } from './decide.ts';

const parameters = { c: real('bound', {}) } as const;
type Q = Quantity<typeof parameters>;
const options = { seed: 3, profile: 'quick' } as const;
const A = float64 as Arithmetic<unknown>;

/** The sum of four numbers in [0, 1] against a bound c; 4 is attained. */
const sum = <T>(arithmetic: Arithmetic<T>): Experiment<T> =>
  experiment({
    domain: { v: vectors(4, reals(0, 1)) },
    measure: ({ v }) => v.reduce((total, x) => arithmetic.add(total, arithmetic.from(x)), arithmetic.zero),
    witness: () => arithmetic.from(4),
  });

const claimOf = (quantity: Partial<Q>) =>
  defineClaim({
    tag: 'X',
    title: '',
    statement: '',
    quantifiers: [],
    source: '',
    parameters,
    grid: { quick: [], standard: [], deep: [] },
    quantities: {
      sum: {
        measures: '',
        relation: '<=',
        bound: ({ c }) => c,
        slack: () => null,
        experiment: (_, arithmetic) => sum(arithmetic),
        ...quantity,
      },
    },
  });
const verdict = (quantity: Partial<Q>, c: string) => decide(claimOf(quantity), 'sum', { c }, A, options);

describe('decide', () => {
  it('holds where nothing exceeds the bound, attained or not', () => {
    expect(verdict({}, '4').cell).toMatchObject({
      verdict: 'holds',
      worst: 4,
      tightness: 1,
      foundBy: 'witness',
      evidence: 'sampled',
      found: { search: 4 },
    });
    expect(verdict({}, '8').cell).toMatchObject({ verdict: 'holds', tightness: 0.5 });
  });

  it('refutes with a shrunk counterexample and a path that replays it', () => {
    const { cell, counterexample } = verdict({}, '2.5');
    expect(cell.verdict).toBe('refuted');
    expect(counterexample!.value).toBeGreaterThan(2.5);
    const again = decide(claimOf({}), 'sum', { c: '2.5' }, A, { ...options, path: counterexample!.path! });
    expect(again.counterexample!.point).toEqual(counterexample!.point);
  });

  it('refutes by search alone where no sample violates, and simplifies what it found', () => {
    const product = <T>(arithmetic: Arithmetic<T>): Experiment<T> =>
      experiment({
        domain: { v: vectors(6, reals(0.2, 0.9)) },
        measure: ({ v }) => arithmetic.from(v.reduce((total, x, i) => total * (i % 2 ? x : 1 - x), 1)),
      });
    const { cell, counterexample } = verdict({ experiment: (_, arithmetic) => product(arithmetic) }, '0.37');
    // The largest value, 0.9³·0.8³ = 0.373…, needs all six entries at alternating ends.
    expect(cell).toMatchObject({ verdict: 'refuted', foundBy: 'search' });
    expect(counterexample!.point.v).toEqual([0.2, 0.9, 0.2, 0.9, 0.2, 0.9]);
  });

  it('refutes by the witness alone', () => {
    const hidden = <T>(arithmetic: Arithmetic<T>): Experiment<T> => ({
      ...sum(arithmetic),
      witness: () => arithmetic.from(5),
    });
    expect(verdict({ experiment: (_, arithmetic) => hidden(arithmetic) }, '4.5').cell).toMatchObject({
      verdict: 'refuted',
      foundBy: 'witness',
      worst: 5,
    });
  });

  it('takes NaN for a violation', () => {
    const broken = <T>(arithmetic: Arithmetic<T>): Experiment<T> =>
      experiment({ domain: { x: reals(0, 1) }, measure: () => arithmetic.from(NaN) });
    expect(verdict({ experiment: (_, arithmetic) => broken(arithmetic) }, '4').cell).toMatchObject({
      verdict: 'refuted',
      worst: NaN,
    });
  });

  it('is undecided where a bound claims to be attained and nothing comes near it', () => {
    expect(verdict({ slack: () => 0.9 }, '8').cell.verdict).toBe('undecided');
    expect(verdict({ slack: () => 0.9 }, '4').cell.verdict).toBe('holds');
  });

  it('decides lower bounds and equalities', () => {
    expect(
      verdict({ relation: '>', experiment: (_, a) => ({ ...sum(a), witness: () => a.from(0) }) }, '-0.5').cell,
    ).toMatchObject({ verdict: 'holds', worst: 0 });
    expect(verdict({ relation: '>', experiment: (_, a) => sum(a) }, '0').cell.verdict).toBe('refuted');
    const count = (n: number) => (_: unknown, a: Arithmetic<unknown>) => ({ measure: () => a.from(n) });
    expect(verdict({ relation: '==', experiment: count(7) as Q['experiment'] }, '7').cell).toMatchObject({
      verdict: 'holds',
      evidence: 'exhaustive',
      foundBy: 'proof',
    });
    expect(verdict({ relation: '==', experiment: count(8) as Q['experiment'] }, '7').cell.verdict).toBe('refuted');
  });

  it('rounds a bound against the verdict', () => {
    const exactly = (x: number) => (_: unknown, a: Arithmetic<unknown>) => ({ measure: () => a.from(x) });
    // 1/10 lies below its double: a quantity equal to that double exceeds the bound.
    expect(verdict({ experiment: exactly(0.1) as Q['experiment'] }, '0.1').cell.verdict).toBe('refuted');
    expect(verdict({ relation: '>', experiment: exactly(0.1) as Q['experiment'] }, '0.1').cell.verdict).toBe('refuted');
    expect(verdict({ relation: '>', experiment: exactly(nextUp(0.1)) as Q['experiment'] }, '0.1').cell.verdict).toBe(
      'holds',
    );
  });

  it('gives every quantity and cell its own seed', () => {
    const seeds = [seedFor(1, 'a', 'b'), seedFor(1, 'ab', ''), seedFor(1, 'b', 'a'), seedFor(2, 'a', 'b')];
    expect(new Set(seeds).size).toBe(4);
    expect(seedFor(1, 'a', 'b')).toBe(seeds[0]);
  });

  it('scales the bound for teeth', () => {
    const quantity = claimOf({}).quantities.sum!;
    const values = { c: Rational.fromNumber(4) };
    const at = (scale: number) =>
      decideExperiment(quantity, values, sum(float64), float64, { ...options, scale }).cell.verdict;
    expect([at(1), at(0.99)]).toEqual(['holds', 'refuted']);
  });
});
