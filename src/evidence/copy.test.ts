import { describe, expect, it } from 'vitest';
import { attention } from '../../constructions/copy/T2.attention.ts';
import { block } from '../../constructions/copy/T2.block.ts';
import { ideal } from '../../constructions/copy/T2.ideal.ts';
import { arithmeticByName } from '../arithmetic/names.ts';
import { Rational } from '../arithmetic/rational.ts';
import type { Accumulation } from '../arithmetic/arithmetic.ts';
import { Fields } from '../network/fields.ts';
import type { Layer } from '../network/layer.ts';
import { matrixFromDense } from '../network/matrix.ts';
import { defineCopy, type CopyConstruction } from '../copy/construction.ts';
import { evaluateCopy, type CopyReport } from './copy.ts';

const exact = (text: string): Rational => Rational.parse(text)!;

const evaluate = (
  construction: CopyConstruction,
  { N = 8, d = 1, M = '1', eps = '0.25', format = 'fp64', mode = 'own' as Accumulation, seed = 1 } = {},
): CopyReport =>
  evaluateCopy(construction, { N, d, M: exact(M), eps: exact(eps) }, arithmeticByName(format, mode)!, seed);

describe('a construction that holds', () => {
  it('is reported with its constants, sizes and errors', () => {
    const report = evaluate(block, { N: 16, d: 2, M: '3', eps: '0.01' });
    expect(report).toMatchObject({
      construction: 'T2.block',
      params: { N: 16, d: 2, M: 3, eps: 0.01 },
      format: 'fp64',
      mode: 'own',
      sizes: { dState: 16, dInner: 2 * 2 + 2 * 18, stateRead: 2 * 2 * 16 },
      verdict: 'holds',
    });
    expect(Object.keys(report.constants)).toEqual(['lambda', 'tau', 'z0']);
    expect(report.bound).toBeLessThanOrEqual(0.01);
    expect(report.reason).toBeUndefined();
    const { witness, sample, search } = report.found;
    expect(report.worst).toBe(Math.max(witness!, sample!, search!));
    expect(report.error).toBe(sample);
    expect(report.worst).toBeLessThanOrEqual(report.bound);
    expect(report.worst).toBeGreaterThan(0.5 * report.bound);
    expect(report.found[report.foundBy]).toBe(report.worst);
  });

  it('is the same report for the same seed, another for another', () => {
    const [x, y, z] = [7, 7, 8].map((seed) => evaluate(block, { seed }));
    expect(x).toEqual(y);
    expect(x!.error).not.toBe(z!.error);
  });

  it.each(['bf16', 'fp8-e4m3', 'fp64', 'p12', 'decimal25'])('T2.ideal in %s, exactly', (format) => {
    expect(evaluate(ideal, { N: 2, format, d: 2 })).toMatchObject({
      worst: 0,
      error: 0,
      bound: 0,
      verdict: 'holds',
      format,
    });
  });

  it('suits its constants to the format, and is held to ε there', () => {
    const report = evaluate(block, { N: 32, format: 'bf16' });
    expect(report).toMatchObject({ constants: { lambda: 8 }, verdict: 'holds' });
    expect(report.worst).toBeLessThanOrEqual(0.25);
    expect(evaluate(block, { format: 'bf16', mode: 'fp32' })).toMatchObject({ mode: 'fp32', verdict: 'holds' });
  });

  it.each([
    ['fp64', undefined],
    ['p53', undefined],
    ['decimal20', undefined],
    ['bf16', 8],
    ['p12', 12],
  ])('is built for real numbers or for the format: %s', (format, p) => {
    const spy = defineCopy({
      ...ideal,
      build: (asked) => ({ ...ideal.build(asked), constants: { p: asked.format?.p ?? 0 } }),
    });
    expect(evaluate(spy, { N: 1, format }).constants).toEqual({ p: p ?? 0 });
  });

  it('is not refuted by the rounding of float64 where its bound is attained', () => {
    const { verdict, worst, bound } = evaluate(attention, { N: 64, eps: '1e-10' });
    expect(verdict).toBe('holds');
    expect(worst).toBeGreaterThan(0.99 * bound);
  });
  it('may be asked for any ε, however small', () => {
    expect(evaluate(ideal, { eps: '1e-300' })).toMatchObject({ params: { eps: 1e-300 }, worst: 0, verdict: 'holds' });
  });
});

