/**
 * Emulated floating-point formats (docs/theory.md §6): every operation is carried out in float64 and rounded to
 * p bits, to nearest, ties to even.
 *
 * Rounding a double once more is the correctly rounded result of + − × ÷ √ only while 53 ≥ 2p + 2, that is p ≤ 25
 * (Figueroa); wider formats use the exact remainder of each operation.
 */
import { boundsOfNumber, compose, type Arithmetic, type Primitives } from './arithmetic.ts';
import { decimalArithmetic, decimalToRational } from './decimal.ts';
import { productError, sumError } from './error-free.ts';
import { float64, SYMBOL } from './float64.ts';
import { CarrierRangeError, FP32, FP64, roundRational, roundTo, roundWithResidual, type Format } from './format.ts';
import { fusedMultiplyAdd } from './fused.ts';
import { perFormat } from './per-format.ts';
import { Rational } from './rational.ts';
import { FUSED, SINGLE, type BinaryOperation, type Emitter } from './stage.ts';
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

/**
 * Rounding to p ≤ 25 bits without looking at bits. With w = 2^⌊log2|t|⌋ (Rump's unit in the first place: φt − (1 − u)φt
 * for φ = 2^52 + 1), adding and subtracting 1.5·2^(53−p)·w rounds t to p bits, ties to even: the even multiplier keeps the
 * last bit's parity.
 */
const fastConstants = (format: Format) => ({
  shift: 1.5 * 2 ** (53 - format.p),
  least: Math.max(2 ** Math.max(format.emin, -1022), FAST_MIN),
  most: Math.min(format.max, FAST_MAX),
});

const fastRounding = (format: Format): ((t: number) => number) => {
  if (format === FP32) return Math.fround;
  const { shift, least, most } = fastConstants(format);
  /** Half the least subnormal number: a tie, and 0 is even. */
  const vanishes = 2 ** (format.emin - format.p);
  return (t) => {
    const w = t * 4503599627370497;
    const s = (w - w * 0.9999999999999999) * shift;
    const r = t + s - s;
    const z = Math.abs(r);
    if (z <= most && z > least) return r;
    return Math.abs(t) <= vanishes ? t * 0 : roundTo(format, t);
  };
};

type BinaryFunction = (x: number, y: number) => number;

const innocuousOperations = (
  format: Format,
  round: (x: number) => number,
): Record<BinaryOperation, BinaryFunction> & { sqrt: (x: number) => number } => ({
  add: (x, y) => round(x + y),
  sub: (x, y) => round(x - y),
  mul: (x, y) => keepNonzero(format, round(x * y), x, y),
  div: (x, y) => keepNonzero(format, round(x / y), x, 1),
  sqrt: (x) => round(Math.sqrt(x)),
});

/** A format without underflow may not lose a nonzero product to it. */
const keepNonzero = (format: Format, result: number, x: number, y: number): number => {
  if (result === 0 && x !== 0 && y !== 0 && format.overflow === 'error') {
    throw new CarrierRangeError(
      `a product of format ${format.name} fell below the range of the double that carries it`,
    );
  }
  return result;
};

