/** Functions of an integer: tables, quotients, comparisons, each a line and a unit that holds the kinks of a spline. */
import { addDown, addUp, productError } from '../arithmetic/error-free.ts';
import { InputError } from '../input-error.ts';
import type { PlanBuilder } from './builder.ts';
import { ownError } from './errors.ts';
import { formOf } from './forms.ts';
import { channelsOf, splineKinks } from './kink-sum.ts';
import type { Node, Unit } from './node.ts';
import { describe } from './operands.ts';
import { scaled, UP, widened } from './ranges.ts';
import { levelled, splineThrough, stairs, type Spline } from './spline.ts';

const MOST_STAIRS = 100_000;

/** values[of − first]. */
export const table = (builder: PlanBuilder, of: Node, first: number, values: readonly number[], path: string): Node => {
  if (!Number.isInteger(first)) throw new InputError(`${path}.first`, 'an integer', String(first));
  if (!Array.isArray(values)) throw new InputError(path, 'a table that is an array of numbers', describe(values));
  const last = first + values.length - 1;
  if (of.lo < first || of.hi > last)
    throw new InputError(
      path,
      `a table with an entry for every key in ${of.lo} … ${of.hi}`,
      `entries for ${first} … ${last}`,
    );
  for (let at = 0; at < values.length; at++)
    if (!Number.isFinite(values[at])) throw new InputError(`${path}[${first + at}]`, 'a number', String(values[at]));
  const spline = splineThrough(of.lo, values.slice(of.lo - first, of.hi - first + 1));
  return splineNode(builder, of, robust(builder, of, spline), path);
};

/** ⌊of / by⌋. */
export const quotient = (builder: PlanBuilder, of: Node, by: number, path: string): Node => {
  if (!Number.isInteger(by) || by < 1) throw new InputError(path, 'a division by an integer of at least 1', String(by));
  if (by === 1) return of;
  const base = Math.floor(of.lo / by);
  const count = Math.floor(of.hi / by) - base;
  if (count > MOST_STAIRS) throw new InputError(path, `a quotient with at most ${MOST_STAIRS} steps`, String(count));
  const ups = Array.from({ length: count }, (_, at) => (base + at + 1) * by);
  return splineNode(builder, of, robust(builder, of, stairs(of.lo, of.hi, base, ups)), path);
};

/** The spline, or a flat one with the same values where an integer that is itself approximate asks for it. */
export const robust = ({ style }: PlanBuilder, of: Node, spline: Spline): Spline =>
  style.flatten && of.level > 0 && spline.kinks.length > 0 ? levelled(spline) : spline;

/** base + slope·(t − lo) + Σ c_k ReLU(t − k) of an integer t. */
export const splineNode = (builder: PlanBuilder, of: Node, spline: Spline, path: string): Node => {
  const { base, slope, lo, kinks } = spline;
  const constantForm = formOf([[builder.one, 1]]);
  const line = builder.combined([
    [slope, of.form],
    [base, constantForm],
    [-slope * lo, constantForm],
  ]);
  if (kinks.length === 0 && slope === 0) return builder.constant(base, path);
  // −slope·lo is rounded once more.
  const ownLoss = line.loss + Math.abs(productError(slope, lo, slope * lo));
  const common = (loss: number) => ({
    path,
    lo: spline.least,
    hi: spline.greatest,
    integer: [base, slope, ...kinks.map(({ change }) => change)].every(Number.isInteger),
    loss: (spline.loss + loss + Math.abs(slope) * of.loss) * UP,
  });
  if (kinks.length === 0)
    return builder.add(
      {
        ...common(ownLoss),
        form: line.form,
        lipschitz: Math.abs(slope) * of.lipschitz,
        error: (error) => spline.loss + ownLoss + Math.abs(slope) * error(of),
      },
      [of],
    );
  const unit = splineUnit(builder, of, spline, path);
  const { drift } = splineKinks(builder.facts, spline, path);
  const whole = builder.withUnit(line.form, unit, 1);
  const loss = ownLoss + whole.loss;
  return builder.add(
    {
      ...common(loss),
      form: whole.form,
      lipschitz: spline.lipschitz * of.lipschitz,
      error: (error, choices) =>
        spline.loss + loss + ownError(unit, error, choices) + drift(choices.lambda(unit), error(of)),
    },
    [of],
  );
};

/** The part of a spline that is not linear. */
const splineUnit = (builder: PlanBuilder, of: Node, spline: Spline, path: string): Unit => {
  const sum = splineKinks(builder.facts, spline, path);
  const line = scaled({ lo: 0, hi: spline.hi - spline.lo }, spline.slope);
  const beside = {
    lo: addDown(addDown(spline.least, -spline.base), -line.hi),
    hi: addUp(addUp(spline.greatest, -spline.base), -line.lo),
  };
  return builder.unit(
    `spline ${sum.key}`,
    {
      path,
      ...widened(beside, spline.loss),
      integer: spline.kinks.every(({ change }) => Number.isInteger(change)),
      approximation: sum.error,
      // The drift of the spline is that of unit and line together.
      drift: (lambda, error) => sum.drift(lambda, error(of)) + Math.abs(spline.slope) * error(of),
      channels: (lambda) => channelsOf(sum, of.form, builder.one, lambda),
    },
    [of],
  );
};
