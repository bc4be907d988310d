/**
 * From a specification to a network that writes its table, one state per token (docs/theory.md §5, T3 and §9):
 *
 *   latch        the sizes, from the separators of the prompt
 *   index        the next state, its number, and where it reads the prompt
 *   reading      the symbols there
 *   dependencies where the states are that it depends on
 *   copying      their values
 *   transition   its value, and the answer so far
 *
 * Index, dependencies and transition are circuits, the others memories of a COPY mechanism. The weights depend on the
 * problem and on the largest sizes and symbols of the instances, not on the instance.
 */
import type { Accumulation } from '../arithmetic/arithmetic.ts';
import { FP32, saturation, type Format } from '../arithmetic/format.ts';
import { Rational } from '../arithmetic/rational.ts';
import { compileCircuit, type Circuit, type CircuitOptions } from '../circuit/compile.ts';
import {
  add,
  constant,
  field,
  ge,
  gt,
  integer,
  max,
  min,
  mul,
  operand,
  remainder,
  select,
  sub,
  type Definitions,
  type Expression,
  type InputRange,
} from '../circuit/expression.ts';
import { placeCircuit } from '../circuit/place.ts';
import { attempt } from '../circuit/steepness.ts';
import { rangesOf, substitute } from '../circuit/substitute.ts';
import type { Range } from '../circuit/ranges.ts';
import { NOWHERE, type Mechanism, type Read } from '../copy/mechanism.ts';
import { InputError } from '../input-error.ts';
import type { Fields } from '../network/fields.ts';
import type { Sequential } from '../network/layer.ts';
import { Stack } from '../network/stack.ts';
import { addressOf, before, sizeName } from './names.ts';
import type { DpInstance } from './instance.ts';
import { countStates, distances as allDistances, type Distance } from './reference.ts';
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

export interface DpMachine {
  readonly problem: DpProblem;
  readonly specification: DpSpecification;
  readonly options: DpOptions;
  readonly network: Sequential;
  /** The token: what a prompt token or a generated one holds. */
  readonly token: Fields;
  /** The fields that a generated token takes from the network's output, and where they stand there. */
  readonly generated: Readonly<Record<string, number>>;
  /** Where the output says that there is no next state, and what the answer is. */
  readonly end: number;
  readonly answer: number;
  /** The token after the prompt, from which the first state is generated. */
  readonly start: Readonly<Record<string, number>>;
  /** The largest number of states, T. */
  readonly states: number;
  /** Slots for states: T, or as many as a dependency can reach back. */
  readonly slots: number;
  /** The circuits of the stack, in order. */
  readonly circuits: readonly Circuit[];
  /** The memories of the stack: addresses and readers. */
  readonly memories: readonly { readonly N: number; readonly reads: number }[];
  /** Why theory says that it must fail in the format; or, weaker, why nothing is proved of its circuits there. */
  readonly breaks?: string;
  readonly unproved?: string;
}

/** The state's number, its value, and the answer so far. */
const [NUMBER, VALUE, BEST, END, ANSWER] = ['number', 'value', 'best', 'end', 'answer'] as const;

/** What a circuit or a copy may err by at most, of the ½ that decoding forgives. */
const LARGEST_TOLERANCE = 2 ** -4;
/**
 * What they are built for: 2^(−p/2). Integers pass without error but for leaks (docs/theory.md §9), so that this only sets
 * how steep units are.
 */
const tolerance = ({ p }: Format): number => Math.min(LARGEST_TOLERANCE, 2 ** -Math.floor(p / 2));

export const inputNames = ({ inputs }: DpProblem, ...kinds: readonly DpInput['kind'][]): string[] =>
  Object.keys(inputs).filter((name) => kinds.includes(inputs[name]!.kind));

/** The separator that ends a word or list, or that carries a number: from 1, words and lists first. */
export const separatorsOf = (problem: DpProblem): string[] => [
  ...inputNames(problem, 'word', 'list'),
  ...inputNames(problem, 'number'),
];

/** Tokens of the longest prompt: entries and separators. */
export const promptLength = (problem: DpProblem, { most }: DpLimits): number =>
  separatorsOf(problem).reduce((sum, name) => sum + 1 + (problem.inputs[name]!.kind === 'number' ? 0 : most[name]!), 0);

export const specificationOf = (
  problem: DpProblem,
  { limits, costs }: Pick<DpOptions, 'limits' | 'costs'>,
): DpSpecification => {
  const names = Object.keys(problem.inputs);
  const scope: DpScope = {
    size: Object.fromEntries(names.map((name) => [name, field(sizeName(name))])),
    most: limits.most,
    symbols: limits.symbols,
    costs,
  };
  return problem.specify(scope);
};

