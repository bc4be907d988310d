/** The trials of A1.rate where the probability of the event is known exactly. */
import { describe, expect, it } from 'vitest';
import { parseCell, type Frequency } from '../src/claim/claim.ts';
import { expand } from '../src/claim/parameters.ts';
import { Random } from '../src/claim/random.ts';
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

/** P(|S| ≥ least) for the sum S of m random signs. */
const signsReach = (m: number, least: number): number => {
  let [ways, sum] = [1, 0];
  for (let k = 0; k <= m; ways = (ways * (m - k)) / ++k) if (Math.abs(m - 2 * k) >= least) sum += ways;
  return sum / 2 ** m;
};

it.each([
  ['0.28', 25, 7], // 0.28 · 25 is 7.000000000000001 in doubles
  ['0.2800001', 25, 9],
  ['0.50000000000000000001', 8, 6], // a half in doubles
  ['0', 9, 0],
])('of signs, ties with δm count exactly: δ = %s, m = %i', (delta, m, least) => {
  const [cell] = expand({ keys: 'signs', positions: 'one', N: 2, m, delta, trials: 20_000 });
  const { lo, hi } = measureRate(trials(parseCell(rate, cell!)), 11);
  expect(lo).toBeLessThanOrEqual(signsReach(m, least));
  expect(hi).toBeGreaterThanOrEqual(signsReach(m, least));
});

/** Draws that are known: keys of ones at first, then of zeros; the last position, and a step by its quantile. */
class Scripted extends Random {
  readonly #quantile: number;
  #ones: number;
  constructor(quantile: number, ones: number) {
    super(0);
    this.#quantile = quantile;
    this.#ones = ones;
  }
  override uniform = (): number => this.#quantile;
  override integer = (_: number, hi: number): number => hi;
  override normal = (): number => (this.#ones-- > 0 ? 1 : 0);
}

describe("Mamba's initialisation", () => {
  it.each([
    [0, 0.001, 2, 3],
    [0.5, 0.01, 2, 16],
    [0.5, 0.01, 40, 16],
    [0.25, 0.001 * Math.sqrt(10), 9, 1],
    [1, 0.1, 5, 4],
  ])('has the step of quantile %d at %d, and decays e^(−nΔ) for each token: N = %i, m = %i', (quantile, step, N, m) => {
    // c = b_N = b_1 = (1, …, 1), and nothing between: w_N1/w_NN is the mean of e^(−n(N−1)Δ), n = 1, …, m.
    const decays = Array.from({ length: m }, (_, n) => Math.exp(-(n + 1) * (N - 1) * step));
    const ratio = decays.reduce((x, y) => x + y) / m;
    const occurs = (delta: number): boolean => {
      const [cell] = expand({ keys: 'mamba-init', positions: 'one', N, m, delta: String(delta), trials: 100 });
      return trials(parseCell(rate, cell!)).occurs(new Scripted(quantile, 2 * m));
    };
    expect([occurs(ratio * (1 - 1e-9)), occurs(ratio * (1 + 1e-9))]).toEqual([true, false]);
  });
});
