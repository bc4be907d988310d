/** The unit of work of a run: one quantity or one measurement row in one cell; plain data, so that it can travel. */
import { parseCell } from '../claim/claim.ts';
import { findByName, type Project } from '../project.ts';
import { cellSeed, decide, type DecideOptions } from './decide.ts';

export type Task =
  | {
      readonly kind: 'decide';
      readonly tag: string;
      readonly quantity: string;
      readonly cell: Readonly<Record<string, string>>;
      readonly options: DecideOptions;
    }
  | {
      readonly kind: 'measure';
      /** The run's seed; the row gets one of its own. */
      readonly seed: number;
      readonly tag: string;
      readonly index: number;
      readonly cell: Readonly<Record<string, string>>;
    };

export const runTask = (project: Project, task: Task): unknown => {
  const claim = findByName('claim', project.claims, ({ tag }) => tag, task.tag);
  if (task.kind === 'measure') {
    const { id, row } = claim.measurements![task.index]!;
    const values = parseCell(claim, task.cell);
    return row(values, cellSeed(task.seed, id, values));
  }
  return decide(claim, task.quantity, task.cell, task.options);
};
