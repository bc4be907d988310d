/**
 * What a specification means: its recursion, state by state, in doubles, whose integers are exact. Networks never see it;
 * their tables are compared with it.
 */
import { float64 } from '../arithmetic/float64.ts';
import { operand, type Operand } from '../circuit/expression.ts';
import { idealValues } from '../circuit/ideal.ts';
import type { DpInstance } from './instance.ts';
import { sizeName } from './names.ts';
import type { DpSpecification } from './specification.ts';

export interface DpState {
  /** From 1, in the order of the states. */
  readonly number: number;
  readonly index: Readonly<Record<string, number>>;
  readonly value: number;
}

type Env = Readonly<Record<string, number>>;
/** Values of expressions over names, which may become known after one another. */
const valuesIn = (env: Env): ((x: Operand) => number) => {
  const { valueOf } = idealValues(float64, {}, env);
  return (x) => valueOf(operand(x));
};

/** The states of nested loops, in order. */
function* statesOf(index: DpSpecification['index'], sizes: Env): Generator<Env> {
  const loops = Object.entries(index);
  function* from(depth: number, outer: Env): Generator<Env> {
    const loop = loops[depth];
    if (!loop) return yield outer;
    const [name, [first, last]] = loop;
    const valueOf = valuesIn({ ...sizes, ...outer });
    const end = valueOf(last);
    for (let i = valueOf(first); i <= end; i++) yield* from(depth + 1, { ...outer, [name]: i });
  }
  yield* from(0, {});
}

const sizesOf = ({ lists, numbers }: DpInstance): Env =>
  Object.fromEntries([
    ...Object.entries(lists).map(([name, list]) => [sizeName(name), list.length] as const),
    ...Object.entries(numbers).map(([name, x]) => [sizeName(name), x] as const),
  ]);

/** How many states an instance has. */
export const countStates = ({ index }: DpSpecification, instance: DpInstance): number => {
  let count = 0;
  for (const _ of statesOf(index, sizesOf(instance))) count++;
  return count;
};

/** How many states ago a dependency of a state is. */
export interface Distance {
  readonly name: string;
  readonly back: number;
  readonly number: number;
}
/** All dependencies of all states, in order; of states before the first, too. */
export const distances = (specification: DpSpecification, instance: DpInstance): Distance[] => {
  const all: Distance[] = [];
  solve(specification, instance, (distance) => all.push(distance));
  return all;
};

/** All states with their values, and the answer; `onDependency` is told how many states ago each dependency is. */
export const solve = (
  { index, reads = {}, dependencies, value, answer }: DpSpecification,
  instance: DpInstance,
  onDependency?: (distance: Distance) => void,
): { states: DpState[]; answer: number } => {
  const sizes = sizesOf(instance);
  const states: DpState[] = [];
  let result = 'last' in answer ? answer.last : answer.initial;
  for (const at of statesOf(index, sizes)) {
    const number = states.length + 1;
    const known: Record<string, number> = { ...sizes, ...at, number };
    const valueOf = valuesIn(known);
    for (const [name, read] of Object.entries(reads)) known[name] = instance.lists[read.of]![valueOf(read.at) - 1] ?? 0;
    for (const [name, dependency] of Object.entries(dependencies)) {
      const back = valueOf(dependency);
      onDependency?.({ name, back, number });
      known[name] = states[number - 1 - back]?.value ?? 0;
    }
    known.value = valueOf(value);
    states.push({ number, index: at, value: known.value });
    if ('last' in answer) result = known.value;
    else if (valueOf(answer.over) === 1)
      result = answer.by === 'sum' ? result + known.value : Math[answer.by](result, known.value);
  }
  return { states, answer: result };
};
