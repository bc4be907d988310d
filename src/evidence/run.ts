/** Runs claims over their grids, on as many workers as asked, into one result. */
import { availableParallelism } from 'node:os';
import { Tinypool } from 'tinypool';
import { PROFILES, parseCell, type Claim, type Profile } from '../claim/claim.ts';
import { expand } from '../claim/parameters.ts';
import { RESULT_SCHEMA, summarise, type ClaimResult, type MeasurementResult, type Results } from '../claim/result.ts';
import { InputError } from '../input-error.ts';
import type { Project } from '../project.ts';
import { VERSION } from '../version.ts';
import type { Decision } from './decide.ts';
import { runTask, type Task } from './task.ts';

export interface RunOptions {
  readonly project: Project;
  readonly projectFolder?: string;
  readonly claims: readonly Claim[];
  readonly profile: Profile;
  readonly seed: number;
  /** Parameter → texts that replace the grid's. */
  readonly set: Readonly<Record<string, readonly string[]>>;
  /** Formats that replace the grid's, for claims with a `format` parameter. */
  readonly formats: readonly string[];
  /** fast-check's path of one case to replay. */
  readonly path?: string;
  readonly jobs: number;
  /** How the run was asked for, without what cannot change its results. */
  readonly command: string;
  readonly onProgress?: (done: number, total: number) => unknown;
  /** Stops the run; finished claims are kept. */
  readonly signal?: AbortSignal;
}

export const defaultJobs = (): number => availableParallelism();

