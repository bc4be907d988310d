/**
 * Circuits: expressions over named fields, compiled into explicit weights of a stack x ← x + block(x) of memoryless Mamba
 * blocks (or MLPs), with a bound on the error of every output (docs/theory.md §4, Composition).
 *
 *   const circuit = compileCircuit({
 *     inputs: { a: real(-3, 3), b: real(-1, 1), c: real(-2, 2), t: integer(-5, 5), k: integer(0, 3) },
 *     fields: { y: select(ge(input('t'), 0), min(input('a'), mul(input('b'), input('c'))), lookup(input('k'), [1, 4, 2, 8])) },
 *     eps: 1e-6,
 *   });
 *   circuit.outputs.y        // { lo, hi, integer, bound, lipschitz } of each component
 *   runCircuit(circuit, float64, { a: [1], b: [0.5], c: [1], t: [2], k: [0] }).y
 */
import type { Accumulation } from '../arithmetic/arithmetic.ts';
import { FORMAT_NAMES, formatByName, FP32, type Format } from '../arithmetic/format.ts';
import { roundingArithmetic, type Rounded } from '../arithmetic/rounding.ts';
import { vectorOf } from '../arithmetic/arithmetic.ts';
import { InputError } from '../input-error.ts';
import { Fields } from '../network/fields.ts';
import type { Residual, Sequential } from '../network/layer.ts';
import { compile } from '../network/machine.ts';
import { ACTIVATIONS, type CircuitActivation } from './activation.ts';
import { buildBlocks, copiedPart, outputsOf, restSize, type Output, type Shape } from './blocks.ts';
import type { Expression, InputRange } from './expression.ts';
import {
  LARGEST_LAMBDA,
  ONE,
  Planner,
  type Choices,
  type Comparison,
  type Definitions,
  type Node,
  type Plan,
  type Target,
  type Unit,
} from './plan.ts';

export interface CircuitOptions {
  readonly inputs: Readonly<Record<string, InputRange>>;
  /** Definitions by name; each becomes a field of the stream. They may refer to each other with `field`. */
  readonly fields: Definitions;
  /** Largest error allowed of any component of any field, against the exact value of its expression. */
  readonly eps: number;
  /** Memoryless Mamba blocks, or MLPs. */
  readonly target?: Target;
  /** The activation of MLPs; Mamba blocks have SiLU. */
  readonly activation?: CircuitActivation;
  /** The number format that the circuit is to run in; the bound includes its rounding. fp64 if absent. */
  readonly format?: string;
  readonly accumulate?: Accumulation;
}

export interface CircuitValue {
  readonly lo: number;
  readonly hi: number;
  readonly integer: boolean;
  /** Bound on |computed − exact|. */
  readonly bound: number;
  /** |change| ≤ lipschitz · (largest change of an input). */
  readonly lipschitz: number;
}

export interface Circuit {
  readonly network: Sequential;
  /** The stream: inputs, the constant `one`, units, then the fields defined. */
  readonly stream: Fields;
  readonly inputs: Readonly<Record<string, InputRange>>;
  readonly fields: Definitions;
  /** Components of each field defined. */
  readonly outputs: Readonly<Record<string, readonly CircuitValue[]>>;
  /** Every step of the composition, operands first. */
  readonly nodes: readonly (CircuitValue & { readonly path: string })[];
  /** Where functions of real numbers bend, and how steep they are: their error is largest where |of| is about 1/λ. */
  readonly kinks: readonly { readonly path: string; readonly of: Expression; readonly lambda: number }[];
  /** Comparisons of real numbers: nothing is promised where |of| < margin. */
  readonly comparisons: readonly Comparison[];
  /** The largest bound of an output. */
  readonly bound: number;
  readonly eps: number;
  readonly format: Format;
  readonly accumulate: Accumulation;
}

const OPTIONS: readonly string[] = ['inputs', 'fields', 'eps', 'target', 'activation', 'format', 'accumulate'];
const TARGETS: readonly Target[] = ['mamba', 'mlp'];
const ACCUMULATIONS: readonly Accumulation[] = ['own', 'fp32'];
/**
 * Shares of ε that approximation may take, one after the other: steeper parts pass on less of the rounding before them,
 * but round more themselves.
 */
