/** The chain of a machine as an experiment: how far any output of any step is from the integer that it means. */
import type { Arithmetic } from '../arithmetic/arithmetic.ts';
import { FP64, formatByName } from '../arithmetic/format.ts';
import { Rational } from '../arithmetic/rational.ts';
import type { Experiment } from '../claim/claim.ts';
import { integers } from '../claim/domain.ts';
import type { Mechanism } from '../copy/mechanism.ts';
import { compareChain } from './compare.ts';
import type { DpInstance } from './instance.ts';
import { allInstances, instanceAt, instanceDomain, limitsOfSize, type DpSize } from './instances.ts';
import { buildMachine, type DpMachine } from './machine.ts';
import type { DpOptions } from './setting.ts';
import { solve } from './reference.ts';
import { DpRunner } from './run.ts';
import type { DpProblem } from './specification.ts';

/** A problem, and how it is to be solved up to a size. */
export interface DpTask {
  readonly problem: DpProblem;
  readonly mechanism: Mechanism;
  readonly partner: Mechanism;
  readonly costs: Readonly<Record<string, number>>;
  readonly size: DpSize;
}

/** The machine for a task in an arithmetic; real numbers and arithmetics without a format take that of doubles. */
export const machineFor = (
  { problem, mechanism, partner, costs, size }: DpTask,
  { name, mode }: Pick<Arithmetic<unknown>, 'name' | 'mode'>,
  changes: Partial<DpOptions> = {},
): DpMachine =>
  buildMachine(problem, {
    costs,
    limits: limitsOfSize(problem, size),
    mechanism,
    partner,
    format: formatByName(name) ?? FP64,
    accumulate: mode,
    ...changes,
  });

/** What a chain with a wrong field, or a wrong end, is said to err by at least; and at most, where an output is no number. */
const WRONG = 1;
const MOST = 2 ** 53;

/** The largest |output − integer meant| over a chain, as the exact number that it is. */
const stepError = <T>(machine: DpMachine, runner: DpRunner<T>, instance: DpInstance): Rational => {
  const { worst, wrong } = compareChain(runner.run(instance), solve(machine.specification, instance));
  return Rational.fromNumber(wrong === undefined ? worst : worst <= MOST ? Math.max(WRONG, worst) : MOST);
};

/** Random instances up to the size of the task. */
export const sampledChains = <T>(
  task: DpTask,
  A: Arithmetic<T>,
  machine: DpMachine = machineFor(task, A),
): Experiment<Rational> => {
  const runner = new DpRunner(machine, A);
  const { problem } = task;
  return {
    domain: instanceDomain(problem, task.size),
    measure: (point) => stepError(machine, runner, instanceAt(problem, point)),
  };
};

/** Every instance up to the size of the task. */
export const allChains = <T>(
  task: DpTask,
  A: Arithmetic<T>,
  machine: DpMachine = machineFor(task, A),
): Experiment<Rational> => {
  const runner = new DpRunner(machine, A);
  const instances = allInstances(task.problem, task.size);
  return {
    domain: { instance: integers(0, instances.length - 1) },
    exhaustive: true,
    measure: ({ instance }) => stepError(machine, runner, instances[instance as number]!),
  };
};
