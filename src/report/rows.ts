/** Picking cells and measurement rows out of a result file. */
import type { Cell, MeasurementResult, Results } from '../claim/result.ts';
import type { CellValue } from './model.ts';

/** The cells of one quantity of a claim. */
export const cellsOfQuantity = ({ claims }: Results, tag: string, quantity: string): Cell[] =>
  claims.find((claim) => claim.tag === tag)?.cells.filter(({ params }) => params.quantity === quantity) ?? [];

export type Row = Readonly<Record<string, number | string | null>>;

/** The rows of a measurement, by column name. */
export const rowsOf = ({ measurements }: Results, id: string): Row[] => {
  const found: MeasurementResult | undefined = measurements.find((measurement) => measurement.id === id);
  return found?.rows.map((row) => Object.fromEntries(found.columns.map(({ name }, at) => [name, row[at]!]))) ?? [];
};

/** Whether a row, or a cell's parameters, have all of these values. */
export const isAt = (row: object, ...fixed: readonly Readonly<Record<string, number | string>>[]): boolean =>
  fixed
    .flatMap((values) => Object.entries(values))
    .every(([name, value]) => (row as Readonly<Record<string, unknown>>)[name] === value);

/** The cell whose parameters a row names. */
export const cellOf = (cells: readonly Cell[], row: Row): Cell | undefined =>
  cells.find(({ params }) =>
    Object.entries(params).every(([name, value]) => name === 'quantity' || row[name] === value),
  );

/** Rows in the order of their first `keys` columns, numbers by size. */
export const inOrder = (rows: readonly (readonly CellValue[])[], keys: number): (readonly CellValue[])[] =>
  [...rows].sort((x, y) => {
    const at = Array.from({ length: keys }, (_, k) => k).find((k) => x[k] !== y[k]);
    return at === undefined ? 0 : x[at]! < y[at]! ? -1 : 1;
  });
