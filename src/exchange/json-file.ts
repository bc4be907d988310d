/** Reading JSON files that other programs wrote: every failure is one line that says where and what. */
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { InputError } from '../input-error.ts';

const describe = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number') return String(value); // 1e999 is read as Infinity, which JSON has no word for
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
    return JSON.parse(text.replace(/^\uFEFF/, '')) as unknown; // some editors mark UTF-8
  } catch (error) {
    throw new InputError(file, 'JSON', `text that ends or breaks (${(error as Error).message.split(/[\r\n]/)[0]})`);
  }
};

/** A key of a file, on one line. */
export const keyText = (key: string): string => (/^[\w.-]+$/.test(key) ? key : JSON.stringify(key));

const EXPECTED: Readonly<Record<string, string>> = {
  Object: 'an object',
  Array: 'a list',
  number: 'a number',
  string: 'a string',
  boolean: 'true or false',
  finite: 'a finite number',
  integer: 'an integer',
};

const expectedBy = (issue: v.BaseIssue<unknown>): string => {
  const { type, requirement } = issue as { type: string; requirement?: unknown };
  if (type === 'min_length') return `a list of at least ${String(requirement)}`;
  if (type === 'check' || type === 'regex') return issue.message;
  if (issue.kind === 'schema' && issue.input === undefined) return 'present';
  return EXPECTED[issue.expected ?? type] ?? issue.expected ?? issue.message;
};

/** The value of a file that a schema accepts, or one line about the first place where it does not fit. */
export const validate = <S extends v.GenericSchema>(file: string, schema: S, value: unknown): v.InferOutput<S> => {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const issue = result.issues[0];
  const path =
    issue.path?.map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${keyText(String(key))}`)).join('') ?? '';
  const where = `${file}${path && `: ${path.replace(/^\./, '')}`}`;
  if (issue.expected === 'never') throw new InputError(where, 'absent', 'a value'); // a key that nothing would read
  throw new InputError(where, expectedBy(issue), describe(issue.input));
};
