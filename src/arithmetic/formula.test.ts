import { all, create, type Fraction, type MathJsInstance } from 'mathjs';
import { describe, expect, it } from 'vitest';
import { decimalArithmetic, decimalToRational } from './decimal.ts';
import { evaluateFormula, FormulaError, parseFormula, realOf, FUNCTIONS, type Environment } from './formula.ts';
import { Rational } from './rational.ts';
import type { Bounds, Real } from './real.ts';
import { randomStream } from './testing.ts';

const evaluate = (text: string, environment: Environment = {}): Rational =>
  evaluateFormula(parseFormula(text), environment);
const q = (text: string): Rational => Rational.parse(text)!;

/** The message of the FormulaError that a formula gives. */
const failure = (text: string, environment: Environment = {}): string => {
  try {
    evaluate(text, environment);
  } catch (error) {
    if (error instanceof FormulaError) return error.message;
    throw error;
  }
  return '';
};

const inFractions: MathJsInstance = create(all, { number: 'Fraction' });
const MATHJS_DIGITS = 64;
const inBigNumbers: MathJsInstance = create(all, { number: 'BigNumber', precision: MATHJS_DIGITS });
const inDoubles: MathJsInstance = create(all, {});

/** Three parameters, positive and of the size that bounds have them. */
const NAMES = ['a', 'b', 'N'] as const;
const randomTexts = (seed: number): Record<string, string> => {
  const random = randomStream(seed);
  const [a, b] = [random(), random() * 3 + 1].map((x) => x.toFixed(4));
  return { a: a === '0.0000' ? '0.0001' : a!, b: b!, N: `${2 + Math.floor(random() * 9)}` };
};
const environmentOf = (texts: Record<string, string>): Environment =>
  Object.fromEntries(NAMES.map((name) => [name, q(texts[name]!)]));
const SEEDS = [1, 2, 3, 4, 5, 6];

const RATIONAL = [
  '-a^2',
  '(-a)^2',
  '2^3^2',
  '2^-2^2',
  '-2^-2',
  'a - b - N',
  'a / b / N',
  'a / b * N',
  'a - (b - N)',
  'a*b + N/a - b',
  '- -a + +b',
  'a*-b',
  '1 - 2*a + a^N',
  '(1 + a)^N - 1',
  'a < b ? a : b',
  'a > b ? 1 : a == b ? 2 : 3',
  'N >= 5 ? a : N <= 3 ? b : a + b',
  'a < 0.5 ? (b < 2 ? 1 : 2) : b < 2 ? 3 : 4',
  'a + 1 < b * 2 ? N - 1 : N + 1',
  '(a < b ? 2 : 3) * N',
  'min(a, b, N) + max(a, b, N)',
  'min(b, a, N) - max(1, N, b, a)',
  'abs(a - b) + floor(b * N) - ceil(-a * N)',
  'floor(-b) * ceil(b)',
  'x = a + b\ny = x * x\ny - x',
  'x = a; x = x + 1; x * N',
  '.5 * a + 12.50 * b',
  'min(N, max(3, ceil(b))) ^ 2 / 4',
  'N ^ (N - 4)',
];

const IRRATIONAL = [
  'exp(-a * N)',
  'exp(-(a*b)^2 / 2) + log(1 + a)',
  'sqrt(a^2 + b^2)',
  'a ^ b',
  'a ^ -b ^ 0.5',
  '-b ^ 0.5',
  'tanh(a) * max(log(b), a)',
  'N * log(N) / log(2)',
  'min(sqrt(N), tanh(a), b) + max(1, exp(N), b, a)',
  'ceil(log(N) / log(2)) + floor(sqrt(N))',
  'u = exp(-b)\nk = 2 * N\nu < a ? (1 + u)^k - 1 : k * u / (1 + k * u)',
  'abs(log(a)) < b ? min(sqrt(a), b) : max(sqrt(a), b)',
  'sqrt(2 * pi) * a',
  '1.25e2 * exp(-a) + 2E-3 * b + 1e+1',
  '(N - 1) * exp(-a) / (1 - exp(-a))',
];

