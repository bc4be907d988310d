/** T2.attention: one softmax head of constant size copies to ε whatever N (docs/theory.md §3). */
import type { Arithmetic } from '../src/arithmetic/arithmetic.ts';
import { evaluateFormula, parseFormula, realOf } from '../src/arithmetic/formula.ts';
import { minimum, type Real } from '../src/arithmetic/real.ts';
import { defineClaim, recordMargin, type Experiment } from '../src/claim/claim.ts';
import type { Values } from '../src/claim/parameters.ts';
import { attentionBeta, attentionBound, attentionHead, buildAttention } from '../constructions/copy/T2.attention.ts';
import { copyParameters, type BuiltCopy } from '../src/copy/construction.ts';
import { copyExperiment } from '../src/copy/experiment.ts';

const parameters = copyParameters({ N: 1024, d: 256 });
type P = Values<typeof parameters>;

/** The error with two neighbours on each side of pos: what a sequence of N ≥ 5 reaches at least. */
const reached = parseFormula(`q = 2*(exp(-beta) + exp(-4*beta))
  2*M*q/(1 + q)`);

/** Scores are sums of terms up to 2βN² that cancel: a weight, and with it the error, is off by up to 8βN²u, u = 2^−53. */
const scoreRounding = ({ N, M, eps }: P): number =>
  2 ** -50 * evaluateFormula(attentionBeta, { M, eps }).toNumber() * N * N;
/** Beyond this the bound could not be told from rounding. */
const MOST_ROUNDING = 2 ** -10;

const copyError = <T>(p: P, A: Arithmetic<T>, built: BuiltCopy = buildAttention(p)): Experiment<T> =>
  copyExperiment(built, p, A, recordMargin(p.N, 1 + p.M.div(p.eps).toNumber()) + scoreRounding(p));

const mutated = <T>(p: P, A: Arithmetic<T>, factor: number): Experiment<T> => {
  const built = buildAttention(p);
  return copyError(p, A, { ...built, network: attentionHead(p.d, built.constants.beta! * factor).head });
};

const boundOf = (p: P, formula = attentionBound): Real =>
  realOf(formula, { M: p.M, beta: evaluateFormula(attentionBeta, p).toNumber() });

export const attention = defineClaim({
  tag: 'T2.attention',
  title: 'One softmax head of constant size copies whatever N',
  statement:
    'With scores −β(j − pos)² and β = ln(4M/ε − 1): ‖y_i − v_pos(i)‖∞ ≤ 2M q/(1 + q) ≤ ε, q = 2e^(−β)/(1 − e^(−3β)), for every N; the cache grows by one row per token.',
  quantifiers: [
    'for all d, M and 0 < ε < 2M there is a softmax head (its weights depend on d, M, ε only) such that',
    'for all N, all records with ‖v‖∞ ≤ M and all pos(i) ≤ i: ‖y_i − v_pos(i)‖∞ ≤ ε for every i ≤ N',
  ],
  source: 'Feng C.7; docs/theory.md §3',
  parameters,
  conditions: [
    { name: 'eps', expected: 'a number in (0, 2M)', holds: ({ eps, M }) => eps.compare(M.add(M)) < 0 },
    {
      name: 'N',
      expected: 'so small that scores of 2βN² leave float64 room (βN² < 2^40)',
      holds: (p) => scoreRounding(p) < MOST_ROUNDING,
    },
  ],
  grid: {
    quick: [{ N: 8, d: 1, M: 1, eps: ['0.1', '0.001'] }],
    standard: [
      { N: [1, 2, 64], d: 2, M: 1, eps: ['0.5', '0.01'] },
      { N: 32, d: 1, M: 10, eps: ['0.1', '1e-6'] },
    ],
    deep: [{ N: 256, d: 2, M: [1, 10], eps: ['0.1', '1e-4'] }],
  },
  quantities: {
    error: {
      measures: '‖y_i − v_pos(i)‖∞, the largest over i',
      relation: '<=',
      bound: (p) => minimum(boundOf(p), p.eps),
      // With two neighbours on each side, q falls short of its bound by e^(−7β) only.
      slack: (p) =>
        p.N >= 5 ? boundOf(p, reached).approximate().div(boundOf(p).approximate()).toNumber() * 0.999 : null,
      experiment: (p, A) => copyError(p, A),
      mutants: { 'β 1 % too small': (p, A) => mutated(p, A, 0.99), 'β of the wrong sign': (p, A) => mutated(p, A, -1) },
    },
  },
});
