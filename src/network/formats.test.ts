/** Where the runtime rounds: every operation in mode "own"; layer values only, the rest in fp32, in mode "fp32". */
import { describe, expect, it } from 'vitest';
import { castVector, SOFTPLUS_THRESHOLD, toNumbers } from '../arithmetic/arithmetic.ts';
import { emulatedArithmetic } from '../arithmetic/emulated.ts';
import { float64 } from '../arithmetic/float64.ts';
import { formatByName } from '../arithmetic/format.ts';
import { TABLES } from '../arithmetic/testing.ts';
import type { Layer, SelectiveScan } from './layer.ts';
import { compile } from './machine.ts';
import { matrixFromDense } from './matrix.ts';
import { instantiate, LAYERS, randomMamba, Weights } from './testing.ts';

const BF16 = formatByName('bf16')!;
const own = emulatedArithmetic(BF16);
const wide = emulatedArithmetic(BF16, 'fp32');
const bf16 = (x: number): number => TABLES.bf16!.roundNumber(x);

/** One channel of a scan that is gated and has a skip, over a few tokens, all numbers in bf16. */
interface Instance {
  readonly A: readonly number[];
  readonly D: number;
  readonly bias: number;
  readonly tokens: readonly { u: number; delta: number; z: number; B: readonly number[]; C: readonly number[] }[];
}

const STATES = 3;
const LENGTH = 4;

const randomInstance = (seed: number): Instance => {
  const w = new Weights(seed);
  const number = (lo = -2, hi = 2): number => bf16(w.number(lo, hi));
  const states = (lo?: number, hi?: number): number[] => Array.from({ length: STATES }, () => number(lo, hi));
  return {
    A: states(-1, 0),
    D: number(),
    bias: number(0, 1),
    tokens: Array.from({ length: LENGTH }, () => ({
      u: number(),
      delta: number(0, 1),
      z: number(-4, 4),
      B: states(),
      C: states(),
    })),
  };
};

const layerOf = ({ A, D, bias }: Instance): SelectiveScan => ({
  kind: 'selective-scan',
  channels: 1,
  states: STATES,
  A: Float64Array.from(A),
  D: Float64Array.of(D),
  deltaBias: Float64Array.of(bias),
  deltaSoftplus: false,
  gated: true,
});

const run = (instance: Instance, A: typeof own): number[] => {
  const machine = compile(layerOf(instance), A);
  const x = instance.tokens.flatMap(({ u, delta, z, B, C }) => [u, delta, z, ...B, ...C]);
  return Array.from(toNumbers(A, machine.run(castVector(A, x), LENGTH, machine.initialState())));
};

/** What a step may do otherwise than it must. */
interface Deviation {
  readonly roundExp?: boolean;
  readonly roundProducts?: boolean;
  readonly recordIsStepTimesKey?: boolean;
  readonly lastStateFirst?: boolean;
  readonly skipFirst?: boolean;
}

/** The scan by hand; `r` rounds each operation, `out` what the layer hands on. */
const byHand = (
  { A, D, bias, tokens }: Instance,
  r: (x: number) => number,
  out: (x: number) => number,
  deviation: Deviation = {},
): number[] => {
  const {
    roundExp = true,
    roundProducts = true,
    recordIsStepTimesKey = false,
    lastStateFirst = false,
    skipFirst = false,
  } = deviation;
  const term = roundProducts ? r : (x: number): number => x;
  const h = A.map(() => 0);
  return tokens.map(({ u, delta, z, B, C }) => {
    const dt = r(delta + bias);
    A.forEach((a, n) => {
      const decay = roundExp ? r(Math.exp(r(dt * a))) : Math.exp(r(dt * a));
      const record = recordIsStepTimesKey ? term(r(dt * B[n]!) * u) : term(B[n]! * r(dt * u));
      h[n] = r(term(decay * h[n]!) + record);
    });
    const products = C.map((c, n) => term(c * h[n]!));
    if (lastStateFirst) products.reverse();
    const skip = r(u * D);
    const read = products.reduce((sum, x) => r(sum + x), skipFirst ? skip : 0);
    const y = skipFirst ? read : r(read + skip);
    const e = r(Math.exp(-Math.abs(z)));
    const sigmoid = z < 0 ? r(e / r(1 + e)) : r(1 / r(1 + e));
    return out(r(y * r(z * sigmoid)));
  });
};

