/** What the README and the docs show is what the commands print. */
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import * as library from '../src/index.ts';
import { loadProject, runClaims } from '../src/index.ts';
import { mambound } from './cli.ts';

interface Shown {
  readonly command: string;
  readonly code: number;
  readonly lines: readonly string[];
}

/** Commands with the lines shown below them, from ```console blocks; "# exit code 1" behind a command is its exit code. */
const shownIn = (file: string): Shown[] =>
  [...readFileSync(file, 'utf8').matchAll(/```console\n(.*?)```/gs)].flatMap(([, block]) =>
    block!
      .split(/^\$ npx mambound /m)
      .slice(1)
      .map((part) => {
        const [first, ...lines] = part.trimEnd().split('\n');
        const [command, note] = first!.split('#');
        return { command: command!.trim(), code: Number(/exit code (\d)/.exec(note ?? '')?.[1] ?? 0), lines };
      }),
  );

/** The exit code of a command that was refused, with one line on stderr. */
const BAD_INPUT = 2;

const words = (command: string): string[] =>
  [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
/** Times differ from run to run, and so does white space where a column is wider. */
const plain = (line: string): string =>
  line
    .replace(/\d+\.\d s$/, '')
    .replace(/\s+/g, ' ')
    .trim();

/** A folder of their own to run in, so that nobody's reports/out is overwritten; the README's paths exist in it. */
const folder = mkdtempSync(join(tmpdir(), 'mambound-docs-'));
for (const name of ['test', 'examples']) symlinkSync(resolve(name), join(folder, name));
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(['README.md', 'docs/dp.md'])('%s', (file) => {
  it.each(shownIn(file).map((shown) => [shown.command, shown] as const))('%s', async (_, { command, code, lines }) => {
    const run = await mambound(words(command), { cwd: folder });
    expect(run.code).toBe(code);
    if (code !== BAD_INPUT) expect(run.stderr).toBe('');
    const printed = new Set(run.stdout.split('\n').map(plain));
    expect(lines.filter((line) => !printed.has(plain(line)))).toEqual([]);
  });

  it('names only files that exist', () => {
    const links = [...readFileSync(file, 'utf8').matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, target]) => target!);
    expect(links.length).toBeGreaterThan(0);
    for (const target of links)
      expect(() => readFileSync(join(dirname(file), target.replace(/\/?$/, '')))).not.toThrow(/ENOENT/);
  });
});

describe('docs/extending.md', () => {
  it('shows a script that runs', async () => {
    const script = /```ts\nimport .*\n\n([^]*?)console/.exec(readFileSync('docs/extending.md', 'utf8'))![1]!;
    const run = new Function('loadProject', 'runClaims', `return (async () => { ${script} return results; })()`) as (
      ...library: unknown[]
    ) => Promise<{ claims: { verdict: string }[] }>;
    const { claims } = await run(loadProject, runClaims);
    expect(claims.map(({ verdict }) => verdict)).toEqual(claims.map(() => 'holds'));
  });
});

describe('docs/circuits.md', () => {
  it('shows code that runs and numbers that hold', () => {
    const blocks = [...readFileSync('docs/circuits.md', 'utf8').matchAll(/```ts\n([^]*?)```/g)].map(
      ([, code]) => code!,
    );
    const script = blocks
      .join('\n')
      .replaceAll(/^import .*$/gm, '')
      .replaceAll("')!", "')");
    const names = ['circuit', 'compileCircuit', 'float64', 'runCircuit', 'searchCircuit', 'arithmeticByName'] as const;
    const run = new Function(
      ...names,
      `${script
        .replace('runCircuit(', 'const shown = runCircuit(')
        .replace('searchCircuit(', 'const found = searchCircuit(')
        .replace('searchCircuit(low', 'const foundLow = searchCircuit(low')}
      return { built, shown, found, low, foundLow };`,
    ) as (
      ...given: unknown[]
    ) => Record<'built' | 'low', library.Circuit> & Record<'found' | 'foundLow', number> & { shown: ArrayLike<number> };
    const { built, shown, found, low, foundLow } = run(...names.map((name) => library[name]));
    expect(foundLow).toBeLessThanOrEqual(low.bound);
    expect(built.bound).toBeLessThanOrEqual(1e-6);
    [0.5, 8.5].forEach((value, at) => expect(Math.abs(shown[at]! - value)).toBeLessThanOrEqual(built.bound));
    expect(found).toBeGreaterThan(built.bound / 2);
    expect(found).toBeLessThanOrEqual(built.bound);
  });
});
