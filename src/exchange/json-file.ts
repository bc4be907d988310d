/** Reading JSON files that other programs wrote: every failure is one line that says where and what. */
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { InputError } from '../input-error.ts';

const describe = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
};

export const readJson = (file: string): unknown => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new InputError(file, 'a readable file', (error as NodeJS.ErrnoException).code ?? String(error));
  }
  if (text.trim() === '') throw new InputError(file, 'JSON', 'an empty file');
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new InputError(file, 'JSON', `text that ends or breaks (${(error as Error).message.split('\n')[0]})`);
  }
};

/** The value of a file that a schema accepts, or one line about the first place where it does not fit. */
export const validate = <S extends v.GenericSchema>(file: string, schema: S, value: unknown): v.InferOutput<S> => {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const issue = result.issues[0];
  const path = issue.path?.map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('') ?? '';
  const expected = issue.type === 'check' || issue.type === 'regex' || !issue.expected ? issue.message : issue.expected;
  throw new InputError(`${file}${path && `: ${path.replace(/^\./, '')}`}`, expected, describe(issue.input));
};