const SHARES = [3 / 4, 1 / 4, 2 ** -6, 2 ** -12, 2 ** -20, 2 ** -30, 2 ** -40];
/** A steeper circuit is worth having where the bound is so many times that without rounding, and if it halves the bound. */
const MOST_ROUNDING = 64;
/** Halvings of the tolerance of a unit before a circuit is given up. */
const MOST_HALVINGS = 400;
/** Steepness is a power of two from here on: tails are small, and λt is exact for integers. */
const LEAST_LAMBDA = 4;
/** Bounds are computed in float64; this raises them by more than its rounding. */
const UP = 1 + 2 ** -30;

export const compileCircuit = (options: CircuitOptions): Circuit => {
  const { inputs, fields, eps, target = 'mamba', accumulate = 'own' } = options;
  const activation = target === 'mamba' ? 'silu' : (options.activation ?? 'silu');
  for (const [option, value, choices] of [
    ['target', target, TARGETS],
    ['activation', activation, Object.keys(ACTIVATIONS)],
    ['accumulate', accumulate, ACCUMULATIONS],
  ] as const)
    if (!(choices as readonly string[]).includes(value))
      throw new InputError(option, `one of ${choices.join(', ')}`, String(value));
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) throw new InputError('an option', `one of ${OPTIONS.join(', ')}`, unknown);
  for (const [option, value] of Object.entries({ inputs, fields }))
    if (typeof (value as unknown) !== 'object' || value === null)
      throw new InputError(option, 'given by name', String(value));
  if (target === 'mamba' && options.activation !== undefined && options.activation !== 'silu')
    throw new InputError('activation', 'silu in a Mamba block', options.activation);
  if (!(eps > 0 && Number.isFinite(eps))) throw new InputError('eps', 'a number above 0', String(eps));
  const format = formatFor(options.format ?? 'fp64', accumulate);
  // In narrow formats saturation keeps integers exact, and quarters would cost two bits of their range.
  const plan = new Planner(inputs, fields, target, activation, format.p === 53).plan();
  const outputs = outputsOf(plan);
  const shape = shapeFor(format, target, activation);

  const best = bestOf(plan, outputs, eps, shape, format, accumulate);
  if (best.bound <= eps) return circuitOf(options, plan, outputs, best, format, accumulate);
  throw outOfReach(plan, outputs, best, eps, format);
};

/** The first circuit within ε, or the nearest to it. */
const bestOf = (
  plan: Plan,
  outputs: readonly Output[],
  eps: number,
  shape: Shape,
  format: Format,
  accumulate: Accumulation,
): Analysis => {
  let best: Analysis | undefined;
  let last: ((unit: Unit) => number) | undefined;
  let failure: unknown;
  for (const share of SHARES) {
    let next: Analysis;
    try {
      const { lambda, approximation } = steepnessFor(plan, eps * share, shape, format);
      if (best && plan.units.every((unit) => lambda(unit) === last!(unit))) continue;
      last = lambda;
      next = analyse(plan, outputs, lambda, shape, format, accumulate);
      const better = !best || !(best.bound <= (best.bound > eps ? next.bound : 2 * next.bound));
      if (better) best = next;
      // More steepness does not help against rounding that does not come from before.
      if (best!.bound <= eps && (!better || best!.bound <= MOST_ROUNDING * approximation)) break;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      failure ??= error;
      if (best) break;
    }
  }
  if (!best) throw failure;
  return best;
};

const formatFor = (name: string, accumulate: Accumulation): Format => {
  const format = formatByName(name);
  if (!format) throw new InputError('format', `one of ${FORMAT_NAMES.join(', ')} or p<k> with 2 ≤ k ≤ 53`, name);
  if (accumulate === 'fp32' && format.p > FP32.p)
    throw new InputError('format', `one of at most ${FP32.p} bits for fp32 accumulation`, name);
  return format;
};

/** Where σ saturates: e^(−G) is at most half a unit roundoff (docs/theory.md §9). */
const saturation = ({ p }: Format): number => 2 ** Math.ceil(Math.log2((p + 1) * Math.LN2));

const shapeFor = (format: Format, target: Target, activation: CircuitActivation): Shape => {
  const gate = saturation(format);
  return {
    target,
    activation,
    gate,
    // Integers that are scaled until σ saturates pass exactly.
    identity: ({ integer }, size) => (integer && gate * gate * Math.max(1, size) <= format.max ? gate : 1),
  };
};

