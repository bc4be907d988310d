/**
 * What the tests of circuits share: random circuits, points of their domains with edges and ties, and the exact values
 * of expressions, written apart from ideal.ts.
 */
import { float64 } from '../arithmetic/float64.ts';
import { Rational } from '../arithmetic/rational.ts';
import { randomStream } from '../arithmetic/testing.ts';
import type { Circuit } from './compile.ts';
import {
  abs,
  eq,
  ge,
  input,
  isVector,
  linear,
  lookup,
  max,
  min,
  mul,
  not,
  operand,
  quotient,
  relu,
  remainder,
  select,
  type Definitions,
  type Expression,
  type InputRange,
} from './expression.ts';
import { idealValues } from './ideal.ts';

const ZERO = Rational.of(0n);
const ONE = Rational.of(1n);

const floor = (x: Rational): bigint => (x.n >= 0n ? x.n / x.d : -((-x.n + x.d - 1n) / x.d));

/** Thrown where nothing is promised: a comparison of real numbers inside its margin. */
export class InsideMargin extends Error {}

/** Exact values of expressions at one point. */
export class ExactValues {
  readonly #definitions: Definitions;
  readonly #inputs: Readonly<Record<string, number>>;
  readonly #known = new Map<Expression, Rational>();

  constructor({ fields }: Pick<Circuit, 'fields'>, point: Readonly<Record<string, number>>) {
    this.#definitions = fields;
    this.#inputs = point;
  }
  field(name: string, at = 0): Rational {
    const definition = this.#definitions[name]!;
    return this.of(operand(isVector(definition) ? definition[at]! : definition));
  }
  of(x: Expression): Rational {
    let value = this.#known.get(x);
    if (!value) this.#known.set(x, (value = this.#evaluate(x)));
    return value;
  }
  /** All that a field is made of, so that no margin goes unseen. */
  #evaluate(x: Expression): Rational {
    switch (x.kind) {
      case 'input':
        return Rational.fromNumber(this.#inputs[x.name]!);
      case 'field':
        return this.field(x.name, x.at);
      case 'constant':
        return Rational.fromNumber(x.value);
      case 'sum':
        return x.terms.reduce((sum, { weight, of }) => sum.add(Rational.fromNumber(weight).mul(this.of(of))), ZERO);
      case 'product':
        return this.of(x.left).mul(this.of(x.right));
      case 'not':
        return ONE.sub(this.of(x.of));
      case 'relu':
        return this.#larger(this.of(x.of), ZERO);
      case 'abs':
        return this.of(x.of).abs();
      case 'max':
        return this.#larger(this.of(x.left), this.of(x.right));
      case 'min':
        return this.#larger(this.of(x.left).neg(), this.of(x.right).neg()).neg();
      case 'step': {
        const of = this.of(x.of);
        if (x.margin !== undefined && of.abs().compare(Rational.fromNumber(x.margin)) < 0) throw new InsideMargin();
        return of.sign() >= 0 ? ONE : ZERO;
      }
      case 'zero':
        return this.of(x.of).sign() === 0 ? ONE : ZERO;
      case 'lookup':
        return Rational.fromNumber(x.values[Number(floor(this.of(x.of))) - x.first]!);
      case 'quotient':
        return Rational.of(floor(this.of(x.of).div(Rational.of(BigInt(x.by)))));
      case 'remainder': {
        const of = this.of(x.of);
        const by = Rational.of(BigInt(x.by));
        return of.sub(by.mul(Rational.of(floor(of.div(by)))));
      }
      case 'select': {
        const [when, then, otherwise] = [this.of(x.when), this.of(x.then), this.of(x.otherwise)];
        return when.sign() === 1 ? then : otherwise;
      }
    }
  }
  #larger(x: Rational, y: Rational): Rational {
    return x.compare(y) >= 0 ? x : y;
  }
}

interface Item {
  readonly x: Expression;
  readonly lo: number;
  readonly hi: number;
  readonly integer: boolean;
}

