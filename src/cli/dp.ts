import { resultText } from '../claim/result.ts';
import { TOKENIZE } from '../dp/instance.ts';
import type { Step } from '../dp/run.ts';
import type { DpProblem } from '../dp/specification.ts';
import { evaluateDp, type DpReport, type Nested } from '../evidence/dp.ts';
import { InputError } from '../input-error.ts';
import { findByName, type Project } from '../project.ts';
import { arithmeticOption, choiceOption, integerOption } from './options.ts';
import { columns, paint, print, short } from './terminal.ts';

export interface DpCliOptions {
  readonly copy: string;
  readonly costs?: string;
  readonly format: string;
  readonly accumulate: string;
  readonly tokenize: string;
  readonly trace?: boolean;
  readonly json?: boolean;
}

/** More than this is a slip of the keyboard; doubles would hold sums of them exactly. */
const MOST_COST = 2 ** 20;

const costsOf = ({ name, costs }: DpProblem, text: string | undefined): Record<string, number> => {
  const names = Object.keys(costs ?? {});
  if (text === undefined) return { ...costs };
  const parts = text.split(',');
  if (names.length === 0) throw new InputError('`--costs`', `left out for ${name}, which has none`, text);
  if (parts.length !== names.length) throw new InputError('`--costs`', names.join(','), text === '' ? 'nothing' : text);
  return Object.fromEntries(names.map((cost, at) => [cost, integerOption('--costs', parts[at]!, 0, MOST_COST)]));
};

const stepText = ({ fields, margins }: Step, at: number): string => {
  const text = Object.entries(fields).map(([name, value]) => `${name} ${value}`);
  const [field, margin] = Object.entries(margins).reduce((x, y) => (y[1] < x[1] ? y : x));
  return `${String(at).padStart(5)}  ${text.join('  ')}  margin ${short(margin)} (${field})`;
};

/** A word or list beside the cells that read it: the first row and column stand for nothing read yet. */
const labels = (text: string | undefined, count: number, kind: string | undefined): string[] => {
  const entries = text === undefined ? [] : kind === 'word' ? [...text] : text.split(',').filter((part) => part !== '');
  return Array.from({ length: count }, (_, at) => entries[at + entries.length - count] ?? '');
};

/** The table as a person would draw it. */
const drawing = ({ table, inputs }: DpReport, { inputs: kinds }: DpProblem): string => {
  const rows = (table as readonly Nested[]).map((row): readonly Nested[] => (typeof row === 'number' ? [row] : row));
  const [first, second] = Object.values(kinds).map(({ kind }) => kind);
  const single = Object.keys(kinds).length === 1;
  const text = (cell: Nested): string => (typeof cell === 'number' ? String(cell) : cell.map(text).join(' '));
  const whole = single && first === 'list' ? inputs.join(',') : inputs[0];
  const down = labels(whole, rows.length, first);
  const width = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const across = single || second !== 'word' ? [] : labels(inputs[1], width, second);
  const body = rows.map((row, at) => [down[at]!, ...Array.from({ length: width }, (_, k) => text(row[k] ?? []))]);
  const drawn = across.length > 0 ? [['', ...across], ...body] : body;
  const widths = (drawn[0] ?? []).map((_, at) => drawn.reduce((most, row) => Math.max(most, row[at]!.length), 0));
  return drawn.map((row) => row.map((cell, at) => cell.padStart(widths[at]!)).join(' ')).join('\n');
};

const printReport = (report: DpReport, problem: DpProblem): void => {
  print(
    `${paint('bold', problem.title)} by chain of thought, ${report.mechanism} in ${report.format} (${report.mode})\n`,
  );
  if (report.steps > 1) print(`${drawing(report, problem)}\n`);
  const rows: [string, string][] = [
    ['answer', paint('bold', report.answer === null ? '–' : String(report.answer))],
    ['verdict', paint(report.verdict, report.verdict)],
    ...(report.reason === undefined ? [] : ([['reason', report.reason]] as [string, string][])),
    ...(report.tokenize === 'raw' ? [] : ([['tokens', 'ranks of the symbols']] as [string, string][])),
    ...Object.entries(report.costs).map(([name, cost]): [string, string] => [`cost of ${name}`, String(cost)]),
    ['steps', String(report.steps)],
    ['least margin', short(report.minMargin)],
    ['worst step error', short(report.worstStepError)],
    ['multiply–adds', `${report.totalMacs} in all, ${report.totalMacsNonzero} with weights ≠ 0`],
    ...Object.entries(report.sizes).map(([name, value]): [string, string] => [name, short(value as number)]),
  ];
  print(columns(rows));
};

/** mambound dp: solves a real instance by chain of thought, and compares every cell with the recursion. */
export const dp = (project: Project, name: string, inputs: readonly string[], options: DpCliOptions): number => {
  const problem = findByName('problem', project.problems, (p) => p.name, name);
  const mechanism = findByName('mechanism', project.mechanisms, (m) => m.tag, options.copy);
  const trace: Step[] = [];
  const onStep = (step: Step): void => {
    trace.push(step);
    if (!options.json) print(stepText(step, trace.length));
  };
  const report = evaluateDp(
    {
      problem,
      inputs,
      mechanism,
      mechanisms: project.mechanisms,
      costs: costsOf(problem, options.costs),
      tokenize: choiceOption('--tokenize', options.tokenize, TOKENIZE),
      ...(options.trace && { onStep }),
    },
    arithmeticOption(options.format, options.accumulate),
  );
  if (options.json) process.stdout.write(resultText({ ...report, ...(options.trace && { trace }) }));
  else {
    if (options.trace) print('');
    printReport(report, problem);
  }
  return report.verdict === 'holds' ? 0 : 1;
};
