/** T4.ring: m slots hold the last m records of a stream without end (docs/theory.md §5). */
import { castVector, SOFTPLUS_THRESHOLD, vectorOf, type Arithmetic, type Vec } from '../src/arithmetic/arithmetic.ts';
import { evaluateFormula, parseFormula, realOf } from '../src/arithmetic/formula.ts';
import { minimum, type Real } from '../src/arithmetic/real.ts';
import { defineClaim, dimensionless, experiment, recordMargin, type Experiment } from '../src/claim/claim.ts';
import { integers, reals, vectors } from '../src/claim/domain.ts';
import { choice, integer, real, type Values } from '../src/claim/parameters.ts';
import { compile } from '../src/network/machine.ts';
import type { Linear, Sequential } from '../src/network/layer.ts';
import { scaleEntries, type Matrix } from '../src/network/matrix.ts';
import { ringNetwork, ringTokens, type Ring } from '../constructions/dp/ring.ts';
import { Rational } from '../src/arithmetic/rational.ts';

const parameters = {
  inputs: choice('whether records enter every slot, or the one that is written', ['masked', 'unmasked']),
  m: integer('slots', { min: 1, max: 256 }),
  rounds: integer('how often every slot is written', { min: 1, max: 64 }),
  M: real('bound on the records', { min: '0', openMin: true }),
  eps: real('target error', { min: '0', openMin: true }),
} as const;
type P = Values<typeof parameters>;

const gamma = parseFormula('max(3, ceil(log(2*m*M/eps)))');
const KEPT = '1 - exp(-g*(m - 1))';
const BOUNDS = {
  masked: `M*(${KEPT} + exp(-G)/(1 - exp(-G)))`,
  unmasked: `leak = (m - 1)*g/G
    M*(${KEPT} + leak + (1 + leak)*exp(-G)/(1 - exp(-G)))`,
} as const;
/** torch's softplus of ±Γ. */
const bound = ({ inputs, m, M }: P, Gamma: number): Real =>
  realOf(
    `g = log(1 + exp(-Gamma))
    G = Gamma${Gamma > SOFTPLUS_THRESHOLD ? '' : ' + g'}
    ${BOUNDS[inputs]}`,
    { m, M, Gamma },
  );

const ringOf = ({ inputs, m, M, eps }: P): Ring => ({
  m,
  Gamma: evaluateFormula(gamma, { m, M, eps }).toNumber(),
  masked: inputs === 'masked',
});

/** The error of reading any of the last m records at the end of the stream. */
const error = <T>(p: P, A: Arithmetic<T>, network: Sequential = ringNetwork(ringOf(p))): Experiment<T> => {
  const { m, rounds, M } = p;
  const ring = ringOf(p);
  const N = m * rounds;
  const machine = compile(network, A);
  const size = M.toNumber() * (1 - recordMargin(N, M.div(p.eps).toNumber()));
  const measured = (records: Vec<T>, back: number): T => {
    const y = machine.run(ringTokens(A, ring, records, back), N, machine.initialState());
    return A.abs(A.sub(A.get(y, N - 1), A.get(records, N - 1 - back)));
  };
  return experiment({
    domain: { records: vectors(N, reals(-size, size)), back: integers(0, m - 1) },
    measure: ({ records, back }) => measured(castVector(A, records), back),
    // The oldest record against all others: it has decayed most, and what is left of them and leaks of them has its sign.
    witness: () =>
      measured(
        vectorOf(A, N, (t) => A.from(t === N - m ? size : -size)),
        m - 1,
      ),
  });
};

/** The ring with the weights of one of its linear layers changed. */
const changed = (p: P, at: number, change: (weight: Matrix) => Matrix): Sequential => {
  const network = ringNetwork(ringOf(p));
  const layers = network.layers.map((layer, place) =>
    place === at ? { ...(layer as Linear), weight: change((layer as Linear).weight) } : layer,
  );
  return { ...network, layers };
};

export const ring = defineClaim({
  tag: 'T4.ring',
  title: 'A ring of m slots copies the last m records of a stream without end',
  statement:
    'With G = softplus(Γ), g = softplus(−Γ): error ≤ M[(1 − e^(−g(m−1))) + e^(−G)/(1 − e^(−G))] for inputs masked to their slot, and ≤ M[(1 − e^(−g(m−1))) + (m−1)g/G + (1 + (m−1)g/G)e^(−G)/(1 − e^(−G))] for unmasked ones; Γ = max(3, ⌈ln(2mM/ε)⌉) makes both ≤ ε.',
  quantifiers: [
    'for all m, M and 0 < ε ≤ M there is a ring (its weights depend on m and M/ε only, not on the length of the stream) such that',
    'for all streams of records with ‖v‖∞ ≤ M and all pos(i) > i − m: |y_i − v_pos(i)| ≤ ε',
  ],
  source: 'docs/theory.md §5, T4.ring',
  parameters,
  conditions: [{ name: 'eps', expected: 'a number in (0, M]', holds: ({ eps, M }) => eps.compare(M) <= 0 }],
  grid: {
    quick: [{ inputs: ['unmasked', 'masked'], m: [1, 4], rounds: 3, M: 1, eps: '0.01' }],
    standard: [
      { inputs: ['unmasked', 'masked'], m: [2, 9], rounds: 4, M: 1, eps: ['0.01', '1e-4', '1e-8'] },
      { inputs: ['unmasked', 'masked'], m: 3, rounds: [2, 16], M: '2.5', eps: ['2.5', '0.1'] },
    ],
    deep: [{ inputs: ['unmasked', 'masked'], m: [64, 200], rounds: 5, M: 1, eps: ['1e-3', '1e-10'] }],
  },
  quantities: {
    error: {
      measures: '|y_i − v_pos(i)| at the end of a stream, for any pos(i) > i − m',
      relation: '<=',
      bound: (p) => minimum(bound(p, ringOf(p).Gamma), p.eps),
      slack: ({ rounds, eps, M }) => (rounds >= 3 && eps.mul(Rational.of(50n)).compare(M) <= 0 ? 0.95 : null),
      experiment: (p, A) => error(p, A),
      teethAt: { inputs: 'unmasked', m: 4, rounds: 3, M: 1, eps: '0.01' },
      mutants: {
        'Γ one too small': (p, A) => error(p, A, ringNetwork({ ...ringOf(p), Gamma: ringOf(p).Gamma - 1 })),
        'a slot that reads 1 % too much': (p, A) =>
          error(
            p,
            A,
            changed(p, 2, (row) => scaleEntries(row, 1.01, 0)),
          ),
        'a slot that is never erased': (p, A) =>
          error(
            p,
            A,
            changed(p, 0, (rows) => scaleEntries(rows, 0, p.m)),
          ),
      },
    },
  },
  measurements: [
    {
      id: 'T4.ring.constants',
      title: 'Constants of rings',
      columns: dimensionless(['inputs', 'm', 'rounds', 'M', 'eps', 'Gamma']),
      row: (p) => [p.inputs, p.m, p.rounds, p.M.toNumber(), p.eps.toNumber(), ringOf(p).Gamma],
    },
  ],
});
