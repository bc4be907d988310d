/** What the tests of networks share: random layers of every kind, and ways to run them. */
import { inspect } from 'node:util';
import fc from 'fast-check';
import type { Arithmetic, ScalarFunction, Vec } from '../arithmetic/arithmetic.ts';
import { entries, randomStream } from '../arithmetic/testing.ts';
import { mlp, type Convolution, type Layer, type Linear, type MambaBlock, type SelectiveScan } from './layer.ts';
import type { Machine, State } from './machine.ts';
import { MatrixBuilder, type Matrix } from './matrix.ts';

/** Random weights from one seed. */
export class Weights {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = randomStream(seed);
  }
  number(lo = -1, hi = 1): number {
    return lo + (hi - lo) * this.#random();
  }
  chance(probability = 0.5): boolean {
    return this.#random() < probability;
  }
  vector(length: number, lo = -1, hi = 1): Float64Array {
    return Float64Array.from({ length }, () => this.number(lo, hi));
  }
  /** Each entry is there with probability `density`. */
  matrix(rows: number, columns: number, density = 1, lo = -1, hi = 1): Matrix {
    const builder = new MatrixBuilder(rows, columns);
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) if (this.chance(density)) builder.set(r, c, this.number(lo, hi));
    }
    return builder.build();
  }
}

/** Sizes of a random layer: token width, value channels, states. */
export interface Shape {
  readonly inputs: number;
  readonly width: number;
  readonly states: number;
}

const linear = (w: Weights, outputs: number, inputs: number, density: number): Linear => ({
  kind: 'linear',
  weight: w.matrix(outputs, inputs, density),
  ...(w.chance() && { bias: w.vector(outputs) }),
});

const convolution = (w: Weights, channels: number, taps: number): Convolution => ({
  kind: 'convolution',
  channels,
  taps,
  weight: w.vector(channels * taps),
  ...(w.chance() && { bias: w.vector(channels) }),
});

const norm = (w: Weights, width: number): Layer => ({
  kind: 'rms-norm',
  weight: w.vector(width, 0.5, 1.5),
  eps: w.number(0.01, 0.1),
});

/** `shared`: one decay for all states of a channel. */
const scan = (w: Weights, { width, states }: Shape, gated: boolean, shared: boolean): SelectiveScan => {
  const byChannel = w.vector(width, -2, 0);
  return {
    kind: 'selective-scan',
    channels: width,
    states,
    A: shared
      ? Float64Array.from({ length: width * states }, (_, i) => byChannel[Math.floor(i / states)]!)
      : w.vector(width * states, -2, 0),
    ...(w.chance() && { D: w.vector(width) }),
    ...(w.chance() && { deltaBias: w.vector(width) }),
    deltaSoftplus: w.chance(),
    gated,
  };
};

export const randomMamba = (
  w: Weights,
  { inputs, width, states }: Shape,
  shared = false,
  density = 0.8,
): MambaBlock => {
  const rank = 1 + Math.floor(w.number(0, 2));
  const ALog = new MatrixBuilder(width, states);
  for (let i = 0; i < width; i++) {
    const own = w.number();
    for (let n = 0; n < states; n++) ALog.set(i, n, shared ? own : w.number());
  }
  return {
    kind: 'mamba',
    inProj: w.matrix(2 * width, inputs, density),
    ...(w.chance() && { inBias: w.vector(2 * width) }),
    convolution: convolution(w, width, 1 + Math.floor(w.number(0, 4))),
    xProj: w.matrix(rank + 2 * states, width, density),
    dtProj: w.matrix(width, rank, density),
    dtBias: w.vector(width),
    ALog: ALog.build(),
    D: w.chance() ? w.vector(width) : new Float64Array(width),
    outProj: w.matrix(inputs, width, density),
    ...(w.chance() && { outBias: w.vector(inputs) }),
  };
};

