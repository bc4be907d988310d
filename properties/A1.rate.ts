/** A1.rate: how often random keys satisfy A1.gap (docs/theory.md §1). */
import { parseFormula, realOf } from '../src/arithmetic/formula.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import type { Real } from '../src/arithmetic/real.ts';
import { defineClaim, dimensionless, type Trials } from '../src/claim/claim.ts';
import { choice, integer, real, type Values } from '../src/claim/parameters.ts';
import type { Random } from '../src/claim/random.ts';
import { measureRate } from '../src/evidence/frequency.ts';

const parameters = {
  keys: choice('distribution of the keys', ['sphere', 'signs', 'gaussian', 'mamba-init']),
  positions: choice('one position i = N, or every i at once', ['one', 'all']),
  N: integer('sequence length', { min: 1, max: 4096 }),
  m: integer('state dimension', { min: 1, max: 4096 }),
  delta: real('bound on the other scores, relative to s_{i,pos}', { min: '0', max: '1', openMax: true }),
  trials: integer('independent instances', { min: 100, max: 1_000_000 }),
} as const;
type P = Values<typeof parameters>;

/** Bounds on the probability that one other score reaches δ s_{i,pos}; nothing is proved of the initialisation of Mamba. */
const PAIR: Readonly<Record<P['keys'], string | undefined>> = {
  sphere: '2*exp(-m*delta^2/2)',
  signs: '2*exp(-m*delta^2/2)',
  gaussian: '(1 + delta^2)^(-m/2)',
  'mamba-init': undefined,
};
/** For all i at once, with pos(i) = i: every pair of keys, of which there are half of N(N − 1). */
const PAIRS: Readonly<Record<P['positions'], string>> = { one: '(N - 1)', all: 'N*(N - 1)/2' };

const boundOf = ({ keys, positions, N, m, delta }: P): Real | undefined => {
  const pair = PAIR[keys];
  return pair === undefined ? undefined : realOf(parseFormula(`${PAIRS[positions]}*${pair}`), { N, m, delta });
};
/** Whether there is a bound below 1; any other says nothing. */
const isBounded = (p: P): boolean => (boundOf(p)?.approximate().toNumber() ?? 1) < 1;

const TWO = Rational.of(2n);

type Key = Float64Array;

const dot = (x: Key, y: Key): number => {
  let sum = 0;
  for (let n = 0; n < x.length; n++) sum += x[n]! * y[n]!;
  return sum;
};

/** Fills a key. The event is free of a common scale: signs are ±1, which make scores exact, Gaussian entries N(0, 1). */
const draw = (keys: P['keys'], key: Key, random: Random): Key => {
  const { length: m } = key;
  if (keys === 'signs') for (let n = 0; n < m; n++) key[n] = random.uniform() < 0.5 ? -1 : 1;
  else for (let n = 0; n < m; n++) key[n] = random.normal();
  if (keys === 'sphere') {
    const scale = 1 / Math.sqrt(dot(key, key));
    for (let n = 0; n < m; n++) key[n]! *= scale;
  }
  return key;
};

/** Mamba's published initialisation: A = −(1, …, m), and Δ log-uniform in [1e-3, 1e-1] for each channel. */
const [LEAST_STEP, MOST_STEP] = [1e-3, 1e-1];

/** w_ij = Σ_n c_n b_jn e^(−n(i−j)Δ), the effective weight in one channel. */
const decayedDot = (c: Key, b: Key, distance: number, step: number): number => {
  const ratio = Math.exp(-distance * step);
  let sum = 0;
  for (let n = 0, decay = ratio; n < c.length; n++, decay *= ratio) sum += c[n]! * b[n]! * decay;
  return sum;
};

/** Whether some |w_Nj|, j ≠ pos, reaches δ|w_{N,pos}|; c = b_pos, pos uniform. */
const oneFails = ({ keys, N, m }: P, limitOf: Limit, random: Random): boolean => {
  const pos = random.integer(1, N);
  const step = LEAST_STEP * (MOST_STEP / LEAST_STEP) ** random.uniform();
  const query = draw(keys, new Float64Array(m), random);
  const key = new Float64Array(m);
  const weight = (b: Key, j: number): number =>
    Math.abs(keys === 'mamba-init' ? decayedDot(query, b, N - j, step) : dot(query, b));
  const limit = limitOf(weight(query, pos));
  for (let j = 1; j <= N; j++) if (j !== pos && weight(draw(keys, key, random), j) >= limit) return true;
  return false;
};

