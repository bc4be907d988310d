/** Numbers as the writers print them: one decimal notation, which each output format then typesets. */

import type { CellValue, Table } from './model.ts';

const DEFAULT_DIGITS = 4;
const DECIMAL = /^([+-]?)(\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d+))?$/;
const NON_FINITE: ReadonlyMap<string, string> = new Map([
  ['Infinity', '∞'],
  ['-Infinity', '−∞'],
  ['NaN', 'nan'],
]);

/** Powers of ten from which (inclusive) and up to which (exclusive) numbers are written without an exponent. */
interface Positional {
  readonly from: number;
  readonly to: number;
}

const USUAL: Positional = { from: -3, to: 5 };
/** A column of counts (parameters, states) stays exact. */
const COUNTS: Positional = { from: -3, to: 9 };
/** A column that goes a little beyond the usual range. */
const LARGE: Positional = { from: -3, to: 7 };
/** Where numbers span orders of magnitude: only what needs no exponent has none. */
const SCIENTIFIC: Positional = { from: 0, to: 1 };

/**
 * `digits` significant digits, scientific outside [1e-3, 1e5), whole numbers inside it in full. A value that is exact
 * with fewer digits is printed with those only, so trailing zeros always mean that something was rounded away. A text
 * (also a decimal number beyond float64) is passed through, except what JSON writers make of ±∞ and NaN.
 */
export function formatNumber(x: number | string, digits: number = DEFAULT_DIGITS): string {
  return typeof x === 'number' ? format(x, digits, USUAL) : (NON_FINITE.get(x) ?? x);
}

function format(x: number, digits: number, { from, to }: Positional): string {
  if (!Number.isFinite(x)) return NON_FINITE.get(String(x))!;
  if (x === 0 || (Number.isInteger(x) && Math.abs(x) < 10 ** to)) return String(x);
  const [shortest, magnitude] = x.toExponential().split('e');
  // Positional notation shows every digit before the point anyway.
  const wanted = Number(magnitude) < to ? Math.max(digits, Number(magnitude) + 1) : digits;
  const decimals = Math.min(wanted, shortest.replace(/\D/g, '').length) - 1;
  // Rounding may carry a number into the next power of ten.
  const exponent = Number(x.toExponential(decimals).split('e')[1]);
  if (exponent < from || exponent >= to) return x.toExponential(Math.min(decimals, digits - 1)).replace('+', '');
  return x.toFixed(Math.max(0, decimals - exponent));
}

/** A formatted decimal number taken apart; `exponent` is absent in positional notation. */
export interface DecimalParts {
  readonly negative: boolean;
  readonly mantissa: string;
  readonly exponent?: number;
}

/** The parts of a decimal number, or null where the text is something else. */
export function decimalParts(text: string): DecimalParts | null {
  const match = DECIMAL.exec(text);
  if (!match) return null;
  const [, sign, mantissa, exponent] = match;
  return { negative: sign === '-', mantissa, ...(exponent !== undefined && { exponent: Number(exponent) }) };
}

export interface FormattedColumn {
  /** Whether the column holds numbers (perhaps among texts and empty cells). */
  readonly numeric: boolean;
  /** The cells as text, null where empty. */
  readonly cells: readonly (string | null)[];
}

const isNumeric = (value: CellValue): boolean =>
  typeof value === 'number' || (typeof value === 'string' && (DECIMAL.test(value) || NON_FINITE.has(value)));

/** One notation for a column, so that its numbers compare at a glance. */
function notation(values: readonly CellValue[]): Positional {
  const within =
    ({ from, to }: Positional) =>
    (x: number) =>
      x >= 10 ** from && x < 10 ** to;
  const sizes = values
    .filter((x) => typeof x === 'number')
    .map(Math.abs)
    .filter((x) => x > 0 && x < Infinity);
  if (sizes.every(Number.isInteger) && sizes.every(within(COUNTS))) return COUNTS;
  if (!sizes.some(within(USUAL))) return SCIENTIFIC;
  return [USUAL, LARGE].find((range) => sizes.every(within(range))) ?? SCIENTIFIC;
}

/** The cells of every column, formatted alike within a column. */
export function formatColumns(table: Table): readonly FormattedColumn[] {
  return table.columns.map(({ digits = DEFAULT_DIGITS }, j) => {
    const values = table.rows.map((row) => row[j] ?? null);
    const range = notation(values);
    const cells = values.map((x) => (typeof x === 'number' ? format(x, digits, range) : x && formatNumber(x)));
    return { numeric: values.some(isNumeric), cells };
  });
}
