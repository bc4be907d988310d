/** Longest common subsequence: L(j, k), for the first j symbols of one word and the first k of the other. */
import { add, eq, ge, max, min, select } from '../../src/circuit/language.ts';
import { defineProblem, fields } from '../../src/dp/specification.ts';

const [j, k, r, q, up, left, diagonal] = fields('j', 'k', 'r', 'q', 'up', 'left', 'diagonal');

export const lcs = defineProblem({
  name: 'lcs',
  title: 'longest common subsequence of two words',
  statement:
    'L(j, k) = L(j−1, k−1) + 1 if s_j = t_k, else max(L(j−1, k), L(j, k−1)); 0 where j or k is 0; the answer is the last value.',
  source: 'docs/theory.md §5',
  inputs: {
    s: { kind: 'word', meaning: 'a word' },
    t: { kind: 'word', meaning: 'another word' },
  },
  examples: [
    ['kitten', 'sitting'],
    ['', 'abc'],
    ['aaaa', 'aa'],
  ],
  specify: ({ size, most }) => ({
    index: { j: [0, size.s], k: [0, size.t] },
    reads: { r: { of: 's', at: j }, q: { of: 't', at: k } },
    dependencies: { up: add(size.t, 1), left: 1, diagonal: add(size.t, 2) },
    local: true,
    value: select(ge(min(j, k), 1), select(eq(r, q), add(diagonal, 1), max(up, left)), 0),
    range: { lo: 0, hi: Math.min(most.s, most.t) },
    answer: { last: 0 },
  }),
});
