/** The states of nested loops: which index comes after which, and what index fields can hold. */
import { add, field, ge, gt, integer, mul, operand, select, type Definitions } from '../circuit/expression.ts';
import type { Expression, InputRange } from '../circuit/expression.ts';
import { rangesOf, substitute } from '../circuit/substitute.ts';
import { before, END } from './names.ts';
import type { DpSpecification } from './specification.ts';

type Index = DpSpecification['index'];
type Ranges = Readonly<Record<string, InputRange>>;

/**
 * What index fields can hold, over the ranges of the sizes: in states, in the token before the first, whose outermost
 * index is one below its first value, and in the one after the last, whose outermost index is one beyond its last.
 */
export const indexRanges = (index: Index, sizes: Ranges): Record<string, InputRange> => {
  const known: Record<string, InputRange> = {};
  Object.entries(index).forEach(([name, [first, last]], depth) => {
    const { lo, hi } = rangesOf({ ...sizes, ...known }, { lo: first, hi: last });
    known[name] = depth === 0 ? integer(lo!.lo - 1, hi!.hi + 1) : integer(lo!.lo, Math.max(lo!.lo, hi!.hi));
  });
  return known;
};

/** At most so many states there are: the product of the loops' ranges. */
export const mostStates = (index: Index, sizes: Ranges): number =>
  Object.values(indexRanges(index, sizes)).reduce(
    (product, { lo, hi }, depth) => product * Math.max(0, hi - lo + (depth === 0 ? -1 : 1)),
    1,
  );

/** The index before the first state: its successor is the first, for all inner loops are at their end. */
export const indexBefore = (ranges: Ranges): Record<string, number> =>
  Object.fromEntries(Object.entries(ranges).map(([name, { lo, hi }], depth) => [name, depth === 0 ? lo : hi]));

/**
 * The next state: an inner loop that is at its end starts again, and the next outer one goes on. `name` is the next value,
 * `before(name)` the present one; there is no next state where the outermost one is beyond its end.
 */
export const successor = (index: Index): Definitions => {
  const loops = Object.entries(index).reverse();
  const present = (x: Expression): Expression =>
    substitute(x, (name) => (Object.hasOwn(index, name) ? field(before(name)) : undefined));
  const definitions: Record<string, Expression> = {};
  /** Whether all inner loops are at their end: always, inside the innermost. */
  let carry: Expression | undefined;
  loops.forEach(([name, [first, last]], depth) => {
    const now = field(before(name));
    const next = add(now, carry ?? 1);
    if (depth === loops.length - 1) {
      definitions[name] = next;
      definitions[END] = gt(field(name), last);
      return;
    }
    const atEnd = ge(now, present(operand(last)));
    carry = carry ? mul(carry, atEnd) : atEnd;
    definitions[name] = select(carry, first, next);
  });
  return definitions;
};
