/**
 * What a dynamic program is (docs/theory.md D2): inputs, an ordered set of states, what each of them reads and depends
 * on, its value, and the answer. All of it is data and expressions over names; `machine.ts` turns it into weights,
 * `reference.ts` says what it means.
 *
 * Expressions refer by `field(name)` to the index fields, to reads and dependencies, and to `number`, the state's number
 * from 1 in the order of the states.
 */
import { field, type Expression, type Operand } from '../circuit/expression.ts';
import type { Range } from '../circuit/ranges.ts';

/** word: a text, symbol by symbol. list: integers. number: one integer. */
export interface DpInput {
  readonly kind: 'word' | 'list' | 'number';
  readonly meaning: string;
  /** The least integer allowed; any where absent. */
  readonly min?: number;
  /** The only symbols of a word that are allowed; any where absent. */
  readonly alphabet?: string;
  /** A list as long as this one. */
  readonly asLongAs?: string;
  /** Only the order of the integers of a list counts, so that ranks may stand for them. */
  readonly ordinal?: true;
}

/** What a specification may depend on: the sizes of an instance as expressions, and what the machine is built for. */
export interface DpScope<Input extends string = string, Cost extends string = string> {
  /** The length of a word or list, the value of a number. */
  readonly size: Readonly<Record<Input, Expression>>;
  /** The largest size that the machine is built for. */
  readonly most: Readonly<Record<Input, number>>;
  /** The range of the symbols or integers of a word or list, 0 included. */
  readonly symbols: Readonly<Record<Input, Range>>;
  readonly costs: Readonly<Record<Cost, number>>;
}

export interface DpRead {
  /** The word or list. */
  readonly of: string;
  /** Which of its entries, from 1. There is none elsewhere: the value must not depend on what is read there. */
  readonly at: Operand;
}

/** What is collected over all states for which `over` is 1. */
export interface DpAggregate {
  readonly by: 'max' | 'min' | 'sum';
  readonly over: Operand;
  /** The answer where there is no such state. */
  readonly initial: number;
  /** What it may come to. */
  readonly range: Range;
}

export interface DpSpecification {
  /** Index fields, outermost first, with their first and last value: nested loops. An inner one is never empty. */
  readonly index: Readonly<Record<string, readonly [first: Operand, last: Operand]>>;
  readonly reads?: Readonly<Record<string, DpRead>>;
  /** How many states ago: 1 is the state before. There may be none so long ago; the value must not depend on it then. */
  readonly dependencies: Readonly<Record<string, Operand>>;
  /** Whether dependencies reach back a number of states that is small beside that of all states. */
  readonly local?: true;
  readonly value: Operand;
  /** What values may be. */
  readonly range: Range;
  /** The answer: the last state's value (`initial` where there is no state), or an aggregate. */
  readonly answer: { readonly last: number } | DpAggregate;
}

export interface DpProblem<Input extends string = string, Cost extends string = string> {
  readonly kind: 'problem';
  readonly name: string;
  readonly title: string;
  /** The recurrence, as text. */
  readonly statement: string;
  readonly source: string;
  readonly inputs: Readonly<Record<Input, DpInput>>;
  /** Non-negative integers that are part of the problem, by name, with their default. */
  readonly costs?: Readonly<Record<Cost, number>>;
  /** Instances that claims, tables and tests use: the inputs as a user types them. */
  readonly examples: readonly (readonly string[])[];
  specify(scope: DpScope<Input, Cost>): DpSpecification;
}

/** Declares a problem; its file exports the result under any name. */
export const defineProblem = <Input extends string, Cost extends string = never>(
  problem: Omit<DpProblem<Input, Cost>, 'kind'>,
): DpProblem<Input, Cost> => ({ kind: 'problem', ...problem });

/** The expressions that refer to several names. */
export const fields = <const Names extends readonly string[]>(
  ...names: Names
): { readonly [K in keyof Names]: Expression } =>
  names.map((name) => field(name)) as { readonly [K in keyof Names]: Expression };
