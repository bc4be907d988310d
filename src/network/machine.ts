/**
 * The one runtime. `compile` casts a layer's weights into an arithmetic and returns a machine that processes tokens
 * in order, with explicit state: a whole sequence at once, token by token, or in pieces, with identical results in the
 * sequential order of evaluation. The other orders (scan.ts) round differently, and begin anew with every call.
 *
 * It knows no task. Generically, it skips weights that are zero, and (unless told to keep them) inner channels and
 * state entries of a Mamba block that its output projection cannot read.
 */
import { castVector, vectorOf, type Arithmetic, type ScalarFunction, type Vec } from '../arithmetic/arithmetic.ts';
import { compileKernel, type Kernel } from '../arithmetic/stage.ts';
import * as kernels from './kernels.ts';
import {
  mambaShape,
  type Activation,
  type Convolution,
  type Layer,
  type Linear,
  type LinearAttention,
  type MambaBlock,
  type Residual,
  type RmsNorm,
  type SelectiveScan,
  type Sequential,
  type SoftmaxAttention,
} from './layer.ts';
import { columnsUsed, denseData, rowIsZero, rowText, submatrix, type Matrix } from './matrix.ts';
import { scanFor, type Decay, type Scan, type ScanOptions } from './scan.ts';

/** Everything a machine remembers between tokens. */
export interface State<T> {
  /** By name: `ssm` [m, d], `conv` [taps − 1, channels], `keys` and `values` of a cache. */
  readonly vectors: Record<string, Vec<T>>;
  readonly parts: readonly State<T>[];
  /** Tokens seen. */
  tokens: number;
}

/**
 * Told the intermediate results of a run: name ("1.x" is x inside part 1 of a sequence), values [length, width]. Keys,
 * queries and records of a state-space module are B, C and v.
 */
export type Observer<T> = (name: string, values: Vec<T>, width: number) => void;

export interface Machine<T> {
  readonly inputs: number;
  readonly outputs: number;
  initialState(): State<T>;
  /** x [length, inputs] → y [length, outputs]; advances `state`. */
  run(x: Vec<T>, length: number, state: State<T>, observe?: Observer<T>): Vec<T>;
  /** Where only some outputs can differ from 0: which, and a run that returns only those [length, rows]. */
  readonly sparse?: {
    readonly rows: Int32Array;
    run(x: Vec<T>, length: number, state: State<T>, observe?: Observer<T>): Vec<T>;
  };
  /** Where the result differs from x in few places: the same as `run`, in place of x. */
  update?(x: Vec<T>, length: number, state: State<T>): void;
}

export interface Compiled<T> extends Machine<T> {
  /** Largest relative error with which a weight entered the arithmetic (doubles compared). */
  readonly castError: number;
}

export interface CompileOptions extends ScanOptions {
  /** Keep inner channels and state entries that no output reads; for looking at them. */
  readonly keepUnread?: boolean;
}

export const cloneState = <T>(arithmetic: Arithmetic<T>, state: State<T>): State<T> => ({
  vectors: Object.fromEntries(
    Object.entries(state.vectors).map(([name, vector]) => [name, copyOf(arithmetic, vector)]),
  ),
  parts: state.parts.map((part) => cloneState(arithmetic, part)),
  tokens: state.tokens,
});

type Run = (...args: unknown[]) => void;
const compiledKernels = new WeakMap<object, Map<string, Run>>();

const kernelOf = <T>(arithmetic: Arithmetic<T>, kernel: Kernel): Run => {
  let known = compiledKernels.get(arithmetic.emitter);
  if (!known) compiledKernels.set(arithmetic.emitter, (known = new Map()));
  let run = known.get(kernel.name);
  if (!run) known.set(kernel.name, (run = compileKernel(kernel, arithmetic.emitter) as Run));
  return run;
};

/** x[from … from + length − 1] as a vector of its own. */
const slice = <T>(A: Arithmetic<T>, x: Vec<T>, from: number, length: number): Vec<T> => {
  const out = A.alloc(length);
  A.copy(x, from, out, 0, length);
  return out;
};
const copyOf = <T>(A: Arithmetic<T>, x: Vec<T>): Vec<T> => slice(A, x, 0, x.length);

const stateless = <T>(parts: readonly State<T>[] = []): State<T> => ({ vectors: {}, parts, tokens: 0 });

