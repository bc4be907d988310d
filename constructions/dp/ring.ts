/**
 * A ring of m slots for a stream without end, read ideally: slot t mod m is erased and written at t, the others are kept.
 *
 *   step   Δ_k = softplus(Γ(2·1[k = slot] − 1)): G = softplus(Γ) in the slot that is written, g = softplus(−Γ) elsewhere; A = −1
 *   record masked: v in the slot that is written, 0 elsewhere; unmasked: v in all of them
 *   read   SiLU(z₀) = 1 in the slot asked for, SiLU(0) = 0 elsewhere; the sum over the slots, times 1/G
 *
 * Source: docs/theory.md §5, T4.ring.
 */
import { SOFTPLUS_THRESHOLD, vectorOf, type Arithmetic, type Vec } from '../../src/arithmetic/arithmetic.ts';
import { Fields } from '../../src/network/fields.ts';
import type { Sequential } from '../../src/network/layer.ts';
import { matrixFromForms, type Form } from '../../src/network/matrix.ts';
import { Z0 } from '../copy/T2.block.ts';

export interface Ring {
  readonly m: number;
  readonly Gamma: number;
  readonly masked: boolean;
}

/** The record in each slot, the slot that is written and the one that is read as one-hot vectors, and 1. */
const tokenOf = (m: number) => new Fields({ records: m, writing: m, reading: m, one: 1 });

/** torch's softplus of a double, as the network has it. */
const softplus = (x: number): number => (x > SOFTPLUS_THRESHOLD ? x : Math.log1p(Math.exp(x)));

export const ringNetwork = ({ m, Gamma }: Ring): Sequential => {
  const token = tokenOf(m);
  const slots = Array.from({ length: m }, (_, k) => k);
  const one = token.at('one');
  const rows: Form[] = [
    ...slots.map((k): Form => [[token.at('records', k), 1]]),
    ...slots.map((k): Form => [
      [token.at('writing', k), 2 * Gamma],
      [one, -Gamma],
    ]),
    ...slots.map((k): Form => [[token.at('reading', k), Z0]]),
    [[one, 1]],
    [[one, 1]],
  ];
  return {
    kind: 'sequential',
    layers: [
      { kind: 'linear', weight: matrixFromForms(rows, token.width) },
      {
        kind: 'selective-scan',
        channels: m,
        states: 1,
        A: new Float64Array(m).fill(-1),
        deltaSoftplus: true,
        gated: true,
      },
      { kind: 'linear', weight: matrixFromForms([slots.map((k) => [k, 1 / softplus(Gamma)] as const)], m) },
    ],
  };
};

/** The tokens of a stream of records, the last of which asks for the one `back` steps ago, back < m. */
export const ringTokens = <T>(A: Arithmetic<T>, { m, masked }: Ring, records: Vec<T>, back: number): Vec<T> => {
  const token = tokenOf(m);
  const N = records.length;
  const x = vectorOf(A, N * token.width, () => A.zero);
  for (let t = 0; t < N; t++) {
    const row = t * token.width;
    for (let k = 0; k < m; k++) if (!masked || k === t % m) A.set(x, row + token.at('records', k), A.get(records, t));
    A.set(x, row + token.at('writing', t % m), A.one);
    A.set(x, row + token.at('one'), A.one);
  }
  A.set(x, (N - 1) * token.width + token.at('reading', (N - 1 - back) % m), A.one);
  return x;
};
