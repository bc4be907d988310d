/** The errors of a plan's nodes, each from those of its operands. */
import type { Choices, Errors, Node, Plan } from './node.ts';
import { UP } from './ranges.ts';

export class NodeErrors {
  readonly #plan: Plan;
  readonly #choices: Choices;
  readonly #casting: (input: number) => number;
  readonly #known = new Map<Node, number>();

  /** `casting`: what casting an input into the format changes, at most. */
  constructor(plan: Plan, choices: Choices, casting: (input: number) => number) {
    this.#plan = plan;
    this.#choices = choices;
    this.#casting = casting;
  }
  /** Nodes up to a level; what the rounding of their units is has to be known by then. */
  settle(level = Infinity): this {
    for (const node of this.#plan.nodes)
      if (node.level <= level && !this.#known.has(node)) this.#known.set(node, this.#errorOf(node) * UP);
    return this;
  }
  readonly of: Errors = (node) => this.#known.get(node)!;

  #errorOf(node: Node): number {
    return node.input === undefined ? node.error(this.of, this.#choices) : this.#casting(node.input);
  }
}
