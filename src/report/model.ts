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

export interface HeatmapAxis {
  /** What the positions along it are; they count from 1. */
  readonly label: string;
  readonly tex?: string;
  readonly count: number;
}

/** Numbers over pairs of positions, coloured by sign and size. */
export interface Heatmap {
  readonly id: string;
  readonly title: string;
  /** Caption in LaTeX source. */
  readonly caption: string;
  /** From left to right. */
  readonly x: HeatmapAxis;
  /** From top to bottom, as a matrix is written. */
  readonly y: HeatmapAxis;
  /** What the numbers are. */
  readonly value: { readonly label: string; readonly tex?: string };
  /** A cell stands for step × step positions. */
  readonly step: number;
  /** Row by row; null where there is nothing, as behind the end of a short row. */
  readonly cells: readonly (readonly (number | null)[])[];
}

export type Item = Table | Figure | Heatmap;
