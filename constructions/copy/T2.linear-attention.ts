/**
 * T2.linear-attention: linear attention without decay, whose one-hot keys and queries are marks of the scalars i and pos:
 *
 *   marks   λ e_k(i), λ e_k(pos): one gated channel of a memoryless block each
 *   head    key = marks of i, query = marks of pos, both times 1/λ; a state of N·d floats for each reader
 *
 * T2.ideal on positions. Source: docs/theory.md §3, T2.ideal and T2.mark.
 */
import { defineMechanism, toReader } from '../../src/copy/mechanism.ts';
import type { Layer } from '../../src/network/layer.ts';
import { matrixFromForms, type Form } from '../../src/network/matrix.ts';
import { addressMarks, breakOf, markBlock } from './marks.ts';
import { slotsConstants } from './T2.slots.ts';

export const linearAttentionMemory = defineMechanism({
  tag: 'T2.linear-attention',
  title: 'linear attention with one-hot keys for each reader',
  keeps: 'all',
  scratch: ({ N, reads }) => ({ writing: N, reading: reads * N }),
  layers: (memory, own, p) => {
    const { width, one, v, i, reads } = memory;
    const { N } = p;
    const { lambda } = slotsConstants(p);
    const writing = (k: number): number => own.at('writing', k);
    const reading = (at: number) => (k: number) => own.at('reading', at * N + k);
    const onehot = (mark: (k: number) => number) =>
      matrixFromForms(
        Array.from({ length: N }, (_, k): Form => [[mark(k), 1 / lambda]]),
        width,
      );
    const records = matrixFromForms(
      v.map((component): Form => [[component, 1]]),
      width,
    );
    const heads = reads.map((read, at): Layer => ({
      kind: 'sequential',
      layers: [
        {
          kind: 'linear-attention',
          key: onehot(writing),
          query: onehot(reading(at)),
          value: records,
          decay: 1,
          normalised: false,
        },
        toReader(memory, read),
      ],
    }));
    const marks = [
      ...addressMarks(i, N, writing),
      ...reads.flatMap(({ pos }, at) => addressMarks(pos, N, reading(at))),
    ];
    return [markBlock(width, one, lambda, marks), ...heads];
  },
  breaks: (p) => breakOf(p.format, p.N, { name: 'λ²', value: slotsConstants(p).lambda ** 2 }),
});
