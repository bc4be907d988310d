/**
 * T4.window: a softmax head that sees the last m tokens copies what was written within m states; its cache has m rows.
 * The weights are those of T2.attention. Source: docs/theory.md §5, T4.
 */
import { defineMechanism } from '../../src/copy/mechanism.ts';
import { attentionLayers, attentionMemory } from './T2.attention.ts';

export const windowMemory = defineMechanism({
  ...attentionMemory,
  tag: 'T4.window',
  title: 'a softmax head for each reader, over the last m tokens',
  keeps: 'window',
  // A cache of all tokens would not be local: what is generated joins it.
  partner: 'T2.linear-attention',
  layers: (memory, own, p) => attentionLayers(memory, own, p, p.N),
});
