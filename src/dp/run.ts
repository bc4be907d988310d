/**
 * Runs a machine on an instance, token by token. Between two steps stands only the decoder: every field of the next token
 * is the integer nearest to an output, which is the argmax over v of the linear head 2xv − v².
 */
import type { Arithmetic, Vec } from '../arithmetic/arithmetic.ts';
import { NOWHERE } from '../copy/mechanism.ts';
import { compile, type Machine } from '../network/machine.ts';
import type { DpInstance } from './instance.ts';
import type { DpMachine } from './machine.ts';
import { listNames, numberNames, separatorsOf } from './setting.ts';

export type TokenValues = Readonly<Record<string, number>>;

/** A generated token: what each field was decoded to, and by how much another integer was missed: ½ − |x − v|. */
export interface Step {
  readonly fields: TokenValues;
  readonly outputs: TokenValues;
  readonly margins: TokenValues;
}

export interface Chain {
  /** One for each state. */
  readonly steps: readonly Step[];
  /** The last token, which holds the answer; absent where the machine did not end when it should have. */
  readonly end?: Step;
  /** Tokens of the prompt. */
  readonly prompt: number;
}

/** The prompt: entries at their positions, separators with their number; the last of them is the token to start from. */
export const promptOf = ({ problem, start }: DpMachine, { lists, numbers }: DpInstance): TokenValues[] => {
  // Fields of states hold what they hold in the token to start from, but no number: it is written nowhere.
  const entry = { ...start, number: NOWHERE, one: 1, separator: NOWHERE };
  const separators = separatorsOf(problem);
  const tokens: TokenValues[] = [];
  const put = (token: { readonly symbol: number; readonly separator?: number }): void => {
    tokens.push({ ...entry, ...token, position: tokens.length + 1 });
  };
  for (const name of listNames(problem)) {
    for (const symbol of lists[name]!) put({ symbol });
    put({ symbol: 0, separator: separators.indexOf(name) + 1 });
  }
  for (const name of numberNames(problem)) put({ symbol: numbers[name]!, separator: separators.indexOf(name) + 1 });
  return tokens.map((token, at) => (at === tokens.length - 1 ? { ...token, ...start } : token));
};

export class DpRunner<T> {
  readonly #dp: DpMachine;
  readonly #arithmetic: Arithmetic<T>;
  readonly #machine: Machine<T>;
  readonly #generated: readonly string[];

  constructor(dp: DpMachine, arithmetic: Arithmetic<T>) {
    this.#dp = dp;
    this.#arithmetic = arithmetic;
    this.#machine = compile(dp.network, arithmetic);
    this.#generated = Object.keys(dp.generated);
  }

  #tokens(tokens: readonly TokenValues[]): Vec<T> {
    const A = this.#arithmetic;
    const { token } = this.#dp;
    const width = this.#machine.inputs;
    const x = A.alloc(tokens.length * width);
    tokens.forEach((values, t) => {
      for (const name of token.names) A.set(x, t * width + token.at(name), A.from(values[name] ?? 0));
    });
    return x;
  }

  /** The nearest integers of some outputs of the last token. */
  #decode(y: Vec<T>, names: readonly string[], places: readonly number[]): Step {
    const A = this.#arithmetic;
    const from = y.length - this.#machine.outputs;
    const outputs: Record<string, number> = {};
    const fields: Record<string, number> = {};
    const margins: Record<string, number> = {};
    names.forEach((name, at) => {
      const x = A.toNumber(A.get(y, from + places[at]!));
      outputs[name] = x;
      fields[name] = Math.round(x) + 0;
      margins[name] = 0.5 - Math.abs(x - Math.round(x));
    });
    return { fields, outputs, margins };
  }

  /** Generates the chain of an instance, of at most as many states as the machine is built for. */
  run(instance: DpInstance, onStep?: (step: Step) => void): Chain {
    const { generated, end, answer, states } = this.#dp;
    const prompt = promptOf(this.#dp, instance);
    const state = this.#machine.initialState();
    const places = Object.values(generated);
    const steps: Step[] = [];
    let y = this.#machine.run(this.#tokens(prompt), prompt.length, state);
    for (;;) {
      const last = this.#decode(y, ['end', 'answer'], [end, answer]);
      if (last.fields.end === 1) {
        onStep?.(last);
        return { steps, end: last, prompt: prompt.length };
      }
      const isLost = last.fields.end !== 0 || steps.length === states;
      const step = this.#decode(y, [...this.#generated, 'end'], [...places, end]);
      if (isLost || Object.values(step.fields).some(Number.isNaN)) return { steps, prompt: prompt.length };
      onStep?.(step);
      steps.push(step);
      const next = { ...step.fields, one: 1, symbol: 0, position: NOWHERE, separator: NOWHERE };
      y = this.#machine.run(this.#tokens([next]), 1, state);
    }
  }
}
