/**
 * Expressions over named inputs: what a circuit is written in. They are data; `compile.ts` turns them into explicit
 * weights, `ideal.ts` says what they mean.
 *
 *   const y = select(ge(input('t'), 0), min(input('a'), mul(input('b'), input('c'))), lookup(input('k'), table))
 */
import { InputError } from '../input-error.ts';

export type Expression =
  | { readonly kind: 'input'; readonly name: string }
  /** Component `at` of another definition of the circuit; the only one where absent. */
  | { readonly kind: 'field'; readonly name: string; readonly at?: number }
  | { readonly kind: 'constant'; readonly value: number }
  /** Σ weight · of */
  | { readonly kind: 'sum'; readonly terms: readonly { readonly weight: number; readonly of: Expression }[] }
  | { readonly kind: 'product'; readonly left: Expression; readonly right: Expression }
  /** max(0, of) */
  | { readonly kind: 'relu'; readonly of: Expression }
  | { readonly kind: 'min' | 'max'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'abs'; readonly of: Expression }
  /** 1 − of, for a condition. */
  | { readonly kind: 'not'; readonly of: Expression }
  /** 1[of ≥ 0]; not stated for |of| < margin, unless `of` is an integer. */
  | { readonly kind: 'step'; readonly of: Expression; readonly margin?: number }
  /** 1[of = 0], for an integer. */
  | { readonly kind: 'zero'; readonly of: Expression }
  /** values[of − first], for an integer. */
  | { readonly kind: 'lookup'; readonly of: Expression; readonly first: number; readonly values: readonly number[] }
  /** ⌊of / by⌋ or of − by·⌊of / by⌋, for an integer and a positive integer constant. */
  | { readonly kind: 'quotient' | 'remainder'; readonly of: Expression; readonly by: number }
  /** then where when = 1, otherwise where when = 0. */
  | {
      readonly kind: 'select';
      readonly when: Expression;
      readonly then: Expression;
      readonly otherwise: Expression;
    };

/** An expression, or the constant that a number is. */
export type Operand = Expression | number;

/** The fields of a circuit by name: one component each, or several. */
export type Definitions = Readonly<Record<string, Operand | readonly Operand[]>>;

export const isVector = (x: Operand | readonly Operand[]): x is readonly Operand[] => Array.isArray(x);

/** What stands where an expression is wanted. */
export const operand = (x: Operand): Expression => {
  if (Array.isArray(x)) throw new InputError('an operand', 'one expression or number', 'a list (spread it: ...list)');
  return typeof x === 'number' ? constant(x) : x;
};

export const input = (name: string): Expression => ({ kind: 'input', name });
/** Another definition of the circuit, or one component of it. */
export const field = (name: string, at?: number): Expression => ({
  kind: 'field',
  name,
  ...(at !== undefined && { at }),
});
export const constant = (value: number): Expression => ({ kind: 'constant', value });

/** A linear form: Σ weight · expression. */
export const linear = (...terms: readonly (readonly [weight: number, of: Operand])[]): Expression => {
  if (terms.length === 0) throw new InputError('a sum', 'made of at least one term', 'none');
  return {
    kind: 'sum',
    terms: terms.map((term) => {
      if (!Array.isArray(term) || typeof term[0] !== 'number')
        throw new InputError('a term of a sum', 'a pair [weight, expression]', 'something else');
      return { weight: term[0], of: operand(term[1]) };
    }),
  };
};
export const add = (...xs: readonly Operand[]): Expression => linear(...xs.map((x) => [1, x] as const));
export const sub = (x: Operand, y: Operand): Expression => linear([1, x], [-1, y]);
export const neg = (x: Operand): Expression => linear([-1, x]);
export const scale = (weight: number, x: Operand): Expression => {
  if (typeof weight !== 'number')
    throw new InputError('the weight of scale', 'a number, before the expression', 'none');
  return linear([weight, x]);
};

export const relu = (x: Operand): Expression => ({ kind: 'relu', of: operand(x) });
export const abs = (x: Operand): Expression => ({ kind: 'abs', of: operand(x) });
const fold =
  (pair: (left: Expression, right: Expression) => Expression) =>
  (first: Operand, ...rest: readonly Operand[]): Expression =>
    rest.reduce<Expression>((left, right) => pair(left, operand(right)), operand(first));
export const min = fold((left, right) => ({ kind: 'min', left, right }));
export const max = fold((left, right) => ({ kind: 'max', left, right }));
/** x·y·… of expressions; with a constant, `scale` says the same. */
export const mul = fold((left, right) => ({ kind: 'product', left, right }));

export interface Margin {
  /** The compared values differ by at least this much; integers need none. */
  readonly margin?: number;
}
/** 1[x ≥ y]. */
export const ge = (x: Operand, y: Operand, options: Margin = {}): Expression => {
  if (typeof options !== 'object') throw new InputError('a margin', 'given as { margin: … }', String(options));
  const { margin } = options;
  return { kind: 'step', of: sub(x, y), ...(margin !== undefined && { margin }) };
};
export const le = (x: Operand, y: Operand, margin?: Margin): Expression => ge(y, x, margin);
/** 1[x > y] = 1 − 1[y ≥ x]. */
export const gt = (x: Operand, y: Operand, margin?: Margin): Expression => not(ge(y, x, margin));
export const lt = (x: Operand, y: Operand, margin?: Margin): Expression => not(ge(x, y, margin));
/** 1[x = y], for integers. */
export const eq = (x: Operand, y: Operand): Expression => ({ kind: 'zero', of: sub(x, y) });
/** 1 − x, for a condition x. */
export const not = (x: Operand): Expression => ({ kind: 'not', of: operand(x) });

/** `then` where the condition `when` is 1, `otherwise` where it is 0. */
export const select = (when: Operand, then: Operand, otherwise: Operand): Expression => ({
  kind: 'select',
  when: operand(when),
  then: operand(then),
  otherwise: operand(otherwise),
});

/** values[x − first] of an integer x; every value that x can take must have an entry. */
export const lookup = (x: Operand, values: readonly number[], first = 0): Expression => ({
  kind: 'lookup',
  of: operand(x),
  first,
  values,
});
/** Entries of a one-hot vector: more are a mistake in its ends. */
const MOST_COMPONENTS = 100_000;
/** 1[x = first], …, 1[x = last], of an integer x: one expression for each. */
export const onehot = (x: Operand, first: number, last: number): Expression[] => {
  const count = last - first + 1;
  if (!Number.isInteger(first) || !(count >= 1 && count <= MOST_COMPONENTS))
    throw new InputError(
      'the values of onehot',
      `first … last of at most ${MOST_COMPONENTS} integers`,
      `${first} … ${last}`,
    );
  return Array.from({ length: count }, (_, at) => eq(x, first + at));
};
/** ⌊x / by⌋ of an integer x, for an integer by ≥ 1. */
export const quotient = (x: Operand, by: number): Expression => ({ kind: 'quotient', of: operand(x), by });
/** x − by·⌊x / by⌋. */
export const remainder = (x: Operand, by: number): Expression => ({ kind: 'remainder', of: operand(x), by });

/** What an input may hold. */
export interface InputRange {
  readonly lo: number;
  readonly hi: number;
  readonly integer?: boolean;
  /** |x| is at least this much: what `ge(x, 0)` of a real number needs. */
  readonly margin?: number;
}
export const real = (lo: number, hi: number, { margin }: Margin = {}): InputRange => ({
  lo,
  hi,
  ...(margin !== undefined && { margin }),
});
export const integer = (lo: number, hi: number): InputRange => ({ lo, hi, integer: true });
