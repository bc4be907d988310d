import { assertWritable } from '../exchange/write-file.ts';
import { InputError } from '../input-error.ts';
import { findByName, type Project } from '../project.ts';
import { writeReports } from '../report/write.ts';
import { check, exitCodeOf, INTERRUPTED, readResultsIn } from './check.ts';
import { print } from './terminal.ts';

export interface ReportOptions {
  readonly from?: string;
  readonly profile: string;
  readonly seed: string;
  readonly jobs?: string;
  readonly out: string;
  readonly only: readonly string[];
  readonly quiet?: boolean;
  readonly project?: string;
}

/** mambound report: tables and figures from a result file, or from a check made first; its exit code is the check's. */
export const report = async (project: Project, options: ReportOptions): Promise<number> => {
  const { out, only, from, quiet = false } = options;
  const reports =
    only.length > 0
      ? only.map((id) => findByName('table or figure', project.reports, (item) => item.id, id))
      : project.reports;
  assertWritable(out);
  if (from === undefined) {
    const code = await check(project, [], { ...options, format: [], set: [] });
    if (code === INTERRUPTED) return code;
  }
  const results = readResultsIn(from ?? out);
  const { files, pdf } = writeReports(results, reports, out, only.length === 0);
  if (files.length === 0) throw new InputError('results', 'numbers for the tables and figures asked for', 'none');
  if (!quiet) {
    print(
      `${files.length} files in ${out}${pdf === undefined ? '' : pdf ? ', with report.pdf' : '; latexmk could not make report.pdf, see report.log there'}`,
    );
  }
  return exitCodeOf(results);
};
