/** Edit distance with costs: D(j, k), for the first j symbols of one word and the first k of the other. */
import { add, eq, ge, min, not, scale, select } from '../../src/circuit/language.ts';
import { defineProblem, fields } from '../../src/dp/specification.ts';

const [j, k, r, q, up, left, diagonal] = fields('j', 'k', 'r', 'q', 'up', 'left', 'diagonal');

export const editDistance = defineProblem({
  name: 'edit-distance',
  title: 'edit distance of two words',
  statement:
    'D(j, k) = min(D(j−1, k) + delete, D(j, k−1) + insert, D(j−1, k−1) + substitute·1[s_j ≠ t_k]), D(0, 0) = 0; the answer is the last value.',
  source: 'Feng §4; docs/theory.md §5',
  inputs: {
    s: { kind: 'word', meaning: 'source' },
    t: { kind: 'word', meaning: 'target' },
  },
  costs: { insert: 1, delete: 1, substitute: 1 },
  examples: [
    ['kitten', 'sitting'],
    ['', 'abc'],
    ['ab', ''],
    ['', ''],
  ],
  specify: ({ size, most, costs }) => {
    const farthest = most.s * costs.delete + most.t * costs.insert;
    const far = farthest + costs.insert + costs.delete + costs.substitute;
    const substitution = scale(costs.substitute, not(eq(r, q)));
    return {
      index: { j: [0, size.s], k: [0, size.t] },
      reads: { r: { of: 's', at: j }, q: { of: 't', at: k } },
      dependencies: { up: add(size.t, 1), left: 1, diagonal: add(size.t, 2) },
      local: true,
      value: select(
        ge(add(j, k), 1),
        min(
          select(ge(j, 1), add(up, costs.delete), far),
          select(ge(k, 1), add(left, costs.insert), far),
          select(ge(min(j, k), 1), add(diagonal, substitution), far),
        ),
        0,
      ),
      range: { lo: 0, hi: farthest },
      answer: { last: 0 },
    };
  },
});
