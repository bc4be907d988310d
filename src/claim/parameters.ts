/**
 * Parameters of claims and constructions: declared once, with their ranges, and read from what a user typed.
 * A real parameter stays exact: "0.9" is 9/10.
 */
import { MODES, type Accumulation } from '../arithmetic/arithmetic.ts';
import { ARITHMETIC_NAMES, arithmeticByName } from '../arithmetic/names.ts';
import { Rational } from '../arithmetic/rational.ts';
import { InputError } from '../input-error.ts';

interface Described {
  /** What the symbol means. */
  readonly meaning: string;
  /** May be left out; the claim then derives it. */
  readonly optional?: boolean;
}
export interface IntegerParameter extends Described {
  readonly kind: 'integer';
  readonly min: number;
  readonly max?: number;
}
export interface RealParameter extends Described {
  readonly kind: 'real';
  /** Exact decimal text; `open` marks bounds that are excluded. */
  readonly min?: string;
  readonly max?: string;
  readonly openMin?: boolean;
  readonly openMax?: boolean;
}
export interface ChoiceParameter<C extends string = string> extends Described {
  readonly kind: 'choice';
  readonly choices: readonly C[];
}
/** The name of an arithmetic; a claim that has it as `format` runs in that arithmetic. */
export interface FormatParameter extends Described {
  readonly kind: 'format';
}
export type Parameter = IntegerParameter | RealParameter | ChoiceParameter | FormatParameter;
export type Parameters = Readonly<Record<string, Parameter>>;

type ValueOf<P extends Parameter> = P extends IntegerParameter
  ? number
  : P extends ChoiceParameter<infer C>
    ? C
    : P extends FormatParameter
      ? string
      : Rational;
type OptionalKeys<P extends Parameters> = { [K in keyof P]: P[K] extends { optional: true } ? K : never }[keyof P];
/** The values that belong to a declaration: numbers for integers, exact rationals for reals, texts for choices. */
export type Values<P extends Parameters> = { readonly [K in Exclude<keyof P, OptionalKeys<P>>]: ValueOf<P[K]> } & {
  readonly [K in OptionalKeys<P>]?: ValueOf<P[K]>;
};
export type Value = number | string | Rational;

export const integer = <O extends Omit<IntegerParameter, 'kind' | 'meaning'>>(
  meaning: string,
  options: O,
): { kind: 'integer'; meaning: string } & O => ({
  kind: 'integer',
  meaning,
  ...options,
});
export const real = <O extends Omit<RealParameter, 'kind' | 'meaning'>>(
  meaning: string,
  options: O,
): { kind: 'real'; meaning: string } & O => ({
  kind: 'real',
  meaning,
  ...options,
});
export const choice = <const C extends string>(meaning: string, choices: readonly C[]): ChoiceParameter<C> => ({
  kind: 'choice',
  meaning,
  choices,
});

/** The "format" of statements about real numbers, which enclosures decide. */
export const REAL = 'real';

export const format = (meaning: string): FormatParameter => ({ kind: 'format', meaning });

/** How a claim that runs in a format accumulates; it has the parameter as `accumulate`. */
export const accumulation = (meaning = 'how sums are accumulated'): ChoiceParameter<Accumulation> =>
  choice(meaning, MODES);

/** The set of values a parameter may take, in words. */
export const rangeText = (parameter: Parameter): string => {
  switch (parameter.kind) {
    case 'choice':
      return `one of ${parameter.choices.join(', ')}`;
    case 'format':
      return `one of ${REAL}, ${ARITHMETIC_NAMES}`;
    case 'integer':
      return parameter.max === undefined
        ? `an integer ≥ ${parameter.min}`
        : `an integer in [${parameter.min}, ${parameter.max}]`;
    case 'real': {
      const { min, max, openMin, openMax } = parameter;
      if (min !== undefined && max !== undefined)
        return `a number in ${openMin ? '(' : '['}${min}, ${max}${openMax ? ')' : ']'}`;
      if (min !== undefined) return `a number ${openMin ? '>' : '≥'} ${min}`;
      return max === undefined ? 'a number' : `a number ${openMax ? '<' : '≤'} ${max}`;
    }
  }
};

