/**
 * The runtime against the formulas of docs/theory.md, written as plain loops: no staging, no sparsity, no pruning, no
 * shared decays, attention as a double sum. The loops carry a bound on their rounding error, which sets the tolerance.
 */
import type { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { castVector, toNumbers, type ScalarFunction } from '../arithmetic/arithmetic.ts';
import { decimalArithmetic } from '../arithmetic/decimal.ts';
import { float64 } from '../arithmetic/float64.ts';
import { entries } from '../arithmetic/testing.ts';
import { mambaShape, type Layer, type LinearAttention, type MambaBlock, type SelectiveScan } from './layer.ts';
import { compile } from './machine.ts';
import { denseData, type Matrix } from './matrix.ts';
import { cases, FUNCTIONS, instantiate, LAYERS, Weights } from './testing.ts';

/** Unit roundoff of float64. */
const U = 2 ** -53;

/**
 * A number with a first-order bound on its rounding error. `size` is the value with every sum taken over absolute
 * values; an addition is charged its size instead of its result, so the bound holds for every order of summation.
 */
interface Tracked {
  readonly value: number;
  readonly size: number;
  /** In units of U. */
  readonly error: number;
}

const exactly = (value: number): Tracked => ({ value, size: Math.abs(value), error: 0 });
const zero = exactly(0);
const one = exactly(1);
const rounded = (value: number, size: number, propagated: number): Tracked => ({
  value,
  size,
  error: propagated + size,
});
const add = (x: Tracked, y: Tracked): Tracked => rounded(x.value + y.value, x.size + y.size, x.error + y.error);
const sub = (x: Tracked, y: Tracked): Tracked => rounded(x.value - y.value, x.size + y.size, x.error + y.error);
const mul = (x: Tracked, y: Tracked): Tracked =>
  rounded(x.value * y.value, x.size * y.size, x.size * y.error + y.size * x.error);
const div = (x: Tracked, y: Tracked): Tracked => {
  const bottom = Math.abs(y.value);
  return rounded(x.value / y.value, x.size / bottom, (x.error + (x.size / bottom) * y.error) / bottom);
};
const max = (x: Tracked, y: Tracked): Tracked => (x.value < y.value ? y : x);

/** A library function within `ulps` units in the last place (each at most 2U of the value), with its derivative. */
const library =
  (f: (x: number) => number, derivative: (x: number, value: number) => number, ulps = 1) =>
  (x: Tracked): Tracked => {
    const value = f(x.value);
    const size = Math.abs(value);
    return { value, size, error: Math.abs(derivative(x.value, value)) * x.error + 2 * ulps * size };
  };
const exp = library(Math.exp, (_, value) => value);
const log1p = library(Math.log1p, (x) => 1 / (1 + x));
const sqrt = library(Math.sqrt, (_, value) => 0.5 / value);
const tanh = library(Math.tanh, (_, value) => 1 - value * value);
/** src/arithmetic/erf.ts states 8 units in the last place. */
const erf = library(float64.erf, (x) => (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x), 8);

const sigmoid = (x: Tracked): Tracked => div(one, add(one, exp(sub(zero, x))));
const softplus = (x: Tracked): Tracked => log1p(exp(x));
const functions: Readonly<Record<ScalarFunction, (x: Tracked) => Tracked>> = {
  identity: (x) => x,
  relu: (x) => max(x, zero),
  sigmoid,
  silu: (x) => mul(x, sigmoid(x)),
  gelu: (x) => div(mul(x, add(one, erf(div(x, sqrt(exactly(2)))))), exactly(2)),
  softplus,
  tanh,
  exp,
};

type Vector = readonly Tracked[];
/** One row for each token. */
type Sequence = readonly Vector[];

const sum = (terms: Vector): Tracked => terms.reduce(add, zero);
const product = (factors: Vector): Tracked => factors.reduce(mul, one);
const dot = (x: Vector, y: Vector): Tracked => sum(x.map((value, i) => mul(value, y[i]!)));
const constants = (x: ArrayLike<number>): Tracked[] => Array.from(x, exactly);
const rowsOf = (matrix: Matrix): Vector[] => {
  const data = constants(denseData(matrix));
  return Array.from({ length: matrix.rows }, (_, r) => data.slice(r * matrix.columns, (r + 1) * matrix.columns));
};
const affine = (weight: Matrix, x: Vector, bias?: ArrayLike<number>): Vector =>
  rowsOf(weight).map((row, r) => (bias ? add(dot(row, x), exactly(bias[r]!)) : dot(row, x)));

const convolve = (layer: Layer & { kind: 'convolution' }, X: Sequence): Sequence => {
  const { channels, taps, weight, bias } = layer;
  return X.map((_, t) =>
    Array.from({ length: channels }, (_, i) => {
      const terms: Tracked[] = [];
      for (let k = 0; k < taps; k++) {
        const past = X[t - (taps - 1) + k];
        if (past) terms.push(mul(exactly(weight[i * taps + k]!), past[i]!));
      }
      return bias ? add(sum(terms), exactly(bias[i]!)) : sum(terms);
    }),
  );
};

/** y_t = Σ_j w_tj v_j, w_tj = (c_t · b_j) Π_{k=j+1..t} a_k; divided by Σ_j w_tj if normalised. */
const linearAttention = (layer: LinearAttention, X: Sequence): Sequence => {
  const decay = (x: Vector): Tracked =>
    typeof layer.decay === 'number' ? exactly(layer.decay) : affine(layer.decay, x)[0]!;
  return X.map((x, t) => {
    const weights = X.slice(0, t + 1).map((past, j) =>
      mul(dot(affine(layer.query, x), affine(layer.key, past)), product(X.slice(j + 1, t + 1).map(decay))),
    );
    return Array.from({ length: layer.value.rows }, (_, k) => {
      const read = sum(weights.map((weight, j) => mul(weight, affine(layer.value, X[j]!)[k]!)));
      return layer.normalised ? div(read, sum(weights)) : read;
    });
  });
};

const softmaxAttention = (layer: Layer & { kind: 'softmax-attention' }, X: Sequence): Sequence =>
  X.map((x, t) => {
    const past = X.slice(Math.max(0, t + 1 - (layer.window ?? Infinity)), t + 1);
    const scores = past.map((y) => dot(affine(layer.query, x), affine(layer.key, y)));
    const top = scores.reduce(max);
    const weights = scores.map((score) => exp(sub(score, top)));
    return Array.from({ length: layer.value.rows }, (_, k) =>
      div(sum(weights.map((weight, j) => mul(weight, affine(layer.value, past[j]!)[k]!))), sum(weights)),
    );
  });

/** torch's softplus is the identity above 20. */
const stepSize = (x: Tracked): Tracked => (x.value > 20 ? x : softplus(x));

interface ScanInputs {
  readonly u: Vector;
  readonly dt: Vector;
  readonly B: Vector;
  readonly C: Vector;
  readonly z?: Vector;
}

/** h ← exp(dt A) h + dt B u, y = (⟨h, C⟩ + D u) SiLU(z), entry by entry; A [channels][states]. */
const selectiveScan = (A: Sequence, D: ArrayLike<number> | undefined, inputs: readonly ScanInputs[]): Sequence => {
  const h = A.map((row) => row.map(() => zero));
  return inputs.map(({ u, dt, B, C, z }) =>
    A.map((row, i) => {
      row.forEach((a, n) => {
        h[i]![n] = add(mul(exp(mul(dt[i]!, a)), h[i]![n]!), mul(mul(dt[i]!, B[n]!), u[i]!));
      });
      const read = dot(h[i]!, C);
      const skipped = D ? add(read, mul(exactly(D[i]!), u[i]!)) : read;
      return z ? mul(skipped, functions.silu(z[i]!)) : skipped;
    }),
  );
};

const bareScan = (layer: SelectiveScan, X: Sequence): Sequence => {
  const { channels: d, states: m, deltaBias, gated } = layer;
  const A = Array.from({ length: d }, (_, i) => constants(layer.A.subarray(i * m, (i + 1) * m)));
  const inputs = X.map((x): ScanInputs => {
    const rest = x.slice(gated ? 3 * d : 2 * d);
    const delta = x.slice(d, 2 * d).map((value, i) => (deltaBias ? add(value, exactly(deltaBias[i]!)) : value));
    return {
      u: x.slice(0, d),
      dt: layer.deltaSoftplus ? delta.map(stepSize) : delta,
      ...(gated && { z: x.slice(2 * d, 3 * d) }),
      B: rest.slice(0, m),
      C: rest.slice(m),
    };
  });
  return selectiveScan(A, layer.D, inputs);
};

const mamba = (block: MambaBlock, X: Sequence): Sequence => {
  const { inner: d, states: m, rank } = mambaShape(block);
  const xz = X.map((x) => affine(block.inProj, x, block.inBias));
  const convolved = convolve(
    block.convolution,
    xz.map((row) => row.slice(0, d)),
  );
  const inputs = convolved.map((row, t): ScanInputs => {
    const s = row.map(functions.silu);
    const projected = affine(block.xProj, s);
    return {
      u: s,
      dt: affine(block.dtProj, projected.slice(0, rank), block.dtBias).map(stepSize),
      B: projected.slice(rank, rank + m),
      C: projected.slice(rank + m),
      z: xz[t]!.slice(d),
    };
  });
  const A = rowsOf(block.ALog).map((row) => row.map((x) => sub(zero, exp(x))));
  return selectiveScan(A, block.D, inputs).map((y) => affine(block.outProj, y, block.outBias));
};

const rmsNorm = (layer: Layer & { kind: 'rms-norm' }, x: Vector): Vector => {
  const mean = div(dot(x, x), exactly(x.length));
  const root = sqrt(add(mean, exactly(layer.eps)));
  return x.map((value, i) => mul(div(value, root), exactly(layer.weight[i]!)));
};

const textbook = (layer: Layer, X: Sequence): Sequence => {
  switch (layer.kind) {
    case 'linear':
      return X.map((x) => affine(layer.weight, x, layer.bias));
    case 'activation':
      return X.map((x) => x.map(functions[layer.function]));
    case 'sequential':
      return layer.layers.reduce((Y, part) => textbook(part, Y), X);
    case 'residual':
      return textbook(layer.layer, X).map((y, t) => y.map((value, i) => add(X[t]![i]!, value)));
    case 'rms-norm':
      return X.map((x) => rmsNorm(layer, x));
    case 'convolution':
      return convolve(layer, X);
    case 'linear-attention':
      return linearAttention(layer, X);
    case 'softmax-attention':
      return softmaxAttention(layer, X);
    case 'selective-scan':
      return bareScan(layer, X);
    case 'mamba':
      return mamba(layer, X);
  }
};

/**
 * How many times the textbook's error bound a run may miss the exact value by: its recurrences round a term up to
 * 2(i − j) + 2 + m times (docs/theory.md P1), the double sum at least (i − j) + m + 1 times; its sigmoid and softplus,
 * by e^(−|x|), round at most twice as often as 1/(1 + e^(−x)) and log1p(e^x).
 */
const SLACK = 2;
/** On a typical instance every tolerance is below this fraction of the output's size: none is vacuous. */
const meaningful = (kind: string): number => (kind === 'residual stack' ? 1e-8 : 1e-12);

/** Digits of the reference run; its own error, some 10^−37, is far below U. */
const reference = decimalArithmetic(40);

/** The textbook's output for tokens in rows of `inputs`, flat. */
const expected = (layer: Layer, tokens: Float64Array, inputs: number): Vector => {
  const rows = Array.from({ length: tokens.length / inputs }, (_, t) =>
    constants(tokens.subarray(t * inputs, (t + 1) * inputs)),
  );
  return textbook(layer, rows).flat();
};

/** Checks numbers, given by their distance from the textbook's exact values, against its bounds. */
const checkDistances = (bounds: Vector, distance: (at: number) => number): void => {
  bounds.forEach(({ value, error }, at) => {
    const gap = distance(at);
    if (!(gap <= SLACK * error * U)) {
      throw new Error(`[${at}]: ${gap} from ${value}, expected at most ${SLACK * error} roundings of ${U}`);
    }
  });
};

describe.each(Object.keys(LAYERS))('%s', (kind) => {
  it('agrees with the textbook in float64', () => {
    fc.assert(
      fc.property(cases({ inputs: 10, width: 10, states: 4, tokens: 10 }), (c) => {
        const { layer, length, tokens } = instantiate(kind, c);
        const machine = compile(layer, float64);
        const x = tokens(machine.inputs);
        const y = toNumbers(float64, machine.run(x, length, machine.initialState()));
        const bounds = expected(layer, x, machine.inputs);
        expect(y).toHaveLength(bounds.length);
        checkDistances(bounds, (at) => Math.abs(y[at]! - bounds[at]!.value) / 2); // both are rounded
      }),
      { numRuns: 15 },
    );
  });

  it('has tolerances that mean something', () => {
    const { layer, tokens } = instantiate(kind, { seed: 5, inputs: 3, width: 4, states: 3, chunks: [6] });
    const { inputs } = compile(layer, float64);
    for (const { size, error } of expected(layer, tokens(inputs), inputs)) {
      expect(SLACK * error * U).toBeLessThanOrEqual(meaningful(kind) * size);
    }
  });

  it('runs in float64 as in 40 decimals, within rounding', () => {
    fc.assert(
      fc.property(cases({ inputs: 3, width: 3, states: 3, tokens: 5 }), (c) => {
        const { layer, length, tokens } = instantiate(kind, c);
        const machine = compile(layer, float64);
        const x = tokens(machine.inputs);
        const y = toNumbers(float64, machine.run(x, length, machine.initialState()));
        const precise = compile(layer, reference);
        const exact = entries(reference, precise.run(castVector(reference, x), length, precise.initialState()));
        const gap = (z: Decimal, value: number): number =>
          reference.toNumber(reference.abs(reference.sub(z, reference.from(value))));
        const bounds = expected(layer, x, machine.inputs);
        checkDistances(bounds, (at) => gap(exact[at]!, y[at]!));
        checkDistances(bounds, (at) => gap(exact[at]!, bounds[at]!.value));
      }),
      { numRuns: 4 },
    );
  });
});

it.each(FUNCTIONS)('applies %s to every component', (name) => {
  const x = new Weights(1).vector(50, -6, 6);
  const machine = compile({ kind: 'activation', width: 1, function: name }, float64);
  const y = toNumbers(float64, machine.run(x, x.length, machine.initialState()));
  const bounds = constants(x).map(functions[name]);
  checkDistances(bounds, (at) => Math.abs(y[at]! - bounds[at]!.value) / 2);
});
