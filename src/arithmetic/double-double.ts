/** Double-doubles: 106 bits at a small multiple of float64's cost, the fast high-precision reference. Not rigorous. */
import type { Arithmetic } from './arithmetic.ts';
import { doubleDoubleFunctions, doubleDoubleText, toRational, type DoubleDouble } from './double-double-functions.ts';
import type { Emitter } from './stage.ts';
import { pairStorage } from './storage.ts';

const emitter: Emitter = {
  environment: { ops: doubleDoubleFunctions },
  parts: ['a', 'b'],
  zero: ['0', '0'],
  binary: doubleDoubleText,
  call: (name, target, x) => `const o${target} = ops.${name}({ hi: ${x}a, lo: ${x}b });
const ${target}a = o${target}.hi, ${target}b = o${target}.lo;`,
};

/** Digits of its decimal text: 106 bits are 31.9. */
const TEXT_DIGITS = 33;

export const doubleDoubles: Arithmetic<DoubleDouble> = {
  ...doubleDoubleFunctions,
  ...pairStorage<DoubleDouble>(
    (hi, lo) => ({ hi, lo }),
    ({ hi }) => hi,
    ({ lo }) => lo,
  ),
  name: 'dd',
  mode: 'own',
  emitter,
  literal: doubleDoubleFunctions.from,
  fromReal: (x) => doubleDoubleFunctions.fromRational(x.approximate()),
  toNumber: ({ hi }) => hi,
  bounds: (x) => (Number.isFinite(x.hi) ? toRational(x).enclose() : undefined),
  toText: (x) => (Number.isFinite(x.hi) ? toRational(x).toDecimalText(TEXT_DIGITS) : String(x.hi)),
  settle: () => undefined,
};
