/**
 * From expressions to units: every expression becomes a linear form over the fields of a residual stream, and each step
 * that is not linear becomes a unit that writes one fresh field.
 *
 * A node carries what composition needs (docs/theory.md §4): the range of its value, its Lipschitz constant in the
 * inputs, and how its error follows from those of its operands. "Error" is the distance between the value of the form
 * on the fields as they are stored and the value that the expression means.
 */
import { addDown, addUp, mulDown, mulUp, productError, sumError } from '../arithmetic/error-free.ts';
import { InputError } from '../input-error.ts';
import { ACTIVATIONS, type ActivationFacts, type CircuitActivation } from './activation.ts';
import { add, operand, sub, type Expression, type InputRange, type Operand } from './expression.ts';
import {
  levelled,
  splineError,
  splineLipschitz,
  splineThrough,
  stairs,
  stepSpline,
  zeroSpline,
  type Spline,
} from './spline.ts';

/** Place in the stream → weight. */
export type StreamForm = ReadonlyMap<number, number>;

/** What the errors of a plan are computed from: the constants chosen, and the rounding of the fields' values. */
export interface Choices {
  /** Steepness of a unit, a power of two. */
  lambda(unit: Unit): number;
  /** |stored − computed without rounding| of a unit's field. */
  rounding(unit: Unit): number;
}

/** One hidden channel: weight · g(x) times SiLU(gate), where there is a gate. */
export interface UnitChannel {
  readonly x: StreamForm;
  readonly gate?: StreamForm;
  readonly weight: number;
}

/** A field of the stream that is no linear function of those before it. */
export interface Unit {
  readonly path: string;
  readonly place: number;
  /** The block that writes it, from 1. */
  readonly level: number;
  /** What its channels read and its errors come from. */
  readonly operands: readonly Node[];
  /** Range of the value meant. */
  readonly lo: number;
  readonly hi: number;
  /** Whether the value meant is an integer. */
  readonly integer: boolean;
  /** Right for every λ, which only scales: there is nothing to approximate. */
  readonly exact?: true;
  /** Bound on its distance from the value meant, λ and the operands' errors given; rounding apart. */
  approximation(lambda: number, error: (node: Node) => number): number;
  /** How far the value can move with its operands' errors, at most. */
  drift(lambda: number, error: (node: Node) => number): number;
  channels(lambda: number): readonly UnitChannel[];
  /** Where it bends, at 0 of these real numbers, and how steep λ = 1 is there: its error is largest beside them. */
  readonly kinks?: readonly Kink[];
  /** What it compares with 0, and the margin that it needs. */
  readonly comparison?: Comparison;
}

export interface Kink {
  readonly of: Expression;
  readonly steepness: number;
}
/** Nothing is promised where |of| < margin. */
export interface Comparison {
  readonly of: Expression;
  readonly margin: number;
}

export interface Node {
  readonly path: string;
  readonly lo: number;
  readonly hi: number;
  readonly integer: boolean;
  /** |value| is at least this much. */
  readonly margin?: number;
  readonly form: StreamForm;
  /** How far the rounding of weights to doubles moves its form, at most, on fields that hold what they mean. */
  readonly loss: number;
  /** Which input it is, if it is one: its error is what casting does to it. */
  readonly input?: number;
  /** The last block that its form needs; 0 for inputs. */
  readonly level: number;
  /** What its error comes from, beside the units of its form. */
  readonly operands: readonly Node[];
  /** |change of value| ≤ lipschitz · (largest change of an input). */
  readonly lipschitz: number;
  /** Bound on its error. */
  error(error: (node: Node) => number, choices: Choices): number;
}

export type Target = 'mamba' | 'mlp';

export interface Plan {
  /** Widths by name, in the order of the stream: inputs, the constant 1, units. */
  readonly inputs: readonly string[];
  readonly ranges: Readonly<Record<string, InputRange>>;
  /** Place of the constant 1. */
  readonly one: number;
  /** Those that an output depends on. */
  readonly units: readonly Unit[];
  /** Place → where the stream holds it: places of units that nothing depends on are left out. */
  readonly positions: ReadonlyMap<number, number>;
  /** Those that an output depends on, in an order in which operands come first. */
  readonly nodes: readonly Node[];
  /** Definition → its components. */
  readonly outputs: ReadonlyMap<string, readonly Node[]>;
}

export type Definitions = Readonly<Record<string, Operand | readonly Operand[]>>;

interface Range {
  readonly lo: number;
  readonly hi: number;
}

const sizeOf = ({ lo, hi }: Range): number => Math.max(Math.abs(lo), Math.abs(hi));
const meet = (x: Range, y: Range): Range => ({ lo: Math.max(x.lo, y.lo), hi: Math.min(x.hi, y.hi) });
const plus = (x: Range, y: Range): Range => ({ lo: addDown(x.lo, y.lo), hi: addUp(x.hi, y.hi) });
const times = (x: Range, y: Range): Range => {
  const ends = [x.lo, x.hi].flatMap((a) => [y.lo, y.hi].map((b) => [a, b] as const));
  return {
    lo: ends.reduce((least, [a, b]) => Math.min(least, mulDown(a, b)), Infinity),
    hi: ends.reduce((most, [a, b]) => Math.max(most, mulUp(a, b)), -Infinity),
  };
};
const widened = ({ lo, hi }: Range, by: number): Range =>
  by === 0 ? { lo, hi } : { lo: addDown(lo, -by), hi: addUp(hi, by) };
const scaled = (range: Range, weight: number): Range => times(range, { lo: weight, hi: weight });
const NOTHING: Range = { lo: 0, hi: 0 };
const EVERYTHING: Range = { lo: -Infinity, hi: Infinity };

