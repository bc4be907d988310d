/** A construction of your own, as a baseline: a module that ignores its keys returns the mean of all records. */
import { defineCopy, Fields, parseFormula, pick, realOf, vectorOf } from 'mambound';

const bound = parseFormula('2*M*(N - 1)/N');

export const mean = defineCopy({
  tag: 'EX.mean',
  title: 'The mean of all records, whatever is asked',
  statement: 'Keys and queries 1, read-out normalised: y_N is the mean; error ≤ 2M(N − 1)/N, attained.',
  source: 'an example',
  allows: { expected: 'a number > 0', holds: () => true },
  build: ({ N, d, M }) => {
    const token = new Fields({ v: d, one: 1 });
    const [one, value] = [pick(token, 'one'), pick(token, 'v')];
    return {
      network: { kind: 'linear-attention', key: one, query: one, value, decay: 1, normalised: true },
      token,
      output: 0,
      constants: {},
      bound: realOf(bound, { N, M }),
      // The record asked for is −M, all others are M.
      witness: (A, margin) => {
        const top = A.mul(A.fromRational(M), A.from(1 - margin));
        const records = vectorOf(A, N * d, (i) => (i < d ? A.neg(top) : top));
        return { records, pos: Array.from({ length: N }, () => 1) };
      },
      breaks: () => undefined,
    };
  },
});
