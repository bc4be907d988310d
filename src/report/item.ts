/** What a file in reports/ exports: a table or a figure as a pure function of one result file. */
import type { Results } from '../claim/result.ts';
import type { Figure, Heatmap, Table } from './model.ts';

export interface TableReport {
  readonly kind: 'table';
  readonly id: string;
  readonly title: string;
  /** undefined where the results hold nothing to show. */
  make(results: Results): Table | undefined;
}
export interface FigureReport {
  readonly kind: 'figure';
  readonly id: string;
  readonly title: string;
  make(results: Results): Figure | Heatmap | undefined;
}

export const defineTable = (report: Omit<TableReport, 'kind'>): TableReport => ({ kind: 'table', ...report });
export const defineFigure = (report: Omit<FigureReport, 'kind'>): FigureReport => ({ kind: 'figure', ...report });
