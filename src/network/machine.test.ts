import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { castVector, type Arithmetic } from '../arithmetic/arithmetic.ts';
import { bigIntervals } from '../arithmetic/big-interval-arithmetic.ts';
import { rationals } from '../arithmetic/exact.ts';
import { float64 } from '../arithmetic/float64.ts';
import { intervals } from '../arithmetic/interval.ts';
import { arithmeticByName } from '../arithmetic/names.ts';
import { mambaShape, type Layer, type MambaBlock } from './layer.ts';
import { cloneState, compile } from './machine.ts';
import { denseData, matrixFromDense, submatrix, type Matrix } from './matrix.ts';
import {
  cases,
  difference,
  instantiate,
  LAYERS,
  randomMamba,
  runInChunks,
  slice,
  stateText,
  Weights,
  type Case,
  type Shape,
} from './testing.ts';

const SIZES = { inputs: 10, width: 10, states: 4, tokens: 20 };
/** Numbers that are objects are slow: one small case of each kind. */
const SMALL_SIZES = { inputs: 2, width: 3, states: 2, tokens: 4 };

const ARITHMETICS: readonly [name: string, A: Arithmetic<unknown>, sizes: Shape & { tokens: number }, runs: number][] =
  [
    ['fp64', arithmeticByName('fp64')!, SIZES, 30],
    ['bf16 (own)', arithmeticByName('bf16')!, SIZES, 15],
    ['bf16 (fp32)', arithmeticByName('bf16', 'fp32')!, SIZES, 15],
    ['dd', arithmeticByName('dd')!, SIZES, 8],
    ['float64 intervals', intervals as Arithmetic<unknown>, SIZES, 8],
    ['decimal30', arithmeticByName('decimal30')!, SMALL_SIZES, 1],
    ['intervals of 128 bits', bigIntervals(128) as Arithmetic<unknown>, SMALL_SIZES, 1],
    ['rationals', rationals as Arithmetic<unknown>, SMALL_SIZES, 1],
  ];

/** A compiled random layer with its sequence, ready to run. */
const prepare = (kind: string, A: Arithmetic<unknown>, c: Case) => {
  const { layer, length, tokens } = instantiate(kind, c);
  const machine = compile(layer, A);
  return { machine, length, x: castVector(A, tokens(machine.inputs)) };
};

describe.each(ARITHMETICS)('in %s', (_, A, sizes, numRuns) => {
  const kinds = Object.keys(LAYERS).filter((kind) => A.name !== rationals.name || LAYERS[kind]!.rational);
  describe.each(kinds)('%s', (kind) => {
    it('gives the same numbers at once, token by token and in chunks', () => {
      fc.assert(
        fc.property(cases(sizes), (c) => {
          const { machine, length, x } = prepare(kind, A, c);
          const whole = runInChunks(A, machine, x, [length]);
          expect(whole.y).toHaveLength(length * machine.outputs);
          for (const chunks of [new Array<number>(length).fill(1), c.chunks]) {
            const parts = runInChunks(A, machine, x, chunks);
            expect(difference(A, parts.y, whole.y)).toBeUndefined();
            expect(stateText(A, parts.state, c)).toBe(stateText(A, whole.state, c));
          }
        }),
        { numRuns },
      );
    });

    it('continues from a cloned state without touching the original', () => {
      fc.assert(
        fc.property(cases(sizes), fc.nat(), (c, cut) => {
          const { machine, length, x } = prepare(kind, A, c);
          const first = cut % (length + 1);
          const head = slice(A, x, 0, first * machine.inputs);
          const tail = slice(A, x, first * machine.inputs, (length - first) * machine.inputs);
          const { state } = runInChunks(A, machine, head, [first]);
          const before = stateText(A, state);
          const clone = cloneState(A, state);
          expect(stateText(A, clone)).toBe(before);
          const ofClone = runInChunks(A, machine, tail, [length - first], clone);
          expect(stateText(A, state)).toBe(before);
          const ofOriginal = runInChunks(A, machine, tail, [length - first], state);
          expect(difference(A, ofOriginal.y, ofClone.y)).toBeUndefined();
        }),
        { numRuns: Math.ceil(numRuns / 2) },
      );
    });
  });
});

/** A matrix with the entries at which `dead` is true set to zero. */
const masked = (matrix: Matrix, dead: (row: number, column: number) => boolean): Matrix => {
  const { rows, columns } = matrix;
  return matrixFromDense(
    rows,
    columns,
    denseData(matrix).map((value, at) => (dead(Math.floor(at / columns), at % columns) ? 0 : value)),
  );
};

/** The block without some output columns, C rows and dt rows. */
const silenced = (block: MambaBlock, channels: boolean[], states: boolean[], ranks: boolean[]): MambaBlock => {
  const shape = mambaShape(block);
  return {
    ...block,
    outProj: masked(block.outProj, (_, channel) => channels[channel]!),
    xProj: masked(block.xProj, (row) => ranks[row] ?? states[row - shape.rank - shape.states] ?? false),
  };
};

