/** What an expression is made of, as scripts may hand it in: checked for its shape, never trusted. */
import type { Expression } from './expression.ts';

/** The expressions that have to be nodes before x can be one, with their paths. */
export const operandsOf = (x: Expression, path: string): (readonly [Expression, string])[] => {
  switch (x.kind) {
    case 'sum':
      return x.terms.map(({ of }, at) => [of, `${path}.sum${at + 1}`]);
    case 'product':
      return [
        [x.left, `${path}.left`],
        [x.right, `${path}.right`],
      ];
    case 'relu':
    case 'abs':
      return [[x.of, `${path}.${x.kind}`]];
    case 'min':
    case 'max':
      return [
        [x.left, `${path}.${x.kind}.left`],
        [x.right, `${path}.${x.kind}.right`],
      ];
    case 'not':
    case 'step':
    case 'zero':
      return [[x.of, path]];
    case 'lookup':
      return [[x.of, `${path}.key`]];
    case 'quotient':
    case 'remainder':
      return [[x.of, `${path}.of`]];
    case 'select':
      return [
        [conditionOperand(x.when), `${path}.when`],
        [x.then, `${path}.then`],
        [x.otherwise, `${path}.otherwise`],
      ];
    default:
      return [];
  }
};

/** A comparison, or its negation, is not lowered by itself: it may become part of the selection. */
const conditionOperand = (when: Expression): Expression => {
  let inner = when;
  while (isKind(inner, 'not')) inner = inner.of;
  return isComparison(inner) ? inner.of : when;
};

export const isKind = <K extends Expression['kind']>(x: Expression, kind: K): x is Expression & { kind: K } =>
  isObject(x) && x.kind === kind;
export const isComparison = (x: Expression): x is Expression & { kind: 'step' | 'zero' } =>
  isKind(x, 'step') || isKind(x, 'zero');
export const isObject = (x: unknown): boolean => typeof x === 'object' && x !== null;

/** What stands in the place of something else, in one line. */
export const describe = (x: unknown): string => JSON.stringify(x) ?? String(x);
