import fc from 'fast-check';
import { expect, it } from 'vitest';
import { greatest } from './bisect.ts';

it('finds where a property ends, whatever the guess', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -5, max: 30 }),
      fc.option(fc.integer({ min: -10, max: 40 }), { nil: undefined }),
      (end, guess) => {
        const tried: number[] = [];
        const found = greatest(
          0,
          20,
          (n) => {
            tried.push(n);
            return n <= end;
          },
          guess,
        );
        expect(found).toBe(Math.min(20, Math.max(0, end)));
        expect(tried.every((n) => n > 0 && n <= 20)).toBe(true);
        expect(new Set(tried).size).toBe(tried.length);
      },
    ),
  );
});

it('asks twice where the guess is right', () => {
  let asked = 0;
  greatest(0, 1000, (n) => (asked++, n <= 300), 300);
  expect(asked).toBe(2);
});