const INSTANCES = Array.from({ length: 100 }, (_, seed) => randomInstance(seed));
const same = (x: readonly number[], y: readonly number[]): boolean => x.every((value, i) => Object.is(value, y[i]));

describe('a scan in bf16', () => {
  it('rounds every operation, in this order, in mode "own"', () => {
    for (const instance of INSTANCES) expect(run(instance, own)).toEqual(byHand(instance, bf16, bf16));
  });

  it('rounds to fp32, and only its output to bf16, in mode "fp32"', () => {
    for (const instance of INSTANCES) expect(run(instance, wide)).toEqual(byHand(instance, Math.fround, bf16));
  });

  const deviations: Readonly<Record<string, Deviation>> = {
    'exp is not rounded': { roundExp: false },
    'products are fused': { roundProducts: false },
    'dt is multiplied with B first': { recordIsStepTimesKey: true },
    'the states are read in reverse': { lastStateFirst: true },
    'the skip is added first': { skipFirst: true },
  };
  it.each(Object.entries(deviations))('would differ if %s', (_, deviation) => {
    expect(INSTANCES.some((instance) => !same(run(instance, own), byHand(instance, bf16, bf16, deviation)))).toBe(true);
  });
  it('would differ if the state were kept in bf16', () => {
    expect(INSTANCES.some((instance) => !same(run(instance, wide), byHand(instance, bf16, bf16)))).toBe(true);
  });
});

describe('a linear layer in bf16', () => {
  const w = new Weights(7);
  const weights = Array.from({ length: 12 }, () => w.number());
  const bias = w.number();
  const x = Array.from({ length: 12 }, () => bf16(w.number()));
  const layer: Layer = { kind: 'linear', weight: matrixFromDense(1, 12, weights), bias: Float64Array.of(bias) };
  const dot = (r: (value: number) => number): number =>
    r(weights.reduce((sum, weight, i) => r(sum + r(bf16(weight) * x[i]!)), 0) + bf16(bias));
  const output = (A: typeof own): number => {
    const machine = compile(layer, A);
    return A.get(machine.run(castVector(A, x), 1, machine.initialState()), 0);
  };

  it('casts its weights, sums in bf16 in mode "own" and in fp32 in mode "fp32"', () => {
    expect(output(own)).toBe(dot(bf16));
    expect(output(wide)).toBe(bf16(dot(Math.fround)));
    expect(output(own)).not.toBe(output(wide));
    expect(output(wide)).not.toBe(dot(Math.fround));
  });
});

describe('other layers in bf16, by hand', () => {
  const NUMBERS = 5;
  const random = (seed: number): number[] => Array.from(new Weights(seed).vector(NUMBERS, -2, 2), bf16);
  const outputs = (layer: Layer, x: readonly number[], length: number): number[] => {
    const machine = compile(layer, own);
    return Array.from(toNumbers(own, machine.run(castVector(own, x), length, machine.initialState())));
  };

  it('an RMS norm divides by the root, then multiplies with the weight', () => {
    for (let seed = 0; seed < 20; seed++) {
      const x = random(seed);
      const weight = random(seed + 100);
      const eps = bf16(0.01);
      const mean = bf16(x.reduce((sum, value) => bf16(sum + bf16(value * value)), 0) / NUMBERS);
      const root = bf16(Math.sqrt(bf16(mean + eps)));
      expect(outputs({ kind: 'rms-norm', weight: Float64Array.from(weight), eps }, x, 1)).toEqual(
        x.map((value, i) => bf16(bf16(value / root) * weight[i]!)),
      );
    }
  });

  /** Tokens (key, value); the query is the key. */
  const weights = { key: [1, 0], value: [0, 1] };
  const row = (data: readonly number[]) => matrixFromDense(1, 2, data);

  it('softmax attention sums its weights in order and divides once', () => {
    for (let seed = 0; seed < 20; seed++) {
      const [keys, values] = [random(seed), random(seed + 100)];
      const layer: Layer = {
        kind: 'softmax-attention',
        key: row(weights.key),
        query: row(weights.key),
        value: row(weights.value),
      };
      const expected = keys.map((query, t) => {
        const scores = keys.slice(0, t + 1).map((key) => bf16(query * key));
        const top = Math.max(...scores);
        const mix = scores.map((score) => bf16(Math.exp(bf16(score - top))));
        const total = mix.reduce((sum, weight) => bf16(sum + weight), 0);
        return bf16(mix.reduce((sum, weight, j) => bf16(sum + bf16(weight * values[j]!)), 0) / total);
      });
      const tokens = keys.flatMap((key, t) => [key, values[t]!]);
      expect(outputs(layer, tokens, NUMBERS)).toEqual(expected);
    }
  });

  it('linear attention decays its state, adds the record, and divides by the normaliser last', () => {
    for (let seed = 0; seed < 20; seed++) {
      const [keys, values] = [random(seed).map(Math.abs), random(seed + 100)];
      const layer: Layer = {
        kind: 'linear-attention',
        key: row(weights.key),
        query: row(weights.key),
        value: row(weights.value),
        decay: 0.9,
        normalised: true,
      };
      const [h, norm] = [{ value: 0 }, { value: 0 }];
      const expected = keys.map((key, t) => {
        for (const [state, record] of [
          [h, values[t]!],
          [norm, 1],
        ] as const)
          state.value = bf16(bf16(bf16(0.9) * state.value) + bf16(key * record));
        return bf16(bf16(key * h.value) / bf16(key * norm.value));
      });
      const tokens = keys.flatMap((key, t) => [key, values[t]!]);
      expect(outputs(layer, tokens, NUMBERS)).toEqual(expected);
    }
  });
});

