/** T1.mass: Eq. 7 from the output scale alone, with constants c = 1 − ε/(2M) and d = 0 (docs/theory.md §2). */
import { vectorOf, type Arithmetic } from '../src/arithmetic/arithmetic.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import { defineClaim, dimensionless, experiment, recordMargin, type Experiment } from '../src/claim/claim.ts';
import { integers, reals, vectors } from '../src/claim/domain.ts';
import { integer, real, type Values } from '../src/claim/parameters.ts';
import { Random } from '../src/claim/random.ts';
import { normalisedAttention, readOutError } from '../constructions/copy/T1.gap.ts';
import { decayInRange, targetWithin, worstPlace } from './T1.gap.ts';

const parameters = {
  a_min: real('least decay', { min: '0', max: '1', openMin: true }),
  L: integer('window: pos(i) ≥ i − L + 1', { min: 1 }),
  N: integer('sequence length', { min: 1, max: 4096 }),
  eps: real('target error', { min: '0', openMin: true }),
  M: real('bound on the records', { min: '0', openMin: true }),
} as const;
type P = Values<typeof parameters>;

const ONE = Rational.of(1n);
const TWO = Rational.of(2n);
const etaOf = ({ eps, M }: P): Rational => eps.div(M.mul(TWO));

/** How an experiment departs from the theorem; each must be refuted. */
interface Mutation {
  /** Factor on the weight of pos. */
  readonly weight?: Rational;
  /** What the absolute weights add up to. */
  readonly mass?: Rational;
  readonly signs?: -1;
}

/**
 * ‖y_i − v_pos‖∞ of the plain read-out y_i = Σ_j w_ij v_j. The instance is given by its effective weights: w_pos between
 * 1 − η and 1, and shares of the mass 1 − w_pos that is left; the scores are then s_ij = w_ij/α_ij.
 */
const errorOver = <T>(p: P, A: Arithmetic<T>, mutation: Mutation = {}): Experiment<T> => {
  const { N, M } = p;
  const eta = A.fromRational(etaOf(p));
  const least = A.mul(A.fromRational(mutation.weight ?? ONE), A.sub(A.one, eta));
  const mass = A.fromRational(mutation.mass ?? ONE);
  const error = readOutError(A, { ...normalisedAttention, normalised: false });
  const size = M.mul(Rational.fromNumber(1 - recordMargin(N, 1 + M.div(p.eps).toNumber())));

  const readOut = (
    at: { readonly r: number; readonly i: number },
    excess: number,
    decays: readonly T[],
    shares: readonly T[],
    records: readonly T[],
  ): T => {
    const i = Math.max(at.i, at.r + 1);
    const pos = i - at.r;
    const others = shares.slice(0, i).map((share, j) => (j === pos - 1 ? A.zero : share));
    const total = others.reduce((sum, share) => A.add(sum, A.abs(share)), A.zero);
    const w = A.add(least, A.mul(A.from(excess), A.sub(A.one, least)));
    const left = A.div(A.sub(mass, w), A.max(A.one, total));
    const alpha = new Array<T>(i).fill(A.one);
    for (let j = i - 2; j >= 0; j--) alpha[j] = A.mul(alpha[j + 1]!, decays[j + 1]!);
    const weight = (j: number): T => (j === pos - 1 ? w : A.mul(left, others[j]!));
    return error({
      scores: vectorOf(A, i, (j) => A.div(mutation.signs ? A.neg(weight(j)) : weight(j), alpha[j]!)),
      decays: vectorOf(A, i, (j) => decays[j]!),
      records: vectorOf(A, i, (j) => records[j]!),
      pos,
    });
  };

  const top = size.toNumberBelow();
  const cast = (x: readonly number[]): T[] => x.map((value) => A.from(value));
  return experiment({
    domain: {
      r: integers(0, worstPlace(p).r),
      i: integers(1, N),
      excess: reals(0, 1),
      decays: vectors(N, reals(p.a_min.toNumberAbove(), 1)),
      shares: vectors(N, reals(-1, 1)),
      records: vectors(N, reals(-top, top)),
    },
    measure: ({ r, i, excess, decays, shares, records }) =>
      readOut({ r, i }, excess, cast(decays), cast(shares), cast(records)),
    // All the mass that is left lies on one record −v_pos: the last one, or the first where the last is asked for.
    witness: () => {
      const r = worstPlace(p).r;
      const pos = N - r - 1;
      const other = r > 0 ? N - 1 : 0;
      const list = (value: (j: number) => T): T[] => Array.from({ length: N }, (_, j) => value(j));
      const record = A.fromRational(size);
      return readOut(
        { r, i: N },
        0,
        list(() => A.fromRational(p.a_min)),
        list((j) => (j === other ? A.one : A.zero)),
        list((j) => (j === pos ? record : A.neg(record))),
      );
    },
  });
};

