/** A circuit as an experiment: all inputs of its ranges, and how far one of its fields is from what it means. */
import type { Arithmetic } from '../arithmetic/arithmetic.ts';
import { largest } from '../arithmetic/arithmetic.ts';
import { float64 } from '../arithmetic/float64.ts';
import type { Experiment } from '../claim/claim.ts';
import { integers, reals, type AnyPoint, type Axis, type Domain } from '../claim/domain.ts';
import { InputError } from '../input-error.ts';
import type { Circuit } from './compile.ts';
import type { InputRange } from './expression.ts';
import { idealValues } from './ideal.ts';
import { CircuitRunner } from './run.ts';

/** The name of the axis that holds the sign of an input with a margin. */
const signOf = (name: string): string => `sign of ${name}`;

const axesOf = (name: string, { lo, hi, integer, margin }: InputRange): [string, Axis][] => {
  if (integer) return [[name, integers(lo, hi)]];
  if (margin === undefined) return [[name, reals(lo, hi)]];
  if (lo > -margin) return [[name, reals(margin, hi)]];
  if (hi < margin) return [[name, reals(lo, -margin)]];
  // Both signs reach from the margin to their end: a point t in [0, 1] between them.
  return [
    [name, reals(0, 1)],
    [signOf(name), integers(0, 1)],
  ];
};

/** The inputs at a point of the domain, as doubles. */
const inputsAt = (circuit: Circuit, point: AnyPoint): Record<string, number> =>
  Object.fromEntries(
    Object.entries(circuit.inputs).map(([name, { lo, hi, margin }]) => {
      const x = point[name] as number;
      const sign = point[signOf(name)];
      if (sign === undefined) return [name, x];
      const [from, to] = sign === 0 ? [margin!, hi] : [-margin!, lo];
      return [name, x === 1 ? to : from + x * (to - from)];
    }),
  );

/** The names of the axes beside those of the inputs, primed where an input has the same. */
const tieNames = ({ inputs }: Circuit): { tie: string; moved: string; offset: string } => {
  const free = (name: string): string => (Object.hasOwn(inputs, name) ? free(`${name}′`) : name);
  return { tie: free('tie'), moved: free('moved'), offset: free('offset') };
};

/** Axes that move one real input until what bends, if there is something that it can reach, is `offset`/λ from there. */
const tieAxes = (circuit: Circuit, movable: readonly string[]): [string, Axis][] => {
  const { tie, moved, offset } = tieNames(circuit);
  return circuit.kinks.length === 0 || movable.length === 0
    ? []
    : [
        [tie, integers(0, circuit.kinks.length)],
        [moved, integers(0, movable.length - 1)],
        [offset, reals(-MOST_OFFSET, MOST_OFFSET)],
      ];
};
/** SiLU is furthest from ReLU at 1.28 and GELU at 0.75; beyond this, both errors are below a tenth of that. */
const MOST_OFFSET = 6;
const HALVINGS = 60;

/** Where f changes sign in [lo, hi], to the last double; undefined if its ends have one sign. */
const rootOf = (f: (x: number) => number, lo: number, hi: number): number | undefined => {
  const rises = f(hi) > 0;
  if (f(lo) > 0 === rises) return undefined;
  let [below, above] = [lo, hi];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = below + (above - below) / 2;
    if (f(middle) > 0 === rises) above = middle;
    else below = middle;
  }
  return below;
};

/** The inputs with one of them moved as the tie axes say. */
const tied = (
  circuit: Circuit,
  movable: readonly string[],
  inputs: Record<string, number>,
  point: AnyPoint,
): Record<string, number> => {
  const names = tieNames(circuit);
  const kink = circuit.kinks[Number(point[names.tie] ?? 0) - 1];
  const name = movable[Number(point[names.moved])];
  const offset = Number(point[names.offset]);
  if (!kink || name === undefined) return inputs;
  const at = (x: number): number =>
    idealValues(float64, circuit.fields, { ...inputs, [name]: x }).valueOf(kink.of) - offset / kink.lambda;
  const { lo, hi } = circuit.inputs[name]!;
  const root = rootOf(at, lo, hi);
  return root === undefined ? inputs : { ...inputs, [name]: root };
};

/** Whether a comparison of real numbers is inside its margin there, where nothing is promised. */
const isInsideMargin = ({ comparisons, fields }: Circuit, inputs: Record<string, number>): boolean => {
  if (comparisons.length === 0) return false;
  const { valueOf } = idealValues(float64, fields, inputs);
  return comparisons.some(({ of, margin }) => Math.abs(valueOf(of)) < margin);
};

/**
 * The largest error over the components of the field `name`, against the exact value of its expression. Its domain is the
 * ranges of the inputs, with axes beside them that lead to ties and edges of margins, where errors hide. Inside a margin
 * it measures 0.
 */
export const circuitExperiment = <T>(circuit: Circuit, A: Arithmetic<T>, name: string): Experiment<T> => {
  const parts = Object.hasOwn(circuit.outputs, name) ? circuit.outputs[name] : undefined;
  if (!parts) throw new InputError('a field', `one of ${Object.keys(circuit.outputs).join(', ')}`, name);
  const runner = new CircuitRunner(circuit, A);
  const ranges = Object.entries(circuit.inputs);
  const movable = ranges.flatMap(([input, { integer, margin }]) => (integer || margin !== undefined ? [] : [input]));
  const domain: Domain = Object.fromEntries([
    ...ranges.flatMap(([input, range]) => axesOf(input, range)),
    ...tieAxes(circuit, movable),
  ]);
  return {
    domain,
    measure: (point) => {
      const inputs = tied(circuit, movable, inputsAt(circuit, point), point);
      if (isInsideMargin(circuit, inputs)) return A.zero;
      const given = Object.fromEntries(Object.entries(inputs).map(([input, x]) => [input, A.from(x)]));
      const computed = runner.one(given);
      const meant = idealValues(A, circuit.fields, given);
      return largest(
        A,
        parts.map((_, at) => A.abs(A.sub(computed(name, at), meant.field(name, at)))),
      );
    },
  };
};
