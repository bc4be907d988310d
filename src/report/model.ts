/** Tables and figures as data. A model is computed from one result file; the writers only lay it out. */

export type CellValue = number | string | null;

export interface TableColumn {
  /** Heading as plain text, and the CSV column name. */
  readonly name: string;
  /** Heading in LaTeX; the plain name where absent. */
  readonly tex?: string;
  /** Significant digits of numbers; 4 where absent. */
  readonly digits?: number;
}

export interface Table {
  /** File name stem and LaTeX label. */
  readonly id: string;
  readonly title: string;
  /** Caption in LaTeX source; says what every column means. */
  readonly caption: string;
  readonly columns: readonly TableColumn[];
  /** A number, a text (also ∞ or a decimal beyond float64), or null for an empty cell. */
  readonly rows: readonly (readonly CellValue[])[];
}

export interface Axis {
  readonly label: string;
  readonly tex?: string;
  readonly scale: 'linear' | 'log';
}

export interface Series {
  readonly label: string;
  readonly tex?: string;
  readonly style: 'line' | 'dashed' | 'marks';
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Figure {
  readonly id: string;
  readonly title: string;
  /** Caption in LaTeX source. */
  readonly caption: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}
