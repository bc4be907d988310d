/** Writing files whole or not at all, and finding out before the work whether they can be written. */
import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { InputError } from '../input-error.ts';

/** Makes a folder and its parents, one by one: mkdirSync's `recursive` never returns below /proc. */
const makeFolder = (folder: string): void => {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  makeFolder(dirname(folder));
  mkdirSync(folder);
};

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);

/** Makes the folder if needed; an input error where no file can be written there. */
export const assertWritable = (folder: string): void => {
  if (folder === '') throw new InputError('`--out`', 'a folder', 'nothing');
  const probe = join(folder, `.${process.pid}.tmp`);
  try {
    makeFolder(resolve(folder));
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    throw new InputError('`--out`', 'a folder that can be written', `${folder} (${codeOf(error)})`);
  }
};

/** Writes a file under another name first, then renames it into place. */
export const writeAtomically = (file: string, text: string): void => {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    makeFolder(resolve(dirname(file)));
    writeFileSync(temporary, text);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new InputError(file, 'a file that can be written', codeOf(error));
  }
};