/** At most so many states does an instance within the limits have: the product of the loops' ranges. */
export const mostStates = (problem: DpProblem, options: Pick<DpOptions, 'limits' | 'costs'>): number => {
  const { index } = specificationOf(problem, options);
  const ranges = Object.values(indexRanges(index, sizeRanges(problem, options.limits)));
  // The outermost range has two values more, for the tokens before and after the states.
  return ranges.reduce((product, { lo, hi }, depth) => product * Math.max(0, hi - lo + (depth === 0 ? -1 : 1)), 1);
};

/** The largest of a range in absolute value, at least 1, as a power of two: the M of a memory. */
const sizeBound = (...ranges: readonly Range[]): Rational =>
  Rational.fromNumber(
    2 ** Math.ceil(Math.log2(ranges.reduce((most, { lo, hi }) => Math.max(most, Math.abs(lo), Math.abs(hi)), 1))),
  );
/** The scale of records: where σ saturates, unless a record at that scale under a gate that is as large would overflow. */
const recordScale = (format: Format, M: Rational): number => {
  const scale = saturation(format);
  return scale * scale * M.toNumber() <= format.max ? scale : 1;
};
const both = ({ lo, hi }: Range): InputRange => {
  // What a reader finds where there is nothing may be as large as records are, and of any sign.
  const size = 2 * sizeBound({ lo, hi }).toNumber();
  return integer(-size, size);
};
const ofRange = ({ lo, hi }: Range): InputRange => integer(lo, hi);

const sizeRanges = (problem: DpProblem, { most }: DpLimits): Record<string, InputRange> =>
  Object.fromEntries(separatorsOf(problem).map((name) => [sizeName(name), integer(0, most[name]!)]));

/** What index fields can hold: in states, in the token before the first, and in the one after the last. */
const indexRanges = (index: DpSpecification['index'], sizes: Readonly<Record<string, InputRange>>) => {
  const known: Record<string, InputRange> = {};
  Object.entries(index).forEach(([name, [first, last]], depth) => {
    const { lo, hi } = rangesOf({ ...sizes, ...known }, { lo: first, hi: last });
    known[name] = depth === 0 ? integer(lo!.lo - 1, hi!.hi + 1) : integer(lo!.lo, Math.max(lo!.lo, hi!.hi));
  });
  return known;
};

/**
 * The next state of nested loops: an inner loop that is at its end starts again, and the next outer one goes on. `name`
 * is the next value, `before(name)` the present one.
 */
const successor = (index: DpSpecification['index']): Definitions => {
  const loops = Object.entries(index).reverse();
  const present = (x: Expression): Expression =>
    substitute(x, (name) => (Object.hasOwn(index, name) ? field(before(name)) : undefined));
  const definitions: Record<string, Expression> = {};
  /** Whether all inner loops are at their end: always, inside the innermost. */
  let carry: Expression | undefined;
  loops.forEach(([name, [first, last]], depth) => {
    const now = field(before(name));
    const next = carry ? add(now, carry) : add(now, 1);
    if (depth === loops.length - 1) {
      definitions[name] = next;
      definitions[END] = gt(field(name), last);
      return;
    }
    const atEnd = ge(now, present(operand(last)));
    const all: Expression = carry ? mul(carry, atEnd) : atEnd;
    definitions[name] = select(all, first, next);
    carry = all;
  });
  return definitions;
};

const isPrevious = (back: DpSpecification['dependencies'][string]): boolean => {
  const x = operand(back);
  return x.kind === 'constant' && x.value === 1;
};