it('softmax attention takes the largest score off first, wherever it is', () => {
  const layer: Layer = {
    kind: 'softmax-attention',
    key: matrixFromDense(1, 2, [1, 0]),
    query: matrixFromDense(1, 2, [1, 0]),
    value: matrixFromDense(1, 2, [0, 1]),
  };
  const machine = compile(layer, float64);
  // Scores of the last token: −900, 900, 0, 900; e^900 would overflow.
  const y = machine.run(Float64Array.of(-30, 1, 30, 2, 0, 4, 30, 8), 4, machine.initialState());
  expect(Array.from(toNumbers(float64, y))).toEqual([1, 2, 7 / 3, 5]);
});

describe.each(Object.keys(LAYERS))('%s in mode "fp32"', (kind) => {
  it('puts out bf16', () => {
    for (let seed = 0; seed < 5; seed++) {
      const { layer, length, tokens } = instantiate(kind, { seed, inputs: 4, width: 5, states: 3, chunks: [6] });
      const machine = compile(layer, wide);
      const y = machine.run(castVector(wide, tokens(machine.inputs)), length, machine.initialState());
      for (const value of toNumbers(wide, y)) expect(bf16(value)).toBe(value);
    }
  });
});

describe('a Mamba block in mode "fp32"', () => {
  const block = randomMamba(new Weights(3), { inputs: 3, width: 5, states: 4 }, false, 1);
  const machine = compile(block, wide);
  const seen = new Map<string, Float64Array>();
  const state = machine.initialState();
  const x = castVector(wide, new Weights(4).vector(6 * 3));
  const y = machine.run(x, 6, state, (name, values) => seen.set(name, toNumbers(wide, values)));
  const fits = (values: Iterable<number>, round: (value: number) => number): boolean =>
    [...values].every((value) => round(value) === value);

  it.each(['x', 'z', 'conv', 's', 'x_proj', 'y'])('hands on %s in bf16', (name) => {
    expect(fits(seen.get(name)!, bf16)).toBe(true);
  });
  it('puts out bf16', () => {
    expect(fits(toNumbers(wide, y), bf16)).toBe(true);
  });
  it.each([
    ['step sizes', seen.get('dt')!],
    ['state', toNumbers(wide, state.vectors.ssm!)],
  ])('keeps its %s in fp32', (_, values) => {
    expect(fits(values, Math.fround)).toBe(true);
    expect(fits(values, bf16)).toBe(false);
  });
});

