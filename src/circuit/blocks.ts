/** From a plan to layers: one block for each level, x ← x + block(x). */
import { productError, sumError } from '../arithmetic/error-free.ts';
import { mlp, type Layer, type Residual } from '../network/layer.ts';
import { memorylessBlock } from '../network/mamba-builder.ts';
import { matrixFromForms, MatrixBuilder, type Form } from '../network/matrix.ts';
import type { CircuitActivation } from './activation.ts';
import { scaledForm, type StreamForm } from './forms.ts';
import type { Node, Plan, Target, Unit } from './node.ts';
import { sizeOf, type Range } from './ranges.ts';

/** A component of a definition, and where the stream holds it. */
export interface Output {
  readonly name: string;
  readonly at: number;
  readonly position: number;
  readonly node: Node;
  /** The block that writes it. */
  readonly level: number;
}

export interface Shape {
  readonly target: Target;
  readonly activation: CircuitActivation;
  /** What the gate of an ungated channel holds: SiLU(G)/G = σ(G) is 1 but for e^(−G). A power of two. */
  readonly gate: number;
  /** The scale at which numbers up to `size` pass through g(x) − g(−x) = x: a power of two. */
  identity(node: Pick<Node, 'integer'>, size: number): number;
}

/** The channels of a block. Those with the same arguments are one channel with several outputs. */
class Channels {
  readonly #channels = new Map<string, { x: Form; gate: Form; out: Map<number, number> }>();
  readonly #positions: Plan['positions'];
  readonly #constantGate: StreamForm;
  readonly #ungatedScale: number;

  constructor({ positions, one }: Plan, { target, gate }: Shape) {
    this.#positions = positions;
    this.#constantGate = target === 'mamba' ? new Map([[one, gate]]) : new Map();
    this.#ungatedScale = target === 'mamba' ? 1 / gate : 1;
  }
  /** Adds weight · g(x), times SiLU(gate) where there is a gate, to a position of the stream. */
  add(x: StreamForm, gate: StreamForm | undefined, position: number, weight: number): void {
    const [xs, gates] = [this.#form(x), this.#form(gate ?? this.#constantGate)];
    const more = weight * (gate ? 1 : this.#ungatedScale);
    const key = `${xs.join(' ')}|${gates.join(' ')}`;
    // Weights are added where that is exact; otherwise the same channel stands there once more.
    for (let copy = 0; ; copy++) {
      const name = `${key}|${copy}`;
      let channel = this.#channels.get(name);
      if (!channel) this.#channels.set(name, (channel = { x: xs, gate: gates, out: new Map() }));
      const before = channel.out.get(position) ?? 0;
      if (sumError(before, more, before + more) !== 0) continue;
      channel.out.set(position, before + more);
      return;
    }
  }
  #form(form: StreamForm): Form {
    return [...form].map(([place, weight]) => [this.#positions.get(place)!, weight] as const).sort(byPosition);
  }
  get all(): { x: Form; gate: Form; out: Form }[] {
    return [...this.#channels.values()].map(({ x, gate, out }) => ({ x, gate, out: [...out] }));
  }
}
const byPosition = (x: readonly [number, number], y: readonly [number, number]): number => x[0] - y[0];

/** Outputs in stream order, after all units. */
export const outputsOf = (plan: Plan): Output[] => {
  let position = plan.positions.size;
  return [...plan.outputs].flatMap(([name, nodes]) =>
    nodes.map((node, at): Output => ({ name, at, node, position: position++, level: levelOf(node, plan) })),
  );
};

/**
 * The last block of a form's units writes the output, too, unless that took weights which doubles do not hold exactly; then
 * the next one copies it.
 */
const levelOf = ({ form, level }: Node, plan: Plan): number => {
  const isExact = [...form].every(([place, factor]) => {
    const unit = unitAt(plan, place);
    return (
      unit?.level !== level ||
      unit.channels(1).every(({ weight }) => productError(factor, weight, factor * weight) === 0)
    );
  });
  return Math.max(1, isExact ? level : level + 1);
};

/** The part of an output's form that its own block does not compute. */
export const copiedPart = ({ node, level }: Output, plan: Plan): StreamForm =>
  new Map([...node.form].filter(([place]) => (unitAt(plan, place)?.level ?? 0) < level));

const unitAt = ({ units, one, positions }: Plan, place: number): Unit | undefined =>
  units[positions.get(place)! - one - 1];

export const buildBlocks = (
  plan: Plan,
  outputs: readonly Output[],
  lambda: (unit: Unit) => number,
  shape: Shape,
): Residual[] => {
  const width = plan.positions.size + outputs.length;
  const count = outputs.reduce((most, { level }) => Math.max(most, level), 1);
  const blocks = Array.from({ length: count }, () => new Channels(plan, shape));
  const writeUnit = (unit: Unit, position: number, factor: number): void => {
    for (const { x, gate, weight } of unit.channels(lambda(unit)))
      blocks[unit.level - 1]!.add(x, gate, position, factor * weight);
  };
  for (const unit of plan.units) writeUnit(unit, plan.positions.get(unit.place)!, 1);
  for (const output of outputs) {
    // The block of an output cannot read the units that it writes: it computes them once more, and copies the rest.
    for (const [place, weight] of output.node.form) {
      const unit = unitAt(plan, place);
      if (unit?.level === output.level) writeUnit(unit, output.position, weight);
    }
    const rest = copiedPart(output, plan);
    if (rest.size === 0) continue;
    const scale = shape.identity(output.node, sizeOfForm(rest, plan));
    for (const sign of [1, -1])
      blocks[output.level - 1]!.add(scaledForm(rest, sign * scale), undefined, output.position, sign / scale);
  }
  return blocks.map(({ all }) => ({
    kind: 'residual',
    layer: shape.target === 'mamba' ? memorylessBlock(width, all) : hiddenLayer(width, all, shape.activation),
  }));
};

/** Largest absolute value of a form over the ranges of its fields. */
export const sizeOfForm = (form: StreamForm, plan: Plan): number => {
  let [lo, hi] = [0, 0];
  for (const [place, weight] of form) {
    const range = rangeAt(plan, place);
    const ends = [weight * range.lo, weight * range.hi];
    lo += Math.min(...ends);
    hi += Math.max(...ends);
  }
  return sizeOf({ lo, hi });
};
const rangeAt = (plan: Plan, place: number): Range =>
  place === plan.one ? { lo: 1, hi: 1 } : (unitAt(plan, place) ?? plan.ranges[plan.inputs[place]!]!);

const hiddenLayer = (
  width: number,
  channels: readonly { readonly x: Form; readonly out: Form }[],
  activation: CircuitActivation,
): Layer => {
  const second = new MatrixBuilder(width, channels.length);
  channels.forEach(({ out }, at) => out.forEach(([place, weight]) => second.set(place, at, weight)));
  return mlp(
    {
      kind: 'linear',
      weight: matrixFromForms(
        channels.map(({ x }) => x),
        width,
      ),
    },
    activation,
    { kind: 'linear', weight: second.build() },
  );
};
