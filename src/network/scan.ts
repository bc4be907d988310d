/**
 * The linear recurrence of a state-space layer in three orders of evaluation,
 *
 *   H_t = a_t H_{t−1} + b_t v_tᵀ,   y_t = H_tᵀ c_t   (t = 1 … L; H_0 is the state that comes in).
 *
 * In real arithmetic they are one; in a number format they round differently (docs/theory.md P1, P4). All form
 * fl(b v), and add the products fl(c_n H_n) from the first state to the last, starting from 0. Between these:
 *
 *   sequential   h_t = fl(fl(a_t h_{t−1}) + fl(b_t v_t))
 *   chunked      within each chunk, from nothing: g_t = fl(fl(a_t g_{t−1}) + fl(b_t v_t)) and the running product of decays
 *                p_t = fl(p_{t−1} a_t), where the first token of the chunk starts with fl(b v) and a themselves; then
 *                h_t = fl(fl(p_t H) + g_t), H the state after the chunk before. Chunks start anew with every call.
 *   parallel     the associative scan of (a, h) ∘ (a', h') = (fl(a a'), fl(fl(a' h) + h')) by Kogge and Stone: H_0 enters
 *                with the first token, h_1 = fl(fl(a_1 H_0) + fl(b_1 v_1)); then, for s = 1, 2, 4 … < L, every token t > s
 *                is combined with token t − s. The tree has height ⌈log2 L⌉; token t combines ⌈log2 t⌉ times.
 *
 * `fused` rounds each a·h + h' and each step of the read-out once.
 */
import type { Arithmetic, Vec } from '../arithmetic/arithmetic.ts';
import type { Kernel, Stage, Staged } from '../arithmetic/stage.ts';
import { InputError } from '../input-error.ts';
import { LANES } from './kernels.ts';

export const ORDERS = ['sequential', 'chunked', 'parallel'] as const;
export type Order = (typeof ORDERS)[number];

export interface ScanOptions {
  /** 'sequential' where absent: the only order in which it makes no difference how tokens are divided among calls. */
  readonly order?: Order;
  /** Tokens of a chunk in chunked order. */
  readonly chunk?: number;
  /** Fused multiply–adds. */
  readonly fused?: boolean;
}

/** The length of a chunk in published Mamba-2 models. */
export const DEFAULT_CHUNK = 256;

/** Where a scan's decay comes from: given per token, or exp(dt A) with A per channel, or per channel and state. */
export type Decay = 'token' | 'channel' | 'entry';

/** x·y + z */
const multiplyAdd =
  (k: Stage, fused: boolean) =>
  (x: Staged, y: Staged, z: Staged): Staged =>
    fused ? k.fma(x, y, z) : k.add(k.mul(x, y), z);

/**
 * H[n, i] ← a H[n, i] + b[n] v[i];  y[i] = Σ_n c[n] H[n, i], for each of L tokens.
 * Shapes: b, c [L, m]; v, y [L, d]; H [m, d]; decay 'token': a [L]; otherwise a = exp(dt A), dt in `a` [L, d], A [d] or [m, d].
 */
export const scanKernel = (decay: Decay, fused = false): Kernel => ({
  name: `scan_${decay}${fused ? '_fused' : ''}`,
  parameters: ['L', 'm', 'd', 'a', 'A', 'b', 'c', 'v', 'H', 'y'],
  body: (k) => {
    const mulAdd = multiplyAdd(k, fused);
    k.for('0', 'L', (t) =>
      k.lanes('d', LANES, (channels) => {
        const v = channels.map((i) => k.load('v', `${t} * d + ${i}`));
        const shared = decay === 'token' ? k.load('a', t) : undefined;
        const dt = shared ? [] : channels.map((i) => k.load('a', `${t} * d + ${i}`));
        const perChannel =
          decay === 'channel' ? channels.map((i, lane) => k.call('exp', k.mul(dt[lane]!, k.load('A', i)))) : [];
        const sums = channels.map(() => k.variable());
        k.for('0', 'm', (n) => {
          const b = k.load('b', `${t} * m + ${n}`);
          const c = k.load('c', `${t} * m + ${n}`);
          channels.forEach((i, lane) => {
            const place = k.index(`${n} * d + ${i}`);
            const a = shared ?? perChannel[lane] ?? k.call('exp', k.mul(dt[lane]!, k.load('A', place)));
            const h = mulAdd(a, k.load('H', place), k.mul(b, v[lane]!));
            k.store('H', place, h);
            k.set(sums[lane]!, mulAdd(c, h, sums[lane]!));
          });
        });
        channels.forEach((i, lane) => k.store('y', `${t} * d + ${i}`, sums[lane]!));
      }),
    );
  },
});

/** decays[t, i] of state row n. */
const decayKernel = (decay: Decay): Kernel => ({
  name: `decays_${decay}`,
  parameters: ['L', 'd', 'n', 'a', 'A', 'decays'],
  body: (k) =>
    k.for('0', 'L', (t) =>
      k.for('0', 'd', (i) => {
        const place = k.index(`${t} * d + ${i}`);
        const rate = decay === 'entry' ? `n * d + ${i}` : i;
        const a = decay === 'token' ? k.load('a', t) : k.call('exp', k.mul(k.load('a', place), k.load('A', rate)));
        k.store('decays', place, a);
      }),
    ),
});

/** h[t, i] = b[t, n] v[t, i] for state row n. */
const writeKernel: Kernel = {
  name: 'scan_write',
  parameters: ['L', 'm', 'd', 'n', 'b', 'v', 'h'],
  body: (k) =>
    k.for('0', 'L', (t) => {
      const b = k.load('b', `${t} * m + n`);
      k.for('0', 'd', (i) => {
        const place = k.index(`${t} * d + ${i}`);
        k.store('h', place, k.mul(b, k.load('v', place)));
      });
    }),
};

