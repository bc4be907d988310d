/** What a machine is built from: limits, states, names; and specifications that contradict themselves. */
import { describe, expect, it } from 'vitest';
import { float64 } from '../arithmetic/float64.ts';
import { field } from '../circuit/expression.ts';
import { evaluateDp } from '../evidence/dp.ts';
import { InputError } from '../input-error.ts';
import { limitsFor, parseInstance } from './instance.ts';
import { countStates, distances, solve } from './reference.ts';
import { specificationOf, statesWithin } from './setting.ts';
import type { DpSpecification } from './specification.ts';
import { chainsOf, codePoints, machineOf, mechanisms, problemNamed } from './testing.ts';

const lis = problemNamed('lis');
const numbers = (...s: number[]) => ({ lists: { s }, numbers: {} });

describe('instances', () => {
  it('are code points, integers, or their ranks', () => {
    const words = problemNamed('edit-distance');
    expect(parseInstance(words, ['bä', 'é🚀'])).toEqual({ lists: { s: [98, 228], t: [233, 0x1f680] }, numbers: {} });
    expect(parseInstance(words, ['bä', 'äz'], 'ranks').lists).toEqual({ s: [1, 3], t: [3, 2] });
    expect(parseInstance(lis, ['7', '-2', '7'], 'ranks').lists).toEqual({ s: [2, 1, 2] });
    expect(parseInstance(lis, ['7,-2', '+3']).lists).toEqual({ s: [7, -2, 3] });
    expect(parseInstance(lis, []).lists).toEqual({ s: [] });
  });

  it('have limits that hold all of them, and 0', () => {
    expect(limitsFor(lis, [numbers(3, 9), numbers(-4), numbers()])).toEqual({
      most: { s: 2 },
      symbols: { s: { lo: -4, hi: 9 } },
    });
  });
});

describe('states', () => {
  it('are counted, and bounded by the product of the loops', () => {
    const options = { limits: limitsFor(lis, [numbers(1, 2, 3, 4)]), costs: {} };
    expect(countStates(specificationOf(lis, options), numbers(1, 2, 3, 4))).toBe(10);
    // i = 1 … 4, and j = 0 … 4, for the token after the last state has i = 5.
    expect(statesWithin(lis, options)).toBe(4 * 5);
  });

  it('come after those that they depend on, up to n(n−1)/2 + 1 of them in lis', () => {
    const n = 7;
    const instance = numbers(...Array.from({ length: n }, (_, at) => at));
    const all = distances(specificationOf(lis, { limits: limitsFor(lis, [instance]), costs: {} }), instance);
    expect(Math.min(...all.map(({ back }) => back))).toBe(1);
    expect(Math.max(...all.filter(({ back, number }) => back < number).map(({ back }) => back))).toBe(
      (n * (n - 1)) / 2 + 1,
    );
  });
});

describe('a machine', () => {
  it('has weights that do not depend on the instance, and serves all up to its limits', () => {
    const words = problemNamed('edit-distance');
    const pair = (s: string, t: string) => ({ lists: { s: codePoints(s), t: codePoints(t) }, numbers: {} });
    const instances = [pair('abcab', 'bca'), pair('', ''), pair('a', ''), pair('', 'cab'), pair('ccc', 'ccc')];
    const machine = machineOf(words, instances);
    const answers = chainsOf(machine, instances, float64).map(({ end }) => end!.fields.answer);
    expect(answers).toEqual(instances.map((instance) => solve(machine.specification, instance).answer));
  });

  it('stops where a chain does not end', () => {
    const machine = machineOf(lis, [numbers(1, 2)]);
    // Longer than it is built for: the third state's number has no slot, and the chain is cut at the most states.
    const [chain] = chainsOf(machine, [numbers(1, 2, 3)], float64);
    expect(chain!.steps.length).toBeLessThanOrEqual(machine.states);
  });
});

describe('a specification that contradicts itself is refused', () => {
  const changed = (change: (specification: DpSpecification) => Partial<DpSpecification>) => () =>
    evaluateDp(
      {
        problem: { ...lis, specify: (scope) => ({ ...lis.specify(scope), ...change(lis.specify(scope)) }) },
        inputs: ['3', '1', '2'],
        mechanism: mechanisms.find(({ tag }) => tag === 'T2.packed')!,
        mechanisms,
      },
      float64,
    );
  it.each([
    ['a reserved name', () => ({ dependencies: { best: 1 } }), /the names in lis to be different ones, .*, got best/],
    ['a name twice', () => ({ dependencies: { i: 1 } }), /the names in lis to be different ones, .*, got i/],
    ['no loop', () => ({ index: {} }), /the index of lis to be at least one loop, got none/],
    [
      'a read of nothing',
      () => ({ reads: { here: { of: 't', at: 1 } } }),
      /the read here of lis to be of one of s, got t/,
    ],
    ['a range reversed', () => ({ range: { lo: 1, hi: 0 } }), /the range of lis to be integers lo ≤ hi, got \[1, 0\]/],
    [
      'a value beyond its range',
      () => ({ value: 4 }),
      /the values of lis to be in its range, \[0, 3\], got 4 in state \(1, 0\)/,
    ],
    ['an unknown name', () => ({ value: field('nobody') }), /to be a field \(.*\), got nobody/],
  ] satisfies [string, () => Partial<DpSpecification>, RegExp][])('%s', (_, change, message) => {
    expect(changed(change)).toThrow(InputError);
    expect(changed(change)).toThrow(message);
  });
});