export const FUNCTIONS: readonly ScalarFunction[] = [
  'identity',
  'relu',
  'silu',
  'gelu',
  'softplus',
  'sigmoid',
  'tanh',
  'exp',
];

interface Kind {
  readonly make: (w: Weights, shape: Shape) => Layer;
  /** The least entry of a token where a token must be positive. */
  readonly lowest?: number;
  /** Its layers have + − × ÷ only. */
  readonly rational?: true;
}

/** Keys, queries and tokens are positive, so that no normaliser comes near 0. */
const attention = (constantDecay: boolean, normalised: boolean): Kind => ({
  make: (w, { inputs, width, states }) => ({
    kind: 'linear-attention',
    key: w.matrix(states, inputs, 1, 0.1),
    query: w.matrix(states, inputs, 1, 0.1),
    value: w.matrix(width, inputs, 0.8),
    decay: constantDecay ? w.number(0, 1) : w.matrix(1, inputs, 1, 0, 1 / inputs),
    normalised,
  }),
  lowest: 0.1,
  rational: true,
});

const convolved = (taps: number): Kind => ({ make: (w, { width }) => convolution(w, width, taps), rational: true });

/** Every kind of layer, and its variants that take another path through the runtime. */
const softmax = (window?: number): Kind => ({
  make: (w, { inputs, width, states }) => ({
    kind: 'softmax-attention',
    key: w.matrix(states, inputs, 1, -3, 3),
    query: w.matrix(states, inputs, 0.8, -3, 3),
    value: w.matrix(width, inputs),
    ...(window !== undefined && { window }),
  }),
});

export const LAYERS: Readonly<Record<string, Kind>> = {
  'linear, dense': { make: (w, { inputs, width }) => linear(w, width, inputs, 1), rational: true },
  'linear, sparse': { make: (w, { inputs, width }) => linear(w, width, inputs, 0.4), rational: true },
  activation: {
    make: (w, { width }) => ({
      kind: 'activation',
      width,
      function: FUNCTIONS[Math.floor(w.number(0, FUNCTIONS.length))]!,
    }),
  },
  mlp: { make: (w, { inputs, width }) => mlp(linear(w, width, inputs, 1), 'gelu', linear(w, inputs, width, 0.5)) },
  'RMS norm': { make: (w, { inputs }) => norm(w, inputs) },
  'convolution, 1 tap': convolved(1),
  'convolution, 2 taps': convolved(2),
  'convolution, 3 taps': convolved(3),
  'convolution, 4 taps': convolved(4),
  'linear attention, constant decay': attention(true, false),
  'linear attention, constant decay, normalised': attention(true, true),
  'linear attention, token decay': attention(false, false),
  'linear attention, token decay, normalised': attention(false, true),
  'softmax attention': softmax(),
  'softmax attention, the last 2 tokens': softmax(2),
  'selective scan, A per entry': { make: (w, shape) => scan(w, shape, false, false) },
  'selective scan, A per entry, gated': { make: (w, shape) => scan(w, shape, true, false) },
  'selective scan, A per channel': { make: (w, shape) => scan(w, shape, false, true) },
  'selective scan, A per channel, gated': { make: (w, shape) => scan(w, shape, true, true) },
  'mamba, A per entry': { make: (w, shape) => randomMamba(w, shape) },
  'mamba, A per channel': { make: (w, shape) => randomMamba(w, shape, true) },
  'residual stack': {
    make: (w, shape) => {
      const { inputs, width } = shape;
      const residual = (layer: Layer): Layer => ({
        kind: 'residual',
        layer: { kind: 'sequential', layers: [norm(w, inputs), layer] },
      });
      const hidden = mlp(linear(w, width, inputs, 1), 'silu', linear(w, inputs, width, 1));
      return {
        kind: 'sequential',
        layers: [residual(randomMamba(w, shape)), residual(hidden), norm(w, inputs), linear(w, width, inputs, 1)],
      };
    },
  },
};

