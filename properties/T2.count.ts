/** T2.count: a model copies at most as many strings as its state has values (docs/theory.md §3). */
import { castVector, type Arithmetic, type Vec } from '../src/arithmetic/arithmetic.ts';
import { formatByName, type Format } from '../src/arithmetic/format.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import { defineClaim, dimensionless, type Experiment } from '../src/claim/claim.ts';
import { BINARY } from '../src/claim/format-conditions.ts';
import { choice, format, integer, type Values } from '../src/claim/parameters.ts';
import { baseModel, blockModel, counterModel, slotModel, type CountedModel } from '../constructions/copy/T2.count.ts';
import { compile, type Machine, type State } from '../src/network/machine.ts';
import { sizesOf } from '../src/network/size.ts';

const parameters = {
  model: choice('what keeps the string', ['decaying', 'growing', 'counter', 'slots', 'block']),
  n: integer('symbols of a string', { min: 1, max: 16 }),
  D: integer('size of the alphabet 0 … D − 1', { min: 2, max: 64 }),
  m: integer('slots, for that model', { min: 1, max: 16, optional: true }),
  format: format('number format'),
} as const;
type P = Values<typeof parameters>;

/** Every string is run. */
const MOST_STRINGS = 2 ** 16;

const formatFor = ({ format }: P): Format => formatByName(format)!;
const isBase = ({ model }: P): boolean => model === 'decaying' || model === 'growing';

const modelOf = (p: P): CountedModel => {
  const { model, n, D, m } = p;
  switch (model) {
    case 'decaying':
      return baseModel(n, D, 1 / D);
    case 'growing':
      return baseModel(n, D, D);
    case 'counter':
      return counterModel(D);
    case 'slots':
      return slotModel(n, m!);
    case 'block':
      return blockModel(n, formatFor(p));
  }
};

/** The reachable states. A base D = 2^q reaches every p-bit number among the integers up to D^n, once it has to round. */
const statesOf = (p: P): number => {
  const { model, n, D, m } = p;
  const bits = formatFor(p).p;
  if (isBase(p)) {
    const beyond = n * Math.log2(D) - bits;
    return beyond <= 0 ? D ** n : 2 ** bits + beyond * 2 ** (bits - 1) + 1;
  }
  if (model === 'counter') return Math.min(n * (D - 1), 2 ** bits) + 1;
  return D ** (model === 'slots' ? m! : n);
};

/** Where the counts are proved: nothing leaves the exponents, and what has to be exact is. */
const isCounted = (p: P): boolean => {
  const { model, n, D } = p;
  const number = formatFor(p);
  const digits = Math.log2(D);
  switch (model) {
    case 'decaying':
      return digits <= number.p && Number.isInteger(digits) && digits * (n - 1) <= number.p - 1 - number.emin;
    case 'growing':
      return digits <= number.p && Number.isInteger(digits) && D ** n <= number.max;
    case 'counter':
      return D === 2 || n * (D - 1) <= 2 ** number.p;
    case 'slots':
      return D - 1 <= 2 ** number.p;
    case 'block':
      // Two bits are too few for the gate.
      return D === 2 && number.p >= 3 && n <= 2 ** number.p;
  }
};

/** Text that tells a state from every other, caches of parts included. */
const textOf = <T>(A: Arithmetic<T>, { vectors, parts }: State<T>): string =>
  [
    ...Object.values(vectors).map((vector) =>
      Array.from({ length: vector.length }, (_, i) => A.toText(A.get(vector, i))).join(' '),
    ),
    ...parts.map((part) => textOf(A, part)),
  ].join(' ');

type Digits = readonly number[];

const stringsOf = ({ n, D }: P): Digits[] =>
  Array.from({ length: D ** n }, (_, at) => Array.from({ length: n }, (_, j) => Math.floor(at / D ** j) % D));

/** Reads strings into states, and asks states for strings. */
class Reader<T> {
  readonly #arithmetic: Arithmetic<T>;
  readonly #model: CountedModel;
  readonly #machine: Machine<T>;
  readonly #n: number;
  readonly #questions: Vec<T>;

