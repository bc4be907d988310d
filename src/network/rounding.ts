/** Rounding bounds of a network before it is run: for every output on every sequence from a box, in one format. */
import { vectorOf, type Accumulation } from '../arithmetic/arithmetic.ts';
import type { Format } from '../arithmetic/format.ts';
import { roundingArithmetic, type Rounded } from '../arithmetic/rounding.ts';
import type { Layer } from './layer.ts';
import { compile, type CompileOptions } from './machine.ts';

/** Where one component of a token may lie; `integer`: at integers only. */
export interface Side {
  readonly lo: number;
  readonly hi: number;
  readonly integer?: boolean;
}

/** An output: exactly within [lo, hi], and as the format computes it no farther than `error` from there. */
export type OutputBound = Pick<Rounded, 'lo' | 'hi' | 'error'>;

/** Bounds of the outputs [length, outputs] for tokens from a box [length, inputs]. */
export const roundingBounds = (
  layer: Layer,
  box: readonly Side[],
  format: Format,
  mode: Accumulation = 'own',
  options: CompileOptions = {},
): OutputBound[] => {
  const A = roundingArithmetic(format, mode);
  const machine = compile(layer, A, options);
  const length = box.length / machine.inputs;
  if (!Number.isInteger(length))
    throw new RangeError(`expected tokens of ${machine.inputs} components, got ${box.length} in all`);
  const x = vectorOf(A, box.length, (i) => A.input(box[i]!.lo, box[i]!.hi, box[i]!));
  const y = machine.run(x, length, machine.initialState());
  return Array.from({ length: y.length }, (_, i) => {
    const { lo, hi, error } = A.get(y, i);
    return { lo, hi, error };
  });
};
