/**
 * Emulated floating-point formats (docs/theory.md §6): every operation is carried out in float64 and rounded to
 * p bits, to nearest, ties to even.
 *
 * Rounding a double once more is the correctly rounded result of + − × ÷ √ only while 53 ≥ 2p + 2, that is p ≤ 25
 * (Figueroa); wider formats use the exact remainder of each operation.
 */
import type { Decimal } from 'decimal.js';
import { boundsOfNumber, type Arithmetic, type Primitives } from './arithmetic.ts';
import { composeDoubles, type Tails } from './composed-doubles.ts';
import { decimalArithmetic, decimalToRational } from './decimal.ts';
import { productError, sumError } from './error-free.ts';
import { float64, SYMBOL } from './float64.ts';
import { CarrierRangeError, FP32, FP64, roundRational, roundTo, roundWithResidual, type Format } from './format.ts';
import { fusedMultiplyAdd } from './fused.ts';
import { perFormat } from './per-format.ts';
import { Rational } from './rational.ts';
import { compileText, FUSED, OPERATIONS, SINGLE, type BinaryOperation, type Emitter } from './stage.ts';
import { doubleStorage } from './storage.ts';

const INNOCUOUS_PRECISION = 25;

/** Where Dekker's product and the divisions below are exact: no partial product under- or overflows. */
const SAFE_MIN = 2 ** -450;
const SAFE_MAX = 2 ** 450;
const safe = (x: number): boolean => {
  const magnitude = Math.abs(x);
  return magnitude > SAFE_MIN && magnitude < SAFE_MAX;
};

/** Where the fast rounding below is valid; everything else goes through the exact reference `roundTo`. */
const FAST_MIN = 2 ** -960;
const FAST_MAX = 2 ** 960;

type Round = (t: number) => number;

/**
 * Rounding to p ≤ 25 bits without looking at bits, as text. With w = 2^⌊log2|t|⌋ (Rump's unit in the first place:
 * φt − (1 − u)φt for φ = 2^52 + 1), adding and subtracting 1.5·2^(53−p)·w rounds t to p bits, ties to even: the even
 * multiplier keeps the last bit's parity. Declares `target`, right where z`target`, its magnitude, is above `least` and at
 * most `most`.
 */
const fastRounding = (format: Format, target: string, t: string): string =>
  `const w${target} = ${t} * 4503599627370497;
const s${target} = (w${target} - w${target} * 0.9999999999999999) * ${1.5 * 2 ** (53 - format.p)};
let ${target} = (${t} + s${target}) - s${target};
const z${target} = Math.abs(${target});`;

const fastRange = (format: Format) => ({
  least: Math.max(2 ** format.emin, FAST_MIN),
  most: Math.min(format.max, FAST_MAX),
});

/**
 * Rounding to a format, compiled for it. Subnormal numbers, with the least normal one, are the multiples of one quantum:
 * adding and subtracting 1.5·2^52 of it rounds to them.
 */
const roundingOf = perFormat((format): Round => {
  const exactly = (t: number): number => roundTo(format, t);
  if (format === FP32) return Math.fround;
  if (format.p > INNOCUOUS_PRECISION) return exactly;
  const shift = 1.5 * 2 ** 52 * 2 ** (format.emin - format.p + 1);
  const subnormal = `if (zr <= least) { const d = (t + ${shift}) - ${shift}; return d === 0 ? t * 0 : d; }`;
  const text = `${fastRounding(format, 'r', 't')}
if (zr <= most && zr > least) return r;
${format.emin === -Infinity ? '' : subnormal}
return exactly(t);`;
  return compileText('round', ['t'], text, { exactly, ...fastRange(format) }) as Round;
});

type Settle = Arithmetic<number>['settle'];

/** Rounds a vector in place. */
const settleIn = (format: Format): Settle => {
  const text = 'for (let i = 0; i < x.length; i++) x[i] = round(x[i]);';
  return compileText('settle', ['x'], text, { round: roundingOf(format) }) as Settle;
};

/** A format without underflow may not lose a nonzero product or quotient to it. */
const keepNonzeroIn =
  (format: Format) =>
  (result: number, x: number, y: number): number => {
    if (result === 0 && x !== 0 && y !== 0) {
      throw new CarrierRangeError(
        `a product of format ${format.name} fell below the range of the double that carries it`,
      );
    }
    return result;
  };

