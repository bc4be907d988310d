/** L5: comparison, indicator and table lookup on integers (docs/theory.md §4). */
import type { Arithmetic } from '../src/arithmetic/arithmetic.ts';
import { evaluateFormula, realOf } from '../src/arithmetic/formula.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import { scale, type Real } from '../src/arithmetic/real.ts';
import { defineClaim, type Experiment, type Measured } from '../src/claim/claim.ts';
import { integers, reals, vectors } from '../src/claim/domain.ts';
import { choice, integer, real, type Values } from '../src/claim/parameters.ts';
import { etaFormula } from '../constructions/copy/hat.ts';
import { comparisonNetwork, indicatorNetwork, lookupNetwork, stepBound } from '../constructions/lemma/L5.ts';
import { errorOf, evaluate, POWER_OF_TWO, scaled, upperEnd, weight, width } from '../src/lemma/quantities.ts';
import type { Sequential } from '../src/network/layer.ts';

const FORMS = ['comparison', 'indicator', 'lookup'] as const;
type Form = (typeof FORMS)[number];

const parameters = {
  form: choice('what is computed', FORMS),
  g: choice('activation', ['silu', 'gelu']),
  lambda: real('steepness', { min: '0', openMin: true }),
  n: integer('integers 1 … n', { min: 1, max: 256 }),
  Y: real('bound on the entries of a table', { min: '0', openMin: true, optional: true }),
} as const;
type P = Values<typeof parameters>;

const tableSize = ({ Y }: P): Rational => Y ?? Rational.of(1n);

/** An instance is t and what the network is built for: k, or the table. */
const build = ({ form, g, lambda }: P, built: readonly number[]): Sequential => {
  const l = lambda.toNumber();
  if (form === 'lookup') return lookupNetwork(g, l, built);
  return (form === 'comparison' ? comparisonNetwork : indicatorNetwork)(g, l, built[0]!);
};

/** The network with the largest weights: the last integer, or the table of alternating entries. */
const largest = (p: P): Sequential => {
  const Y = tableSize(p).toNumberBelow();
  return build(p, p.form === 'lookup' ? Array.from({ length: p.n }, (_, k) => (k % 2 === 0 ? Y : -Y)) : [p.n]);
};
const largestWeight = (p: P): number => {
  const { form, lambda, n } = p;
  const l = lambda.toNumber();
  if (form === 'comparison') return Math.max(l * n, 1 / l);
  if (form === 'indicator') return Math.max(l * (n + 1), 2 / l);
  return Math.max(l * (n + 1), ((n === 1 ? 2 : n === 2 ? 3 : 4) * tableSize(p).toNumberBelow()) / l);
};

/** |f(t) − value| for networks that depend on k, or on the table. */
const error = <T>(p: P, A: Arithmetic<T>, change = (net: Sequential): Sequential => net): Experiment<T | Rational> => {
  const { form, n } = p;
  const output = ([t, ...built]: readonly number[]): T => evaluate(change(build(p, built)), A)([t!, 1]);
  const t = integers(1, n);
  if (form !== 'lookup') {
    return errorOf(A, output, {
      domain: { t, k: t },
      instance: (point) => [point.t, point.k],
      value: (B, _, [t, k]) => ((form === 'comparison' ? t! >= k! : t === k) ? B.one : B.zero),
    });
  }
  const Y = tableSize(p).toNumberBelow();
  const middle = Math.ceil(n / 2);
  return errorOf(A, output, {
    domain: { t, table: vectors(n, reals(-Y, Y)) },
    instance: ({ t, table }) => [t, ...table],
    value: (_, x, [t]) => x[t!]!,
    // Hats leak with these signs (docs/theory.md T2.block): − at t itself, + beside it, − beyond.
    witness: [middle, ...Array.from({ length: n }, (_, at) => (Math.abs(at + 1 - middle) === 1 ? Y : -Y))],
  });
};

const bound = (p: P): Real => {
  const { form, g, lambda } = p;
  if (form === 'lookup') return scale(realOf(etaFormula[g], { lambda }), tableSize(p));
  // Attained at t = k.
  const step = upperEnd(realOf(stepBound[g], { lambda }));
  return form === 'comparison' ? step : step.mul(Rational.of(2n));
};

