/**
 * Formulas as text: a bound is written once, in the mathjs syntax that users know, and evaluated exactly (BigInt
 * rationals) where it is a rational function of its parameters and in decimals elsewhere. Tests hold this evaluator
 * against mathjs itself.
 *
 * A formula is a sequence of `name = expression` lines; the value is that of the last line.
 * Expressions: numbers, names, pi, + − * / ^, comparisons, c ? x : y, and the functions in FUNCTIONS.
 */
import type { Decimal } from 'decimal.js';
import { decimalArithmetic, decimalToRational } from './decimal.ts';
import { Rational } from './rational.ts';

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
  call(name: string, x: T): T;
  pi(): T;
}

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
  compare: (x, y) => x.compare(y),
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
    compare: (x, y) => x.comparedTo(y),
    call: (name, x) => functions[name]!(x),
    pi: () => A.neg(A.one).acos(),
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
        if (node.name === 'min') return values.reduce((x, y) => (field.compare(y, x) < 0 ? y : x));
        if (node.name === 'max') return values.reduce((x, y) => (field.compare(y, x) > 0 ? y : x));
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
