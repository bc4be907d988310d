/** Columns for the symbols of docs/theory.md, named alike in every table. */
import type { TableColumn } from './model.ts';

const TEX = {
  a_min: '$a_{\\min}$',
  L: '$L$',
  N: '$N$',
  n: '$n$',
  m: '$m$',
  d: '$d$',
  D: '$D$',
  M: '$M$',
  δ: '$\\delta$',
  ε: '$\\varepsilon$',
} as const;

export const symbols = (...names: readonly (keyof typeof TEX)[]): TableColumn[] =>
  names.map((name) => ({ name, tex: TEX[name] }));
