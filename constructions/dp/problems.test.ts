/** Every problem beside a solver that shares nothing with its specification, through every mechanism that serves it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float64 } from '../../src/arithmetic/float64.ts';
import { isLocal } from '../../src/dp/claims.ts';
import { parseInstance } from '../../src/dp/instance.ts';
import { allInstances, countInstances, instanceAt, instanceDomain, limitsOfSize } from '../../src/dp/instances.ts';
import { solve } from '../../src/dp/reference.ts';
import { chainsOf, machineOf, mechanisms, problems, SOLVERS } from '../../src/dp/testing.ts';
import { pointArbitrary } from '../../src/evidence/arbitraries/axis.ts';

const SIZE = { n: 5, letters: 4 };

describe.each(problems.map((problem) => [problem.name, problem] as const))('%s', (name, problem) => {
  const solver = SOLVERS[name]!;
  const limits = limitsOfSize(problem, SIZE);
  const domain = instanceDomain(problem, SIZE);
  const serving = mechanisms.filter(({ keeps }) => keeps === 'all' || isLocal(problem));

  it('has a recursion with the right answer, for all small instances and for random ones', () => {
    const { specification } = machineOf(problem, [], { limits });
    for (const instance of allInstances(problem, { n: 3, letters: 2 }))
      expect(solve(specification, instance).answer).toBe(solver(instance));
    fc.assert(
      fc.property(pointArbitrary(domain), (point) => {
        const instance = instanceAt(problem, point);
        expect(solve(specification, instance).answer).toBe(solver(instance));
      }),
    );
  });

  it.each(serving.map(({ tag }) => tag))('is solved through %s', (mechanism) => {
    const machine = machineOf(problem, [], { limits, mechanism });
    fc.assert(
      fc.property(pointArbitrary(domain), (point) => {
        const instance = instanceAt(problem, point);
        const [chain] = chainsOf(machine, [instance], float64);
        expect(chain!.end?.fields.answer).toBe(solver(instance));
        expect(chain!.steps.map(({ fields }) => fields.value)).toEqual(
          solve(machine.specification, instance).states.map(({ value }) => value),
        );
      }),
      { numRuns: 12 },
    );
  });

  it('solves its examples', () => {
    for (const typed of problem.examples) {
      const instance = parseInstance(problem, typed);
      const [chain] = chainsOf(machineOf(problem, [instance]), [instance], float64);
      expect(chain!.end?.fields.answer).toBe(solver(instance));
    }
  });
});

describe('all instances up to a size', () => {
  it.each(problems.map((problem) => [problem.name, problem] as const))(
    'are counted before they are made: %s',
    (_, problem) => {
      for (const size of [
        { n: 1, letters: 3 },
        { n: 3, letters: 2 },
      ])
        expect(countInstances(problem, size)).toBe(allInstances(problem, size).length);
    },
  );

  const count = (name: string, n: number, letters: number): number =>
    allInstances(
      problems.find((problem) => problem.name === name)!,
      { n, letters },
    ).length;
  it('are all pairs of words, and one list of each order', () => {
    expect(count('edit-distance', 4, 2)).toBe(31 ** 2);
    expect(count('edit-distance', 3, 3)).toBe(40 ** 2);
    expect(count('lis', 6, 6)).toBe(1 + 1 + 3 + 13 + 75 + 541 + 4683);
    expect(count('knapsack', 2, 2)).toBe((1 + 9 + 81) * 3);
  });
});