/** What determines one random layer with its sequence, which is cut into `chunks`. */
export interface Case extends Shape {
  readonly seed: number;
  readonly chunks: readonly number[];
}

/** Cases of sizes up to `most`; sizes above the kernels' lane width of 8 take their unrolled loops. */
export const cases = (most: Shape & { tokens: number }): fc.Arbitrary<Case> =>
  fc.record({
    seed: fc.nat(),
    inputs: fc.integer({ min: 1, max: most.inputs }),
    width: fc.integer({ min: 1, max: most.width }),
    states: fc.integer({ min: 1, max: most.states }),
    chunks: fc
      .array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: most.tokens })
      .map((sizes) => sizes.filter((_, at) => total(sizes.slice(0, at + 1)) <= most.tokens))
      .filter((sizes) => total(sizes) > 0),
  });

const total = (sizes: readonly number[]): number => sizes.reduce((x, y) => x + y, 0);

/** The layer of a case, its sequence length, and tokens of any width. */
export const instantiate = (
  kind: string,
  { seed, chunks, ...shape }: Case,
): { layer: Layer; length: number; tokens: (inputs: number) => Float64Array } => {
  const { make, lowest = -1 } = LAYERS[kind]!;
  const w = new Weights(seed);
  const layer = make(w, shape);
  const length = total(chunks);
  return { layer, length, tokens: (inputs) => w.vector(length * inputs, lowest, 1) };
};

/** x[from … from + length − 1] as a vector of its own. */
export const slice = <T>(A: Arithmetic<T>, x: Vec<T>, from: number, length: number): Vec<T> => {
  const out = A.alloc(length);
  A.copy(x, from, out, 0, length);
  return out;
};

/** Runs tokens in chunks of the given sizes: the outputs together, and the state after them. */
export const runInChunks = <T>(
  A: Arithmetic<T>,
  machine: Machine<T>,
  x: Vec<T>,
  chunks: readonly number[],
  state: State<T> = machine.initialState(),
): { y: Vec<T>; state: State<T> } => {
  const { inputs, outputs } = machine;
  const y = A.alloc(total(chunks) * outputs);
  let at = 0;
  for (const length of chunks) {
    const out = machine.run(slice(A, x, at * inputs, length * inputs), length, state);
    if (out.length !== length * outputs) throw new Error(`expected ${length * outputs} outputs, got ${out.length}`);
    A.copy(out, 0, y, at * outputs, out.length);
    at += length;
  }
  return { y, state };
};

/** The same for two numbers only if they are the same to the last bit; −0 differs from 0. */
const identity = (x: unknown): string => inspect(x, { depth: Infinity, breakLength: Infinity });

/** Where two vectors are not the same numbers. */
export const difference = <T>(A: Arithmetic<T>, x: Vec<T>, y: Vec<T>): string | undefined => {
  if (x.length !== y.length) return `${x.length} numbers against ${y.length}`;
  for (let i = 0; i < x.length; i++) {
    const [u, v] = [A.get(x, i), A.get(y, i)];
    if (!Object.is(u, v) && identity(u) !== identity(v)) return `[${i}]: ${identity(u)} against ${identity(v)}`;
  }
  return undefined;
};

/** All that a state holds, as text; of caches that grow, the part in use. */
export const stateText = <T>(A: Arithmetic<T>, { vectors, parts, tokens }: State<T>, widths?: Shape): string => {
  const used: Readonly<Record<string, number | undefined>> = widths
    ? { keys: widths.states * tokens, values: widths.width * tokens }
    : {};
  const vector = ([name, x]: [string, Vec<T>]): string =>
    `${name}: ${entries(A, x)
      .slice(0, used[name] ?? x.length)
      .map(identity)
      .join()}`;
  return `${tokens} {${Object.entries(vectors).map(vector).join('; ')}} [${parts
    .map((part) => stateText(A, part, widths))
    .join()}]`;
};