export interface RandomCircuit {
  readonly inputs: Readonly<Record<string, InputRange>>;
  readonly fields: Readonly<Record<string, Expression>>;
  /** The field that all others may be part of. */
  readonly last: string;
}

/** The largest value of a random circuit, and the most entries of its tables. */
const LARGEST = 60;
const MOST_ENTRIES = 40;

/** A random circuit of `steps` nodes over two integers and three reals; each node is a field, shared by later ones. */
export const randomCircuit = (seed: number, steps: number, products: boolean): RandomCircuit => {
  const random = randomStream(seed);
  const int = (lo: number, hi: number): number => lo + Math.floor(random() * (hi - lo + 1));
  const oneOf = <T>(list: readonly T[]): T => list[int(0, list.length - 1)]!;
  const weight = (): number => oneOf([1, 1, -1, 2, -3, 0.5, 0.1, -0.7, 4 * random() - 2]);
  const size = oneOf([1, 3, 0.125]);
  const inputs: Record<string, InputRange> = {
    k: oneOf<InputRange>([
      { lo: 0, hi: 5, integer: true },
      { lo: -3, hi: 4, integer: true },
    ]),
    n: { lo: -int(0, 2), hi: int(1, 20), integer: true },
    a: { lo: -size, hi: size },
    b: oneOf<InputRange>([
      { lo: 0, hi: 1 },
      { lo: -2.5, hi: -0.3 },
      { lo: -1, hi: 2 },
    ]),
    t: { lo: -3, hi: 2, margin: oneOf([0.1, 0.5, 1]) },
  };
  const item = (x: Expression, lo: number, hi: number, integer: boolean): Item => ({ x, lo, hi, integer });
  const pool: Item[] = Object.entries(inputs).map(([name, { lo, hi, integer = false }]) =>
    item(input(name), lo, hi, integer),
  );
  const conditions: Expression[] = [];
  const fields: Record<string, Expression> = {};
  /** Mostly recent ones, so that expressions grow deep. */
  const any = (): Item => (random() < 0.6 ? pool[int(Math.max(0, pool.length - 4), pool.length - 1)]! : oneOf(pool));
  const anyInteger = (): Item => {
    const integers = pool.filter(({ integer, lo, hi }) => integer && hi - lo < MOST_ENTRIES);
    return random() < 0.6 ? integers.at(-1)! : oneOf(integers);
  };
  const combined = (terms: readonly (readonly [number, Item])[]): Item =>
    item(
      linear(...terms.map(([w, { x }]) => [w, x] as const)),
      terms.reduce((sum, [w, { lo, hi }]) => sum + Math.min(w * lo, w * hi), 0),
      terms.reduce((sum, [w, { lo, hi }]) => sum + Math.max(w * lo, w * hi), 0),
      terms.every(([w, { integer }]) => Number.isInteger(w) && integer),
    );
  const MAKERS: readonly (() => Item | undefined)[] = [
    () => combined(Array.from({ length: int(1, 3) }, () => [weight(), any()] as const)),
    () => {
      const [x, y] = [any(), any()];
      const ends = [x.lo * y.lo, x.lo * y.hi, x.hi * y.lo, x.hi * y.hi];
      return products ? item(mul(x.x, y.x), Math.min(...ends), Math.max(...ends), x.integer && y.integer) : undefined;
    },
    () => {
      const of = any();
      const most = Math.max(Math.abs(of.lo), Math.abs(of.hi));
      return random() < 0.5
        ? item(relu(of.x), 0, Math.max(0, of.hi), of.integer)
        : item(abs(of.x), 0, most, of.integer);
    },
    () => {
      const [x, y] = [any(), any()];
      const pick = oneOf(['min', 'max'] as const);
      const integer = x.integer && y.integer;
      return item((pick === 'min' ? min : max)(x.x, y.x), Math[pick](x.lo, y.lo), Math[pick](x.hi, y.hi), integer);
    },
    () => {
      const [x, y] = [anyInteger(), random() < 0.5 ? anyInteger() : undefined];
      const other = y ? y.x : int(Math.ceil(x.lo), Math.floor(x.hi));
      const condition = random() < 0.5 ? ge(x.x, other) : eq(x.x, other);
      conditions.push(condition, not(condition));
      return item(condition, 0, 1, true);
    },
    () => {
      const of = any();
      if (of.integer) return undefined;
      const middle = of.lo + random() * (of.hi - of.lo);
      const margin = (of.hi - of.lo) * oneOf([0.02, 0.2]);
      if (!(margin > 0)) return undefined;
      const condition = random() < 0.4 ? ge(input('t'), 0) : ge(of.x, middle, { margin });
      conditions.push(condition);
      return item(condition, 0, 1, true);
    },
    () => {
      const of = anyInteger();
      const integer = random() < 0.5;
      const first = of.lo - int(0, 2);
      const values = Array.from({ length: of.hi - first + 1 + int(0, 2) }, () =>
        integer ? int(-3, 6) : random() < 0.3 ? 0.1 : 10 * random() - 5,
      );
      return item(lookup(of.x, values, first), Math.min(...values), Math.max(...values), integer);
    },
    () => {
      const of = anyInteger();
      const by = int(1, 6);
      return random() < 0.5
        ? item(quotient(of.x, by), Math.floor(of.lo / by), Math.floor(of.hi / by), true)
        : item(remainder(of.x, by), 0, by - 1, true);
    },
    () => {
      if (conditions.length === 0) return undefined;
      const [x, y] = [any(), any()];
      return item(
        select(oneOf(conditions), x.x, y.x),
        Math.min(x.lo, y.lo),
        Math.max(x.hi, y.hi),
        x.integer && y.integer,
      );
    },
  ];
  let last = '';
  for (let made = 0, tries = 0; made < steps && tries < 100; tries++) {
    const next = oneOf(MAKERS)();
    if (!next || Math.max(Math.abs(next.lo), Math.abs(next.hi)) > LARGEST) continue;
    pool.push(next);
    fields[(last = `f${++made}`)] = next.x;
  }
  return { inputs, fields, last };
};

