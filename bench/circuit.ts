/**
 * Compiling a circuit of about 1,000 nodes (400 operations) and running it on 10,000 inputs in float64: seconds in a fresh
 * process, and how many times as long as computing the same expressions directly, one input at a time.
 */
import {
  abs,
  add,
  ge,
  input,
  integer,
  lookup,
  max,
  min,
  mul,
  real,
  remainder,
  scale,
  select,
  sub,
  type Expression,
} from '../src/circuit/language.ts';
import { compileCircuit } from '../src/circuit/compile.ts';
import { idealValues } from '../src/circuit/ideal.ts';
import { runCircuit } from '../src/circuit/run.ts';
import { float64 } from '../src/arithmetic/float64.ts';
import { Random } from '../src/claim/random.ts';
import { sizesOf } from '../src/network/size.ts';

const OPERATIONS = 400;
const INPUTS = 10_000;
const TABLE = [3, 1, 4, 1, 5, 2, 6, 0];
const random = new Random(1);

/** Numbers made so far; the first operand of a new one is the oldest that nothing uses yet, the second any recent one. */
class Pool {
  readonly #all: Expression[];
  #used = 0;

  constructor(names: readonly string[]) {
    this.#all = names.map(input);
  }
  add(make: (first: Expression, second: Expression) => Expression): void {
    const recent = this.#all.slice(-WINDOW);
    this.#all.push(make(this.take(), recent[random.integer(0, recent.length - 1)]!));
  }
  take(): Expression {
    return this.#all[Math.min(this.#used++, this.#all.length - 1)]!;
  }
  get unused(): Expression[] {
    return this.#all.slice(this.#used);
  }
}
const WINDOW = 24;
const names = { real: Array.from({ length: 16 }, (_, at) => `x${at}`), integer: ['k', 'l', 'm', 'n'] };
const reals = new Pool(names.real);
const integers = new Pool(names.integer);
const makers: readonly (() => void)[] = [
  () => reals.add(min),
  () => reals.add(max),
  () => reals.add(mul),
  () => reals.add((x, y) => add(scale(0.5, x), scale(0.5, y))),
  () => reals.add((x, y) => abs(sub(scale(0.5, x), scale(0.5, y)))),
  () => reals.add((x, y) => select(ge(integers.take(), 3), x, y)),
  () => integers.add((x, y) => remainder(add(x, y), 7)),
  () => integers.add((x) => lookup(remainder(x, 8), TABLE)),
];
for (let made = 0; made < OPERATIONS; made++) makers[made % makers.length]!();

const start = performance.now();
const fields = { x: [...reals.unused, ...integers.unused] };
const circuit = compileCircuit({
  inputs: Object.fromEntries([
    ...names.real.map((name) => [name, real(-1, 1)] as const),
    ...names.integer.map((name) => [name, integer(0, 7)] as const),
  ]),
  fields,
  eps: 1e-3,
});
const compiled = performance.now();
const column = (value: () => number): Float64Array => Float64Array.from({ length: INPUTS }, value);
const inputs = Object.fromEntries([
  ...names.real.map((name) => [name, column(() => 2 * random.uniform() - 1)] as const),
  ...names.integer.map((name) => [name, column(() => random.integer(0, 7))] as const),
]);
const ran = performance.now();
runCircuit(circuit, float64, inputs);
const end = performance.now();

const direct = performance.now();
for (let t = 0; t < INPUTS / 10; t++) {
  const point = Object.fromEntries(Object.entries(inputs).map(([name, values]) => [name, values[t]!]));
  const ideal = idealValues(float64, fields, point);
  fields.x.forEach((_, at) => ideal.field('x', at));
}
const directly = 10 * (performance.now() - direct);

const { blocks, parametersNonzero } = sizesOf(circuit.network, 1);
const seconds = (from: number, to: number): string => ((to - from) / 1000).toFixed(2);
console.log(`circuit of ${circuit.nodes.length} nodes: ${blocks} blocks, ${parametersNonzero} nonzero parameters`);
console.log(`compile ${seconds(start, compiled)} s, run on ${INPUTS} inputs ${seconds(ran, end)} s`);
console.log(`network / direct evaluation of the expressions: ${((end - ran) / directly).toFixed(2)}`);
