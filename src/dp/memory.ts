/** How much memory a machine takes while it is built, before it is: its inner channels, which grow with the states. */
import type { Layer } from '../network/layer.ts';
import { buildMachine } from './machine.ts';
import { statesWithin, type DpOptions } from './setting.ts';
import type { DpProblem } from './specification.ts';

/** Sizes at which channels are counted; from there on they grow as the states do, or less. */
const [SMALL, LARGER] = [3, 6];
/** Peak bytes for each channel: rows of five matrices, and those of the compiled ones beside them (measured: 9 to 17 kB). */
const BYTES = 16_000;

const channelsOf = (layer: Layer): number => {
  switch (layer.kind) {
    case 'mamba':
      return layer.outProj.columns;
    case 'linear-attention':
      return layer.key.rows;
    case 'residual':
      return channelsOf(layer.layer);
    case 'sequential':
      return layer.layers.reduce((sum, part) => sum + channelsOf(part), 0);
    default:
      return 0;
  }
};

/** Peak bytes for a machine, about: the channels of a small one, and those for each further state. */
export const bytesFor = (problem: DpProblem, options: DpOptions): number => {
  const { most } = options.limits;
  const at = (size: number) => {
    const cut = Object.fromEntries(Object.entries(most).map(([name, value]) => [name, Math.min(size, value)]));
    const machine = buildMachine(problem, { ...options, limits: { ...options.limits, most: cut } });
    return { channels: channelsOf(machine.network), states: machine.states };
  };
  const [small, larger] = [at(SMALL), at(LARGER)];
  const perState = (larger.channels - small.channels) / Math.max(1, larger.states - small.states);
  return BYTES * (larger.channels + perState * (statesWithin(problem, options) - larger.states));
};