/** Carries the arithmetic and the cast error through the compilation of one network. */
class Compiler<T> {
  readonly arithmetic: Arithmetic<T>;
  readonly options: CompileOptions;
  castError = 0;

  constructor(arithmetic: Arithmetic<T>, options: CompileOptions) {
    this.arithmetic = arithmetic;
    this.options = options;
  }

  cast(weights: ArrayLike<number>): Vec<T> {
    const out = castVector(this.arithmetic, weights);
    for (let i = 0; i < weights.length; i++) {
      const error = Math.abs(this.arithmetic.toNumber(this.arithmetic.get(out, i)) - weights[i]!);
      if (error !== 0) this.castError = Math.max(this.castError, error / Math.abs(weights[i]!)); // NaN stays
    }
    return out;
  }

  kernel(kernel: Kernel): Run {
    return kernelOf(this.arithmetic, kernel);
  }

  scan(decay: Decay): Scan<T> {
    return scanFor(this.arithmetic, (kernel) => this.kernel(kernel), decay, this.options);
  }

  /** y = W x + b over `length` tokens, settled. */
  affine(weight: Matrix, bias?: ArrayLike<number>): (x: Vec<T>, length: number) => Vec<T> {
    const { arithmetic: A } = this;
    const { rows, columns, starts, indices, values } = weight;
    const dense = values.length === rows * columns && rows > 0;
    const w = this.cast(values);
    const run = this.kernel(dense ? kernels.denseAffine : kernels.sparseAffine);
    const b = bias && this.cast(bias);
    const add = this.kernel(kernels.addBias);
    return (x, length) => {
      const y = A.alloc(length * rows);
      if (dense) run(length, rows, columns, w, x, y);
      else run(length, rows, columns, starts, indices, w, x, y);
      if (b) add(length, rows, b, y);
      A.settle(y);
      return y;
    };
  }

  map(name: ScalarFunction): (x: Vec<T>) => Vec<T> {
    const { arithmetic: A } = this;
    if (name === 'identity') return (x) => x;
    const run = this.kernel(kernels.mapKernel(name));
    return (x) => {
      const y = A.alloc(x.length);
      run(x.length, x, y);
      A.settle(y);
      return y;
    };
  }

  zip(operation: 'add' | 'mul'): (x: Vec<T>, z: Vec<T>) => Vec<T> {
    const { arithmetic: A } = this;
    const run = this.kernel(kernels.zipKernel(operation));
    return (x, z) => {
      const y = A.alloc(x.length);
      run(x.length, x, z, y);
      A.settle(y);
      return y;
    };
  }

  layer(layer: Layer): Machine<T> {
    switch (layer.kind) {
      case 'linear':
        return this.linear(layer);
      case 'activation':
        return this.activation(layer);
      case 'sequential':
        return this.sequential(layer);
      case 'residual':
        return this.residual(layer);
      case 'rms-norm':
        return this.rmsNorm(layer);
      case 'convolution':
        return this.convolution(layer);
      case 'linear-attention':
        return this.linearAttention(layer);
      case 'softmax-attention':
        return this.softmaxAttention(layer);
      case 'selective-scan':
        return this.selectiveScan(layer);
      case 'mamba':
        return this.mamba(layer);
    }
  }

  linear(layer: Linear): Machine<T> {
    const { rows, columns } = layer.weight;
    const written = writtenRows(layer.weight, layer.bias);
    const affine = this.affine(
      submatrix(layer.weight, written),
      layer.bias && Float64Array.from(written, (row) => layer.bias![row]!),
    );
    return {
      inputs: columns,
      outputs: rows,
      initialState: () => stateless(),
      ...this.scattered(rows, written, affine),
    };
  }

  /** The runs of a layer that computes some rows of its output, the others being 0. */
  scattered(
    outputs: number,
    written: readonly number[],
    run: (x: Vec<T>, length: number, state: State<T>, observe?: Observer<T>) => Vec<T>,
  ): Pick<Machine<T>, 'run' | 'sparse'> {
    const { arithmetic: A } = this;
    if (written.length === outputs) return { run };
    return {
      run: (x, length, state, observe) => {
        const y = run(x, length, state, observe);
        const full = A.alloc(length * outputs);
        written.forEach((row, i) => A.copy(y, i, full, row, 1, length, written.length, outputs));
        return full;
      },
      sparse: { rows: Int32Array.from(written), run },
    };
  }