export const buildMachine = (problem: DpProblem, options: DpOptions): DpMachine => {
  const { limits, mechanism, partner = mechanism, format, accumulate } = options;
  const specification = specificationOf(problem, options);
  const { index, reads = {}, dependencies, value, range, answer } = specification;
  const separators = separatorsOf(problem);
  const lists = inputNames(problem, 'word', 'list');
  const numbers = inputNames(problem, 'number');
  const prompt = promptLength(problem, limits);
  const largest: DpInstance = {
    lists: Object.fromEntries(lists.map((name) => [name, new Array<number>(limits.most[name]!).fill(0)])),
    numbers: Object.fromEntries(numbers.map((name) => [name, limits.most[name]!])),
  };
  const states = countStates(specification, largest);

  // What fields can hold.
  const sizes = sizeRanges(problem, limits);
  const indices = indexRanges(index, sizes);
  const numbering = integer(0, Math.max(1, states + 1));
  const values: Range = { lo: Math.min(0, range.lo), hi: Math.max(0, range.hi) };
  const symbolsRange: Range = {
    lo: Math.min(0, ...lists.map((name) => limits.symbols[name]!.lo)),
    hi: Math.max(0, ...lists.map((name) => limits.symbols[name]!.hi), ...numbers.map((name) => limits.most[name]!)),
  };
  const readRanges = Object.fromEntries(
    Object.entries(reads).map(([name, { of }]) => [name, both(limits.symbols[of]!)]),
  );

  // Dependencies: the state before is the token itself, the others are copied.
  const copied = Object.entries(dependencies).filter(([, back]) => !isPrevious(back));
  const known = { ...sizes, ...indices, [NUMBER]: numbering, ...readRanges };
  const distances = copied.length === 0 ? {} : rangesOf(known, Object.fromEntries(copied));
  if (mechanism.keeps !== 'all' && !specification.local) throw notLocal(problem, specification, mechanism, largest);
  const reach = Object.values(distances).reduce((most, { hi }) => Math.max(most, hi), 1);
  const slots = options.slots ?? (mechanism.keeps === 'all' ? Math.max(1, states) : reach);

  const stack = new Stack();
  const aggregated = 'last' in answer ? [] : [BEST];
  const tokenFields = ['one', 'symbol', 'position', 'separator', ...Object.keys(index), NUMBER, VALUE, ...aggregated];
  const token = stack.fields(Object.fromEntries(tokenFields.map((name) => [name, 1])));
  const one = token.at('one');
  /** Components by name: the token's fields as what was before, then what parts of the stack write. */
  const places: Record<string, number> = Object.fromEntries(tokenFields.map((name) => [before(name), token.at(name)]));

  const circuits: Circuit[] = [];
  let unproved: string | undefined;
  const compile = (inputs: Readonly<Record<string, InputRange>>, definitions: Definitions): void => {
    const { circuit, failure } = compileFor({ inputs, fields: definitions }, format, accumulate);
    unproved ??= failure;
    circuits.push(circuit);
    Object.assign(places, placeCircuit(stack, circuit, places, one));
  };
  // States, steps and exponentials that are fp32 saturate, and decays round to 1, as those of fp32 do.
  const within = accumulate === 'fp32' ? { ...format, p: FP32.p } : format;
  const memories: { N: number; reads: number }[] = [];
  let breaks: string | undefined;
  const copy = (
    by: Mechanism,
    N: number,
    v: string,
    i: string,
    M: Rational,
    readers: Readonly<Record<string, string>>,
  ) => {
    const names = Object.keys(readers);
    if (names.length === 0) return;
    const out = stack.fields(Object.fromEntries(names.map((name) => [name, 1])));
    const own = stack.fields(by.scratch({ N, d: 1, reads: names.length }));
    const read = names.map((name): Read => ({ pos: places[readers[name]!]!, out: [out.at(name)] }));
    const p = { N, d: 1, M, eps: Rational.fromNumber(tolerance(format)), format: within };
    stack.add((width) =>
      by.layers({ width, one, v: [places[v]!], i: places[i]!, reads: read, scale: recordScale(within, M) }, own, p),
    );
    memories.push({ N, reads: names.length });
    breaks ??= by.breaks({ ...p, format }, accumulate);
    for (const name of names) places[name] = out.at(name);
  };

  // Latch: what separators carry, at their numbers as addresses.
  const address = (name: string): string => addressOf(end(name));
  const end = (name: string): string => `end of ${name}`;
  compile({}, Object.fromEntries(separators.map((name, at) => [address(name), constant(at + 1)])));
  const latched = (kind: readonly string[], as: (name: string) => string) =>
    Object.fromEntries(kind.map((name) => [as(name), address(name)]));
  copy(
    partner,
    separators.length,
    before('position'),
    before('separator'),
    sizeBound({ lo: 0, hi: prompt }),
    latched(lists, end),
  );
  copy(
    partner,
    separators.length,
    before('symbol'),
    before('separator'),
    sizeBound(symbolsRange),
    latched(numbers, sizeName),
  );
  const ends = Object.fromEntries(lists.map((name) => [end(name), integer(0, prompt)]));
  /** Where the entries of a word or list begin: after the separator before it. */
  const baseOf = (name: string): Expression => {
    const at = lists.indexOf(name);
    return at === 0 ? constant(0) : field(end(lists[at - 1]!));
  };
  if (lists.length > 0)
    compile(
      ends,
      Object.fromEntries(lists.map((name) => [sizeName(name), sub(sub(field(end(name)), baseOf(name)), 1)])),
    );

  // Index: the next state and where it reads.
  const presentRanges = Object.fromEntries(Object.entries(indices).map(([name, r]) => [before(name), r]));
  compile(
    { ...sizes, ...ends, ...presentRanges, [before(NUMBER)]: integer(NOWHERE, states + 1) },
    {
      ...successor(index),
      [NUMBER]: add(field(before(NUMBER)), 1),
      ...Object.fromEntries(Object.entries(reads).map(([name, { of, at }]) => [addressOf(name), add(baseOf(of), at)])),
      ...(mechanism.keeps === 'ring' &&
        copied.length > 0 && { [addressOf(NUMBER)]: slotOf(field(before(NUMBER)), slots) }),
    },
  );
  copy(
    partner,
    prompt,
    before('symbol'),
    before('position'),
    sizeBound(symbolsRange),
    Object.fromEntries(Object.keys(reads).map((name) => [name, addressOf(name)])),
  );

  // Dependencies, and their values.
  if (copied.length > 0)
    compile(
      known,
      Object.fromEntries(
        copied.map(([name, back]) => {
          const at = sub(field(NUMBER), back);
          return [addressOf(name), mechanism.keeps === 'ring' ? place(at, slots) : at];
        }),
      ),
    );
  copy(
    mechanism,
    slots,
    before(VALUE),
    mechanism.keeps === 'ring' ? addressOf(NUMBER) : before(NUMBER),
    sizeBound(values),
    Object.fromEntries(copied.map(([name]) => [name, addressOf(name)])),
  );

  // Transition.
  const dependencyRanges = Object.fromEntries(copied.map(([name]) => [name, both(values)]));
  const previous = Object.keys(dependencies).filter((name) => isPrevious(dependencies[name]!));
  for (const name of previous) places[name] = token.at(VALUE);
  const previousRanges = Object.fromEntries(previous.map((name) => [name, ofRange(values)]));
  const collected: Record<string, InputRange> =
    'last' in answer ? { [before(VALUE)]: ofRange(values) } : { [before(BEST)]: ofRange(answer.range) };
  compile({ ...known, ...dependencyRanges, ...previousRanges, ...collected }, transition(value, answer));

  const network = stack.build();
  return {
    problem,
    specification,
    options,
    network,
    token,
    generated: Object.fromEntries(
      [...Object.keys(index), NUMBER, VALUE, ...aggregated].map((name) => [name, places[name]!]),
    ),
    end: places[END]!,
    answer: places[ANSWER]!,
    start: {
      ...Object.fromEntries(Object.entries(indices).map(([name, { lo, hi }], depth) => [name, depth === 0 ? lo : hi])),
      [NUMBER]: 0,
      [VALUE]: 'last' in answer ? answer.last : 0,
      ...('last' in answer ? {} : { [BEST]: answer.initial }),
    },
    states,
    slots,
    circuits,
    memories,
    ...(breaks !== undefined && { breaks }),
    ...(unproved !== undefined && { unproved }),
  };
};

