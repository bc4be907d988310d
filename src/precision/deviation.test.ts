import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emulatedArithmetic } from '../arithmetic/emulated.ts';
import { formatByName, roundTo } from '../arithmetic/format.ts';
import { Rational } from '../arithmetic/rational.ts';
import type { AnyPoint } from '../claim/domain.ts';
import type { Layer } from '../network/layer.ts';
import { matrixFromForms } from '../network/matrix.ts';
import { at, deviation, predictedDeviation, within, type Subject } from './deviation.ts';

const NOTHING = Rational.of(0n);
const bf16 = formatByName('bf16')!;
const A = emulatedArithmetic(bf16);

const scaling = (...weights: number[]): Layer => ({
  kind: 'linear',
  weight: matrixFromForms(
    weights.map((w) => [[0, w]]),
    1,
  ),
});
const subject = (network: Layer, M: number, outputs: number[] = [0]): Subject => ({
  network,
  sequences: [[[within(M)]]],
  outputs,
});
const measured = (s: Subject, ...coordinates: number[]): number => {
  const value = deviation(s, A, NOTHING).measure({ sequence: 0, at: coordinates } as AnyPoint);
  return value instanceof Rational ? value.toNumber() : value;
};

describe('deviation', () => {
  it('is the rounding of weight, input and product', () => {
    fc.assert(
      fc.property(fc.double({ min: -1, max: 1, noNaN: true }), (x) => {
        const M = 3;
        const w = 1 / 3;
        const token = -M + (2 * M * (1 + x)) / 2;
        const y = roundTo(bf16, roundTo(bf16, w) * roundTo(bf16, token));
        const exact = Rational.fromNumber(w).mul(Rational.fromNumber(token)).sub(Rational.fromNumber(y));
        const expected = Math.abs(exact.toNumber());
        // An upper end, within 1 % of what it is the end of.
        const found = measured(subject(scaling(w), M), x);
        expect(found).toBeGreaterThanOrEqual(expected);
        expect(found).toBeLessThanOrEqual(1.011 * expected + 2 ** -120);
      }),
    );
  });

  it('takes the largest over the outputs that count', () => {
    const network = scaling(1, 1 / 3);
    expect(measured(subject(network, 1, [0]), 1)).toBe(0);
    expect(measured(subject(network, 1, [0, 1]), 1)).toBeGreaterThan(1e-4);
  });

  it('is no number where the run is none, and not predicted then', () => {
    const e4m3 = formatByName('fp8-e4m3')!;
    const overflowing = subject(scaling(300), 2);
    const value = deviation(overflowing, emulatedArithmetic(e4m3), NOTHING).measure({
      sequence: 0,
      at: [1],
    } as AnyPoint);
    expect(value).toBeNaN();
    expect(predictedDeviation(overflowing, e4m3)).toBe(Infinity);
  });

  it('draws integers where a side is one, and keeps known inputs', () => {
    const network: Layer = {
      kind: 'linear',
      weight: matrixFromForms(
        [
          [
            [0, 1],
            [1, 1 / 3],
          ],
        ],
        2,
      ),
    };
    const s: Subject = { network, sequences: [[[at(2), { lo: 1, hi: 4, integer: true }]]], outputs: [0] };
    const distinct = new Set(Array.from({ length: 41 }, (_, k) => measured(s, -1 + k / 20)));
    expect(distinct.size).toBeLessThanOrEqual(4);
  });

  it('stays below what is predicted', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -4, max: 4, noNaN: true }),
        fc.double({ min: -1, max: 1, noNaN: true }),
        fc.constantFrom('bf16', 'fp16', 'p5e8', 'fp8-e5m2'),
        fc.constantFrom('own', 'fp32'),
        (w, x, name, mode) => {
          const format = formatByName(name)!;
          const s = subject(
            { kind: 'sequential', layers: [scaling(w), { kind: 'activation', width: 1, function: 'silu' }] },
            2,
          );
          const value = deviation(s, emulatedArithmetic(format, mode), NOTHING).measure({
            sequence: 0,
            at: [x],
          } as AnyPoint) as Rational;
          expect(value.toNumber()).toBeLessThanOrEqual(predictedDeviation(s, format, mode));
        },
      ),
    );
  });
});
