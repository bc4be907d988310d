import { describe, expect, it } from 'vitest';
import { castVector, toNumbers, type Arithmetic, type Vec } from '../../src/arithmetic/arithmetic.ts';
import { decimalArithmetic } from '../../src/arithmetic/decimal.ts';
import { rationals } from '../../src/arithmetic/exact.ts';
import { float64 } from '../../src/arithmetic/float64.ts';
import { FORMAT_NAMES } from '../../src/arithmetic/format.ts';
import { arithmeticByName } from '../../src/arithmetic/names.ts';
import { Rational } from '../../src/arithmetic/rational.ts';
import { randomStream, vectorFrom } from '../../src/arithmetic/testing.ts';
import { CopyRunner } from '../../src/copy/task.ts';
import { compile } from '../../src/network/machine.ts';
import { sizesOf } from '../../src/network/size.ts';
import { difference, runInChunks } from '../../src/network/testing.ts';
import { buildIdeal, ideal } from './T2.ideal.ts';

const exact = (text: string): Rational => Rational.parse(text)!;
const sized = (N: number, d: number, M = '1') => ({ N, d, M: exact(M), eps: exact(M) });

/** Every format, with fp32 accumulation where there is one, p<k>, double-doubles, decimals and rationals. */
const ARITHMETICS = [
  ...[...FORMAT_NAMES, 'p5', 'p40', 'dd', 'decimal30'].map((name) => arithmeticByName(name)!),
  rationals as Arithmetic<unknown>,
  ...FORMAT_NAMES.map((name) => arithmeticByName(name, 'fp32')).filter((A) => A !== undefined),
].map((A): [string, Arithmetic<unknown>] => [`${A.name} (${A.mode})`, A]);

const N = 13;
const D = 3;
const random = randomStream(1);
const records = Float64Array.from({ length: N * D }, () => 4 * random() - 2);
const pos = Array.from({ length: N }, (_, at) => 1 + Math.floor(random() * (at + 1)));

/** Tokens (v, e_i, e_pos). */
const tokens = <T>(A: Arithmetic<T>, v: Vec<T>): Vec<T> => {
  const x: T[] = [];
  for (let i = 1; i <= N; i++) {
    for (let k = 0; k < D; k++) x.push(A.get(v, (i - 1) * D + k));
    for (const hot of [i, pos[i - 1]!]) for (let n = 1; n <= N; n++) x.push(n === hot ? A.one : A.zero);
  }
  return vectorFrom(A, x);
};

describe.each(ARITHMETICS)('in %s', (_, A) => {
  it('copies exactly', () => {
    const v = castVector(A, records);
    const runner = new CopyRunner(buildIdeal(sized(N, D)), D, A);
    const all = Array.from({ length: N }, (_, at) => at + 1);
    expect(A.toNumber(runner.worstError({ records: v, pos }))).toBe(0);
    expect(A.toNumber(runner.worstLastQuery(v, N, all))).toBe(0);
  });

  it('gives the same in chunks', () => {
    const machine = compile(buildIdeal(sized(N, D)).network, A);
    const x = tokens(A, castVector(A, records));
    const whole = runInChunks(A, machine, x, [N]).y;
    expect(Array.from(toNumbers(A, whole))).toEqual(
      pos.flatMap((p) => Array.from({ length: D }, (_, k) => A.toNumber(A.from(records[(p - 1) * D + k]!)))),
    );
    for (const chunks of [new Array<number>(N).fill(1), [1, 5, 0, 7]]) {
      expect(difference(A, runInChunks(A, machine, x, chunks).y, whole)).toBeUndefined();
    }
  });
});

it('brings a record −0 back as +0, and is blind to it', () => {
  const machine = compile(buildIdeal(sized(1, 1)).network, float64);
  expect(float64.get(machine.run(Float64Array.of(-0, 1, 1), 1, machine.initialState()), 0)).toBe(0);
});

describe('with an idle decay a < 1', () => {
  it.each(['0', '0.5', '0.9', '0.999'])('errs by M(1 − a^(N−1)) on its witness, a = %s', (a) => {
    const A = decimalArithmetic(40);
    const built = buildIdeal(sized(N, 2, '3'), exact(a));
    const error = A.fromReal(built.bound);
    const witness = new CopyRunner(built, 2, A).worstError(built.witness(A, 0));
    expect(A.toNumber(A.abs(A.sub(witness, error)))).toBeLessThanOrEqual(1e-38);
    // The decay of the network is a double, and the bound is that of the network.
    expect(built.bound).toEqual(exact('3').mul(exact('1').sub(Rational.fromNumber(Number(a)).pow(N - 1))));
  });

  it('errs by M(1 − a^(i − pos)) anywhere', () => {
    const built = buildIdeal(sized(N, 1), exact('0.5'));
    const runner = new CopyRunner(built, 1, float64);
    const ones = new Float64Array(N).fill(1);
    for (let p = 1; p <= N; p++) expect(runner.worstLastQuery(ones, N, [p])).toBe(1 - 0.5 ** (N - p));
  });
});

it('has N·d state floats, all of them read, and no error bound to choose', () => {
  const built = ideal.build({ ...sized(N, D), eps: exact('1e-30') });
  expect(sizesOf(built.network, N)).toMatchObject({
    dState: N,
    dInner: D,
    stateFloats: N * D,
    stateRead: N * D,
    parameters: (2 * N + D) * (2 * N + D) + 1,
    parametersNonzero: 2 * N + D + 1,
    largestWeight: 1,
  });
  expect(built.bound).toEqual(exact('0'));
  expect(built.constants).toEqual({ a: 1 });
  expect(ideal.allows.holds(sized(1, 1))).toBe(true);
});