/** Whether it happens at some i, with pos(i) = i: |s_ij| ≥ δ s_ii for some j < i. */
const anyFails = ({ keys, N, m }: P, limitOf: Limit, random: Random): boolean => {
  const drawn: Key[] = [];
  for (let i = 0; i < N; i++) {
    const key = draw(keys, new Float64Array(m), random);
    const limit = limitOf(dot(key, key));
    if (drawn.some((other) => Math.abs(dot(key, other)) >= limit)) return true;
    drawn.push(key);
  }
  return false;
};

/** What |s_ij| must reach beside a given s_{i,pos}. */
type Limit = (own: number) => number;

/** Scores of signs are integers and tie with δm often: their limit is the least integer from there on, exactly. */
const limitFor = ({ keys, delta }: P, m: number): Limit => {
  if (keys !== 'signs') {
    const factor = delta.toNumber();
    return (own) => factor * own;
  }
  const { n, d } = delta.mul(Rational.fromNumber(m));
  const least = Number((n + d - 1n) / d);
  return () => least;
};

const trialsOf = (p: P, m = p.m): Trials => {
  const limitOf = limitFor(p, m);
  const fails = p.positions === 'one' ? oneFails : anyFails;
  return { count: p.trials, occurs: (random) => fails({ ...p, m }, limitOf, random) };
};

export const rate = defineClaim({
  tag: 'A1.rate',
  title: 'How often random keys satisfy Assumption 1',
  statement:
    'P(max_{j≠pos} |s_ij| ≥ δ s_{i,pos}) ≤ 2(N−1)e^(−mδ²/2) for keys uniform on the sphere or with entries ±1/√m, and ≤ (N−1)(1+δ²)^(−m/2) for Gaussian keys; for all i at once (pos(i) = i) N/2 times as much.',
  quantifiers: [
    'for all N, m and 0 ≤ δ < 1',
    'over independent keys b_1, …, b_N of the distribution, c_i = b_pos(i) and pos(i) uniform: the probability is at most the bound',
  ],
  source: 'beyond RLL; K. Ball 1997 (sphere), Hoeffding (signs); docs/theory.md §1',
  parameters,
  conditions: [
    {
      name: 'positions',
      expected: 'one for mamba-init keys',
      holds: ({ keys, positions }) => keys !== 'mamba-init' || positions === 'one',
    },
  ],
  grid: {
    quick: [{ keys: ['sphere', 'signs', 'gaussian'], positions: 'one', N: 16, m: 64, delta: '0.5', trials: 2000 }],
    standard: [
      {
        keys: ['sphere', 'signs', 'gaussian', 'mamba-init'],
        positions: 'one',
        N: 16,
        m: [8, 16, 24, 32, 40, 48, 64],
        delta: '0.5',
        trials: 2000,
      },
      {
        keys: ['sphere', 'signs', 'gaussian', 'mamba-init'],
        positions: 'one',
        N: 64,
        m: [16, 48],
        delta: '0.5',
        trials: 2000,
      },
      { keys: 'sphere', positions: 'one', N: 16, m: [64, 128], delta: '0.25', trials: 2000 },
      { keys: ['sphere', 'signs', 'gaussian'], positions: 'all', N: 16, m: [32, 64], delta: '0.5', trials: 2000 },
    ],
    deep: [
      {
        keys: ['sphere', 'signs', 'gaussian'],
        positions: 'one',
        N: 64,
        m: [16, 64, 128],
        delta: ['0.25', '0.5', '0.75'],
        trials: 5000,
      },
    ],
  },
  quantities: {
    rate: {
      measures: 'the rate of max_{j≠pos} |s_ij| ≥ δ s_{i,pos}',
      relation: '<=',
      applies: isBounded,
      bound: (p) => boundOf(p)!,
      slack: () => null,
      trials: trialsOf,
      teethAt: { keys: 'sphere', positions: 'one', N: 64, m: 64, delta: '0.5', trials: 2000 },
      mutants: {
        'half the dimension': (p: P) => trialsOf(p, p.m / 2),
        'half the threshold': (p: P) => trialsOf({ ...p, delta: p.delta.div(TWO) }),
      },
    },
  },
  measurements: [
    {
      id: 'A1.rate.rates',
      title: 'Rates at which random keys violate Assumption 1, where no bound below 1 is claimed; and all bounds',
      columns: dimensionless(['keys', 'positions', 'N', 'm', 'delta', 'trials', 'rate', 'bound']),
      row: (p, seed) => [
        p.keys,
        p.positions,
        p.N,
        p.m,
        p.delta.toNumber(),
        p.trials,
        // Where there is one, the cell of the claim holds the rate.
        isBounded(p) ? null : measureRate(trialsOf(p), seed).rate,
        boundOf(p)?.approximate().toNumber() ?? null,
      ],
    },
  ],
});
