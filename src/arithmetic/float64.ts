/** IEEE binary64: the machine's own arithmetic. */
import { boundsOfNumber, compose, type Arithmetic, type Primitives } from './arithmetic.ts';
import { erf } from './erf.ts';
import { FP64 } from './format.ts';
import { fusedMultiplyAdd } from './fused.ts';
import { FUSED, SINGLE, type BinaryOperation, type Emitter } from './stage.ts';
import { doubleStorage } from './storage.ts';

export const SYMBOL: Record<BinaryOperation, string> = { add: '+', sub: '-', mul: '*', div: '/' };

const primitives: Primitives<number> = {
  zero: 0,
  one: 1,
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  sqrt: Math.sqrt,
  neg: (x) => -x,
  abs: Math.abs,
  exp: Math.exp,
  log1p: Math.log1p,
  tanh: Math.tanh,
  erf,
  less: (x, y) => x < y,
  from: (x) => x,
  fromRational: (x) => x.toNumber(),
};

/** As `compose` has it, operation by operation, without its calls. */
const sigmoid = (x: number): number => {
  const e = Math.exp(-Math.abs(x));
  return x < 0 ? e / (1 + e) : 1 / (1 + e);
};

/** From here on e^(−x) is lost beside 1: σ(x) = 1. */
const SATURATED = 40;
const silu = (x: number): number => (x > SATURATED ? x : x * sigmoid(x));

const functions = { ...primitives, ...compose(primitives), sigmoid, silu };

const emitter: Emitter = {
  ...SINGLE,
  ...FUSED,
  environment: { ops: { ...functions, fma: fusedMultiplyAdd(FP64) } },
  binary: (operation, target, x, y) => `const ${target} = ${x} ${SYMBOL[operation]} ${y};`,
};

export const float64: Arithmetic<number> = {
  ...functions,
  ...doubleStorage,
  name: 'fp64',
  mode: 'own',
  emitter,
  literal: functions.from,
  fromReal: (x) => x.approximate().toNumber(),
  toNumber: (x) => x,
  bounds: boundsOfNumber,
  toText: String,
  settle: () => undefined,
};
