/** Real numbers known to any precision asked for: bounds of claims, and constants that enter an arithmetic. */
import type { Rational } from './rational.ts';

/** Exact ends of an interval that holds a real number. */
export interface Bounds {
  readonly lo: Rational;
  readonly hi: Rational;
}

/** A Rational is one; `realOf` makes one of a formula. */
export interface Real {
  /** An interval that holds the number, as narrow as about `bits` significant bits allow. */
  enclose(bits: number): Bounds;
  /** Not rigorous: the number to some 50 decimal digits, itself where it is rational. */
  approximate(): Rational;
}

export const minimum = (x: Real, y: Real): Real => ({
  enclose: (bits) => {
    const [a, b] = [x.enclose(bits), y.enclose(bits)];
    return { lo: a.lo.min(b.lo), hi: a.hi.min(b.hi) };
  },
  approximate: () => x.approximate().min(y.approximate()),
});

/** factor · x for a factor ≥ 0. */
export const scale = (x: Real, factor: Rational): Real => ({
  enclose: (bits) => {
    const { lo, hi } = x.enclose(bits);
    return { lo: lo.mul(factor), hi: hi.mul(factor) };
  },
  approximate: () => x.approximate().mul(factor),
});
