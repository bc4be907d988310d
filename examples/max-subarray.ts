/** A dynamic program of your own: the largest sum of neighbouring numbers, of which there is at least one (Kadane). */
import { circuit, defineProblem, fields } from 'mambound';

const { add, ge, max, select } = circuit;
const [i, number, entry, before] = fields('i', 'number', 'entry', 'before');

export const maxSubarray = defineProblem({
  name: 'max-subarray',
  title: 'largest sum of neighbours',
  statement: 'E(i) = max(E(i−1), 0) + w_i; the answer is max E(i), 0 for an empty list.',
  source: 'Kadane',
  inputs: { w: { kind: 'list', meaning: 'integers' } },
  examples: [['-2', '1', '-3', '4', '-1', '2', '1', '-5', '4']],
  specify: ({ size, most, symbols }) => {
    const range = { lo: most.w * symbols.w.lo, hi: most.w * symbols.w.hi };
    return {
      index: { i: [1, size.w] },
      reads: { entry: { of: 'w', at: i } },
      dependencies: { before: 1 },
      local: true,
      value: add(entry, select(ge(number, 2), max(before, 0), 0)),
      range,
      answer: { by: 'max', over: ge(number, 1), initial: 0, range },
    };
  },
});
