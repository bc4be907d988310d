/** The hot loops of the runtime, staged: written once, compiled for every arithmetic. */
import type { ScalarFunction } from '../arithmetic/arithmetic.ts';
import type { Kernel } from '../arithmetic/stage.ts';

/** Independent tokens, rows or channels handled at a time; keeps the processor's adders busy without reordering a sum. */
export const LANES = 8;

/** y[t, r] = Σ_c W[r, c] x[t, c], summed in the order of the columns. W dense, row-major. */
export const denseAffine: Kernel = {
  name: 'denseAffine',
  parameters: ['L', 'rows', 'columns', 'W', 'x', 'y'],
  body: (k) =>
    k.for('0', 'L', (t) =>
      k.lanes('rows', LANES, (rows) => {
        const sums = rows.map(() => k.variable());
        k.for('0', 'columns', (c) => {
          const x = k.load('x', `${t} * columns + ${c}`);
          rows.forEach((r, lane) =>
            k.set(sums[lane]!, k.add(sums[lane]!, k.mul(k.load('W', `${r} * columns + ${c}`), x))),
          );
        });
        rows.forEach((r, lane) => k.store('y', `${t} * rows + ${r}`, sums[lane]!));
      }),
    ),
};

/** The same over the stored entries only. */
export const sparseAffine: Kernel = {
  name: 'sparseAffine',
  parameters: ['L', 'rows', 'columns', 'starts', 'indices', 'W', 'x', 'y'],
  body: (k) =>
    k.for('0', 'rows', (r) => {
      const end = k.index(`starts[${r} + 1]`);
      const begin = k.index(`starts[${r}]`);
      k.lanes('L', LANES, (tokens) => {
        const sums = tokens.map(() => k.variable());
        k.for(begin, end, (e) => {
          const weight = k.load('W', e);
          const column = k.index(`indices[${e}]`);
          tokens.forEach((t, lane) =>
            k.set(sums[lane]!, k.add(sums[lane]!, k.mul(weight, k.load('x', `${t} * columns + ${column}`)))),
          );
        });
        tokens.forEach((t, lane) => k.store('y', `${t} * rows + ${r}`, sums[lane]!));
      });
    }),
};

/** y[t, i] += b[i] */
export const addBias: Kernel = {
  name: 'addBias',
  parameters: ['L', 'n', 'b', 'y'],
  body: (k) =>
    k.for('0', 'L', (t) =>
      k.for('0', 'n', (i) => {
        const place = k.index(`${t} * n + ${i}`);
        k.store('y', place, k.add(k.load('y', place), k.load('b', i)));
      }),
    ),
};

/** y[i] = f(x[i]) */
export const mapKernel = (name: Exclude<ScalarFunction, 'identity'> | 'torchSoftplus'): Kernel => ({
  name: `map_${name}`,
  parameters: ['n', 'x', 'y'],
  body: (k) => k.for('0', 'n', (i) => k.store('y', i, k.call(name, k.load('x', i)))),
});

/** y[i] = x[i] op z[i] */
export const zipKernel = (operation: 'add' | 'mul'): Kernel => ({
  name: `zip_${operation}`,
  parameters: ['n', 'x', 'z', 'y'],
  body: (k) => k.for('0', 'n', (i) => k.store('y', i, k[operation](k.load('x', i), k.load('z', i)))),
});

/** y[t, at[i]] += x[t, i]; x [L, rows], y [L, n]. */
export const addColumns: Kernel = {
  name: 'addColumns',
  parameters: ['L', 'n', 'rows', 'at', 'x', 'y'],
  body: (k) =>
    k.for('0', 'L', (t) =>
      k.for('0', 'rows', (i) => {
        const place = k.index(`${t} * n + at[${i}]`);
        k.store('y', place, k.add(k.load('y', place), k.load('x', `${t} * rows + ${i}`)));
      }),
    ),
};

/** y[t, i] = x[t, xAt[i]] · w[i] · z[t, zAt[i]]; x [L, nx], z [L, nz], y [L, n]. */
export const multiplyColumns: Kernel = {
  name: 'multiplyColumns',
  parameters: ['L', 'n', 'nx', 'xAt', 'x', 'w', 'nz', 'zAt', 'z', 'y'],
  body: (k) =>
    k.for('0', 'L', (t) =>
      k.for('0', 'n', (i) => {
        const x = k.load('x', `${t} * nx + xAt[${i}]`);
        const z = k.load('z', `${t} * nz + zAt[${i}]`);
        k.store('y', `${t} * n + ${i}`, k.mul(k.mul(x, k.load('w', i)), z));
      }),
    ),
};

