/** ReLU, and what is one ReLU and a linear form: |x|, min, max. */
import type { PlanBuilder } from './builder.ts';
import { kinkError, throughKink } from './errors.ts';
import { sub, type Expression } from './expression.ts';
import { scaledForm, type StreamForm } from './forms.ts';
import type { Node, Unit } from './node.ts';
import { sizeOf } from './ranges.ts';

/** ReLU of a node, which is what `argument` became. */
const reluUnit = (builder: PlanBuilder, of: Node, argument: Expression, path: string): Unit => {
  const { facts } = builder;
  return builder.unit(
    'relu',
    {
      path,
      lo: Math.max(of.lo, 0),
      hi: Math.max(of.hi, 0),
      integer: of.integer,
      ...(!of.integer && { kinks: [{ of: argument, steepness: 1 }] }),
      approximation: (lambda) => kinkError(facts, lambda, of.integer),
      drift: (_, error) => facts.slope.hi * error(of),
      channels: (lambda) => [{ x: scaledForm(of.form, lambda), weight: 1 / lambda }],
    },
    [of],
  );
};

const NO_LINE: StreamForm = new Map();

/** ReLU(x) or |x| = 2 ReLU(x) − x. */
export const folded = (
  builder: PlanBuilder,
  kind: 'relu' | 'abs',
  of: Node,
  argument: Expression,
  path: string,
): Node => {
  if (of.lo >= 0) return of;
  if (of.hi <= 0) return kind === 'relu' ? builder.constant(0, path) : builder.sum([[-1, of]], path);
  const unit = reluUnit(builder, of, argument, path);
  const [weight, line] = kind === 'relu' ? [1, NO_LINE] : [2, scaledForm(of.form, -1)];
  const { form, loss } = builder.withUnit(line, unit, weight);
  return builder.add(
    {
      path,
      lo: 0,
      hi: kind === 'relu' ? of.hi : sizeOf(of),
      integer: of.integer,
      form,
      loss: loss + (kind === 'relu' ? 0 : of.loss),
      lipschitz: of.lipschitz,
      error: (error, choices) =>
        loss +
        weight * choices.rounding(unit) +
        throughKink(builder.facts, choices.lambda(unit), {
          integer: of.integer,
          incoming: error(of),
          argument: error(of),
          weight,
        }),
    },
    [of],
  );
};

/** min(x, y) = x − ReLU(x − y), max(x, y) = y + ReLU(x − y). */
export const extremum = (
  builder: PlanBuilder,
  { kind, ...expressions }: Expression & { kind: 'min' | 'max' },
  left: Node,
  right: Node,
  path: string,
): Node => {
  const [low, high] = kind === 'min' ? [left, right] : [right, left];
  const difference = builder.difference(left, right, path);
  if (difference.hi <= 0) return low;
  if (difference.lo >= 0) return high;
  const unit = reluUnit(builder, difference, sub(expressions.left, expressions.right), path);
  const [line, sign] = kind === 'min' ? [left, -1] : [right, 1];
  const { form, loss } = builder.withUnit(line.form, unit, sign);
  return builder.add(
    {
      path,
      lo: Math[kind](left.lo, right.lo),
      hi: Math[kind](left.hi, right.hi),
      integer: left.integer && right.integer,
      form,
      loss: loss + line.loss,
      lipschitz: Math.max(left.lipschitz, right.lipschitz),
      error: (error, choices) =>
        loss +
        difference.loss +
        choices.rounding(unit) +
        throughKink(builder.facts, choices.lambda(unit), {
          integer: difference.integer,
          incoming: Math.max(error(left), error(right)),
          argument: error(difference),
          weight: 1,
        }),
    },
    [left, right, difference],
  );
};
