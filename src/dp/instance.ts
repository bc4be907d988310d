/** Instances of a problem: integers, read from what a user typed. */
import { InputError } from '../input-error.ts';
import type { DpLimits } from './setting.ts';
import type { DpInput, DpProblem } from './specification.ts';

export interface DpInstance {
  /** Symbols of words and entries of lists. */
  readonly lists: Readonly<Record<string, readonly number[]>>;
  readonly numbers: Readonly<Record<string, number>>;
}

/** raw: code points and integers as they are. ranks: 1, 2, … in their order, the same for all words. */
export type Tokenize = 'raw' | 'ranks';
export const TOKENIZE: readonly Tokenize[] = ['raw', 'ranks'];

const integerFrom = (name: string, text: string, { min = -Infinity }: DpInput): number => {
  const value = /^[+-]?\d+$/.test(text.trim()) ? Number(text) : NaN;
  if (Number.isSafeInteger(value) && value >= min) return value + 0;
  throw new InputError(`\`${name}\``, Number.isFinite(min) ? `integers ≥ ${min}` : 'integers', text || 'nothing');
};

/** "1,2,3", or nothing for an empty list. */
const listFrom = (name: string, text: string, input: DpInput): number[] =>
  text.trim() === '' ? [] : text.split(',').map((part) => integerFrom(name, part, input));

const symbolsFrom = (name: string, text: string, { alphabet }: DpInput): number[] => {
  const symbols = [...text];
  const foreign = alphabet === undefined ? undefined : symbols.find((symbol) => ![...alphabet].includes(symbol));
  if (foreign !== undefined) throw new InputError(`\`${name}\``, `a word over ${[...alphabet!].join(', ')}`, foreign);
  return symbols.map((symbol) => symbol.codePointAt(0)!);
};

/** The inputs in the order in which the problem names them. A list that is the only input may be typed as several. */
export const parseInstance = (problem: DpProblem, typed: readonly string[], tokenize: Tokenize = 'raw'): DpInstance => {
  const inputs = Object.entries(problem.inputs);
  const texts = inputs.length === 1 && inputs[0]![1].kind === 'list' ? [typed.join(',')] : typed;
  if (texts.length !== inputs.length)
    throw new InputError(
      `the inputs of ${problem.name}`,
      inputs.map(([name, { meaning }]) => `${name} (${meaning})`).join(', '),
      texts.length === 0 ? 'nothing' : `${texts.length}: ${texts.join(' ')}`,
    );
  const lists: Record<string, number[]> = {};
  const numbers: Record<string, number> = {};
  inputs.forEach(([name, input], at) => {
    const text = texts[at]!;
    if (input.kind === 'number') numbers[name] = integerFrom(name, text, input);
    else lists[name] = input.kind === 'word' ? symbolsFrom(name, text, input) : listFrom(name, text, input);
  });
  for (const [name, { asLongAs }] of inputs)
    if (asLongAs !== undefined && lists[name]!.length !== lists[asLongAs]!.length)
      throw new InputError(
        `\`${name}\``,
        `as long as ${asLongAs}, ${lists[asLongAs]!.length}`,
        `${lists[name]!.length}`,
      );
  return { lists: tokenize === 'ranks' ? ranked(problem, lists) : lists, numbers };
};

/** Symbols of words by their rank among all of them, entries of a list by their rank there. */
const ranked = ({ name: problem, inputs }: DpProblem, lists: DpInstance['lists']): DpInstance['lists'] => {
  const counts = Object.entries(inputs).find(
    ([, { kind, alphabet, ordinal }]) => kind === 'number' || alphabet !== undefined || (kind === 'list' && !ordinal),
  );
  if (counts)
    throw new InputError('`--tokenize`', `raw for ${problem}, where ${counts[0]} is more than its order`, 'ranks');
  const ranks = (symbols: readonly number[]): Map<number, number> =>
    new Map([...new Set(symbols)].sort((x, y) => x - y).map((symbol, at) => [symbol, at + 1]));
  const words = ranks(Object.entries(lists).flatMap(([name, list]) => (inputs[name]!.kind === 'word' ? list : [])));
  return Object.fromEntries(
    Object.entries(lists).map(([name, list]) => {
      const of = inputs[name]!.kind === 'word' ? words : ranks(list);
      return [name, list.map((symbol) => of.get(symbol)!)];
    }),
  );
};

/** The least limits that instances fit in. */
export const limitsFor = (problem: DpProblem, instances: readonly DpInstance[]): DpLimits => {
  const names = Object.keys(problem.inputs);
  const sizeIn = ({ lists, numbers }: DpInstance, name: string): number => lists[name]?.length ?? numbers[name]!;
  const entriesOf = (name: string): number[] => [0, ...instances.flatMap(({ lists }) => lists[name] ?? [])];
  const most = (values: readonly number[], better: (x: number, y: number) => number): number =>
    values.reduce((x, y) => better(x, y));
  return {
    most: Object.fromEntries(
      names.map((name) => [
        name,
        most(
          instances.map((instance) => sizeIn(instance, name)),
          Math.max,
        ),
      ]),
    ),
    symbols: Object.fromEntries(
      names.map((name) => [name, { lo: most(entriesOf(name), Math.min), hi: most(entriesOf(name), Math.max) }]),
    ),
  };
};
