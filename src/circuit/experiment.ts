/** A circuit as an experiment: all inputs of its ranges, and how far one of its fields is from what it means. */
import type { Arithmetic } from '../arithmetic/arithmetic.ts';
import { largest } from '../arithmetic/arithmetic.ts';
import { float64 } from '../arithmetic/float64.ts';
import type { Experiment } from '../claim/claim.ts';
import { integers, reals, type AnyPoint, type Axis, type Domain } from '../claim/domain.ts';
import type { Circuit } from './compile.ts';
import type { InputRange } from './expression.ts';
import { idealValues } from './ideal.ts';
import { CircuitRunner } from './run.ts';

/** The name of the axis that holds the sign of an input with a margin. */
const signOf = (name: string): string => `sign of ${name}`;

const axesOf = (name: string, { lo, hi, integer, margin }: InputRange): [string, Axis][] => {
  if (integer) return [[name, integers(lo, hi)]];
  if (margin === undefined || lo >= 0 || hi <= 0) return [[name, reals(lo, hi)]];
  // Both signs reach from the margin to their end: a point t in [0, 1] between them.
  return [
    [name, reals(0, 1)],
    [signOf(name), integers(hi >= margin ? 0 : 1, lo <= -margin ? 1 : 0)],
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
      return [name, from + x * (to - from)];
    }),
  );

/** Axes that move one real input until the argument of a ReLU, if there is one that it can reach, is `offset`/λ. */
const tieAxes = (circuit: Circuit, movable: readonly string[]): [string, Axis][] =>
  circuit.kinks.length === 0 || movable.length === 0
    ? []
    : [
        ['tie', integers(0, circuit.kinks.length)],
        ['moved', integers(0, movable.length - 1)],
        ['offset', reals(-MOST_OFFSET, MOST_OFFSET)],
      ];
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
  { tie, moved, offset }: AnyPoint,
): Record<string, number> => {
  const kink = circuit.kinks[Number(tie ?? 0) - 1];
  const name = movable[Number(moved)];
  if (!kink || name === undefined) return inputs;
  const at = (x: number): number =>
    idealValues(float64, circuit.fields, { ...inputs, [name]: x }).valueOf(kink.of) - Number(offset) / kink.lambda;
  const { lo, hi } = circuit.inputs[name]!;
  const root = rootOf(at, lo, hi);
  return root === undefined ? inputs : { ...inputs, [name]: root };
};

/**
 * The largest error over the components of the field `name`, against the exact value of its expression. Its domain is the
 * ranges of the inputs, with axes beside them that lead to ties, where the errors of ReLUs hide.
 */
export const circuitExperiment = <T>(circuit: Circuit, A: Arithmetic<T>, name: string): Experiment<T> => {
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
      const given = Object.fromEntries(Object.entries(inputs).map(([input, x]) => [input, A.from(x)]));
      const computed = runner.one(given);
      const meant = idealValues(A, circuit.fields, given);
      return largest(
        A,
        circuit.outputs[name]!.map((_, at) => A.abs(A.sub(computed(name, at), meant.field(name, at)))),
      );
    },
  };
};
