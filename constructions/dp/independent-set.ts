/** The heaviest independent set of a path: numbers of which no two neighbours are taken. Two states back suffice. */
import { add, ge, max, select } from '../../src/circuit/language.ts';
import { defineProblem, fields } from '../../src/dp/specification.ts';

const [i, weight, last, secondLast] = fields('i', 'weight', 'last', 'secondLast');

export const independentSet = defineProblem({
  name: 'independent-set',
  title: 'heaviest independent set of a path',
  statement: 'R(i) = max(R(i−1), R(i−2) + w_i), R(0) = R(−1) = 0; the answer is the last value.',
  source: 'local with m = 2; docs/theory.md §5',
  inputs: { w: { kind: 'list', meaning: 'weights of the vertices, in order' } },
  examples: [['3', '2', '5', '10', '7'], [], ['-4'], ['1', '-1', '1']],
  specify: ({ most, symbols, size }) => ({
    index: { i: [1, size.w] },
    reads: { weight: { of: 'w', at: i } },
    dependencies: { last: 1, secondLast: 2 },
    local: true,
    value: max(select(ge(i, 2), last, 0), add(weight, select(ge(i, 3), secondLast, 0))),
    range: { lo: 0, hi: most.w * symbols.w.hi },
    answer: { last: 0 },
  }),
});
