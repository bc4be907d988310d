/** The stack of a machine in the making: circuits and memories, one after the other, by the names of what they read and write. */
import type { Accumulation } from '../arithmetic/arithmetic.ts';
import { FP32, saturation, type Format } from '../arithmetic/format.ts';
import { Rational } from '../arithmetic/rational.ts';
import { compileCircuit, type Circuit, type CircuitOptions } from '../circuit/compile.ts';
import type { Definitions, InputRange } from '../circuit/expression.ts';
import { placeCircuit } from '../circuit/place.ts';
import type { Range } from '../circuit/ranges.ts';
import { attempt } from '../circuit/steepness.ts';
import type { Mechanism, Read } from '../copy/mechanism.ts';
import { InputError } from '../input-error.ts';
import type { Fields } from '../network/fields.ts';
import { Stack } from '../network/stack.ts';
import { before } from './names.ts';

/** A memory of records [1]; all else by the names of fields. */
export interface MemoryPlan {
  readonly by: Mechanism;
  /** Addresses 1 … N. */
  readonly N: number;
  /** The field that is written, and where. */
  readonly record: string;
  readonly at: string;
  /** What records can be. */
  readonly range: Range;
  /** Reader → the field that holds where it reads. */
  readonly readers: Readonly<Record<string, string>>;
}

/** What a circuit or a copy may err by at most, of the ½ that decoding forgives. */
const LARGEST_TOLERANCE = 2 ** -4;
/**
 * What they are built for: 2^(−p/2). Integers pass without error but for leaks (docs/theory.md §9), so that this only sets
 * how steep units are.
 */
const tolerance = ({ p }: Format): number => Math.min(LARGEST_TOLERANCE, 2 ** -Math.floor(p / 2));
/** A circuit that misses its tolerance, as one of large integers may, is tried with coarser ones. */
const COARSER = 2 ** 6;

/** The largest of a range in absolute value, at least 1, as a power of two: the M of a memory. */
export const sizeOfRecords = ({ lo, hi }: Range): number =>
  2 ** Math.ceil(Math.log2(Math.max(1, Math.abs(lo), Math.abs(hi))));

/** The scale of records: where σ saturates, unless a record at that scale under a gate that is as large would overflow. */
const recordScale = (format: Format, M: number): number => {
  const scale = saturation(format);
  return scale * scale * M <= format.max ? scale : 1;
};

export class Assembly {
  readonly #format: Format;
  readonly #accumulate: Accumulation;
  readonly #stack = new Stack();
  readonly #places: Record<string, number>;
  readonly token: Fields;
  readonly circuits: Circuit[] = [];
  readonly memories: { readonly N: number; readonly reads: number }[] = [];
  /** Why theory says that a memory must fail in the format, and why nothing is proved of a circuit there. */
  breaks: string | undefined;
  unproved: string | undefined;

  /** The fields of the token are read by the names of what was before. */
  constructor(format: Format, accumulate: Accumulation, token: readonly string[]) {
    this.#format = format;
    this.#accumulate = accumulate;
    this.token = this.#stack.fields(Object.fromEntries(token.map((name) => [name, 1])));
    this.#places = Object.fromEntries(token.map((name) => [before(name), this.token.at(name)]));
  }

  /** The component that holds a field. */
  place(name: string): number {
    return this.#places[name]!;
  }
  /** Another name of a field. */
  alias(name: string, of: string): void {
    this.#places[name] = this.place(of);
  }

  /** A circuit over fields; where its error cannot be bounded by any tolerance, one that nothing is promised of. */
  circuit(inputs: Readonly<Record<string, InputRange>>, fields: Definitions): void {
    if (Object.keys(fields).length === 0) return;
    const circuit = this.#compile({ inputs, fields });
    this.circuits.push(circuit);
    Object.assign(this.#places, placeCircuit(this.#stack, circuit, this.#places, this.place(before('one'))));
  }
  #compile(parts: Pick<CircuitOptions, 'inputs' | 'fields'>): Circuit {
    const options = { ...parts, format: this.#format.name, accumulate: this.#accumulate };
    let failure: string | undefined;
    for (let eps = tolerance(this.#format); eps <= LARGEST_TOLERANCE; eps *= COARSER) {
      const circuit = attempt(() => compileCircuit({ ...options, eps }));
      if (!(circuit instanceof InputError)) return circuit;
      failure = circuit.message;
    }
    this.unproved ??= failure;
    return compileCircuit({ ...options, eps: Infinity });
  }

  /** A memory, whose readers are fields from now on. */
  memory({ by, N, record, at, range, readers }: MemoryPlan): void {
    const names = Object.keys(readers);
    if (names.length === 0) return;
    const out = this.#stack.fields(Object.fromEntries(names.map((name) => [name, 1])));
    const own = this.#stack.fields(by.scratch({ N, d: 1, reads: names.length }));
    const [one, v, i] = [before('one'), record, at].map((name) => this.place(name)) as [number, number, number];
    const reads = names.map((name): Read => ({ pos: this.place(readers[name]!), out: [out.at(name)] }));
    // States, steps and exponentials that are fp32 saturate, and decays round to 1, as those of fp32 do.
    const format = this.#accumulate === 'fp32' ? { ...this.#format, p: FP32.p } : this.#format;
    const M = sizeOfRecords(range);
    const p = { N, d: 1, M: Rational.fromNumber(M), eps: Rational.fromNumber(tolerance(this.#format)), format };
    const scale = recordScale(format, M);
    this.#stack.add((width) => by.layers({ width, one, v: [v], i, reads, scale }, own, p));
    this.memories.push({ N, reads: names.length });
    this.breaks ??= by.breaks({ ...p, format: this.#format }, this.#accumulate);
    for (const name of names) this.#places[name] = out.at(name);
  }

  network() {
    return this.#stack.build();
  }
}
