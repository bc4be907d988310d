/** T4.shared-decay: one constant decay for all slots holds a ring, too, but needs large scores (docs/theory.md §5). */
import { castVector, vectorOf, type Arithmetic, type Vec } from '../src/arithmetic/arithmetic.ts';
import { parseFormula, realOf } from '../src/arithmetic/formula.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import { defineClaim, dimensionless, experiment, recordMargin, type Experiment } from '../src/claim/claim.ts';
import { integers, reals, vectors } from '../src/claim/domain.ts';
import { integer, real, type Values } from '../src/claim/parameters.ts';
import { Fields, pick } from '../src/network/fields.ts';
import type { LinearAttention } from '../src/network/layer.ts';
import { compile } from '../src/network/machine.ts';

const parameters = {
  m: integer('slots', { min: 1, max: 64 }),
  rounds: integer('how often every slot is written', { min: 2, max: 64 }),
  M: real('bound on the records', { min: '0', openMin: true }),
  a: real('decay', { min: '0', max: '1', openMin: true, openMax: true }),
} as const;
type P = Values<typeof parameters>;

const bound = parseFormula('M*a^m/(1 - a^m)');

/** The decay as the network has it, a double. */
const decayOf = ({ a }: P): Rational => Rational.fromNumber(a.toNumber());
const power = (x: Rational, exponent: number): Rational =>
  Array.from({ length: exponent }).reduce<Rational>((product) => product.mul(x), Rational.of(1n));
/** a^(−r) */
const score = (p: P, back: number): Rational => Rational.of(1n).div(power(decayOf(p), back));

const tokenOf = (m: number) => new Fields({ v: 1, key: m, query: m });
const networkOf = (p: P): LinearAttention => {
  const token = tokenOf(p.m);
  return {
    kind: 'linear-attention',
    key: pick(token, 'key'),
    query: pick(token, 'query'),
    value: pick(token, 'v'),
    decay: p.a.toNumber(),
    normalised: false,
  };
};

/** What a module returns at the end of a stream for the record `back` steps ago, asked for with a score. */
const reader = <T>({ m }: P, A: Arithmetic<T>, network: LinearAttention) => {
  const token = tokenOf(m);
  const machine = compile(network, A);
  return (records: Vec<T>, back: number, asked: T): T => {
    const N = records.length;
    const x = vectorOf(A, N * token.width, () => A.zero);
    for (let t = 0; t < N; t++) {
      A.set(x, t * token.width + token.at('v'), A.get(records, t));
      A.set(x, t * token.width + token.at('key', t % m), A.one);
    }
    A.set(x, (N - 1) * token.width + token.at('query', (N - 1 - back) % m), asked);
    return A.get(machine.run(x, N, machine.initialState()), N - 1);
  };
};

/** The error of reading any of the last m records at the end of a stream; `scoreOf`: the score of a read r steps back. */
const error = <T>(
  p: P,
  A: Arithmetic<T>,
  { network = networkOf(p), scoreOf = (back: number) => score(p, back) } = {},
): Experiment<T> => {
  const { m, rounds, M } = p;
  const N = m * rounds;
  const size =
    M.toNumber() * (1 - recordMargin(N, M.div(realOf(bound, { ...p, a: decayOf(p) }).approximate()).toNumber()));
  const read = reader(p, A, network);
  const measured = (records: Vec<T>, back: number): T =>
    A.abs(A.sub(read(records, back, A.fromRational(scoreOf(back))), A.get(records, N - 1 - back)));
  return experiment({
    domain: { records: vectors(N, reals(-size, size)), back: integers(0, m - 1) },
    measure: ({ records, back }) => measured(castVector(A, records), back),
    // All that was ever in the slot is still there, a^m less with every round.
    witness: () =>
      measured(
        vectorOf(A, N, () => A.from(size)),
        0,
      ),
  });
};

export const sharedDecay = defineClaim({
  tag: 'T4.shared-decay',
  title: 'A ring with one constant decay needs scores of order (M/ε)^((m−1)/m)',
  statement:
    'b_i = e_(i mod m), c_i = a^(−r) e_(pos mod m) and a constant decay a copy the last m records of a stream without end up to M·a^m/(1 − a^m), with scores up to a^(−(m−1)): for the error ε these are (1 + M/ε)^((m−1)/m). Scores c·b stay bounded in T4.ring.',
  quantifiers: [
    'for all m, M and 0 < a < 1 there is a module (its weights depend on m and a only, not on the length of the stream) such that',
    'for all streams of records with ‖v‖∞ ≤ M and all pos(i) > i − m: |y_i − v_pos(i)| ≤ M·a^m/(1 − a^m)',
  ],
  source: 'docs/theory.md §5, T4.shared-decay',
  parameters,
  grid: {
    quick: [{ m: [4, 1], rounds: 3, M: 1, a: '0.25' }],
    standard: [
      { m: [2, 8, 16], rounds: 4, M: 1, a: ['0.5', '0.125'] },
      { m: 5, rounds: [2, 9], M: '2.5', a: ['0.6', '0.3'] },
    ],
    deep: [{ m: [32, 64], rounds: 3, M: 1, a: ['0.8', '0.9'] }],
  },
  quantities: {
    error: {
      measures: '|y_i − v_pos(i)| at the end of a stream, for any pos(i) > i − m',
      relation: '<=',
      bound: (p) => realOf(bound, { m: p.m, M: p.M, a: decayOf(p) }),
      // A stream of so many rounds has all terms of the series but the last, a^(m·rounds) of it.
      slack: ({ m, rounds, a }) => 0.99 * (1 - a.toNumber() ** (m * (rounds - 1))),
      experiment: (p, A) => error(p, A),
      mutants: {
        'a decay 1 % larger': (p, A) => error(p, A, { network: { ...networkOf(p), decay: p.a.toNumber() * 1.01 } }),
        'scores bounded by 1': (p, A) => error(p, A, { scoreOf: () => Rational.of(1n) }),
      },
    },
    weight: {
      measures: 'what is left of a record m − 1 steps back: the inverse of the largest score',
      relation: '==',
      exact: true,
      bound: (p) => power(decayOf(p), p.m - 1),
      slack: () => null,
      experiment: (p, A) => ({
        measure: () => {
          const N = p.m * p.rounds;
          const oldest = vectorOf(A, N, (t) => (t === N - p.m ? A.one : A.zero));
          return reader(p, A, networkOf(p))(oldest, p.m - 1, A.one);
        },
      }),
    },
  },
  measurements: [
    {
      id: 'T4.shared-decay.scores',
      title: 'Scores of rings with one decay, and with steps of their own',
      columns: dimensionless(['m', 'rounds', 'M', 'a', 'eps', 'score']),
      row: (p) => [
        p.m,
        p.rounds,
        p.M.toNumber(),
        p.a.toNumber(),
        realOf(bound, { m: p.m, M: p.M, a: decayOf(p) })
          .approximate()
          .toNumber(),
        score(p, p.m - 1).toNumber(),
      ],
    },
  ],
});
