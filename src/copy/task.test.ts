import { describe, expect, it } from 'vitest';
import { buildBlock } from '../../constructions/copy/T2.block.ts';
import { buildIdeal } from '../../constructions/copy/T2.ideal.ts';
import { decimalArithmetic } from '../arithmetic/decimal.ts';
import { emulatedArithmetic } from '../arithmetic/emulated.ts';
import { float64 } from '../arithmetic/float64.ts';
import { formatByName } from '../arithmetic/format.ts';
import type { Interval } from '../arithmetic/interval-functions.ts';
import { intervals } from '../arithmetic/interval.ts';
import { Rational } from '../arithmetic/rational.ts';
import { vectorFrom } from '../arithmetic/testing.ts';
import { Fields } from '../network/fields.ts';
import { matrixFromDense } from '../network/matrix.ts';
import { Weights } from '../network/testing.ts';
import { CopyRunner, type CopyModule } from './task.ts';

const one = Rational.of(1n);
const ideal = (N: number, d: number, a = one): CopyModule => buildIdeal({ N, d, M: one, eps: one }, a);

/** A module that hands its token on unchanged and calls d components of it from `field` its output. */
const echo = (token: Fields, field: string): CopyModule => ({
  network: { kind: 'activation', width: token.width, function: 'identity' },
  token,
  output: token.at(field),
});

describe('tokens', () => {
  const N = 4;
  const token = new Fields({ scratch: 1, v: 2, i: 1, pos: 1, one: 1, e_i: N, e_pos: N });
  /** 0 only if the field holds v_pos(i) at every i. */
  const error = (field: string, d: number, records: number[], pos: number[]): number =>
    new CopyRunner(echo(token, field), d, float64).worstError({ records, pos });

  it('hold the record, i, pos(i) and 1, and zeros elsewhere', () => {
    const self = [1, 2, 3, 4];
    expect(error('v', 2, [5, 6, 7, 8, 9, 10, 11, 12], self)).toBe(0);
    expect(error('i', 1, self, self)).toBe(0);
    expect(error('pos', 1, self, [1, 1, 3, 2])).toBe(0);
    expect(error('one', 1, [1, 1, 1, 1], self)).toBe(0);
    expect(error('scratch', 1, [0, 0, 0, 0], self)).toBe(0);
  });
  it('hold the one-hot forms of i and pos(i)', () => {
    const hot = new Fields({ v: N, e_i: N, e_pos: N });
    const records = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
    const errorOf = (field: string, pos: number[]): number =>
      new CopyRunner(echo(hot, field), N, float64).worstError({ records, pos });
    expect(errorOf('e_i', [1, 2, 3, 4])).toBe(0);
    expect(errorOf('e_i', [1, 2, 3, 3])).toBe(1);
    expect(errorOf('e_pos', [1, 1, 2, 4])).toBe(0);
  });
  it('hold what a narrower token asks for', () => {
    const runner = new CopyRunner(echo(new Fields({ pos: 1 }), 'pos'), 1, float64);
    expect(runner.worstError({ records: [1, 2, 3], pos: [1, 2, 1] })).toBe(0);
  });
});

describe('the error', () => {
  const token = new Fields({ v: 2 });
  const runner = new CopyRunner(echo(token, 'v'), 2, float64);

  it('is the largest distance of any component at any position', () => {
    // Outputs are the tokens' own records: at i the error is |v_i − v_pos(i)|.
    const records = [1, 2, 4, -1.5, 1.5, 2.25];
    expect(runner.worstError({ records, pos: [1, 2, 3] })).toBe(0);
    expect(runner.worstError({ records, pos: [1, 1, 3] })).toBe(3.5); // 3 and 3.5
    expect(runner.worstError({ records, pos: [1, 2, 2] })).toBe(3.75);
    expect(runner.worstError({ records, pos: [1, 1, 1] })).toBe(3.5);
    expect(runner.worstError({ records, pos: [1, 2, 1] })).toBe(0.5); // 0.5 and 0.25
  });

  it('is NaN where any output is, whatever follows', () => {
    expect(runner.worstError({ records: [1, NaN, 2, 2], pos: [1, 2] })).toBe(NaN);
    expect(runner.worstError({ records: [NaN, 1, 2, 2, 3, 9], pos: [1, 2, 2] })).toBe(NaN);
    expect(runner.worstLastQuery([1, NaN, 2, 2, 3, 3], 3, [3])).toBe(0);
    expect(runner.worstLastQuery([1, NaN, 2, 2, 3, 3], 3, [2, 1, 3])).toBe(NaN);
  });

  it('is infinite where an output is', () => {
    const linear = { kind: 'linear', weight: matrixFromDense(1, 1, [1e308]) } as const;
    const module = { network: linear, token: new Fields({ v: 1 }), output: 0 };
    expect(new CopyRunner(module, 1, float64).worstError({ records: [1, 10], pos: [1, 2] })).toBe(Infinity);
  });

  it('is measured in the arithmetic that runs', () => {
    const half = (A: typeof float64): number => {
      const linear = { kind: 'linear', weight: matrixFromDense(1, 1, [0.5]) } as const;
      const module = { network: linear, token: new Fields({ v: 1 }), output: 0 };
      return new CopyRunner(module, 1, A).worstError({ records: [1 + 2 ** -7], pos: [1] });
    };
    expect(half(float64)).toBe(0.5 + 2 ** -8);
    expect(half(emulatedArithmetic(formatByName('p2')!))).toBe(0.5); // 0.5 + 2^−8 rounds to 0.5
    const A = decimalArithmetic(50);
    const runner = new CopyRunner(ideal(3, 1), 1, A);
    const records = [1, 2, 3].map((n) => A.div(A.one, A.from(n)));
    expect(A.toText(runner.worstError({ records, pos: [1, 1, 2] }))).toBe('0');
  });
});

