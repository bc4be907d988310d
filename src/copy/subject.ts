/** A COPY construction as a network whose rounding is bounded before it runs, and then measured. */
import { at, within, type Subject, type TokenBox } from '../precision/deviation.ts';
import { asking, writePosition, type CopyModule } from './task.ts';

/** All records of size at most M, and every position asked for from where it stands: one sequence for each position. */
export const copySubject = (
  { network, token, output }: CopyModule,
  { N, d, M }: { readonly N: number; readonly d: number; readonly M: number },
): Subject => {
  const tokenBox = (i: number, pos: number): TokenBox => {
    const sides = Array.from({ length: token.width }, () => at(0));
    for (let k = 0; k < d; k++) sides[token.at('v', k)] = within(M);
    writePosition(token, i, pos, (place, value) => (sides[place] = at(value)));
    return sides;
  };
  return {
    network,
    sequences: Array.from({ length: N }, (_, p) => asking(N, p + 1).map((pos, before) => tokenBox(before + 1, pos))),
    outputs: Array.from({ length: d }, (_, k) => output + k),
  };
};