/** Kinks of a condition up to which a product with it is made in the same block. */
const MOST_FUSED_KINKS = 4;
/** Sums of losses are computed in float64; this raises them by more than its rounding. */
const UP = 1 + 2 ** -30;
/** Integers beyond this are not told apart by doubles with room to spare. */
const LARGEST_INTEGER = 2 ** 50;
const MOST_STAIRS = 100_000;
/** The stream's constant 1. */
export const ONE = 'one';
/** The steepest that units are made. */
export const LARGEST_LAMBDA = 2 ** 200;

/** A condition that a unit can contain: a spline of an integer, or a real number that keeps away from 0. */
type Condition =
  | { readonly of: Node; readonly spline: Spline }
  | { readonly of: Node; readonly margin: number; readonly argument: Expression };

export class Planner {
  readonly #ranges: Readonly<Record<string, InputRange>>;
  readonly #definitions: Definitions;
  readonly #target: Target;
  readonly #activation: CircuitActivation;
  /** Whether functions of integers that are themselves approximate are to be flat around each integer. */
  readonly #level: boolean;
  readonly #facts: ActivationFacts;
  readonly #one: number;
  readonly #constantForm: StreamForm;
  readonly #levels: number[];
  readonly #places: { lo: number; hi: number }[];
  readonly #units: Unit[] = [];
  readonly #nodes: Node[] = [];
  readonly #known = new Map<Expression, Node>();
  readonly #unitsByKey = new Map<string, Unit>();
  readonly #fields = new Map<string, readonly Node[]>();
  readonly #open = new Set<string>();

  constructor(
    inputs: Readonly<Record<string, InputRange>>,
    definitions: Definitions,
    target: Target,
    activation: CircuitActivation,
    level: boolean,
  ) {
    this.#ranges = inputs;
    this.#definitions = definitions;
    this.#target = target;
    this.#activation = activation;
    this.#level = level;
    this.#facts = ACTIVATIONS[activation];
    const ranges = Object.entries(inputs);
    for (const [name, range] of ranges) assertRange(name, range);
    this.#one = ranges.length;
    this.#constantForm = new Map([[this.#one, 1]]);
    this.#levels = [...ranges.map(() => 0), 0];
    this.#places = [...ranges.map(([, { lo, hi }]) => ({ lo, hi })), { lo: 1, hi: 1 }];
  }

