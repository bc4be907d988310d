/** 0/1 knapsack: K(i, c), the most that the first i items are worth within a capacity of c. */
import { add, ge, max, min, mul, select } from '../../src/circuit/language.ts';
import { defineProblem, fields } from '../../src/dp/specification.ts';

const [i, c, weight, worth, without, beside] = fields('i', 'c', 'weight', 'worth', 'without', 'beside');

export const knapsack = defineProblem({
  name: 'knapsack',
  title: '0/1 knapsack',
  statement:
    'K(i, c) = max(K(i−1, c), K(i−1, c − w_i) + v_i if w_i ≤ c), K(0, c) = 0; the answer is the last value. Which state it depends on is itself read.',
  source: 'docs/theory.md §5',
  inputs: {
    weights: { kind: 'list', meaning: 'weights of the items', min: 0 },
    values: { kind: 'list', meaning: 'values of the items', min: 0, asLongAs: 'weights' },
    capacity: { kind: 'number', meaning: 'capacity', min: 0 },
  },
  examples: [
    ['2,3,4,5', '3,4,5,6', '5'],
    ['', '', '3'],
    ['7,0', '9,1', '6'],
  ],
  specify: ({ size, most, symbols }) => {
    const worthAll = most.weights * symbols.values.hi;
    return {
      index: { i: [0, size.weights], c: [0, size.capacity] },
      reads: { weight: { of: 'weights', at: i }, worth: { of: 'values', at: i } },
      // An item that is too heavy is not packed, however far away it reaches.
      dependencies: { without: add(size.capacity, 1), beside: add(size.capacity, 1, min(weight, size.capacity)) },
      local: true,
      value: select(ge(i, 1), max(without, mul(ge(c, weight), add(beside, worth))), 0),
      range: { lo: 0, hi: worthAll },
      answer: { last: 0 },
    };
  },
});
