/**
 * Rigorous float64 intervals: every operation encloses the real result, so a run of a network encloses what the network
 * computes in real arithmetic. The fast ones, on flat arrays of lower and upper ends.
 *
 * A result x of float64 is moved outward by |x|·φ + 2^−1074 with φ = u(1 + 2u), u = 2^−53 (Rump): at least one ulp's
 * half, also where x is subnormal. Overflow turns an end into NaN, which no comparison accepts.
 */
import { Undecidable, type Arithmetic } from './arithmetic.ts';
import { intervalFunctions, PHI, TINY, type Interval } from './interval-functions.ts';
import { Rational } from './rational.ts';
import type { BinaryOperation, Emitter } from './stage.ts';
import { pairStorage } from './storage.ts';

/** Statements that define the interval `target` from float64 results `lo` and `hi`. */
const outward = (target: string, lo: string, hi: string): string =>
  `const l${target} = ${lo}, h${target} = ${hi};
const ${target}a = l${target} - (Math.abs(l${target}) * ${PHI} + ${TINY});
const ${target}b = h${target} + (Math.abs(h${target}) * ${PHI} + ${TINY});`;

/** Math.min and Math.max hand NaN on, as an unknown end must be. */
const TEXT: Readonly<Record<BinaryOperation, (target: string, x: string, y: string) => string>> = {
  add: (t, x, y) => outward(t, `${x}a + ${y}a`, `${x}b + ${y}b`),
  sub: (t, x, y) => outward(t, `${x}a - ${y}b`, `${x}b - ${y}a`),
  mul: (t, x, y) => {
    const products = `const p${t} = ${x}a * ${y}a, q${t} = ${x}a * ${y}b, r${t} = ${x}b * ${y}a, s${t} = ${x}b * ${y}b;`;
    const extreme = (pick: string): string => `Math.${pick}(Math.${pick}(p${t}, q${t}), Math.${pick}(r${t}, s${t}))`;
    return `${products}\n${outward(t, extreme('min'), extreme('max'))}`;
  },
  div: (t, x, y) => `const o${t} = ops.div({ lo: ${x}a, hi: ${x}b }, { lo: ${y}a, hi: ${y}b });
const ${t}a = o${t}.lo, ${t}b = o${t}.hi;`,
};

const emitter: Emitter = {
  environment: { ops: intervalFunctions },
  parts: ['a', 'b'],
  zero: ['0', '0'],
  binary: (operation, target, x, y) => TEXT[operation](target, x, y),
  call: (name, target, x) => `const o${target} = ops.${name}({ lo: ${x}a, hi: ${x}b });
const ${target}a = o${target}.lo, ${target}b = o${target}.hi;`,
};

/** Bits to which a constant is known before it is rounded outward. */
const CONSTANT_BITS = 80;

export const intervals: Arithmetic<Interval> = {
  ...intervalFunctions,
  ...pairStorage<Interval>(
    (lo, hi) => ({ lo, hi }),
    ({ lo }) => lo,
    ({ hi }) => hi,
  ),
  name: 'interval',
  mode: 'own',
  emitter,
  less: (x, y) => {
    if (x.hi < y.lo) return true;
    if (x.lo >= y.hi) return false;
    throw new Undecidable('expected intervals that do not overlap');
  },
  literal: intervalFunctions.from,
  fromReal: (x) => {
    const { lo, hi } = x.enclose(CONSTANT_BITS);
    return { lo: lo.toNumberBelow(), hi: hi.toNumberAbove() };
  },
  // Halving first cannot overflow, but loses the last bit of a subnormal number.
  toNumber: ({ lo, hi }) => (lo === hi ? lo : lo / 2 + hi / 2),
  bounds: ({ lo, hi }) =>
    Number.isFinite(lo) && Number.isFinite(hi)
      ? { lo: Rational.fromNumber(lo), hi: Rational.fromNumber(hi) }
      : undefined,
  toText: ({ lo, hi }) => `[${lo}, ${hi}]`,
  settle: () => undefined,
};