/** The least steepness for which approximation stays below `allowed`, the same tolerance for every unit. */
const steepnessFor = (
  plan: Plan,
  allowed: number,
  shape: Shape,
  format: Format,
): { lambda: (unit: Unit) => number; approximation: number } => {
  let tolerance = allowed;
  let failure: unknown;
  for (let halving = 0; halving < MOST_HALVINGS; halving++, tolerance /= 2) {
    const lambdas = new Map(plan.units.map((unit) => [unit, steepness(unit, tolerance, shape, format)]));
    const lambda = (unit: Unit): number => lambdas.get(unit)!;
    try {
      const errors = errorsOf(plan, { lambda, rounding: () => 0 }, () => 0);
      failure = undefined;
      const approximation = [...plan.outputs.values()].flat().reduce((most, node) => Math.max(most, errors(node)), 0);
      if (approximation <= allowed) return { lambda, approximation };
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      failure = error;
    }
    if (plan.units.every((unit) => lambda(unit) >= LARGEST_LAMBDA)) break;
  }
  if (failure !== undefined) throw failure;
  const [name] = plan.outputs.keys();
  throw new InputError('eps', `above what weights that are doubles can reach (${name})`, `a share of ${allowed}`);
};

const steepness = (unit: Unit, tolerance: number, shape: Shape, format: Format): number => {
  if (unit.exact) return shape.identity(unit, Math.max(Math.abs(unit.lo), Math.abs(unit.hi)));
  // In narrow formats integers stay exact where σ saturates.
  let lambda = unit.integer && format.p < 53 ? shape.gate : LEAST_LAMBDA;
  while (unit.approximation(lambda, () => 0) > tolerance && lambda < LARGEST_LAMBDA) lambda *= 2;
  return lambda;
};

/** The errors of all nodes, operands first. */
const errorsOf = (
  plan: Plan,
  choices: Choices,
  casting: (input: number) => number,
  upTo = Infinity,
  known = new Map<Node, number>(),
): ((node: Node) => number) => {
  const error = (node: Node): number => known.get(node)!;
  for (const node of plan.nodes)
    if (node.level <= upTo && !known.has(node))
      known.set(node, (node.input === undefined ? node.error(error, choices) : casting(node.input)) * UP);
  return error;
};

interface Analysis {
  readonly blocks: readonly Residual[];
  readonly lambda: (unit: Unit) => number;
  readonly errors: (node: Node) => number;
  readonly rounding: ReadonlyMap<Unit, number>;
  readonly bounds: ReadonlyMap<Output, number>;
  readonly bound: number;
}

const analyse = (
  plan: Plan,
  outputs: readonly Output[],
  lambda: (unit: Unit) => number,
  shape: Shape,
  format: Format,
  mode: Accumulation,
): Analysis => {
  const blocks = buildBlocks(plan, outputs, lambda, shape);
  const A = roundingArithmetic(format, mode);
  // An ungated channel is multiplied by σ(G) in a Mamba block.
  const leak = shape.target === 'mamba' ? Math.exp(-shape.gate) * UP : 0;
  const casts = plan.inputs.map((name) => castError(plan.ranges[name]!, format));
  const stored: Rounded[] = [
    ...plan.inputs.map((name, at) => storedInput(plan.ranges[name]!, casts[at]!)),
    exactly(1),
    ...plan.units.map(() => exactly(0)),
    ...outputs.map(() => exactly(0)),
  ];
  const rounding = new Map<Unit, number>();
  const settled = new Map<Node, number>();
  const bounds = new Map<Output, number>();
  const choices: Choices = { lambda, rounding: (unit) => rounding.get(unit)! };
  const advance = (level: number): ((node: Node) => number) =>
    errorsOf(plan, choices, (at) => casts[at]!, level, settled);
  let errors = advance(0);
  blocks.forEach((block, at) => {
    const level = at + 1;
    const machine = compile(block, A);
    const y = machine.run(
      vectorOf(A, stored.length, (place) => stored[place]!),
      1,
      machine.initialState(),
    );
    for (const unit of plan.units.filter((one) => one.level === level)) {
      const { low, high, error, grid, dust } = A.get(y, plan.positions.get(unit.place)!);
      const size = Math.max(Math.abs(unit.lo), Math.abs(unit.hi));
      rounding.set(unit, error + leak * size);
      const drift = unit.approximation(lambda(unit), errors) + unit.drift(lambda(unit), errors) + error + leak * size;
      stored[plan.positions.get(unit.place)!] = known(
        Math.max(low, unit.lo - drift),
        Math.min(high, unit.hi + drift),
        grid,
        dust,
      );
    }
    errors = advance(level);
    for (const output of outputs.filter((one) => one.level === level)) {
      const copied = leak * restSize(copiedPart(output, plan), plan) * 2;
      bounds.set(output, (errors(output.node) + A.get(y, output.position).error + copied) * UP);
    }
  });
  const bound = [...bounds.values()].reduce((x, y) => (x >= y ? x : y));
  return { blocks, lambda, errors, rounding, bounds, bound };
};

