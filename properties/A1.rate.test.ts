/** The trials of A1.rate where the probability of the event is known exactly. */
import { describe, expect, it } from 'vitest';
import { parseCell, type Frequency } from '../src/claim/claim.ts';
import { expand } from '../src/claim/parameters.ts';
import { measureRate } from '../src/evidence/frequency.ts';
import { rate } from './A1.rate.ts';

const { trials } = rate.quantities.rate as Frequency<typeof rate.parameters>;

const CAUCHY = 1 - (2 / Math.PI) * Math.atan(0.5);

describe('how often another score reaches half of s_{i,pos}', () => {
  it.each([
    // Archimedes: a coordinate of the sphere in three dimensions is uniform.
    ['sphere', 'one', 2, 3, 0.5],
    // Two of eight signs or fewer differ, or agree: scores of exactly ±1/2 count.
    ['signs', 'one', 2, 8, (2 * (1 + 8 + 28)) / 256],
    // The second of four signs' keys is orthogonal to the first with probability 6/16, the third to both with 4/16.
    ['signs', 'all', 3, 4, 1 - (6 / 16) * (4 / 16)],
    ['signs', 'one', 3, 4, 1 - (6 / 16) ** 2],
    ['gaussian', 'one', 2, 1, CAUCHY],
    // The decay, e^0.1 at most, raises the rate at one position and lowers it at the other.
    ['mamba-init', 'one', 2, 1, CAUCHY],
  ])('%s, %s position, N = %i, m = %i', (keys, positions, N, m, probability) => {
    const [cell] = expand({ keys, positions, N, m, delta: '0.5', trials: 20_000 });
    const { lo, hi } = measureRate(trials(parseCell(rate, cell!)), 7);
    expect(lo).toBeLessThan(probability);
    expect(hi).toBeGreaterThan(probability);
  });
});
