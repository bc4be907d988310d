/**
 * The composed functions of an arithmetic whose numbers are doubles, compiled from their one definition with the
 * operations of that arithmetic written inline. Closures shared by several formats run several times slower: the engine
 * cannot inline what a call site has seen in many forms.
 */
import { composeSteps, stepConstants, type Composed, type Primitives, type Steps } from './arithmetic.ts';
import { compileFunction, type Emitter, type Stage, type Staged } from './stage.ts';

const literal = (x: number): Staged => `${x}` as Staged; // the shortest digits that identify a double

const stepsIn = (k: Stage, p: Primitives<number>): Steps<Staged> => {
  const { zero, one, half, rootOfHalf, softplusThreshold } = stepConstants(p);
  return {
    zero: literal(zero),
    one: literal(one),
    half: literal(half),
    rootOfHalf: literal(rootOfHalf),
    softplusThreshold: literal(softplusThreshold),
    add: (x, y) => k.add(x, y),
    mul: (x, y) => k.mul(x, y),
    div: (x, y) => k.div(x, y),
    neg: (x) => k.call('neg', x),
    abs: (x) => k.call('abs', x),
    exp: (x) => k.call('exp', x),
    log1p: (x) => k.call('log1p', x),
    erf: (x) => k.call('erf', x),
    choose: (x, y, yes, no) => k.choose(`${x} < ${y}`, yes, no),
  };
};

/** Where rounding makes σ constant. */
export interface Tails {
  /** Below it e^x is 0. */
  readonly vanishes: number;
  /** Above it 1 + e^(−x) is 1. */
  readonly saturates: number;
}

/** The composed functions over primitives `p`, which `emitter` calls. */
export const composeDoubles = (
  p: Primitives<number>,
  emitter: Emitter,
  { vanishes, saturates }: Tails,
): Composed<number> => {
  const functionsIn = (k: Stage): Composed<Staged> => {
    const steps = stepsIn(k, p);
    const composed = composeSteps(steps);
    /** x·σ(x) where σ is 1 or 0: gates mostly are there. */
    const inTails = (x: Staged, otherwise: () => Staged): Staged =>
      k.choose(
        `${x} > ${saturates}`,
        () => steps.mul(x, steps.one),
        () => k.choose(`${x} < ${vanishes}`, () => steps.mul(x, steps.zero), otherwise),
      );
    return { ...composed, silu: (x) => inTails(x, () => composed.silu(x)) };
  };
  const compiled = <Name extends keyof Composed<number>>(name: Name): Composed<number>[Name] =>
    compileFunction(name, (k) => functionsIn(k)[name], emitter) as Composed<number>[Name];
  return {
    sigmoid: compiled('sigmoid'),
    silu: compiled('silu'),
    phi: compiled('phi'),
    gelu: compiled('gelu'),
    softplus: compiled('softplus'),
    torchSoftplus: compiled('torchSoftplus'),
    relu: compiled('relu'),
    max: compiled('max'),
  };
};