/** Slot of a state's number in a ring, from 1. */
const place = (number: Expression, m: number): Expression => add(remainder(sub(number, 1), m), 1);
/** The same for a token's own number, which is none for tokens of the prompt. */
const slotOf = (number: Expression, m: number): Expression => select(ge(number, 1), place(number, m), NOWHERE);

/** The state's value, the answer so far with it, and without it: the answer if there is no such state. */
const transition = (value: DpSpecification['value'], answer: DpSpecification['answer']): Definitions => {
  if ('last' in answer) return { [VALUE]: value, [ANSWER]: field(before(VALUE)) };
  const best = field(before(BEST));
  const with_ = { max, min, sum: add }[answer.by](best, field(VALUE));
  return { [VALUE]: value, [BEST]: select(operand(answer.over), with_, best), [ANSWER]: best };
};

/** What is said of a mechanism that keeps the last states, where some state depends on one that is not among them. */
const notLocal = (
  { name: problem }: DpProblem,
  specification: DpSpecification,
  { tag }: Mechanism,
  largest: DpInstance,
): InputError => {
  const existing = allDistances(specification, largest).filter(({ back, number }) => back < number);
  const farthest = existing.reduce<Distance | undefined>((x, y) => (x && x.back >= y.back ? x : y), undefined);
  const why = farthest
    ? `the dependency ${farthest.name} of ${problem} reaches back up to ${farthest.back} of them`
    : `${problem} is not local`;
  return new InputError('a mechanism', `one that keeps all states, since ${why}`, `${tag}, which keeps the last ones`);
};

/** A circuit that misses its tolerance, as one of large integers may, is tried with coarser ones. */
const COARSER = 2 ** 6;
/** A circuit for the format; where its error cannot be bounded by any tolerance there, one that nothing is promised of. */
const compileFor = (
  parts: Pick<CircuitOptions, 'inputs' | 'fields'>,
  format: Format,
  accumulate: Accumulation,
): { readonly circuit: Circuit; readonly failure?: string } => {
  const options = { ...parts, format: format.name, accumulate };
  let failure: string | undefined;
  for (let eps = tolerance(format); eps <= LARGEST_TOLERANCE; eps *= COARSER) {
    const circuit = attempt(() => compileCircuit({ ...options, eps }));
    if (!(circuit instanceof InputError)) return { circuit };
    failure = circuit.message;
  }
  return { circuit: compileCircuit({ ...options, eps: Infinity }), failure: failure! };
};
