/** T2.onehot: the one-hot vector of an integer by hat functions of SiLU or GELU (docs/theory.md §3). */
import type { Arithmetic } from '../src/arithmetic/arithmetic.ts';
import { evaluateFormula } from '../src/arithmetic/formula.ts';
import { defineClaim, experiment, type Experiment } from '../src/claim/claim.ts';
import { integers } from '../src/claim/domain.ts';
import { choice, integer, real, type Values } from '../src/claim/parameters.ts';
import { etaFormula, onehot as onehotNetwork } from '../constructions/copy/hat.ts';
import type { Linear, Sequential } from '../src/network/layer.ts';
import { compile } from '../src/network/machine.ts';

const parameters = {
  g: choice('activation', ['silu', 'gelu']),
  lambda: real('steepness of the hats', { min: '0.759', max: '64' }),
  N: integer('positions', { min: 1, max: 512 }),
  format: choice('number format', ['fp64', 'decimal40']),
} as const;
type P = Values<typeof parameters>;

/**
 * A hat combines four knots of size up to N + 1 and carries noise up to 4(N + 1)u; a row has N of them: about 4N²u,
 * u = 2^−53. Below 2^11 times that the claim is not checked in float64; decimals need weights 1/λ that are exact.
 */
const ROUNDING_FLOOR = 2 ** -40;

const network = ({ g, lambda, N }: P): Sequential => onehotNetwork(g, lambda.toNumber(), N);

/** Σ_k |hat_k(t) − 1[k = t]| over the integers t = 1 … N. */
const rowSum = <T>(p: P, A: Arithmetic<T>, net = network(p)): Experiment<T> => {
  const { N } = p;
  const machine = compile(net, A);
  return experiment({
    domain: { t: integers(1, N) },
    measure: ({ t }) => {
      const token = A.alloc(2);
      token[0] = A.from(t);
      token[1] = A.one;
      const hats = machine.run(token, 1, machine.initialState());
      let sum = A.zero;
      for (let k = 1; k <= N; k++) sum = A.add(sum, A.abs(A.sub(hats[k - 1]!, k === t ? A.one : A.zero)));
      return sum;
    },
  });
};

/** One weight of one of the two linear layers scaled. */
const withWeight = (p: P, layer: 0 | 2, factor: number): Sequential => {
  const layers = [...network(p).layers];
  const linear = layers[layer] as Linear;
  const values = Float64Array.from(linear.weight.values);
  const middle = Math.floor(values.length / 2);
  values[middle] = values[middle]! * factor;
  layers[layer] = { ...linear, weight: { ...linear.weight, values } };
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
      expected: 'so small that float64 shows the leak (η ≥ N²·2^−40), or a power of two in decimal40',
      holds: ({ g, lambda, N, format }) =>
        format === 'fp64'
          ? evaluateFormula(etaFormula[g], { lambda }).toNumber() >= ROUNDING_FLOOR * N * N
          : Number.isInteger(Math.log2(lambda.toNumber())),
    },
  ],
  grid: {
    quick: [{ g: ['silu', 'gelu'], lambda: ['2', '4'], N: 8, format: 'fp64' }],
    standard: [
      { g: 'silu', lambda: ['1', '6', '8', '10'], N: [1, 16, 64], format: 'fp64' },
      { g: 'gelu', lambda: ['0.8', '3', '5'], N: [16, 64], format: 'fp64' },
      // Powers of two: the weights 1/λ are exact, and the leaks lie below float64's rounding.
      { g: 'silu', lambda: ['16', '32'], N: 6, format: 'decimal40' },
      { g: 'gelu', lambda: '8', N: 6, format: 'decimal40' },
    ],
    deep: [{ g: ['silu', 'gelu'], lambda: ['2', '3', '4', '5'], N: 512, format: 'fp64' }],
  },
  quantities: {
    error: {
      measures: 'Σ_k |hat_k(t) − 1[k=t]|',
      relation: '<=',
      bound: ({ g, lambda }) => evaluateFormula(etaFormula[g], { lambda }),
      slack,
      experiment: (p, A) => rowSum(p, A),
      teethAt: { g: 'silu', lambda: '4', N: 8, format: 'fp64' },
      mutants: {
        'a knot moved': (p, A) => rowSum(p, A, withWeight(p, 0, 1.01)),
        'a hat coefficient off by 5 %': (p, A) => rowSum(p, A, withWeight(p, 2, 1.05)),
        'a sign flipped': (p, A) => rowSum(p, A, withWeight(p, 2, -1)),
      },
    },
  },
});
