/**
 * Formulas as text: a bound is written once, in the mathjs syntax that users know, and evaluated exactly (BigInt
 * rationals) where it is a rational function of its parameters, and in decimals or rigorous intervals elsewhere. Tests
 * hold this evaluator against mathjs itself.
 *
 * A formula is a sequence of `name = expression` lines; the value is that of the last line.
 * Expressions: numbers, names, pi, + − * / ^, comparisons, c ? x : y, and the functions in FUNCTIONS.
 */
import type { Decimal } from 'decimal.js';
import { Undecidable } from './arithmetic.ts';
import { bigIntervalFunctions, type BigInterval, type BigIntervalFunctions } from './big-interval.ts';
import { decimalArithmetic, decimalToRational } from './decimal.ts';
import { Rational } from './rational.ts';
import type { Bounds, Real } from './real.ts';

type Node =
  | { kind: 'number'; value: Rational }
  | { kind: 'name'; name: string }
  | { kind: 'call'; name: string; arguments: Node[] }
  | { kind: 'negate'; x: Node }
  | { kind: 'binary'; operator: string; x: Node; y: Node }
  | { kind: 'choose'; condition: Node; yes: Node; no: Node };

export interface Formula {
  readonly text: string;
  /** Names that the formula takes from outside. */
  readonly parameters: readonly string[];
  readonly lines: readonly { name?: string; expression: Node }[];
}

export type Environment = Readonly<Record<string, Rational | number | undefined>>;

export class FormulaError extends Error {
  override name = 'FormulaError';
}

/** Functions of one argument beside the lattice operations min and max. */
export const FUNCTIONS = ['exp', 'log', 'sqrt', 'tanh', 'erf', 'abs', 'floor', 'ceil', 'min', 'max'] as const;

const TOKEN = /\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|(<=|>=|==|[-+*/^()?:,<>=]))/y;

const tokenize = (text: string): string[] => {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw new FormulaError(`expected a formula, got an unexpected character at "${text.slice(at).trim()}"`);
    tokens.push(match[1] ?? match[2] ?? match[3]!);
  }
  return tokens;
};

const COMPARISONS = new Set(['<', '<=', '>', '>=', '==']);

/** Recursive descent; one instance parses one line. */
class Parser {
  readonly #tokens: string[];
  readonly #line: string;
  #at = 0;

  constructor(line: string) {
    this.#line = line;
    this.#tokens = tokenize(line);
  }

  statement(): { name?: string; expression: Node } {
    if (this.#tokens[1] === '=') {
      const name = this.#tokens[0]!;
      if (!/^[A-Za-z_]/.test(name)) {
        throw new FormulaError(`expected a name before "=" in "${this.#line.trim()}", got ${name}`);
      }
      this.#at = 2;
      return { name, expression: this.#whole() };
    }
    return { expression: this.#whole() };
  }

  #whole(): Node {
    const node = this.#choice();
    if (this.#at < this.#tokens.length) this.#fail('an operator');
    return node;
  }
  #fail(expected: string): never {
    throw new FormulaError(
      `expected ${expected} in "${this.#line.trim()}", got ${this.#tokens[this.#at] ?? 'the end'}`,
    );
  }
  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at++;
    return true;
  }
  #expect(token: string): void {
    if (!this.#take(token)) this.#fail(`"${token}"`);
  }

