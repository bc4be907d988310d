/** Comparisons with 0: of an integer, by a spline, or of a real number that keeps away from 0, by a ramp. */
import { InputError } from '../input-error.ts';
import type { PlanBuilder } from './builder.ts';
import { add, sub, type Expression } from './expression.ts';
import { robust, splineNode } from './integers.ts';
import { channelsOf, rampKinks } from './kink-sum.ts';
import type { Comparison, Node, Unit } from './node.ts';
import { sizeOf } from './ranges.ts';
import { stepSpline, zeroSpline, type Spline } from './spline.ts';

/** A comparison that is a node of its own, by `indicator`, or part of a selection. */
export type Condition =
  | { readonly kind: 'integer'; readonly of: Node; readonly spline: Spline }
  | { readonly kind: 'real'; readonly of: Node; readonly comparison: Comparison };

/** 1[x.of ≥ 0] or 1[x.of = 0], for x.of that became `of`. */
export const conditionOf = (
  builder: PlanBuilder,
  x: Expression & { kind: 'step' | 'zero' },
  of: Node,
  path: string,
): Condition => {
  if (of.integer) {
    const spline = x.kind === 'zero' ? zeroSpline(of.lo, of.hi) : stepSpline(of.lo, of.hi);
    return { kind: 'integer', of, spline: robust(builder, of, spline) };
  }
  if (x.kind === 'zero') throw new InputError(path, 'an integer', 'a real number');
  const margin = x.margin ?? of.margin;
  if (margin === undefined || !(margin > 0))
    throw new InputError(
      path,
      'a comparison of integers, or of real numbers with a margin above 0',
      `margin ${margin ?? 'none'}`,
    );
  if (margin > sizeOf(of))
    throw new InputError(path, `a margin of at most ${sizeOf(of)}, the largest value`, String(margin));
  return { kind: 'real', of, comparison: { of: x.of, margin } };
};

/** A condition as a node that is 0 or 1. */
export const indicator = (builder: PlanBuilder, condition: Condition, path: string): Node => {
  const { of } = condition;
  if (condition.kind === 'integer') return splineNode(builder, of, condition.spline, path);
  if (of.lo >= 0) return builder.constant(1, path);
  if (of.hi <= 0) return builder.constant(0, path);
  const { margin } = condition.comparison;
  const ramp = rampKinks(builder.facts, margin, path);
  const unit = builder.unit(
    `step ${ramp.key}`,
    {
      path,
      lo: 0,
      hi: 1,
      integer: true,
      ...bendsOf(condition.comparison),
      approximation: ramp.error,
      drift: (lambda, error) => ramp.drift(lambda, error(of)),
      channels: (lambda) => channelsOf(ramp, of.form, builder.one, lambda),
    },
    [of],
  );
  return builder.unitNode(unit, of.lipschitz / margin, [of], path);
};

/** What a unit that compares says of itself: it is worst at the edges of its margin. */
export const bendsOf = (comparison: Comparison): Pick<Unit, 'kinks' | 'comparison'> => {
  const { of, margin } = comparison;
  return { kinks: [sub(of, margin), add(of, margin)].map((edge) => ({ of: edge, steepness: 1 / margin })), comparison };
};
