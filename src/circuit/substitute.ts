/** Expressions with names replaced, and what they may range over. */
import type { Definitions, Expression, InputRange } from './expression.ts';
import { planOf } from './plan.ts';
import type { Range } from './ranges.ts';

/** An expression with every field or input that `replace` has an answer for replaced. */
export const substitute = (x: Expression, replace: (name: string) => Expression | undefined): Expression => {
  const inside = (y: Expression): Expression => substitute(y, replace);
  switch (x.kind) {
    case 'input':
    case 'field':
      return replace(x.name) ?? x;
    case 'constant':
      return x;
    case 'sum':
      return { ...x, terms: x.terms.map(({ weight, of }) => ({ weight, of: inside(of) })) };
    case 'product':
    case 'min':
    case 'max':
      return { ...x, left: inside(x.left), right: inside(x.right) };
    case 'select':
      return { ...x, when: inside(x.when), then: inside(x.then), otherwise: inside(x.otherwise) };
    default:
      return { ...x, of: inside(x.of) };
  }
};

/** The range of each definition's (first) component, over the ranges of the inputs. */
export const rangesOf = (
  inputs: Readonly<Record<string, InputRange>>,
  definitions: Definitions,
): Record<string, Range> => {
  const { outputs } = planOf(inputs, definitions, { target: 'mamba', activation: 'silu', flatten: false });
  return Object.fromEntries([...outputs].map(([name, [node]]) => [name, { lo: node!.lo, hi: node!.hi }]));
};
