import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnsUsed, denseData, MatrixBuilder, matrixFromDense, rowIsZero, submatrix } from './matrix.ts';

describe('MatrixBuilder', () => {
  it('sorts entries by row and column and leaves zeros out', () => {
    const matrix = new MatrixBuilder(3, 4).set(2, 3, 5).set(0, 2, -1).set(2, 0, 4).set(0, 1, 0).set(0, 3, -0).build();
    expect(matrix).toEqual({
      rows: 3,
      columns: 4,
      starts: Int32Array.of(0, 1, 1, 3),
      indices: Int32Array.of(2, 0, 3),
      values: Float64Array.of(-1, 4, 5),
    });
  });

  it('refuses to write an entry twice, a zero too', () => {
    const message = 'expected entry (1, 2) to be written once';
    expect(() => new MatrixBuilder(2, 3).set(1, 2, 5).set(1, 2, 5)).toThrow(message);
    expect(() => new MatrixBuilder(2, 3).set(1, 2, 5).set(1, 2, 0)).toThrow(message);
    expect(() => new MatrixBuilder(2, 3).set(1, 2, 0).set(1, 2, 5)).toThrow(message);
  });

  it.each([
    [2, 0],
    [-1, 0],
    [0, 3],
    [0, -1],
    [0.5, 0],
    [0, 0.5],
    [0, NaN],
    [NaN, 0],
  ])('refuses the place (%d, %d) outside 2×3', (row, column) => {
    expect(() => new MatrixBuilder(2, 3).set(row, column, 1)).toThrow(
      new RangeError(`expected an entry inside 2×3, got (${row}, ${column})`),
    );
  });

  it('makes matrices without rows or columns', () => {
    expect(denseData(new MatrixBuilder(0, 3).build())).toHaveLength(0);
    expect(denseData(new MatrixBuilder(3, 0).build())).toHaveLength(0);
  });
});

/** Row-major data of a small matrix, half of it zeros. */
const tables = fc
  .record({ rows: fc.integer({ min: 0, max: 6 }), columns: fc.integer({ min: 0, max: 6 }) })
  .chain(({ rows, columns }) =>
    fc.record({
      rows: fc.constant(rows),
      columns: fc.constant(columns),
      data: fc.array(
        fc.oneof(
          fc.constant(0),
          fc.double({ noNaN: true }).filter((x) => !Object.is(x, -0)),
        ),
        {
          minLength: rows * columns,
          maxLength: rows * columns,
        },
      ),
    }),
  );

it('gives dense data back', () => {
  fc.assert(
    fc.property(tables, ({ rows, columns, data }) => {
      const matrix = matrixFromDense(rows, columns, data);
      expect(Array.from(denseData(matrix))).toEqual(data);
      expect(matrix.values).toHaveLength(data.filter((x) => x !== 0).length);
    }),
  );
});

it('picks rows and columns in the order named', () => {
  fc.assert(
    fc.property(tables, fc.array(fc.nat()), fc.option(fc.array(fc.nat()), { nil: undefined }), (table, rs, cs) => {
      const { rows, columns, data } = table;
      const pickedRows = rows === 0 ? [] : rs.map((r) => r % rows);
      const pickedColumns = cs && (columns === 0 ? [] : [...new Set(cs.map((c) => c % columns))]);
      const part = submatrix(matrixFromDense(rows, columns, data), pickedRows, pickedColumns);
      const all = pickedColumns ?? Array.from({ length: columns }, (_, c) => c);
      expect([part.rows, part.columns]).toEqual([pickedRows.length, all.length]);
      expect(Array.from(denseData(part))).toEqual(pickedRows.flatMap((r) => all.map((c) => data[r * columns + c]!)));
    }),
  );
});

it('knows the columns in use and the empty rows', () => {
  fc.assert(
    fc.property(tables, ({ rows, columns, data }) => {
      const matrix = matrixFromDense(rows, columns, data);
      const used = (among: readonly number[]) =>
        Array.from({ length: columns }, (_, c) => c).filter((c) => among.some((r) => data[r * columns + c] !== 0));
      const all = Array.from({ length: rows }, (_, r) => r);
      const odd = all.filter((r) => r % 2 === 1);
      expect(columnsUsed(matrix)).toEqual(used(all));
      expect(columnsUsed(matrix, odd)).toEqual(used(odd));
      for (const r of all) {
        const row = data.slice(r * columns, (r + 1) * columns);
        expect(rowIsZero(matrix, r)).toBe(row.every((x) => x === 0));
      }
    }),
  );
});
