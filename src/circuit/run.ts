/** Runs a circuit's network on columns of inputs. */
import { toNumbers, type Arithmetic, type Vec } from '../arithmetic/arithmetic.ts';
import { InputError } from '../input-error.ts';
import { compile, type Machine } from '../network/machine.ts';
import type { Circuit } from './compile.ts';
import { ONE } from './node.ts';

/** Numbers of the stream that are held at once. */
const CHUNK_NUMBERS = 1 << 17;

export class CircuitRunner<T> {
  readonly #circuit: Circuit;
  readonly #arithmetic: Arithmetic<T>;
  readonly #machine: Machine<T>;

  constructor(circuit: Circuit, arithmetic: Arithmetic<T>) {
    this.#circuit = circuit;
    this.#arithmetic = arithmetic;
    this.#machine = compile(circuit.network, arithmetic);
  }

  /** The stream after the last block, for tokens of given inputs. */
  stream(length: number, value: (input: string, token: number) => T): Vec<T> {
    const { stream, inputs } = this.#circuit;
    const A = this.#arithmetic;
    const x = A.alloc(length * stream.width);
    const names = Object.keys(inputs).map((name) => [name, stream.at(name)] as const);
    for (let t = 0; t < length; t++) {
      for (const [name, place] of names) A.set(x, t * stream.width + place, value(name, t));
      A.set(x, t * stream.width + stream.at(ONE), A.one);
    }
    return this.#machine.run(x, length, this.#machine.initialState());
  }

  /** One token: the value of component `at` of a field. */
  one(inputs: Readonly<Record<string, T>>): (field: string, at?: number) => T {
    const y = this.stream(1, (name) => inputs[name]!);
    return (field, at = 0) => this.#arithmetic.get(y, this.#circuit.stream.at(field, at));
  }

  /** Columns of inputs → columns of each field's components, one after the other [length, components]. */
  columns(inputs: Readonly<Record<string, ArrayLike<number>>>): Record<string, Float64Array> {
    const { stream, outputs, inputs: ranges } = this.#circuit;
    const A = this.#arithmetic;
    const missing = Object.keys(ranges).find((name) => !Object.hasOwn(inputs, name));
    if (missing !== undefined) throw new InputError(`input ${missing}`, 'given', 'nothing');
    const scalar = Object.keys(ranges).find((name) => typeof (inputs[name] as unknown) !== 'object');
    if (scalar !== undefined) throw new InputError(`input ${scalar}`, 'a column of numbers', String(inputs[scalar]));
    const lengths = Object.keys(ranges).map((name) => inputs[name]!.length);
    const length = lengths[0] ?? 1;
    if (lengths.some((other) => other !== length))
      throw new InputError('the inputs', 'columns of one length', lengths.join(', '));
    const result = Object.fromEntries(
      Object.entries(outputs).map(([name, parts]) => [name, new Float64Array(length * parts.length)]),
    );
    const chunk = Math.max(1, Math.floor(CHUNK_NUMBERS / stream.width));
    for (let from = 0; from < length; from += chunk) {
      const count = Math.min(chunk, length - from);
      const y = this.stream(count, (name, t) => A.from(inputs[name]![from + t]!));
      for (const [name, column] of Object.entries(result)) {
        const width = stream.widthOf(name);
        const part = A.alloc(count * width);
        A.copy(y, stream.at(name), part, 0, width, count, stream.width, width);
        column.set(toNumbers(A, part), from * width);
      }
    }
    return result;
  }
}

/** Columns of inputs → columns of fields, in an arithmetic. */
export const runCircuit = <T>(
  circuit: Circuit,
  arithmetic: Arithmetic<T>,
  inputs: Readonly<Record<string, ArrayLike<number>>>,
): Record<string, Float64Array> => new CircuitRunner(circuit, arithmetic).columns(inputs);
