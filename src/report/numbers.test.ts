import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CellValue, Table } from './model.ts';
import { decimalParts, formatColumns, formatNumber } from './numbers.ts';

describe('formatNumber', () => {
  it.each([
    [0, 4, '0'],
    [-0, 4, '0'],
    [7, 4, '7'],
    [-12345, 4, '-12345'],
    [99999, 2, '99999'],
    [100000, 4, '1e5'],
    [123456, 4, '1.235e5'],
    [0.5, 4, '0.5'],
    [0.1 + 0.2, 4, '0.3000'],
    [0.98004, 3, '0.980'],
    [12345.6, 4, '12346'],
    [99999.7, 4, '1.000e5'],
    [0.001, 4, '0.001'],
    [0.00099999, 4, '0.001000'],
    [0.0009, 4, '9e-4'],
    [-1.23456e-7, 3, '-1.23e-7'],
    [5e-324, 4, '5e-324'],
    [Number.MAX_VALUE, 4, '1.798e308'],
    [1.5, 1, '2'],
    [97000.5, 1, '97001'],
    [Infinity, 4, '∞'],
    [-Infinity, 4, '−∞'],
    [NaN, 4, 'nan'],
    ['Infinity', 4, '∞'],
    ['NaN', 4, 'nan'],
    ['1.23456e-4000', 2, '1.23456e-4000'],
    ['n/a', 4, 'n/a'],
    ['', 4, ''],
  ])('%s with %i digits is %s', (x, digits, expected) => {
    expect(formatNumber(x, digits)).toBe(expected);
  });

  it('is within half a unit of the last digit, in the promised notation', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: 1, max: 17 }), (x, digits) => {
        const text = formatNumber(x, digits);
        const parts = decimalParts(text)!;
        expect(Number(text)).toBe(
          Number.isInteger(x) && Math.abs(x) < 1e5 ? x + 0 : Number(x.toPrecision(Math.max(digits, integerDigits(x)))),
        );
        expect(parts.exponent === undefined).toBe(
          Number(text) === 0 || (Math.abs(Number(text)) >= 1e-3 && Math.abs(Number(text)) < 1e5),
        );
      }),
    );
  });
});

/** Digits that positional notation shows anyway. */
const integerDigits = (x: number): number => (Math.abs(x) < 1e5 ? String(Math.trunc(Math.abs(x))).length : 1);

describe('decimalParts', () => {
  it('takes decimals apart and nothing else', () => {
    expect(decimalParts('-1.25e-12')).toEqual({ negative: true, mantissa: '1.25', exponent: -12 });
    expect(decimalParts('+.5')).toEqual({ negative: false, mantissa: '.5' });
    expect(decimalParts('1E+400')).toEqual({ negative: false, mantissa: '1', exponent: 400 });
    for (const text of ['', '.', '∞', '1/3', '0x10', ' 1', '1e', 'e5', 'nan']) expect(decimalParts(text)).toBeNull();
  });
});

describe('formatColumns', () => {
  const column = (values: readonly CellValue[], digits?: number) => {
    const table: Table = {
      id: 'x',
      title: '',
      caption: '',
      columns: [{ name: 'x', ...(digits !== undefined && { digits }) }],
      rows: values.map((value) => [value]),
    };
    return formatColumns(table)[0];
  };

  it('keeps counts exact', () => {
    expect(column([4224, 1050624, null]).cells).toEqual(['4224', '1050624', null]);
  });

  it('stays positional a little beyond 1e5', () => {
    expect(column([12.5, 115200]).cells).toEqual(['12.5', '115200']);
  });

  it('uses one notation over orders of magnitude', () => {
    expect(column([0, 1, 0.98, 1e-7, 123456], 3).cells).toEqual(['0', '1', '9.8e-1', '1e-7', '1.23e5']);
  });

  it('tells columns of numbers from columns of text', () => {
    expect(column([null, 'Infinity'])).toEqual({ numeric: true, cells: [null, '∞'] });
    expect(column(['1e-999', 'n/a']).numeric).toBe(true);
    expect(column(['bf16', null])).toEqual({ numeric: false, cells: ['bf16', null] });
    expect(column([])).toEqual({ numeric: false, cells: [] });
  });

  it('takes missing cells of a short row as empty', () => {
    expect(formatColumns({ id: 'x', title: '', caption: '', columns: [{ name: 'x' }], rows: [[]] })[0].cells).toEqual([
      null,
    ]);
  });
});
