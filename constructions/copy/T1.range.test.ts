import { describe, expect, it } from 'vitest';
import { emulatedArithmetic } from '../../src/arithmetic/emulated.ts';
import { formatByName, roundTo } from '../../src/arithmetic/format.ts';
import { decayingChannel, firstFailure, type Copies } from './T1.range.ts';

function* constant(c: number): Generator<number, never> {
  for (;;) yield c;
}

/** The copy of one record at distance r. */
const copyAt = (format: string, a: number, v: number, r: number, c = 1, b = 1): Copies | undefined => {
  let asked = 0;
  const layer = decayingChannel(a, b, [v]);
  return firstFailure(emulatedArithmetic(formatByName(format)!), layer, constant(c), r, () => ++asked === r);
};

describe('the channel of T1.range', () => {
  it.each([
    ['bf16', 0.8984375, 0.9375, 300],
    ['fp8-e4m3', 0.875, 0.6875, 36],
    ['fp8-e5m2', 0.875, 0.5625, 6],
    ['fp16', 0.9990234375, 0.8125, 2500],
    ['fp64', 0.999, 0.5625, 3000],
  ])('rounds v, each a·h and c·h once, and nothing else: %s, a = %d', (format, a, v, r) => {
    const fl = (x: number): number => roundTo(formatByName(format)!, x);
    let h = fl(v);
    for (let step = 0; step < r; step++) h = fl(a * h);
    const c = fl(3.25);
    expect(copyAt(format, a, v, r, c)).toEqual({ r, c, h: [h], y: [fl(c * h)] });
  });

  it('multiplies the record by its key', () => {
    expect(copyAt('fp16', 0.5, 0.75, 3, 1, 16)).toMatchObject({ h: [1.5], y: [1.5] });
  });

  it('hands on a score that is not finite, without harm to the state', () => {
    expect(copyAt('fp16', 0.5, 0.75, 2, Infinity)).toMatchObject({ h: [0.1875], y: [Infinity] });
    expect(copyAt('fp8-e4m3', 0.5, 0.75, 2, NaN)).toMatchObject({ h: [0.1875], y: [NaN] });
  });

  it('stops at the first distance that misses a record, or after the last', () => {
    const A = emulatedArithmetic(formatByName('fp32')!);
    const layer = decayingChannel(0.5, 1, [1, 0.5]);
    const missed = (most: number, record: number, below: number): number | undefined =>
      firstFailure(A, layer, constant(1), most, (y, k) => k === record && y < below)?.r;
    expect(missed(100, 0, 2 ** -10)).toBe(11);
    expect(missed(100, 1, 2 ** -10)).toBe(10);
    expect(missed(10, 0, 2 ** -10)).toBeUndefined();
    expect(missed(11, 0, 2 ** -10)).toBe(11);
    // the record itself, r = 0, is not asked for
    expect(missed(5, 0, 2)).toBe(1);
  });
});