/** Whether a nonzero result can fall to zero where the format has no underflow: no sum of doubles can. */
const mayVanish = (format: Format, operation: BinaryOperation): boolean =>
  format.overflow === 'error' && (operation === 'mul' || operation === 'div');

type Operations = Pick<Primitives<number>, BinaryOperation | 'sqrt'>;

/** Operations for 26 ≤ p ≤ 53, by exact remainders; only p<k> formats are that wide, and their operands are finite. */
const residualOperations = (format: Format): Operations => {
  const sqrt = (x: number): number => {
    if (!(x > 0)) return Math.sqrt(x);
    // The remainder of a tiny x would underflow; powers of four come out of the root exactly.
    if (x < SAFE_MIN) return sqrt(x * 2 ** 600) * 2 ** -300;
    const s = Math.sqrt(x);
    const square = s * s;
    return roundWithResidual(format, s, x - square - productError(s, s, square));
  };
  return {
    add: (x, y) => roundWithResidual(format, x + y, sumError(x, y, x + y)),
    sub: (x, y) => roundWithResidual(format, x - y, sumError(x, -y, x - y)),
    mul: (x, y) => {
      if (x === 0 || y === 0 || Number.isNaN(x * y)) return x * y;
      if (!safe(x) || !safe(y)) return roundRational(format, Rational.fromNumber(x).mul(Rational.fromNumber(y)));
      return roundWithResidual(format, x * y, productError(x, y, x * y));
    },
    div: (x, y) => {
      if (x === 0 || y === 0 || Number.isNaN(x / y)) return roundTo(format, x / y);
      if (!safe(x) || !safe(y)) return roundRational(format, Rational.fromNumber(x).div(Rational.fromNumber(y)));
      const q = x / y;
      const qy = q * y;
      const remainder = x - qy - productError(q, y, qy);
      return roundWithResidual(format, q, y < 0 ? -remainder : remainder);
    },
    sqrt,
  };
};

/** Operations for p ≤ 25, as text: the double's, rounded once more. */
const innocuousText = (format: Format): string => {
  const binary = OPERATIONS.map((operation) => {
    const rounded = `round(x ${SYMBOL[operation]} y)`;
    const kept = `keepNonzero(${rounded}, x, ${operation === 'mul' ? 'y' : '1'})`;
    return `${operation}: (x, y) => ${mayVanish(format, operation) ? kept : rounded},`;
  });
  return `${binary.join('\n')}\nsqrt: (x) => round(Math.sqrt(x)),`;
};

/** Relative error assumed of a float64 library function when deciding whether its rounding to p bits is safe. */
const FUNCTION_ERROR = 2 ** -48;
const ZIV_DIGITS = 60;

/** exp alone may flush to zero in a format without underflow (error below 2^−1021). */
const FLUSHED = 2 ** -1021;

/**
 * Both with a factor of 2 for the errors of float64 functions: e^x below half of what rounds, or is flushed, to 0; e^(−x)
 * below half of what rounds 1 + e^(−x) to 1, which is u.
 */
const tailsOf = ({ p, emin, overflow }: Format): Tails => ({
  vanishes: ((overflow === 'error' ? Math.log2(FLUSHED) : emin - p) - 1) * Math.LN2,
  saturates: (p + 1) * Math.LN2,
});

const FUNCTIONS = ['exp', 'log1p', 'tanh', 'erf'] as const;
type FunctionName = (typeof FUNCTIONS)[number];

/**
 * A function rounded once, as text: by way of float64 where both ends of the interval around its value round alike; where a
 * midpoint lies between, `decide` has to.
 */
const functionText = (format: Format, name: FunctionName): string => {
  const isExp = name === 'exp';
  return `${name}: (x) => {
${isExp ? `if (x < ${tailsOf(format).vanishes}) return 0;` : ''}
const y = double.${name}(x);
${isExp && format.overflow === 'error' ? `if (y < ${FLUSHED}) return 0;` : ''}
const low = round(y * ${1 - FUNCTION_ERROR});
const high = round(y * ${1 + FUNCTION_ERROR});
return low === high ? low : decide('${name}', x, low, high);
},`;
};

