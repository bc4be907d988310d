import type { Rational } from '../arithmetic/rational.ts';
import { parseValue } from '../claim/parameters.ts';
import { resultText } from '../claim/result.ts';
import { copyParameters } from '../copy/construction.ts';
import { evaluateCopy, type CopyReport } from '../evidence/copy.ts';
import { findByName, type Project } from '../project.ts';
import { arithmeticOption, integerOption } from './options.ts';
import { columns, paint, print, short } from './terminal.ts';

/** What can be asked for by hand; a run that would take hours is refused apart. */
const COPY_PARAMETERS = copyParameters({ N: 65_536, d: 4096 });

export interface CopyOptions {
  readonly n: string;
  readonly d: string;
  readonly eps: string;
  readonly M: string;
  readonly format: string;
  readonly accumulate: string;
  readonly seed: string;
  readonly json?: boolean;
}

const printReport = (report: CopyReport): void => {
  const { params, sizes } = report;
  print(
    `${paint('bold', report.construction)} at N = ${params.N}, d = ${params.d}, M = ${params.M}, ε = ${params.eps} in ${report.format} (${report.mode})\n`,
  );
  const rows: [string, string][] = [
    ['verdict', paint(report.verdict, report.verdict)],
    ...(report.reason === undefined ? [] : ([['reason', report.reason]] as [string, string][])),
    ['bound', `${short(report.bound)}  (real arithmetic)`],
    ['worst', `${short(report.worst)}  by ${report.foundBy}`],
    ...Object.entries(report.found).map(([by, value]): [string, string] => [`  ${by}`, short(value)]),
    ...Object.entries(report.constants).map(([name, value]): [string, string] => [name, short(value)]),
    ...Object.entries(sizes).map(([name, value]): [string, string] => [name, short(value as number)]),
  ];
  print(columns(rows));
};

/** mambound copy: builds one COPY construction, runs it, and compares its error with its bound. */
export const copy = (project: Project, tag: string, options: CopyOptions): number => {
  const construction = findByName('construction', project.constructions, (c) => c.tag, tag);
  const read = (name: keyof typeof COPY_PARAMETERS, option: string, text: string) =>
    parseValue(option, COPY_PARAMETERS[name], text);
  const report = evaluateCopy(
    construction,
    {
      N: read('N', '--n', options.n) as number,
      d: read('d', '--d', options.d) as number,
      eps: read('eps', '--eps', options.eps) as Rational,
      M: read('M', '--M', options.M) as Rational,
    },
    arithmeticOption(options.format, options.accumulate),
    integerOption('--seed', options.seed, -(2 ** 31), 2 ** 31 - 1),
  );
  if (options.json) process.stdout.write(resultText(report));
  else printReport(report);
  return report.verdict === 'holds' ? 0 : 1;
};
