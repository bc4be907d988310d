import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fitLine } from './fit.ts';

it('finds the line that points lie on', () => {
  const small = fc.integer({ min: -1000, max: 1000 });
  fc.assert(
    fc.property(small, small, fc.uniqueArray(small, { minLength: 2, maxLength: 8 }), (slope, constant, xs) => {
      const line = fitLine(xs.map((x) => [x, slope * x + constant]));
      // Sums of 8 products below 2^31 are exact in doubles, means and quotients are not.
      expect(Math.abs(line.slope - slope)).toBeLessThan(1e-6);
      expect(Math.abs(line.constant - constant)).toBeLessThan(1e-4);
    }),
  );
});

it('leaves squared distances that no other line makes less', () => {
  const points = [
    [0, 1],
    [1, 3],
    [2, 2],
    [5, 7],
  ] as const;
  const squares = (slope: number, constant: number): number =>
    points.reduce((sum, [x, y]) => sum + (y - slope * x - constant) ** 2, 0);
  const { slope, constant } = fitLine(points);
  for (const [s, c] of [
    [0.01, 0],
    [-0.01, 0],
    [0, 0.01],
    [0, -0.01],
  ])
    expect(squares(slope + s!, constant + c!)).toBeGreaterThan(squares(slope, constant));
});
