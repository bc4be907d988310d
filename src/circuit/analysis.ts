/**
 * Bounds of a circuit's errors in a number format. Block by block, a rounding arithmetic says how far the units that a
 * block writes may be from their values without rounding; the errors of the nodes follow.
 */
import { vectorOf } from '../arithmetic/arithmetic.ts';
import type { Format } from '../arithmetic/format.ts';
import { roundingArithmetic, type Rounded } from '../arithmetic/rounding.ts';
import type { Residual } from '../network/layer.ts';
import { compile } from '../network/machine.ts';
import { buildBlocks, copiedPart, sizeOfForm, type Output, type Shape } from './blocks.ts';
import type { InputRange } from './expression.ts';
import type { Errors, Unit } from './node.ts';
import { NodeErrors } from './node-errors.ts';
import { sizeOf, UP } from './ranges.ts';
import type { Setting } from './setting.ts';
import type { Steepness } from './steepness.ts';

export interface Analysis extends Steepness {
  readonly blocks: readonly Residual[];
  readonly errors: Errors;
  readonly rounding: ReadonlyMap<Unit, number>;
  readonly bounds: ReadonlyMap<Output, number>;
  /** The largest of them. */
  readonly bound: number;
}

export const analyse = (setting: Setting, { lambda, approximation }: Steepness): Analysis => {
  const { plan, outputs, shape, format, accumulate } = setting;
  const blocks = buildBlocks(plan, outputs, lambda, shape);
  const A = roundingArithmetic(format, accumulate);
  const casts = plan.inputs.map((name) => castError(plan.ranges[name]!, format));
  const stored: Rounded[] = [
    ...plan.inputs.map((name, at) => storedInput(plan.ranges[name]!, casts[at]!)),
    exactly(1),
    ...plan.units.map(() => exactly(0)),
    ...outputs.map(() => exactly(0)),
  ];
  const rounding = new Map<Unit, number>();
  const bounds = new Map<Output, number>();
  const nodes = new NodeErrors(plan, { lambda, rounding: (unit) => rounding.get(unit)! }, (input) => casts[input]!);
  const errors = nodes.settle(0).of;
  const leak = leakOf(shape);

  blocks.forEach((block, at) => {
    const level = at + 1;
    const machine = compile(block, A);
    const x = vectorOf(A, stored.length, (place) => stored[place]!);
    const y = machine.run(x, 1, machine.initialState());
    for (const unit of plan.units.filter((one) => one.level === level)) {
      const position = plan.positions.get(unit.place)!;
      const written = A.get(y, position);
      const leaked = leak * sizeOf(unit);
      rounding.set(unit, written.error + leaked);
      const own = unit.approximation(lambda(unit), errors) + unit.drift(lambda(unit), errors);
      stored[position] = storedUnit(unit, written, own + written.error + leaked);
    }
    nodes.settle(level);
    for (const output of outputs.filter((one) => one.level === level)) {
      const copied = leak * sizeOfForm(copiedPart(output, plan), plan) * 2;
      bounds.set(output, (errors(output.node) + A.get(y, output.position).error + copied) * UP);
    }
  });
  const bound = [...bounds.values()].reduce((x, y) => (x >= y ? x : y));
  return { blocks, lambda, approximation, errors, rounding, bounds, bound };
};

/** The blocks of a circuit whose error is not bounded. */
export const unanalysed = ({ plan, outputs, shape }: Setting, { lambda, approximation }: Steepness): Analysis => ({
  blocks: buildBlocks(plan, outputs, lambda, shape),
  lambda,
  approximation,
  errors: () => Infinity,
  rounding: new Map(),
  bounds: new Map(outputs.map((output) => [output, Infinity])),
  bound: Infinity,
});

/** What an ungated channel loses in a Mamba block, in parts: it is multiplied by σ(G) < 1. */
const leakOf = ({ target, gate }: Shape): number => (target === 'mamba' ? Math.exp(-gate) * UP : 0);

/** What casting an input into the format can change. */
const castError = (range: InputRange, { p, emin, max }: Format): number => {
  const size = sizeOf(range);
  if (size > max) return Infinity;
  if (p === 53 || (range.integer && size <= 2 ** p)) return 0;
  return size * 2 ** -p + (Number.isFinite(emin) ? 2 ** (emin - p) : 0);
};

const storedInput = ({ lo, hi, integer }: InputRange, cast: number): Rounded =>
  given(lo - cast, hi + cast, integer ? 0 : -Infinity);
/** `error`: how far the stored value may be from one in the range of the unit. */
const storedUnit = ({ lo, hi }: Unit, { low, high, grid, dust }: Rounded, error: number): Rounded =>
  given(Math.max(low, lo - error), Math.min(high, hi + error), grid, dust);
const exactly = (x: number): Rounded => given(x, x, x === 0 ? Infinity : 0);
/** A stored number that lies in [lo, hi], without its history: what a block does to it counts from here on. */
const given = (lo: number, hi: number, grid: number, dust = 0): Rounded => ({
  lo,
  hi,
  error: 0,
  low: lo,
  high: hi,
  grid,
  dust,
});
