/** L4: minimum, maximum and absolute value (docs/theory.md §4). */
import type { Arithmetic } from '../src/arithmetic/arithmetic.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import { defineClaim, type Experiment, type Measured } from '../src/claim/claim.ts';
import { reals, vectors } from '../src/claim/domain.ts';
import { choice, real, type Values } from '../src/claim/parameters.ts';
import { ACTIVATIONS, FARTHEST } from '../src/network/activation.ts';
import { transferBound } from '../constructions/lemma/L1.ts';
import { EXTREMA, EXTREMUM_MASS, extremumNetwork, type Extremum } from '../constructions/lemma/L4.ts';
import { errorOf, evaluate, POWER_OF_TWO, scaled, weight, width } from '../src/lemma/quantities.ts';
import type { Sequential } from '../src/network/layer.ts';

const parameters = {
  form: choice('what is computed', EXTREMA),
  g: choice('activation', ACTIVATIONS),
  lambda: real('steepness', { min: '0', openMin: true }),
  M: real('bound on |a| and |b|', { min: '0', openMin: true }),
} as const;
type P = Values<typeof parameters>;

const network = ({ form, g, lambda }: Pick<P, 'form' | 'g' | 'lambda'>): Sequential =>
  extremumNetwork(form, g, lambda.toNumber());

const error = <T>(p: P, A: Arithmetic<T>, net = network(p)): Experiment<T | Rational> => {
  const M = p.M.toNumberBelow();
  const farthest = Math.min(FARTHEST[p.g] / p.lambda.toNumber(), M);
  return errorOf(A, evaluate(net, A), {
    domain: { numbers: vectors(p.form === 'abs' ? 1 : 2, reals(-M, M)) },
    instance: ({ numbers }) => numbers,
    value: (B, x) => {
      if (p.form === 'abs') return B.abs(x[0]!);
      return p.form === 'max' ? B.max(x[0]!, x[1]!) : B.neg(B.max(B.neg(x[0]!), B.neg(x[1]!)));
    },
    // The difference (or a itself) at which g is farthest from ReLU.
    witness: p.form === 'abs' ? [farthest] : [farthest, 0],
  });
};

/** The farthest point lies inside. */
const slack = ({ g, lambda, M }: P): number | null =>
  g !== 'relu' && FARTHEST[g] <= lambda.mul(M).toNumber() ? 0.999 : null;

const errorOfForm = (form: Extremum, measures: string): Measured<typeof parameters> => ({
  measures,
  relation: '<=',
  applies: (p) => p.form === form,
  bound: ({ g, lambda }) => transferBound(g, lambda, EXTREMUM_MASS[form]),
  slack,
  experiment: (p, A) => error(p, A),
  teethAt: { form, g: 'silu', lambda: '16', M: 1 },
  mutants: {
    'half the steepness': (p, A) => error(p, A, network({ ...p, lambda: p.lambda.div(Rational.of(2n)) })),
    'an output weight off by 4 %': (p, A) => error(p, A, scaled(network(p), 'output', 1.04, 1)),
    'an input weight off by 4 %': (p, A) => error(p, A, scaled(network(p), 'hidden', 1.04, 1)),
    'a sign flipped': (p, A) => error(p, A, scaled(network(p), 'hidden', -1, 0)),
  },
});

export const extrema = defineClaim({
  tag: 'L4',
  title: 'Minimum, maximum, absolute value',
  statement:
    'min(a, b) = a − ReLU(a−b) and max(a, b) = a + ReLU(b−a): width 3, error ≤ κ_g/λ; |a| = ReLU(a) + ReLU(−a): width 2, error ≤ 2κ_g/λ; all attained, and exact with ReLU. Largest weight max(λ, 1/λ).',
  quantifiers: [
    'for g ∈ {ReLU, SiLU, GELU, softplus}, for all M and all powers of two λ',
    'for all |a|, |b| ≤ M: the network is within κ_g/λ (|a|: 2κ_g/λ) of the function',
  ],
  source: 'Feng C.1–C.5; RLL Lemmas 1–5; docs/theory.md §4',
  parameters,
  conditions: [POWER_OF_TWO],
  grid: {
    quick: [{ form: EXTREMA, g: ['silu', 'gelu', 'softplus', 'relu'], lambda: '16', M: 1 }],
    standard: [{ form: EXTREMA, g: ACTIVATIONS, lambda: ['2', '1024'], M: ['1', '10'] }],
    deep: [{ form: EXTREMA, g: ACTIVATIONS, lambda: ['0.25', '65536'], M: ['0.1', '1000'] }],
  },
  quantities: {
    min: errorOfForm('min', '|f(a, b) − min(a, b)|'),
    max: errorOfForm('max', '|f(a, b) − max(a, b)|'),
    abs: errorOfForm('abs', '|f(a) − |a||'),
    width: width(network, ({ form }) => (form === 'abs' ? 2 : 3)),
    weight: weight(network, ({ lambda }) => Math.max(lambda.toNumber(), 1 / lambda.toNumber())),
  },
});
