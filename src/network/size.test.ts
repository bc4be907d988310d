import { describe, expect, it } from 'vitest';
import type { Layer, MambaBlock } from './layer.ts';
import { mlp } from './layer.ts';
import { matrixFromDense, type Matrix } from './matrix.ts';
import { sizesOf, totalMacs, type Sizes } from './size.ts';

const NOTHING: Sizes = {
  dState: 0,
  dInner: 0,
  dtRank: 0,
  blocks: 0,
  stateFloats: 0,
  stateRead: 0,
  convCache: 0,
  parameters: 0,
  parametersNonzero: 0,
  macsPerToken: 0,
  macsPerTokenNonzero: 0,
  largestWeight: 0,
};
const TOKENS = 7;

const full = (rows: number, columns: number): Matrix =>
  matrixFromDense(rows, columns, new Float64Array(rows * columns).fill(1));

const linear: Layer = {
  kind: 'linear',
  weight: matrixFromDense(2, 3, [1, 0, -5, 0, 2, 0]),
  bias: Float64Array.of(0, 4),
};
const linearSizes: Sizes = {
  ...NOTHING,
  parameters: 6 + 2,
  parametersNonzero: 3 + 1,
  macsPerToken: 6,
  macsPerTokenNonzero: 3,
  largestWeight: 5,
};

const attention = {
  key: matrixFromDense(2, 3, [1, 0, 0, 0, 1, 0]),
  query: full(2, 3),
  value: matrixFromDense(4, 3, [0, 0, 9, 1, 0, 0, 0, 0, 0, 0, 1, 0]),
};

/** hidden 2, inner 3, states 2, rank 1, taps 4; output reads channels 0 and 2; C row 1 is zero. */
const mamba: MambaBlock = {
  kind: 'mamba',
  inProj: matrixFromDense(6, 2, [1, 1, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0]), // 5 of 12
  inBias: Float64Array.of(0, 0, 0, 2, 2, 2), // 3 of 6
  convolution: {
    kind: 'convolution',
    channels: 3,
    taps: 4,
    weight: Float64Array.of(0, 0, 0, 1, 0, 0, 1, 1, 1, 1, 1, 1), // 7 of 12
    bias: Float64Array.of(0, 0, -3), // 1 of 3
  },
  xProj: matrixFromDense(5, 3, [0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]), // 5 of 15: dt, B₀, B₁, C₀, C₁
  dtProj: matrixFromDense(3, 1, [1, 0, 1]), // 2 of 3
  dtBias: Float64Array.of(1, 0, 0), // 1 of 3
  ALog: matrixFromDense(3, 2, [-20, 1, 0, 0, 1, 0]), // 3 of 6
  D: Float64Array.of(0, 0, 6), // 1 of 3
  outProj: matrixFromDense(2, 3, [1, 0, 1, 1, 0, 0]), // 3 of 6
  outBias: Float64Array.of(0, 0), // 0 of 2
};
const mambaSizes: Sizes = {
  dState: 2,
  dInner: 3,
  dtRank: 1,
  blocks: 1,
  stateFloats: 3 * 2,
  stateRead: 2 * 1,
  convCache: 3 * 3,
  parameters: 12 + 6 + 12 + 3 + 15 + 3 + 3 + 6 + 3 + 6 + 2,
  parametersNonzero: 5 + 3 + 7 + 1 + 5 + 2 + 1 + 3 + 1 + 3 + 0,
  // in, conv, x, dt, out; then 4 for each state; D, dt·u and the gate.
  macsPerToken: 12 + 12 + 15 + 3 + 6 + 4 * 6 + 3 * 3,
  macsPerTokenNonzero: 5 + 7 + 5 + 2 + 3 + 4 * 2 + 1 + 2 * 2,
  largestWeight: 20,
};

