/**
 * A plan in the making: its units, which have places in the stream, its nodes, and those of them that need no unit: inputs,
 * constants, sums.
 */
import { sumError } from '../arithmetic/error-free.ts';
import { InputError } from '../input-error.ts';
import { ACTIVATIONS, type ActivationFacts, type CircuitActivation } from './activation.ts';
import { ownError } from './errors.ts';
import type { InputRange } from './expression.ts';
import { combined, formOf, keyOf, type StreamForm } from './forms.ts';
import type { Node, NodeParts, Target, Unit, UnitParts } from './node.ts';
import { EVERYTHING, meet, NOTHING, plus, scaled, sizeOf, UP, widened, type Range } from './ranges.ts';

/** What units are made of. */
export interface Style {
  readonly target: Target;
  readonly activation: CircuitActivation;
  /** Whether functions of integers that are themselves approximate are to be flat around each integer. */
  readonly flatten: boolean;
}

/** Integers beyond this are not told apart by doubles with room to spare. */
const LARGEST_INTEGER = 2 ** 50;

export class PlanBuilder {
  readonly style: Style;
  readonly facts: ActivationFacts;
  /** Place of the constant 1: after the inputs, before the units. */
  readonly one: number;
  readonly #ranges: Readonly<Record<string, InputRange>>;
  /** By place: the block that writes it, and what it may hold. */
  readonly #levels: number[];
  readonly #places: Range[];
  readonly #units: Unit[] = [];
  readonly #nodes: Node[] = [];
  readonly #unitsByKey = new Map<string, Unit>();

  constructor(ranges: Readonly<Record<string, InputRange>>, style: Style) {
    this.style = style;
    this.facts = ACTIVATIONS[style.activation];
    this.#ranges = ranges;
    const inputs = Object.values(ranges);
    this.one = inputs.length;
    this.#levels = [...inputs.map(() => 0), 0];
    this.#places = [...inputs, { lo: 1, hi: 1 }];
  }

