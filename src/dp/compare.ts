/** What a machine wrote, beside what the recursion says. */
import type { DpState } from './reference.ts';
import type { Chain, Step } from './run.ts';

/** What is wrong with a chain, beside the recursion. */
export interface Comparison {
  /** The largest |output − integer meant|, up to the first field that is wrong. */
  readonly worst: number;
  /** That field, or where the chain ends too early or too late. */
  readonly wrong?: string;
}

export const indexText = (index: Readonly<Record<string, number>>): string => `(${Object.values(index).join(', ')})`;

/** Compares step by step what was generated with what is meant, up to the first difference. */
export const compareChain = (
  { steps, end }: Chain,
  { states, answer }: { readonly states: readonly DpState[]; readonly answer: number },
): Comparison => {
  let worst = 0;
  const compare = (step: Step, meant: Readonly<Record<string, number>>): string | undefined => {
    for (const [name, value] of Object.entries(meant)) {
      const error = Math.abs(step.outputs[name]! - value);
      if (!(error <= worst)) worst = error;
      if (step.fields[name] !== value) return `${name} = ${step.fields[name]} instead of ${value}`;
    }
    return undefined;
  };
  for (const [at, { index, number, value }] of states.entries()) {
    const step = steps[at];
    if (!step) return { worst: end ? worst : NaN, wrong: `it ends after ${at} of ${states.length} states` };
    const wrong = compare(step, { ...index, number, value, end: 0 });
    if (wrong !== undefined) return { worst, wrong: `state ${indexText(index)} has ${wrong}` };
  }
  if (!end || steps.length > states.length)
    return { worst, wrong: `it does not end after the last of the ${states.length} states` };
  const wrong = compare(end, { end: 1, answer });
  return wrong === undefined ? { worst } : { worst, wrong: `the last token has ${wrong}` };
};
