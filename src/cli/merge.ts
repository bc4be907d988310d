import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { resultText } from '../claim/result.ts';
import { joinShards, readShard, resultsOf, type RunRecord } from '../evidence/record.ts';
import { assertWritable } from '../exchange/write-file.ts';
import { InputError } from '../input-error.ts';
import { deliver, exitCodeOf, JOURNAL_FILE, RESULT_FILE, resultFileAt } from './check.ts';

/** A shard with its file, for messages. */
const shardAt = (path: string): RunRecord & { file: string } => {
  const file = resultFileAt(path);
  if (!existsSync(file) && existsSync(join(path, JOURNAL_FILE)))
    throw new InputError(path, 'a folder with a finished shard', 'an unfinished one (check --resume goes on with it)');
  return { file, ...readShard(file) };
};

/** mambound merge: joins the shards of a run into the results that it would have had in one piece. */
export const merge = (paths: readonly string[], options: { out: string; json?: boolean; quiet?: boolean }): number => {
  const shards = paths.map(shardAt);
  const results = resultsOf(joinShards(shards));
  const file = join(options.out, RESULT_FILE);
  if (shards.some((shard) => resolve(shard.file) === resolve(file)))
    throw new InputError('`--out`', 'another folder than those of the shards', options.out);
  assertWritable(options.out);
  deliver(file, resultText(results), results, options);
  return exitCodeOf(results);
};