/** y[t, i] += c[t, n] h[t, i] for state row n. */
const readKernel = (fused: boolean): Kernel => ({
  name: `scan_read${fused ? '_fused' : ''}`,
  parameters: ['L', 'm', 'd', 'n', 'c', 'h', 'y'],
  body: (k) => {
    const mulAdd = multiplyAdd(k, fused);
    k.for('0', 'L', (t) => {
      const c = k.load('c', `${t} * m + n`);
      k.for('0', 'd', (i) => {
        const place = k.index(`${t} * d + ${i}`);
        k.store('y', place, mulAdd(c, k.load('h', place), k.load('y', place)));
      });
    });
  },
});

/** The states of row n in chunks: h and a [L, d] hold b v and the decays, and then the states and products of decays. */
const chunkedKernel = (fused: boolean): Kernel => ({
  name: `scan_chunked${fused ? '_fused' : ''}`,
  parameters: ['L', 'd', 'n', 'chunk', 'a', 'h', 'H'],
  body: (k) => {
    const mulAdd = multiplyAdd(k, fused);
    k.for(
      '0',
      'L',
      (first) => {
        const end = k.index(`Math.min(${first} + chunk, L)`);
        k.for(k.index(`${first} + 1`), end, (t) =>
          k.for('0', 'd', (i) => {
            const here = k.index(`${t} * d + ${i}`);
            const before = k.index(`${here} - d`);
            const a = k.load('a', here);
            k.store('h', here, mulAdd(a, k.load('h', before), k.load('h', here)));
            k.store('a', here, k.mul(k.load('a', before), a));
          }),
        );
        k.for('0', 'd', (i) => {
          const state = k.index(`n * d + ${i}`);
          const carried = k.load('H', state);
          k.for(first, end, (t) => {
            const here = k.index(`${t} * d + ${i}`);
            k.store('h', here, mulAdd(k.load('a', here), carried, k.load('h', here)));
          });
          k.store('H', state, k.load('h', `(${end} - 1) * d + ${i}`));
        });
      },
      'chunk',
    );
  },
});

/** h[0, i] ← a[0, i] H[n, i] + h[0, i] */
const enterKernel = (fused: boolean): Kernel => ({
  name: `scan_enter${fused ? '_fused' : ''}`,
  parameters: ['d', 'n', 'a', 'h', 'H'],
  body: (k) =>
    k.for('0', 'd', (i) =>
      k.store('h', i, multiplyAdd(k, fused)(k.load('a', i), k.load('H', `n * d + ${i}`), k.load('h', i))),
    ),
});

/** (a, h)[t] ← (a, h)[t − s] ∘ (a, h)[t] for all t ≥ s, the last first, so that every t sees t − s as it was. */
const combineKernel = (fused: boolean): Kernel => ({
  name: `scan_combine${fused ? '_fused' : ''}`,
  parameters: ['L', 'd', 's', 'a', 'h'],
  body: (k) =>
    k.for('s', 'L', (t) =>
      k.for('0', 'd', (i) => {
        const here = k.index(`(L - 1 - ${t} + s) * d + ${i}`);
        const before = k.index(`${here} - s * d`);
        const a = k.load('a', here);
        k.store('h', here, multiplyAdd(k, fused)(a, k.load('h', before), k.load('h', here)));
        k.store('a', here, k.mul(k.load('a', before), a));
      }),
    ),
});

/** Runs L tokens; the arguments are those of `scanKernel`. */
export type Scan<T> = (
  L: number,
  m: number,
  d: number,
  a: Vec<T>,
  A: Vec<T> | undefined,
  b: Vec<T>,
  c: Vec<T>,
  v: Vec<T>,
  H: Vec<T>,
  y: Vec<T>,
) => void;

type Run = (...args: unknown[]) => void;

/** The scan of one kind of decay, of kernels that `kernel` compiles for the arithmetic. y must be 0 at first. */
export const scanFor = <T>(
  A: Arithmetic<T>,
  kernel: (kernel: Kernel) => Run,
  decay: Decay,
  { order = 'sequential', chunk = DEFAULT_CHUNK, fused = false }: ScanOptions,
): Scan<T> => {
  if (!(Number.isInteger(chunk) && chunk > 0)) throw new InputError('`chunk`', 'a positive integer', `${chunk}`);
  if (order === 'sequential') return kernel(scanKernel(decay, fused));
  const write = kernel(writeKernel);
  const read = kernel(readKernel(fused));
  const decaysOf = kernel(decayKernel(decay));
  const inChunks = kernel(chunkedKernel(fused));
  const enter = kernel(enterKernel(fused));
  const combine = kernel(combineKernel(fused));
  /** h ← the states of row n, H[n] ← the last of them; changes the decays a. */
  const recur = (L: number, d: number, n: number, a: Vec<T>, h: Vec<T>, H: Vec<T>): void => {
    if (order === 'chunked') {
      inChunks(L, d, n, chunk, a, h, H);
      return;
    }
    enter(d, n, a, h, H);
    for (let s = 1; s < L; s *= 2) combine(L, d, s, a, h);
    A.copy(h, (L - 1) * d, H, n * d, d);
  };
  return (L, m, d, a, rates, b, c, v, H, y) => {
    if (L === 0) return;
    const [decays, products, h] = [A.alloc(L * d), A.alloc(L * d), A.alloc(L * d)];
    for (let n = 0; n < m; n++) {
      if (n === 0 || decay === 'entry') decaysOf(L, d, n, a, rates, decays);
      A.copy(decays, 0, products, 0, L * d);
      write(L, m, d, n, b, v, h);
      recur(L, d, n, products, h, H);
      read(L, m, d, n, c, h, y);
    }
  };
};
