/**
 * Bounds known before a run against runs: every kind of layer, with random weights, at random points and at corners of a
 * box, in every format. Double-doubles, of 28 digits, stand for real arithmetic.
 */
import { describe, expect, it } from 'vitest';
import { castVector, type Accumulation } from '../arithmetic/arithmetic.ts';
import { doubleDoubles } from '../arithmetic/double-double.ts';
import { emulatedArithmetic } from '../arithmetic/emulated.ts';
import { formatByName } from '../arithmetic/format.ts';
import { Rational } from '../arithmetic/rational.ts';
import { entries } from '../arithmetic/testing.ts';
import type { Layer } from './layer.ts';
import { compile } from './machine.ts';
import { matrixFromDense } from './matrix.ts';
import { roundingBounds, type OutputBound, type Side } from './rounding.ts';
import { instantiate, LAYERS, Weights } from './testing.ts';

/** Formats, and whether a bound may be infinite: where two or three bits leave nothing known of a denominator. */
const FORMATS: readonly (readonly [name: string, mode: Accumulation, mayBeLost?: true])[] = [
  ['fp64', 'own'],
  ['fp32', 'own'],
  ['tf32', 'own'],
  ['fp16', 'own'],
  ['fp16', 'fp32'],
  ['bf16', 'own'],
  ['bf16', 'fp32'],
  ['p12', 'own'],
  ['p12', 'fp32'],
  ['p30', 'own'],
  ['p5', 'own', true],
  ['fp8-e4m3', 'own', true],
  ['fp8-e4m3', 'fp32', true],
  ['fp8-e5m2', 'own', true],
  ['fp8-e5m2', 'fp32', true],
];
const CASES = FORMATS.map(([name, mode, mayBeLost = false]) => {
  const format = formatByName(name)!;
  return { label: `${name}, ${mode}`, format, mode, mayBeLost, A: emulatedArithmetic(format, mode) };
});

/** A norm of a wide Mamba block's outputs: their mean square may reach 0. */
const WIDE_MAY_BE_LOST = 'residual stack';
const RADIUS = 0.01;

const exactRun = (layer: Layer, x: readonly number[], length: number): Rational[] => {
  const machine = compile(layer, doubleDoubles);
  const y = machine.run(castVector(doubleDoubles, x), length, machine.initialState());
  return entries(doubleDoubles, y).map((value) => doubleDoubles.bounds(value)!.lo);
};

/** What the reference may be wrong by. */
const referenceError = (value: Rational): number => (1 + Math.abs(value.toNumber())) * 1e-26;

interface Worst {
  difference: number;
  bound: number;
  lost: number;
}

/** Checks one run, and notes the largest difference and the largest bound. */
const check = (bounds: readonly OutputBound[], exact: readonly Rational[], computed: readonly number[], worst: Worst) =>
  bounds.forEach(({ lo, hi, error }, i) => {
    const value = exact[i]!.toNumber();
    const slack = referenceError(exact[i]!);
    if (lo > value + slack || hi < value - slack) throw new Error(`[${i}]: ${value} outside of [${lo}, ${hi}]`);
    if (error === Infinity) {
      worst.lost++;
      return;
    }
    const difference = exact[i]!.sub(Rational.fromNumber(computed[i]!)).abs().toNumber();
    if (!(difference <= error + slack)) throw new Error(`[${i}]: off by ${difference}, not ${error}`);
    worst.difference = Math.max(worst.difference, difference);
    worst.bound = Math.max(worst.bound, error);
  });

describe.each(Object.keys(LAYERS))('%s', (kind) => {
  it.each([
    [0, 0],
    [RADIUS, 1],
  ])('stays within its bounds, in a box of radius %d', (radius, seed) => {
    const ratios: number[] = [];
    const { layer, length, tokens } = instantiate(kind, { seed, inputs: 3, width: 4, states: 2, chunks: [3] });
    const w = new Weights(seed + 1);
    const box: Side[] = Array.from(tokens(compile(layer, doubleDoubles).inputs), (x) => ({
      lo: x - radius * w.number(0, 1),
      hi: x + radius * w.number(0, 1),
    }));
    const inside = (place: () => number): number[] =>
      box.map(({ lo, hi }) => Math.min(hi, Math.max(lo, lo + place() * (hi - lo))));
    const points = [inside(() => w.number(0, 1)), ...(radius > 0 ? [inside(() => (w.chance() ? 0 : 1))] : [])];
    const exact = points.map((x) => exactRun(layer, x, length));
    for (const { format, mode, mayBeLost, A } of CASES) {
      const bounds = roundingBounds(layer, box, format, mode);
      const worst: Worst = { difference: 0, bound: 0, lost: 0 };
      const machine = compile(layer, A);
      points.forEach((x, at) => {
        const y = machine.run(castVector(A, x), length, machine.initialState());
        check(bounds, exact[at]!, entries(A, y), worst);
      });
      if (!mayBeLost && !(radius > 0 && kind === WIDE_MAY_BE_LOST)) expect(worst.lost).toBe(0);
      if (!mayBeLost && worst.difference > 0) ratios.push(worst.bound / worst.difference);
    }
    ratios.sort((x, y) => x - y);
    expect(ratios[ratios.length >> 1]).toBeLessThan(kind === WIDE_MAY_BE_LOST ? 200 : 100);
  });
});

