/**
 * From expressions to units: every expression becomes a linear form over the fields of a residual stream, and each step
 * that is not linear becomes a unit that writes one fresh field.
 *
 * A node carries what composition needs (docs/theory.md §4): the range of its value, its Lipschitz constant in the
 * inputs, and how its error follows from those of its operands.
 */
import { InputError } from '../input-error.ts';
import { PlanBuilder, type Style } from './builder.ts';
import { conditionOf, indicator } from './comparisons.ts';
import { isVector, operand, type Definitions, type Expression, type InputRange } from './expression.ts';
import { quotient, table } from './integers.ts';
import { extremum, folded } from './kinks.ts';
import { ONE, type Node, type Plan } from './node.ts';
import { describe, isComparison, isKind, isObject, operandsOf } from './operands.ts';
import { product } from './products.ts';
import { sizeOf } from './ranges.ts';
import { bitSwitch, conditionSwitch, isFusable, selection } from './selection.ts';

export const planOf = (inputs: Readonly<Record<string, InputRange>>, definitions: Definitions, style: Style): Plan =>
  new Planner(inputs, definitions, style).plan();

class Planner {
  readonly #ranges: Readonly<Record<string, InputRange>>;
  readonly #definitions: Definitions;
  readonly #builder: PlanBuilder;
  readonly #known = new Map<Expression, Node>();
  readonly #fields = new Map<string, readonly Node[]>();
  /** Fields that are being lowered: none may refer to one of them. */
  readonly #open = new Set<string>();

  constructor(inputs: Readonly<Record<string, InputRange>>, definitions: Definitions, style: Style) {
    for (const [name, range] of Object.entries(inputs)) assertRange(name, range);
    assertNames(Object.keys(inputs), Object.keys(definitions));
    this.#ranges = inputs;
    this.#definitions = definitions;
    this.#builder = new PlanBuilder(inputs, style);
  }

