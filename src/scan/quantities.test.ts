import { describe, expect, it } from 'vitest';
import { formatByName } from '../arithmetic/format.ts';
import { given } from './channel.ts';
import { runnerIn } from './quantities.ts';

const fp16 = formatByName('fp16')!;
const scan = (a: number, v: number) => given({ a: [1, a], b: [1, 1], c: [1, 1], v: [v, v] });

describe('scans in a format with a least and a largest number', () => {
  const run = runnerIn(fp16, {});
  it('are run while they stay within', () => {
    expect(Array.from(run(scan(0.5, 2))!)).toEqual([2, 3]);
  });
  it('are left out where they overflow', () => {
    expect(run(scan(1, 40000))).toBeUndefined();
  });
  it('are left out where they lose bits to subnormal numbers', () => {
    // 3·2^−24 halved is no multiple of 2^−24.
    expect(run(scan(0.5, 3 * 2 ** -24))).toBeUndefined();
    expect(run(scan(0.5, 4 * 2 ** -24))).toBeDefined();
  });
});
