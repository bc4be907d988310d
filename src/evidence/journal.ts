/**
 * The journal of a run that is not finished: a line for the run, then one for every finished task, each appended with
 * one write. Whatever ends the process, at most the last line is torn, and that task is run again.
 */
import { appendFileSync, closeSync, openSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { resultText } from '../claim/result.ts';
import { InputError } from '../input-error.ts';
import {
  assertSameRun,
  finishedFrom,
  headerFrom,
  readShard,
  shardName,
  type Finished,
  type Header,
  type RunRecord,
} from './record.ts';
import type { Plan } from './run.ts';

export interface Journal {
  /** When the run began, which may have been long ago. */
  readonly startedAt: string;
  /** What an earlier process finished. */
  readonly finished: readonly Finished[];
  readonly append: (finished: Finished) => void;
  /** Once the results are written. */
  readonly remove: () => void;
}

const lineOf = (value: unknown): string => resultText(value, 0);

const failure = (file: string, expected: string, error: unknown): InputError =>
  new InputError(file, expected, (error as NodeJS.ErrnoException).code ?? String(error));

/** The complete lines of a journal; none where it does not exist. */
const textOf = (file: string): string => {
  try {
    const text = readFileSync(file, 'utf8');
    return text.slice(0, text.lastIndexOf('\n') + 1);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw failure(file, 'a readable file', error);
  }
};

const parseLine = (where: string, line: string): unknown => {
  try {
    return JSON.parse(line) as unknown;
  } catch (error) {
    throw new InputError(where, 'JSON', `text that breaks (${(error as Error).message})`);
  }
};

const recordOf = (file: string, text: string): RunRecord => {
  const lines = text.trimEnd().split('\n');
  const [header, ...finished] = lines.map((line, at) => parseLine(`line ${at + 1} of ${file}`, line));
  return {
    header: headerFrom(file, header),
    finished: finished.map((one, at) => finishedFrom(`line ${at + 2} of ${file}`, one)),
  };
};

/** An input error where a record is not of this plan. */
const assertOfPlan = (file: string, record: RunRecord, { header, tasks }: Plan): void => {
  assertSameRun(file, record.header, header, 'as asked');
  const [found, wanted] = [record.header, header].map(({ shard }) => shardName(shard));
  if (found !== wanted) throw new InputError(`the shard in ${file}`, `${wanted}, as asked`, found!);
  const foreign = record.finished.find(({ at, task }) => !isDeepStrictEqual(task, tasks[at]));
  if (foreign) throw new InputError(`the tasks in ${file}`, 'those of this run', `another task ${foreign.at}`);
};

/** What a shard that is finished holds, if it is the one of the plan. */
const finishedShard = (file: string, plan: Plan): RunRecord | undefined => {
  try {
    const record = readShard(file);
    assertOfPlan(file, record, plan);
    return record;
  } catch {
    return undefined;
  }
};

/** The header of a shard or of a journal, undefined for any other file. */
export const headerIn = (file: string): Header | undefined => {
  try {
    const text = readFileSync(file, 'utf8');
    return headerFrom(file, JSON.parse(file.endsWith('.jsonl') ? text.split('\n', 1)[0]! : text));
  } catch {
    return undefined;
  }
};

/**
 * Starts the journal of a run. To resume, it goes on with the one that is there, which must be of the same run; a shard
 * that is finished needs none.
 */
export const openJournal = (file: string, plan: Plan, resume: boolean, shardFile: string): Journal => {
  const text = resume ? textOf(file) : '';
  const record = text === '' ? undefined : recordOf(file, text);
  if (record) {
    assertOfPlan(file, record, plan);
    truncateSync(file, Buffer.byteLength(text)); // a torn line must not stand before the next one
  } else rmSync(file, { force: true });
  const earlier = record ?? (resume ? finishedShard(shardFile, plan) : undefined);

  let descriptor: number | undefined;
  let head = record ? '' : lineOf(plan.header);
  return {
    startedAt: (earlier?.header ?? plan.header).startedAt,
    finished: earlier?.finished ?? [],
    append: (finished) => {
      try {
        descriptor ??= openSync(file, 'a');
        appendFileSync(descriptor, head + lineOf(finished));
        head = '';
      } catch (error) {
        throw failure(file, 'a file that can be written', error);
      }
    },
    remove: () => {
      if (descriptor !== undefined) closeSync(descriptor);
      rmSync(file, { force: true });
    },
  };
};
