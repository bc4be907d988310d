/** Longest strictly increasing subsequence over pairs: dp(i, j) looks at the first j entries before entry i. */
import { add, eq, ge, lt, max, mul, scale, select, sub } from '../../src/circuit/language.ts';
import { defineProblem, fields } from '../../src/dp/specification.ts';

const [i, j, here, there, left, ending, number] = fields('i', 'j', 'here', 'there', 'left', 'ending', 'number');
/** dp(j, j−1) is state j(j+1)/2. */
const diagonal = scale(0.5, mul(j, add(j, 1)));

export const lis = defineProblem({
  name: 'lis',
  title: 'longest strictly increasing subsequence',
  statement:
    'dp(i, j) = max(dp(i, j−1), (dp(j, j−1) + 1)·1[s_j < s_i]), dp(i, 0) = 1, 0 ≤ j < i; the answer is max dp(i, i−1).',
  source: 'Feng §4; docs/theory.md §5',
  inputs: { s: { kind: 'list', meaning: 'integers', ordinal: true } },
  examples: [['10', '9', '2', '5', '3', '7', '101', '18'], [], ['5'], ['1', '1', '2', '2', '3', '3']],
  specify: ({ size, most }) => ({
    index: { i: [1, size.s], j: [0, sub(i, 1)] },
    reads: { here: { of: 's', at: i }, there: { of: 's', at: j } },
    dependencies: { left: 1, ending: sub(number, diagonal) },
    value: select(ge(j, 1), max(left, select(lt(there, here), add(ending, 1), 0)), 1),
    range: { lo: 0, hi: most.s },
    answer: { by: 'max', over: eq(j, sub(i, 1)), initial: 0, range: { lo: 0, hi: most.s } },
  }),
});
