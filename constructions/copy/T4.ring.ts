/**
 * T4.ring: m slots for the last m records, each erased and written again when its turn comes. The weights are those of
 * T2.selective with N = m, and addresses taken modulo m. Source: docs/theory.md §5, T4.ring.
 */
import { defineMechanism } from '../../src/copy/mechanism.ts';
import { selectiveMemory } from './T2.selective.ts';

export const ringMemory = defineMechanism({
  ...selectiveMemory,
  tag: 'T4.ring',
  title: 'a ring of m slots addressed by the steps of a Mamba block',
  keeps: 'ring',
  partner: 'T2.selective',
});
