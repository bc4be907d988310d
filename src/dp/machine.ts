/**
 * From a specification to a network that writes its table, one state per token (docs/theory.md §5, T3 and §9):
 *
 *   latch         the sizes, from the separators of the prompt
 *   index         the next state, its number, and where it reads the prompt
 *   reading       the entries there
 *   dependencies  the numbers of the states that it depends on
 *   copying       their values
 *   transition    its value, and the answer so far
 *
 * Reading, copying and what remembers the separators are memories of a COPY mechanism, the others circuits. The weights
 * depend on the problem and on the largest sizes and symbols of the instances, not on the instance.
 */
import type { Circuit } from '../circuit/compile.ts';
import {
  add,
  constant,
  field,
  ge,
  integer,
  max,
  min,
  operand,
  remainder,
  select,
  sub,
  type Definitions,
  type Expression,
  type InputRange,
  type Operand,
} from '../circuit/expression.ts';
import type { Range } from '../circuit/ranges.ts';
import { rangesOf } from '../circuit/substitute.ts';
import { NOWHERE } from '../copy/mechanism.ts';
import { InputError } from '../input-error.ts';
import type { Fields } from '../network/fields.ts';
import type { Sequential } from '../network/layer.ts';
import { Assembly, sizeOfRecords } from './assembly.ts';
import { indexBefore, indexRanges, successor } from './loops.ts';
import { addressOf, ANSWER, before, BEST, END, endOf, NUMBER, PROMPT, sizeName, VALUE } from './names.ts';
import { countStates, distances } from './reference.ts';
import {
  largestInstance,
  listNames,
  numberNames,
  promptLength,
  separatorsOf,
  sizeRanges,
  specificationOf,
  type DpOptions,
} from './setting.ts';
import type { DpProblem, DpSpecification } from './specification.ts';

export interface DpMachine {
  readonly problem: DpProblem;
  readonly specification: DpSpecification;
  readonly options: DpOptions;
  readonly network: Sequential;
  /** The token: what a prompt token or a generated one holds. */
  readonly token: Fields;
  /** The fields that a generated token takes from the network's output, and where they stand there. */
  readonly generated: Readonly<Record<string, number>>;
  /** Where the output says that there is no next state, and what the answer is then. */
  readonly end: number;
  readonly answer: number;
  /** The fields of the token that ends the prompt, from which the first state is generated. */
  readonly start: Readonly<Record<string, number>>;
  /** The largest number of states, T. */
  readonly states: number;
  /** Slots for states: T, or as many as a dependency can reach back. */
  readonly slots: number;
  /** The circuits of the stack, in order. */
  readonly circuits: readonly Circuit[];
  /** The memories of the stack: addresses and readers. */
  readonly memories: readonly { readonly N: number; readonly reads: number }[];
  /** Why theory says that it must fail in the format. */
  readonly breaks?: string;
  /** Weaker: why nothing is proved of one of its circuits there. */
  readonly unproved?: string;
}

type Ranges = Readonly<Record<string, InputRange>>;
const mapped = <X, Y>(record: Readonly<Record<string, X>>, of: (x: X, name: string) => Y): Record<string, Y> =>
  Object.fromEntries(Object.entries(record).map(([name, x]) => [name, of(x, name)]));
const named = <Y>(names: readonly string[], of: (name: string, at: number) => Y): Record<string, Y> =>
  Object.fromEntries(names.map((name, at) => [name, of(name, at)]));

const within = ({ lo, hi }: Range): InputRange => integer(lo, hi);
/** What a memory returns: where nothing was written it may be twice as large as records are, of any sign. */
const returned = (range: Range): InputRange => integer(-2 * sizeOfRecords(range), 2 * sizeOfRecords(range));
/** A range with 0, which empty slots and unused fields hold. */
const withZero = (...ranges: readonly Range[]): Range => ({
  lo: Math.min(0, ...ranges.map(({ lo }) => lo)),
  hi: Math.max(0, ...ranges.map(({ hi }) => hi)),
});

