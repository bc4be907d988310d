/** The unit of work of a run: one quantity or one measurement row in one cell; plain data, so that it can travel. */
import type { Arithmetic } from '../arithmetic/arithmetic.ts';
import { arithmeticByName } from '../arithmetic/names.ts';
import { parseCell } from '../claim/claim.ts';
import { findByName, type Project } from '../project.ts';
import { decide, type DecideOptions } from './decide.ts';

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
      readonly tag: string;
      readonly index: number;
      readonly cell: Readonly<Record<string, string>>;
    };

/** A cell runs in the arithmetic that its `format` parameter names; in float64 where it has none. */
export const arithmeticOf = (cell: Readonly<Record<string, string>>): Arithmetic<unknown> =>
  arithmeticByName(cell.format ?? 'fp64')!;

export const runTask = (project: Project, task: Task): unknown => {
  const claim = findByName('claim', project.claims, ({ tag }) => tag, task.tag);
  if (task.kind === 'measure') return claim.measurements![task.index]!.row(parseCell(claim, task.cell));
  return decide(claim, task.quantity, task.cell, arithmeticOf(task.cell), task.options);
};
