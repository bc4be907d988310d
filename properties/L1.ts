/** L1: ReLU by a smooth activation, to κ_g/λ (docs/theory.md §4). */
import type { Arithmetic } from '../src/arithmetic/arithmetic.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import { defineClaim, type Experiment } from '../src/claim/claim.ts';
import { reals } from '../src/claim/domain.ts';
import { choice, real, type Values } from '../src/claim/parameters.ts';
import { FARTHEST } from '../src/network/activation.ts';
import { reluNetwork, transferBound } from '../constructions/lemma/L1.ts';
import {
  errorOf,
  evaluate,
  evaluateWith,
  POWER_OF_TWO,
  scaled,
  tanhGelu,
  weight,
  width,
} from '../src/lemma/quantities.ts';
import type { Sequential } from '../src/network/layer.ts';

const parameters = {
  g: choice('activation', ['silu', 'gelu', 'softplus']),
  lambda: real('steepness', { min: '0', openMin: true }),
  M: real('bound on |x|', { min: '0', openMin: true }),
} as const;
type P = Values<typeof parameters>;

const network = ({ g, lambda }: Pick<P, 'g' | 'lambda'>): Sequential => reluNetwork(g, lambda.toNumber());

const error = <T>(p: P, A: Arithmetic<T>, output = evaluate(network(p), A)): Experiment<T | Rational> => {
  const M = p.M.toNumberBelow();
  return errorOf(A, output, {
    domain: { x: reals(-M, M) },
    instance: ({ x }) => [x],
    value: (B, [x]) => B.relu(x!),
    witness: [Math.min(FARTHEST[p.g] / p.lambda.toNumber(), M)],
  });
};

/** The farthest point lies inside. */
const slack = ({ g, lambda, M }: P): number | null => (FARTHEST[g] <= lambda.mul(M).toNumber() ? 0.999 : null);

export const relu = defineClaim({
  tag: 'L1',
  title: 'ReLU by a smooth activation',
  statement:
    '|g(λx)/λ − ReLU(x)| ≤ κ_g/λ, κ_SiLU = W(1/e) = 0.27846…, κ_GELU = 0.16997…, κ_softplus = ln 2; attained. Width 1, largest weight max(λ, 1/λ).',
  quantifiers: [
    'for g ∈ {SiLU, GELU, softplus}, for all powers of two λ (their 1/λ is a double) and all M',
    'for all |x| ≤ M: |g(λx)/λ − ReLU(x)| ≤ κ_g/λ',
  ],
  source: 'Feng C.1–C.5; RLL Lemmas 1–5; docs/theory.md §4',
  parameters,
  conditions: [POWER_OF_TWO],
  grid: {
    quick: [{ g: ['silu', 'gelu', 'softplus'], lambda: '16', M: 1 }],
    standard: [
      { g: ['silu', 'gelu', 'softplus'], lambda: ['0.25', '1', '1024'], M: ['1', '10'] },
      { g: ['silu', 'gelu', 'softplus'], lambda: '1048576', M: 1 },
    ],
    deep: [{ g: ['silu', 'gelu', 'softplus'], lambda: ['0.0625', '64'], M: ['0.1', '1000'] }],
  },
  quantities: {
    error: {
      measures: '|g(λx)/λ − ReLU(x)|',
      relation: '<=',
      bound: ({ g, lambda }) => transferBound(g, lambda),
      slack,
      experiment: (p, A) => error(p, A),
      teethAt: { g: 'gelu', lambda: '16', M: 1 },
      mutants: {
        'half the steepness': (p, A) =>
          error(p, A, evaluate(network({ ...p, lambda: p.lambda.div(Rational.of(2n)) }), A)),
        'the tanh form of GELU': (p, A) => error(p, A, evaluateWith(network(p), A, tanhGelu(A))),
        'the output weight off by 2 %': (p, A) => error(p, A, evaluate(scaled(network(p), 'output', 1.02), A)),
        'a sign flipped': (p, A) => error(p, A, evaluate(scaled(network(p), 'hidden', -1), A)),
      },
    },
    width: width(network, () => 1),
    weight: weight(network, ({ lambda }) => Math.max(lambda.toNumber(), 1 / lambda.toNumber())),
  },
});