  activation(layer: Activation): Machine<T> {
    const map = this.map(layer.function);
    return { inputs: layer.width, outputs: layer.width, initialState: () => stateless(), run: (x) => map(x) };
  }

  sequential(layer: Sequential): Machine<T> {
    const machines = layer.layers.map((part) => this.layer(part));
    machines.slice(1).forEach((machine, at) => {
      if (machine.inputs !== machines[at]!.outputs) {
        throw new RangeError(`expected layer ${at + 1} to take ${machines[at]!.outputs} inputs, got ${machine.inputs}`);
      }
    });
    const through = (
      x: Vec<T>,
      count: number,
      length: number,
      state: State<T>,
      observe: Observer<T> | undefined,
    ): Vec<T> =>
      machines.slice(0, count).reduce((y, machine, at) => {
        // Only what an earlier layer made may be changed.
        if (y !== x && machine.update && !observe) {
          machine.update(y, length, state.parts[at]!);
          return y;
        }
        const out = machine.run(y, length, state.parts[at]!, inside(observe, at));
        observe?.(`${at}`, out, machine.outputs);
        return out;
      }, x);
    const inside = (observe: Observer<T> | undefined, at: number): Observer<T> | undefined =>
      observe && ((name, values, width) => observe(`${at}.${name}`, values, width));
    const last = machines.length - 1;
    const { sparse } = machines[last]!;
    return {
      inputs: machines[0]!.inputs,
      outputs: machines[last]!.outputs,
      initialState: () => stateless(machines.map((machine) => machine.initialState())),
      run: (x, length, state, observe) => through(x, machines.length, length, state, observe),
      ...(sparse && {
        sparse: {
          rows: sparse.rows,
          run: (x, length, state, observe) =>
            sparse.run(through(x, last, length, state, observe), length, state.parts[last]!, inside(observe, last)),
        },
      }),
    };
  }

  residual(layer: Residual): Machine<T> {
    const inner = this.layer(layer.layer);
    if (inner.inputs !== inner.outputs) {
      throw new RangeError(`expected a residual layer of ${inner.inputs} outputs, got ${inner.outputs}`);
    }
    const add = this.zip('add');
    const addColumns = this.kernel(kernels.addColumns);
    const { sparse } = inner;
    return {
      inputs: inner.inputs,
      outputs: inner.outputs,
      initialState: () => stateless([inner.initialState()]),
      run: (x, length, state, observe) => {
        const [part] = state.parts;
        if (!sparse) return add(x, inner.run(x, length, part!, observe));
        const y = copyOf(this.arithmetic, x);
        addColumns(length, inner.outputs, sparse.rows.length, sparse.rows, sparse.run(x, length, part!, observe), y);
        return y;
      },
      ...(sparse && {
        update: (x, length, state) => {
          const written = sparse.run(x, length, state.parts[0]!);
          addColumns(length, inner.outputs, sparse.rows.length, sparse.rows, written, x);
        },
      }),
    };
  }

  rmsNorm(layer: RmsNorm): Machine<T> {
    const { arithmetic: A } = this;
    const n = layer.weight.length;
    const weight = this.cast(layer.weight);
    const constants = vectorOf(A, 2, (i) => A.literal([layer.eps, n][i]!));
    const run = this.kernel(kernels.rmsNorm);
    return {
      inputs: n,
      outputs: n,
      initialState: () => stateless(),
      run: (x, length) => {
        const y = A.alloc(length * n);
        run(length, n, constants, weight, x, y);
        A.settle(y);
        return y;
      },
    };
  }

  convolution(layer: Convolution): Machine<T> {
    const { arithmetic: A } = this;
    const { channels, taps } = layer;
    const weight = this.cast(layer.weight);
    const bias = layer.bias && this.cast(layer.bias);
    const run = this.kernel(kernels.convolve);
    const add = this.kernel(kernels.addBias);
    const cached = (taps - 1) * channels;
    return {
      inputs: channels,
      outputs: channels,
      initialState: () => ({ vectors: { conv: A.alloc(cached) }, parts: [], tokens: 0 }),
      run: (x, length, state) => {
        const extended = A.alloc(cached + length * channels);
        const cache = state.vectors.conv!;
        A.copy(cache, 0, extended, 0, cached);
        A.copy(x, 0, extended, cached, length * channels);
        const y = A.alloc(length * channels);
        run(length, channels, taps, weight, extended, y);
        if (bias) add(length, channels, bias, y);
        A.settle(y);
        A.copy(extended, length * channels, cache, 0, cached);
        state.tokens += length;
        return y;
      },
    };
  }

