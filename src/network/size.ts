/**
 * Sizes and operation counts of a network, by walking its data (docs/theory.md T2.size).
 *
 * A multiply–add is one product with a weight or a state, whether or not a sum follows. Per token:
 * a weight matrix costs its entries; a state entry of a scan costs 4 in a Mamba block (dt·A, a·h, B·v, C·h) and 3 with
 * a given decay; gates, skips and dt·u cost 1 per channel, an RMS norm 2 beside its weights; activations and
 * exponentials are not counted.
 * Nonzero counts leave out zero weights and state entries that no output reads.
 */
import { mambaShape, type Layer, type MambaBlock } from './layer.ts';
import { columnsUsed, rowIsZero, type Matrix } from './matrix.ts';

export interface Sizes {
  /** Largest state dimension m of a layer. */
  readonly dState: number;
  /** Largest inner width (value channels of a scan). */
  readonly dInner: number;
  readonly dtRank: number;
  /** Mamba blocks and attention layers. */
  readonly blocks: number;
  /** Floats of recurrent state that are allocated (for softmax attention: its cache after `tokens` tokens). */
  readonly stateFloats: number;
  /** Those that an output can read. */
  readonly stateRead: number;
  /** (taps − 1)·channels. */
  readonly convCache: number;
  readonly parameters: number;
  readonly parametersNonzero: number;
  readonly macsPerToken: number;
  readonly macsPerTokenNonzero: number;
  /** Largest absolute value of a weight, biases and A_log included. */
  readonly largestWeight: number;
}

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

/** Quantities of which a network has the largest of its layers, not the sum. */
const LARGEST = new Set<keyof Sizes>(['dState', 'dInner', 'dtRank', 'largestWeight']);

const join = (parts: readonly Sizes[]): Sizes => {
  const total: Record<keyof Sizes, number> = { ...NOTHING };
  for (const part of parts) {
    for (const key of Object.keys(NOTHING) as (keyof Sizes)[]) {
      total[key] = LARGEST.has(key) ? Math.max(total[key], part[key]) : total[key] + part[key];
    }
  }
  return total;
};

const largest = (values: ArrayLike<number>): number => {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]!));
  return most;
};

/** Parameters of a tensor; used once per token if `multiplied`. */
const tensor = (count: number, values: ArrayLike<number>, multiplied: boolean): Sizes => {
  let nonzero = 0;
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) nonzero++;
  return {
    ...NOTHING,
    parameters: count,
    parametersNonzero: nonzero,
    macsPerToken: multiplied ? count : 0,
    macsPerTokenNonzero: multiplied ? nonzero : 0,
    largestWeight: largest(values),
  };
};
const matrix = (m: Matrix): Sizes => tensor(m.rows * m.columns, m.values, true);
const table = (m: Matrix): Sizes => tensor(m.rows * m.columns, m.values, false);
const addend = (values?: ArrayLike<number>): Sizes => (values ? tensor(values.length, values, false) : NOTHING);
const factor = (values?: ArrayLike<number>): Sizes => (values ? tensor(values.length, values, true) : NOTHING);

const scanState = (m: number, d: number, read: number, perEntry: number): Sizes => ({
  ...NOTHING,
  dState: m,
  dInner: d,
  blocks: 1,
  stateFloats: m * d,
  stateRead: read,
  macsPerToken: perEntry * m * d,
  macsPerTokenNonzero: perEntry * read,
});

const mamba = (block: MambaBlock): Sizes => {
  const { inner, states, rank } = mambaShape(block);
  const live = columnsUsed(block.outProj).length;
  const read = Array.from({ length: states }, (_, n) => n).filter(
    (n) => !rowIsZero(block.xProj, rank + states + n),
  ).length;
  const { taps } = block.convolution;
  return join([
    matrix(block.inProj),
    addend(block.inBias),
    factor(block.convolution.weight),
    addend(block.convolution.bias),
    matrix(block.xProj),
    matrix(block.dtProj),
    addend(block.dtBias),
    table(block.ALog),
    factor(block.D),
    matrix(block.outProj),
    addend(block.outBias),
    // dt·u and the gate.
    { ...NOTHING, dtRank: rank, convCache: (taps - 1) * inner, macsPerToken: 2 * inner, macsPerTokenNonzero: 2 * live },
    scanState(states, inner, read * live, 4),
  ]);
};

