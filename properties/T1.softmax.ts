/** T1.softmax: the Transformer side of Theorem 1; a threshold logarithmic in n (docs/theory.md §2). */
import { castVector, vectorOf, type Arithmetic, type Vec } from '../src/arithmetic/arithmetic.ts';
import { evaluateFormula, parseFormula, realOf } from '../src/arithmetic/formula.ts';
import { defineClaim, dimensionless, experiment, recordMargin, type Experiment } from '../src/claim/claim.ts';
import { integers, reals, vectors } from '../src/claim/domain.ts';
import { integer, real, type Values } from '../src/claim/parameters.ts';
import { scaleEntries } from '../src/network/matrix.ts';
import { softmaxError, softmaxReadOut } from '../constructions/copy/T1.softmax.ts';

const parameters = {
  n: integer('attended positions', { min: 2, max: 4096 }),
  delta: real('bound on the other scores', { min: '-100', max: '100' }),
  eps: real('target error', { min: '0', openMin: true }),
  M: real('bound on the records', { min: '0', openMin: true }),
} as const;
type P = Values<typeof parameters>;

const threshold = parseFormula('delta + log((n - 1)*(2*M/eps - 1))');

/** The other scores range this far below δ; lower ones weigh next to nothing. */
const SCORE_RANGE = 8;
/** And the score at pos this far above the threshold. */
const STRENGTH_RANGE = 4;

/** Scores up to |δ| + 8 + ln((n − 1)·2M/ε) carry that many roundings' worth of relative error into e^s. */
const margin = (p: P): number => {
  const size = Math.abs(p.delta.toNumber()) + SCORE_RANGE + Math.abs(evaluateFormula(threshold, p).toNumber());
  return recordMargin(p.n, 1 + p.M.div(p.eps).toNumber()) + size * 2 ** -50;
};

const errorOver = <T>(p: P, A: Arithmetic<T>, shift = 0, module = softmaxReadOut): Experiment<T> => {
  const { n } = p;
  const delta = p.delta.toNumberBelow();
  const s = A.add(A.fromReal(realOf(threshold, p)), A.from(shift));
  const size = p.M.toNumber() * (1 - margin(p));
  const error = softmaxError(A, module);
  const scoresOf = (pos: number, at: T, other: (j: number) => T): Vec<T> =>
    vectorOf(A, n, (j) => (j === pos - 1 ? at : other(j)));
  return experiment({
    domain: {
      pos: integers(1, n),
      strength: reals(0, STRENGTH_RANGE),
      scores: vectors(n, reals(delta - SCORE_RANGE, delta)),
      records: vectors(n, reals(-size, size)),
    },
    measure: ({ pos, strength, scores, records }) =>
      error(
        scoresOf(pos, A.add(s, A.from(strength)), (j) => A.from(scores[j]!)),
        castVector(A, records),
        pos,
      ),
    witness: () =>
      error(
        scoresOf(1, s, () => A.fromRational(p.delta)),
        vectorOf(A, n, (j) => A.from(j === 0 ? -size : size)),
        1,
      ),
  });
};

export const softmax = defineClaim({
  tag: 'T1.softmax',
  title: 'Softmax attention: a threshold logarithmic in n',
  statement:
    'sup ‖y − v_pos‖∞ = 2M/(1 + e^(s−δ)/(n−1)); for n ≥ 2 and ε < 2M, COPY to ε is guaranteed iff s ≥ δ + ln((n−1)(2M/ε − 1)).',
  quantifiers: [
    'for all n ≥ 2, δ, 0 < ε < 2M',
    'for all positions, scores of the others at most δ, records with ‖v‖∞ ≤ M',
    'for all scores s at pos of at least the threshold: ‖y − v_pos‖∞ ≤ ε',
  ],
  source: 'RLL v3, Feng C.7; docs/theory.md §2',
  parameters,
  conditions: [{ name: 'eps', expected: 'a number in (0, 2M)', holds: ({ eps, M }) => eps.compare(M.add(M)) < 0 }],
  grid: {
    quick: [{ n: [2, 16], delta: '0.01', eps: '0.1', M: 1 }],
    standard: [
      { n: [4, 8, 32, 64, 128], delta: '0.01', eps: '0.1', M: 1 },
      { n: 32, delta: ['-2', '1'], eps: ['0.01', '1.5'], M: 1 },
      { n: 32, delta: '0', eps: '0.1', M: 5 },
    ],
    deep: [{ n: [256, 1024], delta: ['0', '10'], eps: ['0.001', '0.1'], M: 1 }],
  },
  quantities: {
    error: {
      measures: '‖y − v_pos‖∞ at the threshold score',
      relation: '<=',
      bound: (p) => p.eps,
      slack: () => 0.999,
      experiment: (p, A) => errorOver(p, A),
      teethAt: { n: 16, delta: '0.01', eps: '0.1', M: 1 },
      mutants: {
        'a score below the threshold': (p, A) => errorOver(p, A, -0.01),
        'keys negated': (p, A) => errorOver(p, A, 0, { ...softmaxReadOut, key: scaleEntries(softmaxReadOut.key, -1) }),
      },
    },
  },
  measurements: [
    {
      id: 'T1.softmax.thresholds',
      title: 'Thresholds of T1.softmax',
      columns: dimensionless(['n', 'delta', 'eps', 'M', 'threshold']),
      row: (p) => [p.n, p.delta.toNumber(), p.eps.toNumber(), p.M.toNumber(), evaluateFormula(threshold, p).toNumber()],
    },
  ],
});
