/**
 * T2.ideal: an SSM with state dimension m = N copies exactly.
 *
 *   b_j = e_j,  c_i = e_pos(i),  a constant:  y_i = Σ_j a^(i−j) (c_i · b_j) v_j = a^(i−pos) v_pos
 *
 * With a = 1 the read-out is v_pos itself, in every format that represents it; with a < 1 the error is at most
 * M (1 − a^(N−1)), attained at pos = 1, i = N. Source: docs/theory.md §3; Ren–Li–Liu, Theorem 2.
 */
import { vectorOf } from '../../src/arithmetic/arithmetic.ts';
import { parseFormula, realOf } from '../../src/arithmetic/formula.ts';
import { Rational } from '../../src/arithmetic/rational.ts';
import { defineCopy, type BuiltCopy, type CopyParameters } from '../../src/copy/construction.ts';
import { Fields, pick } from '../../src/network/fields.ts';

export const idealBound = parseFormula('M*(1 - a^(N - 1))');

export const buildIdeal = ({ N, d, M }: CopyParameters, a: Rational = Rational.fromNumber(1)): BuiltCopy => {
  const token = new Fields({ v: d, e_i: N, e_pos: N });
  return {
    network: {
      kind: 'linear-attention',
      key: pick(token, 'e_i'), // b_i [N]
      query: pick(token, 'e_pos'), // c_i [N]
      value: pick(token, 'v'), // v_i [d]
      decay: a.toNumber(),
      normalised: false,
    },
    token,
    output: 0,
    constants: { a: a.toNumber() },
    // Of the decay that the network has, a double.
    bound: realOf(idealBound, { M, a: a.toNumber(), N }),
    witness: (A, margin) => {
      const top = A.fromRational(M.mul(Rational.fromNumber(1 - margin)));
      return { records: vectorOf(A, N * d, () => top), pos: Array.from({ length: N }, () => 1) };
    },
    breaks: () => undefined,
  };
};

export const ideal = defineCopy({
  tag: 'T2.ideal',
  title: 'COPY by one-hot keys, state dimension N',
  statement: 'b_j = e_j, c_i = e_pos(i), a = 1: y_i = v_pos(i) exactly, in every format that represents v.',
  source: 'RLL Theorem 2; docs/theory.md §3',
  allows: { expected: 'a number > 0', holds: () => true },
  build: (p) => buildIdeal(p),
});
