/** Writes every table and figure of a result file, and the report that holds them together. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Results } from '../claim/result.ts';
import { writeAtomically } from '../exchange/write-file.ts';
import { figureCsv, toCsv } from './csv.ts';
import { htmlReport } from './html.ts';
import type { FigureReport, TableReport } from './item.ts';
import { latexFigure, latexReport, latexTable } from './latex.ts';
import type { Item } from './model.ts';
import { toSvg } from './svg.ts';
import { escapeLatex } from './text.ts';

const TITLE = 'What Mamba can express: the constructive theorems, checked';

const filesOf = (item: Item): Record<string, string> =>
  'columns' in item
    ? { [`${item.id}.tex`]: latexTable(item), [`${item.id}.csv`]: toCsv(item) }
    : { [`${item.id}.tex`]: latexFigure(item), [`${item.id}.csv`]: figureCsv(item), [`${item.id}.svg`]: toSvg(item) };

const writeFiles = (files: Readonly<Record<string, string>>, folder: string): string[] => {
  for (const [name, text] of Object.entries(files)) writeAtomically(join(folder, name), text);
  return Object.keys(files);
};

/** Writes the files of some items into a folder, and returns their names. */
export const writeItems = (items: readonly Item[], folder: string): string[] =>
  writeFiles(Object.assign({}, ...items.map(filesOf)) as Record<string, string>, folder);

/** Everything that says where the numbers come from and does not change from run to run. */
const originOf = (results: Results): [string, string][] => [
  ['command', results.command],
  ['mambound', results.mambound],
  ['node', results.node],
  ['platform', results.platform],
];

const LATEX_AUXILIARY = ['aux', 'fdb_latexmk', 'fls', 'log', 'out'];

/** Runs latexmk on report.tex; undefined where it is not installed. */
const compilePdf = (folder: string): boolean | undefined => {
  const { error, status } = spawnSync(
    'latexmk',
    ['-pdf', '-interaction=nonstopmode', '-halt-on-error', '-silent', 'report.tex'],
    {
      cwd: folder,
      stdio: 'ignore',
    },
  );
  if (error) return undefined;
  // What latexmk leaves behind is of use only where it failed.
  if (status === 0) for (const ending of LATEX_AUXILIARY) rmSync(join(folder, `report.${ending}`), { force: true });
  return status === 0;
};

export interface Written {
  readonly files: readonly string[];
  /** Whether report.pdf could be made; undefined without latexmk. */
  readonly pdf: boolean | undefined;
}

/** Makes the given reports from the results and writes their files into a folder; the whole report too if `whole`. */
export const writeReports = (
  results: Results,
  reports: readonly (TableReport | FigureReport)[],
  folder: string,
  whole: boolean,
): Written => {
  const items = reports.map((report) => report.make(results)).filter((item) => item !== undefined);
  const files = Object.assign({}, ...items.map(filesOf)) as Record<string, string>;
  if (whole) {
    const origin = originOf(results);
    files['report.html'] = htmlReport({ title: TITLE, meta: origin, items });
    files['report.tex'] = latexReport({
      title: TITLE,
      intro: `Made from the results of \\texttt{${escapeLatex(results.command)}} (mambound ${escapeLatex(results.mambound)}).`,
      items,
    });
  }
  return { files: writeFiles(files, folder), pdf: whole ? compilePdf(folder) : undefined };
};