/** Operations for 26 ≤ p ≤ 53, by exact remainders; only p<k> formats are that wide, and their operands are finite. */
const residualOperations = (
  format: Format,
): Record<BinaryOperation, BinaryFunction> & { sqrt: (x: number) => number } => {
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

/** Relative error assumed of a float64 library function when deciding whether its rounding to p bits is safe. */
const FUNCTION_ERROR = 2 ** -48;
const ZIV_DIGITS = 60;

/**
 * A function rounded once: float64 first, and decimals of 60 digits where the float64 value lies so near to a
 * midpoint that its own error could decide.
 */
const roundedFunction = (
  format: Format,
  round: (x: number) => number,
  name: 'exp' | 'log1p' | 'tanh' | 'erf',
): ((x: number) => number) => {
  const approximate = float64[name];
  let reference: ReturnType<typeof decimalArithmetic> | undefined;
  return (x) => {
    const y = approximate(x);
    // exp alone may flush to zero in a format without underflow (error below 2^−1021).
    if (y === 0 || !Number.isFinite(y) || (name === 'exp' && y < 2 ** -1021 && format.overflow === 'error')) {
      return format.overflow === 'error' && y !== 0 && Number.isFinite(y) ? 0 : round(y);
    }
    const low = round(y * (1 - FUNCTION_ERROR));
    const high = round(y * (1 + FUNCTION_ERROR));
    if (Object.is(low, high)) return low;
    reference ??= decimalArithmetic(ZIV_DIGITS);
    return roundRational(format, decimalToRational(reference[name](reference.from(x))));
  };
};

const primitivesFor = (format: Format): Primitives<number> => {
  const innocuous = format.p <= INNOCUOUS_PRECISION;
  const round = innocuous ? fastRounding(format) : (x: number): number => roundTo(format, x);
  const operations = innocuous ? innocuousOperations(format, round) : residualOperations(format);
  return {
    zero: 0,
    one: 1,
    ...operations,
    neg: (x) => -x,
    abs: Math.abs,
    exp: roundedFunction(format, round, 'exp'),
    log1p: roundedFunction(format, round, 'log1p'),
    tanh: roundedFunction(format, round, 'tanh'),
    erf: roundedFunction(format, round, 'erf'),
    less: (x, y) => x < y,
    from: round,
    fromRational: (x) => roundRational(format, x),
  };
};

/** The rounding of `fastRounding` as text. */
const inlineEmitter = (format: Format, primitives: Primitives<number>, environment: object): Emitter => {
  const { shift, least, most } = fastConstants(format);
  return {
    ...SINGLE,
    ...FUSED,
    environment: { ops: environment, reference: primitives, least, most },
    binary: (operation, target, x, y) => {
      const t = `t${target}`;
      const w = `w${target}`;
      // Only a product or quotient can underflow to zero; a format without underflow has to notice.
      const zeroIsExact = operation === 'add' || operation === 'sub' || format.overflow !== 'error';
      const outside = `reference.${operation}(${x}, ${y})`;
      return `const ${t} = ${x} ${SYMBOL[operation]} ${y}; const ${w} = ${t} * 4503599627370497;
const s${target} = (${w} - ${w} * 0.9999999999999999) * ${shift};
let ${target} = (${t} + s${target}) - s${target};
const z${target} = Math.abs(${target});
if (!(z${target} <= most && z${target} > least)) ${target} = ${zeroIsExact ? `${t} === 0 ? ${t} : ` : ''}${outside};`;
    },
  };
};

const emitterFor = (format: Format, primitives: Primitives<number>, environment: object): Emitter => {
  if (format === FP32) {
    return {
      ...SINGLE,
      ...FUSED,
      environment: { ops: environment, fround: Math.fround },
      binary: (operation, target, x, y) => `const ${target} = fround(${x} ${SYMBOL[operation]} ${y});`,
    };
  }
  if (format.p <= INNOCUOUS_PRECISION) return inlineEmitter(format, primitives, environment);
  return {
    ...SINGLE,
    ...FUSED,
    environment: { ops: environment },
    binary: (operation, target, x, y) => `const ${target} = ops.${operation}(${x}, ${y});`,
  };
};

/** The arithmetic of a format, every operation rounded in it ("own" accumulation). */
const ownArithmetic = (format: Format): Arithmetic<number> => {
  const primitives = primitivesFor(format);
  const functions = { ...primitives, ...compose(primitives) };
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
    from: (x) => roundTo(format, x),
    fromRational: (x) => roundRational(format, x),
    fromReal: (x) => roundRational(format, x.approximate()),
    settle: (x) => {
      const values = x as Float64Array;
      for (let i = 0; i < values.length; i++) values[i] = roundTo(format, values[i]!);
    },
  };
});
