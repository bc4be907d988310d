/** when ? then : otherwise, as otherwise + when·(then − otherwise), with a product whose first factor is 0 or 1. */
import { nextPowerOfTwo } from '../arithmetic/format.ts';
import { InputError } from '../input-error.ts';
import type { PlanBuilder } from './builder.ts';
import { bendsOf, type Condition } from './comparisons.ts';
import { assertArgument, ownError, tailFrom } from './errors.ts';
import { scaledForm, shifted, type StreamForm } from './forms.ts';
import { channelsOf, powerBelow, rampKinks, splineKinks, type KinkSum } from './kink-sum.ts';
import type { Comparison, Errors, Node, Target, Unit } from './node.ts';
import { gatedProduct } from './products.ts';
import { sizeOf } from './ranges.ts';

/** What selects: a node that is 0 or 1, or a condition that needs no unit of its own. */
export interface Switch {
  readonly of: Node;
  /** Makes the 0 or 1 from `of`, which it is where absent. */
  readonly sum?: KinkSum;
  readonly comparison?: Comparison;
  /** weight · z for a form z that is at least 1 where `then` is selected, at most −1 where `otherwise` is. */
  readonly sign: (weight: number) => StreamForm;
  /** The least |z| for an `of` without error. */
  readonly least: number;
  /** How far an error of `of` moves z. */
  readonly signDrift: (error: number) => number;
}

export const bitSwitch = ({ one }: PlanBuilder, of: Node): Switch => ({
  of,
  sign: (weight) => shifted(of.form, 2 * weight, one, -weight),
  least: 1,
  signDrift: (error) => 2 * error,
});

export const conditionSwitch = ({ facts, one }: PlanBuilder, condition: Condition, path: string): Switch => {
  const { of } = condition;
  if (condition.kind === 'integer') {
    const { spline } = condition;
    return {
      of,
      sum: splineKinks(facts, spline, path),
      // The second kink of a step lies at the first integer s that is selected, or just before it: z = 2(t − s) + 1.
      sign: (weight) => shifted(of.form, 2 * weight, one, weight * (1 - 2 * Math.ceil(spline.kinks[1]!.at))),
      least: 1,
      signDrift: (error) => 2 * error,
    };
  }
  const { comparison } = condition;
  return {
    of,
    sum: rampKinks(facts, comparison.margin, path),
    comparison,
    sign: (weight) => scaledForm(of.form, weight / powerBelow(comparison.margin)),
    least: comparison.margin / powerBelow(comparison.margin),
    signDrift: (error) => error / powerBelow(comparison.margin),
  };
};

/** Kinks of a condition up to which a Mamba block makes a product with it: each takes two channels. */
const MOST_FUSED_KINKS = 4;

/** Whether a product with the condition is one unit. */
export const isFusable = (condition: Condition, target: Target): boolean => {
  if (condition.kind === 'real') return condition.of.lo < 0 && condition.of.hi > 0;
  const { kinks, base, slope, least, greatest } = condition.spline;
  const isStep = kinks.length === 2 && kinks[0]!.change === -kinks[1]!.change;
  const isSimple = base === 0 && slope === 0 && least === 0 && greatest === 1 && kinks.length > 0;
  return isSimple && (target === 'mlp' ? isStep : kinks.length <= MOST_FUSED_KINKS);
};

export interface Branches {
  readonly then: Node;
  readonly otherwise: Node;
  /** then − otherwise. */
  readonly difference: Node;
}

export const selection = (
  builder: PlanBuilder,
  when: Switch,
  { then, otherwise, difference }: Branches,
  path: string,
): Node => {
  const { of, sum } = when;
  const product = (builder.style.target === 'mamba' ? gatedSwitch : hiddenSwitch)(builder, when, difference, path);
  const unit = builder.unit(
    `switch ${sum?.key ?? ''}`,
    {
      path,
      lo: Math.min(0, difference.lo),
      hi: Math.max(0, difference.hi),
      integer: difference.integer,
      ...(when.comparison && bendsOf(when.comparison)),
      ...product,
      drift: (lambda, error) => error(difference) * 2 + product.drift(lambda, error),
    },
    [of, difference],
  );
  const steepness = sizeOf(difference) * (sum?.lipschitz ?? 1);
  const { form, loss } = builder.withUnit(otherwise.form, unit, 1);
  return builder.add(
    {
      path,
      lo: Math.min(then.lo, otherwise.lo),
      hi: Math.max(then.hi, otherwise.hi),
      integer: then.integer && otherwise.integer,
      form,
      loss: loss + otherwise.loss,
      lipschitz: Math.max(then.lipschitz, otherwise.lipschitz) + steepness * of.lipschitz,
      error: (error, choices) =>
        Math.max(error(then), error(otherwise)) +
        loss +
        difference.loss +
        ownError(unit, error, choices) +
        product.drift(choices.lambda(unit), error),
    },
    [then, otherwise, difference, of],
  );
};

/** when·w. Its drift is what the error of `when` does, beside that of w. */
type Product = Pick<Unit, 'exact' | 'approximation' | 'drift' | 'channels'>;

/** By the gates of a Mamba block: SiLU(±w) times each kink. */
const gatedSwitch = ({ one }: PlanBuilder, { of, sum }: Switch, w: Node): Product => {
  const sizeWith = (error: Errors): number => sizeOf(w) + error(w);
  if (!sum) return { ...gatedProduct(of, w), drift: (_, error) => sizeWith(error) * error(of) };
  return {
    approximation: (lambda, error) => sizeWith(error) * sum.error(lambda),
    drift: (lambda, error) => sizeWith(error) * sum.drift(lambda, error(of)),
    channels: (lambda) =>
      channelsOf(sum, of.form, one, lambda).flatMap(({ x: gate, weight }) =>
        [1, -1].map((sign) => ({ x: scaledForm(w.form, sign), gate, weight: sign * weight })),
      ),
  };
};

/**
 * An MLP's product is ReLU(w + Kz) − ReLU(Kz), |z| ≥ 1 (L3). With K ≥ 4|w| both arguments keep a distance of K|z| − |w|
 * from the kink, on one side of it, so that their errors have one sign; half of 3|w| for |z| ≥ ¾ and a w half as large again.
 */
const STEEPNESS = 4;
/** How far z may be off. */
const SIGN_REACH = 1 / 4;

const hiddenSwitch = (builder: PlanBuilder, { of, sign, least, signDrift }: Switch, w: Node, path: string): Product => {
  const { facts } = builder;
  // A power of two, so that the weights of Kz are exact.
  const K = STEEPNESS * nextPowerOfTwo(sizeOf(w));
  const Kz = sign(K);
  const distanceFromKink = K * least - sizeOf(w);
  const { form: wPlusKz, loss } = builder.combined([
    [1, w.form],
    [1, Kz],
  ]);
  return {
    approximation: (lambda) => tailFrom(facts, lambda * distanceFromKink) / lambda + loss,
    drift: (lambda, error) => {
      const off = signDrift(error(of));
      assertArgument(off, SIGN_REACH, path);
      if (error(w) > sizeOf(w) / 2) throw new InputError(path, `values known to ${sizeOf(w) / 2}`, String(error(w)));
      const moved = K * off + error(w);
      const distance = distanceFromKink - K * off - error(w);
      return 2 * facts.slopeTail(Math.max(1, lambda * distance)) * moved;
    },
    channels: (lambda) => [
      { x: scaledForm(wPlusKz, lambda), weight: 1 / lambda },
      { x: scaledForm(Kz, lambda), weight: -1 / lambda },
    ],
  };
};
