/** All instances of a problem up to a size, and random ones: what claims quantify over. */
import { integers, vectors, type AnyPoint, type Axis, type Domain } from '../claim/domain.ts';
import type { DpInstance } from './instance.ts';
import type { DpLimits } from './setting.ts';
import type { DpInput, DpProblem } from './specification.ts';

/** Lists up to this length, numbers up to this value, over so many different symbols. */
export interface DpSize {
  readonly n: number;
  readonly letters: number;
}

/** The range of entries of a list, or of a number. */
const entriesOf = ({ kind, min, ordinal }: DpInput, { n, letters }: DpSize): readonly [number, number] => {
  if (kind === 'number') return [Math.max(0, min ?? 0), Math.max(n, min ?? 0)];
  if (kind === 'word' || ordinal) return [1, letters];
  return min === undefined ? [1 - letters, letters] : [min, min + letters];
};

/** Symbol number k ≥ 1 of a word: of its alphabet, or a letter of the Latin one and beyond. */
const symbolOf = ({ kind, alphabet }: DpInput, k: number): number => {
  if (kind !== 'word') return k;
  const letters = alphabet === undefined ? undefined : [...alphabet];
  return letters ? letters[(k - 1) % letters.length]!.codePointAt(0)! : 'a'.codePointAt(0)! + k - 1;
};

/** Lists of `length` entries, in lexicographic order. */
function* listsOf(length: number, [lo, hi]: readonly [number, number]): Generator<number[]> {
  if (length === 0) return yield [];
  for (const head of listsOf(length - 1, [lo, hi])) for (let x = lo; x <= hi; x++) yield [...head, x];
}
/** One list of each order: its entries are 1 … k, each of them there. */
const isRanked = (list: readonly number[]): boolean => new Set(list).size === Math.max(0, ...list);

/** Every instance up to a size; of lists whose order alone counts one for each order. */
export const allInstances = ({ inputs }: DpProblem, size: DpSize): DpInstance[] => {
  const contents = (input: DpInput): number[][] => {
    const [lo, hi] = entriesOf(input, size);
    if (input.kind === 'number') return Array.from({ length: hi - lo + 1 }, (_, k) => [lo + k]);
    return Array.from({ length: size.n + 1 }, (_, length) => length).flatMap((length) => {
      if (input.ordinal) return [...listsOf(length, [1, length])].filter(isRanked);
      return [...listsOf(length, [lo, hi])].map((list) => list.map((k) => symbolOf(input, k)));
    });
  };
  return Object.entries(inputs).reduce<DpInstance[]>(
    (instances, [name, input]) => {
      const all = contents(input);
      return instances.flatMap(({ lists, numbers }) =>
        all.flatMap((content): DpInstance[] => {
          if (input.kind === 'number') return [{ lists, numbers: { ...numbers, [name]: content[0]! } }];
          const other = input.asLongAs === undefined ? undefined : lists[input.asLongAs]!;
          return other && other.length !== content.length ? [] : [{ lists: { ...lists, [name]: content }, numbers }];
        }),
      );
    },
    [{ lists: {}, numbers: {} }],
  );
};

/** How many there are. */
export const countInstances = ({ inputs }: DpProblem, size: DpSize): number => {
  const different = (input: DpInput): number => {
    const [lo, hi] = entriesOf(input, size);
    return hi - lo + 1;
  };
  return Object.entries(inputs).reduce((count, [name, input]) => {
    if (input.kind === 'number') return count * different(input);
    if (input.asLongAs !== undefined) return count;
    // With a list come those that are as long.
    const together = Object.values(inputs).filter(({ asLongAs }) => asLongAs === name);
    const entries = together.reduce((product, other) => product * different(other), different(input));
    const ofLength = (length: number): number => (input.ordinal ? (ORDERS[length] ?? Infinity) : entries ** length);
    return count * Array.from({ length: size.n + 1 }, (_, length) => ofLength(length)).reduce((x, y) => x + y, 0);
  }, 1);
};
/** Orders of so many entries, equal ones allowed (Fubini numbers). */
const ORDERS = [1, 1, 3, 13, 75, 541, 4683, 47293, 545835];

/** Some of a list, spread over it and with its last. */
export const spread = <X>(items: readonly X[], count: number): X[] => {
  const stride = Math.max(1, Math.floor(items.length / count));
  return items.filter((_, at) => (items.length - 1 - at) % stride === 0);
};

const lengthOf = (name: string): string => `length of ${name}`;

/** Instances up to a size as the points of a domain: of each list its length and entries, of which the first count. */
export const instanceDomain = ({ inputs }: DpProblem, size: DpSize): Domain =>
  Object.fromEntries(
    Object.entries(inputs).flatMap(([name, input]): [string, Axis][] => {
      const [lo, hi] = entriesOf(input, size);
      if (input.kind === 'number') return [[name, integers(lo, hi)]];
      const own: [string, Axis][] = input.asLongAs === undefined ? [[lengthOf(name), integers(0, size.n)]] : [];
      return [...own, [name, vectors(size.n, integers(lo, hi))]];
    }),
  );

export const instanceAt = ({ inputs }: DpProblem, point: AnyPoint): DpInstance => {
  const lists: Record<string, number[]> = {};
  const numbers: Record<string, number> = {};
  for (const [name, input] of Object.entries(inputs)) {
    if (input.kind === 'number') numbers[name] = point[name] as number;
    else {
      const length = point[lengthOf(input.asLongAs ?? name)] as number;
      lists[name] = (point[name] as readonly number[]).slice(0, length).map((k) => symbolOf(input, k));
    }
  }
  return { lists, numbers };
};

/** What all instances up to a size fit in. */
export const limitsOfSize = ({ inputs }: DpProblem, size: DpSize): DpLimits => {
  const ranges = Object.entries(inputs).map(([name, input]) => {
    const [lo, hi] = input.ordinal ? [1, Math.max(size.n, size.letters)] : entriesOf(input, size);
    const symbols = input.kind === 'word' ? range(lo, hi).map((k) => symbolOf(input, k)) : [lo, hi];
    return { name, input, hi, symbols: { lo: Math.min(0, ...symbols), hi: Math.max(0, ...symbols) } };
  });
  return {
    most: Object.fromEntries(ranges.map(({ name, input, hi }) => [name, input.kind === 'number' ? hi : size.n])),
    symbols: Object.fromEntries(ranges.map(({ name, symbols }) => [name, symbols])),
  };
};
const range = (lo: number, hi: number): number[] => Array.from({ length: hi - lo + 1 }, (_, k) => lo + k);