/** Random decays for which the uniform condition is looked at. */
const INSTANCES = 2000;

/**
 * A1.scale gives α s ≤ 1, so s ≥ (1 − η)x^(L−1), where L counts up to N only, asks for α ≤ a_min^(L−1)/(1 − η): the share
 * of random instances (distance uniform in 0 … L − 1, decays uniform in [a_min, 1]) and the least distance at constant decay
 * a_min for which it can be met.
 */
const vacuity = (p: P, seed: number): readonly (number | null)[] => {
  const a = p.a_min.toNumber();
  const most = a ** worstPlace(p).r / (1 - etaOf(p).toNumber());
  const random = new Random(seed);
  let met = 0;
  for (let instance = 0; instance < INSTANCES; instance++) {
    let alpha = 1;
    for (let left = random.integer(0, worstPlace(p).r); left > 0; left--) alpha *= a + (1 - a) * random.uniform();
    if (alpha <= most) met++;
  }
  const distances = Array.from({ length: worstPlace(p).r + 1 }, (_, r) => r);
  const threshold = (1 - etaOf(p).toNumber()) / a ** worstPlace(p).r;
  const least = distances.find((r) => a ** r <= most)!;
  return [a, p.L, p.N, p.eps.toNumber(), p.M.toNumber(), threshold, least, INSTANCES, met / INSTANCES];
};

export const mass = defineClaim({
  tag: 'T1.mass',
  title: 'Eq. 7 from the output scale: c = 1 − ε/(2M), d = 0',
  statement:
    'Under A1.scale and A1.values, η = ε/(2M): s ≥ (1 − η)/α_{i,pos} gives ‖y_i − v_pos‖∞ ≤ 2M(1 − w_pos) ≤ ε; uniformly, s ≥ (1 − η)(1/a_min)^(L−1), which A1.scale allows only where α_{i,pos} ≤ a_min^(L−1)/(1 − η).',
  quantifiers: [
    'for all a_min ∈ (0, 1], window L, length N, 0 < ε ≤ 2M',
    'for all i ≤ N, r ≤ L − 1, decays in [a_min, 1], scores with Σ_j |w_ij| ≤ 1, records with ‖v‖∞ ≤ M',
    'for all scores s at pos(i) of at least (1 − η)/α_{i,pos}: ‖y_i − v_pos(i)‖∞ ≤ ε',
  ],
  source: 'RLL Theorem 1 (Eq. 7); docs/theory.md §2',
  parameters,
  conditions: [targetWithin, decayInRange],
  grid: {
    quick: [{ a_min: ['0.5', '0.9'], L: 4, N: 8, eps: '0.1', M: 1 }],
    standard: [
      { a_min: ['0.5', '0.9', '0.99', '1'], L: [1, 8, 16], N: 24, eps: '0.1', M: 1 },
      { a_min: '0.9', L: 8, N: [1, 2, 16], eps: ['0.001', '1', '2'], M: 1 },
      { a_min: '0.9', L: [24, 32, 48], N: 48, eps: '0.1', M: 1 },
      { a_min: '0.7', L: 8, N: 16, eps: '0.3', M: 3 },
    ],
    deep: [{ a_min: ['0.3', '0.95'], L: [32, 64], N: 64, eps: ['0.001', '0.1'], M: 1 }],
  },
  quantities: {
    error: {
      measures: '‖y_i − v_pos‖∞ at w_pos ≥ 1 − η',
      relation: '<=',
      bound: (p) => p.eps,
      slack: ({ N }) => (N >= 2 ? 0.999 : null),
      experiment: (p, A) => errorOver(p, A),
      teethAt: { a_min: '0.9', L: 4, N: 8, eps: '0.1', M: 1 },
      mutants: {
        'a score 1 % short': (p, A) => errorOver(p, A, { weight: Rational.of(99n, 100n) }),
        'a mass of 1.1': (p, A) => errorOver(p, A, { mass: Rational.of(11n, 10n) }),
        'scores of the other sign': (p, A) => errorOver(p, A, { signs: -1 }),
      },
    },
  },
  measurements: [
    {
      id: 'T1.mass.vacuity',
      title: 'Where the uniform condition of T1.mass can be met at all',
      columns: dimensionless(['a_min', 'L', 'N', 'eps', 'M', 'threshold', 'least distance', 'instances', 'share']),
      row: vacuity,
    },
  ],
});
