/**
 * How many roundings a record passes through on its way to an output, in each order of evaluation (docs/theory.md P1, P4):
 * the computed ŷ_i is the sum over j and the m states of α_ij c_i b_j v_j times at most roundings(i, j) + m factors 1 + δ,
 * |δ| ≤ u. Positions count from 1, and the state before the first token is 0.
 */
import { DEFAULT_CHUNK, type ScanOptions } from '../../src/network/scan.ts';

/** From record v_j to the state h_i, its product with the key included. */
export type Roundings = (i: number, j: number) => number;

/** Of a·h + h', the term a·h: a product and a sum, or both at once. */
const perStep = (fused: boolean): number => (fused ? 1 : 2);

const sequential =
  (fused: boolean): Roundings =>
  (i, j) =>
    1 + perStep(fused) * (i - j) + (j > 1 ? 1 : 0);

const chunked =
  (chunk: number, fused: boolean): Roundings =>
  (i, j) => {
    const step = perStep(fused);
    const chunkOf = (t: number): number => Math.ceil(t / chunk);
    const [from, to] = [chunkOf(j), chunkOf(i)];
    // The product with the key; the sum with the states before it within the chunk; with the state that came in.
    const written = 1 + (j > (from - 1) * chunk + 1 ? 1 : 0) + (from > 1 ? 1 : 0);
    if (from === to) return written + step * (i - j);
    // A running product of s decays takes s − 1 roundings.
    const carry = (s: number): number => s - 1 + step;
    return written + step * (from * chunk - j) + (to - from - 1) * carry(chunk) + carry(i - (to - 1) * chunk);
  };

const bitsSet = (x: number): number => {
  let count = 0;
  for (let rest = x; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
};

/** Sums on the way from leaf j to output i: at each level the node that holds j, the last of whose tokens is `end`, has a partner or not. */
const sums = (i: number, j: number): number => {
  let count = 0;
  for (let size = 1; size < i; size *= 2) {
    const end = i - 2 * size * Math.floor((i - j) / (2 * size));
    if (end > size) count++;
  }
  return count;
};

const parallel =
  (fused: boolean): Roundings =>
  (i, j) =>
    // The decays of the segments between j and i: i − j factors, each multiplied to others or to a state once.
    1 + (i - j) + sums(i, j) - (fused ? bitsSet(i - j) : 0);

export const roundingsOf = ({ order = 'sequential', chunk = DEFAULT_CHUNK, fused = false }: ScanOptions): Roundings =>
  order === 'sequential' ? sequential(fused) : order === 'chunked' ? chunked(chunk, fused) : parallel(fused);