  linearAttention(layer: LinearAttention): Machine<T> {
    const { arithmetic: A } = this;
    const m = layer.key.rows;
    const d = layer.value.rows;
    const width = layer.normalised ? d + 1 : d;
    const key = this.affine(layer.key);
    const query = this.affine(layer.query);
    const value = this.affine(layer.value);
    const constant = typeof layer.decay === 'number' ? A.get(this.cast([layer.decay]), 0) : undefined;
    const decay = typeof layer.decay === 'number' ? undefined : this.affine(layer.decay);
    const scan = this.scan('token');
    const divide = this.kernel(kernels.normalise);
    const decays = (x: Vec<T>, length: number): Vec<T> => decay?.(x, length) ?? vectorOf(A, length, () => constant!);
    return {
      inputs: layer.key.columns,
      outputs: d,
      initialState: () => ({ vectors: { ssm: A.alloc(m * width) }, parts: [], tokens: 0 }),
      run: (x, length, state, observe) => {
        const records = value(x, length);
        const B = key(x, length);
        const C = query(x, length);
        observe?.('B', B, m);
        observe?.('C', C, m);
        observe?.('v', records, d);
        const v = layer.normalised ? withOnes(A, records, length, d) : records;
        const y = A.alloc(length * width);
        scan(length, m, width, decays(x, length), undefined, B, C, v, state.vectors.ssm!, y);
        state.tokens += length;
        if (!layer.normalised) {
          A.settle(y);
          return y;
        }
        const out = A.alloc(length * d);
        divide(length, d, y, out);
        A.settle(out);
        return out;
      },
    };
  }

  softmaxAttention(layer: SoftmaxAttention): Machine<T> {
    const { arithmetic: A } = this;
    const m = layer.key.rows;
    const d = layer.value.rows;
    const key = this.affine(layer.key);
    const query = this.affine(layer.query);
    const value = this.affine(layer.value);
    const scores = this.kernel(kernels.attentionScores);
    const mix = this.kernel(kernels.attentionMix);
    const { window = Infinity } = layer;
    /** Adds a token's row to a cache of `kept` rows, whose first makes room where the window is full. */
    const append = (state: State<T>, name: string, rows: Vec<T>, t: number, kept: number, width: number): void => {
      let cache = state.vectors[name]!;
      const full = kept === window;
      const place = (full ? kept - 1 : kept) * width;
      if (full) A.copy(slice(A, cache, width, place), 0, cache, 0, place);
      if (cache.length < place + width) {
        const larger = A.alloc(Math.min(window * width, Math.max(place + width, 2 * cache.length)));
        A.copy(cache, 0, larger, 0, place);
        state.vectors[name] = cache = larger;
      }
      A.copy(rows, t * width, cache, place, width);
    };
    return {
      inputs: layer.key.columns,
      outputs: d,
      initialState: () => ({ vectors: { keys: A.alloc(0), values: A.alloc(0) }, parts: [], tokens: 0 }),
      run: (x, length, state) => {
        const keys = key(x, length);
        const values = value(x, length);
        const queries = query(x, length);
        const y = A.alloc(length * d);
        for (let t = 0; t < length; t++) {
          const kept = Math.min(window, state.tokens + t);
          append(state, 'keys', keys, t, kept, m);
          append(state, 'values', values, t, kept, d);
          const n = Math.min(window, kept + 1);
          const weights = A.alloc(n);
          scores(n, m, slice(A, queries, t * m, m), state.vectors.keys, weights);
          let top = A.get(weights, 0);
          for (let j = 1; j < n; j++) top = A.max(top, A.get(weights, j));
          const mixed = A.alloc(d);
          mix(
            n,
            d,
            vectorOf(A, 1, () => top),
            weights,
            state.vectors.values,
            mixed,
          );
          A.copy(mixed, 0, y, t * d, d);
        }
        state.tokens += length;
        A.settle(y);
        return y;
      },
    };
  }