  plan(): Plan {
    const names = Object.keys(this.#definitions);
    if (names.length === 0) throw new InputError('a circuit', 'at least one definition', 'none');
    const taken = [...Object.keys(this.#ranges), ...names].find((name) => name === ONE || /^\d/.test(name));
    if (taken !== undefined)
      throw new InputError('a name', `neither ${ONE} nor one that begins with a digit, which the stream uses`, taken);
    const twice = names.find((name) => Object.hasOwn(this.#ranges, name));
    if (twice !== undefined) throw new InputError(`field ${twice}`, 'written once', 'an input and a definition');
    for (const name of names) this.#field(name);
    const { units, nodes } = this.#alive();
    const inputs = Object.keys(this.#ranges);
    return {
      inputs,
      ranges: this.#ranges,
      one: this.#one,
      units,
      positions: new Map(
        [...inputs.keys(), this.#one, ...units.map(({ place }) => place)].map((place, at) => [place, at]),
      ),
      nodes,
      outputs: this.#fields,
    };
  }

  /** What the forms and errors of the outputs refer to. */
  #alive(): { units: Unit[]; nodes: Node[] } {
    const units = new Set<Unit>();
    const nodes = new Set<Node>();
    const open = [...this.#fields.values()].flat();
    for (let node = open.pop(); node; node = open.pop()) {
      if (nodes.has(node)) continue;
      nodes.add(node);
      open.push(...node.operands);
      for (const place of node.form.keys()) {
        const unit = this.#units[place - this.#one - 1];
        if (!unit || units.has(unit)) continue;
        units.add(unit);
        open.push(...unit.operands);
      }
    }
    return {
      units: this.#units.filter((unit) => units.has(unit)),
      nodes: this.#nodes.filter((node) => nodes.has(node)),
    };
  }

  /** The components of a definition. */
  #field(name: string): readonly Node[] {
    const known = this.#fields.get(name);
    if (known) return known;
    if (this.#open.has(name))
      throw new InputError(name, 'free of itself', `${[...this.#open, name].join(' → ')}, a circle`);
    this.#open.add(name);
    const definition = this.#definitions[name]!;
    if (isVector(definition) && definition.length === 0)
      throw new InputError(`field ${name}`, 'made of at least one component', 'none');
    const nodes = isVector(definition)
      ? Array.from(definition, (part, at) => this.#node(operand(part), `${name}[${at}]`))
      : [this.#node(operand(definition), name)];
    this.#open.delete(name);
    this.#fields.set(name, nodes);
    return nodes;
  }

  /** Lowers an expression after all those below it, so that its depth is not that of a recursion. */
  #node(root: Expression, rootPath: string): Node {
    const stack: (readonly [Expression, string])[] = [[root, rootPath]];
    const open = new Set<Expression>();
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const [x, path] = top;
      if (typeof (x as unknown) !== 'object' || x === null) throw new InputError(path, 'an expression', describe(x));
      const below = this.#known.has(x) ? [] : operandsOf(x, path).filter(([operand]) => !this.#known.has(operand));
      if (below.length > 0) {
        const circle = below.find(([operand]) => open.has(operand));
        if (circle) throw new InputError(circle[1], 'free of itself', 'an expression that contains itself');
        open.add(x);
        stack.push(...below.reverse());
        continue;
      }
      if (!this.#known.has(x)) this.#known.set(x, this.#lower(x, path));
      open.delete(x);
      stack.pop();
    }
    return this.#known.get(root)!;
  }

  #lower(x: Expression, path: string): Node {
    switch (x.kind) {
      case 'input':
        return this.#input(x.name, path);
      case 'field':
        return this.#reference(x.name, x.at, path);
      case 'constant':
        return this.#constant(x.value, path);
      case 'sum':
        return this.#sum(
          x.terms.map(({ weight, of }, at) => [weight, this.#node(of, `${path}.sum${at + 1}`)]),
          path,
        );
      case 'product':
        return this.#product(this.#node(x.left, `${path}.left`), this.#node(x.right, `${path}.right`), path);
      case 'relu':
        return this.#folded(x.of, path, 'relu');
      case 'abs':
        return this.#folded(x.of, path, 'abs');
      case 'min':
      case 'max':
        return this.#extremum(x, path);
      case 'not':
        return this.#sum(
          [
            [1, this.#constant(1, path)],
            [-1, this.#bit(x.of, path)],
          ],
          path,
        );
      case 'step':
      case 'zero':
        return this.#indicator(this.#condition(x, path), path);
      case 'lookup':
        return this.#lookup(this.#integer(x.of, `${path}.key`), x.first, x.values, path);
      case 'quotient':
        return this.#quotient(this.#integer(x.of, `${path}.of`), x.by, path);
      case 'remainder': {
        const of = this.#integer(x.of, `${path}.of`);
        const quotient = this.#quotient(of, x.by, path);
        const terms = [[1, of] as const, [-x.by, quotient] as const];
        return this.#sum(terms, path, { lo: 0, hi: x.by - 1 });
      }
      case 'select':
        return this.#select(x, path);
      default:
        throw new InputError(path, 'an expression', describe(x));
    }
  }

  #add(node: Omit<Node, 'level' | 'operands'>, operands: readonly Node[]): Node {
    const { lo, hi } = meet(node, widened(this.#formRange(node.form), node.loss));
    if (!Number.isFinite(lo) || !Number.isFinite(hi) || (node.integer && sizeOf({ lo, hi }) > LARGEST_INTEGER))
      throw new InputError(
        node.path,
        `a value within ±${node.integer ? LARGEST_INTEGER : Number.MAX_VALUE}`,
        Number.isFinite(lo) && Number.isFinite(hi) ? `up to ${sizeOf({ lo, hi })}` : 'one that is larger',
      );
    const complete: Node = {
      ...node,
      lo,
      hi,
      level: operands.reduce((level, operand) => Math.max(level, operand.level), this.#levelOf(node.form)),
      operands,
    };
    this.#nodes.push(complete);
    return complete;
  }
  #levelOf(form: StreamForm): number {
    return [...form.keys()].reduce((level, place) => Math.max(level, this.#levels[place]!), 0);
  }
  #formRange(form: StreamForm): Range {
    return [...form].reduce((sum, [place, weight]) => plus(sum, scaled(this.#places[place]!, weight)), NOTHING);
  }

  /** The unit with this key, or a new one. */
  #unit(key: string, unit: Omit<Unit, 'place' | 'level' | 'operands'>, operands: readonly Node[]): Unit {
    const known = this.#unitsByKey.get(key);
    if (known) return known;
    const level = 1 + Math.max(...operands.map((operand) => operand.level));
    const place = this.#levels.push(level) - 1;
    this.#places.push({ lo: unit.lo, hi: unit.hi });
    const complete = { ...unit, place, level, operands };
    this.#units.push(complete);
    this.#unitsByKey.set(key, complete);
    return complete;
  }

  #input(name: string, path: string): Node {
    const range = Object.hasOwn(this.#ranges, name) ? this.#ranges[name] : undefined;
    if (!range) throw new InputError(path, `an input (${Object.keys(this.#ranges).join(', ')})`, name);
    const { lo, hi, margin } = range;
    const place = Object.keys(this.#ranges).indexOf(name);
    return this.#add(
      {
        path,
        lo,
        hi,
        integer: range.integer ?? false,
        ...(margin !== undefined && { margin }),
        form: new Map([[place, 1]]),
        loss: 0,
        lipschitz: 1,
        input: place,
        error: () => 0,
      },
      [],
    );
  }

  #reference(name: string, at: number | undefined, path: string): Node {
    if (!Object.hasOwn(this.#definitions, name)) {
      if (Object.hasOwn(this.#ranges, name) && (at ?? 0) === 0) return this.#input(name, path);
      const known = [...Object.keys(this.#ranges), ...Object.keys(this.#definitions)];
      throw new InputError(path, `a field (${known.join(', ')})`, name);
    }
    const nodes = this.#field(name);
    if (at === undefined && nodes.length > 1)
      throw new InputError(path, `field('${name}', at), one of its ${nodes.length} components`, `field('${name}')`);
    const node = nodes[at ?? 0];
    if (!node) throw new InputError(path, `a component of ${name} below ${nodes.length}`, String(at));
    return node;
  }

  #constant(value: number, path: string): Node {
    if (!Number.isFinite(value)) throw new InputError(path, 'a finite constant', String(value));
    return this.#add(
      {
        path,
        lo: value,
        hi: value,
        integer: Number.isInteger(value),
        form: formOf([[this.#one, value]]),
        loss: 0,
        lipschitz: 0,
        error: () => 0,
      },
      [],
    );
  }

  #sum(terms: readonly (readonly [number, Node])[], path: string, range: Range = EVERYTHING): Node {
    const weights = new Map<Node, number>();
    let merged = 0;
    for (const [weight, node] of terms) {
      if (!Number.isFinite(weight)) throw new InputError(path, 'finite weights', String(weight));
      const before = weights.get(node) ?? 0;
      merged += 2 * Math.abs(sumError(before, weight, before + weight)) * sizeOf(node);
      weights.set(node, before + weight);
    }
    const entries = [...weights].filter(([node, weight]) => weight !== 0 && (node.lo !== 0 || node.hi !== 0));
    const combined = this.#combine(entries.map(([node, weight]) => [weight, node.form]));
    const { form } = combined;
    const own = combined.loss + merged;
    const sumOf = (start: number, of: (node: Node) => number): number =>
      entries.reduce((sum, [node, weight]) => sum + Math.abs(weight) * of(node), start);
    const sum: Omit<Node, 'level' | 'operands'> = {
      path,
      ...meet(
        range,
        widened(
          entries.reduce<Range>((sum, [node, weight]) => plus(sum, scaled(node, weight)), NOTHING),
          merged,
        ),
      ),
      integer: entries.every(([node, weight]) => node.integer && Number.isInteger(weight)),
      ...marginOf(entries),
      form,
      loss: sumOf(own, (node) => node.loss) * UP,
      lipschitz: sumOf(0, (node) => node.lipschitz),
      error: (error) => sumOf(own, error),
    };
    return this.#add(
      sum,
      entries.map(([node]) => node),
    );
  }
  /** Σ weight · form, and how far the rounding of its weights to doubles can move its value. */
  #combine(parts: readonly (readonly [number, StreamForm])[]): { form: StreamForm; loss: number } {
    const form = new Map<number, number>();
    let loss = 0;
    for (const [weight, part] of parts) {
      for (const [place, w] of part) {
        const product = weight * w;
        const before = form.get(place) ?? 0;
        const error =
          Math.abs(productError(weight, w, product)) + Math.abs(sumError(before, product, before + product));
        // Fields may exceed their range by their error.
        loss += 2 * error * sizeOf(this.#places[place]!);
        form.set(place, before + product);
      }
    }
    for (const [place, weight] of form) if (weight === 0) form.delete(place);
    return { form, loss };
  }
  #difference(left: Node, right: Node, path: string): Node {
    return this.#sum(
      [
        [1, left],
        [-1, right],
      ],
      path,
    );
  }

  /** ReLU of a node, as a unit. */
  #reluUnit(of: Node, argument: Expression, path: string): Unit {
    const facts = this.#facts;
    return this.#unit(
      `relu ${keyOf(of.form)}`,
      {
        path,
        lo: Math.max(of.lo, 0),
        hi: Math.max(of.hi, 0),
        integer: of.integer,
        ...(!of.integer && { kinks: [{ of: argument, steepness: 1 }] }),
        approximation: (lambda) => kinkError(facts, lambda, of.integer),
        drift: (_, error) => facts.slope.hi * error(of),
        channels: (lambda) => [{ x: scaledForm(of.form, lambda), weight: 1 / lambda }],
      },
      [of],
    );
  }

  /** ReLU(x) or |x| = 2 ReLU(x) − x. */
  #folded(argument: Expression, path: string, kind: 'relu' | 'abs'): Node {
    const of = this.#node(argument, `${path}.${kind}`);
    if (of.lo >= 0) return of;
    if (of.hi <= 0) return kind === 'relu' ? this.#constant(0, path) : this.#sum([[-1, of]], path);
    const unit = this.#reluUnit(of, argument, path);
    const double = kind === 'abs';
    return this.#add(
      {
        path,
        lo: 0,
        hi: double ? sizeOf(of) : of.hi,
        integer: of.integer,
        form: double ? formOf([[unit.place, 2], ...negated(of.form)]) : formOf([[unit.place, 1]]),
        loss: double ? of.loss : 0,
        lipschitz: of.lipschitz,
        error: (error, choices) =>
          (double ? 2 : 1) * choices.rounding(unit) +
          throughKink(this.#facts, choices.lambda(unit), of.integer, error(of), error(of), double ? 2 : 1),
      },
      [of],
    );
  }

  /** min(x, y) = x − ReLU(x − y), max(x, y) = y + ReLU(x − y). */
  #extremum(x: Expression & { kind: 'min' | 'max' }, path: string): Node {
    const { kind } = x;
    const [left, right] = [this.#node(x.left, `${path}.${kind}.left`), this.#node(x.right, `${path}.${kind}.right`)];
    const [low, high] = kind === 'min' ? [left, right] : [right, left];
    const gap = this.#difference(left, right, path);
    if (gap.hi <= 0) return low;
    if (gap.lo >= 0) return high;
    const unit = this.#reluUnit(gap, sub(x.left, x.right), path);
    const sign = kind === 'min' ? -1 : 1;
    const pick = Math[kind];
    return this.#add(
      {
        path,
        lo: pick(left.lo, right.lo),
        hi: pick(left.hi, right.hi),
        integer: left.integer && right.integer,
        form: formOf([...(kind === 'min' ? left : right).form, [unit.place, sign]]),
        loss: (kind === 'min' ? left : right).loss,
        lipschitz: Math.max(left.lipschitz, right.lipschitz),
        error: (error, choices) =>
          gap.loss +
          choices.rounding(unit) +
          throughKink(
            this.#facts,
            choices.lambda(unit),
            gap.integer,
            Math.max(error(left), error(right)),
            error(gap),
            1,
          ),
      },
      [left, right, gap],
    );
  }

  /** x·y: exact by the gate of a Mamba block (L2.gate), to ε by an MLP (L2). */
  #product(left: Node, right: Node, path: string): Node {
    for (const [factor, other] of [
      [left, right],
      [right, left],
    ] as const)
      if (factor.lo === factor.hi) return this.#sum([[factor.lo, other]], path);
    if (this.#activation === 'relu')
      throw new InputError(path, 'made without products, which ReLU cannot form', 'a product');
    const square = left === right;
    const range = times(left, right);
    const [a, b] = [sizeOf(left), sizeOf(right)];
    const unit = this.#unit(
      `product ${[keyOf(left.form), keyOf(right.form)].sort().join(' × ')}`,
      {
        path,
        ...(square ? { lo: 0, hi: mulUp(a, a) } : range),
        integer: left.integer && right.integer,
        ...(this.#target === 'mamba' ? gatedProduct(left, right) : hiddenProduct(left, right, this.#activation)),
        drift: (_, error) => a * error(right) + b * error(left) + error(left) * error(right),
      },
      [left, right],
    );
    return this.#add(
      {
        path,
        lo: unit.lo,
        hi: unit.hi,
        integer: unit.integer,
        form: formOf([[unit.place, 1]]),
        loss: 0,
        lipschitz: a * right.lipschitz + b * left.lipschitz,
        error: (error, choices) => ownError(unit, error, choices) + unit.drift(choices.lambda(unit), error),
      },
      [left, right],
    );
  }

  /** An expression that must be 0 or 1. */
  #bit(x: Expression, path: string): Node {
    const node = this.#node(x, path);
    if (node.integer && node.lo >= 0 && node.hi <= 1) return node;
    throw new InputError(
      path,
      'a condition (an integer that is 0 or 1)',
      `${node.integer ? 'an integer' : 'a real number'} in [${node.lo}, ${node.hi}]`,
    );
  }

  /** An expression that must be an integer. */
  #integer(x: Expression, path: string): Node {
    const node = this.#node(x, path);
    if (!node.integer) throw new InputError(path, 'an integer', 'a real number');
    return node;
  }

  /** base + slope·(t − lo) + Σ c_k ReLU(t − k) of an integer node. */
  #spline(of: Node, spline: Spline, path: string): Node {
    return this.#realised(of, this.#robust(of, spline), path);
  }
  #realised(of: Node, spline: Spline, path: string): Node {
    const line = this.#combine([
      [spline.slope, of.form],
      [spline.base, this.#constantForm],
      [-spline.slope * spline.lo, this.#constantForm],
    ]);
    // −slope·lo is rounded once more.
    const loss = line.loss + Math.abs(productError(spline.slope, spline.lo, spline.slope * spline.lo));
    if (spline.kinks.length === 0 && spline.slope === 0) return this.#constant(spline.base, path);
    const integer = [spline.base, spline.slope, ...spline.kinks.map(({ change }) => change)].every(Number.isInteger);
    const common = {
      path,
      lo: spline.least,
      hi: spline.greatest,
      integer,
      loss: (spline.loss + loss + Math.abs(spline.slope) * of.loss) * UP,
    };
    if (spline.kinks.length === 0)
      return this.#add(
        {
          ...common,
          form: line.form,
          lipschitz: Math.abs(spline.slope) * of.lipschitz,
          error: (error) => spline.loss + loss + Math.abs(spline.slope) * error(of),
        },
        [of],
      );
    const unit = this.#splineUnit(of, spline, path);
    return this.#add(
      {
        ...common,
        form: formOf([...line.form, [unit.place, 1]]),
        lipschitz: spline.lipschitz * of.lipschitz,
        error: (error, choices) =>
          spline.loss +
          loss +
          ownError(unit, error, choices) +
          splineDrift(spline, this.#facts, choices.lambda(unit), error(of), path),
      },
      [of],
    );
  }

  /** The part of a spline that is not linear. */
  #splineUnit(of: Node, spline: Spline, path: string): Unit {
    const facts = this.#facts;
    const { kinks } = spline;
    const line = scaled({ lo: 0, hi: spline.hi - spline.lo }, spline.slope);
    return this.#unit(
      `spline ${keyOf(of.form)} ${kinks.map(({ at, change }) => `${at}:${change}`).join(' ')}`,
      {
        path,
        ...widened(
          {
            lo: addDown(addDown(spline.least, -spline.base), -line.hi),
            hi: addUp(addUp(spline.greatest, -spline.base), -line.lo),
          },
          spline.loss,
        ),
        integer: kinks.every(({ change }) => Number.isInteger(change)),
        approximation: (lambda) => splineError(spline, facts, lambda),
        // Beside the line that belongs to the spline, not to the unit.
        drift: (lambda, error) =>
          splineDrift(spline, facts, lambda, error(of), path) + Math.abs(spline.slope) * error(of),
        channels: (lambda) =>
          kinks.map(({ at, change }) => ({
            x: shifted(of.form, lambda, this.#one, -lambda * at),
            weight: change / lambda,
          })),
      },
      [of],
    );
  }

  #robust(of: Node, spline: Spline): Spline {
    return this.#level && of.level > 0 && spline.kinks.length > 0 ? levelled(spline) : spline;
  }

  /** What a comparison asks of its operand. */
  #condition(x: Expression & { kind: 'step' | 'zero' }, path: string): Condition {
    if (x.kind === 'zero') {
      const of = this.#integer(x.of, path);
      return { of, spline: this.#robust(of, zeroSpline(of.lo, of.hi)) };
    }
    const of = this.#node(x.of, path);
    if (of.integer) return { of, spline: this.#robust(of, stepSpline(of.lo, of.hi)) };
    const margin = x.margin ?? of.margin;
    if (margin === undefined || !(margin > 0))
      throw new InputError(
        path,
        'a comparison of integers, or of real numbers with a margin above 0',
        `margin ${margin ?? 'none'}`,
      );
    if (margin > sizeOf(of))
      throw new InputError(path, `a margin of at most ${sizeOf(of)}, the largest value`, String(margin));
    return { of, margin, argument: x.of };
  }

  #indicator(condition: Condition, path: string): Node {
    if ('spline' in condition) return this.#realised(condition.of, condition.spline, path);
    const { of, margin, argument } = condition;
    const constant = of.lo >= 0 ? 1 : of.hi <= 0 ? 0 : undefined;
    if (constant !== undefined) return this.#constant(constant, path);
    const facts = this.#facts;
    const unit = this.#unit(
      `step ${margin} ${keyOf(of.form)}`,
      {
        path,
        lo: 0,
        hi: 1,
        integer: true,
        ...comparisonOf(argument, margin),
        approximation: (lambda) => gapError(facts, lambda),
        drift: (lambda, error) => gapDrift(facts, lambda, error(of) / margin, path),
        channels: (lambda) =>
          [0.5, -0.5].map((at) => ({
            x: shifted(of.form, lambda / margin, this.#one, lambda * at),
            weight: Math.sign(at) / lambda,
          })),
      },
      [of],
    );
    return this.#add(
      {
        path,
        lo: 0,
        hi: 1,
        integer: true,
        form: formOf([[unit.place, 1]]),
        loss: 0,
        lipschitz: of.lipschitz / margin,
        error: (error, choices) => ownError(unit, error, choices) + unit.drift(choices.lambda(unit), error),
      },
      [of],
    );
  }

  #lookup(of: Node, first: number, values: readonly number[], path: string): Node {
    if (!Number.isInteger(first)) throw new InputError(`${path}.first`, 'an integer', String(first));
    if (!Array.isArray(values)) throw new InputError(path, 'a table that is an array of numbers', describe(values));
    const last = first + values.length - 1;
    if (of.lo < first || of.hi > last)
      throw new InputError(
        path,
        `a table with an entry for every key in ${of.lo} … ${of.hi}`,
        `entries for ${first} … ${last}`,
      );
    for (let at = 0; at < values.length; at++)
      if (!Number.isFinite(values[at])) throw new InputError(`${path}[${first + at}]`, 'a number', String(values[at]));
    return this.#spline(of, splineThrough(of.lo, values.slice(of.lo - first, of.hi - first + 1)), path);
  }

