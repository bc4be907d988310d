/**
 * Networks as data. A layer holds weights and nothing else; `machine.ts` runs it, `size.ts` counts it.
 *
 * Weights are doubles. Putting them into another arithmetic is a step of its own (`compile`), whose error is measured.
 */
import type { ScalarFunction } from '../arithmetic/arithmetic.ts';
import type { Matrix } from './matrix.ts';

/** y = W x + b; weight [outputs, inputs]. */
export interface Linear {
  readonly kind: 'linear';
  readonly weight: Matrix;
  readonly bias?: Float64Array;
}

/** The same function on every component. */
export interface Activation {
  readonly kind: 'activation';
  readonly width: number;
  readonly function: ScalarFunction;
}

/** Layers one after the other. An MLP is linear, activation, linear. */
export interface Sequential {
  readonly kind: 'sequential';
  readonly layers: readonly Layer[];
}

/** x + layer(x). */
export interface Residual {
  readonly kind: 'residual';
  readonly layer: Layer;
}

/** x / √(mean(x²) + eps) ⊙ weight. */
export interface RmsNorm {
  readonly kind: 'rms-norm';
  readonly weight: Float64Array;
  readonly eps: number;
}

/** Causal depthwise convolution: y_t = bias + Σ_k weight[ch, k] x_(t−(taps−1)+k), zeros before the start. */
export interface Convolution {
  readonly kind: 'convolution';
  readonly channels: number;
  readonly taps: number;
  /** [channels, taps]; the last tap weighs the current token. */
  readonly weight: Float64Array;
  readonly bias?: Float64Array;
}

/**
 * The scalar-decay SSM of docs/theory.md §0: H ← a H + b vᵀ, y = Hᵀ c, with b, c, v (and a) linear in the token.
 * `normalised` divides y by Σ_j w_ij, the normaliser of linear attention.
 */
export interface LinearAttention {
  readonly kind: 'linear-attention';
  /** [m, inputs] */
  readonly key: Matrix;
  /** [m, inputs] */
  readonly query: Matrix;
  /** [d, inputs] */
  readonly value: Matrix;
  /** A constant decay, or the row [1, inputs] that reads it from the token. */
  readonly decay: number | Matrix;
  readonly normalised: boolean;
}

/** One softmax head with its key–value cache: weights ∝ exp(query · key), no further scaling. */
export interface SoftmaxAttention {
  readonly kind: 'softmax-attention';
  /** [m, inputs] */
  readonly key: Matrix;
  /** [m, inputs] */
  readonly query: Matrix;
  /** [d, inputs] */
  readonly value: Matrix;
  /** Attends to the last so many tokens, itself included; to all where absent. */
  readonly window?: number;
}

/**
 * The bare selective scan (S6): the token is the concatenation (u [d], delta [d], z [d] if gated, B [m], C [m]).
 * dt = delta + bias, through softplus if asked; h ← exp(dt A) h + B (dt u); y = ⟨h, C⟩ + D u, times SiLU(z).
 */
export interface SelectiveScan {
  readonly kind: 'selective-scan';
  readonly channels: number;
  readonly states: number;
  /** [channels, states], ≤ 0 */
  readonly A: Float64Array;
  readonly D?: Float64Array;
  readonly deltaBias?: Float64Array;
  readonly deltaSoftplus: boolean;
  readonly gated: boolean;
}

/** The Mamba block, names and shapes as in Hugging Face checkpoints (d inner channels, N states, r = dt rank). */
export interface MambaBlock {
  readonly kind: 'mamba';
  /** [2d, hidden]: rows 0..d−1 give x, rows d..2d−1 the gate z. */
  readonly inProj: Matrix;
  readonly inBias?: Float64Array;
  /** On x only, before SiLU. */
  readonly convolution: Convolution;
  /** [r + 2N, d]: dt, B, C. */
  readonly xProj: Matrix;
  /** [d, r] */
  readonly dtProj: Matrix;
  /** [d] */
  readonly dtBias: Float64Array;
  /** [d, N]; A = −exp(ALog), also where no entry is stored (A = −1). */
  readonly ALog: Matrix;
  /** [d] */
  readonly D: Float64Array;
  /** [hidden, d] */
  readonly outProj: Matrix;
  readonly outBias?: Float64Array;
}

export type Layer =
  | Linear
  | Activation
  | Sequential
  | Residual
  | RmsNorm
  | Convolution
  | LinearAttention
  | SoftmaxAttention
  | SelectiveScan
  | MambaBlock;

/** d_inner, d_state, dt_rank of a block, read off its shapes. */
export const mambaShape = (block: MambaBlock): { hidden: number; inner: number; states: number; rank: number } => {
  const inner = block.outProj.columns;
  const rank = block.dtProj.columns;
  return { hidden: block.inProj.columns, inner, states: (block.xProj.rows - rank) / 2, rank };
};

/** x ← x + layer(x), layer after layer. */
export const residualStack = (layers: readonly Layer[]): Sequential => ({
  kind: 'sequential',
  layers: layers.map((layer) => ({ kind: 'residual', layer })),
});

/** A network with another Mamba block in place of one: of a residual block, or of the residual block `at` of a stack. */
export const withBlock = <L extends Layer>(network: L, change: (block: MambaBlock) => MambaBlock, at = 0): L => {
  const changed = (layer: Layer): Layer => ({
    kind: 'residual',
    layer: change((layer as Residual).layer as MambaBlock),
  });
  if (network.kind !== 'sequential') return changed(network) as L;
  return { ...network, layers: network.layers.map((layer, place) => (place === at ? changed(layer) : layer)) };
};

/** One hidden layer: W₂ g(W₁ x + b₁) + b₂. */
export const mlp = (first: Linear, activation: ScalarFunction, second: Linear): Sequential => ({
  kind: 'sequential',
  layers: [first, { kind: 'activation', width: first.weight.rows, function: activation }, second],
});