/** Reals enter float64 at some point, so they must fit in it. */
const LEAST_NORMAL = 2 ** -1022;

const inRange = (parameter: RealParameter, x: Rational): boolean => {
  const { min, max, openMin = false, openMax = false } = parameter;
  const below = min === undefined ? 1 : x.compare(Rational.parse(min)!);
  const above = max === undefined ? -1 : x.compare(Rational.parse(max)!);
  return below >= (openMin ? 1 : 0) && above <= (openMax ? -1 : 0);
};

/** A typed text as a value of the parameter. */
export const parseValue = (name: string, parameter: Parameter, text: string): Value => {
  const fail = (): never => {
    throw new InputError(`\`${name}\``, rangeText(parameter), text === '' ? 'nothing' : text);
  };
  if (parameter.kind === 'choice') return parameter.choices.includes(text) ? text : fail();
  if (parameter.kind === 'format') return text === REAL || arithmeticByName(text) ? text : fail();
  const x = Rational.parse(text);
  if (!x) return fail();
  if (parameter.kind === 'real') {
    const nearest = Math.abs(x.toNumber());
    if (x.sign() !== 0 && !(nearest >= LEAST_NORMAL && nearest < Infinity)) {
      throw new InputError(`\`${name}\``, 'within the range of normal doubles', text);
    }
    return inRange(parameter, x) ? x : fail();
  }
  const n = x.isInteger() ? Number(x.n) : NaN;
  return Number.isSafeInteger(n) && n >= parameter.min && n <= (parameter.max ?? Infinity) ? n : fail();
};

/** Computes something of a cell once, for all of its quantities and tables; they get values of their own, which say the same. */
export const perCell = <V extends object, X>(compute: (values: V) => X): ((values: V) => X) => {
  const known = new Map<string, X>();
  return (values) => {
    const key = JSON.stringify(Object.entries(values).map(([name, value]) => [name, valueForResult(value as Value)]));
    if (!known.has(key)) known.set(key, compute(values));
    return known.get(key)!;
  };
};

/** One point of a grid as written: texts (or integers), or lists of them to be combined. */
export type Point = Readonly<Record<string, string | number | readonly (string | number)[]>>;

/** Every combination of the lists in a point; an empty text leaves a parameter out. */
export const expand = (point: Point): Record<string, string>[] =>
  Object.entries(point).reduce<Record<string, string>[]>(
    (cells, [name, values]) => {
      const list = Array.isArray(values) ? (values as readonly (string | number)[]) : [values as string | number];
      return cells.flatMap((cell) => list.map((value) => (value === '' ? cell : { ...cell, [name]: String(value) })));
    },
    [{}],
  );

/** The values of a cell of texts; a name that is unknown or missing is an input error. */
export const parseValues = <P extends Parameters>(parameters: P, cell: Readonly<Record<string, string>>): Values<P> => {
  const unknown = Object.keys(cell).find((name) => !Object.hasOwn(parameters, name));
  if (unknown !== undefined)
    throw new InputError('a parameter', `one of ${Object.keys(parameters).join(', ')}`, unknown);
  const values: Record<string, Value> = {};
  for (const [name, parameter] of Object.entries(parameters)) {
    const text = cell[name];
    if (text !== undefined) values[name] = parseValue(name, parameter, text);
    else if (!parameter.optional) throw new InputError(`\`${name}\``, `set (${rangeText(parameter)})`, 'nothing');
  }
  return values as Values<P>;
};

/** As a result file holds it: a number where a double's shortest text says the same, else the exact text. */
export const valueForResult = (value: Value): number | string => {
  if (!(value instanceof Rational)) return value;
  const x = value.toNumber();
  return Rational.parse(String(x))?.compare(value) === 0 ? x : value.toString();
};