describe('products of integers by saturated gates', () => {
  /** ab = Σ στ SiLU(λσa)SiLU(λτb)/λ² of tokens (a, b); a gated scan without states multiplies. */
  const SCALE = 32;
  const signs = [1, -1].flatMap((s) => [1, -1].map((t) => [s, t] as const));
  const silu: Layer = { kind: 'activation', width: 8, function: 'silu' };
  const product: Layer = {
    kind: 'sequential',
    layers: [
      {
        kind: 'linear',
        weight: matrixFromDense(
          8,
          2,
          signs.flatMap(([s, t]) => [SCALE * s, 0, 0, SCALE * t]),
        ),
      },
      silu,
      // (u, delta, z, B, C) of a scan with four channels and no state: delta does not matter.
      {
        kind: 'linear',
        weight: matrixFromDense(
          12,
          8,
          [0, 1, 2].flatMap((part) =>
            signs.flatMap((_, i) =>
              Array.from({ length: 8 }, (_, c) => (part !== 1 && c === 2 * i + part / 2 ? 1 : 0)),
            ),
          ),
        ),
      },
      {
        kind: 'selective-scan',
        channels: 4,
        states: 0,
        A: new Float64Array(),
        D: new Float64Array(4).fill(1),
        deltaSoftplus: false,
        gated: true,
      },
      {
        kind: 'linear',
        weight: matrixFromDense(
          1,
          4,
          signs.map(([s, t]) => (s * t) / SCALE ** 2),
        ),
      },
    ],
  };
  const integer = { lo: -7, hi: 7, integer: true };

  it('are exact in fp32, but for dust', () => {
    const [bound] = roundingBounds(product, [integer, integer], formatByName('fp32')!);
    expect(bound!.error).toBeLessThan(1e-9);
    const A = emulatedArithmetic(formatByName('fp32')!);
    const machine = compile(product, A);
    for (const [a, b] of [
      [7, -7],
      [-3, -5],
      [0, 4],
    ] as const) {
      const [y] = entries(A, machine.run(castVector(A, [a, b]), 1, machine.initialState()));
      expect(Math.abs(y! - a * b)).toBeLessThan(1e-9);
    }
  });
  it('are not, by these bounds, on all reals, nor where λ does not saturate', () => {
    const real = { lo: -7, hi: 7 };
    expect(roundingBounds(product, [real, real], formatByName('fp32')!)[0]!.error).toBeGreaterThan(1e-7);
    expect(roundingBounds(product, [integer, integer], formatByName('p53')!)[0]!.error).toBeGreaterThan(1e-14);
  });
});

describe('an RMS norm with eps 2^60 and weights 2^30', () => {
  const norm: Layer = { kind: 'rms-norm', weight: new Float64Array(3).fill(2 ** 30), eps: 2 ** 60 };
  it.each([
    ['fp32', 'own'],
    ['bf16', 'own'],
    ['bf16', 'fp32'],
  ] as const)('is the identity in %s, mode %s', (name, mode) => {
    const box = Array.from({ length: 3 }, () => ({ lo: -100, hi: 100, integer: true }));
    for (const { error } of roundingBounds(norm, box, formatByName(name)!, mode)) expect(error).toBeLessThan(1e-11);
  });
  it('is not with an eps that is no power of four', () => {
    const box = Array.from({ length: 3 }, () => ({ lo: -100, hi: 100, integer: true }));
    const [bound] = roundingBounds({ ...norm, eps: 2 ** 59 } as Layer, box, formatByName('fp32')!);
    expect(bound!.error).toBeGreaterThan(1e-6);
  });
});

it('refuses tokens of another width', () => {
  const layer: Layer = { kind: 'activation', width: 2, function: 'silu' };
  expect(() => roundingBounds(layer, [{ lo: 0, hi: 1 }], formatByName('fp32')!)).toThrow('tokens of 2 components');
});
