/**
 * COPY as a part of a larger stack: a memory on a residual stream. A mechanism writes the weights of a memory whose
 * fields stand anywhere on the stream; its COPY construction is the same weights on a stream of one memory.
 */
import type { Accumulation } from '../arithmetic/arithmetic.ts';
import type { Format } from '../arithmetic/format.ts';
import { Fields } from '../network/fields.ts';
import type { Layer, Linear } from '../network/layer.ts';
import { matrixFromForms, type Form } from '../network/matrix.ts';
import type { CopyParameters } from './construction.ts';

/** Where one reader of a memory stands: what it asks for, and where the record goes. */
export interface Read {
  /** Component that holds pos. */
  readonly pos: number;
  /** Components that the record is added to [d]. */
  readonly out: readonly number[];
}

/** A memory on a stream: each token writes the record v at the address i, unless i is none of 1 … N. */
export interface Memory {
  /** Width of the stream. */
  readonly width: number;
  /** Component that holds 1. */
  readonly one: number;
  /** Components of the record [d]. */
  readonly v: readonly number[];
  /** Component that holds i. */
  readonly i: number;
  readonly reads: readonly Read[];
  /**
   * Records pass through SiLU(±scale·v)/scale, a power of two: where that saturates, integers pass without rounding
   * (docs/theory.md §9). 1 where absent.
   */
  readonly scale?: number;
}

/** The layer that adds what a head returns to a reader's components. */
export const toReader = ({ width, v }: Memory, { out }: Read): Linear => ({
  kind: 'linear',
  weight: matrixFromForms(
    Array.from({ length: width }, (_, component): Form => {
      const r = out.indexOf(component);
      return r < 0 ? [] : [[r, 1]];
    }),
    v.length,
  ),
});

/** The address of a token that writes nothing: so far from 1 … N that its tails are below those within. */
export const NOWHERE = -4;

export interface MemoryShape {
  /** Addresses 1 … N. */
  readonly N: number;
  /** Components of a record. */
  readonly d: number;
  /** How many readers it has. */
  readonly reads: number;
}

/** Where the fields are that a mechanism writes for itself. */
export type Places<Name extends string = string> = Pick<Fields<Name>, 'at'>;

export interface Mechanism {
  readonly kind: 'mechanism';
  readonly tag: string;
  readonly title: string;
  /**
   * Which of the records at 1 … N it keeps. 'all'; 'window': those of the last N tokens, at addresses of any size;
   * 'ring': all of 1 … N, where addresses are taken modulo N by whoever uses it, so that the last N records are kept.
   */
  readonly keeps: 'all' | 'window' | 'ring';
  /** For a mechanism that keeps the last records only: the one for records that are read for ever, such as inputs. */
  readonly partner?: string;
  /** Widths, by name, of the fields that it writes for itself. */
  scratch(shape: MemoryShape): Readonly<Record<string, number>>;
  /** Layers on the stream, each to be added to it. */
  layers(memory: Memory, own: Places, p: CopyParameters): readonly Layer[];
  /** Why it must fail in the format that p names and an accumulation, if theory says so. */
  breaks(p: CopyParameters & { readonly format: Format }, mode: Accumulation): string | undefined;
}

/** Declares a mechanism; its file exports the result under any name. */
export const defineMechanism = (mechanism: Omit<Mechanism, 'kind'>): Mechanism => ({ kind: 'mechanism', ...mechanism });

/** The stream of a COPY construction: its token (v, i, pos, 1), what its layers write for themselves, and the record read. */
export const soleStream = <Scratch extends string = never>(d: number, scratch: Readonly<Record<Scratch, number>>) =>
  new Fields<'v' | 'i' | 'pos' | 'one' | 'out' | Scratch>({ v: d, i: 1, pos: 1, one: 1, ...scratch, out: d });

/** The memory of a COPY construction: a stream with the fields v, i, pos, one and out. */
export const soleMemory = (
  stream: Pick<Fields<'v' | 'i' | 'pos' | 'one' | 'out'>, 'at' | 'width'>,
  d: number,
): Memory => {
  const all = (name: 'v' | 'out'): number[] => Array.from({ length: d }, (_, r) => stream.at(name, r));
  return {
    width: stream.width,
    one: stream.at('one'),
    v: all('v'),
    i: stream.at('i'),
    reads: [{ pos: stream.at('pos'), out: all('out') }],
  };
};
