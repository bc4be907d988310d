/** A problem with all that a machine depends on: the largest sizes and the symbols, costs, a mechanism, a number format. */
import type { Accumulation } from '../arithmetic/arithmetic.ts';
import type { Format } from '../arithmetic/format.ts';
import { field, integer, type InputRange } from '../circuit/expression.ts';
import type { Range } from '../circuit/ranges.ts';
import type { Mechanism } from '../copy/mechanism.ts';
import { InputError } from '../input-error.ts';
import type { DpInstance } from './instance.ts';
import { mostStates } from './loops.ts';
import { RESERVED, sizeName } from './names.ts';
import type { DpInput, DpProblem, DpScope, DpSpecification } from './specification.ts';

/** What a machine is built for. */
export interface DpLimits {
  /** Largest length of a word or list, largest value of a number. */
  readonly most: Readonly<Record<string, number>>;
  /** Range of the symbols or entries of a word or list, 0 included. */
  readonly symbols: Readonly<Record<string, Range>>;
}

export interface DpOptions {
  readonly costs: Readonly<Record<string, number>>;
  readonly limits: DpLimits;
  /** Copies states; and the prompt, unless it is local and has a partner for that. */
  readonly mechanism: Mechanism;
  readonly partner?: Mechanism;
  readonly format: Format;
  readonly accumulate: Accumulation;
  /** Slots for states, where there are to be fewer than it takes: how claims show that each of them is needed. */
  readonly slots?: number;
}

const inputNames = ({ inputs }: DpProblem, ...kinds: readonly DpInput['kind'][]): string[] =>
  Object.keys(inputs).filter((name) => kinds.includes(inputs[name]!.kind));
export const listNames = (problem: DpProblem): string[] => inputNames(problem, 'word', 'list');
export const numberNames = (problem: DpProblem): string[] => inputNames(problem, 'number');

/** Separators by their number, from 1: each ends a word or list, or carries a number. */
export const separatorsOf = (problem: DpProblem): string[] => [...listNames(problem), ...numberNames(problem)];

/** Tokens of the longest prompt: entries and separators. */
export const promptLength = (problem: DpProblem, { most }: DpLimits): number =>
  listNames(problem).reduce((sum, name) => sum + most[name]!, separatorsOf(problem).length);

/** An instance as large as the limits allow; its entries are 0. */
export const largestInstance = (problem: DpProblem, { most }: DpLimits): DpInstance => ({
  lists: Object.fromEntries(listNames(problem).map((name) => [name, new Array<number>(most[name]!).fill(0)])),
  numbers: Object.fromEntries(numberNames(problem).map((name) => [name, most[name]!])),
});

export const sizeRanges = (problem: DpProblem, { most }: DpLimits): Record<string, InputRange> =>
  Object.fromEntries(separatorsOf(problem).map((name) => [sizeName(name), integer(0, most[name]!)]));

export const specificationOf = (
  problem: DpProblem,
  { limits, costs }: Pick<DpOptions, 'limits' | 'costs'>,
): DpSpecification => {
  const scope: DpScope = {
    size: Object.fromEntries(Object.keys(problem.inputs).map((name) => [name, field(sizeName(name))])),
    most: limits.most,
    symbols: limits.symbols,
    costs,
  };
  const specification = problem.specify(scope);
  assertSound(problem, specification);
  return specification;
};

/** At most so many states does an instance within the limits have. */
export const statesWithin = (problem: DpProblem, options: Pick<DpOptions, 'limits' | 'costs'>): number =>
  mostStates(specificationOf(problem, options).index, sizeRanges(problem, options.limits));

const assertSound = (problem: DpProblem, { index, reads = {}, dependencies, range }: DpSpecification): void => {
  const names = [index, reads, dependencies].flatMap((part) => Object.keys(part));
  const taken = names.find((name, at) => RESERVED.includes(name) || names.indexOf(name) !== at);
  if (taken !== undefined)
    throw new InputError(`the names in ${problem.name}`, `different ones, and none of ${RESERVED.join(', ')}`, taken);
  if (Object.keys(index).length === 0)
    throw new InputError(`the index of ${problem.name}`, 'at least one loop', 'none');
  const lists = listNames(problem);
  for (const [name, { of }] of Object.entries(reads))
    if (!lists.includes(of))
      throw new InputError(`the read ${name} of ${problem.name}`, `of one of ${lists.join(', ') || 'no words'}`, of);
  if (!(Number.isInteger(range.lo) && Number.isInteger(range.hi) && range.lo <= range.hi))
    throw new InputError(`the range of ${problem.name}`, 'integers lo ≤ hi', `[${range.lo}, ${range.hi}]`);
};