  constructor(model: CountedModel, n: number, arithmetic: Arithmetic<T>) {
    this.#arithmetic = arithmetic;
    this.#model = model;
    this.#machine = compile(model.network, arithmetic);
    this.#n = n;
    this.#questions = this.#tokens(n);
  }

  /** A token for each position, with its symbol to read or without one to ask for it. */
  #tokens(length: number, symbols?: Digits): Vec<T> {
    const { token } = this.#model;
    const x = new Float64Array(length * token.width);
    for (let p = 1; p <= length; p++) {
      const write = (field: string, value: number, at = 0): void => {
        if (token.has(field)) x[(p - 1) * token.width + token.at(field, at)] = value;
      };
      write('one', 1);
      write('pos', p);
      write('e_pos', 1, p - 1);
      write('asks', symbols ? 0 : 1);
      if (!symbols) continue;
      write('reads', 1);
      write('v', symbols[p - 1]!);
      write('i', p);
      write('e_i', 1, p - 1);
    }
    return castVector(this.#arithmetic, x);
  }

  /** The state after the last of the symbols: all that crosses. */
  read(symbols: Digits): State<T> {
    const state = this.#machine.initialState();
    this.#machine.run(this.#tokens(symbols.length, symbols), symbols.length, state);
    return state;
  }

