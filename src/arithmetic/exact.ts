/** Exact rational arithmetic: decides where a quantity equals its bound, for networks that have only + − × ÷ and max. */
import type { Arithmetic } from './arithmetic.ts';
import { Rational } from './rational.ts';
import { objectEmitter } from './stage.ts';
import { objectStorage } from './storage.ts';

/** A value that is no rational number: an irrational function, or a division by zero. */
export class NotRational extends Error {
  override name = 'NotRational';
}

const fail = (name: string) => (): never => {
  throw new NotRational(`expected only + − × ÷ and max, got ${name}`);
};

const ZERO = Rational.of(0n);
const ONE = Rational.of(1n);
const max = (x: Rational, y: Rational): Rational => (x.compare(y) < 0 ? y : x);

const functions = {
  zero: ZERO,
  one: ONE,
  add: (x: Rational, y: Rational) => x.add(y),
  sub: (x: Rational, y: Rational) => x.sub(y),
  mul: (x: Rational, y: Rational) => x.mul(y),
  div: (x: Rational, y: Rational) => (y.sign() === 0 ? fail('a division by 0')() : x.div(y)),
  sqrt: fail('sqrt'),
  neg: (x: Rational) => x.neg(),
  abs: (x: Rational) => x.abs(),
  exp: (x: Rational) => (x.sign() === 0 ? ONE : fail('exp')()),
  log1p: fail('log1p'),
  tanh: fail('tanh'),
  erf: fail('erf'),
  less: (x: Rational, y: Rational) => x.compare(y) < 0,
  from: (x: number) => (Number.isFinite(x) ? Rational.fromNumber(x) : fail(String(x))()),
  fromRational: (x: Rational) => x,
  sigmoid: fail('sigmoid'),
  silu: fail('silu'),
  phi: fail('phi'),
  gelu: fail('gelu'),
  softplus: fail('softplus'),
  torchSoftplus: fail('softplus'),
  max,
  relu: (x: Rational) => max(x, ZERO),
};

export const rationals: Arithmetic<Rational> = {
  ...functions,
  ...objectStorage(ZERO),
  name: 'rational',
  mode: 'own',
  emitter: objectEmitter(functions),
  literal: functions.from,
  fromReal: (x) => {
    const { lo, hi } = x.enclose(1);
    return lo.compare(hi) === 0 ? lo : fail('an irrational constant')();
  },
  toNumber: (x) => x.toNumber(),
  bounds: (x) => x.enclose(),
  toText: (x) => x.toString(),
  settle: () => undefined,
};