  #choice(): Node {
    const condition = this.#comparison();
    if (!this.#take('?')) return condition;
    const yes = this.#choice();
    this.#expect(':');
    return { kind: 'choose', condition, yes, no: this.#choice() };
  }
  #comparison(): Node {
    const x = this.#sum();
    const operator = this.#tokens[this.#at];
    if (operator === undefined || !COMPARISONS.has(operator)) return x;
    this.#at++;
    return { kind: 'binary', operator, x, y: this.#sum() };
  }
  #leftAssociative(operators: string, operand: () => Node): Node {
    let x = operand();
    for (;;) {
      const operator = this.#tokens[this.#at];
      if (operator === undefined || operator.length !== 1 || !operators.includes(operator)) return x;
      this.#at++;
      x = { kind: 'binary', operator, x, y: operand() };
    }
  }
  #sum(): Node {
    return this.#leftAssociative('+-', () => this.#product());
  }
  #product(): Node {
    return this.#leftAssociative('*/', () => this.#unary());
  }
  #unary(): Node {
    if (this.#take('-')) return { kind: 'negate', x: this.#unary() };
    if (this.#take('+')) return this.#unary();
    return this.#power();
  }
  #power(): Node {
    const x = this.#atom();
    return this.#take('^') ? { kind: 'binary', operator: '^', x, y: this.#unary() } : x;
  }
  #atom(): Node {
    const token = this.#tokens[this.#at];
    if (token === undefined) this.#fail('a number, a name or "("');
    this.#at++;
    if (token === '(') {
      const inner = this.#choice();
      this.#expect(')');
      return inner;
    }
    if (/^[\d.]/.test(token)) {
      const value = Rational.parse(token);
      if (!value) throw new FormulaError(`expected a number with a smaller exponent, got ${token}`);
      return { kind: 'number', value };
    }
    if (!/^[A-Za-z_]/.test(token)) {
      this.#at--;
      this.#fail('a number, a name or "("');
    }
    if (!this.#take('(')) return { kind: 'name', name: token };
    if (!(FUNCTIONS as readonly string[]).includes(token)) {
      throw new FormulaError(
        `expected one of the functions ${FUNCTIONS.join(', ')} in "${this.#line.trim()}", got ${token}`,
      );
    }
    const args = [this.#choice()];
    while (this.#take(',')) args.push(this.#choice());
    this.#expect(')');
    return { kind: 'call', name: token, arguments: args };
  }
}

const namesIn = (node: Node): string[] => {
  switch (node.kind) {
    case 'number':
      return [];
    case 'name':
      return [node.name];
    case 'call':
      return node.arguments.flatMap(namesIn);
    case 'negate':
      return namesIn(node.x);
    case 'binary':
      return [...namesIn(node.x), ...namesIn(node.y)];
    case 'choose':
      return [node.condition, node.yes, node.no].flatMap(namesIn);
  }
};

/** Parses a formula; throws FormulaError with the place where it is none. */
export const parseFormula = (text: string): Formula => {
  const lines = text
    .split(/[\n;]/)
    .filter((line) => line.trim() !== '')
    .map((line) => new Parser(line).statement());
  if (lines.length === 0) throw new FormulaError('expected a formula, got an empty text');
  const defined = new Set<string>();
  const parameters = new Set<string>();
  for (const { name, expression } of lines) {
    for (const used of namesIn(expression)) if (!defined.has(used) && used !== 'pi') parameters.add(used);
    if (name !== undefined) defined.add(name);
  }
  return { text: lines.length ? text.trim().replace(/\n\s+/g, '\n') : text, parameters: [...parameters], lines };
};

/** What evaluation needs of a number system. */
interface Field<T> {
  rational(x: Rational): T;
  add(x: T, y: T): T;
  sub(x: T, y: T): T;
  mul(x: T, y: T): T;
  div(x: T, y: T): T;
  neg(x: T): T;
  pow(x: T, y: T): T;
  compare(x: T, y: T): number;
  min(x: T, y: T): T;
  max(x: T, y: T): T;
  call(name: string, x: T): T;
  pi(): T;
}

/** The lattice operations of a field whose numbers are totally ordered. */
const ordered = <T>(compare: (x: T, y: T) => number): Pick<Field<T>, 'compare' | 'min' | 'max'> => ({
  compare,
  min: (x, y) => (compare(y, x) < 0 ? y : x),
  max: (x, y) => (compare(y, x) > 0 ? y : x),
});

/** Thrown where a formula leaves the rationals, or those that are worth writing down. */
class Irrational extends Error {}

/** A power with more bits than this is evaluated in decimals: exactly, it would take seconds, or all memory. */
const MAX_EXACT_BITS = 2 ** 20;

const bitsOf = (x: Rational): number => Math.max(x.n.toString(16).length, x.d.toString(16).length) * 4;

const rationalField: Field<Rational> = {
  rational: (x) => x,
  add: (x, y) => x.add(y),
  sub: (x, y) => x.sub(y),
  mul: (x, y) => x.mul(y),
  div: (x, y) => x.div(y),
  neg: (x) => x.neg(),
  ...ordered((x: Rational, y: Rational) => x.compare(y)),
  pow: (x, y) => {
    if (!y.isInteger() || bitsOf(x) * Math.abs(Number(y.n)) > MAX_EXACT_BITS) throw new Irrational();
    return x.pow(Number(y.n));
  },
  call: (name, x) => {
    const floor = (q: Rational): Rational => Rational.of((q.n - (((q.n % q.d) + q.d) % q.d)) / q.d);
    if (name === 'abs') return x.abs();
    if (name === 'floor') return floor(x);
    if (name === 'ceil') return floor(x.neg()).neg();
    throw new Irrational();
  },
  pi: () => {
    throw new Irrational();
  },
};

/** Digits carried beyond those asked for, against cancellation inside a formula. */
const FORMULA_GUARD_DIGITS = 30;

/** The same for intervals: rounding and cancellation inside a formula widen them. */
const FORMULA_GUARD_BITS = 32;

const decimalField = (digits: number): Field<Decimal> => {
  const A = decimalArithmetic(digits + FORMULA_GUARD_DIGITS);
  // log(64)/log(2) may come out as 6.00…01, and its ceiling must be 6 all the same.
  const tolerance = A.fromRational(Rational.of(1n, 10n ** BigInt(digits + FORMULA_GUARD_DIGITS / 2)));
  const settled = (x: Decimal): Decimal => (x.minus(x.round()).abs().lte(x.abs().times(tolerance)) ? x.round() : x);
  const functions: Record<string, (x: Decimal) => Decimal> = {
    exp: A.exp,
    log: (x) => x.ln(),
    sqrt: A.sqrt,
    tanh: A.tanh,
    erf: A.erf,
    abs: A.abs,
    floor: (x) => settled(x).floor(),
    ceil: (x) => settled(x).ceil(),
  };
  return {
    rational: A.fromRational,
    add: A.add,
    sub: A.sub,
    mul: A.mul,
    div: A.div,
    neg: A.neg,
    pow: (x, y) => x.pow(y),
    ...ordered((x: Decimal, y: Decimal) => x.comparedTo(y)),
    call: (name, x) => functions[name]!(x),
    pi: () => A.neg(A.one).acos(),
  };
};

const precisions = new Map<number, BigIntervalFunctions>();
/** The intervals of a precision: their constants, such as ln 2, are computed once. */
const intervalsOf = (bits: number): BigIntervalFunctions => {
  const functions = precisions.get(bits) ?? bigIntervalFunctions(bits);
  precisions.set(bits, functions);
  return functions;
};

/** Rigorous: what is rational stays exact, everything else is an interval around the real value. */
const enclosingField = (bits: number): Field<Rational | BigInterval> => {
  type Value = Rational | BigInterval;
  const A = intervalsOf(bits);
  const asInterval = (x: Value): BigInterval => (x instanceof Rational ? A.fromRational(x) : x);
  const ends = (x: Value): Bounds => {
    const bounds = x instanceof Rational ? x.enclose() : A.bounds(x);
    if (!bounds) throw new Undecidable('expected more precise intervals');
    return bounds;
  };
  /** In rationals while all arguments are and the result is; in intervals otherwise. */
  const either =
    (exact: (...x: Rational[]) => Rational, enclosed: (...x: BigInterval[]) => BigInterval) =>
    (...x: Value[]): Value => {
      if (x.every((value) => value instanceof Rational)) {
        try {
          return exact(...x);
        } catch (error) {
          if (!(error instanceof Irrational)) throw error;
        }
      }
      return enclosed(...x.map(asInterval));
    };
  const compare = (x: Value, y: Value): number => {
    const [a, b] = [ends(x), ends(y)];
    if (a.hi.compare(b.lo) < 0) return -1;
    if (b.hi.compare(a.lo) < 0) return 1;
    if (a.lo.compare(a.hi) === 0 && b.lo.compare(b.hi) === 0) return 0;
    throw new Undecidable('expected more precise intervals');
  };
  const rounded = (name: 'floor' | 'ceil', x: BigInterval): BigInterval => {
    const { lo, hi } = ends(x);
    const [a, b] = [rationalField.call(name, lo), rationalField.call(name, hi)];
    if (a.compare(b) !== 0) throw new Undecidable('expected more precise intervals');
    return A.fromRational(a);
  };
  const functions: Record<string, (x: BigInterval) => BigInterval> = {
    exp: A.exp,
    log: A.log,
    sqrt: A.sqrt,
    tanh: A.tanh,
    erf: A.erf,
    abs: A.abs,
    floor: (x) => rounded('floor', x),
    ceil: (x) => rounded('ceil', x),
  };
  const power = (x: Value, y: Value): Value => {
    const { lo, hi } = ends(y);
    if (lo.isInteger() && lo.compare(hi) === 0) return A.pow(asInterval(x), Number(lo.n));
    if (x instanceof Rational && x.sign() === 0 && lo.sign() > 0) return x;
    return A.exp(A.mul(asInterval(y), A.log(asInterval(x))));
  };
  return {
    rational: (x) => x,
    add: either(rationalField.add, A.add),
    sub: either(rationalField.sub, A.sub),
    mul: either(rationalField.mul, A.mul),
    div: either(rationalField.div, A.div),
    neg: either(rationalField.neg, A.neg),
    compare,
    min: either(rationalField.min, A.min),
    max: either(rationalField.max, A.max),
    pow: (x, y) => {
      if (!(x instanceof Rational && y instanceof Rational)) return power(x, y);
      try {
        return rationalField.pow(x, y);
      } catch (error) {
        if (!(error instanceof Irrational)) throw error;
        return power(x, y);
      }
    },
    call: (name, x) => either((q) => rationalField.call(name, q), functions[name]!)(x),
    pi: A.pi,
  };
};

const compareWith = (operator: string, order: number): boolean =>
  operator === '<'
    ? order < 0
    : operator === '<='
      ? order <= 0
      : operator === '>'
        ? order > 0
        : operator === '>='
          ? order >= 0
          : order === 0;

const run = <T>(formula: Formula, environment: Environment, field: Field<T>): T => {
  const defined = new Map<string, T>();
  const truth = (node: Node): boolean => {
    if (node.kind === 'binary' && COMPARISONS.has(node.operator)) {
      return compareWith(node.operator, field.compare(evaluate(node.x), evaluate(node.y)));
    }
    throw new FormulaError('expected a comparison before "?"');
  };
  const evaluate = (node: Node): T => {
    switch (node.kind) {
      case 'number':
        return field.rational(node.value);
      case 'name': {
        const local = defined.get(node.name);
        if (local !== undefined) return local;
        const given = Object.hasOwn(environment, node.name) ? environment[node.name] : undefined;
        if (given === undefined && node.name === 'pi') return field.pi();
        if (given === undefined) {
          const given = Object.keys(environment).filter((key) => environment[key] !== undefined);
          const known = [...given, ...defined.keys()];
          throw new FormulaError(`expected a known symbol (${known.join(', ')}), got ${node.name}`);
        }
        return field.rational(typeof given === 'number' ? Rational.fromNumber(given) : given);
      }
      case 'negate':
        return field.neg(evaluate(node.x));
      case 'choose':
        return evaluate(truth(node.condition) ? node.yes : node.no);
      case 'call': {
        const values = node.arguments.map(evaluate);
        if (node.name === 'min' || node.name === 'max') {
          const pick = field[node.name];
          return values.reduce((x, y) => pick(x, y));
        }
        if (values.length !== 1) throw new FormulaError(`expected one argument of ${node.name}, got ${values.length}`);
        return field.call(node.name, values[0]!);
      }
      case 'binary': {
        const x = evaluate(node.x);
        const y = evaluate(node.y);
        switch (node.operator) {
          case '+':
            return field.add(x, y);
          case '-':
            return field.sub(x, y);
          case '*':
            return field.mul(x, y);
          case '/':
            return field.div(x, y);
          case '^':
            return field.pow(x, y);
          default:
            throw new FormulaError(`expected a number, got a comparison (${node.operator})`);
        }
      }
    }
  };
  let last: T | undefined;
  for (const { name, expression } of formula.lines) {
    last = evaluate(expression);
    if (name !== undefined) defined.set(name, last);
  }
  return last!;
};

/** Decimal digits used where a formula is not rational and the caller does not say. */
const DEFAULT_DIGITS = 40;

/** The value of a formula that stays in the rationals, undefined for any other. */
const exactValue = (formula: Formula, environment: Environment): Rational | undefined => {
  try {
    return run(formula, environment, rationalField);
  } catch (error) {
    if (error instanceof Irrational) return undefined;
    throw error;
  }
};

/**
 * The value of a formula: exact where it is rational, else the exact value of its decimal evaluation with `digits`
 * significant digits to spare.
 */
export const evaluateFormula = (formula: Formula, environment: Environment, digits = DEFAULT_DIGITS): Rational => {
  try {
    return exactValue(formula, environment) ?? decimalToRational(run(formula, environment, decimalField(digits)));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new FormulaError(`expected a finite value of "${formula.text.replaceAll('\n', '; ')}" (${error.message})`);
  }
};

/** Beyond this many bits a comparison inside a formula is taken to be undecidable. */
const MOST_BITS = 4096;

/** The number that a formula stands for, exactly: a rational one, or one that can be enclosed to any precision. A text is parsed first. */
export const realOf = (source: Formula | string, environment: Environment): Real => {
  const formula = typeof source === 'string' ? parseFormula(source) : source;
  const text = formula.text.replaceAll('\n', '; ');
  /** A division by zero or an infinite parameter. */
  const finite = <X>(evaluate: () => X): X => {
    try {
      return evaluate();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new FormulaError(`expected a finite value of "${text}" (${error.message})`);
    }
  };
  const exact = finite(() => exactValue(formula, environment));
  if (exact) return exact;
  const at = (bits: number): Bounds | undefined => {
    try {
      const value = finite(() => run(formula, environment, enclosingField(bits)));
      return value instanceof Rational ? value.enclose() : intervalsOf(bits).bounds(value);
    } catch (error) {
      if (error instanceof Undecidable) return undefined;
      throw error;
    }
  };
  const known = new Map<number, Bounds>();
  return {
    enclose: (bits) => {
      let bounds = known.get(bits);
      for (let used = bits + FORMULA_GUARD_BITS; !bounds && used <= MOST_BITS; used *= 2) bounds = at(used);
      if (!bounds) {
        throw new FormulaError(`expected a finite value of "${text}" that ${MOST_BITS} bits decide, got none`);
      }
      known.set(bits, bounds);
      return bounds;
    },
    approximate: () => evaluateFormula(formula, environment),
  };
};
