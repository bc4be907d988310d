/** Solves one instance by chain of thought and compares the table with the recursion: what `mambound dp` reports. */
import type { Accumulation, Arithmetic } from '../arithmetic/arithmetic.ts';
import { FP64, formatByName, roundTo, type Format } from '../arithmetic/format.ts';
import type { Verdict } from '../claim/result.ts';
import { limitsFor, parseInstance, type DpInstance, type Tokenize } from '../dp/instance.ts';
import { buildMachine, type DpMachine } from '../dp/machine.ts';
import { bytesFor } from '../dp/memory.ts';
import { specificationOf, statesWithin, type DpOptions } from '../dp/setting.ts';
import { compareChain, indexText } from '../dp/compare.ts';
import { solve, type DpState } from '../dp/reference.ts';
import { DpRunner, type Step } from '../dp/run.ts';
import type { DpProblem, DpSpecification } from '../dp/specification.ts';
import type { Mechanism } from '../copy/mechanism.ts';
import { InputError } from '../input-error.ts';
import { sizesOf, totalMacs, type Sizes } from '../network/size.ts';
import { findByName } from '../project.ts';

export interface DpRequest {
  readonly problem: DpProblem;
  readonly inputs: readonly string[];
  /** By tag; all that there are are needed for partners. */
  readonly mechanism: Mechanism;
  readonly mechanisms: readonly Mechanism[];
  readonly costs?: Readonly<Record<string, number>>;
  readonly tokenize?: Tokenize;
  readonly onStep?: (step: Step) => void;
}

/** Values by index, the outermost first. */
export type Nested = number | readonly Nested[];

export interface DpReport {
  readonly problem: string;
  readonly inputs: readonly string[];
  readonly tokenize: Tokenize;
  readonly costs: Readonly<Record<string, number>>;
  readonly mechanism: string;
  readonly format: string;
  readonly mode: Accumulation;
  /** What the machine wrote; null where it did not come to an end. */
  readonly answer: number | null;
  readonly reference: number;
  /** The values that the machine wrote, by index. */
  readonly table: Nested;
  /** Generated tokens: one for each state, and the last one. */
  readonly steps: number;
  /** The least ½ − |output − integer| of a field, over all steps; null where nothing was generated. */
  readonly minMargin: number | null;
  /** The largest |output − integer meant|, up to the first wrong field; NaN where an output is. */
  readonly worstStepError: number;
  readonly sizes: Sizes;
  readonly totalMacs: number;
  readonly totalMacsNonzero: number;
  readonly verdict: Verdict;
  readonly reason?: string;
}

/** States beyond which a run takes minutes, and memory beyond which building a machine may exhaust that of a process. */
const MOST_STATES = 2 ** 15;
const GIB = 2 ** 30;
const MOST_GIB = 1.5;
/** Below so many states memory is no question. */
const FEW_STATES = 2 ** 11;

const assertFits = (problem: DpProblem, options: DpOptions): void => {
  const { mechanism } = options;
  const states = statesWithin(problem, options);
  const where = `the inputs of ${problem.name}`;
  // A mechanism that does not serve the problem is refused for that.
  const serves = mechanism.keeps === 'all' || specificationOf(problem, options).local;
  if (!serves && states <= MOST_STATES) return;
  const needed = serves && states > FEW_STATES ? bytesFor(problem, options) / GIB : 0;
  const shown =
    needed > 0 ? `${states}, for which ${mechanism.tag} needs some ${needed.toPrecision(2)} GiB` : `${states}`;
  if (states > MOST_STATES) throw new InputError(where, `so small that there are at most ${MOST_STATES} states`, shown);
  if (needed > MOST_GIB) throw new InputError(where, `so small that at most ${MOST_GIB} GiB are needed`, shown);
};

