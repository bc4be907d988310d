/** L3: select one of two numbers by the sign of a third (docs/theory.md §4). */
import type { Arithmetic } from '../src/arithmetic/arithmetic.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import { defineClaim, type Experiment } from '../src/claim/claim.ts';
import { integers, reals } from '../src/claim/domain.ts';
import { choice, real, type Values } from '../src/claim/parameters.ts';
import { ACTIVATIONS, FARTHEST } from '../src/network/activation.ts';
import { transferBound } from '../constructions/lemma/L1.ts';
import { SELECT_MASS, selectNetwork, selectSteepness } from '../constructions/lemma/L3.ts';
import { errorOf, evaluate, POWER_OF_TWO, scaled, weight, width } from '../src/lemma/quantities.ts';
import type { Sequential } from '../src/network/layer.ts';

const parameters = {
  g: choice('activation', ACTIVATIONS),
  lambda: real('steepness', { min: '0', openMin: true }),
  M: real('bound on |x| and |y|', { min: '0', openMin: true }),
  alpha: real('least |t|', { min: '0', openMin: true }),
} as const;
type P = Values<typeof parameters>;

const HALF = Rational.of(1n, 2n);

const network = ({ g, lambda, M, alpha }: P): Sequential =>
  selectNetwork(g, lambda.toNumber(), selectSteepness(M, alpha));

const error = <T>(p: P, A: Arithmetic<T>, net = network(p)): Experiment<T | Rational> => {
  const M = p.M.toNumberBelow();
  const alpha = p.alpha.toNumberAbove();
  const value = reals(-M, M);
  const farthest = Math.min(FARTHEST[p.g] / p.lambda.toNumber(), M);
  return errorOf(A, evaluate(net, A), {
    domain: { x: value, y: value, negative: integers(0, 1), beyond: reals(0, alpha) },
    instance: ({ x, y, negative, beyond }) => [x, y, negative ? -(alpha + beyond) : alpha + beyond],
    value: (_, [x, y], [, , t]) => (t! > 0 ? x! : y!),
    // Kt = M: the arguments of the first and third ReLU are as far from ReLU as can be, with one sign.
    witness: [farthest - M, M - farthest, alpha],
  });
};

/** At Kt = M two errors of κ_g/λ meet −2r(λM)/λ, which is below a twentieth of them from λM = 7 on. */
const slack = ({ g, lambda, M }: P): number | null => (g !== 'relu' && lambda.mul(M).toNumber() >= 7 ? 0.95 : null);

export const select = defineClaim({
  tag: 'L3',
  title: 'Select one of two numbers by the sign of a third',
  statement:
    'f = x for t ≥ α and y for t ≤ −α, f = ReLU(x+Kt) − ReLU(Kt) + ReLU(y−Kt) − ReLU(−Kt), K = M/α: exact with ReLU, error ≤ 2κ_g/λ with g, approached as λM → ∞. Width 4, largest weight max(λ, λK, 1/λ).',
  quantifiers: [
    'for g ∈ {ReLU, SiLU, GELU, softplus}, for all M, α > 0 and all powers of two λ',
    'for all |x|, |y| ≤ M and |t| ≥ α: |f − x| (t > 0) or |f − y| (t < 0) ≤ 2κ_g/λ',
  ],
  source: 'Feng C.1–C.5; RLL Lemmas 1–5; docs/theory.md §4',
  parameters,
  conditions: [POWER_OF_TWO],
  grid: {
    quick: [{ g: ACTIVATIONS, lambda: '16', M: 1, alpha: '0.5' }],
    standard: [
      { g: ACTIVATIONS, lambda: ['1', '8', '256'], M: 1, alpha: ['0.1', '3'] },
      { g: ACTIVATIONS, lambda: '8', M: 10, alpha: '0.001' },
    ],
    deep: [{ g: ACTIVATIONS, lambda: ['64', '4096'], M: ['0.1', '100'], alpha: ['0.01', '10'] }],
  },
  quantities: {
    error: {
      measures: '|f(x, y, t) − (x or y)|',
      relation: '<=',
      bound: ({ g, lambda }) => transferBound(g, lambda, SELECT_MASS),
      slack,
      experiment: (p, A) => error(p, A),
      teethAt: { g: 'silu', lambda: '16', M: 1, alpha: '0.5' },
      mutants: {
        'half the steepness': (p, A) => error(p, A, network({ ...p, lambda: p.lambda.mul(HALF) })),
        'K 10 % too small': (p, A) => error(p, A, network({ ...p, M: p.M.mul(Rational.of(9n, 10n)) })),
        'an output weight off by 2 %': (p, A) => error(p, A, scaled(network(p), 'output', 1.02, 0)),
        'a sign flipped': (p, A) => error(p, A, scaled(network(p), 'output', -1, 1)),
      },
    },
    width: width(network, () => 4),
    weight: weight(network, ({ lambda, M, alpha }) => {
      const l = lambda.toNumber();
      return Math.max(l, l * selectSteepness(M, alpha), 1 / l);
    }),
  },
});
