/** A residual stream in the making: parts add fields and layers; the layers are written once the stream's width is known. */
import { Fields } from './fields.ts';
import { residualStack, type Layer, type Sequential } from './layer.ts';

export class Stack {
  #width = 0;
  readonly #parts: ((width: number) => readonly Layer[])[] = [];

  /** New fields, after those that there are. */
  fields<Name extends string>(widths: Readonly<Record<Name, number>>): Fields<Name> {
    const fields = new Fields(widths, this.#width);
    this.#width += fields.width;
    return fields;
  }

  /** Layers to be added to the stream one after the other. */
  add(layers: (width: number) => readonly Layer[]): void {
    this.#parts.push(layers);
  }

  /** x ← x + layer(x) for all layers. */
  build(): Sequential {
    return residualStack(this.#parts.flatMap((part) => part(this.#width)));
  }
}