it('encloses the largest of errors that overlap', () => {
  const runner = new CopyRunner(echo(new Fields({ v: 2 }), 'v'), 2, intervals);
  const interval = (lo: number, hi: number): Interval => ({ lo, hi });
  const [none, wide, narrow] = [interval(0, 0), interval(0, 5), interval(1, 2)];
  for (const second of [
    [wide, narrow],
    [narrow, wide],
  ]) {
    const records = vectorFrom(intervals, [none, none, ...second]);
    for (const { lo, hi } of [runner.worstError({ records, pos: [1, 1] }), runner.worstLastQuery(records, 2, [1])]) {
      expect(lo).toBeLessThanOrEqual(1);
      expect(lo).toBeGreaterThan(0.999);
      expect(hi).toBeGreaterThanOrEqual(5);
      expect(hi).toBeLessThan(5.001);
    }
  }
  const unknown = vectorFrom(intervals, [none, none, wide, interval(NaN, NaN)]);
  expect(runner.worstError({ records: unknown, pos: [1, 1] })).toEqual({ lo: NaN, hi: NaN });
});

describe('asking at the last token', () => {
  const half = Rational.of(1n, 2n);

  it('measures each position asked, from the same state', () => {
    const N = 9;
    const runner = new CopyRunner(ideal(N, 1, half), 1, float64);
    const ones = new Float64Array(N).fill(1);
    // The module reads a^(N − p)·v_p.
    for (let p = 1; p <= N; p++) expect(runner.worstLastQuery(ones, N, [p])).toBe(1 - 2 ** (p - N));
    expect(runner.worstLastQuery(ones, N, [9, 4, 7])).toBe(1 - 2 ** -5);
    expect(runner.worstLastQuery(ones, N, [])).toBe(0);
    expect(runner.worstLastQuery(ones.subarray(0, 1), 1, [1])).toBe(0);
  });

  it('agrees with running the whole sequence for each position', () => {
    const N = 7;
    const d = 2;
    const runner = new CopyRunner(buildBlock({ N, d, M: one, eps: half }), d, float64);
    const records = new Weights(1).vector(N * d);
    const self = Array.from({ length: N }, (_, at) => at + 1);
    const own = runner.worstError({ records, pos: self });
    for (const p of self) {
      const whole = runner.worstError({ records, pos: [...self.slice(0, -1), p] });
      expect(Math.max(own, runner.worstLastQuery(records, N, [p]))).toBe(whole);
    }
  });
});

it('runs long sequences in chunks, with the state carried over', () => {
  // At N = 700 a token has 1401 numbers, beside 2 · 700 of state: more than one chunk of 2^20.
  const N = 700;
  const runner = new CopyRunner(ideal(N, 1), 1, float64);
  let longest = 0;
  const { run } = runner.machine;
  runner.machine.run = (x, length, state, observe) => {
    longest = Math.max(longest, length);
    return run(x, length, state, observe);
  };
  const records = new Weights(2).vector(N);
  const pos = Array.from({ length: N }, (_, at) => 1 + Math.floor(at / 2));
  expect(runner.worstError({ records, pos })).toBe(0);
  expect(longest).toBe(Math.floor(2 ** 20 / (1401 + 2 + 2 * N)));
  expect(longest).toBeLessThan(N);
});
