/**
 * T2.attention: one softmax head of constant size copies for any N, with a cache that grows by one row per token.
 *
 *   score(i, j) = −β (j − pos(i))² = q_i · k_j,   k_j = (j², j, 1),   q_i = (−β, 2β pos, −β pos²)
 *
 * Error ≤ 2M q/(1 + q), q = Σ_{t≠0} e^(−βt²) ≤ 2e^(−β)/(1 − e^(−3β)); β = ln(4M/ε − 1) makes it ≤ ε for ε < 2M.
 * Scores reach βN² and their terms 2βN², which is what finite precision pays for. Source: docs/theory.md §3.
 */
import { vectorOf, type Accumulation } from '../../src/arithmetic/arithmetic.ts';
import { nextPowerOfTwo, saturation, type Format } from '../../src/arithmetic/format.ts';
import { evaluateFormula, parseFormula, realOf } from '../../src/arithmetic/formula.ts';
import { Rational } from '../../src/arithmetic/rational.ts';
import { defineCopy, type BuiltCopy, type CopyParameters } from '../../src/copy/construction.ts';
import { defineMechanism, toReader, type Memory, type Places } from '../../src/copy/mechanism.ts';
import { asking } from '../../src/copy/task.ts';
import { Fields } from '../../src/network/fields.ts';
import type { Layer, SoftmaxAttention } from '../../src/network/layer.ts';
import { matrixFromForms, type Form } from '../../src/network/matrix.ts';
import { squareBlock } from './addressed-steps.ts';

export const attentionBeta = parseFormula('log(4*M/eps - 1)');
export const attentionBound = parseFormula(`q = 2*exp(-beta)/(1 - exp(-3*beta))
  2*M*q/(1 + q)`);

/** The components that hold i² and pos². */
interface Squares {
  readonly i: number;
  readonly pos: number;
}

/** The head of one reader of a memory. */
const headOf = (
  { width, one, v, i }: Omit<Memory, 'reads'>,
  pos: number,
  squared: Squares,
  beta: number,
): SoftmaxAttention => {
  const forms = (...rows: readonly Form[]) => matrixFromForms(rows, width);
  return {
    kind: 'softmax-attention',
    key: forms([[squared.i, 1]], [[i, 1]], [[one, 1]]),
    query: forms([[one, -beta]], [[pos, 2 * beta]], [[squared.pos, -beta]]),
    value: forms(...v.map((component): Form => [[component, 1]])),
  };
};

export const attentionHead = (d: number, beta: number): { head: SoftmaxAttention; token: Fields } => {
  const token = new Fields({ v: d, i: 1, i_squared: 1, pos: 1, pos_squared: 1, one: 1 });
  const [i, pos, one] = [token.at('i'), token.at('pos'), token.at('one')];
  const v = Array.from({ length: d }, (_, r) => token.at('v', r));
  const squared = { i: token.at('i_squared'), pos: token.at('pos_squared') };
  return { head: headOf({ width: token.width, one, v, i }, pos, squared, beta), token };
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

/** β for a format: a power of two, at which weights saturate. */
const betaFor = ({ M, eps, format }: CopyParameters): number => {
  const beta = evaluateFormula(attentionBeta, { M, eps }).toNumber();
  return format ? Math.max(nextPowerOfTwo(beta), saturation(format)) : beta;
};

/** Attention to all tokens, or to the last `window`: squares, and a head for each reader. */
export const attentionLayers = (memory: Memory, own: Places, p: CopyParameters, window?: number): Layer[] => {
  const beta = betaFor(p);
  const squares = [memory, ...memory.reads].map((at, k) => ({
    of: 'pos' in at ? at.pos : at.i,
    to: own.at('squares', k),
  }));
  const heads = memory.reads.map((read, k): Layer => {
    const head = headOf(memory, read.pos, { i: squares[0]!.to, pos: squares[k + 1]!.to }, beta);
    return {
      kind: 'sequential',
      layers: [{ ...head, ...(window !== undefined && { window }) }, toReader(memory, read)],
    };
  });
  return [squareBlock(memory.width, p.format ? saturation(p.format) : 1, squares), ...heads];
};

export const attentionMemory = defineMechanism({
  tag: 'T2.attention',
  title: 'a softmax head for each reader, with a cache that grows',
  keeps: 'all',
  scratch: ({ reads }) => ({ squares: 1 + reads }),
  layers: (memory, own, p) => attentionLayers(memory, own, p),
  breaks: (p, mode) => breaks(p.format, mode, p.N, betaFor(p)),
});

export const attention = defineCopy({
  tag: 'T2.attention',
  title: 'COPY by one softmax head, constant size and a growing cache',
  statement:
    'Scores −β(j − pos)² from (j², j, 1): error ≤ 2M q/(1 + q) for any N; β = ln(4M/ε − 1) suffices for ε < 2M.',
  source: 'Feng C.7; docs/theory.md §3',
  allows: { expected: 'a number in (0, 2M)', holds: ({ eps, M }) => eps.compare(M.add(M)) < 0 },
  build: buildAttention,
});
