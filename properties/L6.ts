/** L6: a Mamba block computes any one-hidden-layer SiLU MLP (docs/theory.md §4). */
import type { Arithmetic } from '../src/arithmetic/arithmetic.ts';
import { parseFormula, realOf } from '../src/arithmetic/formula.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import { defineClaim, type Experiment } from '../src/claim/claim.ts';
import { reals, vectors } from '../src/claim/domain.ts';
import { choice, integer, real, type Values } from '../src/claim/parameters.ts';
import { Z0 } from '../constructions/copy/T2.block.ts';
import { GATES, mlpInMamba, mlpStream } from '../constructions/lemma/L6.ts';
import { errorOf, evaluate, exactTo, weight, width } from '../src/lemma/quantities.ts';
import { mlp, type MambaBlock, type Sequential } from '../src/network/layer.ts';
import { matrixFromDense, scaleEntries } from '../src/network/matrix.ts';

const parameters = {
  gate: choice('gate of 1', GATES),
  n: integer('hidden units', { min: 1, max: 256 }),
  d: integer('inputs', { min: 1, max: 256 }),
  M: real('bound on the inputs', { min: '0', openMin: true }),
} as const;
type P = Values<typeof parameters>;

/** An instance lists the input x, W₁ by rows, b₁, W₂ (one row) and b₂. */
const mlpOf = ({ n, d }: P, instance: readonly number[]): Sequential => {
  const [w1, b1, w2, b2] = [d, d + n * d, d + n * (d + 1), d + n * (d + 2)];
  return mlp(
    {
      kind: 'linear',
      weight: matrixFromDense(n, d, instance.slice(w1, b1)),
      bias: Float64Array.from(instance.slice(b1, w2)),
    },
    'silu',
    {
      kind: 'linear',
      weight: matrixFromDense(1, n, instance.slice(w2, b2)),
      bias: Float64Array.from(instance.slice(b2)),
    },
  );
};

/** All weights and biases 1. */
const ones = ({ n, d }: P): number[] => new Array<number>(n * (d + 2) + 1).fill(1);
const largest = (p: P): MambaBlock => mlpInMamba(mlpOf(p, [...new Array<number>(p.d).fill(0), ...ones(p)]), p.gate);

const error = <T>(
  p: P,
  A: Arithmetic<T>,
  change = (block: MambaBlock): MambaBlock => block,
): Experiment<T | Rational> => {
  const { n, d } = p;
  const M = p.M.toNumberBelow();
  const weights = reals(-1, 1);
  const y = mlpStream(d, 1).at('y');
  const block = (at: readonly number[]): T =>
    evaluate(change(mlpInMamba(mlpOf(p, at), p.gate)), A, y)([...at.slice(0, d), 1, 0]);
  return errorOf(A, block, {
    domain: {
      x: vectors(d, reals(-M, M)),
      w1: vectors(n * d, weights),
      b1: vectors(n, weights),
      w2: vectors(n, weights),
      b2: weights,
    },
    instance: ({ x, w1, b1, w2, b2 }) => [...x, ...w1, ...b1, ...w2, b2],
    value: (B, _, at) => evaluate(mlpOf(p, at), B)(at.slice(0, d)),
    witness: [...new Array<number>(d).fill(M), ...ones(p)],
  });
};

/** The hidden layer's part of the output is at most n(dM + 1), for weights and biases up to 1. */
const z0Bound = parseFormula('abs(z0/(1 + exp(-z0)) - 1)*n*(d*M + 1)');

export const inside = defineClaim({
  tag: 'L6',
  title: 'Any SiLU MLP inside a Mamba block',
  statement:
    'With C ≡ 0, D = 1 a block returns W_o[SiLU(W_x x) ⊙ SiLU(W_z x)]: any one-hidden-layer SiLU MLP, exactly with the gates SiLU(1) − SiLU(−1) = 1 (2n channels; checked to 2^−100·n(dM+1)), and up to the factor SiLU(z₀) ≈ 1 with z₀ a double (n channels).',
  quantifiers: [
    'for all n, d, M, for all MLPs with weights and biases in [−1, 1]',
    'for all ‖x‖∞ ≤ M: |block(x) − MLP(x)| is 0 (pair), or at most |SiLU(z₀) − 1|·n(dM + 1) (z0)',
  ],
  source: 'RLL Lemmas 1–5; docs/theory.md §4',
  parameters,
  grid: {
    quick: [{ gate: GATES, n: 3, d: 2, M: 2 }],
    standard: [
      { gate: GATES, n: 1, d: 1, M: '1' },
      { gate: GATES, n: 4, d: [1, 3], M: '10' },
    ],
    deep: [{ gate: GATES, n: 8, d: 8, M: 10 }],
  },
  quantities: {
    error: {
      measures: '|block(x) − MLP(x)|',
      relation: '<=',
      bound: ({ gate, n, d, M }) =>
        gate === 'pair'
          ? exactTo(M.mul(Rational.fromNumber(d)).add(Rational.of(1n)).mul(Rational.fromNumber(n)))
          : realOf(z0Bound, { z0: Z0, n, d, M }),
      // SiLU(h) = h(1 − σ(−h)) at h = dM + 1, all weights 1.
      slack: ({ gate, d, M }) => {
        const fraction = 1 - 1.01 / (1 + Math.exp(d * M.toNumber() + 1));
        return gate === 'z0' ? Math.min(fraction, 0.999) : null;
      },
      experiment: (p, A) => error(p, A),
      mutants: {
        'an output weight off by one rounding': (p, A) =>
          error(p, A, (block) => ({ ...block, outProj: scaleEntries(block.outProj, 1 + 2 ** -52, 0) })),
        'a gate off by one rounding': (p, A) =>
          error(p, A, (block) => ({
            ...block,
            inProj: scaleEntries(block.inProj, 1 + 2 ** -52, block.inProj.values.length - 1),
          })),
        'the skip path 10^−9 off': (p, A) =>
          error(p, A, (block) => ({ ...block, D: block.D.map((w) => w * (1 + 1e-9)) })),
        'no bias': (p, A) => error(p, A, ({ outBias: _, ...block }) => block),
      },
    },
    width: width(largest, ({ gate, n }) => (gate === 'pair' ? 2 * n : n)),
    weight: weight(largest, ({ gate }) => (gate === 'pair' ? 1 : Z0)),
  },
});