  /** dt = softplus(delta + bias), as torch defines softplus. */
  stepSizes(delta: Vec<T>, length: number, bias: Vec<T> | undefined, softplus: boolean): Vec<T> {
    const { arithmetic: A } = this;
    const dt = copyOf(A, delta);
    if (bias) this.kernel(kernels.addBias)(length, bias.length, bias, dt);
    if (softplus) this.kernel(kernels.mapKernel('torchSoftplus'))(dt.length, dt, dt);
    return dt;
  }

  /**
   * The S6 recurrence over prepared inputs: u, dt [L, d]; B, C [L, m]; z [L, d] or none. A is [d, m] by channel.
   * The record is v = dt ⊙ u. A decay that is the same for all states of a channel (as `key` tells: the doubles that A
   * comes from) is computed once per channel.
   */
  recurrence(
    channels: number,
    states: number,
    A_: Vec<T>,
    key: ArrayLike<number>,
    D: ArrayLike<number> | undefined,
  ): (
    u: Vec<T>,
    dt: Vec<T>,
    B: Vec<T>,
    C: Vec<T>,
    z: Vec<T> | undefined,
    length: number,
    ssm: Vec<T>,
    observe?: Observer<T>,
  ) => Vec<T> {
    const { arithmetic: A } = this;
    const shared = Array.prototype.every.call(key, (x: number, at) => x === key[at - (at % states)]);
    const decay = shared
      ? vectorOf(A, states > 0 ? channels : 0, (i) => A.get(A_, i * states))
      : vectorOf(A, channels * states, (at) => A.get(A_, (at % channels) * states + Math.floor(at / channels)));
    const scan = this.scan(shared ? 'channel' : 'entry');
    const multiply = this.kernel(kernels.zipKernel('mul'));
    const skip = D && Array.prototype.some.call(D, (x: number) => x !== 0) ? this.cast(D) : undefined;
    const addSkip = this.kernel(kernels.addScaled);
    const silu = this.kernel(kernels.mapKernel('silu'));
    return (u, dt, B, C, z, length, ssm, observe) => {
      const v = A.alloc(u.length);
      multiply(u.length, dt, u, v);
      observe?.('B', B, states);
      observe?.('C', C, states);
      observe?.('v', v, channels);
      const y = A.alloc(length * channels);
      if (states > 0) scan(length, states, channels, dt, decay, B, C, v, ssm, y);
      if (skip) addSkip(length, channels, skip, u, y);
      if (z) {
        const gate = A.alloc(z.length);
        silu(z.length, z, gate);
        multiply(y.length, y, gate, y);
      }
      A.settle(y);
      return y;
    };
  }

  selectiveScan(layer: SelectiveScan): Machine<T> {
    const { arithmetic: A } = this;
    const { channels: d, states: m } = layer;
    const recur = this.recurrence(d, m, this.cast(layer.A), layer.A, layer.D);
    const bias = layer.deltaBias && this.cast(layer.deltaBias);
    const inputs = (layer.gated ? 3 : 2) * d + 2 * m;
    return {
      inputs,
      outputs: d,
      initialState: () => ({ vectors: { ssm: A.alloc(m * d) }, parts: [], tokens: 0 }),
      run: (x, length, state, observe) => {
        let offset = 0;
        const next = (width: number): Vec<T> => {
          const part = columnBlock(A, x, length, inputs, offset, width);
          offset += width;
          return part;
        };
        const u = next(d);
        const delta = next(d);
        const z = layer.gated ? next(d) : undefined;
        const B = next(m);
        const C = next(m);
        const dt = this.stepSizes(delta, length, bias, layer.deltaSoftplus);
        state.tokens += length;
        return recur(u, dt, B, C, z, length, state.vectors.ssm!, observe);
      },
    };
  }

