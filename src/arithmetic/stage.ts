/**
 * Staged kernels: a hot loop is written once, against the operations of this builder, and compiled for each
 * arithmetic with that arithmetic's operations written inline. Passing the operations as closures instead costs
 * a factor of 16 to 41 in low precision; `npm run bench` shows what staging costs over loops written by hand.
 */

/**
 * Names a number of the generated code. It is held in one local variable, or in several whose names end in the emitter's
 * parts.
 */
export type Staged = string & { readonly staged: unique symbol };

export const OPERATIONS = ['add', 'sub', 'mul', 'div'] as const;
export type BinaryOperation = (typeof OPERATIONS)[number];

/** How one arithmetic writes its operations as JavaScript. */
export interface Emitter {
  /** Objects that the generated code may refer to, by name. */
  readonly environment: Readonly<Record<string, unknown>>;
  /**
   * Endings of the variables that make up one number. A vector of numbers in one part is the array itself; of several,
   * an object that has an array under the name of each part.
   */
  readonly parts: readonly string[];
  /** Expressions for the parts of the number zero. */
  readonly zero: readonly string[];
  /** Statements that compute `x op y` into the new constants `target`. */
  binary(operation: BinaryOperation, target: string, x: string, y: string): string;
  /** Statements that compute the function `name` of x into the new constants `target`. */
  call(name: string, target: string, x: string): string;
  /** Statements that compute x·y + z, rounded once. Absent where a product and a sum are all there is to it. */
  fma?(target: string, x: string, y: string, z: string): string;
}

/** Numbers held in one variable, functions called as methods of `ops`. */
export const SINGLE: Pick<Emitter, 'parts' | 'zero' | 'call'> = {
  parts: [''],
  zero: ['0'],
  call: (name, target, x) => `const ${target} = ops.${name}(${x});`,
};

/** A fused multiply–add that is a method of `ops`. */
export const FUSED: Pick<Emitter, 'fma'> = {
  fma: (target, x, y, z) => `const ${target} = ops.fma(${x}, ${y}, ${z});`,
};

/** Numbers that are objects: every operation is a method of `ops`. */
export const objectEmitter = (ops: object): Emitter => ({
  ...SINGLE,
  ...('fma' in ops && FUSED),
  environment: { ops },
  zero: ['ops.zero'],
  binary: (operation, target, x, y) => `const ${target} = ops.${operation}(${x}, ${y});`,
});

/** One kernel: its parameters (vectors and sizes, in calling order) and its body. */
export interface Kernel {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly body: (k: Stage) => void;
}

export class Stage {
  readonly #emitter: Emitter;
  readonly #lines: string[] = [];
  readonly #vectors = new Set<string>();
  #names = 0;

  constructor(emitter: Emitter) {
    this.#emitter = emitter;
  }

