import { statSync } from 'node:fs';
import { join } from 'node:path';
import { MODES } from '../arithmetic/arithmetic.ts';
import { isStatedIn, PROFILES, type Claim } from '../claim/claim.ts';
import { readResults, resultText, summarise, type Cell, type ClaimResult, type Results } from '../claim/result.ts';
import { headerIn, openJournal } from '../evidence/journal.ts';
import { resultsOf, shardName, shardText, type Header } from '../evidence/record.ts';
import { defaultJobs, ofFinishedClaims, planRun, quoted, runPlan, type PlanOptions } from '../evidence/run.ts';
import { assertWritable, writeAtomically } from '../exchange/write-file.ts';
import { InputError } from '../input-error.ts';
import { selectClaims, type Project } from '../project.ts';
import { choiceOption, integerOption, settings, shardOption, sweep } from './options.ts';
import { columns, paint, print, progress, short } from './terminal.ts';

export interface CheckOptions {
  readonly profile: string;
  readonly seed: string;
  readonly format: readonly string[];
  readonly accumulate?: string;
  readonly set: readonly string[];
  readonly path?: string;
  readonly quantity?: string;
  readonly bound?: string;
  readonly jobs?: string;
  readonly shard?: string;
  readonly resume?: boolean;
  readonly out: string;
  readonly project?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export const RESULT_FILE = 'results.json';
export const JOURNAL_FILE = 'journal.jsonl';
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

/** An instance and its value on one line; the result file holds the whole of a long one. */
const instanceText = (witness: unknown): string | undefined => {
  const { point, value } = (witness ?? {}) as { point?: unknown; value?: number };
  const text = JSON.stringify(point);
  if (text === undefined || value === undefined) return undefined;
  return `${short(value)} at ${text.length > MOST_INSTANCE ? `${text.slice(0, MOST_INSTANCE)}…` : text}`;
};
const MOST_INSTANCE = 300;

/** Why a cell is undecided: its bound was not approached, or was approached too closely to tell. */
const reasonOf = ({ slack, tightness }: Cell): string =>
  slack !== null && tightness !== null && (slack < 1 ? tightness <= slack : tightness >= slack)
    ? `expected to find ${slack < 1 ? 'more' : 'less'} than ${short(slack)} of the bound, which is stated to be attained`
    : 'expected enclosures to tell the value from the bound, got one that holds both';

const printSummary = (results: Results, file: string): void => {
  const rows = results.claims.map(summary);
  const lines = columns(rows).split('\n');
  results.claims.forEach(({ verdict }, at) => print(paint(verdict, lines[at]!)));
  for (const claim of results.claims.filter(({ verdict }) => verdict !== 'holds')) {
    const cell = summarise(claim.cells).shown;
    const where = Object.entries(cell.params).map(([name, value]) => `${name} = ${value}`);
    print(
      `\n${paint(claim.verdict, `${claim.tag} ${claim.verdict}`)} at ${where.join(', ')}: bound ${short(cell.bound)}, found ${short(cell.worst)} by ${cell.foundBy}`,
    );
    if (claim.verdict === 'undecided') print(`  ${reasonOf(cell)}`);
    const instance = instanceText(claim.witness);
    if (instance !== undefined) print(`  instance: ${instance}`);
    if (claim.replay) print(`  replay: ${claim.replay}`);
  }
  print(`${results.claims.length > 0 ? '\n' : ''}${file}`);
};

/** Writes a result file and says what is in it. */
export const deliver = (
  file: string,
  text: string,
  results: Results,
  { json, quiet }: Pick<CheckOptions, 'json' | 'quiet'>,
): void => {
  writeAtomically(file, text);
  if (json) process.stdout.write(text);
  else if (!quiet) printSummary(results, file);
};

/** What was asked, without what cannot change the results (--jobs, --shard, --resume, --out). */
const commandText = (tags: readonly string[], options: CheckOptions): string =>
  [
    'mambound check',
    ...tags.map(quoted),
    `--profile ${options.profile}`,
    `--seed ${options.seed}`,
    ...options.format.map((format) => `--format ${quoted(format)}`),
    ...options.set.map((setting) => `--set ${quoted(setting)}`),
    ...(['accumulate', 'path', 'quantity', 'bound', 'project'] as const).flatMap((name) =>
      options[name] === undefined ? [] : [`--${name} ${quoted(options[name])}`],
    ),
  ].join(' ');

const resumeCommand = (tags: readonly string[], options: CheckOptions): string =>
  [
    `npx ${commandText(tags, options)}`,
    ...(options.shard === undefined ? [] : [`--shard ${options.shard}`]),
    `--out ${quoted(options.out)} --resume`,
  ].join(' ');

/** A formula of several lines as one line, so that commands stay one line. */
const onOneLine = (formula: string): string =>
  formula
    .split(/[\n;]/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('; ');

/** The quantity and the bound that --quantity and --bound name, of the one claim that is checked. */
const ownBound = (claims: readonly Claim[], options: CheckOptions): Pick<PlanOptions, 'quantity' | 'bound'> => {
  if (options.quantity === undefined && options.bound === undefined) return {};
  const [claim, another] = claims;
  if (!claim || another) {
    const option = options.bound === undefined ? '--quantity' : '--bound';
    throw new InputError(`\`${option}\``, 'used with one claim', `${claims.length} claims`);
  }
  const names = Object.keys(claim.quantities);
  const quantity = options.quantity ?? claim.main ?? names[0]!;
  return {
    quantity: choiceOption('--quantity', quantity, names),
    ...(options.bound !== undefined && { bound: options.bound }),
  };
};

/** The claims that tags name, of which those that --set and --format fit. */
const claimsFor = (
  project: Project,
  tags: readonly string[],
  { format }: CheckOptions,
  set: PlanOptions['set'],
): readonly Claim[] => {
  const selected = selectClaims(project, tags);
  // A group takes the claims that have the parameters set and can be stated in the formats; one named by itself must.
  const fits = (names: readonly string[]) => (claim: Claim) =>
    names.every((name) => Object.hasOwn(claim.parameters, name));
  const asked = [...Object.keys(set), ...(format.length > 0 ? ['format'] : [])];
  const statedIn = (claim: Claim): boolean => format.every((name) => isStatedIn(claim, name));
  const claims = selected.filter((claim) => tags.includes(claim.tag) || (fits(asked)(claim) && statedIn(claim)));
  const unfit = claims.find((claim) => !fits(asked)(claim));
  if (claims.length > 0 && !unfit) return claims;
  const known = [...new Set((unfit ? [unfit] : selected).flatMap((claim) => Object.keys(claim.parameters)))];
  const wrong = asked.find((name) => !known.includes(name)) ?? asked.join(' with ');
  throw new InputError(
    '`--set`, `--format` or `--accumulate`',
    `a parameter of ${unfit ? unfit.tag : 'some claim'} (${known.join(', ')})`,
    wrong,
  );
};

/** Everything that check's options ask of a run. */
const planOptions = (project: Project, tags: readonly string[], options: CheckOptions): PlanOptions => {
  const profile = choiceOption('--profile', options.profile, PROFILES);
  const seed = integerOption('--seed', options.seed, -(2 ** 31), 2 ** 31 - 1);
  const accumulate =
    options.accumulate === undefined ? {} : { accumulate: [choiceOption('--accumulate', options.accumulate, MODES)] };
  const set = Object.fromEntries(
    Object.entries({ ...settings(options.set), ...accumulate }).map(([name, texts]) => [
      name,
      texts.flatMap((text) => sweep(name, text)),
    ]),
  );
  const claims = claimsFor(project, tags, options, set);
  if (options.path !== undefined && !/^\d+(:\d+)*$/.test(options.path))
    throw new InputError('`--path`', 'a path like 3:0:1', options.path);
  return {
    claims,
    profile,
    seed,
    set,
    formats: options.format,
    ...(options.path !== undefined && { path: options.path }),
    ...ownBound(claims, options),
    ...(options.shard !== undefined && { shard: shardOption(options.shard) }),
    command: commandText(tags, options),
  };
};

/** Shards that share a folder would overwrite each other. */
const assertOwnFolder = (out: string, { command, shard }: Header): void => {
  const held = [RESULT_FILE, JOURNAL_FILE].map((name) => headerIn(join(out, name)));
  const other = held.find(
    (found) => found?.command === command && found.shard.of === shard.of && found.shard.part !== shard.part,
  );
  if (other)
    throw new InputError(
      '`--out`',
      'a folder of its own for each shard',
      `${out}, which holds shard ${shardName(other.shard)}`,
    );
};

/** Runs something that Ctrl-C stops instead of ending the process. */
const untilInterrupted = async <X>(run: (signal: AbortSignal) => Promise<X>): Promise<X> => {
  const interrupt = new AbortController();
  const stop = (): void => interrupt.abort();
  process.once('SIGINT', stop);
  try {
    return await run(interrupt.signal);
  } finally {
    process.off('SIGINT', stop);
  }
};

/** mambound check: decides claims and writes results.json, or the part of it that a shard is. */
export const check = async (project: Project, tags: readonly string[], asked: CheckOptions): Promise<number> => {
  const options = asked.bound === undefined ? asked : { ...asked, bound: onOneLine(asked.bound) };
  const jobs = options.jobs === undefined ? defaultJobs() : integerOption('--jobs', options.jobs, 1, 256);
  // All that can be wrong with what was asked comes before a folder is made.
  const plan = planRun(planOptions(project, tags, options));
  assertWritable(options.out);
  const file = join(options.out, RESULT_FILE);
  const journalFile = join(options.out, JOURNAL_FILE);
  const sharded = options.shard !== undefined;
  if (sharded) assertOwnFolder(options.out, plan.header);
  const journal = openJournal(journalFile, plan, options.resume ?? false, file);
  const { step, end } = progress(options.quiet ?? false, journal.finished.length);
  const finished = await untilInterrupted((signal) =>
    runPlan(plan, {
      project,
      ...(options.project !== undefined && { projectFolder: options.project }),
      jobs,
      earlier: journal.finished,
      onFinished: journal.append,
      onProgress: step,
      signal,
    }),
  ).finally(end);

  const interrupted = finished.length < plan.own.length;
  if (interrupted && finished.length === 0) {
    process.stderr.write('interrupted: no claim was finished, nothing was written\n');
    return INTERRUPTED;
  }
  const record = { header: { ...plan.header, startedAt: journal.startedAt }, finished };
  // A shard is told by what it finished of a claim; anything else by the claims of which nothing is missing.
  const results = resultsOf(sharded ? record : { ...record, finished: ofFinishedClaims(plan, finished) });
  const written = sharded ? !interrupted : results.claims.length > 0;
  if (written) {
    deliver(file, sharded ? shardText(record) : resultText(results), results, options);
    if (!interrupted) journal.remove();
  }
  if (interrupted) {
    const kept = written
      ? `${results.claims.length} of ${plan.header.claims.length} claims finished and kept in ${file}`
      : `${finished.length} of ${plan.own.length} tasks finished and kept in ${journalFile}`;
    process.stderr.write(`interrupted: ${kept}\ngo on with: ${resumeCommand(tags, options)}\n`);
    return INTERRUPTED;
  }
  return exitCodeOf({ ...results, complete: true });
};

export const exitCodeOf = ({ complete, claims }: Results): number =>
  complete && claims.every(({ verdict }) => verdict === 'holds') ? 0 : 1;

/** The result file that a path names: itself, or the one in the folder. */
export const resultFileAt = (path: string): string =>
  statSync(path, { throwIfNoEntry: false })?.isFile() ? path : join(path, RESULT_FILE);

export const readResultsIn = (path: string): Results => readResults(resultFileAt(path));
