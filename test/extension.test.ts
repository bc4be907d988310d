/** One file is enough: a construction, a claim or a table dropped into a folder appears in list, check, copy and report. */
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { mambound, temporaryFolder } from './cli.ts';

const MOST_LINES = 40;
const example = (name: string): string => join('examples', name);

it('finds a file by its folder', async () => {
  const project = temporaryFolder();
  for (const name of readdirSync('examples').filter((file) => file.endsWith('.ts'))) {
    expect(readFileSync(example(name), 'utf8').trimEnd().split('\n').length).toBeLessThan(MOST_LINES);
    copyFileSync(example(name), join(project, name));
  }
  const out = join(project, 'results');
  const use = ['--project', project];
  const listed = JSON.parse((await mambound(['list', '--json', ...use])).stdout) as Record<
    string,
    { tag?: string; id?: string }[]
  >;
  expect(listed.claims!.map(({ tag }) => tag)).toContain('EX.sum');
  expect(listed.constructions!.map(({ tag }) => tag)).toContain('EX.mean');
  expect(listed.reports!.map(({ id }) => id)).toContain('EX-claims');

  const check = await mambound(['check', 'EX.*', '--json', '--jobs', '2', '--out', out, ...use]);
  expect(check.code).toBe(0);
  const { claims } = JSON.parse(check.stdout) as { claims: { tag: string; verdict: string; cells: unknown[] }[] };
  expect(claims.map(({ tag, verdict, cells }) => [tag, verdict, cells.length])).toEqual([['EX.sum', 'holds', 3]]);

  expect((await mambound(['report', '--from', out, '--out', out, '--quiet', ...use])).code).toBe(0);
  expect(readFileSync(join(out, 'EX-claims.csv'), 'utf8')).toContain('EX.sum,3');
  expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('EX.sum');

  // Its bound is not within ε: the construction runs, and the exit code says so.
  const copy = await mambound(['copy', 'EX.mean', '--n', '8', '--json', ...use]);
  expect(copy.code).toBe(1);
  expect(JSON.parse(copy.stdout)).toMatchObject({
    bound: 1.75,
    foundBy: 'witness',
    reason: expect.stringContaining('own bound') as string,
  });
});

it('solves a problem dropped into a folder, checks it and reports it', async () => {
  const project = temporaryFolder();
  copyFileSync(example('max-subarray.ts'), join(project, 'mine.ts'));
  const out = join(project, 'results');
  const use = ['--project', project];
  const { problems } = JSON.parse((await mambound(['list', '--json', ...use])).stdout) as {
    problems: { name: string }[];
  };
  expect(problems.map(({ name }) => name)).toContain('max-subarray');
  const solved = await mambound(['dp', 'max-subarray', '3', '-4', '2', '5', '--copy', 'T4.ring', '--json', ...use]);
  expect([solved.code, JSON.parse(solved.stdout)]).toMatchObject([0, { answer: 7, table: [3, -1, 2, 7] }]);
  const asked = ['check', 'T3', 'A2', '--set', 'problem=max-subarray', '--set', 'n=3', '--profile', 'quick'];
  expect((await mambound([...asked, '--jobs', '2', '--out', out, ...use])).code).toBe(0);
  expect((await mambound(['report', '--from', out, '--out', out, '--quiet', ...use])).code).toBe(0);
  for (const table of ['dp-mechanisms', 'A2'])
    expect(readFileSync(join(out, `${table}.csv`), 'utf8')).toContain('max-subarray');
});

it('shows a refuted claim with a counterexample and the command that replays it', async () => {
  const project = temporaryFolder();
  const wrong = readFileSync(example('sum.ts'), 'utf8').replace('(1 - a^N)/(1 - a)', '0.8*(1 - a^N)/(1 - a)');
  writeFileSync(join(project, 'sum.ts'), wrong);
  const out = join(project, 'out');
  const { code, stdout } = await mambound([
    'check',
    'EX.sum',
    '--profile',
    'quick',
    '--json',
    '--out',
    out,
    '--project',
    project,
  ]);
  expect(code).toBe(1);
  const [claim] = (
    JSON.parse(stdout) as { claims: { verdict: string; witness: { point: unknown; path?: string }; replay: string }[] }
  ).claims;
  expect(claim!.verdict).toBe('refuted');
  const replayed = await mambound([...claim!.replay.split(' ').slice(2), '--json', '--out', out]);
  expect(
    (JSON.parse(replayed.stdout) as { claims: { witness: { point: unknown } }[] }).claims[0]!.witness.point,
  ).toEqual(claim!.witness.point);
});

it('names what is wrong with a file: an export that is no claim, a value thrown, a quantity that throws', async () => {
  const project = temporaryFolder();
  const file = join(project, 'mine.ts');
  const attempt = async (text: string, args: readonly string[]): Promise<unknown[]> => {
    writeFileSync(file, text);
    const { code, stderr } = await mambound([...args, '--project', project]);
    return [code, stderr.trimEnd().split('\n').length, stderr];
  };
  expect(await attempt("export const c = { kind: 'claim', tag: 'X' };", ['list'])).toEqual([
    2,
    1,
    expect.stringContaining('mine.ts: c.title'),
  ]);
  expect(await attempt('throw null;', ['list'])).toEqual([
    2,
    1,
    expect.stringContaining('a module that loads, got null'),
  ]);
  const throwing = readFileSync(example('sum.ts'), 'utf8').replace(
    'const machine =',
    "throw new Error('no machine'); const machine =",
  );
  expect(await attempt(throwing, ['check', 'EX.sum', '--jobs', '2', '--out', project])).toEqual([
    2,
    1,
    expect.stringMatching(/expected EX\.sum, size at .* to be measured, got no machine/),
  ]);
});

it('names the file that does not load, and a tag that is taken', async () => {
  const project = temporaryFolder();
  const file = join(project, 'broken.ts');
  writeFileSync(file, 'export const x = ;');
  const broken = await mambound(['list', '--project', project]);
  expect([broken.code, broken.stderr.includes(file), broken.stderr.trimEnd().split('\n').length]).toEqual([2, true, 1]);
  writeFileSync(file, readFileSync(example('sum.ts'), 'utf8').replace('EX.sum', 'T1.gap'));
  const taken = await mambound(['list', '--project', project]);
  expect([taken.code, /a claim T1\.gap of its own/.test(taken.stderr)]).toEqual([2, true]);
});
