/** Runs claims over their grids, on as many workers as asked, into one result. */
import { availableParallelism } from 'node:os';
import { Tinypool } from 'tinypool';
import { FormulaError, parseFormula } from '../arithmetic/formula.ts';
import { PROFILES, parseCell, type Claim, type Profile } from '../claim/claim.ts';
import { expand, parseValue, type Point } from '../claim/parameters.ts';
import { RESULT_SCHEMA, type Results } from '../claim/result.ts';
import { InputError } from '../input-error.ts';
import { findByName, type Project } from '../project.ts';
import { VERSION } from '../version.ts';
import { ownBound, type Decision } from './decide.ts';
import { BOUND_BITS } from './judge.ts';
import { Queue } from './queue.ts';
import { byPlace, resultsOf, type Finished, type Header } from './record.ts';
import type { Task } from './task.ts';
import { runTimed, type Timed } from './worker.ts';

/** What is asked of a run. */
export interface PlanOptions {
  readonly claims: readonly Claim[];
  readonly profile: Profile;
  readonly seed: number;
  /** Parameter → texts that replace the grid's. */
  readonly set: Readonly<Record<string, readonly string[]>>;
  /** Formats that replace the grid's, for claims with a `format` parameter. */
  readonly formats: readonly string[];
  /** fast-check's path of one case to replay. */
  readonly path?: string;
  /** The only quantity to decide. */
  readonly quantity?: string;
  /** A formula that replaces the bound of that quantity. */
  readonly bound?: string;
  /** Which part of the tasks to run; all of them where absent. */
  readonly shard?: Header['shard'];
  /** How the run was asked for, without what cannot change its results. */
  readonly command: string;
}

/** How it is carried out. */
export interface ExecutionOptions {
  readonly project: Project;
  readonly projectFolder?: string;
  readonly jobs: number;
  /** What an earlier run of the same plan finished. */
  readonly earlier?: readonly Finished[];
  readonly onFinished?: (finished: Finished) => unknown;
  readonly onProgress?: (done: number, total: number) => unknown;
  /** Stops the run; finished tasks are kept. */
  readonly signal?: AbortSignal;
}

export type RunOptions = PlanOptions & ExecutionOptions;

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

/** More cells than this are a slip in --set; every one of them is several tasks. */
const MOST_CELLS = 100_000;

const combinations = (point: Point): number =>
  Object.values(point).reduce<number>((count, values) => count * (Array.isArray(values) ? values.length : 1), 1);

/** The cells of a claim in a profile, which includes the profiles before it, with `set` applied; each once. */
export const cellsOf = (
  claim: Claim,
  { profile, set, formats }: Pick<PlanOptions, 'profile' | 'set' | 'formats'>,
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
  const format = claim.parameters.format;
  if (withFormats && format) formats.forEach((name) => parseValue('format', format, name));
  const points = included.flatMap((name) => claim.grid[name]).map((point) => ({ ...point, ...replaced }));
  const count = points.reduce((sum, point) => sum + combinations(point), 0);
  if (count > MOST_CELLS) throw new InputError(`the cells of ${claim.tag}`, `at most ${MOST_CELLS}`, String(count));
  const cells = points.flatMap(expand);
  const distinct = [...new Map(cells.map((cell) => [JSON.stringify(Object.entries(cell).sort()), cell])).values()];
  // A format asked for takes the cells that can be stated in it; a cell that cannot be otherwise is an input error.
  const stated = withFormats ? distinct.filter((cell) => isStated(claim, cell)) : distinct;
  const unstated = formats.find((name) => withFormats && !stated.some((cell) => cell.format === name));
  // Every format asked for must be stated somewhere: else parsing its cells says what is wrong with them.
  (unstated === undefined ? stated : distinct.filter((cell) => cell.format === unstated)).forEach((cell) =>
    parseCell(claim, cell),
  );
  return stated;
};

/** The bound that a user asks to be tested, tried at every cell so that it cannot fail in the middle of a run. */
const assertBound = (claim: Claim, bound: string, cells: readonly Readonly<Record<string, string>>[]): void => {
  const formula = parseFormula(bound);
  const known = Object.entries(claim.parameters).flatMap(([name, { kind }]) =>
    kind === 'integer' || kind === 'real' ? [name] : [],
  );
  const unknown = formula.parameters.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new FormulaError(`expected a known symbol (${known.join(', ')}), got ${unknown}`);
  const redefined = formula.lines.find(({ name }) => name !== undefined && known.includes(name));
  if (redefined) throw new FormulaError(`expected a name of its own before "=", got ${redefined.name}, a parameter`);
  if (formula.lines.at(-1)!.name !== undefined)
    throw new FormulaError(`expected a value at the end of "${formula.text}", got a definition`);
  for (const cell of cells) ownBound(bound, parseCell(claim, cell)).enclose(BOUND_BITS);
};

