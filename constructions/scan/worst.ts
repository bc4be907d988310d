/**
 * Instances on which every rounding counts: one record of size about 1 whose product with its key, every product with a
 * decay, every sum and the whole read-out round down by nearly u, the unit roundoff of p bits (docs/theory.md P1, P4).
 *
 * It stays just above a power of two, as 2^k (1 + 2uX) with an integer X. Such numbers round down by nearly u
 *   times 1 − u:         (1 + 2uX)(1 − u) = 1 + 2u(X − 1) + u − 2u²X, just below a midpoint;
 *   times 1 + 2uY:       1 + 2u(X + Y) + 4u²XY, if XY is just below 2^(p−2) + q 2^(p−1): just below a midpoint again;
 *   plus less than u:    nothing of which is left.
 */
import { DEFAULT_CHUNK, type ScanOptions } from '../../src/network/scan.ts';
import type { ScanInstance, StepInstance } from '../../src/scan/channel.ts';

/** Products of two X are doubles: 2^(p+1) and more, with factors for long trees. */
export const MOST_PRECISE = 40;

/** Which record counts: the first, which all decays reach, or the last, to which everything else is added. */
export type Counted = 'first' | 'last';

/** A record 2^(−halvings) (1 + 2uX) on its way. */
interface Carried {
  readonly X: number;
  readonly halvings: number;
}

class Worst {
  readonly p: number;
  readonly u: number;
  readonly decays: number[];
  readonly records: number[];
  readonly fused: boolean;

  constructor(p: number, n: number, fused: boolean) {
    this.p = p;
    this.u = 2 ** -p;
    this.decays = new Array<number>(n).fill(1 - this.u);
    this.records = new Array<number>(n).fill(0);
    this.fused = fused;
  }
  above(X: number): number {
    return 1 + 2 * this.u * X;
  }
  /** A record at position t that vanishes in a sum with the carried one; a fused sum rounds its product anyway. */
  disturb(t: number, halvings = 0): void {
    if (!this.fused) this.records[t - 1] = this.u * (1 - this.u) * 2 ** -halvings;
  }
  /** 2^(p−2) + q 2^(p−1) */
  midpoint(q: number): number {
    return (2 * q + 1) * 2 ** (this.p - 2);
  }

  /**
   * Decays whose products, multiplied as a balanced tree of 2^level leaves, all round down by nearly u, and come to
   * 2^(−halvings) (1 + 2uX). None where X is too small.
   */
  tree(level: number, X: number): { readonly decays: readonly number[]; readonly halvings: number } | undefined {
    if (level === 0) return { decays: [this.above(X) / 2], halvings: 1 };
    if (level === 1) return { decays: [this.above(X + 1) / 2, 1 - this.u], halvings: 1 };
    for (let q = Math.floor(X / 2); q >= 0; q--) {
      // P + Q = X − q, PQ just below the midpoint.
      const sum = X - q;
      const discriminant = sum * sum - 4 * this.midpoint(q);
      if (discriminant < 0) continue;
      const P = Math.ceil((sum - Math.sqrt(discriminant)) / 2) - 1;
      const left = P < 1 ? undefined : this.tree(level - 1, P);
      const right = left && this.tree(level - 1, sum - P);
      if (right) return { decays: [...left.decays, ...right.decays], halvings: left.halvings + right.halvings };
    }
    return undefined;
  }

  /** Multiplies what is carried by 2^(−halvings) (1 + 2uY), for the first Y that `make` finds decays for. */
  multiply<X>(
    { X, halvings }: Carried,
    make: (Y: number) => ({ readonly halvings: number } & X) | undefined,
  ): Carried & { readonly made: X } {
    for (let q = 0; q < X; q++) {
      const Y = Math.ceil(this.midpoint(q) / X) - 1;
      const made = make(Y);
      if (made) return { X: X + Y + q, halvings: halvings + made.halvings, made };
    }
    throw new RangeError(`expected more than ${this.p} bits for as many decays`);
  }
}

