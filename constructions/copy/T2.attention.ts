/**
 * T2.attention: one softmax head of constant size copies for any N, with a cache that grows by one row per token.
 *
 *   score(i, j) = −β (j − pos(i))² = q_i · k_j,   k_j = (j², j, 1),   q_i = (−β, 2β pos, −β pos²)
 *
 * Error ≤ 2M q/(1 + q), q = Σ_{t≠0} e^(−βt²) ≤ 2e^(−β)/(1 − e^(−3β)); β = ln(4M/ε − 1) makes it ≤ ε for ε < 2M.
 * Scores reach βN² and their terms 2βN², which is what finite precision pays for. Source: docs/theory.md §3.
 */
import { vectorOf, type Accumulation } from '../../src/arithmetic/arithmetic.ts';
import type { Format } from '../../src/arithmetic/format.ts';
import { evaluateFormula, parseFormula, realOf } from '../../src/arithmetic/formula.ts';
import { Rational } from '../../src/arithmetic/rational.ts';
import { defineCopy, type BuiltCopy, type CopyParameters } from '../../src/copy/construction.ts';
import { asking } from '../../src/copy/task.ts';
import { FieldMatrix, Fields, pick } from '../../src/network/fields.ts';
import type { SoftmaxAttention } from '../../src/network/layer.ts';

export const attentionBeta = parseFormula('log(4*M/eps - 1)');
export const attentionBound = parseFormula(`q = 2*exp(-beta)/(1 - exp(-3*beta))
  2*M*q/(1 + q)`);

export const attentionHead = (d: number, beta: number): { head: SoftmaxAttention; token: Fields } => {
  const token = new Fields({ v: d, i: 1, i_squared: 1, pos: 1, pos_squared: 1, one: 1 });
  const coordinates = new Fields({ quadratic: 1, linear: 1, constant: 1 });
  const key = new FieldMatrix(coordinates, token)
    .set('quadratic', 0, 'i_squared', 0, 1)
    .set('linear', 0, 'i', 0, 1)
    .set('constant', 0, 'one', 0, 1);
  const query = new FieldMatrix(coordinates, token)
    .set('quadratic', 0, 'one', 0, -beta)
    .set('linear', 0, 'pos', 0, 2 * beta)
    .set('constant', 0, 'pos_squared', 0, -beta);
  return {
    head: { kind: 'softmax-attention', key: key.build(), query: query.build(), value: pick(token, 'v') },
    token,
  };
};

/**
 * Why a format must fail: an odd k² beyond 2^p is no number of it. Rounded down, record k scores as high as k − 1 where
 * k − 1 is asked for; rounded up, k − 1 scores as high where k is.
 */
const breaks = ({ name, p, max }: Format, mode: Accumulation, N: number, beta: number): string | undefined => {
  const [what, largest] =
    mode === 'own' ? ['terms of the score reach 2βN²', 2 * beta * N * N] : ['queries reach βN²', beta * N * N];
  if (largest > max) return `${what} = ${largest}, beyond the largest number of ${name}, ${max}`;
  const odd = 2 * Math.ceil((Math.sqrt(2 ** p) - 1) / 2) + 1;
  if (N < odd) return undefined;
  return `P2: ${odd}² = ${odd * odd} > 2^${p} is not a number of ${name}: records ${odd - 1} and ${odd} get the same score`;
};

export const buildAttention = ({ N, d, M, eps }: CopyParameters): BuiltCopy => {
  const beta = evaluateFormula(attentionBeta, { M, eps }).toNumber();
  const { head, token } = attentionHead(d, beta);
  return {
    network: head,
    token,
    output: 0,
    constants: { beta },
    bound: realOf(attentionBound, { M, beta }),
    // The middle has neighbours on both sides: −M there, M elsewhere.
    witness: (A, margin) => {
      const middle = Math.ceil(N / 2);
      const top = A.fromRational(M.mul(Rational.fromNumber(1 - margin)));
      const records = vectorOf(A, N * d, (at) => (Math.floor(at / d) + 1 === middle ? A.neg(top) : top));
      return { records, pos: asking(N, middle) };
    },
    breaks: (format, mode) => breaks(format, mode, N, beta),
  };
};

export const attention = defineCopy({
  tag: 'T2.attention',
  title: 'COPY by one softmax head, constant size and a growing cache',
  statement:
    'Scores −β(j − pos)² from (j², j, 1): error ≤ 2M q/(1 + q) for any N; β = ln(4M/ε − 1) suffices for ε < 2M.',
  source: 'Feng C.7; docs/theory.md §3',
  allows: { expected: 'a number in (0, 2M)', holds: ({ eps, M }) => eps.compare(M.add(M)) < 0 },
  build: buildAttention,
});