let decimals: Arithmetic<Decimal> | undefined;

/** f(x) to 60 digits, rounded once; or what both ends of its interval are, if that is NaN. */
const decideIn =
  (format: Format) =>
  (name: FunctionName, x: number, low: number, high: number): number => {
    if (Object.is(low, high)) return low;
    decimals ??= decimalArithmetic(ZIV_DIGITS);
    return roundRational(format, decimalToRational(decimals[name](decimals.from(x))));
  };

/** Primitives of its own for each format: shared, none of them would be inlined. */
const primitivesFor = (format: Format): Primitives<number> => {
  const round = roundingOf(format);
  const innocuous = format.p <= INNOCUOUS_PRECISION;
  const texts = [...(innocuous ? [innocuousText(format)] : []), ...FUNCTIONS.map((name) => functionText(format, name))];
  const make = compileText('primitives', [], `return {\n${texts.join('\n')}\n};`, {
    round,
    double: float64,
    decide: decideIn(format),
    keepNonzero: keepNonzeroIn(format),
  }) as () => Operations & Pick<Primitives<number>, FunctionName>;
  return {
    ...make(),
    ...(innocuous ? {} : residualOperations(format)),
    zero: 0,
    one: 1,
    neg: (x) => -x,
    abs: Math.abs,
    less: (x, y) => x < y,
    from: round,
    fromRational: (x) => roundRational(format, x),
  };
};

/** The operations of a format as text: the rounding inline where it is short, a call of the primitive elsewhere. */
const binaryText = (format: Format): Emitter['binary'] => {
  if (format === FP32)
    return (operation, target, x, y) => `const ${target} = Math.fround(${x} ${SYMBOL[operation]} ${y});`;
  if (format.p > INNOCUOUS_PRECISION)
    return (operation, target, x, y) => `const ${target} = reference.${operation}(${x}, ${y});`;
  return (operation, target, x, y) => {
    const t = `t${target}`;
    const exact = mayVanish(format, operation) ? '' : `${t} === 0 ? ${t} : `;
    return `const ${t} = ${x} ${SYMBOL[operation]} ${y};
${fastRounding(format, target, t)}
if (!(z${target} <= most && z${target} > least)) ${target} = ${exact}reference.${operation}(${x}, ${y});`;
  };
};

/** `ops` is what calls go to, `reference` what rounds where the inline text does not. */
const emitterFor = (format: Format, reference: Primitives<number>, ops: object = reference): Emitter => ({
  ...SINGLE,
  ...FUSED,
  environment: { ops, reference, ...fastRange(format) },
  binary: binaryText(format),
});

/** The arithmetic of a format, every operation rounded in it ("own" accumulation). */
const ownArithmetic = (format: Format): Arithmetic<number> => {
  const primitives = primitivesFor(format);
  const functions = { ...primitives, ...composeDoubles(primitives, emitterFor(format, primitives), tailsOf(format)) };
  return {
    ...functions,
    ...doubleStorage,
    name: format.name,
    mode: 'own',
    emitter: emitterFor(format, primitives, { ...functions, fma: fusedMultiplyAdd(format) }),
    literal: functions.from,
    fromReal: (x) => functions.fromRational(x.approximate()),
    toNumber: (x) => x,
    bounds: boundsOfNumber,
    toText: String,
    settle: () => undefined,
  };
};

/**
 * A format's arithmetic. In mode "fp32", numbers enter in the format, operations round to fp32, and `settle` rounds
 * what a layer hands on; only p ≤ 24 has that mode.
 */
export const emulatedArithmetic = perFormat((format, mode): Arithmetic<number> => {
  if (mode === 'own') return format === FP64 ? float64 : ownArithmetic(format);
  if (format.p > FP32.p)
    throw new RangeError(`expected a format of at most ${FP32.p} bits for fp32 accumulation, got ${format.name}`);
  const wide = ownArithmetic(FP32);
  return {
    ...wide,
    name: format.name,
    mode: 'fp32',
    from: roundingOf(format),
    fromRational: (x) => roundRational(format, x),
    fromReal: (x) => roundRational(format, x.approximate()),
    settle: settleIn(format),
  };
});