/** A lookup in the middle of a table comes to 8[σ(−λ) − σ(−2λ)], GELU: 8[Φ(−λ) − Φ(−2λ)], as T2.onehot's row sum does. */
const lookupSlack = ({ g, lambda, n }: P): number | null => {
  const x = lambda.toNumber();
  const fraction = g === 'silu' ? 1 - 5 * Math.exp(-x) : 0.99 - 1 / x ** 2;
  return n >= 5 && fraction > 0.5 ? fraction : null;
};

const errorOfForm = (form: Form, measures: string): Measured<typeof parameters> => ({
  measures,
  relation: '<=',
  applies: (p) => p.form === form,
  bound,
  slack: (p) => (form === 'lookup' ? lookupSlack(p) : 1 - 2 ** -40),
  experiment: (p, A) => error(p, A),
  teethAt: { form, g: 'silu', lambda: '4', n: 6 },
  mutants: {
    'half the steepness': (p, A) => error({ ...p, lambda: p.lambda.div(Rational.of(2n)) }, A),
    'an input weight off by 2 %': (p, A) => error(p, A, (net) => scaled(net, 'hidden', 1.02, 2)),
    'an output weight off by 5 %': (p, A) => error(p, A, (net) => scaled(net, 'output', 1.05, 0)),
    'a sign flipped': (p, A) => error(p, A, (net) => scaled(net, 'output', -1, 1)),
  },
});

/** Beyond it the rounding of a table's second differences, 3n²·2^−53 Y, shows beside what T2.onehot's η leaves, η²/2 (GELU: η/λ²). */
const isRoundable = ({ form, g, lambda, n }: P): boolean => {
  const eta = evaluateFormula(etaFormula[g], { lambda }).toNumber();
  return form !== 'lookup' || eta >= (g === 'silu' ? n * 2 ** -24 : n * n * 2 ** -40);
};
/** GELU's η is proved from here on. */
const isProved = ({ form, g, lambda }: P): boolean => form !== 'lookup' || g === 'silu' || lambda.toNumber() >= 0.759;

export const steps = defineClaim({
  tag: 'L5',
  title: 'Comparison, indicator and table lookup on integers',
  statement:
    'For integers t, k: 1[t ≥ k] = ReLU(t−k+1) − ReLU(t−k), width 2, error ≤ σ(−λ) (GELU: Φ(−λ)); 1[t = k], width 3, ≤ 2σ(−λ) (2Φ(−λ)), both attained; a table of n entries |y| ≤ Y, width n + 2, ≤ η(λ)Y with η of T2.onehot. Largest weight: that of the last knot, or 1/λ, 2/λ, 4Y/λ.',
  quantifiers: [
    'for g ∈ {SiLU, GELU}, for all n and all powers of two λ (lookup: with η(λ) above the rounding of its weights)',
    'for all integers t, k ∈ {1, …, n} and all tables with |y| ≤ Y: the network is that near to 1[t ≥ k], 1[t = k], y_t',
  ],
  source: 'Feng C.1–C.5; RLL Lemmas 1–5; docs/theory.md §4',
  parameters,
  conditions: [
    POWER_OF_TWO,
    { name: 'lambda', expected: 'at least 0.759 for a lookup by GELU', holds: isProved },
    { name: 'lambda', expected: 'so small that η(λ) ≥ n·2^−24 (GELU: n²·2^−40) for a lookup', holds: isRoundable },
  ],
  grid: {
    quick: [{ form: FORMS, g: ['silu', 'gelu'], lambda: '4', n: 6 }],
    standard: [
      { form: ['comparison', 'indicator'], g: ['silu', 'gelu'], lambda: ['0.5', '1', '8'], n: 16 },
      { form: ['comparison', 'indicator'], g: 'silu', lambda: '32', n: 16 },
      { form: 'lookup', g: 'silu', lambda: ['2', '8'], n: [1, 2, 16], Y: ['1', '10'] },
      { form: 'lookup', g: 'gelu', lambda: ['2', '4'], n: [1, 16], Y: 1 },
    ],
    deep: [{ form: FORMS, g: ['silu', 'gelu'], lambda: '4', n: 128 }],
  },
  quantities: {
    comparison: errorOfForm('comparison', '|f(t) − 1[t ≥ k]|'),
    indicator: errorOfForm('indicator', '|f(t) − 1[t = k]|'),
    lookup: errorOfForm('lookup', '|f(t) − y_t|'),
    width: width(largest, ({ form, n }) => (form === 'comparison' ? 2 : form === 'indicator' ? 3 : n + 2)),
    weight: weight(largest, largestWeight),
  },
});