const tasksOf = (claim: Claim, options: PlanOptions): Task[] => {
  const { seed, profile, path, quantity: only, bound } = options;
  const cells = cellsOf(claim, options);
  if (bound !== undefined) assertBound(claim, bound, cells);
  const tasks = cells.flatMap((cell) => {
    const values = parseCell(claim, cell);
    const decisions = Object.entries(claim.quantities)
      .filter(([name, quantity]) => (only === undefined || name === only) && (quantity.applies?.(values) ?? true))
      .map(([quantity]): Task => ({
        kind: 'decide',
        tag: claim.tag,
        quantity,
        cell,
        options: { seed, profile, ...(path !== undefined && { path }), ...(bound !== undefined && { bound }) },
      }));
    const rows = measurementsOf(claim, options).map((_, index): Task => ({
      kind: 'measure',
      tag: claim.tag,
      index,
      cell,
      seed,
    }));
    return [...decisions, ...rows];
  });
  if (!tasks.some(({ kind }) => kind === 'decide'))
    throw new InputError(
      only === undefined ? `claim ${claim.tag}` : `quantity ${only} of ${claim.tag}`,
      `stated in some cell of profile ${profile} as it is set`,
      'no cell',
    );
  return tasks;
};

/** Measurements belong to no quantity: a run of one quantity makes none. */
const measurementsOf = (claim: Claim, { quantity }: PlanOptions): NonNullable<Claim['measurements']> =>
  quantity === undefined ? (claim.measurements ?? []) : [];

export interface Plan {
  readonly header: Header;
  /** Those of the whole run. */
  readonly tasks: readonly Task[];
  /** Places of the tasks that belong to this shard. */
  readonly own: readonly number[];
}

/** Deals the tasks out quantity by quantity, so that no shard gets all of an expensive one. */
const deal = (tasks: readonly Task[], { part, of }: Header['shard']): number[] => {
  const byQuantity = new Map<string, number[]>();
  tasks.forEach((task, at) => {
    const key = `${task.tag} ${task.kind === 'decide' ? task.quantity : task.index}`;
    const places = byQuantity.get(key);
    if (places) places.push(at);
    else byQuantity.set(key, [at]);
  });
  return [...byQuantity.values()]
    .flat()
    .filter((_, turn) => turn % of === part - 1)
    .sort((x, y) => x - y);
};

/** What is to be done. All that can be wrong with what was asked is found here. */
export const planRun = (options: PlanOptions): Plan => {
  const tasks = options.claims.flatMap((claim) => tasksOf(claim, options));
  const shard = options.shard ?? { part: 1, of: 1 };
  const header = {
    schema: RESULT_SCHEMA,
    mambound: VERSION,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    command: options.command,
    seed: options.seed,
    profile: options.profile,
    startedAt: new Date().toISOString(),
    shard,
    tasks: tasks.length,
    claims: options.claims.map((claim) => ({
      tag: claim.tag,
      title: claim.title,
      statement: claim.statement,
      quantifiers: [...claim.quantifiers],
      source: claim.source,
      measurements: measurementsOf(claim, options).map(({ id, title, columns }) => ({
        id,
        title,
        columns: columns.map(({ name, unit }) => ({ name, unit })),
      })),
    })),
  } as const;
  return { header, tasks, own: deal(tasks, shard) };
};

const WORKER = new URL('../../bin/worker.mjs', import.meta.url);
const COMPILED_WORKER = new URL('../../../bin/worker.mjs', import.meta.url);

/** How tasks are run: here for one job, on worker threads for more. */
const runnerFor = (
  { project, projectFolder }: ExecutionOptions,
  jobs: number,
): { run: (task: Task) => Promise<Timed>; close: () => Promise<void> } => {
  if (jobs <= 1) return { run: async (task) => runTimed(project, task), close: () => Promise.resolve() };
  const worker = import.meta.url.endsWith('.ts') ? WORKER : COMPILED_WORKER;
  const pool = new Tinypool({
    filename: worker.href,
    runtime: 'worker_threads',
    minThreads: jobs,
    maxThreads: jobs,
  });
  return {
    run: (task) => pool.run({ task, projectFolder }) as Promise<Timed>,
    close: () => pool.destroy(),
  };
};

