/** T2.onehot: the one-hot vector of an integer by hat functions of SiLU or GELU (docs/theory.md §3). */
import { castVector, type Arithmetic } from '../src/arithmetic/arithmetic.ts';
import { evaluateFormula, realOf } from '../src/arithmetic/formula.ts';
import { defineClaim, experiment, type Experiment } from '../src/claim/claim.ts';
import { integers } from '../src/claim/domain.ts';
import { choice, integer, real, type Values } from '../src/claim/parameters.ts';
import { etaFormula, onehot as onehotNetwork } from '../constructions/copy/hat.ts';
import type { Linear, Sequential } from '../src/network/layer.ts';
import { compile } from '../src/network/machine.ts';
import { scaleEntries } from '../src/network/matrix.ts';

const parameters = {
  g: choice('activation', ['silu', 'gelu']),
  lambda: real('steepness of the hats', { min: '0.759', max: '64' }),
  N: integer('positions', { min: 1, max: 512 }),
} as const;
type P = Values<typeof parameters>;

/**
 * Weights are doubles. Knots at fl(λk) instead of λk move by up to ukλ and leak up to 4ku each, a row 4N²u, u = 2^−53. Only a
 * λ whose multiples are exact has the leak of the formula; any other needs a bound with room for that: SiLU's has η²/2,
 * GELU's η/λ².
 */
const LEAST_ETA = { silu: (N: number) => N * 2 ** -24, gelu: (N: number) => N * N * 2 ** -40 } as const;

const network = ({ g, lambda, N }: P): Sequential => onehotNetwork(g, lambda.toNumber(), N);

/** Σ_k |hat_k(t) − 1[k = t]| over the integers t = 1 … N. */
const rowSum = <T>(p: P, A: Arithmetic<T>, net = network(p)): Experiment<T> => {
  const { N } = p;
  const machine = compile(net, A);
  return experiment({
    domain: { t: integers(1, N) },
    measure: ({ t }) => {
      const hats = machine.run(castVector(A, [t, 1]), 1, machine.initialState());
      let sum = A.zero;
      for (let k = 1; k <= N; k++) sum = A.add(sum, A.abs(A.sub(A.get(hats, k - 1), k === t ? A.one : A.zero)));
      return sum;
    },
  });
};

/** One weight of one of the two linear layers scaled. */
const withWeight = (p: P, layer: 0 | 2, factor: number): Sequential => {
  const layers = [...network(p).layers];
  const linear = layers[layer] as Linear;
  const middle = Math.floor(linear.weight.values.length / 2);
  layers[layer] = { ...linear, weight: scaleEntries(linear.weight, factor, middle) };
  return { kind: 'sequential', layers };
};

/** The exact row sum is 8[σ(−λ) − σ(−2λ)], a fraction above 1 − 5e^(−λ) of the bound; for GELU above 1 − 1/λ² − 0.01. */
const slack = ({ g, lambda, N }: P): number | null => {
  const x = lambda.toNumber();
  const fraction = g === 'silu' ? 1 - 5 * Math.exp(-x) : 0.99 - 1 / x ** 2;
  return N >= 5 && fraction > 0.5 ? fraction : null;
};

export const onehot = defineClaim({
  tag: 'T2.onehot',
  title: 'One-hot vectors of integers by hat functions',
  statement:
    'Σ_k |hat_k(t) − 1[k=t]| ≤ η(λ); SiLU: η = 8e^(−λ)/(1 − e^(−λ))²; GELU (λ ≥ 0.759): η = 8e^(−λ²/2)/(λ√(2π)(1 − e^(−3λ²/2))).',
  quantifiers: [
    'for g ∈ {SiLU, GELU}, for all λ and N',
    'for all integers t ∈ {1, …, N}: Σ_{k=1..N} |hat_k(t) − 1[k=t]| ≤ η(λ)',
  ],
  source: 'beyond RLL (its Lemma on one-hot codes); docs/theory.md §3',
  parameters,
  conditions: [
    {
      name: 'lambda',
      expected: 'a power of two, or so small that η ≥ N·2^−24 (GELU: N²·2^−40; else the rounding of the weights shows)',
      holds: ({ g, lambda, N }) =>
        Number.isInteger(Math.log2(lambda.toNumber())) ||
        evaluateFormula(etaFormula[g], { lambda }).toNumber() >= LEAST_ETA[g](N),
    },
  ],
  grid: {
    quick: [{ g: ['silu', 'gelu'], lambda: ['2', '4'], N: 8 }],
    standard: [
      { g: 'silu', lambda: ['1', '6', '8', '10'], N: [1, 16, 64] },
      { g: 'gelu', lambda: ['0.8', '3', '5'], N: [16, 64] },
      // Powers of two: the weights are exact, and the leaks lie below float64's rounding.
      { g: 'silu', lambda: ['16', '32'], N: 6 },
      { g: 'gelu', lambda: '8', N: 6 },
    ],
    deep: [{ g: ['silu', 'gelu'], lambda: ['2', '3', '4', '5'], N: 512 }],
  },
  quantities: {
    error: {
      measures: 'Σ_k |hat_k(t) − 1[k=t]|',
      relation: '<=',
      bound: ({ g, lambda }) => realOf(etaFormula[g], { lambda }),
      slack,
      experiment: (p, A) => rowSum(p, A),
      teethAt: { g: 'silu', lambda: '4', N: 8 },
      mutants: {
        'a knot moved': (p, A) => rowSum(p, A, withWeight(p, 0, 1.01)),
        'a hat coefficient off by 5 %': (p, A) => rowSum(p, A, withWeight(p, 2, 1.05)),
        'a sign flipped': (p, A) => rowSum(p, A, withWeight(p, 2, -1)),
      },
    },
  },
});
