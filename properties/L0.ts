/** L0: identity and linear maps through an activation, exactly; in a number format, to a few roundings (docs/theory.md §4). */
import type { Arithmetic } from '../src/arithmetic/arithmetic.ts';
import { formatByName } from '../src/arithmetic/format.ts';
import { realOf } from '../src/arithmetic/formula.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import { defineClaim, type Experiment } from '../src/claim/claim.ts';
import { BINARY_OR_REAL } from '../src/claim/format-conditions.ts';
import { reals, vectors } from '../src/claim/domain.ts';
import { choice, format, integer, real, REAL, type Values } from '../src/claim/parameters.ts';
import { ACTIVATIONS } from '../src/network/activation.ts';
import { linearMap } from '../constructions/lemma/L0.ts';
import { errorOf, evaluate, exactTo, scaled, weight, width } from '../src/lemma/quantities.ts';
import { mlp, type Linear, type Sequential } from '../src/network/layer.ts';

const parameters = {
  g: choice('activation', ACTIVATIONS),
  d: integer('inputs', { min: 1, max: 64 }),
  M: real('bound on the inputs', { min: '0', openMin: true }),
  format: format('number format'),
} as const;
type P = Values<typeof parameters>;

/** A row of the linear map; the largest entries that are allowed where it does not matter. */
const network = ({ g, d }: Pick<P, 'g' | 'd'>, row: readonly number[] = new Array<number>(d).fill(1)): Sequential =>
  linearMap(g, [row.map((w, i) => [i, w])], d);

/**
 * Roundings of a term w·g(±x) beside the 2d − 1 additions: w times it, x·σ and the two of σ (a quotient by 1 + e^(−|x|), whose
 * own rounding is common to both signs; that of e^(−|x|) cancels), or x·Φ and the one of 1 ± erf.
 */
const roundings = ({ g, d }: P): number => (g === 'relu' ? d : 2 * d + (g === 'silu' ? 3 : 2));
/** What falls below the least number of a format, at most half of it in a quotient, x·σ and w·g, for each of 2d terms. */
const ROUNDED = '((1 + u)^k - 1)*d*M + (1 + u)^k*d*(M + 2)*tiny';

const bound = (p: P): Rational => {
  const { d, M } = p;
  const number = formatByName(p.format);
  if (!number) return exactTo(M.mul(Rational.fromNumber(d)));
  const tiny = number.emin === -Infinity ? 0 : 2 ** (number.emin - number.p + 1);
  return realOf(ROUNDED, { d, M, k: roundings(p), u: 2 ** -number.p, tiny }).approximate();
};

const error = <T>(p: P, A: Arithmetic<T>, change = (mlp: Sequential): Sequential => mlp): Experiment<T | Rational> => {
  const { d } = p;
  const M = p.M.toNumberBelow();
  return errorOf(
    A,
    (at) => evaluate(change(network(p, at.slice(d))), A)(at.slice(0, d)),
    {
      domain: { x: vectors(d, reals(-M, M)), row: vectors(d, reals(-1, 1)) },
      instance: ({ x, row }) => [...x, ...row],
      value: (B, at) => at.slice(0, d).reduce((sum, x, i) => B.add(sum, B.mul(x, at[d + i]!)), B.zero),
    },
    p.format,
  );
};

const isRounded = ({ M, format }: P): boolean => {
  const number = formatByName(format);
  if (!number) return true;
  return (
    M.toNumber() <= number.max &&
    Rational.fromNumber(M.toBinary(number.p, Math.max(number.emin, -1022))).compare(M) === 0
  );
};

export const identity = defineClaim({
  tag: 'L0',
  title: 'Identity and linear maps through an activation',
  statement:
    'Σ_i w_i [g(x_i) − g(−x_i)] = Σ_i w_i x_i, since g(x) − g(−x) = x for ReLU, SiLU, GELU, softplus: checked to 2^−100·dM, 47 bits beyond doubles. In p bits |error| ≤ [(1+u)^k − 1]·dM without underflow, k = 2d + 3 (SiLU), 2d + 2 (GELU), d (ReLU). Width 2d, weights ±1 and ±w.',
  quantifiers: [
    'for g ∈ {ReLU, SiLU, GELU, softplus}, for all d, M, and (but softplus) every binary format',
    'for all |x_i| ≤ M and |w_i| ≤ 1: the network returns Σ_i w_i x_i',
  ],
  source: 'Feng C.1–C.5; docs/theory.md §4',
  parameters,
  conditions: [
    BINARY_OR_REAL,
    {
      name: 'format',
      expected: 'real for softplus (its rounding is relative to ln 2, not to x)',
      holds: ({ g, format }) => g !== 'softplus' || format === REAL,
    },
    { name: 'M', expected: 'a number of the format', holds: isRounded },
  ],
  grid: {
    quick: [
      { g: ['silu', 'gelu', 'softplus', 'relu'], d: 2, M: 4, format: REAL },
      { g: ['silu', 'gelu'], d: 1, M: 4, format: ['bf16', 'fp8-e4m3'] },
    ],
    standard: [
      { g: ACTIVATIONS, d: [1, 8], M: ['1', '100'], format: REAL },
      { g: ['relu', 'silu', 'gelu'], d: [1, 4], M: 4, format: ['fp64', 'fp32', 'bf16', 'fp16', 'fp8-e5m2', 'p5'] },
    ],
    deep: [{ g: ACTIVATIONS, d: 16, M: ['0.001', '10'], format: REAL }],
  },
  quantities: {
    error: {
      measures: '|Σ_i w_i [g(x_i) − g(−x_i)] − Σ_i w_i x_i|',
      relation: '<=',
      bound,
      slack: () => null,
      experiment: (p, A) => error(p, A),
      mutants: {
        'an output weight off by one rounding': (p, A) => error(p, A, (net) => scaled(net, 'output', 1 + 2 ** -52, 1)),
        'an input weight off by one rounding': (p, A) => error(p, A, (net) => scaled(net, 'hidden', 1 + 2 ** -52, 0)),
        'a sign flipped': (p, A) => error(p, A, (net) => scaled(net, 'hidden', -1, 0)),
        'tanh, which is odd itself': (p, A) =>
          error(p, A, ({ layers: [first, , second] }) => mlp(first as Linear, 'tanh', second as Linear)),
      },
    },
    width: width(network, ({ d }) => 2 * d),
    weight: weight(network, () => 1),
  },
});