  #fresh(): Staged {
    return `_${this.#names++}` as Staged;
  }
  #binary(operation: BinaryOperation, x: Staged, y: Staged): Staged {
    const target = this.#fresh();
    this.#lines.push(this.#emitter.binary(operation, target, x, y));
    return target;
  }

  add(x: Staged, y: Staged): Staged {
    return this.#binary('add', x, y);
  }
  sub(x: Staged, y: Staged): Staged {
    return this.#binary('sub', x, y);
  }
  mul(x: Staged, y: Staged): Staged {
    return this.#binary('mul', x, y);
  }
  div(x: Staged, y: Staged): Staged {
    return this.#binary('div', x, y);
  }
  /**
   * x·y + z, rounded once in formats of doubles. Exact arithmetics have nothing to round and enclosures nothing to lose;
   * double-doubles and decimals round twice.
   */
  fma(x: Staged, y: Staged, z: Staged): Staged {
    if (!this.#emitter.fma) return this.add(this.mul(x, y), z);
    const target = this.#fresh();
    this.#lines.push(this.#emitter.fma(target, x, y, z));
    return target;
  }
  /** A function of the arithmetic (`exp`, `silu` …), called out of line. */
  call(name: string, x: Staged): Staged {
    const target = this.#fresh();
    this.#lines.push(this.#emitter.call(name, target, x));
    return target;
  }

  #parts(declare: (part: string, at: number) => string): void {
    this.#emitter.parts.forEach((part, at) => this.#lines.push(declare(part, at)));
  }
  /** The array that holds one part of a vector. */
  #array(vector: string, part: string): string {
    if (part === '') return vector;
    this.#vectors.add(vector);
    return `${vector}_${part}`;
  }
  load(vector: string, index: string): Staged {
    const target = this.#fresh();
    this.#parts((part) => `const ${target}${part} = ${this.#array(vector, part)}[${index}];`);
    return target;
  }
  store(vector: string, index: string, x: Staged): void {
    this.#parts((part) => `${this.#array(vector, part)}[${index}] = ${x}${part};`);
  }

  /** A mutable variable; `set` assigns it. */
  variable(initial?: Staged): Staged {
    const target = this.#fresh();
    const { zero } = this.#emitter;
    this.#parts((part, at) => `let ${target}${part} = ${initial === undefined ? zero[at] : initial + part};`);
    return target;
  }
  set(variable: Staged, x: Staged): void {
    this.#parts((part) => `${variable}${part} = ${x}${part};`);
  }

  /** The number that `yes` computes where the condition, an expression, holds, and that of `no` elsewhere. */
  choose(condition: string, yes: () => Staged, no: () => Staged): Staged {
    const target = this.variable();
    this.#lines.push(`if (${condition}) {`);
    this.set(target, yes());
    this.#lines.push('} else {');
    this.set(target, no());
    this.#lines.push('}');
    return target;
  }

  /** An integer constant of the generated code (an index, a bound). */
  index(expression: string): string {
    const target = this.#fresh();
    this.#lines.push(`const ${target} = ${expression};`);
    return target;
  }
  /** for (name = from; name < to; name += step) */
  for(from: string, to: string, body: (name: string) => void, step = '1'): void {
    const name = this.#fresh();
    this.#lines.push(`for (let ${name} = ${from}; ${name} < ${to}; ${name} += ${step}) {`);
    body(name);
    this.#lines.push('}');
  }
  /**
   * for name = 0 … count − 1, `width` at a time while they last, then one at a time: `body` gets the indices of the
   * lanes it must handle. Lanes are independent, so the order of operations within each is that of the plain loop.
   */
  lanes(count: string, width: number, body: (indices: readonly string[]) => void): void {
    const whole = this.index(`${count} - ${count} % ${width}`);
    this.for(
      '0',
      whole,
      (i) => body(Array.from({ length: width }, (_, lane) => this.index(`${i} + ${lane}`))),
      `${width}`,
    );
    this.for(whole, count, (i) => body([i]));
  }

  source(): string {
    const arrays = [...this.#vectors].flatMap((vector) =>
      this.#emitter.parts.map((part) => `const ${this.#array(vector, part)} = ${vector}.${part};`),
    );
    return [...arrays, ...this.#lines].join('\n');
  }
}

let compiled = 0;

/**
 * A function from its text. A number makes each text unlike all others: V8 shares what it learns of equal ones, and a
 * kernel that calls functions of several formats would not have them inlined.
 */
export const compileText = (
  name: string,
  parameters: readonly string[],
  text: string,
  environment: Readonly<Record<string, unknown>>,
): unknown => {
  const names = Object.keys(environment);
  const code = `return function ${name}(${parameters.join(', ')}) {\n// ${compiled++}\n${text}\n}`;
  return new Function(...names, code)(...names.map((key) => environment[key])) as unknown;
};

/** Compiles a kernel for the arithmetic behind `emitter`. */
export const compileKernel = ({ name, parameters, body }: Kernel, emitter: Emitter): ((...args: never[]) => void) => {
  const stage = new Stage(emitter);
  body(stage);
  return compileText(name, parameters, stage.source(), emitter.environment) as (...args: never[]) => void;
};

/** Compiles a function of numbers that are held in one variable each. */
export const compileFunction = (
  name: string,
  write: (k: Stage) => (...x: Staged[]) => Staged,
  emitter: Emitter,
): unknown => {
  const stage = new Stage(emitter);
  const body = write(stage);
  const parameters = Array.from({ length: body.length }, (_, i) => `x${i}` as Staged);
  const result = body(...parameters);
  return compileText(name, parameters, `${stage.source()}\nreturn ${result};`, emitter.environment);
};