const examples: readonly [string, Layer, Sizes][] = [
  ['a linear layer', linear, linearSizes],
  [
    'a linear layer without bias',
    { kind: 'linear', weight: full(2, 3) },
    {
      ...NOTHING,
      parameters: 6,
      parametersNonzero: 6,
      macsPerToken: 6,
      macsPerTokenNonzero: 6,
      largestWeight: 1,
    },
  ],
  ['an activation', { kind: 'activation', width: 5, function: 'silu' }, NOTHING],
  [
    'an MLP',
    mlp(linear, 'silu', { kind: 'linear', weight: matrixFromDense(1, 2, [-7, 0]) }),
    {
      ...NOTHING,
      parameters: 8 + 2,
      parametersNonzero: 4 + 1,
      macsPerToken: 6 + 2,
      macsPerTokenNonzero: 3 + 1,
      largestWeight: 7,
    },
  ],
  [
    'an RMS norm',
    { kind: 'rms-norm', weight: Float64Array.of(2, 0, -3), eps: 100 },
    {
      ...NOTHING,
      parameters: 3,
      parametersNonzero: 2,
      macsPerToken: 3 + 2 * 3, // weights; squares and quotients
      macsPerTokenNonzero: 2 + 2 * 3,
      largestWeight: 3,
    },
  ],
  [
    'a convolution',
    {
      kind: 'convolution',
      channels: 2,
      taps: 3,
      weight: Float64Array.of(1, 2, 0, 0, 0, -4),
      bias: Float64Array.of(8, 0),
    },
    {
      ...NOTHING,
      convCache: 2 * 2,
      parameters: 6 + 2,
      parametersNonzero: 3 + 1,
      macsPerToken: 6,
      macsPerTokenNonzero: 3,
      largestWeight: 8,
    },
  ],
  [
    'linear attention with a constant decay',
    { kind: 'linear-attention', ...attention, decay: 0.5, normalised: false },
    {
      ...NOTHING,
      dState: 2,
      dInner: 4,
      blocks: 1,
      stateFloats: 2 * 4,
      stateRead: 2 * 4,
      parameters: 6 + 6 + 12 + 1,
      parametersNonzero: 2 + 6 + 3 + 1,
      macsPerToken: 6 + 6 + 12 + 3 * 8,
      macsPerTokenNonzero: 2 + 6 + 3 + 3 * 8,
      largestWeight: 9,
    },
  ],
  [
    'normalised linear attention with a decay from the token',
    { kind: 'linear-attention', ...attention, decay: matrixFromDense(1, 3, [0, 10, 0]), normalised: true },
    {
      ...NOTHING,
      dState: 2,
      dInner: 5,
      blocks: 1,
      stateFloats: 2 * 5,
      stateRead: 2 * 5,
      parameters: 6 + 6 + 12 + 3,
      parametersNonzero: 2 + 6 + 3 + 1,
      macsPerToken: 6 + 6 + 12 + 3 + 3 * 10,
      macsPerTokenNonzero: 2 + 6 + 3 + 1 + 3 * 10,
      largestWeight: 10,
    },
  ],
  [
    'softmax attention, whose cache holds a window',
    { kind: 'softmax-attention', ...attention, window: TOKENS - 3 },
    {
      ...NOTHING,
      dState: 2,
      dInner: 4,
      blocks: 1,
      stateFloats: (TOKENS - 3) * (2 + 4),
      stateRead: (TOKENS - 3) * (2 + 4),
      parameters: 6 + 6 + 12,
      parametersNonzero: 2 + 6 + 3,
      macsPerToken: 6 + 6 + 12 + (TOKENS - 3) * 6,
      macsPerTokenNonzero: 2 + 6 + 3 + (TOKENS - 3) * 6,
      largestWeight: 9,
    },
  ],
  [
    'softmax attention, whose cache grows',
    { kind: 'softmax-attention', ...attention },
    {
      ...NOTHING,
      dState: 2,
      dInner: 4,
      blocks: 1,
      stateFloats: TOKENS * (2 + 4),
      stateRead: TOKENS * (2 + 4),
      parameters: 6 + 6 + 12,
      parametersNonzero: 2 + 6 + 3,
      macsPerToken: 6 + 6 + 12 + TOKENS * 6,
      macsPerTokenNonzero: 2 + 6 + 3 + TOKENS * 6,
      largestWeight: 9,
    },
  ],
  [
    'a gated selective scan',
    {
      kind: 'selective-scan',
      channels: 3,
      states: 2,
      A: Float64Array.of(-1, -1, 0, -2, -11, -1),
      D: Float64Array.of(0, 1, 1),
      deltaBias: Float64Array.of(1, 0, 0),
      deltaSoftplus: true,
      gated: true,
    },
    {
      ...NOTHING,
      dState: 2,
      dInner: 3,
      blocks: 1,
      stateFloats: 6,
      stateRead: 6,
      parameters: 6 + 3 + 3,
      parametersNonzero: 5 + 2 + 1,
      macsPerToken: 3 + 3 + 3 + 4 * 6, // D, dt·u, gate, states
      macsPerTokenNonzero: 2 + 3 + 3 + 4 * 6,
      largestWeight: 11,
    },
  ],
  [
    'a bare selective scan',
    {
      kind: 'selective-scan',
      channels: 1,
      states: 2,
      A: Float64Array.of(-1, -1),
      deltaSoftplus: false,
      gated: false,
    },
    {
      ...NOTHING,
      dState: 2,
      dInner: 1,
      blocks: 1,
      stateFloats: 2,
      stateRead: 2,
      parameters: 2,
      parametersNonzero: 2,
      macsPerToken: 1 + 4 * 2,
      macsPerTokenNonzero: 1 + 4 * 2,
      largestWeight: 1,
    },
  ],
  ['a Mamba block', mamba, mambaSizes],
  ['a residual layer', { kind: 'residual', layer: mamba }, mambaSizes],
  [
    'a network: sums, and the largest of widths and weights',
    { kind: 'sequential', layers: [mamba, { kind: 'softmax-attention', ...attention }, mamba, linear] },
    {
      dState: 2,
      dInner: 4,
      dtRank: 1,
      blocks: 3,
      stateFloats: 6 + TOKENS * 6 + 6,
      stateRead: 2 + TOKENS * 6 + 2,
      convCache: 9 + 9,
      parameters: 2 * mambaSizes.parameters + 24 + 8,
      parametersNonzero: 2 * mambaSizes.parametersNonzero + 11 + 4,
      macsPerToken: 2 * mambaSizes.macsPerToken + 24 + TOKENS * 6 + 6,
      macsPerTokenNonzero: 2 * mambaSizes.macsPerTokenNonzero + 11 + TOKENS * 6 + 3,
      largestWeight: 20,
    },
  ],
];

describe('sizesOf', () => {
  it.each(examples)('counts %s', (_, layer, expected) => {
    expect(sizesOf(layer, TOKENS)).toEqual(expected);
  });
});

describe('totalMacs', () => {
  const head = (window?: number): Layer => ({
    kind: 'residual',
    layer: { kind: 'softmax-attention', ...attention, ...(window !== undefined && { window }) },
  });
  it.each([
    ['no cache', linear],
    ['a cache that grows', head()],
    ['windows that fill one after the other', { kind: 'sequential', layers: [head(2), head(), mamba, head(5)] }],
    ['a window that never fills', head(100)],
  ] satisfies [string, Layer][])('adds up all tokens of a run: %s', (_, layer) => {
    for (const tokens of [1, 2, 3, TOKENS]) {
      const each = Array.from({ length: tokens }, (_, at) => sizesOf(layer, at + 1));
      expect(totalMacs(layer, tokens)).toEqual({
        totalMacs: each.reduce((sum, { macsPerToken }) => sum + macsPerToken, 0),
        totalMacsNonzero: each.reduce((sum, { macsPerTokenNonzero }) => sum + macsPerTokenNonzero, 0),
      });
    }
  });
});