/** A word of a command line as a shell must be given it. */
export const quoted = (text: string): string =>
  /^[\w.,=+/:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** A replay must not overwrite the results that it comes from. */
const REPLAY_FOLDER = 'reports/replay';

const leftOut = ({ claims }: Project, tag: string, cell: Decide['cell']): string[] =>
  Object.keys(findByName('claim', claims, (claim) => claim.tag, tag).parameters).filter(
    (name) => !Object.hasOwn(cell, name),
  );

const replayOf = (
  { tag, quantity, cell, options }: Decide,
  path: string | undefined,
  { project, projectFolder }: ExecutionOptions,
): string =>
  [
    `npx mambound check ${quoted(tag)} --quantity ${quoted(quantity)}`,
    ...(options.bound === undefined ? [] : [`--bound ${quoted(options.bound)}`]),
    `--profile ${options.profile} --seed ${options.seed}`,
    ...Object.entries(cell).map(([name, value]) => `--set ${quoted(`${name}=${value}`)}`),
    // Other cells of the grid may set what this one leaves out.
    ...leftOut(project, tag, cell).map((name) => `--set ${name}=`),
    ...(path === undefined ? [] : [`--path ${path}`]),
    ...(projectFolder === undefined ? [] : [`--project ${quoted(projectFolder)}`]),
    `--out ${REPLAY_FOLDER}`,
  ].join(' ');
type Decide = Task & { kind: 'decide' };

/** A claim that throws instead of measuring, in one line that says where. */
const failureOf = ({ tag, cell, ...task }: Task, error: unknown): InputError => {
  const where = Object.entries(cell).map(([name, value]) => `${name}=${value}`);
  const what = 'quantity' in task ? `, ${task.quantity}` : '';
  const message = error instanceof Error ? error.message : String(error);
  return new InputError(`${tag}${what} at ${where.join(' ')}`, 'measured', message.split('\n')[0]!);
};

/** What is kept of a task beside its place and its time. */
const outcomeOf = (
  task: Task,
  output: unknown,
  options: ExecutionOptions,
): Pick<Finished, 'decision' | 'row' | 'replay'> => {
  if (task.kind === 'measure') return { row: output as NonNullable<Finished['row']> };
  const decision = output as Decision;
  const refuted = decision.cell.verdict === 'refuted';
  return { decision, ...(refuted && { replay: replayOf(task, decision.counterexample?.path, options) }) };
};

/** Runs what is left of a plan and returns all that is finished, which is not all of it after an interrupt. */
export const runPlan = async (plan: Plan, options: ExecutionOptions): Promise<Finished[]> => {
  const { signal } = options;
  const finished = new Map(options.earlier?.map((one) => [one.at, one]));
  const queue = new Queue(
    plan.own.filter((at) => !finished.has(at)),
    (at) => plan.tasks[at]!.tag,
  );
  const jobs = Math.min(options.jobs, queue.size);
  const { run, close } = runnerFor(options, jobs);
  const serve = async (): Promise<void> => {
    for (let at = queue.next(); at !== undefined; at = queue.next(plan.tasks[at]!.tag)) {
      await new Promise((turn) => setImmediate(turn)); // lets an interrupt in
      if (signal?.aborted) return;
      const task = plan.tasks[at]!;
      const { output, seconds } = await run(task).catch((error: unknown) => {
        throw failureOf(task, error);
      });
      if (signal?.aborted) return;
      const one: Finished = { at, task, seconds, ...outcomeOf(task, output, options) };
      finished.set(at, one);
      options.onFinished?.(one);
      options.onProgress?.(finished.size, plan.own.length);
    }
  };
  const stopped = new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
  try {
    await Promise.race([Promise.all(Array.from({ length: jobs }, serve)), stopped]);
  } finally {
    await close();
  }
  return [...finished.values()].sort(byPlace);
};

/** What is finished of claims that are finished. */
export const ofFinishedClaims = ({ tasks }: Plan, finished: readonly Finished[]): Finished[] => {
  const places = new Set(finished.map(({ at }) => at));
  const missing = new Set(tasks.flatMap(({ tag }, at) => (places.has(at) ? [] : [tag])));
  return finished.filter(({ task }) => !missing.has(task.tag));
};

/** Decides claims. Results do not depend on `jobs`: every cell has its own seed, and results keep the grid's order. */
export const runClaims = async (options: RunOptions): Promise<Results> => {
  const plan = planRun(options);
  return resultsOf({ header: plan.header, finished: ofFinishedClaims(plan, await runPlan(plan, options)) });
};
