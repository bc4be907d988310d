/** Places to write: found out before the work, not after it. */
import { accessSync, constants, mkdirSync } from 'node:fs';
import { InputError } from '../input-error.ts';

/** Makes the folder if needed; an input error where nothing can be written there. */
export const assertWritable = (folder: string): void => {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new InputError(
      '`--out`',
      'a folder that can be written',
      `${folder} (${(error as NodeJS.ErrnoException).code ?? String(error)})`,
    );
  }
};