describe('channels and states that no output reads', () => {
  // In intervals they may: adding [0, 0] rounds outwards.
  it.each(ARITHMETICS.slice(0, 4))('change no output in %s', (_, A) => {
    fc.assert(
      fc.property(cases(SIZES), ({ seed, chunks, ...shape }) => {
        const w = new Weights(seed);
        const block = randomMamba(w, shape, w.chance());
        const coins = (length: number) => Array.from({ length }, () => w.chance());
        const layer = silenced(block, coins(shape.width), coins(shape.states), coins(block.dtProj.columns));
        const length = chunks.reduce((x, y) => x + y, 0);
        const x = castVector(A, w.vector(length * shape.inputs));
        const [pruned, whole] = [false, true].map((keepUnread) => {
          const machine = compile(layer, A, { keepUnread });
          return machine.run(x, length, machine.initialState());
        });
        expect(difference(A, pruned!, whole!)).toBeUndefined();
      }),
      { numRuns: 40 },
    );
  });

  it.each(ARITHMETICS.slice(0, 4))('may all be states: in %s an observer sees the same outputs', (_, A) => {
    fc.assert(
      fc.property(cases(SIZES), ({ seed, chunks, ...shape }) => {
        const w = new Weights(seed);
        const block = randomMamba(w, { ...shape, width: 2 * shape.width }, w.chance());
        const none = (length: number): boolean[] => new Array<boolean>(length).fill(false);
        const channels = 2 * shape.width;
        const weight = new Float64Array(channels).fill(1);
        // The second half of the channels shares the gates of the first.
        const layer: MambaBlock = {
          ...silenced(block, none(channels), new Array<boolean>(shape.states).fill(true), none(shape.states)),
          inProj: submatrix(
            block.inProj,
            Array.from({ length: 2 * channels }, (__, row) => (row < channels ? row : channels + (row % shape.width))),
          ),
          convolution: { kind: 'convolution', channels, taps: 1, weight },
        };
        const length = chunks.reduce((x, y) => x + y, 0);
        const x = castVector(A, w.vector(length * shape.inputs));
        const machine = compile(layer, A);
        const [quick, whole] = [undefined, () => undefined].map((observe) =>
          machine.run(x, length, machine.initialState(), observe),
        );
        expect(difference(A, quick!, whole!)).toBeUndefined();
      }),
      { numRuns: 20 },
    );
  });

  it('are left out of the run', () => {
    // Channel 1 is read, and alone uses dt row 0; channel 4 uses row 1; channels 0, 2, 3 are dead, but feed B and C.
    const block = randomMamba(new Weights(1), { inputs: 2, width: 5, states: 3 }, false, 1);
    const layer: MambaBlock = {
      ...silenced(block, [true, false, true, true, true], [false, true, false], []),
      dtProj: matrixFromDense(5, 2, [0, 1, 1, 0, 0, 1, 0, 1, 0, 1]),
      xProj: matrixFromDense(
        2 + 2 * 3,
        5,
        // dt, then B and C of three states; C of state 1 is zero; channel 3 reaches what is read nowhere.
        [
          [1, 0, 0, 0, 0],
          [0, 0, 0, 1, 0],
          [1, 0, 1, 0, 0],
          [0, 0, 0, 1, 0],
          [1, 0, 1, 0, 0],
          [0, 0, 0, 0, 1],
          [0, 0, 0, 0, 0],
          [1, 0, 0, 0, 0],
        ].flat(),
      ),
    };
    const widths = (keepUnread: boolean): Record<string, number> => {
      const machine = compile(layer, float64, { keepUnread });
      const state = machine.initialState();
      const seen: Record<string, number> = { ssm: state.vectors.ssm!.length };
      machine.run(new Float64Array(2), 1, state, (name, values, width) => {
        expect(values).toHaveLength(width);
        seen[name] = width;
      });
      return seen;
    };
    expect(widths(false)).toEqual({
      ...{ x: 4, z: 1, conv: 4, s: 4, x_proj: 1 + 2 * 2, dt: 1, B: 2, C: 2, v: 1, y: 1, ssm: 2 * 1 },
    });
    expect(widths(true)).toEqual({
      ...{ x: 5, z: 5, conv: 5, s: 5, x_proj: 2 + 2 * 3, dt: 5, B: 3, C: 3, v: 5, y: 5, ssm: 3 * 5 },
    });
  });
});

describe('layers that do not fit', () => {
  const linear = (outputs: number, inputs: number): Layer => ({
    kind: 'linear',
    weight: matrixFromDense(outputs, inputs, new Float64Array(outputs * inputs).fill(1)),
  });

  it('are refused in a sequence', () => {
    expect(() => compile({ kind: 'sequential', layers: [linear(3, 2), linear(2, 4)] }, float64)).toThrow(
      'expected layer 1 to take 3 inputs, got 4',
    );
  });
  it('are refused in a residual layer', () => {
    expect(() => compile({ kind: 'residual', layer: linear(3, 2) }, float64)).toThrow(
      'expected a residual layer of 2 outputs, got 3',
    );
  });
});
