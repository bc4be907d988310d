/** Options that several commands share, read and checked in one place. */
import { MODES, type Arithmetic } from '../arithmetic/arithmetic.ts';
import { ARITHMETIC_NAMES, arithmeticByName } from '../arithmetic/names.ts';
import { InputError } from '../input-error.ts';

/** An integer option. */
export const integerOption = (name: string, text: string, min: number, max = Number.MAX_SAFE_INTEGER): number => {
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : NaN;
  if (!(value >= min && value <= max)) {
    const range = max === Number.MAX_SAFE_INTEGER ? `≥ ${min}` : `in [${min}, ${max}]`;
    throw new InputError(`\`${name}\``, `an integer ${range}`, text === '' ? 'nothing' : text);
  }
  return value;
};

export const choiceOption = <C extends string>(name: string, text: string, choices: readonly C[]): C => {
  if (!(choices as readonly string[]).includes(text))
    throw new InputError(`\`${name}\``, `one of ${choices.join(', ')}`, text);
  return text as C;
};

export const arithmeticOption = (format: string, accumulate: string): Arithmetic<unknown> => {
  const mode = choiceOption('--accumulate', accumulate, MODES);
  const arithmetic = arithmeticByName(format, mode);
  if (arithmetic) return arithmetic;
  if (mode === 'fp32' && arithmeticByName(format)) {
    throw new InputError('`--accumulate fp32`', 'used with a format of at most 24 bits', format);
  }
  throw new InputError('`--format`', `one of ${ARITHMETIC_NAMES}`, format);
};

/** Repeated --set k=v or k=v1,v2 as name → values; k= leaves an optional parameter out. */
export const settings = (texts: readonly string[]): Record<string, string[]> => {
  const set = Object.create(null) as Record<string, string[]>;
  for (const text of texts) {
    const at = text.indexOf('=');
    const values = text.slice(at + 1).split(',');
    if (at < 1 || (values.length > 1 && values.includes('')))
      throw new InputError('`--set`', 'name=value or name=value,value', text);
    set[text.slice(0, at)] = values;
  }
  return set;
};

/** More values than this are a slip of the keyboard. */
const MOST_VALUES = 10_000;

/** A value of --set as the values it stands for: lo..hi is every integer from lo to hi. */
export const sweep = (name: string, text: string): string[] => {
  if (!text.includes('..')) return [text];
  const [lo, hi] = /^[+-]?\d+\.\.[+-]?\d+$/.test(text) ? text.split('..').map(Number) : [];
  if (!(lo! <= hi!)) throw new InputError(`\`--set ${name}\``, 'a sweep lo..hi of integers, lo ≤ hi', text);
  if (hi! - lo! >= MOST_VALUES)
    throw new InputError(`\`--set ${name}\``, `a sweep of at most ${MOST_VALUES} values`, text);
  return Array.from({ length: hi! - lo! + 1 }, (_, at) => String(lo! + at));
};

/** --shard i/n. */
export const shardOption = (text: string): { part: number; of: number } => {
  const [part, of] = /^\d+\/\d+$/.test(text) ? text.split('/').map(Number) : [];
  if (!(part! >= 1 && part! <= of! && Number.isSafeInteger(of)))
    throw new InputError('`--shard`', 'i/n with 1 ≤ i ≤ n', text === '' ? 'nothing' : text);
  return { part: part!, of: of! };
};

/** A relative tolerance, 0 for none. */
export const toleranceOption = (name: string, text: string): number => {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!(value >= 0 && value < 1))
    throw new InputError(`\`${name}\``, 'a number in [0, 1)', text === '' ? 'nothing' : text);
  return value;
};
