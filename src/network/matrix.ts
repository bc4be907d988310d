/** Matrices as data: compressed sparse rows, the form in which every weight matrix of the suite is held. */

export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** Row r holds entries starts[r] … starts[r+1] − 1. */
  readonly starts: Int32Array;
  /** Column of each entry, increasing within a row. */
  readonly indices: Int32Array;
  /** Nonzero values. */
  readonly values: Float64Array;
}

/** Collects entries by position; a position may be set once. */
export class MatrixBuilder {
  readonly rows: number;
  readonly columns: number;
  readonly #entries: Map<number, number>[];

  constructor(rows: number, columns: number) {
    this.rows = rows;
    this.columns = columns;
    this.#entries = Array.from({ length: rows }, () => new Map<number, number>());
  }

  set(row: number, column: number, value: number): this {
    const entries = this.#entries[row];
    if (!entries || !Number.isInteger(column) || column < 0 || column >= this.columns) {
      throw new RangeError(`expected an entry inside ${this.rows}×${this.columns}, got (${row}, ${column})`);
    }
    if (entries.has(column)) throw new Error(`expected entry (${row}, ${column}) to be written once`);
    entries.set(column, value);
    return this;
  }

  build(): Matrix {
    const rows = this.#entries.map((row) => [...row].filter(([, value]) => value !== 0).sort(([x], [y]) => x - y));
    const count = rows.reduce((sum, row) => sum + row.length, 0);
    const starts = new Int32Array(this.rows + 1);
    const indices = new Int32Array(count);
    const values = new Float64Array(count);
    let at = 0;
    rows.forEach((row, r) => {
      for (const [column, value] of row) {
        indices[at] = column;
        values[at++] = value;
      }
      starts[r + 1] = at;
    });
    return { rows: this.rows, columns: this.columns, starts, indices, values };
  }
}

/** A sparse linear form: weights by component, each component once. */
export type Form = readonly (readonly [component: number, weight: number])[];

/** The matrix whose rows are the given forms. */
export const matrixFromForms = (forms: readonly Form[], columns: number): Matrix => {
  const builder = new MatrixBuilder(forms.length, columns);
  forms.forEach((form, row) => form.forEach(([column, weight]) => builder.set(row, column, weight)));
  return builder.build();
};

/** From row-major dense data; zeros are not stored. */
export const matrixFromDense = (rows: number, columns: number, data: ArrayLike<number>): Matrix => {
  const builder = new MatrixBuilder(rows, columns);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) builder.set(r, c, data[r * columns + c]!);
  return builder.build();
};

/** The rows and columns named, in that order. */
export const submatrix = (matrix: Matrix, rows: readonly number[], columns?: readonly number[]): Matrix => {
  const place = columns && new Map(columns.map((column, at) => [column, at]));
  const builder = new MatrixBuilder(rows.length, columns?.length ?? matrix.columns);
  rows.forEach((row, r) => {
    for (let e = matrix.starts[row]!; e < matrix.starts[row + 1]!; e++) {
      const column = place ? place.get(matrix.indices[e]!) : matrix.indices[e]!;
      if (column !== undefined) builder.set(r, column, matrix.values[e]!);
    }
  });
  return builder.build();
};

/** Rows or columns moved to other places of a larger matrix; those without a place of their own stay. */
export const relocated = (
  matrix: Matrix,
  to: {
    readonly rows?: number;
    readonly columns?: number;
    readonly row?: (row: number) => number;
    readonly column?: (column: number) => number;
  },
): Matrix => {
  const { rows = matrix.rows, columns = matrix.columns, row = (r) => r, column = (c) => c } = to;
  const builder = new MatrixBuilder(rows, columns);
  for (let r = 0; r < matrix.rows; r++)
    for (let e = matrix.starts[r]!; e < matrix.starts[r + 1]!; e++)
      builder.set(row(r), column(matrix.indices[e]!), matrix.values[e]!);
  return builder.build();
};

/** The matrix with all its entries, or the one stored at `at`, multiplied. */
export const scaleEntries = (matrix: Matrix, factor: number, at?: number): Matrix => ({
  ...matrix,
  values: matrix.values.map((w, i) => (at === undefined || i === at ? w * factor : w)),
});

/** Columns that hold an entry in one of the given rows (all rows where none are given), increasing. */
export const columnsUsed = (matrix: Matrix, rows?: readonly number[]): number[] => {
  const used = new Set<number>();
  for (const row of rows ?? Array.from({ length: matrix.rows }, (_, r) => r)) {
    for (let e = matrix.starts[row]!; e < matrix.starts[row + 1]!; e++) used.add(matrix.indices[e]!);
  }
  return [...used].sort((x, y) => x - y);
};

export const rowIsZero = (matrix: Matrix, row: number): boolean => matrix.starts[row] === matrix.starts[row + 1];

/** Text that is the same for equal rows. */
export const rowText = ({ starts, indices, values }: Matrix, row: number): string => {
  const entries = [];
  for (let e = starts[row]!; e < starts[row + 1]!; e++) entries.push(`${indices[e]}:${values[e]}`);
  return entries.join(' ');
};

/** Row-major dense data of a matrix. */
export const denseData = ({ rows, columns, starts, indices, values }: Matrix): Float64Array => {
  const data = new Float64Array(rows * columns);
  for (let r = 0; r < rows; r++)
    for (let e = starts[r]!; e < starts[r + 1]!; e++) data[r * columns + indices[e]!] = values[e]!;
  return data;
};