/** The state before is the token itself: nothing has to be copied. */
const isPrevious = (back: Operand): boolean => {
  const x = operand(back);
  return x.kind === 'constant' && x.value === 1;
};

export const buildMachine = (problem: DpProblem, options: DpOptions): DpMachine => {
  const { limits, mechanism, partner = mechanism, format, accumulate } = options;
  const specification = specificationOf(problem, options);
  const { index, reads = {}, dependencies, answer } = specification;
  if (mechanism.keeps !== 'all' && !specification.local) throw notLocal(problem, specification, options);
  const states = countStates(specification, largestInstance(problem, limits));
  const prompt = promptLength(problem, limits);
  const collected = 'last' in answer ? [] : [BEST];
  const assembly = new Assembly(format, accumulate, [...PROMPT, ...Object.keys(index), NUMBER, VALUE, ...collected]);

  // Latch.
  const sizes = sizeRanges(problem, limits);
  const ends = latch(assembly, problem, options, prompt);

  // Index, and reading.
  const indices = indexRanges(index, sizes);
  const present = Object.fromEntries(Object.entries(indices).map(([name, range]) => [before(name), range]));
  const base = baseOf(problem);
  assembly.circuit(
    { ...sizes, ...ends, ...present, [before(NUMBER)]: integer(NOWHERE, states + 1) },
    {
      ...successor(index),
      [NUMBER]: add(field(before(NUMBER)), 1),
      ...Object.fromEntries(Object.entries(reads).map(([name, { of, at }]) => [addressOf(name), add(base(of), at)])),
    },
  );
  const symbols = symbolRange(problem, options);
  const entry = { record: before('symbol'), range: symbols } as const;
  assembly.memory({
    by: partner,
    N: prompt,
    ...entry,
    at: before('position'),
    readers: mapped(reads, (_, name) => addressOf(name)),
  });

  // Dependencies, and copying.
  const values = withZero(specification.range);
  const known: Ranges = {
    ...sizes,
    ...indices,
    [NUMBER]: integer(0, states + 1),
    ...mapped(reads, ({ of }) => returned(limits.symbols[of]!)),
  };
  const [previous, copied] = [true, false].map((is) =>
    Object.fromEntries(Object.entries(dependencies).filter(([, back]) => isPrevious(back) === is)),
  ) as [DpSpecification['dependencies'], DpSpecification['dependencies']];
  const slots = options.slots ?? (mechanism.keeps === 'all' ? Math.max(1, states) : farthest(known, copied));
  const isRing = mechanism.keeps === 'ring' && Object.keys(copied).length > 0;
  assembly.circuit(
    { ...known, [before(NUMBER)]: integer(NOWHERE, states + 1) },
    {
      ...Object.fromEntries(
        Object.entries(copied).map(([name, back]) => {
          const number = sub(field(NUMBER), back);
          return [addressOf(name), isRing ? slotOf(number, slots) : number];
        }),
      ),
      // A token of the prompt has no number, and writes nowhere.
      ...(isRing && {
        [addressOf(NUMBER)]: select(ge(field(before(NUMBER)), 1), slotOf(field(before(NUMBER)), slots), NOWHERE),
      }),
    },
  );
  assembly.memory({
    by: mechanism,
    N: slots,
    record: before(VALUE),
    at: isRing ? addressOf(NUMBER) : before(NUMBER),
    range: values,
    readers: mapped(copied, (_, name) => addressOf(name)),
  });

  // Transition.
  for (const name of Object.keys(previous)) assembly.alias(name, before(VALUE));
  assembly.circuit(
    {
      ...known,
      ...mapped(copied, () => returned(values)),
      ...mapped(previous, () => within(values)),
      ...('last' in answer ? { [before(VALUE)]: within(values) } : { [before(BEST)]: within(withZero(answer.range)) }),
    },
    transition(specification),
  );

  const { breaks, unproved } = assembly;
  return {
    problem,
    specification,
    options,
    network: assembly.network(),
    token: assembly.token,
    generated: named([...Object.keys(index), NUMBER, VALUE, ...collected], (name) => assembly.place(name)),
    end: assembly.place(END),
    answer: assembly.place(ANSWER),
    start: {
      ...indexBefore(indices),
      [NUMBER]: 0,
      ...('last' in answer ? { [VALUE]: answer.last } : { [VALUE]: 0, [BEST]: answer.initial }),
    },
    states,
    slots,
    circuits: assembly.circuits,
    memories: assembly.memories,
    ...(breaks !== undefined && { breaks }),
    ...(unproved !== undefined && { unproved }),
  };
};

