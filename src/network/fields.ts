/**
 * Named fields of a vector: the directions of the residual stream have names, and weights are written between them.
 */
import type { Arithmetic, Vec } from '../arithmetic/arithmetic.ts';
import { MatrixBuilder, type Matrix } from './matrix.ts';

/** The names of fields and their widths, laid out in the order given, from a component on. */
export class Fields<Name extends string = string> {
  readonly width: number;
  readonly #places: ReadonlyMap<string, { offset: number; width: number }>;

  constructor(widths: Readonly<Record<Name, number>>, from = 0) {
    const places = new Map<string, { offset: number; width: number }>();
    let offset = from;
    for (const [name, width] of Object.entries<number>(widths)) {
      places.set(name, { offset, width });
      offset += width;
    }
    this.#places = places;
    this.width = offset - from;
  }

  get names(): Name[] {
    return [...this.#places.keys()] as Name[];
  }
  has(name: string): name is Name {
    return this.#places.has(name);
  }
  widthOf(name: Name): number {
    return this.#place(name).width;
  }
  /** The position of component `k` of a field. */
  at(name: Name, k = 0): number {
    const { offset, width } = this.#place(name);
    if (!(k >= 0 && k < width)) throw new RangeError(`expected a component of ${name} below ${width}, got ${k}`);
    return offset + k;
  }
  #place(name: Name): { offset: number; width: number } {
    const place = this.#places.get(name);
    if (!place) throw new RangeError(`expected a field (${this.names.join(', ')}), got ${name}`);
    return place;
  }
}

/** A weight matrix written between named fields: `set(row, rowComponent, column, columnComponent, weight)`. */
export class FieldMatrix<To extends string, From extends string> {
  readonly #to: Fields<To>;
  readonly #from: Fields<From>;
  readonly #builder: MatrixBuilder;

  constructor(to: Fields<To>, from: Fields<From>) {
    this.#to = to;
    this.#from = from;
    this.#builder = new MatrixBuilder(to.width, from.width);
  }
  /** to[k] += weight · from[j] */
  set(to: To, k: number, from: From, j: number, weight: number): this {
    this.#builder.set(this.#to.at(to, k), this.#from.at(from, j), weight);
    return this;
  }
  build(): Matrix {
    return this.#builder.build();
  }
}

/** The matrix that picks one field. */
export const pick = <Name extends string>(fields: Fields<Name>, name: Name): Matrix => {
  const width = fields.widthOf(name);
  const builder = new MatrixBuilder(width, fields.width);
  for (let k = 0; k < width; k++) builder.set(k, fields.at(name, k), 1);
  return builder.build();
};

/**
 * A sequence of tokens [length, width]: each field named gets a vector [length, width of the field], or one number at
 * every position; the others are 0.
 */
export const tokens = <T, Name extends string>(
  arithmetic: Arithmetic<T>,
  fields: Fields<Name>,
  length: number,
  contents: Readonly<Partial<Record<Name, Vec<T> | ((position: number) => T)>>>,
): Vec<T> => {
  const x = arithmetic.alloc(length * fields.width);
  for (const [name, content] of Object.entries<Vec<T> | ((position: number) => T)>(contents as never)) {
    const width = fields.widthOf(name as Name);
    const from = fields.at(name as Name);
    if (typeof content !== 'function') arithmetic.copy(content, 0, x, from, width, length, width, fields.width);
    else for (let t = 0; t < length; t++) arithmetic.set(x, t * fields.width + from, content(t));
  }
  return x;
};