/** Multiply–adds of a whole run over so many tokens. Those of a cache grow by as much with every token, up to its window. */
export const totalMacs = (layer: Layer, tokens: number): { totalMacs: number; totalMacsNonzero: number } => {
  const sum = { totalMacs: 0, totalMacsNonzero: 0 };
  const windows = [...new Set(windowsOf(layer).map((window) => Math.min(window, tokens)))].sort((x, y) => x - y);
  // Between two windows the cost of a token is affine in the tokens before it.
  let from = 1;
  for (const end of [...windows, tokens]) {
    if (end < from) continue;
    const [first, last] = [sizesOf(layer, from), sizesOf(layer, end)];
    const count = end - from + 1;
    sum.totalMacs += ((first.macsPerToken + last.macsPerToken) / 2) * count;
    sum.totalMacsNonzero += ((first.macsPerTokenNonzero + last.macsPerTokenNonzero) / 2) * count;
    from = end + 1;
  }
  return sum;
};
const windowsOf = (layer: Layer): number[] => {
  if (layer.kind === 'softmax-attention') return layer.window === undefined ? [] : [layer.window];
  if (layer.kind === 'residual') return windowsOf(layer.layer);
  return layer.kind === 'sequential' ? layer.layers.flatMap(windowsOf) : [];
};

/** Sizes of a network; `tokens` is the length after which a cache that grows is measured. */
export const sizesOf = (layer: Layer, tokens: number): Sizes => {
  switch (layer.kind) {
    case 'linear':
      return join([matrix(layer.weight), addend(layer.bias)]);
    case 'activation':
      return NOTHING;
    case 'sequential':
      return join(layer.layers.map((part) => sizesOf(part, tokens)));
    case 'residual':
      return sizesOf(layer.layer, tokens);
    case 'rms-norm': {
      const n = layer.weight.length;
      return join([factor(layer.weight), { ...NOTHING, macsPerToken: 2 * n, macsPerTokenNonzero: 2 * n }]);
    }
    case 'convolution':
      return join([
        factor(layer.weight),
        addend(layer.bias),
        { ...NOTHING, convCache: (layer.taps - 1) * layer.channels },
      ]);
    case 'linear-attention': {
      const d = layer.value.rows + (layer.normalised ? 1 : 0);
      const m = layer.key.rows;
      const decay = typeof layer.decay === 'number' ? tensor(1, [layer.decay], false) : matrix(layer.decay);
      return join([matrix(layer.key), matrix(layer.query), matrix(layer.value), decay, scanState(m, d, m * d, 3)]);
    }
    case 'softmax-attention': {
      const m = layer.key.rows;
      const d = layer.value.rows;
      const cache = Math.min(tokens, layer.window ?? Infinity) * (m + d);
      return join([
        matrix(layer.key),
        matrix(layer.query),
        matrix(layer.value),
        { ...scanState(m, d, cache, 0), stateFloats: cache, macsPerToken: cache, macsPerTokenNonzero: cache },
      ]);
    }
    case 'selective-scan': {
      const { channels: d, states: m } = layer;
      const gates = (layer.gated ? 2 : 1) * d;
      return join([
        addend(layer.A),
        factor(layer.D),
        addend(layer.deltaBias),
        { ...NOTHING, macsPerToken: gates, macsPerTokenNonzero: gates },
        scanState(m, d, m * d, 4),
      ]);
    }
    case 'mamba':
      return mamba(layer);
  }
};
