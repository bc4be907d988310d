/** Rigorous intervals of arbitrary precision as an arithmetic: what decides where float64 intervals are too wide. */
import { Undecidable, type Arithmetic } from './arithmetic.ts';
import { bigIntervalFunctions, type BigInterval } from './big-interval.ts';
import { Rational } from './rational.ts';
import { objectEmitter } from './stage.ts';
import { objectStorage } from './storage.ts';

const HALF = Rational.of(1n, 2n);

export const bigIntervals = (bits: number): Arithmetic<BigInterval> => {
  const functions = bigIntervalFunctions(bits);
  return {
    ...functions,
    ...objectStorage(functions.zero),
    name: `interval${bits}`,
    mode: 'own',
    emitter: objectEmitter(functions),
    less: (x, y) => {
      const [a, b] = [functions.bounds(x), functions.bounds(y)];
      if (a && b && a.hi.compare(b.lo) < 0) return true;
      if (a && b && a.lo.compare(b.hi) >= 0) return false;
      throw new Undecidable('expected intervals that do not overlap');
    },
    literal: functions.from,
    fromReal: (x) => {
      const { lo, hi } = x.enclose(bits);
      return functions.fromBounds(lo, hi);
    },
    toNumber: (x) => {
      const bounds = functions.bounds(x);
      return bounds ? bounds.lo.add(bounds.hi).mul(HALF).toNumber() : NaN;
    },
    toText: (x) => {
      const bounds = functions.bounds(x);
      return bounds ? `[${bounds.lo.toNumberBelow()}, ${bounds.hi.toNumberAbove()}]` : '[unknown]';
    },
    settle: () => undefined,
  };
};
