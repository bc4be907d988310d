/** Deciding: every way to refute, every relation, and the edge where a bound is attained. */
import { describe, expect, it } from 'vitest';
import type { Arithmetic } from '../arithmetic/arithmetic.ts';
import { arithmeticByName } from '../arithmetic/names.ts';
import { nextDown, Rational } from '../arithmetic/rational.ts';
import { defineClaim, experiment, type Experiment, type Measured } from '../claim/claim.ts';
import { reals, vectors } from '../claim/domain.ts';
import { real } from '../claim/parameters.ts';
import { decide, decideExperiment, formatOf, seedFor } from './decide.ts';
import type { ExperimentIn } from './judge.ts';

const parameters = { c: real('bound', {}) } as const;
type Q = Measured<typeof parameters>;
const options = { seed: 3, profile: 'quick' } as const;

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
const inFormat = (run: ExperimentIn, c: string, format: string) =>
  decideExperiment(claimOf({}).quantities.sum!, { c: Rational.parse(c)! }, run, arithmeticByName(format), options);
const verdict = (quantity: Partial<Q>, c: string) => decide(claimOf(quantity), 'sum', { c }, options);

describe('decide', () => {
  it('holds where nothing exceeds the bound, attained or not', () => {
    expect(verdict({}, '4').cell).toMatchObject({
      verdict: 'holds',
      worst: 4,
      tightness: 1,
      foundBy: 'witness',
      format: 'real',
      evidence: 'enclosed',
      found: { search: 4 },
    });
    const loose = verdict({}, '8').cell;
    expect(loose.verdict).toBe('holds');
    // The upper end of an enclosure by float64 intervals, which round three times.
    expect(loose.worst).toBeGreaterThanOrEqual(4);
    expect(loose.worst).toBeLessThanOrEqual(4 * (1 + 2 ** -51));
    expect(loose.tightness).toBe(loose.worst / 8);
  });

  it('refutes with a shrunk counterexample and a path that replays it', () => {
    const { cell, counterexample } = verdict({}, '2.5');
    expect(cell.verdict).toBe('refuted');
    expect(counterexample!.value).toBeGreaterThan(2.5);
    const again = decide(claimOf({}), 'sum', { c: '2.5' }, { ...options, path: counterexample!.path! });
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

  it('takes NaN for a violation in a format, and for no evidence about real numbers', () => {
    const broken = <T>(arithmetic: Arithmetic<T>): Experiment<T> =>
      experiment({ domain: { x: reals(0, 1) }, measure: () => arithmetic.from(NaN) });
    expect(inFormat(broken, '4', 'fp64').cell).toMatchObject({ verdict: 'refuted', worst: NaN });
    expect(verdict({ experiment: (_, arithmetic) => broken(arithmetic) }, '4').cell).toMatchObject({
      verdict: 'undecided',
      worst: NaN,
    });
  });

  it('decides what a format computes, not what it approximates', () => {
    const third = <T>(arithmetic: Arithmetic<T>): Experiment<T> => ({
      measure: () => arithmetic.add(arithmetic.from(0.1), arithmetic.from(0.2)),
    });
    // The doubles add up to 0.300000000000000016653…, which float64 rounds to 0.3000000000000000444….
    const c = '0.30000000000000002';
    expect(verdict({ experiment: (_, arithmetic) => third(arithmetic) }, c).cell).toMatchObject({
      format: 'real',
      verdict: 'holds',
      evidence: 'exhaustive',
    });
    for (const [name, expected] of [
      ['fp64', 'refuted'],
      ['decimal40', 'holds'],
      ['dd', 'holds'],
      ['bf16', 'refuted'], // 0.30078125
    ] as const) {
      expect(inFormat(third, c, name).cell).toMatchObject({ format: name, verdict: expected });
    }
  });

  it('is undecided where a bound claims to be attained and nothing comes near it', () => {
    expect(verdict({ slack: () => 0.9 }, '8').cell.verdict).toBe('undecided');
    expect(verdict({ slack: () => 0.9 }, '4').cell.verdict).toBe('holds');
    const shifted = <T>(a: Arithmetic<T>): Experiment<T> => ({
      ...sum(a),
      measure: (point) => a.add(a.from(10), sum(a).measure(point)),
      witness: () => a.from(10),
    });
    const lower = (c: string) =>
      verdict({ relation: '>=', slack: () => 1.1, experiment: (_, a) => shifted(a) }, c).cell.verdict;
    expect([lower('9'), lower('10'), lower('11')]).toEqual(['undecided', 'holds', 'refuted']);
  });

  it('decides lower bounds and equalities', () => {
    const above = verdict({ relation: '>', experiment: (_, a) => ({ ...sum(a), witness: () => a.from(0) }) }, '-0.5');
    expect(above.cell.verdict).toBe('holds');
    expect(above.cell.worst).toBeLessThanOrEqual(0);
    expect(above.cell.worst).toBeGreaterThan(-1e-300);
    expect(verdict({ relation: '>', experiment: (_, a) => sum(a) }, '0').cell.verdict).toBe('refuted');
    expect(verdict({ relation: '>=', experiment: (_, a) => sum(a) }, '0').cell.verdict).toBe('holds');
    expect(verdict({ relation: '>=', experiment: (_, a) => sum(a) }, '0.5').cell.verdict).toBe('refuted');
    const count = (n: number) => (_: unknown, a: Arithmetic<unknown>) => ({ measure: () => a.from(n) });
    expect(verdict({ relation: '==', experiment: count(7) as Q['experiment'] }, '7').cell).toMatchObject({
      verdict: 'holds',
      evidence: 'exhaustive',
      foundBy: 'proof',
    });
    expect(verdict({ relation: '==', experiment: count(8) as Q['experiment'] }, '7').cell.verdict).toBe('refuted');
  });

  it('compares with the bound itself, and shows the double nearest to it', () => {
    const exactly = (x: number) => (_: unknown, a: Arithmetic<unknown>) => ({ measure: () => a.from(x) });
    const at = (relation: Q['relation'], x: number) =>
      verdict({ relation, experiment: exactly(x) as Q['experiment'] }, '0.1').cell;
    // 1/10 lies below its double, and above the double before that.
    expect(at('<=', 0.1)).toMatchObject({ verdict: 'refuted', bound: 0.1, tightness: 1 });
    expect(at('<=', nextDown(0.1))).toMatchObject({ verdict: 'holds', bound: 0.1, worst: nextDown(0.1) });
    expect(at('>', 0.1)).toMatchObject({ verdict: 'holds', bound: 0.1 });
    expect(at('>', nextDown(0.1)).verdict).toBe('refuted');
    expect(at('==', 0.1)).toMatchObject({ verdict: 'refuted', bound: 0.1, tightness: null });
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
      decideExperiment(quantity, values, sum, undefined, { ...options, scale }).cell.verdict;
    expect([at(1), at(0.99)]).toEqual(['holds', 'refuted']);
  });

  it('takes a formula of the parameters for the bound, of which no tightness is claimed', () => {
    const at = (bound: string) => decide(claimOf({ slack: () => 0.9 }), 'sum', { c: '8' }, { ...options, bound }).cell;
    expect(at('c/2')).toMatchObject({ verdict: 'holds', bound: 4, slack: null });
    expect(at('c + 1')).toMatchObject({ verdict: 'holds', bound: 9, slack: null });
    expect(at('sqrt(c) + 1')).toMatchObject({ verdict: 'refuted', bound: 1 + Math.sqrt(8) });
  });

  it('knows the format of a cell', () => {
    expect([formatOf({}), formatOf({ format: 'real' })]).toEqual([undefined, undefined]);
    expect(formatOf({ format: 'bf16' })).toMatchObject({ name: 'bf16', mode: 'own' });
  });
});
