/** Deciding: every way to refute, every relation, and the edge where a bound is attained. */
import { describe, expect, it } from 'vitest';
import type { Arithmetic } from '../arithmetic/arithmetic.ts';
import { realOf } from '../arithmetic/formula.ts';
import { arithmeticByName } from '../arithmetic/names.ts';
import { nextDown, Rational } from '../arithmetic/rational.ts';
import { defineClaim, experiment, type Experiment, type Measured } from '../claim/claim.ts';
import { integers, reals, vectors } from '../claim/domain.ts';
import { real } from '../claim/parameters.ts';
import { cellSeed, decide, decideExperiment, formatOf, seedFor } from './decide.ts';
import type { ExperimentIn } from './judge.ts';

const parameters = { c: real('bound', {}) } as const;
type Q = Measured<typeof parameters>;
const q = (text: string): Rational => Rational.parse(text)!;
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

  it('refutes by a sample alone, where plain arithmetic leads the search astray', () => {
    const hidden = <T>(a: Arithmetic<T>): Experiment<T> =>
      experiment({
        domain: { x: reals(0, 1) },
        // 0.9x, of which float64 sees −0.1x only.
        measure: ({ x }) => a.sub(a.sub(a.add(a.from(1e20), a.from(x)), a.from(1e20)), a.mul(a.from(0.1), a.from(x))),
      });
    const { cell, counterexample } = verdict({ experiment: (_, arithmetic) => hidden(arithmetic) }, '0.25');
    expect(cell).toMatchObject({ verdict: 'refuted', foundBy: 'sample', evidence: 'enclosed' });
    expect(cell.found.search).toBeLessThan(0.25);
    expect(counterexample!.value).toBeGreaterThan(0.25);
  });

  it('takes NaN for a violation in a format, and for no evidence about real numbers', () => {
    const broken = <T>(arithmetic: Arithmetic<T>): Experiment<T> =>
      experiment({ domain: { x: reals(0, 1) }, measure: () => arithmetic.from(NaN) });
    expect(inFormat(broken, '4', 'fp64').cell).toMatchObject({ verdict: 'refuted', worst: NaN });
    // A bound that claims to be attained is not merely not approached by it.
    const attained = claimOf({ slack: () => 0.9 }).quantities.sum!;
    const fp64 = arithmeticByName('fp64');
    expect(decideExperiment(attained, { c: q('4') }, broken, fp64, options).cell.verdict).toBe('refuted');
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

  it('gives a cell the same samples however its parameters are spelled', () => {
    const saw = <T>(a: Arithmetic<T>): Experiment<T> =>
      experiment({ domain: { x: reals(0, 1) }, measure: ({ x }) => a.from((1000 * x) % 1) });
    const at = (c: string, seed = 3) =>
      decide(claimOf({ experiment: (_, a) => saw(a) }), 'sum', { c }, { ...options, seed });
    for (const c of ['1000000', '1000000.00', '2000000/2']) expect(at(c)).toEqual(at('1e6'));
    for (const { cell } of [at('1000001'), at('1e6', 4)])
      expect(cell.found.sample).not.toBe(at('1e6').cell.found.sample);
    const cell = { a: q('1e-6'), N: 2, format: 'bf16' };
    expect(cellSeed(1, 'X', { N: 2, format: 'bf16', a: q('0.000001') })).toBe(cellSeed(1, 'X', cell));
  });

  it('runs the case of a path alone, whether it violates or not', () => {
    const runs: number[] = [];
    const counted = <T>(a: Arithmetic<T>): Experiment<T> =>
      experiment({
        domain: { x: reals(0, 1) },
        measure: ({ x }) => {
          runs.push(x);
          return a.from(x);
        },
      });
    const at = (path: string) => {
      runs.length = 0;
      const { cell, cases } = decide(
        claimOf({ experiment: (_, a) => counted(a) }),
        'sum',
        { c: '2' },
        { ...options, path },
      );
      return { found: cell.found, cases, runs: [...runs] };
    };
    const third = at('2');
    expect(third).toEqual({ found: { sample: third.runs[0] }, cases: 1, runs: [third.runs[0]] });
    expect(at('3').runs).not.toEqual(third.runs);
  });

  it('goes by every point where it goes through all of them, not by the one with the worst value', () => {
    const points = (value: (n: number, a: Arithmetic<unknown>) => unknown) =>
      ((_: unknown, a: Arithmetic<unknown>) =>
        experiment({ domain: { n: integers(1, 5) }, measure: ({ n }) => value(n, a) })) as Q['experiment'];
    // All are 7 but the third, which is less.
    const short = verdict({ relation: '==', experiment: points((n, a) => a.from(n === 3 ? 6 : 7)) }, '7');
    expect(short.cell).toMatchObject({ verdict: 'refuted', evidence: 'exhaustive' });
    expect([short.cases, short.counterexample]).toEqual([5, { point: { n: 3 }, value: 6 }]);
    // No enclosure tells e from itself: that is undecided, unless another point exceeds it.
    const euler = (last: number) =>
      verdict(
        {
          experiment: points((n, a) => (n === 2 ? a.exp(a.one) : a.from(n < 5 ? 2 : last))),
          bound: () => realOf('exp(1)', {}),
        },
        '1',
      ).cell;
    expect(euler(2)).toMatchObject({ verdict: 'undecided', evidence: 'exhaustive' });
    expect(euler(3)).toMatchObject({ verdict: 'refuted', evidence: 'exhaustive', worst: 3 });
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