/** y[t, i] += x[t, i] · w[i] */
export const addScaled: Kernel = {
  name: 'addScaled',
  parameters: ['L', 'n', 'w', 'x', 'y'],
  body: (k) =>
    k.for('0', 'L', (t) =>
      k.for('0', 'n', (i) => {
        const place = k.index(`${t} * n + ${i}`);
        k.store('y', place, k.add(k.load('y', place), k.mul(k.load('x', place), k.load('w', i))));
      }),
    ),
};

/** y[t, i] = Σ_k w[i, k] x[t + k, i]; x starts with the taps − 1 tokens before the first. */
export const convolve: Kernel = {
  name: 'convolve',
  parameters: ['L', 'n', 'taps', 'w', 'x', 'y'],
  body: (k) =>
    k.for('0', 'L', (t) =>
      k.for('0', 'n', (i) => {
        const sum = k.variable();
        k.for('0', 'taps', (tap) =>
          k.set(sum, k.add(sum, k.mul(k.load('w', `${i} * taps + ${tap}`), k.load('x', `(${t} + ${tap}) * n + ${i}`)))),
        );
        k.store('y', `${t} * n + ${i}`, sum);
      }),
    ),
};

/** Splits [y, norm] of width d + 1 and divides: out[t, k] = y[t, k] / y[t, d]. */
export const normalise: Kernel = {
  name: 'normalise',
  parameters: ['L', 'd', 'y', 'out'],
  body: (k) =>
    k.for('0', 'L', (t) => {
      const norm = k.load('y', `${t} * (d + 1) + d`);
      k.for('0', 'd', (i) => k.store('out', `${t} * d + ${i}`, k.div(k.load('y', `${t} * (d + 1) + ${i}`), norm)));
    }),
};

/** scores[j] = query · keys[j] for j < n; query [m], keys [n, m]. */
export const attentionScores: Kernel = {
  name: 'attentionScores',
  parameters: ['n', 'm', 'query', 'keys', 'scores'],
  body: (k) =>
    k.lanes('n', LANES, (tokens) => {
      const sums = tokens.map(() => k.variable());
      k.for('0', 'm', (i) => {
        const q = k.load('query', i);
        tokens.forEach((j, lane) =>
          k.set(sums[lane]!, k.add(sums[lane]!, k.mul(q, k.load('keys', `${j} * m + ${i}`)))),
        );
      });
      tokens.forEach((j, lane) => k.store('scores', j, sums[lane]!));
    }),
};

/** y[i] = Σ_j exp(scores[j] − top) values[j, i] / Σ_j exp(scores[j] − top), with top[0] the largest score. */
export const attentionMix: Kernel = {
  name: 'attentionMix',
  parameters: ['n', 'd', 'top', 'scores', 'values', 'y'],
  body: (k) => {
    const top = k.load('top', '0');
    const total = k.variable();
    k.for('0', 'n', (j) => {
      const weight = k.call('exp', k.sub(k.load('scores', j), top));
      k.store('scores', j, weight);
      k.set(total, k.add(total, weight));
    });
    k.lanes('d', LANES, (channels) => {
      const sums = channels.map(() => k.variable());
      k.for('0', 'n', (j) => {
        const weight = k.load('scores', j);
        channels.forEach((i, lane) =>
          k.set(sums[lane]!, k.add(sums[lane]!, k.mul(weight, k.load('values', `${j} * d + ${i}`)))),
        );
      });
      channels.forEach((i, lane) => k.store('y', i, k.div(sums[lane]!, total)));
    });
  },
};

/** y[t, i] = x[t, i] / √(Σ_i x[t, i]²/n + eps) · w[i]; eps and n in `constants`. */
export const rmsNorm: Kernel = {
  name: 'rmsNorm',
  parameters: ['L', 'n', 'constants', 'w', 'x', 'y'],
  body: (k) =>
    k.for('0', 'L', (t) => {
      const sum = k.variable();
      k.for('0', 'n', (i) => {
        const x = k.load('x', `${t} * n + ${i}`);
        k.set(sum, k.add(sum, k.mul(x, x)));
      });
      const root = k.call('sqrt', k.add(k.div(sum, k.load('constants', '1')), k.load('constants', '0')));
      k.for('0', 'n', (i) => {
        const place = k.index(`${t} * n + ${i}`);
        k.store('y', place, k.mul(k.div(k.load('x', place), root), k.load('w', i)));
      });
    }),
};
