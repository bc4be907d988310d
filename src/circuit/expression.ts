/**
 * Expressions over named inputs: what a circuit is written in. They are data; `compile.ts` turns them into explicit
 * weights, `ideal.ts` says what they mean.
 *
 *   const y = select(ge(input('t'), 0), min(input('a'), mul(input('b'), input('c'))), lookup(input('k'), table))
 */
export type Expression =
  | { readonly kind: 'input'; readonly name: string }
  /** Component `at` of another definition of the circuit. */
  | { readonly kind: 'field'; readonly name: string; readonly at: number }
  | { readonly kind: 'constant'; readonly value: number }
  /** Σ weight · of */
  | { readonly kind: 'sum'; readonly terms: readonly { readonly weight: number; readonly of: Expression }[] }
  | { readonly kind: 'product'; readonly left: Expression; readonly right: Expression }
  /** max(0, of) */
  | { readonly kind: 'relu'; readonly of: Expression }
  | { readonly kind: 'min' | 'max'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'abs'; readonly of: Expression }
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

const from = (x: Operand): Expression => (typeof x === 'number' ? constant(x) : x);

export const input = (name: string): Expression => ({ kind: 'input', name });
/** Another definition of the circuit, or one component of it. */
export const field = (name: string, at = 0): Expression => ({ kind: 'field', name, at });
export const constant = (value: number): Expression => ({ kind: 'constant', value });

/** A linear form: Σ weight · expression. */
export const linear = (...terms: readonly (readonly [weight: number, of: Operand])[]): Expression => ({
  kind: 'sum',
  terms: terms.map(([weight, of]) => ({ weight, of: from(of) })),
});
export const add = (...xs: readonly Operand[]): Expression => linear(...xs.map((x) => [1, x] as const));
export const sub = (x: Operand, y: Operand): Expression => linear([1, x], [-1, y]);
export const neg = (x: Operand): Expression => linear([-1, x]);
export const scale = (weight: number, x: Operand): Expression => linear([weight, x]);
/** x·y of two expressions; with a constant, use `scale`. */
export const mul = (x: Operand, y: Operand): Expression => ({ kind: 'product', left: from(x), right: from(y) });

export const relu = (x: Operand): Expression => ({ kind: 'relu', of: from(x) });
export const abs = (x: Operand): Expression => ({ kind: 'abs', of: from(x) });
const fold =
  (kind: 'min' | 'max') =>
  (first: Operand, ...rest: readonly Operand[]): Expression =>
    rest.reduce<Expression>((left, right) => ({ kind, left, right: from(right) }), from(first));
export const min = fold('min');
export const max = fold('max');

export interface Margin {
  /** The compared values differ by at least this much; integers need none. */
  readonly margin?: number;
}
/** 1[x ≥ y]. */
export const ge = (x: Operand, y: Operand, { margin }: Margin = {}): Expression => ({
  kind: 'step',
  of: sub(x, y),
  ...(margin !== undefined && { margin }),
});
export const le = (x: Operand, y: Operand, margin?: Margin): Expression => ge(y, x, margin);
/** 1[x > y] = 1 − 1[y ≥ x]. */
export const gt = (x: Operand, y: Operand, margin?: Margin): Expression => not(ge(y, x, margin));
export const lt = (x: Operand, y: Operand, margin?: Margin): Expression => not(ge(x, y, margin));
/** 1[x = y], for integers. */
export const eq = (x: Operand, y: Operand): Expression => ({ kind: 'zero', of: sub(x, y) });
/** 1 − x, for a condition x. */
export const not = (x: Expression): Expression => linear([1, 1], [-1, x]);

/** `then` where the condition `when` is 1, `otherwise` where it is 0. */
export const select = (when: Expression, then: Operand, otherwise: Operand): Expression => ({
  kind: 'select',
  when,
  then: from(then),
  otherwise: from(otherwise),
});

/** values[x − first] of an integer x; every value that x can take must have an entry. */
export const lookup = (x: Operand, values: readonly number[], first = 0): Expression => ({
  kind: 'lookup',
  of: from(x),
  first,
  values,
});
/** 1[x = first], …, 1[x = last], of an integer x: one expression for each. */
export const onehot = (x: Operand, first: number, last: number): Expression[] =>
  Array.from({ length: last - first + 1 }, (_, at) => eq(x, first + at));
/** ⌊x / by⌋ of an integer x, for an integer by ≥ 1. */
export const quotient = (x: Operand, by: number): Expression => ({ kind: 'quotient', of: from(x), by });
/** x − by·⌊x / by⌋. */
export const remainder = (x: Operand, by: number): Expression => ({ kind: 'remainder', of: from(x), by });

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