  /** The string that a state is decoded to. Questions write nothing, so one state serves all of them. */
  ask(state: State<T>): Digits {
    const A = this.#arithmetic;
    const { outputs } = this.#machine;
    const y = this.#machine.run(this.#questions, this.#n, state);
    return Array.from({ length: this.#n }, (_, at) =>
      this.#model.decode(A.toNumber(A.get(y, at * outputs + this.#model.output)), at + 1),
    );
  }
}

/** How an experiment departs from the theorem. */
interface Mutation {
  readonly model?: CountedModel;
  /** Symbols that the state has not yet seen when it is counted. */
  readonly unread?: number;
  /** Symbols at the end of the string that the decoder is told. */
  readonly told?: number;
}

const countStates = <T>(
  p: P,
  A: Arithmetic<T>,
  { model = modelOf(p), unread = 0 }: Mutation = {},
): Experiment<Rational> => ({
  measure: () => {
    const reader = new Reader(model, p.n, A);
    const states = new Set<string>();
    for (const symbols of stringsOf(p)) states.add(textOf(A, reader.read(symbols.slice(0, p.n - unread))));
    return Rational.fromNumber(states.size);
  },
});

const countCopied = <T>(
  p: P,
  A: Arithmetic<T>,
  { model = modelOf(p), told = 0 }: Mutation = {},
): Experiment<Rational> => ({
  measure: () => {
    const reader = new Reader(model, p.n, A);
    let copied = 0;
    for (const symbols of stringsOf(p)) {
      const answer = reader.ask(reader.read(symbols));
      if (answer.slice(0, p.n - told).every((symbol, at) => symbol === symbols[at])) copied++;
    }
    return Rational.fromNumber(copied);
  },
});

/** Bits of a number: sign, exponent and p − 1 of the significand; none are enough for an unbounded exponent. */
const bitsOf = ({ p, emin }: Format): number | null => (emin === -Infinity ? null : p + 1 + Math.log2(2 - emin));

export const count = defineClaim({
  tag: 'T2.count',
  title: 'A model copies at most as many strings as its state has values',
  statement:
    'Strings copied ≤ states reached ≤ D^n. In p bits H ← aH + s with a = D or 1/D, D = 2^q, reaches D^n states for qn ≤ p, then 2^p + (qn − p)2^(p−1) + 1, and copies all but one of as many strings; a counter reaches min(n, 2^p) + 1, and m slots D^m; both copy as many.',
  quantifiers: [
    'for all models above, lengths n, alphabets D and binary formats without over- and underflow',
    'over all D^n strings: the states after the last symbol are as many as stated, and the strings copied are no more',
  ],
  source: 'Jelassi, Arora (counting); docs/theory.md §3',
  parameters,
  conditions: [
    BINARY,
    { name: 'n', expected: `so small that D^n ≤ ${MOST_STRINGS}`, holds: ({ n, D }) => D ** n <= MOST_STRINGS },
    {
      name: 'm',
      expected: 'an integer in [1, n] for slots, and left out otherwise',
      holds: ({ model, m, n }) => (model === 'slots' ? m !== undefined && m <= n : m === undefined),
    },
    {
      name: 'D',
      expected:
        'an alphabet whose states are counted: for a base 2^q ≤ 2^p with powers up to D^n in the format; for a block 2, n ≤ 2^p and p ≥ 3',
      holds: isCounted,
    },
  ],
  grid: {
    quick: [
      { model: ['decaying', 'growing'], n: [3, 6], D: 2, format: 'p3' },
      { model: 'counter', n: 10, D: 2, format: 'p3' },
      { model: 'slots', n: 6, D: 2, m: 4, format: 'bf16' },
    ],
    standard: [
      { model: ['decaying', 'growing'], n: [1, 2, 3, 4, 5, 6, 7, 8], D: 2, format: 'p3' },
      { model: ['decaying', 'growing'], n: [4, 6, 8], D: 2, format: ['fp8-e4m3', 'fp8-e5m2'] },
      { model: ['decaying', 'growing'], n: 3, D: [4, 8], format: 'p4' },
      { model: ['decaying', 'growing'], n: [8, 10], D: 2, format: 'bf16' },
      { model: 'counter', n: [4, 10], D: 2, format: ['p3', 'fp8-e5m2'] },
      { model: 'counter', n: 4, D: 5, format: 'bf16' },
      { model: 'slots', n: 6, D: 2, m: [1, 2, 6], format: 'bf16' },
      { model: 'slots', n: 6, D: 2, m: 6, format: ['fp8-e4m3', 'fp8-e5m2', 'fp16'] },
      { model: 'slots', n: 4, D: 4, m: [2, 4], format: 'fp8-e5m2' },
      { model: 'block', n: 6, D: 2, format: ['bf16', 'fp8-e4m3', 'fp8-e5m2'] },
    ],
    deep: [
      { model: ['decaying', 'growing'], n: [12, 14], D: 2, format: ['bf16', 'fp16', 'p6'] },
      { model: 'block', n: 8, D: 2, format: ['bf16', 'fp16', 'fp8-e4m3', 'fp8-e5m2'] },
    ],
  },
  main: 'copied',
  quantities: {
    states: {
      measures: 'distinct states after the last symbol, over all strings',
      relation: '==',
      bound: (p) => Rational.fromNumber(statesOf(p)),
      slack: () => null,
      experiment: (p, A) => countStates(p, A),
      teethAt: { model: 'growing', n: 6, D: 2, format: 'p3' },
      mutants: {
        'counted before the last symbol': (p, A) => countStates(p, A, { unread: 1 }),
        'no growth': (p, A) => countStates(p, A, { model: counterModel(p.D) }),
      },
    },
    copied: {
      measures: 'strings whose every symbol is decoded rightly',
      relation: '<=',
      bound: (p) => Rational.fromNumber(statesOf(p)),
      // All states but the largest of a base, which stands for D^n, are decoded to a string that leads to them.
      slack: (p) => 1 - 3 / (2 * statesOf(p)),
      experiment: (p, A) => countCopied(p, A),
      teethAt: { model: 'slots', n: 6, D: 2, m: 4, format: 'bf16' },
      mutants: {
        'the decoder told the last symbol': (p, A) => countCopied(p, A, { told: 1 }),
        'a slot more': (p, A) => countCopied(p, A, { model: slotModel(p.n, p.m! + 1) }),
      },
    },
  },
  measurements: [
    {
      id: 'T2.count.sizes',
      title: 'States of T2.count in floats and bits',
      columns: dimensionless(['model', 'n', 'D', 'm', 'format', 'state floats', 'state read', 'bits of a float']),
      row: (p) => {
        const { stateFloats, stateRead, convCache } = sizesOf(modelOf(p).network, p.n);
        const { model, n, D, m, format } = p;
        const bits = bitsOf(formatFor(p));
        return [model, n, D, m ?? null, format, stateFloats + convCache, stateRead + convCache, bits];
      },
    },
  ],
});
