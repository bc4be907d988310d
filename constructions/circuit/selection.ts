/** min(a, b·c) if t ≥ 0, else table[k]: real numbers, a product, a comparison with a margin and a table. */
import { ge, input, integer, lookup, min, mul, real, select } from '../../src/circuit/language.ts';

export const selection = {
  inputs: {
    a: real(-3, 3),
    b: real(-1, 1),
    c: real(-2, 2),
    t: real(-5, 5, { margin: 0.125 }),
    k: integer(0, 3),
  },
  fields: {
    y: select(ge(input('t'), 0), min(input('a'), mul(input('b'), input('c'))), lookup(input('k'), [1, 4, -2, 8.5])),
  },
};
