import { join } from 'node:path';
import { isStatedIn, PROFILES, type Claim } from '../claim/claim.ts';
import { readResults, resultText, type ClaimResult, type Results } from '../claim/result.ts';
import { cellsOf, defaultJobs, runClaims } from '../evidence/run.ts';
import { assertWritable, writeAtomically } from '../exchange/write-file.ts';
import { InputError } from '../input-error.ts';
import { selectClaims, type Project } from '../project.ts';
import { choiceOption, integerOption, settings } from './options.ts';
import { columns, paint, print, progress, short } from './terminal.ts';

export interface CheckOptions {
  readonly profile: string;
  readonly seed: string;
  readonly format: readonly string[];
  readonly set: readonly string[];
  readonly path?: string;
  readonly jobs?: string;
  readonly out: string;
  readonly project?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export const RESULT_FILE = 'results.json';
/** Exit code after Ctrl-C, as shells have it. */
export const INTERRUPTED = 130;

const summary = (claim: ClaimResult): string[] => [
  `  ${claim.tag}`,
  claim.verdict,
  claim.evidence,
  `${claim.cells.length} cells`,
  `${claim.cases} cases`,
  `tightness ${short(claim.tightness)}`,
  `${claim.seconds.toFixed(1)} s`,
];

const printSummary = (results: Results, file: string): void => {
  const rows = results.claims.map(summary);
  const lines = columns(rows).split('\n');
  results.claims.forEach(({ verdict }, at) => print(paint(verdict, lines[at]!)));
  for (const claim of results.claims.filter(({ verdict }) => verdict !== 'holds')) {
    const cell = claim.cells.find(({ verdict }) => verdict === claim.verdict)!;
    const where = Object.entries(cell.params).map(([name, value]) => `${name} = ${value}`);
    print(
      `\n${paint(claim.verdict, `${claim.tag} ${claim.verdict}`)} at ${where.join(', ')}: bound ${short(cell.bound)}, found ${short(cell.worst)} by ${cell.foundBy}`,
    );
    if (claim.verdict === 'undecided')
      print(`  expected to find more than ${short(cell.slack)} of the bound, which is stated to be attained`);
    if (claim.replay) print(`  replay: ${claim.replay}`);
  }
  print(`\n${file}`);
};

/** What was asked, without what cannot change the results (--jobs, --out). */
const commandText = (tags: readonly string[], options: CheckOptions): string =>
  [
    'mambound check',
    ...tags,
    `--profile ${options.profile}`,
    `--seed ${options.seed}`,
    ...options.format.map((format) => `--format ${format}`),
    ...options.set.map((setting) => `--set ${setting}`),
    ...(options.path === undefined ? [] : [`--path ${options.path}`]),
  ].join(' ');

/** mambound check: decides claims and writes results.json. */
export const check = async (project: Project, tags: readonly string[], options: CheckOptions): Promise<number> => {
  const profile = choiceOption('--profile', options.profile, PROFILES);
  const seed = integerOption('--seed', options.seed, -(2 ** 31), 2 ** 31 - 1);
  const jobs = options.jobs === undefined ? defaultJobs() : integerOption('--jobs', options.jobs, 1, 256);
  const set = settings(options.set);
  const selected = selectClaims(project, tags);
  // A group takes the claims that have the parameters set and can be stated in the formats; one named by itself must.
  const fits = (names: readonly string[]) => (claim: Claim) =>
    names.every((name) => Object.hasOwn(claim.parameters, name));
  const asked = [...Object.keys(set), ...(options.format.length > 0 ? ['format'] : [])];
  const statedIn = (claim: Claim): boolean => options.format.every((format) => isStatedIn(claim, format));
  const claims = selected.filter((claim) => tags.includes(claim.tag) || (fits(asked)(claim) && statedIn(claim)));
  const unfit = claims.find((claim) => !fits(asked)(claim));
  if (claims.length === 0 || unfit) {
    const known = [...new Set((unfit ? [unfit] : selected).flatMap((claim) => Object.keys(claim.parameters)))];
    const wrong = asked.find((name) => !known.includes(name)) ?? asked.join(' with ');
    throw new InputError(
      '`--set` or `--format`',
      `a parameter of ${unfit ? unfit.tag : 'some claim'} (${known.join(', ')})`,
      wrong,
    );
  }
  if (options.path !== undefined && !/^\d+(:\d+)*$/.test(options.path))
    throw new InputError('`--path`', 'a path like 3:0:1', options.path);
  const file = join(options.out, RESULT_FILE);
  // All that can be wrong with what was asked comes before a folder is made.
  claims.forEach((claim) => cellsOf(claim, { profile, set, formats: options.format }));
  assertWritable(options.out);

  const interrupt = new AbortController();
  const stop = (): void => interrupt.abort();
  process.once('SIGINT', stop);
  const results = await runClaims({
    project,
    ...(options.project !== undefined && { projectFolder: options.project }),
    claims,
    profile,
    seed,
    set,
    formats: options.format,
    ...(options.path !== undefined && { path: options.path }),
    jobs,
    command: commandText(tags, options),
    onProgress: progress(options.quiet ?? false),
    signal: interrupt.signal,
  });
  process.off('SIGINT', stop);
  if (results.claims.length === 0) {
    process.stderr.write('interrupted: no claim was finished, nothing was written\n');
    return INTERRUPTED;
  }
  const text = resultText(results);
  writeAtomically(file, text);
  if (options.json) process.stdout.write(text);
  else if (!options.quiet) printSummary(results, file);
  if (!results.complete) {
    process.stderr.write(
      `interrupted: ${results.claims.length} of ${claims.length} claims finished and kept in ${file}\n`,
    );
    return INTERRUPTED;
  }
  return exitCodeOf(results);
};

export const exitCodeOf = ({ complete, claims }: Results): number =>
  complete && claims.every(({ verdict }) => verdict === 'holds') ? 0 : 1;

export const readResultsIn = (folder: string): Results => readResults(join(folder, RESULT_FILE));