describe('an RMS norm in fp8-e4m3, mode "fp32"', () => {
  const A = emulatedArithmetic(formatByName('fp8-e4m3')!, 'fp32');
  const norm = (width: number, value: number, eps: number): number => {
    const machine = compile({ kind: 'rms-norm', weight: new Float64Array(width).fill(1), eps }, A);
    return A.get(machine.run(castVector(A, new Float64Array(width).fill(value)), 1, machine.initialState()), 0);
  };
  it('counts to more than the format can', () => {
    expect(norm(449, 1, 0)).toBe(1); // the largest number of e4m3 is 448
  });
  it('has an eps below the least number of the format', () => {
    expect(norm(2, 0, 2 ** -20)).toBe(0);
    expect(norm(2, 2 ** -9, 2 ** -16)).toBe(TABLES['fp8-e4m3']!.roundNumber(2 ** -9 / Math.sqrt(2 ** -18 + 2 ** -16)));
  });
});

describe('castError', () => {
  const errorIn = (A: typeof own, ...weights: number[]): number =>
    compile({ kind: 'linear', weight: matrixFromDense(1, weights.length, weights) }, A).castError;

  it('is the largest relative change of a weight', () => {
    // 1 + 2^−8 is a tie and goes to 1; 3 + 2^−5 has quantum 2^−6 and stays; 5.03 goes to 5.03125.
    expect(errorIn(own, 1 + 2 ** -8, 3 + 2 ** -5, 5.03)).toBe(2 ** -8 / (1 + 2 ** -8));
    expect(errorIn(own, -(3 + 2 ** -5), 5.03)).toBe((5.03125 - 5.03) / 5.03);
    expect(errorIn(own, -1, 0, 0.5)).toBe(0);
  });
  it('counts biases and every part of a network', () => {
    const linear = (weight: number, bias: number): Layer => ({
      kind: 'linear',
      weight: matrixFromDense(1, 1, [weight]),
      bias: Float64Array.of(bias),
    });
    const layers = [linear(1, 1), linear(1, 1 + 2 ** -8)];
    expect(compile({ kind: 'sequential', layers }, own).castError).toBe(2 ** -8 / (1 + 2 ** -8));
  });
  it('is 0 in float64, infinite where a weight overflows, and NaN where the format has no infinity', () => {
    expect(errorIn(float64, 0.1, 1e300)).toBe(0);
    expect(errorIn(emulatedArithmetic(formatByName('fp16')!), 1, 70_000)).toBe(Infinity);
    expect(errorIn(emulatedArithmetic(formatByName('fp8-e4m3')!), 1e3, 1.05)).toBe(NaN);
  });
  it('is the same in mode "fp32", which casts weights to the format', () => {
    expect(errorIn(wide, 1 + 2 ** -8)).toBe(2 ** -8 / (1 + 2 ** -8));
  });
});

describe('step sizes', () => {
  /** With A = 0, B = C = u = 1 the first output is the step size itself. */
  const step = (delta: number, bias: number): number => {
    const layer: Layer = {
      kind: 'selective-scan',
      channels: 1,
      states: 1,
      A: Float64Array.of(0),
      deltaBias: Float64Array.of(bias),
      deltaSoftplus: true,
      gated: false,
    };
    const machine = compile(layer, float64);
    return float64.get(machine.run(Float64Array.of(1, delta, 1, 1), 1, machine.initialState()), 0);
  };
  const softplus = (x: number): number => {
    const machine = compile({ kind: 'activation', width: 1, function: 'softplus' }, float64);
    return float64.get(machine.run(Float64Array.of(x), 1, machine.initialState()), 0);
  };

  // ln(1 + e^x) − x is 2.0632e-9, 2.0612e-9, 2.0591e-9 at these points: hundreds of thousands of units in the last place.
  it('are softplus up to 20 and torch’s identity above', () => {
    expect(SOFTPLUS_THRESHOLD).toBe(20);
    expect(step(19.999, 0)).toBe(19.999000002063216);
    expect(step(20, 0)).toBe(20.000000002061153);
    expect(step(20.001, 0)).toBe(20.001);
    expect(step(12, 8.5)).toBe(20.5);
    expect(step(-1, 0.5)).toBe(0.4740769841801067);
  });
  it('are unlike the activation softplus, which has no threshold', () => {
    expect(softplus(20)).toBe(20.000000002061153);
    expect(softplus(20.001)).toBe(20.001000002059094);
    expect(softplus(50)).toBe(50);
  });
});
