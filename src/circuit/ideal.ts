/**
 * What a circuit's expressions mean, computed directly: the reference that its network is measured against. Networks
 * never see it.
 */
import type { Arithmetic } from '../arithmetic/arithmetic.ts';
import { isVector, operand, type Definitions, type Expression } from './expression.ts';

export interface Ideal<T> {
  /** Component `at` of a field. */
  field(name: string, at?: number): T;
  valueOf(x: Expression): T;
}

/** The values of definitions, and of any expression over them, for given inputs. */
export const idealValues = <T>(
  A: Arithmetic<T>,
  definitions: Definitions,
  inputs: Readonly<Record<string, T>>,
): Ideal<T> => {
  const known = new Map<Expression, T>();
  const field = (name: string, at = 0): T => {
    if (!Object.hasOwn(definitions, name)) return inputs[name]!;
    const definition = definitions[name]!;
    return valueOf(operand(isVector(definition) ? definition[at]! : definition));
  };
  const valueOf = (x: Expression): T => {
    const value = known.get(x) ?? evaluate(x);
    known.set(x, value);
    return value;
  };
  /** An integer, or the sign of a number that keeps away from 0. */
  const numberOf = (x: Expression): number => A.toNumber(valueOf(x));
  const integerOf = (x: Expression): number => Math.round(numberOf(x));
  const bit = (condition: boolean): T => (condition ? A.one : A.zero);

  const evaluate = (x: Expression): T => {
    switch (x.kind) {
      case 'input':
        return inputs[x.name]!;
      case 'field':
        return field(x.name, x.at);
      case 'constant':
        return A.from(x.value);
      case 'sum':
        return x.terms.reduce((sum, { weight, of }) => A.add(sum, A.mul(A.from(weight), valueOf(of))), A.zero);
      case 'product':
        return A.mul(valueOf(x.left), valueOf(x.right));
      case 'relu':
        return A.relu(valueOf(x.of));
      case 'abs':
        return A.abs(valueOf(x.of));
      case 'max':
        return A.max(valueOf(x.left), valueOf(x.right));
      case 'min':
        return A.neg(A.max(A.neg(valueOf(x.left)), A.neg(valueOf(x.right))));
      case 'not':
        return A.sub(A.one, valueOf(x.of));
      case 'step':
        return bit(numberOf(x.of) > -Math.min(STEP_ROOM, (x.margin ?? 1) / 2));
      case 'zero':
        return bit(integerOf(x.of) === 0);
      case 'lookup':
        return A.from(x.values[integerOf(x.of) - x.first]!);
      case 'quotient':
        return A.from(Math.floor(integerOf(x.of) / x.by));
      case 'remainder':
        return A.from(integerOf(x.of) - x.by * Math.floor(integerOf(x.of) / x.by));
      case 'select':
        return integerOf(x.when) === 1 ? valueOf(x.then) : valueOf(x.otherwise);
    }
  };
  return { field, valueOf };
};

/** Integers that are enclosed or rounded may come out slightly below 0. */
const STEP_ROOM = 2 ** -30;