export type Point = Readonly<Record<string, number>>;

const HALVINGS = 55;

/** Points of a circuit's domain: corners, edges of margins, ties of its kinks, the rest anywhere. */
export const pointsFor = (
  circuit: Pick<Circuit, 'inputs' | 'fields' | 'kinks'>,
  seed: number,
  count: number,
): Point[] => {
  const random = randomStream(seed);
  const ranges = Object.entries(circuit.inputs);
  const coordinate = ({ lo, hi, integer, margin = 0 }: InputRange): number => {
    const place = random();
    const ends = [lo, hi, ...(margin > 0 ? [margin, -margin] : []), ...(lo <= 0 && hi >= 0 ? [0] : [])];
    const x = place < 0.4 ? ends[Math.floor((place / 0.4) * ends.length)]! : lo + random() * (hi - lo);
    const y = integer ? Math.round(x) : x;
    return Math.abs(y) < margin ? (y < 0 ? -margin : margin) : y;
  };
  const reals = ranges.filter(([, { integer, margin }]) => !integer && margin === undefined).map(([name]) => name);
  return Array.from({ length: count }, () => {
    const point = Object.fromEntries(ranges.map(([name, range]) => [name, coordinate(range)]));
    if (circuit.kinks.length === 0 || reals.length === 0 || random() < 0.4) return point;
    const { of, lambda } = circuit.kinks[Math.floor(random() * circuit.kinks.length)]!;
    const moved = reals[Math.floor(random() * reals.length)]!;
    const aim = (random() < 0.3 ? 0 : (random() - 0.5) * 6) / lambda;
    const at = (x: number): number => idealValues(float64, circuit.fields, { ...point, [moved]: x }).valueOf(of) - aim;
    let { lo, hi } = circuit.inputs[moved]!;
    const rises = at(hi) > 0;
    if (at(lo) > 0 === rises) return point;
    for (let i = 0; i < HALVINGS; i++) {
      const middle = (lo + hi) / 2;
      if (at(middle) > 0 === rises) hi = middle;
      else lo = middle;
    }
    return { ...point, [moved]: lo };
  });
};
