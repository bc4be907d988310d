/** Text for people: colour and progress where there is a terminal, plain lines elsewhere. */

const colours = { holds: 32, refuted: 31, undecided: 33, dim: 2, bold: 1 } as const;
export type Colour = keyof typeof colours;

export const paint = (colour: Colour, text: string): string =>
  process.stdout.isTTY && !process.env.NO_COLOR ? `\u001b[${colours[colour]}m${text}\u001b[0m` : text;

export const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** Columns of text, each as wide as its widest entry. */
export const columns = (rows: readonly (readonly string[])[]): string => {
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map((row) => row[at]!.length))) ?? [];
  return rows
    .map((row) => row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at]!))).join('  '))
    .join('\n');
};

export const short = (x: number | null): string =>
  x === null ? '–' : Number.isInteger(x) && Math.abs(x) < 1e6 ? String(x) : x.toPrecision(5);

const clock = (seconds: number): string => {
  const whole = Math.round(seconds);
  const two = (x: number): string => String(x).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
};

/** Clears the line that says how far a run is. */
const CLEAR = '\r\u001b[K';

export interface Progress {
  readonly step: (done: number, total: number) => void;
  readonly end: () => void;
}

/**
 * A line on stderr that says how far a run is and how long it may still take; `before` tasks were done when it began,
 * and say nothing of its speed.
 */
export const progress = (quiet: boolean, before = 0): Progress => {
  if (quiet || !process.stderr.isTTY) return { step: () => undefined, end: () => undefined };
  const start = performance.now();
  return {
    step: (done, total) => {
      const left = ((performance.now() - start) / 1000 / (done - before)) * (total - done);
      process.stderr.write(`${CLEAR}${done} of ${total} tasks, about ${clock(left)} left`);
    },
    end: () => void process.stderr.write(CLEAR),
  };
};