/**
 * What separators carry, written at their numbers: the ends of words and lists, from which their lengths follow, and
 * numbers. Returns what ends can be.
 */
const latch = (
  assembly: Assembly,
  problem: DpProblem,
  options: DpOptions,
  prompt: number,
): Record<string, InputRange> => {
  const { mechanism, partner: by = mechanism } = options;
  const [separators, lists] = [separatorsOf(problem), listNames(problem)];
  const address = (name: string): string => addressOf(endOf(name));
  assembly.circuit({}, Object.fromEntries(separators.map((name, at) => [address(name), constant(at + 1)])));
  const carried = { by, N: separators.length, at: before('separator') } as const;
  assembly.memory({
    ...carried,
    record: before('position'),
    range: { lo: 0, hi: prompt },
    readers: Object.fromEntries(lists.map((name) => [endOf(name), address(name)])),
  });
  assembly.memory({
    ...carried,
    record: before('symbol'),
    range: symbolRange(problem, options),
    readers: Object.fromEntries(numberNames(problem).map((name) => [sizeName(name), address(name)])),
  });
  const ends = Object.fromEntries(lists.map((name) => [endOf(name), integer(0, prompt)]));
  const base = baseOf(problem);
  const length = (name: string): Expression => sub(sub(field(endOf(name)), base(name)), 1);
  assembly.circuit(ends, Object.fromEntries(lists.map((name) => [sizeName(name), length(name)])));
  return ends;
};

/** Where the entries of a word or list begin: after the separator before it. */
const baseOf = (problem: DpProblem): ((name: string) => Expression) => {
  const lists = listNames(problem);
  return (name) => {
    const last = lists[lists.indexOf(name) - 1];
    return last === undefined ? constant(0) : field(endOf(last));
  };
};

/** What tokens of the prompt can carry. */
const symbolRange = (problem: DpProblem, { limits: { symbols, most } }: DpOptions): Range =>
  withZero(
    ...listNames(problem).map((name) => symbols[name]!),
    ...numberNames(problem).map((name) => ({ lo: 0, hi: most[name]! })),
  );

/** The slot of a state's number in a ring, from 1. */
const slotOf = (number: Expression, m: number): Expression => add(remainder(sub(number, 1), m), 1);

/** How many states ago a dependency can be. */
const farthest = (known: Ranges, dependencies: DpSpecification['dependencies']): number =>
  Object.keys(dependencies).length === 0
    ? 1
    : Object.values(rangesOf(known, dependencies)).reduce((most, { hi }) => Math.max(most, hi), 1);

/** The state's value; what is collected with it, and without it: the answer if there is no such state. */
const transition = ({ value, answer }: DpSpecification): Definitions => {
  if ('last' in answer) return { [VALUE]: value, [ANSWER]: field(before(VALUE)) };
  const without = field(before(BEST));
  const combined = { max, min, sum: add }[answer.by](without, field(VALUE));
  return { [VALUE]: value, [BEST]: select(answer.over, combined, without), [ANSWER]: without };
};

/** What is said of a mechanism that keeps the last states, where some state depends on one that is not among them. */
const notLocal = (problem: DpProblem, specification: DpSpecification, { limits, mechanism }: DpOptions): InputError => {
  const [worst] = distances(specification, largestInstance(problem, limits))
    .filter(({ back, number }) => back < number)
    .sort((x, y) => y.back - x.back);
  const why = worst
    ? `the dependency ${worst.name} of ${problem.name} reaches back up to ${worst.back} of them`
    : `${problem.name} is not local`;
  return new InputError(
    'a mechanism',
    `one that keeps all states, since ${why}`,
    `${mechanism.tag}, which keeps the last ones`,
  );
};