describe('a formula', () => {
  it.each(RATIONAL)('%s has the exact value that mathjs gives it in fractions', (text) => {
    for (const texts of SEEDS.map(randomTexts)) {
      const scope = Object.fromEntries(NAMES.map((name) => [name, inFractions.fraction(texts[name]!)]));
      const value: unknown = inFractions.evaluate(text, scope);
      const last = (inFractions.isResultSet(value) ? (value.entries as unknown[]).at(-1) : value) as Fraction;
      expect(evaluate(text, environmentOf(texts))).toEqual(Rational.of(last.s * last.n, last.d));
    }
  });

  /**
   * Both sides round each of at most 30 operations to 64 digits or more, and no formula magnifies a relative error
   * by more than 10^4 (a difference from 1, a power of at most 20): 30 · 10^4 · 10^−63 < 10^−57.
   */
  const RELATIVE = q('1e-57');

  it.each(IRRATIONAL)('%s has the value that mathjs gives it in big numbers', (text) => {
    for (const texts of SEEDS.map(randomTexts)) {
      const scope = Object.fromEntries(NAMES.map((name) => [name, inBigNumbers.bignumber(texts[name]!)]));
      const value: unknown = inBigNumbers.evaluate(text, scope);
      const last = (inBigNumbers.isResultSet(value) ? (value.entries as unknown[]).at(-1) : value) as object;
      const exact = q(String(last));
      const difference = evaluate(text, environmentOf(texts)).sub(exact).abs();
      expect(difference.compare(exact.abs().mul(RELATIVE))).toBeLessThanOrEqual(0);
    }
  });

  it('has the erf of mathjs', () => {
    // Cody's approximations in doubles: mathjs promises 15 digits.
    const precision = q('1e-15');
    for (const x of [-3, -0.7, 1e-3, 0.25, 1, 2.5, 7]) {
      const exact = Rational.fromNumber(inDoubles.evaluate('erf(x)', { x }) as number);
      expect(evaluate('erf(x)', { x }).sub(exact).abs().compare(precision)).toBe(-1);
    }
  });

  it('is exact where it is rational', () => {
    expect(evaluate('0.1 + 0.2')).toEqual(q('0.3'));
    expect(evaluate('1/3 + 1/6')).toEqual(q('1/2'));
    expect(evaluate('x', { x: 0.1 })).toEqual(Rational.fromNumber(0.1));
    expect(evaluate('(1 - lambda)^3', { lambda: q('0.9') })).toEqual(q('0.001'));
    expect(evaluate('2^-1000')).toEqual(Rational.of(1n, 2n ** 1000n));
    expect(evaluate('a > 0 ? a : exp(1)', { a: 2 })).toEqual(q('2')); // the other branch is not evaluated
    expect(evaluate('4^0.5')).toEqual(q('2'));
    // Beyond the syntax of mathjs
    expect(evaluate('3. + .5')).toEqual(q('3.5'));
    expect(evaluate('1 < 2 ? 2 < 1 ? 3 : 4 : 5')).toEqual(q('4'));
  });

  it('carries more digits than asked for', () => {
    const { exp, one } = decimalArithmetic(200);
    const e = decimalToRational(exp(one));
    for (const digits of [20, 100]) {
      const error = evaluateFormula(parseFormula('exp(1)'), {}, digits).sub(e).abs();
      expect(error.compare(Rational.of(1n, 10n ** BigInt(digits)))).toBe(-1);
    }
    // 1 − e^(−x) loses 20 of its digits.
    const cancelled = evaluate('(1 - exp(-x)) / x', { x: q('1e-20') });
    expect(cancelled.sub(q('1')).add(q('5e-21')).abs().compare(q('1e-40'))).toBe(-1);
  });

  it('rounds logarithms of powers up and down to the exponent', () => {
    for (let k = 1; k <= 40; k++) {
      const environment = { two: 2 ** k, three: Rational.of(3n ** BigInt(k)) };
      const text = 'ceil(log(two) / log(2)) - floor(log(three) / log(3))';
      expect(evaluate(text, environment)).toEqual(q('0'));
    }
    expect(evaluate('floor(sqrt(2)^2) + floor(-(sqrt(3)^2))')).toEqual(q('-1'));
    expect(evaluate('ceil(sqrt(2)^2) + ceil(exp(1)) - floor(-exp(1))')).toEqual(q('8'));
    expect(evaluate('ceil(x * exp(0)) - floor(x * exp(0))', { x: q('3.00000000000000000001') })).toEqual(q('1'));
  });

  it('evaluates powers that are too long to write down in decimals', () => {
    const value = evaluate('log((1 + 2^-20)^(2^20))');
    expect(
      value
        .sub(q('1'))
        .add(Rational.of(1n, 2n ** 21n))
        .abs()
        .compare(q('1e-12')),
    ).toBe(-1);
    // Exactly, this would take minutes.
    expect(failure('2^1e9')).toMatch(/^expected a finite value of "2\^1e9"/);
  });

  it('may be far below the range of doubles', () => {
    expect(evaluate('exp(-20000) * 10^8686').toDecimalText(6)).toBe('1.28932');
  });
});