  mamba(layer: MambaBlock): Machine<T> {
    const { arithmetic: A } = this;
    const { hidden, inner, states, rank } = mambaShape(layer);
    const { keepUnread } = this.options;
    const range = (n: number, from = 0): number[] => Array.from({ length: n }, (_, i) => from + i);

    // What the output can see. `live`: inner channels that outProj reads; `memory`: states whose C is not zero;
    // `dtRows`: rank rows that a live channel's step uses; `fed`: channels that carry x for any of these.
    const live = keepUnread ? range(inner) : columnsUsed(layer.outProj);
    const memory = range(states).filter((n) => keepUnread || !rowIsZero(layer.xProj, rank + states + n));
    const dtRows = keepUnread ? range(rank) : columnsUsed(layer.dtProj, live);
    const projected = [...dtRows, ...memory.map((n) => rank + n), ...memory.map((n) => rank + states + n)];
    const fed = keepUnread
      ? range(inner)
      : [...new Set([...live, ...columnsUsed(layer.xProj, projected)])].sort((x, y) => x - y);

    const { taps, weight, bias } = layer.convolution;
    const conv = this.convolution({
      kind: 'convolution',
      channels: fed.length,
      taps,
      weight: Float64Array.from(fed.flatMap((channel) => [...weight.subarray(channel * taps, (channel + 1) * taps)])),
      ...(bias && { bias: part(bias, fed)! }),
    });
    const written = writtenRows(layer.outProj, layer.outBias);
    const out = this.affine(submatrix(layer.outProj, written, live), part(layer.outBias, written));
    const whole = once(() => this.inside(layer, { live, memory, dtRows, projected, fed }, conv));
    const isQuick = memory.length === 0 && isIdentity(layer.convolution);
    const run = isQuick ? unlessObserved(this.memoryless(layer, live), whole) : whole();
    return {
      inputs: hidden,
      outputs: hidden,
      initialState: () => ({
        vectors: { ssm: A.alloc(memory.length * live.length) },
        parts: [conv.initialState()],
        tokens: 0,
      }),
      ...this.scattered(hidden, written, (x, length, state, observe) => {
        const y = run(x, length, state, observe);
        state.tokens += length;
        return out(y, length);
      }),
    };
  }

  /** What the channels of a block hand to its output projection, by way of everything in between. */
  inside(layer: MambaBlock, { live, memory, dtRows, projected, fed }: Read, conv: Machine<T>): MachineRun<T> {
    const { arithmetic: A } = this;
    const { inner } = mambaShape(layer);
    const place = new Map(fed.map((channel, at) => [channel, at]));
    const places = live.map((channel) => place.get(channel)!);
    const gateRows = live.map((channel) => inner + channel);
    const inX = this.affine(submatrix(layer.inProj, fed), part(layer.inBias, fed));
    const inZ = this.affine(submatrix(layer.inProj, gateRows), part(layer.inBias, gateRows));
    const silu = this.map('silu');
    const projections = this.affine(submatrix(layer.xProj, projected, fed));
    const dtProj = this.affine(submatrix(layer.dtProj, live, dtRows));
    const dtBias = this.cast(part(layer.dtBias, live)!);
    const logarithms = denseData(submatrix(layer.ALog, live, memory));
    const ALog = this.cast(logarithms);
    const decay = vectorOf(A, ALog.length, (i) => A.neg(A.exp(A.get(ALog, i))));
    const recur = this.recurrence(live.length, memory.length, decay, logarithms, part(layer.D, live));
    const m = memory.length;
    return (x, length, state, observe) => {
      const channels = inX(x, length);
      const z = inZ(x, length);
      const convolved = conv.run(channels, length, state.parts[0]!);
      const s = silu(convolved);
      const qBC = projections(s, length);
      const width = projected.length;
      const q = columnBlock(A, qBC, length, width, 0, dtRows.length);
      const B = columnBlock(A, qBC, length, width, dtRows.length, m);
      const C = columnBlock(A, qBC, length, width, dtRows.length + m, m);
      const delta = dtProj(q, length);
      const dt = this.stepSizes(delta, length, dtBias, true);
      const u = A.alloc(length * live.length);
      places.forEach((place, i) => A.copy(s, place, u, i, 1, length, fed.length, live.length));
      const y = recur(u, dt, B, C, z, length, state.vectors.ssm!, observe);
      if (observe) {
        observe('x', channels, fed.length);
        observe('z', z, live.length);
        observe('conv', convolved, fed.length);
        observe('s', s, fed.length);
        observe('x_proj', qBC, width);
        observe('dt', this.stepSizes(delta, length, dtBias, false), live.length);
        observe('y', y, live.length);
      }
      return y;
    };
  }

