/**
 * The COPY task (docs/theory.md D1): at each position i the module must return the record v_pos(i).
 *
 * A construction names the fields of its token; this file writes them from an instance, runs the machine and measures
 * ‖y_i − v_pos(i)‖∞. Only COPY's own meaning enters: records, positions and their one-hot forms.
 */
import type { Arithmetic, Vec } from '../arithmetic/arithmetic.ts';
import type { Fields } from '../network/fields.ts';
import type { Layer } from '../network/layer.ts';
import {
  cloneState,
  compile,
  type CompileOptions,
  type Compiled,
  type Observer,
  type State,
} from '../network/machine.ts';
import { sizesOf } from '../network/size.ts';

/** What a token may hold at position i (from 1): each field's contents. Any other field of a token starts at 0. */
export type TokenField =
  /** v_i [d] */
  | 'v'
  /** i */
  | 'i'
  /** i² */
  | 'i_squared'
  /** pos(i) */
  | 'pos'
  /** pos(i)² */
  | 'pos_squared'
  /** 1 */
  | 'one'
  /** e_i [N] */
  | 'e_i'
  /** e_pos(i) [N] */
  | 'e_pos';

/** A network that performs COPY on tokens of named fields. */
export interface CopyModule {
  readonly network: Layer;
  /** Layout of the token. */
  readonly token: Fields;
  /** Where the copied record stands in the network's output: d components from here. */
  readonly output: number;
}

/** Records [N, d] and, for each i, the position pos(i) ≤ i to copy (from 1). */
export interface CopyInstance<T> {
  readonly records: Vec<T>;
  readonly pos: ArrayLike<number>;
}

/** Every position from pos on copies pos, the others copy themselves: pos(i) for i = 1 … N. */
export const asking = (N: number, pos: number): number[] => Array.from({ length: N }, (_, at) => Math.min(at + 1, pos));

/** Writes what the token at position i holds beside its record, where pos is asked for. */
export const writePosition = (
  token: Fields,
  i: number,
  pos: number,
  write: (place: number, value: number) => void,
): void => {
  const field = (name: TokenField, value: number, at = 0): void => {
    if (token.has(name)) write(token.at(name, at), value);
  };
  field('i', i);
  field('i_squared', i * i);
  field('pos', pos);
  field('pos_squared', pos * pos);
  field('one', 1);
  field('e_i', 1, i - 1);
  field('e_pos', 1, pos - 1);
};

/** Numbers that one chunk of tokens holds at once; long sequences run in chunks so that memory stays bounded. */
const CHUNK_NUMBERS = 1 << 20;

export class CopyRunner<T> {
  readonly arithmetic: Arithmetic<T>;
  readonly machine: Compiled<T>;
  readonly #module: CopyModule;
  readonly #d: number;
  readonly #chunk: number;

  constructor(module: CopyModule, d: number, arithmetic: Arithmetic<T>, options: CompileOptions = {}) {
    this.arithmetic = arithmetic;
    this.machine = compile(module.network, arithmetic, options);
    this.#module = module;
    this.#d = d;
    const { dInner, dState } = sizesOf(module.network, 1);
    this.#chunk = Math.max(1, Math.floor(CHUNK_NUMBERS / (module.token.width + 2 * dInner + 2 * dState)));
  }

  /** Tokens from + 1 … to, with the positions to copy given by `pos`. */
  #tokens(records: Vec<T>, pos: (i: number) => number, from: number, to: number): Vec<T> {
    const { arithmetic: A } = this;
    const { token } = this.#module;
    const d = this.#d;
    const x = A.alloc((to - from) * token.width);
    if (token.has('v')) A.copy(records, from * d, x, token.at('v'), d, to - from, d, token.width);
    for (let i = from + 1; i <= to; i++) {
      const row = (i - from - 1) * token.width;
      writePosition(token, i, pos(i), (place, value) => A.set(x, row + place, A.from(value)));
    }
    return x;
  }

  /** ‖y − v_p‖∞ for the output row at `row`. NaN where the output is. */
  #error(y: Vec<T>, row: number, records: Vec<T>, p: number): T {
    const { arithmetic: A } = this;
    const d = this.#d;
    const from = row * this.machine.outputs + this.#module.output;
    const worst = new Worst(A);
    for (let k = 0; k < d; k++) worst.take(A.abs(A.sub(A.get(y, from + k), A.get(records, (p - 1) * d + k))));
    return worst.value;
  }

  /**
   * Runs a whole instance at once, so that an observer sees each intermediate result once, and returns the first component
   * of the module's answer at the last token.
   */
  lastOutput({ records, pos }: CopyInstance<T>, observe?: Observer<T>): T {
    const N = pos.length;
    const x = this.#tokens(records, (i) => pos[i - 1]!, 0, N);
    const y = this.machine.run(x, N, this.machine.initialState(), observe);
    return this.arithmetic.get(y, (N - 1) * this.machine.outputs + this.#module.output);
  }

  #run(
    state: State<T>,
    records: Vec<T>,
    N: number,
    pos: (i: number) => number,
    each?: (error: T, i: number) => void,
  ): void {
    for (let from = 0; from < N; from += this.#chunk) {
      const to = Math.min(N, from + this.#chunk);
      const y = this.machine.run(this.#tokens(records, pos, from, to), to - from, state);
      if (each) for (let i = from + 1; i <= to; i++) each(this.#error(y, i - from - 1, records, pos(i)), i);
    }
  }

  /** The largest error over all positions of an instance; NaN where any output is. */
  worstError({ records, pos }: CopyInstance<T>): T {
    const worst = new Worst(this.arithmetic);
    this.#run(
      this.machine.initialState(),
      records,
      pos.length,
      (i) => pos[i - 1]!,
      (error) => worst.take(error),
    );
    return worst.value;
  }

  /**
   * The largest error of copying any of the given positions at the last token. The first N − 1 tokens run once; the last
   * one runs from a copy of the state for every position asked.
   */
  worstLastQuery(records: Vec<T>, N: number, positions: readonly number[]): T {
    const worst = new Worst(this.arithmetic);
    this.#askLast(records, N, positions, (y, p) => worst.take(this.#error(y, 0, records, p)));
    return worst.value;
  }

  /** The first component of the answers to the same questions. */
  lastAnswers(records: Vec<T>, N: number, positions: readonly number[]): T[] {
    const answers: T[] = [];
    this.#askLast(records, N, positions, (y) => answers.push(this.arithmetic.get(y, this.#module.output)));
    return answers;
  }

  #askLast(records: Vec<T>, N: number, positions: readonly number[], each: (y: Vec<T>, p: number) => void): void {
    const state = this.machine.initialState();
    this.#run(state, records, N - 1, (i) => i);
    for (const p of positions) {
      const x = this.#tokens(records, () => p, N - 1, N);
      each(this.machine.run(x, 1, cloneState(this.arithmetic, state)), p);
    }
  }
}

/** A running maximum that NaN wins. */
class Worst<T> {
  readonly #arithmetic: Arithmetic<T>;
  value: T;

  constructor(arithmetic: Arithmetic<T>) {
    this.#arithmetic = arithmetic;
    this.value = arithmetic.zero;
  }
  take(error: T): void {
    const A = this.#arithmetic;
    if (Number.isNaN(A.toNumber(this.value))) return;
    this.value = Number.isNaN(A.toNumber(error)) ? error : A.max(this.value, error);
  }
}
