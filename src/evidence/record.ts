/**
 * What a run keeps of every finished task, and the results that follow from it. A journal and a shard hold the same
 * record, and results are a function of it alone: they do not depend on how often a run was resumed or how it was split.
 */
import * as v from 'valibot';
import {
  cellSchema,
  descriptionFields,
  isShard,
  measurementFields,
  numericCell,
  readVersioned,
  resultText,
  rowSchema,
  runFields,
  summarise,
  type ClaimResult,
  type MeasurementResult,
  type Results,
} from '../claim/result.ts';
import { validate } from '../exchange/json-file.ts';
import { InputError } from '../input-error.ts';
import type { Decision } from './decide.ts';
import type { Task } from './task.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const headerSchema = v.object({
  ...runFields,
  shard: v.pipe(
    v.object({ part: count, of: count }),
    v.check(({ part, of }) => part >= 1 && part <= of, 'part 1 to `of`'),
  ),
  /** How many there are in the whole run. */
  tasks: count,
  claims: v.array(v.object({ ...descriptionFields, measurements: v.array(v.object(measurementFields)) })),
});
/** What a run was asked for and where it ran. A run that is not split is shard 1/1. */
export type Header = v.InferOutput<typeof headerSchema>;

const finishedFields = v.object({
  at: count,
  task: v.variant('kind', [
    v.looseObject({ kind: v.literal('decide'), tag: v.string() }),
    v.looseObject({ kind: v.literal('measure'), tag: v.string(), index: count }),
  ]),
  seconds: v.number(),
  decision: v.optional(
    v.object({ cell: cellSchema, cases: count, counterexample: v.optional(v.record(v.string(), v.unknown())) }),
  ),
  row: v.optional(rowSchema),
  replay: v.optional(v.string()),
});
const finishedSchema = v.pipe(
  finishedFields,
  v.check(({ decision, row }) => (decision === undefined) !== (row === undefined), 'with a decision or a row'),
);
export interface Finished {
  /** The place of the task among those of the whole run. */
  readonly at: number;
  readonly task: Task;
  readonly seconds: number;
  /** What came out: a decision, or the row of a measurement. */
  readonly decision?: Decision;
  readonly row?: MeasurementResult['rows'][number];
  /** The command that runs a refuted cell again. */
  readonly replay?: string;
}

export interface RunRecord {
  readonly header: Header;
  /** In the order of the run's tasks. */
  readonly finished: readonly Finished[];
}

export const byPlace = (x: Finished, y: Finished): number => x.at - y.at;

export const headerFrom = (where: string, raw: unknown): Header => validate(where, headerSchema, raw);

export const finishedFrom = (where: string, raw: unknown): Finished => {
  const finished = validate(where, finishedSchema, raw);
  const { decision } = finished;
  return { ...finished, ...(decision && { decision: { ...decision, cell: numericCell(decision.cell) } }) } as Finished;
};

export const shardText = ({ header, finished }: RunRecord): string => resultText({ ...header, finished });

/** Reads and validates what `check --shard` wrote. */
export const readShard = (file: string): RunRecord => {
  const raw = readVersioned(file);
  if (!isShard(raw)) throw new InputError(file, 'a shard, as check --shard writes it', 'something else');
  const { finished, ...header } = validate(
    file,
    v.object({ ...headerSchema.entries, finished: v.array(v.unknown()) }),
    raw,
  );
  return { header, finished: finished.map((one, at) => finishedFrom(`${file}: finished[${at}]`, one)) };
};

export const shardName = ({ part, of }: Header['shard']): string => `${part}/${of}`;

/** An input error where two headers are not of one run; shards of one run may differ in their part. */
export const assertSameRun = (file: string, header: Header, wanted: Header, as: string): void => {
  for (const key of ['mambound', 'node', 'platform', 'seed', 'profile', 'command'] as const)
    if (header[key] !== wanted[key])
      throw new InputError(`\`${key}\` in ${file}`, `${wanted[key]}, ${as}`, String(header[key]));
  const described = ({ tasks, claims }: Header): string => JSON.stringify([tasks, claims]);
  if (described(header) !== described(wanted))
    throw new InputError(`the claims in ${file}`, `the same ${as}`, 'others');
};

const MOST_NAMED = 10;

/** The whole run of which these are the shards, each with the file that it comes from. */
export const joinShards = (shards: readonly (RunRecord & { readonly file: string })[]): RunRecord => {
  const [first] = shards;
  const { of } = first!.header.shard;
  for (const { file, header } of shards) {
    if (header.shard.of !== of)
      throw new InputError(`the shard in ${file}`, `one of ${of}, as in ${first!.file}`, shardName(header.shard));
    assertSameRun(file, header, first!.header, `as in ${first!.file}`);
  }
  const files = new Map<number, string>();
  for (const { file, header } of shards) {
    const { part } = header.shard;
    const other = files.get(part);
    if (other !== undefined)
      throw new InputError('shards', 'different ones', `${part}/${of} in both ${other} and ${file}`);
    files.set(part, file);
  }
  const missing: string[] = [];
  for (let part = 1; part <= of && missing.length < MOST_NAMED; part++)
    if (!files.has(part)) missing.push(`${part}/${of}`);
  if (missing.length > 0)
    throw new InputError('shards', `all of 1/${of} to ${of}/${of}`, `none for ${missing.join(', ')}`);
  const finished = shards.flatMap((shard) => shard.finished).sort(byPlace);
  const gap = finished.findIndex(({ at }, place) => at !== place);
  if (gap >= 0 || finished.length !== first!.header.tasks)
    throw new InputError('shards', 'with every task once', `task ${gap < 0 ? finished.length : gap} missing or twice`);
  const startedAt = shards.map(({ header }) => header.startedAt).sort()[0]!;
  return { header: { ...first!.header, startedAt }, finished };
};

const resultOf = (claim: Header['claims'][number], finished: readonly Finished[]): ClaimResult => {
  const decided = finished.flatMap(({ decision, replay }) => (decision ? [{ ...decision, replay }] : []));
  const cells = decided.map(({ cell }) => cell);
  const { verdict, evidence, shown } = summarise(cells);
  const { counterexample, replay } = decided.find(({ cell }) => cell === shown)!;
  return {
    tag: claim.tag,
    title: claim.title,
    statement: claim.statement,
    quantifiers: claim.quantifiers,
    source: claim.source,
    verdict,
    evidence,
    bound: shown.bound,
    worst: shown.worst,
    tightness: shown.tightness,
    cases: decided.reduce((sum, { cases }) => sum + cases, 0),
    seconds: Math.round(1000 * finished.reduce((sum, { seconds }) => sum + seconds, 0)) / 1000,
    ...(counterexample && { witness: { params: shown.params, ...counterexample } }),
    ...(replay !== undefined && { replay }),
    cells,
  };
};

/** The results of the claims that have a decision in the record. */
export const resultsOf = ({ header, finished }: RunRecord): Results => {
  const { shard: _, tasks, claims, ...run } = header;
  const decided = claims
    .map((claim) => ({ claim, own: finished.filter(({ task }) => task.tag === claim.tag) }))
    .filter(({ own }) => own.some(({ decision }) => decision));
  return {
    ...run,
    complete: finished.length === tasks,
    claims: decided.map(({ claim, own }) => resultOf(claim, own)),
    measurements: decided.flatMap(({ claim, own }) =>
      claim.measurements.map((measurement, index) => ({
        ...measurement,
        rows: own.flatMap(({ task, row }) => (task.kind === 'measure' && task.index === index && row ? [row] : [])),
      })),
    ),
  };
};
