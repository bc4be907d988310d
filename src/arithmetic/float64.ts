/** IEEE binary64: the machine's own arithmetic. */
import { boundsOfNumber, type Arithmetic, type Primitives } from './arithmetic.ts';
import { composeDoubles } from './composed-doubles.ts';
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

const emitterOf = (ops: object): Emitter => ({
  ...SINGLE,
  ...FUSED,
  environment: { ops },
  binary: (operation, target, x, y) => `const ${target} = ${x} ${SYMBOL[operation]} ${y};`,
});

/** e^x is 0 below half of 2^−1075, 1 + e^(−x) is 1 from u = 2^−53 down; a factor of 2 for the errors of exp. */
const tails = { vanishes: -1076 * Math.LN2, saturates: 54 * Math.LN2 };
const functions = { ...primitives, ...composeDoubles(primitives, emitterOf(primitives), tails) };

export const float64: Arithmetic<number> = {
  ...functions,
  ...doubleStorage,
  name: 'fp64',
  mode: 'own',
  emitter: emitterOf({ ...functions, fma: fusedMultiplyAdd(FP64) }),
  literal: functions.from,
  fromReal: (x) => x.approximate().toNumber(),
  toNumber: (x) => x,
  bounds: boundsOfNumber,
  toText: String,
  settle: () => undefined,
};

/** The largest of some numbers; NaN where one of them is. */
export const maximum = (values: readonly number[]): number =>
  values.reduce((x, y) => (Number.isNaN(x) || x > y ? x : y));