const nested = (steps: readonly Step[], names: readonly string[]): Nested => {
  const [name, ...rest] = names;
  if (name === undefined) return steps[0]!.fields.value!;
  const groups = new Map<number, Step[]>();
  for (const step of steps) {
    const at = step.fields[name]!;
    groups.set(at, [...(groups.get(at) ?? []), step]);
  }
  return [...groups.values()].map((group) => nested(group, rest));
};

const assertHeld = ({ lists, numbers }: DpInstance, format: Format): void => {
  for (const [name, values] of [
    ...Object.entries(lists),
    ...Object.entries(numbers).map(([n, x]) => [n, [x]] as const),
  ])
    for (const value of values)
      if (roundTo(format, value) !== value)
        throw new InputError(`\`${name}\``, `made of numbers that ${format.name} holds`, String(value));
};

/** Solves an instance. */
export const evaluateDp = <T>(request: DpRequest, A: Arithmetic<T>): DpReport => {
  const { problem, inputs, mechanism, mechanisms, tokenize = 'raw' } = request;
  const format = formatByName(A.name) ?? FP64;
  const costs = request.costs ?? problem.costs ?? {};
  const instance = parseInstance(problem, inputs, tokenize);
  assertHeld(instance, format);
  const options: DpOptions = {
    costs,
    limits: limitsFor(problem, [instance]),
    mechanism,
    partner: partnerOf(mechanism, mechanisms),
    format,
    accumulate: A.mode,
  };
  assertFits(problem, options);
  const machine = buildMachine(problem, options);
  const chain = new DpRunner(machine, A).run(instance, request.onStep);
  const meant = solve(machine.specification, instance);
  assertInRange(problem, machine.specification, meant.states);
  const { worst, wrong } = compareChain(chain, meant);
  const generated = [...chain.steps, ...(chain.end ? [chain.end] : [])];
  const margins = generated.flatMap(({ margins }) => Object.values(margins));
  const tokens = chain.prompt + chain.steps.length;
  return {
    problem: problem.name,
    inputs,
    tokenize,
    costs,
    mechanism: mechanism.tag,
    format: A.name,
    mode: A.mode,
    answer: chain.end?.fields.answer ?? null,
    reference: meant.answer,
    table: chain.steps.length === 0 ? [] : nested(chain.steps, Object.keys(machine.specification.index)),
    steps: generated.length,
    minMargin: margins.length === 0 ? null : margins.reduce((x, y) => (Number.isNaN(x) || x < y ? x : y)),
    worstStepError: worst,
    sizes: sizesOf(machine.network, tokens),
    ...totalMacs(machine.network, tokens),
    verdict: wrong === undefined ? 'holds' : 'refuted',
    ...(wrong !== undefined && { reason: reasonOf(machine, meant.states, wrong) }),
  };
};

/** A recursion that leaves the range it declares is a mistake in the specification, not in the machine. */
const assertInRange = ({ name }: DpProblem, { range }: DpSpecification, states: readonly DpState[]): void => {
  const beyond = states.find(({ value }) => !(value >= range.lo && value <= range.hi));
  if (beyond)
    throw new InputError(
      `the values of ${name}`,
      `in its range, [${range.lo}, ${range.hi}]`,
      `${beyond.value} in state ${indexText(beyond.index)}`,
    );
};

const partnerOf = ({ partner, tag }: Mechanism, mechanisms: readonly Mechanism[]): Mechanism =>
  findByName('mechanism', mechanisms, (other) => other.tag, partner ?? tag);

const reasonOf = ({ breaks, unproved, options }: DpMachine, states: readonly DpState[], wrong: string): string => {
  const { format } = options;
  const lost = states.find(({ value }) => roundTo(format, value) !== value);
  const unheld = lost && `the value of state ${lost.number}, ${lost.value}, is not a number of ${format.name}`;
  const why =
    breaks ?? unheld ?? (unproved === undefined ? undefined : `nothing is proved of its circuits there: ${unproved}`);
  return why === undefined ? wrong : `${wrong}; ${why}`;
};
