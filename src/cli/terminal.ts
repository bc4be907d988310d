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

const clock = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.round(seconds) % 60).padStart(2, '0')}`;

/** A line on stderr that says how far a run is and how long it may still take. */
export const progress = (quiet: boolean): ((done: number, total: number) => void) => {
  if (quiet || !process.stderr.isTTY) return () => undefined;
  const start = performance.now();
  return (done, total) => {
    const left = ((performance.now() - start) / 1000 / done) * (total - done);
    process.stderr.write(done === total ? '\r\u001b[K' : `\r\u001b[K${done}/${total} cells, about ${clock(left)} left`);
  };
};