const isStated = (claim: Claim, cell: Readonly<Record<string, string>>): boolean => {
  try {
    parseCell(claim, cell);
    return true;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
};

/** The cells of a claim in a profile, which includes the profiles before it, with `set` applied; each once. */
export const cellsOf = (
  claim: Claim,
  { profile, set, formats }: Pick<RunOptions, 'profile' | 'set' | 'formats'>,
): Record<string, string>[] => {
  const included = PROFILES.slice(0, PROFILES.indexOf(profile) + 1);
  const withFormats = formats.length > 0 && Object.hasOwn(claim.parameters, 'format');
  const replaced = { ...set, ...(withFormats && { format: formats }) };
  const unknown = Object.keys(replaced).find((name) => !Object.hasOwn(claim.parameters, name));
  if (unknown !== undefined)
    throw new InputError(
      `--set ${unknown}`,
      `a parameter of ${claim.tag} (${Object.keys(claim.parameters).join(', ')})`,
      unknown,
    );
  const cells = included.flatMap((name) => claim.grid[name]).flatMap((point) => expand({ ...point, ...replaced }));
  const distinct = [...new Map(cells.map((cell) => [JSON.stringify(Object.entries(cell).sort()), cell])).values()];
  // A format asked for takes the cells that can be stated in it; a cell that cannot be otherwise is an input error.
  const stated = withFormats ? distinct.filter((cell) => isStated(claim, cell)) : distinct;
  (stated.length > 0 ? stated : distinct).forEach((cell) => parseCell(claim, cell));
  return stated;
};

const tasksOf = (claim: Claim, options: RunOptions): Task[] => {
  const { seed, profile, path } = options;
  const tasks = cellsOf(claim, options).flatMap((cell) => {
    const values = parseCell(claim, cell);
    const decisions = Object.entries(claim.quantities)
      .filter(([, quantity]) => quantity.applies?.(values) ?? true)
      .map(([quantity]): Task => ({
        kind: 'decide',
        tag: claim.tag,
        quantity,
        cell,
        options: { seed, profile, ...(path !== undefined && { path }) },
      }));
    const rows = (claim.measurements ?? []).map((_, index): Task => ({ kind: 'measure', tag: claim.tag, index, cell }));
    return decisions.length > 0 ? [...decisions, ...rows] : [];
  });
  if (tasks.length === 0)
    throw new InputError(`claim ${claim.tag}`, `stated in some cell of profile ${profile}`, 'no cell');
  return tasks;
};

const WORKER = new URL('../../bin/worker.mjs', import.meta.url);
const COMPILED_WORKER = new URL('../../../bin/worker.mjs', import.meta.url);

/** How tasks are run: here for one job, on worker threads for more. */
const runnerFor = (options: RunOptions): { run: (task: Task) => Promise<unknown>; close: () => Promise<void> } => {
  if (options.jobs === 1) {
    return {
      // A turn of the event loop between tasks lets an interrupt in.
      run: async (task) => {
        await new Promise((next) => setImmediate(next));
        return runTask(options.project, task);
      },
      close: () => Promise.resolve(),
    };
  }
  const worker = import.meta.url.endsWith('.ts') ? WORKER : COMPILED_WORKER;
  const pool = new Tinypool({
    filename: worker.href,
    runtime: 'worker_threads',
    minThreads: options.jobs,
    maxThreads: options.jobs,
  });
  return {
    run: (task) => pool.run({ task, projectFolder: options.projectFolder }) as Promise<unknown>,
    close: () => pool.destroy(),
  };
};

const replayOf = (claim: Claim, cell: Readonly<Record<string, string>>, options: RunOptions, path?: string): string => {
  const quote = (text: string): string => (/^[\w.,=+/:-]+$/.test(text) ? text : `'${text}'`);
  const settings = Object.entries(cell).map(([name, value]) => ` --set ${quote(`${name}=${value}`)}`);
  const project = options.projectFolder === undefined ? '' : ` --project ${quote(options.projectFolder)}`;
  return `npx mambound check ${claim.tag} --profile ${options.profile} --seed ${options.seed}${settings.join('')}${path === undefined ? '' : ` --path ${path}`}${project}`;
};

/** A claim that throws instead of measuring, in one line that says where. */
const failureOf = ({ tag, cell, ...task }: Task, error: unknown): InputError => {
  const where = Object.entries(cell).map(([name, value]) => `${name}=${value}`);
  const what = 'quantity' in task ? `, ${task.quantity}` : '';
  const message = error instanceof Error ? error.message : String(error);
  return new InputError(`${tag}${what} at ${where.join(' ')}`, 'measured', message.split('\n')[0]!);
};

type Finished = { task: Task; output: unknown; seconds: number };

const resultOf = (claim: Claim, finished: readonly Finished[], options: RunOptions): ClaimResult => {
  const decisions = finished.flatMap(({ task, output, seconds }) =>
    task.kind === 'decide' ? [{ task, decision: output as Decision, seconds }] : [],
  );
  const cells = decisions.map(({ decision }) => decision.cell);
  const { verdict, evidence, shown } = summarise(cells);
  const refuted = decisions.find(({ decision }) => decision.cell === shown && verdict === 'refuted');
  const counterexample = refuted?.decision.counterexample;
  return {
    tag: claim.tag,
    title: claim.title,
    statement: claim.statement,
    quantifiers: [...claim.quantifiers],
    source: claim.source,
    verdict,
    evidence,
    bound: shown.bound,
    worst: shown.worst,
    tightness: shown.tightness,
    cases: decisions.reduce((sum, { decision }) => sum + decision.cases, 0),
    seconds: Math.round(1000 * finished.reduce((sum, { seconds }) => sum + seconds, 0)) / 1000,
    ...(counterexample && { witness: { params: shown.params, ...counterexample } }),
    ...(refuted &&
      refuted.task.kind === 'decide' && { replay: replayOf(claim, refuted.task.cell, options, counterexample?.path) }),
    cells,
  };
};

const measurementsOf = (claim: Claim, finished: readonly Finished[]): MeasurementResult[] =>
  (claim.measurements ?? []).map(({ id, title, columns }, index) => ({
    id,
    title,
    columns: columns.map((column) => ({ ...column })),
    rows: finished.flatMap(({ task, output }) =>
      task.kind === 'measure' && task.index === index ? [output as (number | string | null)[]] : [],
    ),
  }));

/** Decides claims. Results do not depend on `jobs`: every cell has its own seed, and results keep the grid's order. */
export const runClaims = async (options: RunOptions): Promise<Results> => {
  const startedAt = new Date().toISOString();
  const plans = options.claims.map((claim) => ({ claim, tasks: tasksOf(claim, options) }));
  const tasks = plans.flatMap((plan) => plan.tasks);
  const finished = new Map<Task, Finished>();
  const { run, close } = runnerFor(options);
  // The last cells of a grid are its largest: they start first, so that no worker is left alone with one at the end.
  const queue = [...tasks].reverse();
  const serve = async (): Promise<void> => {
    for (let task = queue.shift(); task && !options.signal?.aborted; task = queue.shift()) {
      const start = performance.now();
      const output = await run(task).catch((error: unknown) => {
        throw failureOf(task, error);
      });
      finished.set(task, { task, output, seconds: (performance.now() - start) / 1000 });
      options.onProgress?.(finished.size, tasks.length);
    }
  };
  const stopped = new Promise<void>((resolve) =>
    options.signal?.addEventListener('abort', () => resolve(), { once: true }),
  );
  try {
    await Promise.race([Promise.all(Array.from({ length: options.jobs }, serve)), stopped]);
  } finally {
    await close();
  }
  const done = plans.filter(({ tasks: own }) => own.every((task) => finished.has(task)));
  const outputs = done.map((plan) => ({ claim: plan.claim, outputs: plan.tasks.map((task) => finished.get(task)!) }));
  return {
    schema: RESULT_SCHEMA,
    mambound: VERSION,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    command: options.command,
    seed: options.seed,
    profile: options.profile,
    startedAt,
    complete: done.length === plans.length,
    claims: outputs.map(({ claim, outputs: own }) => resultOf(claim, own, options)),
    measurements: outputs.flatMap(({ claim, outputs: own }) => measurementsOf(claim, own)),
  };
};
