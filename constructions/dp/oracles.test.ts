/** Tables that other programs computed, cell by cell. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { float64 } from '../../src/arithmetic/float64.ts';
import { arithmeticByName } from '../../src/arithmetic/names.ts';
import { solve } from '../../src/dp/reference.ts';
import { chainsOf, codePoints, machineOf, problemNamed, rowsOfChain } from '../../src/dp/testing.ts';

const oracle = <Case>(name: string): Case[] =>
  (JSON.parse(readFileSync(`test/oracles/${name}.json`, 'utf8')) as { cases: Case[] }).cases;

interface EditCase {
  source: string;
  target: string;
  insert: number;
  delete: number;
  substitute: number;
  distance: number;
  table: number[][];
}
interface LcsCase {
  a: string;
  b: string;
  length: number;
  table: number[][];
}
interface LisCase {
  sequence: number[];
  dp: number[];
  length: number;
}

const pair = (s: string, t: string) => ({ lists: { s: codePoints(s), t: codePoints(t) }, numbers: {} });

describe.each(['T2.packed', 'T2.tight', 'T4.ring'])('edit distances by %s', (mechanism) => {
  it.each(oracle<EditCase>('edit_distance').map((one) => [`${one.source} → ${one.target}`, one] as const))(
    '%s',
    (_, { source, target, distance, table, ...costs }) => {
      const instance = pair(source, target);
      const machine = machineOf(problemNamed('edit-distance'), [instance], { mechanism, costs: { ...costs } });
      const [chain] = chainsOf(machine, [instance], float64);
      expect(rowsOfChain(chain!, machine)).toEqual(table);
      expect(chain!.end!.fields.answer).toBe(distance);
      expect(solve(machine.specification, instance).answer).toBe(distance);
    },
  );
});

describe.each(['T2.packed', 'T2.attention'])('common subsequences by %s', (mechanism) => {
  it.each(oracle<LcsCase>('lcs').map((one) => [`${one.a}, ${one.b}`, one] as const))(
    '%s',
    (_, { a, b, length, table }) => {
      const instance = pair(a, b);
      const machine = machineOf(problemNamed('lcs'), [instance], { mechanism });
      const [chain] = chainsOf(machine, [instance], float64);
      expect(rowsOfChain(chain!, machine)).toEqual(table);
      expect(chain!.end!.fields.answer).toBe(length);
    },
  );
});

describe('increasing subsequences', () => {
  it.each(oracle<LisCase>('lis').map((one) => [one.sequence.join(' '), one] as const))(
    '%s',
    (_, { sequence, dp, length }) => {
      const instance = { lists: { s: sequence }, numbers: {} };
      const machine = machineOf(problemNamed('lis'), [instance]);
      const [chain] = chainsOf(machine, [instance], float64);
      expect(rowsOfChain(chain!, machine).map((row) => row.at(-1))).toEqual(dp);
      expect(chain!.end!.fields.answer).toBe(length);
    },
  );
});

describe('in number formats', () => {
  const { source, target, table } = oracle<EditCase>('edit_distance')[3]!;
  const instance = pair(source, target);
  it.each([
    ['fp32', 'own', 'T2.selective'],
    ['fp16', 'own', 'T2.packed'],
    ['bf16', 'own', 'T2.slots'],
    ['bf16', 'fp32', 'T2.packed'],
  ] as const)('%s with %s accumulation by %s', (name, mode, mechanism) => {
    const A = arithmeticByName(name, mode)!;
    const machine = machineOf(problemNamed('edit-distance'), [instance], { mechanism }, A);
    const [chain] = chainsOf(machine, [instance], A);
    expect(rowsOfChain(chain!, machine)).toEqual(table);
  });
});
