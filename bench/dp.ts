/**
 * Dynamic programs by chain of thought: seconds to build a machine and to run it, and the memory of the run, for an edit
 * distance of two words of 20 letters (T = 441) and a longest increasing subsequence of 50 numbers (T = 1275).
 */
import { FP64 } from '../src/arithmetic/format.ts';
import { float64 } from '../src/arithmetic/float64.ts';
import { limitsFor, parseInstance } from '../src/dp/instance.ts';
import { buildMachine } from '../src/dp/machine.ts';
import { DpRunner } from '../src/dp/run.ts';
import { loadProject } from '../src/project.ts';

/** A fixed sequence without any order: powers of a primitive root modulo a prime. */
const scrambled = (length: number): number[] => Array.from({ length }, (_, at) => Number(3n ** BigInt(at) % 257n));
const word = (length: number, from: number): string =>
  scrambled(length + from)
    .slice(from)
    .map((x) => String.fromCodePoint('a'.codePointAt(0)! + (x % 26)))
    .join('');

const INSTANCES: readonly [string, readonly string[]][] = [
  ['edit-distance', [word(20, 0), word(20, 20)]],
  ['lis', scrambled(50).map(String)],
];

const { problems, mechanisms } = await loadProject(undefined, ['constructions/copy', 'constructions/dp']);
for (const [name, typed] of INSTANCES) {
  const problem = problems.find((other) => other.name === name)!;
  const instance = parseInstance(problem, typed);
  console.log(`${name}\n${'mechanism'.padEnd(20)} build s  run s  ms/token  heap MB`);
  for (const mechanism of mechanisms.filter(({ keeps }) => keeps === 'all')) {
    const start = performance.now();
    const machine = buildMachine(problem, {
      costs: problem.costs ?? {},
      limits: limitsFor(problem, [instance]),
      mechanism,
      format: FP64,
      accumulate: 'own',
    });
    const runner = new DpRunner(machine, float64);
    const built = performance.now();
    const { steps, prompt } = runner.run(instance);
    const done = performance.now();
    const heap = process.memoryUsage().heapUsed / 2 ** 20;
    const columns = [
      ((built - start) / 1000).toFixed(2).padStart(7),
      ((done - built) / 1000).toFixed(2).padStart(6),
      ((done - built) / (steps.length + prompt)).toFixed(2).padStart(9),
      heap.toFixed(0).padStart(8),
    ];
    console.log(`${mechanism.tag.padEnd(20)} ${columns.join(' ')}`);
  }
}
