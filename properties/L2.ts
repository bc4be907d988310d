/** L2: the product of two numbers by one hidden layer of width 4 (docs/theory.md §4). */
import type { Arithmetic } from '../src/arithmetic/arithmetic.ts';
import { realOf } from '../src/arithmetic/formula.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import { scale } from '../src/arithmetic/real.ts';
import { defineClaim, type Experiment } from '../src/claim/claim.ts';
import { reals } from '../src/claim/domain.ts';
import { choice, real, type Values } from '../src/claim/parameters.ts';
import { productBound, productNetwork, productWeight } from '../constructions/lemma/L2.ts';
import {
  errorOf,
  evaluate,
  evaluateWith,
  largestWeightOf,
  POWER_OF_TWO,
  scaled,
  tanhGelu,
  width,
} from '../src/lemma/quantities.ts';
import type { Sequential } from '../src/network/layer.ts';

const parameters = {
  g: choice('activation', ['silu', 'gelu', 'softplus']),
  lambda: real('scale of the arguments', { min: '0', openMin: true }),
  M: real('bound on |a| and |b|', { min: '0', openMin: true }),
} as const;
type P = Values<typeof parameters>;

const network = ({ g, lambda }: Pick<P, 'g' | 'lambda'>): Sequential => productNetwork(g, lambda.toNumber());

const error = <T>(p: P, A: Arithmetic<T>, output = evaluate(network(p), A)): Experiment<T | Rational> => {
  const M = p.M.toNumberBelow();
  return errorOf(A, output, {
    domain: { a: reals(-M, M), b: reals(-M, M) },
    instance: ({ a, b }) => [a, b],
    value: (B, [a, b]) => B.mul(a!, b!),
    witness: [M, M],
  });
};

/** The worst case falls short of the bound by 0.6 (M/λ)² of it at most, to first order. */
const slack = ({ lambda, M }: P): number | null => (lambda.compare(M.mul(Rational.of(8n))) >= 0 ? 0.99 : null);

/** The bound leaves 0.4 M⁶/λ⁴, and √(π/2) as a double moves the product by up to 2^−53 M². */
const LARGEST_RATIO = 2 ** 12;

export const product = defineClaim({
  tag: 'L2',
  title: 'Products by one hidden layer of width 4',
  statement:
    'With S = a + b, T = a − b, q(y) = g(y) + g(−y): |C_g(λ²/4)[q(S/λ) − q(T/λ)] − ab| ≤ c_g M⁴/λ²; (C, c) = (√(π/2), 2/3) for GELU, (2, 1/3) for SiLU, (4, 1/6) for softplus. Width 4, largest weight max(C_g λ²/4, 1/λ).',
  quantifiers: [
    'for g ∈ {SiLU, GELU, softplus}, for all M and all powers of two λ (GELU: up to 2^12 M)',
    'for all |a|, |b| ≤ M: |f(a, b) − ab| ≤ c_g M⁴/λ²',
  ],
  source: 'Feng C.1–C.5; RLL Lemmas 1–5; softplus: beyond; docs/theory.md §4',
  parameters,
  conditions: [
    POWER_OF_TWO,
    {
      name: 'lambda',
      expected: 'at most 2^12 M for GELU (the rounding of √(π/2) to a double would show)',
      holds: ({ g, lambda, M }) => g !== 'gelu' || lambda.compare(M.mul(Rational.fromNumber(LARGEST_RATIO))) <= 0,
    },
  ],
  grid: {
    quick: [{ g: ['silu', 'gelu', 'softplus'], lambda: '16', M: 1 }],
    standard: [
      { g: ['silu', 'gelu', 'softplus'], lambda: ['0.5', '1', '2', '4', '8', '32', '128', '1024'], M: 1 },
      { g: ['silu', 'gelu', 'softplus'], lambda: ['16', '1024'], M: 10 },
    ],
    deep: [{ g: ['silu', 'gelu', 'softplus'], lambda: ['256', '4096'], M: ['1', '100'] }],
  },
  quantities: {
    error: {
      measures: '|f(a, b) − ab|',
      relation: '<=',
      bound: ({ g, lambda, M }) => realOf(productBound[g], { lambda, M }),
      slack,
      experiment: (p, A) => error(p, A),
      teethAt: { g: 'gelu', lambda: '16', M: 1 },
      mutants: {
        'half the scale': (p, A) => error(p, A, evaluate(network({ ...p, lambda: p.lambda.div(Rational.of(2n)) }), A)),
        'the tanh form of GELU': (p, A) => error(p, A, evaluateWith(network(p), A, tanhGelu(A))),
        'the constant of SiLU': (p, A) => {
          const { layers } = network({ ...p, g: 'silu' });
          return error(p, A, evaluate({ ...network(p), layers: [...network(p).layers.slice(0, 2), layers[2]!] }, A));
        },
        'a sign flipped': (p, A) => error(p, A, evaluate(scaled(network(p), 'hidden', -1, 0), A)),
        'an output weight off by 0.01 %': (p, A) => error(p, A, evaluate(scaled(network(p), 'output', 1.0001, 3), A)),
      },
    },
    width: width(network, () => 4),
    weight: {
      measures: 'largest absolute weight',
      relation: '<=',
      // √(π/2) is the nearest double.
      bound: ({ g, lambda }) => scale(realOf(productWeight[g], { lambda }), Rational.fromNumber(1 + 2 ** -52)),
      slack: () => 1 - 2 ** -40,
      experiment: (p, A) => ({ measure: () => A.from(largestWeightOf(network(p))) }),
    },
  },
});
