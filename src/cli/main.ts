/** The command line: parses, dispatches, and turns every failure into one line and an exit code. */
import { Command, CommanderError } from 'commander';
import { CarrierRangeError } from '../arithmetic/format.ts';
import { FormulaError } from '../arithmetic/formula.ts';
import { InputError } from '../input-error.ts';
import { loadProject } from '../project.ts';
import { VERSION } from '../version.ts';
import { assume, type AssumeOptions } from './assume.ts';
import { check, type CheckOptions } from './check.ts';
import { copy, type CopyOptions } from './copy.ts';
import { diff } from './diff.ts';
import { dp, type DpCliOptions } from './dp.ts';
import { explain } from './explain.ts';
import { list } from './list.ts';
import { merge } from './merge.ts';
import { report, type ReportOptions } from './report.ts';
import { vectors } from './vectors.ts';

const USAGE = 2;
const DEFAULT_OUT = 'reports/out';
/** Problems and mechanisms are constructions; claims take longer to load than most instances to solve. */
const DP_FOLDERS = ['constructions/copy', 'constructions/dp'];
/** Comma-separated, and repeatable: a list that takes several words would swallow the tags behind it. */
const names = (value: string, previous: string[]): string[] => [...previous, ...value.split(',')];
const collect = (value: string, previous: string[]): string[] => [...previous, value];

const oneLine = (text: string): string => text.trim().replace(/\s*\n\s*/g, ' ');

/** A list of integers that begins with a negative one is no option: a space before it says so to commander. */
const shielded = (arg: string): string => (/^-\d+(,[+-]?\d+)+$/.test(arg) ? ` ${arg}` : arg);
const unshielded = (arg: string): string => arg.replace(/^ (?=-\d)/, '');