describe('parameters', () => {
  it('are the names that no line defines before', () => {
    expect(parseFormula('x = a + exp(b)\nx * c + a').parameters).toEqual(['a', 'b', 'c']);
    expect(parseFormula('x = x + 1\nx').parameters).toEqual(['x']);
    expect(parseFormula('2 * pi').parameters).toEqual([]);
    expect(parseFormula('  a +\tb  ').parameters).toEqual(['a', 'b']);
  });

  it('keep the text, line by line', () => {
    expect(parseFormula('\n  x = 1\n    x + a_1\n').text).toBe('x = 1\nx + a_1');
    expect(parseFormula('\n  x = 1\n\n    x + a_1\n').lines.map(({ name }) => name)).toEqual(['x', undefined]);
  });
});

describe('errors', () => {
  it.each([
    ['', 'expected a formula, got an empty text'],
    [' \n ; ', 'expected a formula, got an empty text'],
    ['a + c', 'expected a known symbol (a, b), got c'],
    ['x = a\nx + c', 'expected a known symbol (a, b, x), got c'],
    ['toString', 'expected a known symbol (a, b), got toString'],
    ['sin(a)', `expected one of the functions ${FUNCTIONS.join(', ')} in "sin(a)", got sin`],
    ['a b', 'expected an operator in "a b", got b'],
    ['2a', 'expected an operator in "2a", got a'],
    ['a)', 'expected an operator in "a)", got )'],
    ['1.2.3', 'expected an operator in "1.2.3", got .3'],
    ['a < b < 1', 'expected an operator in "a < b < 1", got <'],
    ['a = b = 1', 'expected an operator in "a = b = 1", got ='],
    ['2 = a', 'expected a name before "=" in "2 = a", got 2'],
    ['(a', 'expected ")" in "(a", got the end'],
    ['a +', 'expected a number, a name or "(" in "a +", got the end'],
    ['x =', 'expected a number, a name or "(" in "x =", got the end'],
    ['a + * b', 'expected a number, a name or "(" in "a + * b", got *'],
    ['max()', 'expected a number, a name or "(" in "max()", got )'],
    ['a ? 1 : 2', 'expected a comparison before "?"'],
    ['a < b ? 1', 'expected ":" in "a < b ? 1", got the end'],
    ['a < b', 'expected a number, got a comparison (<)'],
    ['1 + (a >= b)', 'expected a number, got a comparison (>=)'],
    ['exp(a, b)', 'expected one argument of exp, got 2'],
    ['a $ b', 'expected a formula, got an unexpected character at "$ b"'],
    ['1e6000', 'expected a number with a smaller exponent, got 1e6000'],
    ['a / (b - b)', 'expected a finite value of "a / (b - b)" (division by zero)'],
    ['0 ^ -1', 'expected a finite value of "0 ^ -1" (division by zero)'],
    ['x = 1\nx / (a - a)', 'expected a finite value of "x = 1; x / (a - a)" (division by zero)'],
  ])('%j: %s', (text, message) => {
    expect(failure(text, { a: q('1/2'), b: 2, unset: undefined })).toBe(message);
  });

  it.each(['log(0)', 'sqrt(-1)', '(-8)^(1/3)', 'x = 0\nexp(1) / x', 'exp(1e9)', 'exp(infinite)', 'undefined_one'])(
    '%j: one line that begins with what was expected',
    (text) => {
      expect(failure(text, { infinite: Infinity, undefined_one: undefined })).toMatch(/^expected .*$/);
    },
  );
});

