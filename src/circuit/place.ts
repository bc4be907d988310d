/** A circuit as a part of a larger stack: its inputs are fields that others write, its units and fields are new ones. */
import type { MambaBlock, Residual } from '../network/layer.ts';
import { relocated } from '../network/matrix.ts';
import type { Stack } from '../network/stack.ts';
import type { Circuit } from './compile.ts';

/**
 * Adds the blocks of a circuit of Mamba blocks to a stack. `inputs`: the components that hold its inputs; `one`: the one
 * that holds 1. Returns where its fields stand, the first component of each.
 */
export const placeCircuit = (
  stack: Stack,
  { network, stream, inputs: ranges, outputs }: Circuit,
  inputs: Readonly<Record<string, number>>,
  one: number,
): Record<string, number> => {
  const given = [...Object.keys(ranges).map((name) => inputs[name]!), one];
  const own = stack.fields({ own: stream.width - given.length });
  const place = (position: number): number => given[position] ?? own.at('own', position - given.length);
  const blocks = network.layers.map((layer) => (layer as Residual).layer as MambaBlock);
  stack.add((width) =>
    blocks.map((block) => ({
      ...block,
      inProj: relocated(block.inProj, { columns: width, column: place }),
      outProj: relocated(block.outProj, { rows: width, row: place }),
    })),
  );
  return Object.fromEntries(Object.keys(outputs).map((name) => [name, place(stream.at(name))]));
};
