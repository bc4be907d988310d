/** A Mamba block written channel by channel: linear forms of the residual stream in, weights on the stream out. */
import type { MambaBlock } from './layer.ts';
import { MatrixBuilder, type Form } from './matrix.ts';

export interface Channel {
  /** u = SiLU(x), a form of the stream, enters the scan and the projections. */
  readonly x: Form;
  /** The channel's y is multiplied by SiLU(gate), a form of the stream. Absent: 0, for channels that only feed x_proj. */
  readonly gate?: Form;
  /** The channel's part of the output: weights by component of the stream. */
  readonly out?: Form;
  /** D: y = ⟨h, C⟩ + D u. 0 if absent. */
  readonly skip?: number;
  /** dt = softplus(bias + Σ weight · step row): the bias, 0 if absent, and the weights by row of rank. */
  readonly stepBias?: number;
  readonly step?: Form;
  /** A = −e^ALog for every state entry of the channel; 0 if absent. */
  readonly ALog?: number;
}

/** The projections of x_proj that forms of the channels may be written to. */
export type Projection = 'step' | 'key' | 'query';

export class MambaBuilder {
  readonly #hidden: number;
  readonly #states: number;
  readonly #rank: number;
  readonly #channels: Channel[] = [];
  readonly #projections: { to: Projection; row: number; form: Form }[] = [];

  /** `hidden`: width of the stream. A block has at least one state and one row of rank, used or not. */
  constructor(hidden: number, { states = 1, rank = 1 }: { readonly states?: number; readonly rank?: number } = {}) {
    this.#hidden = hidden;
    this.#states = states;
    this.#rank = rank;
  }

  /** Adds a channel and returns its number, by which projections refer to it. */
  channel(channel: Channel): number {
    return this.#channels.push(channel) - 1;
  }

  /** Row `row` of the steps' low-rank input, of B (key) or of C (query), as a form of the channels' SiLU(x). */
  project(to: Projection, row: number, form: Form): this {
    this.#projections.push({ to, row, form });
    return this;
  }

  build(): MambaBlock {
    const inner = this.#channels.length;
    const [states, rank] = [this.#states, this.#rank];
    const inProj = new MatrixBuilder(2 * inner, this.#hidden);
    const dtProj = new MatrixBuilder(inner, rank);
    const ALog = new MatrixBuilder(inner, states);
    const outProj = new MatrixBuilder(this.#hidden, inner);
    this.#channels.forEach(({ x, gate, out, step, ALog: logarithm }, at) => {
      for (const [component, weight] of x) inProj.set(at, component, weight);
      for (const [component, weight] of gate ?? []) inProj.set(inner + at, component, weight);
      for (const [component, weight] of out ?? []) outProj.set(component, at, weight);
      for (const [row, weight] of step ?? []) dtProj.set(at, row, weight);
      if (logarithm !== undefined) for (let n = 0; n < states; n++) ALog.set(at, n, logarithm);
    });
    const xProj = new MatrixBuilder(rank + 2 * states, inner);
    const first = { step: 0, key: rank, query: rank + states };
    const rows = { step: rank, key: states, query: states };
    for (const { to, row, form } of this.#projections) {
      if (!(row >= 0 && row < rows[to])) throw new RangeError(`expected a ${to} row below ${rows[to]}, got ${row}`);
      for (const [channel, weight] of form) xProj.set(first[to] + row, channel, weight);
    }
    return {
      kind: 'mamba',
      inProj: inProj.build(),
      convolution: { kind: 'convolution', channels: inner, taps: 1, weight: new Float64Array(inner).fill(1) },
      xProj: xProj.build(),
      dtProj: dtProj.build(),
      dtBias: Float64Array.from(this.#channels, ({ stepBias }) => stepBias ?? 0),
      ALog: ALog.build(),
      D: Float64Array.from(this.#channels, ({ skip }) => skip ?? 0),
      outProj: outProj.build(),
    };
  }
}

/** A block without memory: C ≡ 0 and D = 1, so that each channel adds SiLU(x)·SiLU(gate) times its weights. */
export const memorylessBlock = (
  hidden: number,
  channels: readonly Required<Pick<Channel, 'x' | 'gate' | 'out'>>[],
): MambaBlock => {
  const builder = new MambaBuilder(hidden);
  for (const channel of channels) builder.channel({ ...channel, skip: 1 });
  return builder.build();
};