/** A stored number that lies in [lo, hi]; what a block does to it counts from here on. */
const known = (lo: number, hi: number, grid: number, dust = 0): Rounded => ({
  lo,
  hi,
  error: 0,
  low: lo,
  high: hi,
  grid,
  dust,
});
const exactly = (x: number): Rounded => known(x, x, x === 0 ? Infinity : 0);

/** What casting an input into the format can change. */
const castError = ({ lo, hi, integer }: InputRange, { p, emin, max }: Format): number => {
  const size = Math.max(Math.abs(lo), Math.abs(hi));
  if (size > max) return Infinity;
  if (p === 53 || (integer && size <= 2 ** p)) return 0;
  return size * 2 ** -p + (Number.isFinite(emin) ? 2 ** (emin - p) : 0);
};
const storedInput = ({ lo, hi, integer }: InputRange, cast: number): Rounded =>
  known(lo - cast, hi + cast, integer ? 0 : -Infinity);

/** How many of the units that round most are tried as the cause of a bound. */
const SUSPECTS = 32;

/** The unit without whose rounding the bound of a node would be least, and that bound. */
const causeOf = (plan: Plan, node: Node, { lambda, rounding }: Analysis): { unit: Unit; without: number } | undefined =>
  [...plan.units]
    .sort((x, y) => rounding.get(y)! - rounding.get(x)!)
    .slice(0, SUSPECTS)
    .map((unit) => {
      const choices: Choices = { lambda, rounding: (other) => (other === unit ? 0 : rounding.get(other)!) };
      return { unit, without: errorsOf(plan, choices, () => 0)(node) };
    })
    .reduce<{ unit: Unit; without: number } | undefined>((x, y) => (x && !(y.without < x.without) ? x : y), undefined);

const outOfReach = (
  plan: Plan,
  outputs: readonly Output[],
  analysis: Analysis,
  eps: number,
  format: Format,
): InputError => {
  const { bounds, rounding } = analysis;
  const worst = outputs.reduce((x, y) => (bounds.get(x)! >= bounds.get(y)! ? x : y));
  const bound = bounds.get(worst)!;
  const cause = causeOf(plan, worst.node, analysis);
  const because = !cause
    ? `, from the rounding of its inputs and of the copy to ${worst.name}`
    : rounding.get(cause.unit) === Infinity
      ? `: ${cause.unit.path} overflows`
      : `: most of it from the rounding of ${cause.unit.path}, ${rounding.get(cause.unit)!.toPrecision(3)} there`;
  return new InputError(
    worst.name,
    `computed to eps = ${eps} in ${format.name}`,
    `a bound of ${bound.toPrecision(3)}${because}`,
  );
};

const circuitOf = (
  { inputs, fields, eps }: CircuitOptions,
  plan: Plan,
  outputs: readonly Output[],
  { blocks, errors, bounds, bound, lambda }: Analysis,
  format: Format,
  accumulate: Accumulation,
): Circuit => {
  const valueOf = ({ lo, hi, integer, lipschitz }: Node, error: number): CircuitValue => ({
    lo,
    hi,
    integer,
    bound: error,
    lipschitz,
  });
  const widths = [
    ...plan.inputs.map((name) => [name, 1] as const),
    [ONE, 1] as const,
    ...plan.units.map((unit, at) => [`${at + 1}: ${unit.path}`, 1] as const),
    ...[...plan.outputs].map(([name, nodes]) => [name, nodes.length] as const),
  ];
  return {
    network: { kind: 'sequential', layers: blocks },
    stream: new Fields(Object.fromEntries(widths)),
    inputs,
    fields,
    outputs: Object.fromEntries(
      [...plan.outputs.keys()].map((name) => [
        name,
        outputs.filter((output) => output.name === name).map((output) => valueOf(output.node, bounds.get(output)!)),
      ]),
    ),
    nodes: plan.nodes.map((node) => ({ path: node.path, ...valueOf(node, errors(node)) })),
    kinks: plan.units.flatMap((unit) =>
      (unit.kinks ?? []).map(({ of, steepness }) => ({ path: unit.path, of, lambda: lambda(unit) * steepness })),
    ),
    comparisons: plan.units.flatMap(({ comparison }) => comparison ?? []),
    bound,
    eps,
    format,
    accumulate,
  };
};