  plan(): Plan {
    for (const name of Object.keys(this.#definitions)) this.#field(name);
    const inputs = Object.keys(this.#ranges);
    const { one } = this.#builder;
    const { units, nodes } = this.#builder.alive([...this.#fields.values()].flat());
    const places = [...inputs.keys(), one, ...units.map(({ place }) => place)];
    return {
      inputs,
      ranges: this.#ranges,
      one,
      units,
      positions: new Map(places.map((place, at) => [place, at])),
      nodes,
      outputs: this.#fields,
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
      if (!isObject(x)) throw new InputError(path, 'an expression', describe(x));
      const below = this.#known.has(x) ? [] : operandsOf(x, path).filter(([of]) => !this.#known.has(of));
      if (below.length > 0) {
        const circle = below.find(([of]) => open.has(of));
        if (circle) throw new InputError(circle[1], 'free of itself', 'an expression that contains itself');
        open.add(x);
        stack.push(...below.reverse());
        continue;
      }
      if (!this.#known.has(x)) this.#known.set(x, this.#lower(x, path));
      open.delete(x);
      stack.pop();
    }
    return this.#lowered(root);
  }
  #lowered(x: Expression): Node {
    return this.#known.get(x)!;
  }

  /** The node of an expression whose operands are lowered. */
  #lower(x: Expression, path: string): Node {
    const builder = this.#builder;
    switch (x.kind) {
      case 'input':
        return builder.input(x.name, path);
      case 'field':
        return this.#reference(x.name, x.at, path);
      case 'constant':
        return builder.constant(x.value, path);
      case 'sum':
        return builder.sum(
          x.terms.map(({ weight, of }) => [weight, this.#lowered(of)]),
          path,
        );
      case 'product':
        return product(builder, this.#lowered(x.left), this.#lowered(x.right), path);
      case 'relu':
      case 'abs':
        return folded(builder, x.kind, this.#lowered(x.of), x.of, path);
      case 'min':
      case 'max':
        return extremum(builder, x, this.#lowered(x.left), this.#lowered(x.right), path);
      case 'not':
        return builder.difference(builder.constant(1, path), this.#bit(x.of, path), path);
      case 'step':
      case 'zero':
        return indicator(builder, conditionOf(builder, x, this.#lowered(x.of), path), path);
      case 'lookup':
        return table(builder, this.#integer(x.of, `${path}.key`), x.first, x.values, path);
      case 'quotient':
        return quotient(builder, this.#integer(x.of, `${path}.of`), x.by, path);
      case 'remainder': {
        const of = this.#integer(x.of, `${path}.of`);
        const terms = [[1, of] as const, [-x.by, quotient(builder, of, x.by, path)] as const];
        return builder.sum(terms, path, { lo: 0, hi: x.by - 1 });
      }
      case 'select':
        return this.#select(x, path);
      default:
        throw new InputError(path, 'an expression', describe(x));
    }
  }

  /** Component `at` of another definition, lowered on the way; or an input, which may be called a field too. */
  #reference(name: string, at: number | undefined, path: string): Node {
    if (!Object.hasOwn(this.#definitions, name)) {
      if (Object.hasOwn(this.#ranges, name) && (at ?? 0) === 0) return this.#builder.input(name, path);
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

  #select(x: Expression & { kind: 'select' }, path: string): Node {
    if (isKind(x.when, 'not'))
      return this.#select({ ...x, when: x.when.of, then: x.otherwise, otherwise: x.then }, path);
    const builder = this.#builder;
    const when = `${path}.when`;
    const [then, otherwise] = [this.#lowered(x.then), this.#lowered(x.otherwise)];
    const condition = isComparison(x.when) ? conditionOf(builder, x.when, this.#lowered(x.when.of), when) : undefined;
    const difference = builder.difference(then, otherwise, path);
    const branches = { then, otherwise, difference };
    if (difference.lo === 0 && difference.hi === 0) return otherwise;
    if (condition && isFusable(condition, builder.style.target))
      return selection(builder, conditionSwitch(builder, condition, path), branches, path);
    const bit = condition ? indicator(builder, condition, when) : this.#bit(x.when, when);
    if (bit.lo === bit.hi) return bit.lo === 1 ? then : otherwise;
    return selection(builder, bitSwitch(builder, bit), branches, path);
  }

  /** An expression that must be 0 or 1. */
  #bit(x: Expression, path: string): Node {
    const node = this.#lowered(x);
    if (node.integer && node.lo >= 0 && node.hi <= 1) return node;
    throw new InputError(
      path,
      'a condition (an integer that is 0 or 1)',
      `${node.integer ? 'an integer' : 'a real number'} in [${node.lo}, ${node.hi}]`,
    );
  }

  /** An expression that must be an integer. */
  #integer(x: Expression, path: string): Node {
    const node = this.#lowered(x);
    if (!node.integer) throw new InputError(path, 'an integer', 'a real number');
    return node;
  }
}

const assertRange = (name: string, range: InputRange): void => {
  const where = `input ${name}`;
  if (!isObject(range)) throw new InputError(where, 'a range', describe(range));
  const { lo, hi, integer, margin } = range;
  if (!(Number.isFinite(lo) && Number.isFinite(hi) && lo <= hi))
    throw new InputError(where, 'a finite range with lo ≤ hi', `[${lo}, ${hi}]`);
  if (integer && !(Number.isInteger(lo) && Number.isInteger(hi)))
    throw new InputError(where, 'a range of integers', `[${lo}, ${hi}]`);
  if (margin !== undefined && !(margin > 0 && margin <= sizeOf({ lo, hi })))
    throw new InputError(where, `a margin in (0, ${sizeOf({ lo, hi })}]`, String(margin));
};

const assertNames = (inputs: readonly string[], definitions: readonly string[]): void => {
  if (definitions.length === 0) throw new InputError('a circuit', 'at least one definition', 'none');
  const reserved = [...inputs, ...definitions].find((name) => name === ONE || /^\d/.test(name));
  if (reserved !== undefined)
    throw new InputError('a name', `neither ${ONE} nor one that begins with a digit, which the stream uses`, reserved);
  const twice = definitions.find((name) => inputs.includes(name));
  if (twice !== undefined) throw new InputError(`field ${twice}`, 'written once', 'an input and a definition');
};
