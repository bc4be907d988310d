/**
 * The word problem of S_5, which is complete for NC¹ (Barrington): what a word over two generators comes to. No fixed-depth
 * network of these kinds is known to solve it at once; one state per token does, with m = 1.
 */
import { eq, ge, lookup, select } from '../../src/circuit/language.ts';
import { defineProblem, fields } from '../../src/dp/specification.ts';

const [i, letter, product] = fields('i', 'letter', 'product');

/** All orders of 0 … 4, from (0, 1, 2, 3, 4), which is number 0. */
const orders = (rest: readonly number[]): number[][] =>
  rest.length === 0 ? [[]] : rest.flatMap((x) => orders(rest.filter((y) => y !== x)).map((order) => [x, ...order]));
const ELEMENTS = orders([0, 1, 2, 3, 4]);
const numberOf = new Map(ELEMENTS.map((order, number) => [order.join(), number]));

/** For each element p the number of p·g, which takes x to p(g(x)). */
const times = (g: readonly number[]): number[] => ELEMENTS.map((p) => numberOf.get(g.map((x) => p[x]!).join())!);
const SWAP = times([1, 0, 2, 3, 4]);
const CYCLE = times([1, 2, 3, 4, 0]);

export const wordProblem = defineProblem({
  name: 'word-problem',
  title: 'word problem of the symmetric group S_5',
  statement:
    'P(i) = P(i−1)·g_i, g_i = (1 2) for a and (1 2 3 4 5) for b; elements are numbered 0 … 119, the identity is 0.',
  source: 'Barrington 1989; docs/theory.md §5',
  inputs: { word: { kind: 'word', meaning: 'a word over a, b', alphabet: 'ab' } },
  examples: [['abbab'], [''], ['bbbbb'], ['abababababababab']],
  specify: ({ size }) => {
    const before = select(ge(i, 2), product, 0);
    return {
      index: { i: [1, size.word] },
      reads: { letter: { of: 'word', at: i } },
      dependencies: { product: 1 },
      local: true,
      value: select(eq(letter, 'a'.codePointAt(0)!), lookup(before, SWAP), lookup(before, CYCLE)),
      range: { lo: 0, hi: ELEMENTS.length - 1 },
      answer: { last: 0 },
    };
  },
});