describe('a construction that breaks', () => {
  it('says why, by theory', () => {
    expect(evaluate(block, { N: 16, format: 'fp8-e4m3' })).toMatchObject({ verdict: 'holds' });
    const report = evaluate(block, { N: 17, format: 'fp8-e4m3' });
    expect(report.verdict).toBe('refuted');
    expect(report.reason).toMatch(/^P2: N = 17 > 2\^4 = 16/);
    expect(report.worst).toBeGreaterThanOrEqual(0.5);
  });

  it('says that rounding is at fault where theory names nothing', () => {
    const report = evaluate(block, { N: 8, eps: '0.01', format: 'fp8-e5m2' });
    expect(report).toMatchObject({ worst: 0.125, verdict: 'refuted' });
    expect(report.reason).toMatch(/^the error 0\.125 is above 0\.0100: the rounding .* fp8-e5m2/);
  });

  it('is refused for an ε that it is not built for', () => {
    expect(() => evaluate(block, { M: '1', eps: '1.5' })).toThrow(
      '`--eps` to be a number in (0, M] for T2.block, got 1.5',
    );
  });
});

/** A construction for tokens v that runs these layers; its witness holds one record throughout. */
const stub = (bound: string, record: number, ...layers: Layer[]): CopyConstruction =>
  defineCopy({
    tag: 'stub',
    title: '',
    statement: '',
    source: '',
    allows: { expected: '', holds: () => true },
    build: ({ N, d }) => ({
      network: { kind: 'sequential', layers },
      token: new Fields({ v: d }),
      output: 0,
      constants: {},
      bound: exact(bound),
      witness: (A) => ({
        records: Array.from({ length: N }, () => A.from(record)),
        pos: Array.from({ length: N }, () => 1),
      }),
      breaks: () => undefined,
    }),
  });
const linear = (outputs: number, inputs: number, weight: number[], bias?: number[]): Layer => ({
  kind: 'linear',
  weight: matrixFromDense(outputs, inputs, weight),
  ...(bias && { bias: Float64Array.from(bias) }),
});

describe('the verdict in real numbers', () => {
  /** Returns half the record: the error is 1/2. */
  const half = (bound: string): CopyConstruction => stub(bound, 1, linear(1, 1, [0.5]));

  it('needs the error within the bound, and the bound within ε', () => {
    const N = 1;
    expect(evaluate(half('0.6'), { N, eps: '0.6' })).toMatchObject({ worst: 0.5, verdict: 'holds' });
    const aboveBound = evaluate(half('0.4'), { N, eps: '0.6' });
    expect(aboveBound.verdict).toBe('refuted');
    expect(aboveBound.reason).toMatch(/^the error 0\.500 is above 0\.400: /);
    const boundAboveEps = evaluate(half('0.6'), { N, eps: '0.55' });
    expect(boundAboveEps.verdict).toBe('refuted');
    expect(boundAboveEps.reason).toBe("the construction's own bound 0.600 is above ε = 0.55");
  });
});

/** Gives 0 for records below the limit; above it, e^(10^6 (v − limit)) overflows, and ∞ − ∞ is NaN. */
const fragile = (limit: number, record: number): CopyConstruction =>
  stub(
    '10',
    record,
    linear(1, 1, [1e6], [-1e6 * limit]),
    { kind: 'activation', width: 1, function: 'exp' },
    linear(2, 1, [1, -1]),
    linear(1, 2, [1, 1]),
  );

it('lets NaN win, whoever finds it', () => {
  // Samples reach records above 0.01, the witness stays at 0.
  const bySample = evaluate(fragile(0.01, 0), { N: 6 });
  expect(bySample).toMatchObject({ worst: NaN, verdict: 'refuted' });
  expect(bySample.found.witness).toBe(0);
  // Only the witness goes beyond 2.
  const byWitness = evaluate(fragile(2, 3), { N: 1 });
  expect(byWitness).toMatchObject({ worst: NaN, foundBy: 'witness', verdict: 'refuted' });
});
