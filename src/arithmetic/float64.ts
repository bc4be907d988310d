/** IEEE binary64: the machine's own arithmetic. */
import { compose, type Arithmetic, type Primitives } from './arithmetic.ts';
import { erf } from './erf.ts';
import type { BinaryOperation, Emitter } from './stage.ts';

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

const functions = { ...primitives, ...compose(primitives) };

const emitter: Emitter = {
  environment: { ops: functions },
  zero: '0',
  binary: (operation, target, x, y) => `const ${target} = ${x} ${SYMBOL[operation]} ${y};`,
};

export const float64: Arithmetic<number> = {
  ...functions,
  name: 'fp64',
  mode: 'own',
  emitter,
  literal: functions.from,
  toNumber: (x) => x,
  toText: String,
  alloc: (length) => new Float64Array(length),
  settle: () => undefined,
};