  #quotient(of: Node, by: number, path: string): Node {
    if (!Number.isInteger(by) || by < 1)
      throw new InputError(path, 'a division by an integer of at least 1', String(by));
    if (by === 1) return of;
    const base = Math.floor(of.lo / by);
    const count = Math.floor(of.hi / by) - base;
    if (count > MOST_STAIRS) throw new InputError(path, `a quotient with at most ${MOST_STAIRS} steps`, String(count));
    const ups = Array.from({ length: count }, (_, at) => (base + at + 1) * by);
    return this.#spline(of, stairs(of.lo, of.hi, base, ups), path);
  }

  /** otherwise + when·(then − otherwise). */
  #select(x: Expression & { kind: 'select' }, path: string): Node {
    if (isKind(x.when, 'not'))
      return this.#select({ ...x, when: x.when.of, then: x.otherwise, otherwise: x.then }, path);
    const then = this.#node(x.then, `${path}.then`);
    const otherwise = this.#node(x.otherwise, `${path}.otherwise`);
    const when = `${path}.when`;
    const condition = isKind(x.when, 'step') || isKind(x.when, 'zero') ? this.#condition(x.when, when) : undefined;
    const gap = this.#difference(then, otherwise, path);
    if (gap.lo === 0 && gap.hi === 0) return otherwise;
    const width = sizeOf(gap);
    const fusable = condition && this.#isFusable(condition);
    const node = fusable ? condition.of : condition ? this.#indicator(condition, when) : this.#bit(x.when, when);
    if (!fusable && node.lo === node.hi) return node.lo === 1 ? then : otherwise;
    const parts = fusable ? condition : { of: node };
    const unit = this.#switch(parts, gap, path);
    return this.#add(
      {
        path,
        lo: Math.min(then.lo, otherwise.lo),
        hi: Math.max(then.hi, otherwise.hi),
        integer: then.integer && otherwise.integer,
        form: formOf([...otherwise.form, [unit.place, 1]]),
        loss: otherwise.loss,
        lipschitz: Math.max(then.lipschitz, otherwise.lipschitz) + width * steepness(parts) * node.lipschitz,
        error: (error, choices) =>
          Math.max(error(then), error(otherwise)) +
          gap.loss +
          ownError(unit, error, choices) +
          this.#switchDrift(parts, gap, path, choices.lambda(unit), error),
      },
      [then, otherwise, gap, parts.of],
    );
  }

  /** Whether a product with the condition is one unit. */
  #isFusable(condition: Condition): boolean {
    if (!('spline' in condition)) return condition.of.lo < 0 && condition.of.hi > 0;
    const { kinks, base, slope, least, greatest } = condition.spline;
    const isStep = kinks.length === 2 && kinks[0]!.change === -kinks[1]!.change;
    const simple = base === 0 && slope === 0 && least === 0 && greatest === 1 && kinks.length > 0;
    return simple && (this.#target === 'mlp' ? isStep : kinks.length <= MOST_FUSED_KINKS);
  }

  /** How much of the condition's error reaches the switched value. */
  #switchDrift(
    parts: Condition | { readonly of: Node },
    gap: Node,
    path: string,
    lambda: number,
    error: (node: Node) => number,
  ): number {
    const e = error(parts.of);
    if (this.#target === 'mlp') {
      const units = 'margin' in parts ? e / parts.margin : 2 * e;
      assertArgument(units, GAP_REACH, path);
      if (error(gap) > sizeOf(gap) / 2)
        throw new InputError(path, `values known to ${sizeOf(gap) / 2}`, String(error(gap)));
      const K = SWITCH * sizeOf(gap);
      const distance = switchDistance(gap) - K * units - error(gap);
      return 2 * this.#facts.slopeTail(Math.max(1, lambda * distance)) * (K * units + error(gap));
    }
    const width = sizeOf(gap) + error(gap);
    if ('spline' in parts) return width * splineDrift(parts.spline, this.#facts, lambda, e, path);
    if ('margin' in parts) return width * gapDrift(this.#facts, lambda, e / parts.margin, path);
    return width * e;
  }

  /** when·w as a unit: 0 where the condition is 0, w where it is 1. */
  #switch(parts: Condition | { readonly of: Node }, w: Node, path: string): Unit {
    const { of } = parts;
    const facts = this.#facts;
    const size = sizeOf(w);
    const shape =
      'spline' in parts
        ? parts.spline.kinks.map(({ at, change }) => `${at}:${change}`).join(' ')
        : 'margin' in parts
          ? String(parts.margin)
          : '';
    const unit = (rest: Pick<Unit, 'exact' | 'approximation' | 'channels'>): Unit =>
      this.#unit(
        `switch ${shape} ${keyOf(of.form)} × ${keyOf(w.form)}`,
        {
          path,
          lo: Math.min(0, w.lo),
          hi: Math.max(0, w.hi),
          integer: w.integer,
          ...('margin' in parts && comparisonOf(parts.argument, parts.margin)),
          drift: (lambda, error) => error(w) * 2 + this.#switchDrift(parts, w, path, lambda, error),
          ...rest,
        },
        [of, w],
      );
    if (this.#target === 'mlp') {
      const K = SWITCH * size;
      const z =
        'spline' in parts
          ? shifted(of.form, 2 * K, this.#one, K * (1 - 2 * Math.ceil(parts.spline.kinks[1]!.at)))
          : 'margin' in parts
            ? scaledForm(of.form, K / parts.margin)
            : shifted(of.form, 2 * K, this.#one, -K);
      return unit({
        approximation: (lambda) => tailFrom(facts, lambda * switchDistance(w)) / lambda,
        channels: (lambda) => [
          { x: scaledForm(sumForm(w.form, z), lambda), weight: 1 / lambda },
          { x: scaledForm(z, lambda), weight: -1 / lambda },
        ],
      });
    }
    if (!('spline' in parts || 'margin' in parts)) return unit(gatedProduct(of, w));
    const gates =
      'spline' in parts
        ? parts.spline.kinks.map(({ at, change }) => ({ at: -at, scale: 1, change }))
        : [0.5, -0.5].map((at) => ({ at, scale: 1 / parts.margin, change: Math.sign(at) }));
    return unit({
      approximation: (lambda, error) =>
        (size + error(w)) * ('spline' in parts ? splineError(parts.spline, facts, lambda) : gapError(facts, lambda)),
      channels: (lambda) =>
        gates.flatMap(({ at, scale, change }) =>
          [1, -1].map((sign) => ({
            x: scaledForm(w.form, sign),
            gate: shifted(of.form, lambda * scale, this.#one, lambda * at),
            weight: (sign * change) / lambda,
          })),
        ),
    });
  }
}

/** What `#lower` asks for of an expression, with the paths that it uses. */
const operandsOf = (x: Expression, path: string): (readonly [Expression, string])[] => {
  switch (x.kind) {
    case 'sum':
      return x.terms.map(({ of }, at) => [of, `${path}.sum${at + 1}`]);
    case 'product':
      return [
        [x.left, `${path}.left`],
        [x.right, `${path}.right`],
      ];
    case 'relu':
    case 'abs':
      return [[x.of, `${path}.${x.kind}`]];
    case 'min':
    case 'max':
      return [
        [x.left, `${path}.${x.kind}.left`],
        [x.right, `${path}.${x.kind}.right`],
      ];
    case 'not':
    case 'step':
    case 'zero':
      return [[x.of, path]];
    case 'lookup':
      return [[x.of, `${path}.key`]];
    case 'quotient':
    case 'remainder':
      return [[x.of, `${path}.of`]];
    case 'select': {
      // A comparison is not lowered by itself: it may become part of the selection.
      const when = comparedIn(x.when);
      return [
        [when ? when.of : x.when, `${path}.when`],
        [x.then, `${path}.then`],
        [x.otherwise, `${path}.otherwise`],
      ];
    }
    default:
      return [];
  }
};

/** The comparison that a condition is, or the negation of. */
const comparedIn = (x: Expression): (Expression & { kind: 'step' | 'zero' }) | undefined => {
  let inner = x;
  while (isKind(inner, 'not')) inner = inner.of;
  return isKind(inner, 'step') || isKind(inner, 'zero') ? inner : undefined;
};
/** Whether an expression, or what a script handed in as one, is of a kind. */
const isKind = <K extends Expression['kind']>(x: Expression, kind: K): x is Expression & { kind: K } =>
  typeof (x as unknown) === 'object' && x !== null && x.kind === kind;

const isVector = (x: Operand | readonly Operand[]): x is readonly Operand[] => Array.isArray(x);

/** What stands in the place of an expression, in one line. */
const describe = (x: unknown): string => JSON.stringify(x) ?? String(x);

const assertRange = (name: string, range: InputRange): void => {
  const where = `input ${name}`;
  if (typeof (range as unknown) !== 'object' || range === null) throw new InputError(where, 'a range', describe(range));
  const { lo, hi, integer, margin } = range;
  if (!(Number.isFinite(lo) && Number.isFinite(hi) && lo <= hi))
    throw new InputError(where, 'a finite range with lo ≤ hi', `[${lo}, ${hi}]`);
  if (integer && !(Number.isInteger(lo) && Number.isInteger(hi)))
    throw new InputError(where, 'a range of integers', `[${lo}, ${hi}]`);
  if (margin !== undefined && !(margin > 0 && margin <= sizeOf({ lo, hi })))
    throw new InputError(where, `a margin in (0, ${sizeOf({ lo, hi })}]`, String(margin));
};

const formOf = (terms: Iterable<readonly [number, number]>): StreamForm => {
  const form = new Map<number, number>();
  for (const [place, weight] of terms) form.set(place, (form.get(place) ?? 0) + weight);
  for (const [place, weight] of form) if (weight === 0) form.delete(place);
  return form;
};
const scaledForm = (form: StreamForm, weight: number): StreamForm =>
  formOf([...form].map(([place, w]) => [place, w * weight]));
const negated = (form: StreamForm): StreamForm => scaledForm(form, -1);
const sumForm = (x: StreamForm, y: StreamForm): StreamForm => formOf([...x, ...y]);
/** weight · form + offset. */
const shifted = (form: StreamForm, weight: number, one: number, offset: number): StreamForm =>
  sumForm(scaledForm(form, weight), formOf([[one, offset]]));
const keyOf = (form: StreamForm): string =>
  [...form]
    .sort(([x], [y]) => x - y)
    .map(([place, weight]) => `${place}:${weight}`)
    .join(' ');

/** The margin of ±x for an x that has one. */
const marginOf = (terms: readonly (readonly [Node, number])[]): { margin?: number } => {
  const [first, ...rest] = terms;
  if (!first || rest.length > 0 || first[0].margin === undefined) return {};
  return { margin: first[0].margin * Math.abs(first[1]) };
};

const ownError = (unit: Unit, error: (node: Node) => number, choices: Choices): number =>
  unit.approximation(choices.lambda(unit), error) + choices.rounding(unit);

/** |g(λx)/λ − ReLU(x)|, at integers or anywhere. */
const kinkError = ({ kappa, tail }: ActivationFacts, lambda: number, integer: boolean): number =>
  (integer ? tail(lambda) : kappa) / lambda;

/** How far an integer before a kink, or a number beside a gap of 2 margins (in margins), may be off. */
const KINK_REACH = 1 / 4;
const GAP_REACH = 1 / 4;

/**
 * An MLP's switch is ReLU(w + Kz) − ReLU(Kz), |z| ≥ 1 (L3). With K = 4|w| both arguments keep this far from the kink, on
 * one side of it, so that their errors have one sign; half as far for |z| ≥ ¾ and a w half as large again.
 */
const SWITCH = 4;
const switchDistance = (w: Range): number => (SWITCH - 1) * sizeOf(w);

/** sup of ReLU − g from z on: it falls beyond its maximum, which lies below 1.3. */
const tailFrom = ({ kappa, tail }: ActivationFacts, z: number): number => (z < 1.3 ? kappa : tail(z));

/** λ|x| below this: g' still lies in [0, 1] (SiLU from 1.278 on, GELU from 0.751). */
const MONOTONE = 0.75;

/**
 * The error behind a kink that `weight` units pass through: an argument off by `gap` (at a place where the function has
 * Lipschitz constant 1 in operands off by `incoming`).
 */
const throughKink = (
  facts: ActivationFacts,
  lambda: number,
  integer: boolean,
  incoming: number,
  gap: number,
  weight: number,
): number => {
  const anywhere = incoming + (weight * facts.kappa) / lambda;
  if (!integer || gap > KINK_REACH) return anywhere;
  // Near an integer g' leaves [0, 1] by at most this much.
  const beside = facts.slopeTail(Math.max(1, lambda * (1 - gap)));
  const excess = Math.max(beside, lambda * gap <= MONOTONE ? 0 : -facts.slope.lo);
  return Math.min(anywhere, incoming * (1 + 2 * excess) + weight * kinkError(facts, lambda, true));
};

const comparisonOf = (of: Expression, margin: number): Pick<Unit, 'kinks' | 'comparison'> => ({
  kinks: [sub(of, margin), add(of, margin)].map((edge) => ({ of: edge, steepness: 1 / margin })),
  comparison: { of, margin },
});

const assertArgument = (error: number, reach: number, path: string): void => {
  if (!(error <= reach))
    throw new InputError(path, `a function of an argument known to ${reach}`, `an error of ${error}`);
};

const splineDrift = (spline: Spline, facts: ActivationFacts, lambda: number, error: number, path: string): number => {
  if (error === 0) return 0;
  assertArgument(error, spline.reach, path);
  return splineLipschitz(spline, facts, lambda, error) * error;
};

/** [g(λ(z + ½)) − g(λ(z − ½))]/λ against 1[z > 0] for |z| ≥ 1. */
const gapError = ({ tail }: ActivationFacts, lambda: number): number => tail(lambda / 2) / lambda;
/** How far it moves when z is off by `error` ≤ ¼. */
const gapDrift = ({ slopeTail }: ActivationFacts, lambda: number, error: number, path: string): number => {
  if (error === 0) return 0;
  assertArgument(error, GAP_REACH, path);
  return 2 * slopeTail(Math.max(1, lambda * (0.5 - error))) * error;
};

const steepness = (parts: Condition | { readonly of: Node }): number =>
  'spline' in parts ? parts.spline.lipschitz : 'margin' in parts ? 1 / parts.margin : 1;

/** Σ_{σ,τ} στ SiLU(λσx) SiLU(λτy)/λ² = xy, exactly, for any λ (L2.gate). */
const gatedProduct = (left: Node, right: Node): Pick<Unit, 'exact' | 'approximation' | 'channels'> => ({
  exact: true,
  approximation: () => 0,
  channels: (lambda) =>
    [1, -1].flatMap((s) =>
      [1, -1].map((t) => ({
        x: scaledForm(left.form, lambda * s),
        gate: scaledForm(right.form, lambda * t),
        weight: (s * t) / lambda ** 2,
      })),
    ),
});

/** x² to first order of g(x) + g(−x): C_g, and the constant of its error in M⁴/λ² (L2). */
const PRODUCT = {
  silu: { C: 2, error: 1 / 3 },
  gelu: { C: Math.sqrt(Math.PI / 2), error: 2 / 3 },
} as const;

/** C (λ²/4) [q((x+y)/λ) − q((x−y)/λ)], q(z) = g(z) + g(−z), with factors balanced by a power of two (L2). */
const hiddenProduct = (
  left: Node,
  right: Node,
  activation: CircuitActivation,
): Pick<Unit, 'approximation' | 'channels'> => {
  const { C, error: constant } = PRODUCT[activation as keyof typeof PRODUCT];
  const c = 2 ** Math.round(Math.log2(sizeOf(right) / sizeOf(left)) / 2);
  return {
    approximation: (lambda, error) => {
      const M = Math.max(c * (sizeOf(left) + error(left)), (sizeOf(right) + error(right)) / c);
      // C is a double; its relative error is one of the product's.
      return (constant * M ** 4) / lambda ** 2 + M ** 2 * 2 ** -52;
    },
    channels: (lambda) =>
      [1, -1].flatMap((s) => {
        const argument = sumForm(scaledForm(left.form, c / lambda), scaledForm(right.form, s / c / lambda));
        return [1, -1].map((t) => ({ x: scaledForm(argument, t), weight: (s * C * lambda ** 2) / 4 }));
      }),
  };
};
