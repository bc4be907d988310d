/** From the name a user types to an arithmetic. */
import type { Accumulation, Arithmetic } from './arithmetic.ts';
import { decimalArithmetic } from './decimal.ts';
import { doubleDoubles } from './double-double.ts';
import { emulatedArithmetic } from './emulated.ts';
import { FORMAT_NAMES, formatByName } from './format.ts';

/** What `arithmeticByName` accepts, for messages and help. */
export const ARITHMETIC_NAMES = `${FORMAT_NAMES.join(', ')}, p<k> with 2 ≤ k ≤ 53, p<k>e<j> with 2 ≤ k ≤ 25 and 3 ≤ j ≤ 10 bits of exponent, dd (double-double), or decimal<digits> with 5 to 1000 digits`;

const MAX_PRECISION_OF_FP32_MODE = 24;

/** The arithmetic of a format name (a format, p<k>, dd or decimal<digits>); undefined for a name that is none. */
export const arithmeticByName = (name: string, mode: Accumulation = 'own'): Arithmetic<unknown> | undefined => {
  const digits = Number(/^decimal([1-9]\d*)$/.exec(name)?.[1] ?? 0);
  if (digits >= 5 && digits <= 1000)
    return mode === 'own' ? (decimalArithmetic(digits) as Arithmetic<unknown>) : undefined;
  if (name === doubleDoubles.name) return mode === 'own' ? (doubleDoubles as Arithmetic<unknown>) : undefined;
  const format = formatByName(name);
  if (!format || (mode === 'fp32' && format.p > MAX_PRECISION_OF_FP32_MODE)) return undefined;
  return emulatedArithmetic(format, mode) as Arithmetic<unknown>;
};