  /** Makes a node part of the plan. Its range is narrowed to what its form can hold. */
  add(parts: NodeParts, operands: readonly Node[]): Node {
    const range = meet(parts, widened(this.#rangeOf(parts.form), parts.loss));
    assertHeld(range, parts);
    const level = operands.reduce((most, operand) => Math.max(most, operand.level), this.#levelOf(parts.form));
    const node: Node = { ...parts, lo: range.lo, hi: range.hi, level, operands };
    this.#nodes.push(node);
    return node;
  }
  #levelOf(form: StreamForm): number {
    return [...form.keys()].reduce((level, place) => Math.max(level, this.#levels[place]!), 0);
  }
  #rangeOf(form: StreamForm): Range {
    return [...form].reduce((sum, [place, weight]) => plus(sum, scaled(this.#places[place]!, weight)), NOTHING);
  }

  /** The unit of this kind over these operands, or a new one. */
  unit(kind: string, parts: UnitParts, operands: readonly Node[]): Unit {
    const key = `${kind} ${operands.map(identityOf).join(' × ')}`;
    const known = this.#unitsByKey.get(key);
    if (known) return known;
    const level = 1 + Math.max(...operands.map((operand) => operand.level));
    const place = this.#levels.push(level) - 1;
    this.#places.push({ lo: parts.lo, hi: parts.hi });
    const unit = { ...parts, place, level, operands };
    this.#units.push(unit);
    this.#unitsByKey.set(key, unit);
    return unit;
  }

  /** The value of a unit, as a node. */
  unitNode(unit: Unit, lipschitz: number, operands: readonly Node[], path: string): Node {
    const { lo, hi, integer } = unit;
    return this.add(
      {
        path,
        lo,
        hi,
        integer,
        form: new Map([[unit.place, 1]]),
        loss: 0,
        lipschitz,
        error: (error, choices) => ownError(unit, error, choices) + unit.drift(choices.lambda(unit), error),
      },
      operands,
    );
  }

  input(name: string, path: string): Node {
    const range = Object.hasOwn(this.#ranges, name) ? this.#ranges[name] : undefined;
    if (!range) throw new InputError(path, `an input (${Object.keys(this.#ranges).join(', ')})`, name);
    const { lo, hi, integer = false, margin } = range;
    const place = Object.keys(this.#ranges).indexOf(name);
    return this.add(
      {
        path,
        lo,
        hi,
        integer,
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

  constant(value: number, path: string): Node {
    if (!Number.isFinite(value)) throw new InputError(path, 'a finite constant', String(value));
    return this.add(
      {
        path,
        lo: value,
        hi: value,
        integer: Number.isInteger(value),
        form: formOf([[this.one, value]]),
        loss: 0,
        lipschitz: 0,
        error: () => 0,
      },
      [],
    );
  }

  /** Σ weight · node, known to lie in `range`. */
  sum(terms: readonly (readonly [number, Node])[], path: string, range: Range = EVERYTHING): Node {
    const { weights, loss: merged } = mergedTerms(terms, path);
    const entries = [...weights].filter(([node, weight]) => weight !== 0 && (node.lo !== 0 || node.hi !== 0));
    const { form, loss } = this.combined(entries.map(([node, weight]) => [weight, node.form]));
    const own = loss + merged;
    const total = entries.reduce<Range>((sum, [node, weight]) => plus(sum, scaled(node, weight)), NOTHING);
    const sumOf = (start: number, of: (node: Node) => number): number =>
      entries.reduce((sum, [node, weight]) => sum + Math.abs(weight) * of(node), start);
    return this.add(
      {
        path,
        ...meet(range, widened(total, merged)),
        integer: entries.every(([node, weight]) => node.integer && Number.isInteger(weight)),
        ...marginOf(entries),
        form,
        loss: sumOf(own, (node) => node.loss) * UP,
        lipschitz: sumOf(0, (node) => node.lipschitz),
        error: (error) => sumOf(own, error),
      },
      entries.map(([node]) => node),
    );
  }
  /** A form with one unit more, and how far the rounding of its weights can move its value. */
  withUnit(line: StreamForm, unit: Unit, weight: number): { readonly form: StreamForm; readonly loss: number } {
    return this.combined([
      [1, line],
      [weight, new Map([[unit.place, 1]])],
    ]);
  }
  difference(left: Node, right: Node, path: string): Node {
    const terms = [[1, left] as const, [-1, right] as const];
    return this.sum(terms, path);
  }
  /** Σ weight · form, and how far the rounding of its weights can move its value. */
  combined(parts: readonly (readonly [number, StreamForm])[]): { readonly form: StreamForm; readonly loss: number } {
    return combined(parts, (place) => sizeOf(this.#places[place]!));
  }

  /** What the forms and errors of the outputs refer to, in the order in which it was made. */
  alive(outputs: readonly Node[]): { units: Unit[]; nodes: Node[] } {
    const units = new Set<Unit>();
    const nodes = new Set<Node>();
    const open = [...outputs];
    for (let node = open.pop(); node; node = open.pop()) {
      if (nodes.has(node)) continue;
      nodes.add(node);
      open.push(...node.operands);
      for (const place of node.form.keys()) {
        const unit = this.#units[place - this.one - 1];
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
}

/**
 * What a unit may take from a node: nodes with the same form differ if rounded weights made it, and if one is known to be
 * narrower or an integer.
 */
const identityOf = ({ form, lo, hi, loss, integer }: Node): string =>
  `${keyOf(form)} in ${lo}..${hi} ± ${loss}${integer ? ', integer' : ''}`;

const assertHeld = (range: Range, { path, integer }: NodeParts): void => {
  const isFinite = Number.isFinite(range.lo) && Number.isFinite(range.hi);
  if (isFinite && !(integer && sizeOf(range) > LARGEST_INTEGER)) return;
  throw new InputError(
    path,
    `a value within ±${integer ? LARGEST_INTEGER : Number.MAX_VALUE}`,
    isFinite ? `up to ${sizeOf(range)}` : 'one that is larger',
  );
};

/** One weight for each node, and what the rounding of their sums can move the value by. */
const mergedTerms = (
  terms: readonly (readonly [number, Node])[],
  path: string,
): { weights: Map<Node, number>; loss: number } => {
  const weights = new Map<Node, number>();
  let loss = 0;
  for (const [weight, node] of terms) {
    if (!Number.isFinite(weight)) throw new InputError(path, 'finite weights', String(weight));
    const before = weights.get(node) ?? 0;
    loss += 2 * Math.abs(sumError(before, weight, before + weight)) * sizeOf(node);
    weights.set(node, before + weight);
  }
  return { weights, loss };
};

/** The margin of ±x for an x that has one. */
const marginOf = (terms: readonly (readonly [Node, number])[]): { margin?: number } => {
  const [first, ...rest] = terms;
  if (!first || rest.length > 0 || first[0].margin === undefined) return {};
  return { margin: first[0].margin * Math.abs(first[1]) };
};