const real = (text: string, environment: Environment = {}): Real => realOf(parseFormula(text), environment);
const enclosed = (text: string, environment: Environment = {}, bits = 80): Bounds =>
  real(text, environment).enclose(bits);

describe('a formula as a real number', () => {
  const DIGITS = 150;
  /** Of the decimal evaluation: some 30 operations, each magnified 10^4 times at most (see RELATIVE above). */
  const DECIMAL_ERROR = q('1e-140');
  const PRECISIONS = [24, 53, 80, 128, 400];

  /** Checks that enclosures hold the decimal value and are as narrow as asked. */
  const check = (text: string, environment: Environment): void => {
    const value = evaluateFormula(parseFormula(text), environment, DIGITS);
    const error = value.abs().mul(DECIMAL_ERROR);
    const number = real(text, environment);
    for (const bits of PRECISIONS) {
      const { lo, hi } = number.enclose(bits);
      expect(lo.compare(value.add(error))).toBeLessThanOrEqual(0);
      expect(hi.compare(value.sub(error))).toBeGreaterThanOrEqual(0);
      expect(lo.compare(hi)).toBeLessThanOrEqual(0);
      expect(hi.sub(lo).compare(value.abs().mul(Rational.of(1n, 1n << BigInt(bits))))).toBeLessThanOrEqual(0);
    }
    expect(number.approximate()).toEqual(evaluateFormula(parseFormula(text), environment));
  };

  it.each([
    ...IRRATIONAL.filter((text) => !text.startsWith('ceil')),
    'erf(a) * erf(-b)',
    'floor(N * exp(-a)) + ceil(b * sqrt(2)) - floor(-pi)',
    'min(exp(a), b, sqrt(N)) - 2 * max(tanh(b), log(N))',
    'exp(a) < b ? exp(b) : exp(a) >= sqrt(N) ? log(N) : pi',
    'exp(a) <= 3 ? a : exp(b)',
    'exp(a) * (N - N < 0 ? 1 : N - N <= 0 ? 2 : 3)',
    'N == N + 0 ? log(b) : pi',
    '(b + 1) ^ -N * exp(a) ^ N',
    '(1 + a) ^ (a / N) - 2',
    'abs(log(a)) * abs(-pi)',
    '(-exp(a)) ^ (N - 1) / exp(b)',
  ])('%s is enclosed as narrowly as asked', (text) => {
    for (const texts of SEEDS.map(randomTexts)) check(text, environmentOf(texts));
  });

  it('has floors and ceilings of irrational numbers', () => {
    for (const N of [3, 5, 6, 7, 9, 10]) {
      const expected = Math.ceil(Math.log2(N)) + Math.floor(Math.sqrt(N + 0.5));
      expect(enclosed('ceil(log(N) / log(2)) + floor(sqrt(N + 0.5))', { N })).toEqual(
        Rational.of(BigInt(expected)).enclose(),
      );
    }
  });

  it('is exact where it is rational', () => {
    for (const text of RATIONAL) {
      for (const texts of SEEDS.map(randomTexts)) {
        const environment = environmentOf(texts);
        expect(real(text, environment)).toEqual(evaluate(text, environment));
      }
    }
    expect(enclosed('1/3', {}, 1)).toEqual({ lo: q('1/3'), hi: q('1/3') });
  });

  it('is as precise as asked, whatever the formula loses on the way', () => {
    // 1 − e^(−x) loses 66 bits, the comparison needs 200, the floor as many.
    const x = q('1e-60');
    expect(enclosed('exp(x) > 1 ? 2 : 3', { x }, 10)).toEqual(q('2').enclose());
    expect(enclosed('floor(2 - exp(x)) + ceil(exp(-x))', { x }, 10)).toEqual(q('1').enclose());
    const { lo, hi } = enclosed('1 - exp(-x)', { x: q('1e-20') }, 200);
    const value = q('1e-20').sub(q('5e-41'));
    expect(lo.sub(value).abs().compare(q('1e-59'))).toBe(-1);
    expect(hi.sub(lo).compare(q('1e-60'))).toBe(-1);
  });

  it('has minima and maxima of numbers that nothing tells apart', () => {
    for (const text of ['max(exp(log(2)), 2)', 'min(2, exp(log(2)))']) {
      const { lo, hi } = enclosed(text);
      expect([lo.compare(q('2')) <= 0, hi.compare(q('2')) >= 0]).toEqual([true, true]);
      expect(hi.sub(lo).compare(Rational.of(1n, 1n << 80n))).toBe(-1);
    }
    // Of which one end at least is exact.
    expect(enclosed('max(exp(log(2)), 2)').lo).toEqual(q('2'));
    expect(enclosed('min(exp(log(2)), 2)').hi).toEqual(q('2'));
  });

  it.each([
    'log(0)',
    'log(a - b)',
    'sqrt(-1)',
    '(-8)^(1/3)',
    'x = 0\nexp(1) / x',
    '1 / (exp(1) - exp(1))',
    'exp(1e9)',
    // What no precision decides.
    'exp(log(b)) <= b ? 1 : 2',
    'exp(log(b)) == b ? 1 : 2',
    'ceil(log(b ^ 3) / log(b))',
    // What is no number, asked for more.
    'log(0) < 1 ? 1 : 2',
    'floor(log(0))',
    'b ^ log(0)',
  ])('%j has no enclosure, and says so in one line', (text) => {
    const number = real(text, { a: 1, b: 2 });
    expect(() => number.enclose(80)).toThrow(FormulaError);
    expect(() => number.enclose(80)).toThrow(/^expected a finite value of ".*" that 4096 bits decide, got none$/);
  });

  it('compares what is rational in it exactly', () => {
    expect(enclosed('a <= 0.1 ? 2 * exp(0) : 3', { a: q('0.1') })).toEqual(q('2').enclose());
    expect(enclosed('a - 0.1 == 0 ? 2 : exp(1)', { a: q('1/3').sub(q('7/30')) })).toEqual(q('2').enclose());
    expect(enclosed('ceil(30 * a) * exp(0)', { a: q('0.1') })).toEqual(q('3').enclose());
  });

  it('knows its symbols, and is a formula', () => {
    expect(() => real('a + exp(c)', { a: 1 }).enclose(10)).toThrow('expected a known symbol (a), got c');
    expect(() => enclosed('exp(a) + c', { a: 1 })).toThrow('expected a known symbol (a), got c');
    expect(() => real('a + c', { a: 1 })).toThrow(FormulaError);
    expect(() => real('a < 1', { a: 1 })).toThrow(FormulaError);
  });

  it.each(['a / (b - b)', '0 ^ -1', 'exp(infinite)', 'infinite * 2'])('%j is an error of the formula', (text) => {
    const attempt = (): Bounds => enclosed(text, { a: 1, b: 2, infinite: Infinity });
    expect(attempt).toThrow(FormulaError);
    expect(attempt).toThrow(/^expected a finite value of ".*$/);
  });
});