/** Carries the first record through n tokens. */
const carryFirst = (worst: Worst, n: number, { order, chunk = DEFAULT_CHUNK }: ScanOptions, start: number): Carried => {
  let carried: Carried = { X: start, halvings: 0 };
  /** 1 − u at every token from … to. */
  const steps = (from: number, to: number): void => {
    for (let t = from; t <= to; t++) {
      carried = { ...carried, X: carried.X - 1 };
      worst.disturb(t, carried.halvings);
    }
  };
  if (order === 'chunked') {
    steps(2, Math.min(chunk, n));
    for (let first = chunk + 1; first <= n; first += chunk) {
      const last = Math.min(first + chunk - 1, n);
      // The running product starts so high that 1 − u takes it down to Y.
      carried = worst.multiply(carried, (Y) => {
        worst.decays[first - 1] = worst.above(Y + last - first) / 2;
        return { halvings: 1 };
      });
      worst.disturb(last, carried.halvings);
    }
  } else if (order === 'parallel') {
    let end = 1;
    for (let level = 0; end < n; level++) {
      const size = 2 ** level;
      if (Math.floor((n - 1) / size) % 2 === 0) continue;
      if (level === 0) {
        steps(2, 2);
      } else {
        const { made, ...after } = worst.multiply(carried, (Y) => worst.tree(level, Y));
        made.decays.forEach((a, at) => (worst.decays[end + at] = a));
        carried = after;
        worst.disturb(end + size, carried.halvings);
      }
      end += size;
    }
  } else {
    steps(2, n);
  }
  return carried;
};

/** Positions whose records meet the last one. */
const partnersOfLast = (n: number, { order, chunk = DEFAULT_CHUNK }: ScanOptions): number[] => {
  const first = n - ((n - 1) % chunk);
  if (order === 'chunked') return [...(n > first ? [n - 1] : []), ...(first > 1 ? [first - 1] : [])];
  if (order !== 'parallel') return n > 1 ? [n - 1] : [];
  return Array.from({ length: Math.ceil(Math.log2(n)) }, (_, level) => n - 2 ** level);
};

/** n tokens and m states in p bits. Throws where p is too small for the decays. */
export const worstInstance = (
  p: number,
  n: number,
  m: number,
  options: ScanOptions,
  counted: Counted,
): ScanInstance => {
  const u = 2 ** -p;
  const isFirst = counted === 'first';
  const products =
    options.order === 'parallel' || (options.order === 'chunked' && n > (options.chunk ?? DEFAULT_CHUNK));
  // Two factors of about 2^(p/2 − 1) have a product near 2^(p−2); steps by 1 − u need one each, and the read-out another.
  const start = (isFirst && products ? 2 ** Math.floor(p / 2 - 1) : 0) + n;
  const worst = new Worst(p, n, isFirst && (options.fused ?? false));
  if (!isFirst) {
    worst.decays.fill(1);
    for (const t of partnersOfLast(n, options)) worst.disturb(t);
  }
  const largest = isFirst ? carryFirst(worst, n, options, start).X : start;
  const at = isFirst ? 0 : n - 1;
  worst.records[at] = worst.above(start + 1);
  // The states beside the first hold less than u of it, whatever they were rounded to, and are read last.
  const faint = u * (1 - 2 * u * (largest + start + 4 * (n + 1)));
  const key = (t: number, k: number): number => (t === at ? (k === 0 ? 1 - u : faint) : k === 0 ? 1 : 0);
  return {
    a: worst.decays,
    b: Array.from({ length: n * m }, (_, e) => key(Math.floor(e / m), e % m)),
    // Only the last token asks.
    c: Array.from({ length: n * m }, (_, e) => (e < (n - 1) * m ? 0 : e % m === 0 ? 1 - u : 1)),
    v: worst.records,
  };
};

/** The same for S6, whose record is a product by a step size: A = −u, and Δ = 1 make decays 1 − u. */
export const worstSteps = (p: number, n: number, m: number, counted: Counted): StepInstance => {
  const u = 2 ** -p;
  const { b, c, v } = worstInstance(p, n, m, {}, counted);
  const at = counted === 'first' ? 0 : n - 1;
  return {
    b,
    c,
    delta: v.map((_, t) => (t === at ? 1 - u : 1)),
    u: v.map((x, t) => (t === at ? x + 2 * u : x)),
    rate: -u,
  };
};

/**
 * Bits from which the worst instance exceeds the bound that counts one of its k roundings less: of k roundings by
 * u(1 − θ) that needs kθ < 1, about (docs/theory.md P1, P4). θ ≤ 10ku where only 1 − u is multiplied; products of two numbers
 * near 1 + 2^(1−p/2) take X to √k 2^(p/2) over chunks, and in a tree to (n/2) 2^(p/2), and θ is 2uX there.
 */
export const sharpFrom = (k: number, { order = 'sequential' }: ScanOptions): number => {
  const bits = Math.log2(k);
  return order === 'sequential' ? 2 * bits + 4 : order === 'chunked' ? 3 * bits + 4 : 4 * bits + 2;
};