/** The commands; each stores its exit code through `done`. */
const build = (done: (code: number) => void): Command => {
  const program = new Command('mambound')
    .description(
      'Checks, numerically and where possible rigorously, the constructive theorems about what Mamba can express.',
    )
    .version(VERSION)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`${oneLine(text)}\n`) });
  const command = (usage: string, description: string): Command =>
    program
      .command(usage)
      .description(description)
      .option('--project <dir>', "a folder with a user's own claims, constructions and tables");

  command('check [tags...]', "decides claims (all, exact tags, or groups like 'T1.*') and writes results.json")
    .option('--profile <name>', 'quick, standard or deep', 'standard')
    .option('--seed <integer>', 'seed of every random case', '1')
    .option('--format <names>', 'number formats (a,b,c), for claims that have them; repeatable', names, [])
    .option('--accumulate <mode>', 'own or fp32, for claims about accumulation')
    .option(
      '--set <name=value>',
      'replaces a parameter of the grid (name=v1,v2 for several values, name=lo..hi for integers); repeatable',
      collect,
      [],
    )
    .option('--path <path>', 'replays one sampled case, as the replay line of a refuted claim names it')
    .option('--quantity <name>', 'decides only this quantity of one claim')
    .option(
      '--bound <formula>',
      "tests your own bound, a formula over one claim's parameters, of its main quantity or of --quantity",
    )
    .option('--jobs <count>', 'worker threads (default: one for each core)')
    .option('--shard <i/n>', 'runs part i of n; merge joins the parts')
    .option('--resume', 'goes on with a run that was interrupted or killed')
    .option('--out <dir>', 'where results.json goes', DEFAULT_OUT)
    .option('--json', 'prints the results')
    .option('--quiet', 'prints nothing')
    .action(async (tags: string[], options: CheckOptions) =>
      done(await check(await loadProject(options.project), tags, options)),
    );

  program
    .command('merge <dirs...>')
    .description('joins the shards of a run (check --shard) into its results.json')
    .option('--out <dir>', 'where results.json goes', DEFAULT_OUT)
    .option('--json', 'prints the results')
    .option('--quiet', 'prints nothing')
    .action((dirs: string[], options: { out: string; json?: boolean; quiet?: boolean }) => done(merge(dirs, options)));

  program
    .command('diff <before> <after>')
    .description('compares two result files, or the ones in two folders; exit code 1 where they differ')
    .option('--tolerance <number>', 'relative difference below which numbers are the same', '1e-12')
    .option('--json', 'as JSON')
    .action((before: string, after: string, options: { tolerance: string; json?: boolean }) =>
      done(diff(before, after, options)),
    );

  command('list', 'claims, constructions, tables and figures')
    .option('--json', 'as JSON')
    .action(async (options: { json?: boolean; project?: string }) =>
      done(list(await loadProject(options.project), options)),
    );

  command('explain <tag>', 'one claim: statement, quantifiers, source, and its numbers at given parameters')
    .option('--set <name=value>', 'a parameter; repeatable', collect, [])
    .option('--digits <count>', 'significant digits', '17')
    .option('--json', 'as JSON')
    .action(async (tag: string, options: { set: string[]; digits: string; json?: boolean; project?: string }) =>
      done(explain(await loadProject(options.project), tag, options)),
    );

  command('copy <tag>', 'builds one COPY construction, runs it, and compares its error with its bound')
    .requiredOption('--n <N>', 'sequence length')
    .option('--d <d>', 'components of a record', '1')
    .option('--eps <epsilon>', 'target error', '0.01')
    .option('--M <M>', 'bound on the records', '1')
    .option('--format <name>', 'number format', 'fp64')
    .option('--accumulate <mode>', 'own or fp32', 'own')
    .option('--seed <integer>', 'seed of the random instances', '1')
    .option('--json', 'as JSON')
    .action(async (tag: string, options: CopyOptions & { project?: string }) =>
      done(copy(await loadProject(options.project), tag, options)),
    );

  command('dp <problem> [inputs...]', 'solves a real instance by chain of thought, cell by cell beside the recursion')
    .option('--copy <tag>', 'the COPY mechanism', 'T2.packed')
    .option('--costs <a,b,c>', "the problem's costs, non-negative integers in its order")
    .option('--format <name>', 'number format', 'fp64')
    .option('--accumulate <mode>', 'own or fp32', 'own')
    .option('--tokenize <how>', 'raw (code points, integers) or ranks', 'raw')
    .option('--trace', 'prints every generated token with its least margin')
    .option('--json', 'as JSON')
    .action(async (problem: string, inputs: string[], options: DpCliOptions & { project?: string }) =>
      done(dp(await loadProject(options.project, DP_FOLDERS), problem, inputs.map(unshielded), options)),
    );

  program
    .command('assume <file>')
    .description(
      'checks Assumption 1 on an instance: decays a, keys b, queries c, records v and positions pos, as JSON',
    )
    .option('--window <L>', 'window (default: N)')
    .option('--rho <rho>', 'least |s| that matches (default: the best threshold)')
    .option('--delta <delta>', 'largest |s| that does not (default: the best threshold)')
    .option('--bound-M <M>', 'bound on the records (default: the largest of them)')
    .option('--eps <epsilon>', 'error for the hypothesis of T1.mass (default: M/10)')
    .option('--out <dir>', 'writes a table and a map of the weights there')
    .option('--json', 'as JSON')
    .action((file: string, options: AssumeOptions) => done(assume(file, options)));

  program
    .command('vectors <file>')
    .description('runs a file of golden vectors (scan, block or model) and reports the largest difference')
    .option('--json', 'as JSON')
    .action((file: string, options: { json?: boolean }) => done(vectors(file, options)));

  command('report', 'writes every table and figure; without --from, checks all claims first')
    .option('--from <dir>', 'takes results.json from there instead of checking')
    .option('--profile <name>', 'profile of that check', 'standard')
    .option('--seed <integer>', 'seed of that check', '1')
    .option('--jobs <count>', 'worker threads of that check')
    .option('--out <dir>', 'where everything goes', DEFAULT_OUT)
    .option('--only <ids>', 'only these tables and figures (a,b,c); repeatable', names, [])
    .option('--quiet', 'prints nothing')
    .action(async (options: ReportOptions) => done(await report(await loadProject(options.project), options)));
  return program;
};

/** Errors that a user's input can cause; anything else is a defect, here or in a user's own file. */
const isInputError = (error: unknown): error is Error =>
  error instanceof InputError || error instanceof FormulaError || error instanceof CarrierRangeError;

/** Runs one command line and returns its exit code. */
export const main = async (args: readonly string[]): Promise<number> => {
  let code = 0;
  const program = build((value) => {
    code = value;
  });
  try {
    await program.parseAsync(args.map(shielded), { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    if (!isInputError(error) && process.env.DEBUG === 'mambound') throw error;
    const message = error instanceof Error ? error.message : String(error);
    const hint = isInputError(error) ? '' : ' (unexpected; DEBUG=mambound shows where)';
    process.stderr.write(`error: ${oneLine(message)}${hint}\n`);
    return USAGE;
  }
};