  /**
   * The inner channels of a block whose output reads no state and whose convolution does nothing: y = D·SiLU(x) ⊙ SiLU(z).
   * Channels often share an x or a gate, which is computed once.
   */
  memoryless(layer: MambaBlock, live: readonly number[]): (x: Vec<T>, length: number) => Vec<T> {
    const { arithmetic: A } = this;
    const { inner } = mambaShape(layer);
    const silu = this.kernel(kernels.mapKernel('silu'));
    const multiply = this.kernel(kernels.multiplyColumns);
    /** SiLU of the distinct ones among rows of in_proj, not settled, and which of them each channel has. */
    const shared = (rows: readonly number[]) => {
      const keys = rows.map((row) => `${rowText(layer.inProj, row)}|${layer.inBias?.[row]}`);
      const distinct = new Map(keys.map((key, i) => [key, rows[i]!]));
      const chosen = [...distinct.values()];
      const place = new Map([...distinct.keys()].map((key, at) => [key, at]));
      const affine = this.affine(submatrix(layer.inProj, chosen), part(layer.inBias, chosen));
      const run = (x: Vec<T>, length: number): Vec<T> => {
        const y = affine(x, length);
        silu(y.length, y, y);
        return y;
      };
      return { run, width: chosen.length, at: Int32Array.from(keys, (key) => place.get(key)!) };
    };
    const xs = shared(live);
    const gates = shared(live.map((channel) => inner + channel));
    const D = this.cast(part(layer.D, live)!);
    return (x, length) => {
      const u = xs.run(x, length);
      A.settle(u);
      const z = gates.run(x, length);
      const y = A.alloc(length * live.length);
      multiply(length, live.length, xs.width, xs.at, u, D, gates.width, gates.at, z, y);
      A.settle(y);
      return y;
    };
  }
}

type MachineRun<T> = Machine<T>['run'];

/** The inner channels, states and rows of rank of a block that its output can see, and the channels that feed them. */
interface Read {
  readonly live: readonly number[];
  readonly memory: readonly number[];
  readonly dtRows: readonly number[];
  /** Rows of x_proj for their steps, keys and queries. */
  readonly projected: readonly number[];
  readonly fed: readonly number[];
}

const part = (x: Float64Array | undefined, at: readonly number[]): Float64Array | undefined =>
  x && Float64Array.from(at, (i) => x[i]!);

/** Whether a convolution hands its input on. */
const isIdentity = ({ taps, weight, bias }: Convolution): boolean =>
  taps === 1 && weight.every((w) => w === 1) && (bias?.every((b) => b === 0) ?? true);

/** `make`, called when its result is first needed. */
const once = <X>(make: () => X): (() => X) => {
  let made: { readonly x: X } | undefined;
  return () => (made ??= { x: make() }).x;
};

/** A run that only an observer makes go through everything in between. */
const unlessObserved =
  <T>(quick: (x: Vec<T>, length: number) => Vec<T>, whole: () => MachineRun<T>): MachineRun<T> =>
  (x, length, state, observe) =>
    observe ? whole()(x, length, state, observe) : quick(x, length);

/** The rows of y = W x + b that can differ from 0. */
const writtenRows = (weight: Matrix, bias?: Float64Array): number[] =>
  Array.from({ length: weight.rows }, (_, row) => row).filter(
    (row) => !rowIsZero(weight, row) || (bias !== undefined && bias[row] !== 0),
  );

/** Columns offset … offset + width − 1 of x [length, total]. */
const columnBlock = <T>(
  A: Arithmetic<T>,
  x: Vec<T>,
  length: number,
  total: number,
  offset: number,
  width: number,
): Vec<T> => {
  const out = A.alloc(length * width);
  A.copy(x, offset, out, 0, width, length, total, width);
  return out;
};

/** v [length, d] with a column of ones after it. */
const withOnes = <T>(A: Arithmetic<T>, v: Vec<T>, length: number, d: number): Vec<T> => {
  const out = A.alloc(length * (d + 1));
  A.copy(v, 0, out, 0, d, length, d, d + 1);
  for (let t = 0; t < length; t++) A.set(out, t * (d + 1) + d, A.one);
  return out;
};

/** Casts a network into an arithmetic and makes it runnable. */
export const compile = <T>(layer: Layer, arithmetic: Arithmetic<T>, options: CompileOptions = {}): Compiled<T> => {
  const compiler = new Compiler(arithmetic, options);
  const machine = compiler.layer(layer);
  return { ...machine, castError: compiler.castError };
};
