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
import { MODES, type Accumulation } from '../arithmetic/arithmetic.ts';
import { FORMAT_NAMES, formatByName, FP32, type Format } from '../arithmetic/format.ts';
import { InputError } from '../input-error.ts';
import { Fields } from '../network/fields.ts';
import type { Sequential } from '../network/layer.ts';
import { ACTIVATIONS, type CircuitActivation } from './activation.ts';
import { analyse, unanalysed, type Analysis } from './analysis.ts';
import type { Definitions, Expression, InputRange } from './expression.ts';
import { ONE, type Comparison, type Node, type Target, type Unit } from './node.ts';
import { NodeErrors } from './node-errors.ts';
import { planOf } from './plan.ts';
import { settingOf, type Setting } from './setting.ts';
import { attempt, steepnessFor, unaskedSteepness, type Steepness } from './steepness.ts';

export interface CircuitOptions {
  readonly inputs: Readonly<Record<string, InputRange>>;
  /** Definitions by name; each becomes a field of the stream. They may refer to each other with `field`. */
  readonly fields: Definitions;
  /**
   * Largest error allowed of any component of any field, against the exact value of its expression. Infinity asks for
   * none: the circuit is built for integers, which saturated units keep in most formats, and nothing is promised.
   */
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
/**
 * Shares of ε that approximation may take, one after the other: steeper parts pass on less of the rounding before them,
 * but round more themselves.
 */
const SHARES = [3 / 4, 1 / 4, 2 ** -6, 2 ** -12, 2 ** -20, 2 ** -30, 2 ** -40];
/** A steeper circuit is worth having where the bound is so many times that without rounding, and if it halves the bound. */
const MOST_ROUNDING = 64;

export const compileCircuit = (options: CircuitOptions): Circuit => {
  const { inputs, fields, eps, target = 'mamba', accumulate = 'own' } = options;
  const activation = target === 'mamba' ? 'silu' : (options.activation ?? 'silu');
  assertOptions(options, target, activation, accumulate);
  const format = formatFor(options.format ?? 'fp64', accumulate);
  // In narrow formats saturation keeps integers exact, and quarters would cost two bits of their range.
  const style = { target, activation, flatten: format.p === 53 };
  const plan = planOf(inputs, fields, style);
  const setting = settingOf(plan, style, format, accumulate);
  const best = eps === Infinity ? unanalysed(setting, unaskedSteepness(setting)) : nearest(setting, eps);
  if (best.bound <= eps) return circuitOf(options, setting, best);
  throw outOfReach(setting, best, eps);
};

const assertOptions = (
  options: CircuitOptions,
  target: Target,
  activation: CircuitActivation,
  accumulate: Accumulation,
): void => {
  for (const [option, value, choices] of [
    ['target', target, TARGETS],
    ['activation', activation, Object.keys(ACTIVATIONS)],
    ['accumulate', accumulate, MODES],
  ] as const)
    if (!(choices as readonly string[]).includes(value))
      throw new InputError(option, `one of ${choices.join(', ')}`, String(value));
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) throw new InputError('an option', `one of ${OPTIONS.join(', ')}`, unknown);
  const { inputs, fields, eps } = options;
  for (const [option, value] of Object.entries({ inputs, fields }))
    if (typeof (value as unknown) !== 'object' || value === null)
      throw new InputError(option, 'given by name', String(value));
  if (target === 'mamba' && options.activation !== undefined && options.activation !== 'silu')
    throw new InputError('activation', 'silu in a Mamba block', options.activation);
  if (!(typeof eps === 'number' && eps > 0)) throw new InputError('eps', 'a number above 0', String(eps));
};

const formatFor = (name: string, accumulate: Accumulation): Format => {
  const format = formatByName(name);
  if (!format) throw new InputError('format', `one of ${FORMAT_NAMES.join(', ')} or p<k> with 2 ≤ k ≤ 53`, name);
  if (accumulate === 'fp32' && format.p > FP32.p)
    throw new InputError('format', `one of at most ${FP32.p} bits for fp32 accumulation`, name);
  return format;
};

/** The first circuit within ε, or the nearest to it; steeper where that halves a bound that is mostly rounding. */
const nearest = (setting: Setting, eps: number): Analysis => {
  let best: Analysis | undefined;
  let failure: InputError | undefined;
  for (const next of candidates(setting, eps)) {
    if (next instanceof InputError) {
      failure ??= next;
      if (best) break;
      continue;
    }
    const better = !best || !(best.bound <= (best.bound > eps ? next.bound : 2 * next.bound));
    if (!best || better) best = next;
    // More steepness does not help against rounding that does not come from before.
    if (best.bound <= eps && (!better || best.bound <= MOST_ROUNDING * best.approximation)) break;
  }
  if (!best) throw failure;
  return best;
};

/** Steeper and steeper circuits, or why they cannot be bounded. */
function* candidates(setting: Setting, eps: number): Generator<Analysis | InputError> {
  let last: Steepness | undefined;
  for (const share of SHARES) {
    const steepness = attempt(() => steepnessFor(setting, eps * share));
    if (steepness instanceof InputError) {
      yield steepness;
      continue;
    }
    if (last && isSame(setting.plan.units, last, steepness)) continue;
    last = steepness;
    yield attempt(() => analyse(setting, steepness));
  }
}
const isSame = (units: readonly Unit[], x: Steepness, y: Steepness): boolean =>
  units.every((unit) => x.lambda(unit) === y.lambda(unit));

/** How many of the units that round most are tried as the cause of a bound. */
const SUSPECTS = 32;

/** The unit without whose rounding the bound of a node would be least. */
const causeOf = ({ plan }: Setting, node: Node, { lambda, rounding }: Analysis): Cause | undefined =>
  [...plan.units]
    .sort((x, y) => rounding.get(y)! - rounding.get(x)!)
    .slice(0, SUSPECTS)
    .map((unit) => {
      const others = (other: Unit): number => (other === unit ? 0 : rounding.get(other)!);
      const { of } = new NodeErrors(plan, { lambda, rounding: others }, () => 0).settle();
      return { unit, without: of(node) };
    })
    .reduce<Cause | undefined>((x, y) => (x && !(y.without < x.without) ? x : y), undefined);
interface Cause {
  readonly unit: Unit;
  /** The bound without its rounding. */
  readonly without: number;
}

const outOfReach = (setting: Setting, analysis: Analysis, eps: number): InputError => {
  const { outputs, format } = setting;
  const { bounds, rounding } = analysis;
  const worst = outputs.reduce((x, y) => (bounds.get(x)! >= bounds.get(y)! ? x : y));
  const bound = bounds.get(worst)!;
  const cause = causeOf(setting, worst.node, analysis);
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
  { plan, outputs, format, accumulate }: Setting,
  { blocks, errors, bounds, bound, lambda }: Analysis,
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
