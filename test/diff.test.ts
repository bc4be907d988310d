/** What `diff` says of two result files. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Results } from '../src/claim/result.ts';
import { inProcess, temporaryFolder, type Run } from './cli.ts';

const check = async (): Promise<Results> => {
  const args = ['check', 'T1.gap', 'T1.converse', '--profile', 'quick', '--jobs', '1', '--json'];
  return JSON.parse((await inProcess([...args, '--out', temporaryFolder()])).stdout) as Results;
};

/** Compares a result file with what `change` makes of it. */
const diff = async (
  results: Results,
  change: (results: Results) => void,
  options: readonly string[] = [],
): Promise<Run & { changes: Record<string, unknown>[] }> => {
  const folder = temporaryFolder();
  const changed = structuredClone(results);
  change(changed);
  const [before, after] = [join(folder, 'before'), join(folder, 'after')];
  mkdirSync(before);
  writeFileSync(join(before, 'results.json'), JSON.stringify(results));
  writeFileSync(after, JSON.stringify(changed)); // a folder and a file
  const run = await inProcess(['diff', before, after, ...options]);
  const { equal, changes } = JSON.parse((await inProcess(['diff', before, after, '--json', ...options])).stdout) as {
    equal: boolean;
    changes: Record<string, unknown>[];
  };
  expect([run.code, equal, changes.length > 0]).toEqual(run.code === 0 ? [0, true, false] : [1, false, true]);
  return { ...run, changes };
};

it('tells when and how long apart from everything else', async () => {
  const results = await check();
  const { code, stdout } = await diff(results, (r) => {
    r.startedAt = 'later';
    r.claims[0]!.seconds = 99;
  });
  expect([code, stdout]).toEqual([0, 'no differences\n']);
});

it('names what changed: the run, claims, cells and tables', async () => {
  const results = await check();
  const [converse, gap] = results.claims;
  const cell = 'T1.gap quantity=error a_min=0.5 L=8 N=16 delta=0.01 eps=0.1 M=1 ';
  const cases: [string, (r: Results) => void, Record<string, unknown>[]][] = [
    ['a seed', (r) => (r.seed = 2), [{ where: 'run', what: 'seed', before: 1, after: 2 }]],
    ['no claim', (r) => r.claims.shift(), [{ where: 'T1.converse', what: 'removed' }]],
    ['a new claim', (r) => r.claims.push({ ...converse!, tag: 'T9.new' }), [{ where: 'T9.new', what: 'added' }]],
    [
      'a verdict',
      (r) => {
        r.claims[1]!.verdict = 'refuted';
        r.claims[1]!.cells[0]!.verdict = 'refuted';
      },
      [
        { where: 'T1.gap', what: 'verdict', before: 'holds', after: 'refuted' },
        { where: expect.stringContaining(cell), what: 'verdict', before: 'holds', after: 'refuted' },
      ],
    ],
    [
      'evidence and numbers',
      (r) =>
        Object.assign(r.claims[1]!.cells[0]!, {
          evidence: 'certified',
          worst: 0.25,
          tightness: null,
          bound: 'Infinity',
        }),
      ['bound', 'worst', 'tightness', 'evidence'].map(
        (what) => expect.objectContaining({ what }) as Record<string, unknown>,
      ),
    ],
    ['no cell', (r) => r.claims[1]!.cells.shift(), [{ where: expect.stringContaining(cell), what: 'removed' }]],
    [
      'a table entry',
      (r) => (r.measurements[0]!.rows[1]![3] = 'Infinity'),
      [{ where: 'T1.gap.thresholds', what: 'row 2, delta', before: 0.01, after: 'Infinity' }],
    ],
    [
      'a shorter table',
      (r) => r.measurements[0]!.rows.pop(),
      [{ where: 'T1.gap.thresholds', what: 'rows', before: 2, after: 1 }],
    ],
    [
      'another column',
      (r) => (r.measurements[0]!.columns[0]!.unit = 's'),
      [expect.objectContaining({ where: 'T1.gap.thresholds', what: 'columns' }) as Record<string, unknown>],
    ],
    ['no table', (r) => r.measurements.shift(), [{ where: 'T1.gap.thresholds', what: 'removed' }]],
  ];
  expect(gap!.cells[0]!.verdict).toBe('holds');
  for (const [name, change, expected] of cases) {
    const { changes, stdout } = await diff(results, change);
    expect([name, changes]).toEqual([name, expected]);
    expect(stdout).toContain(`${expected.length} difference`);
    for (const { what } of changes) expect(stdout).toContain(what);
  }
});

it('takes numbers within the tolerance as the same', async () => {
  const results = await check();
  const by = (factor: number) => (r: Results) => {
    r.claims[0]!.cells[0]!.worst *= factor;
    r.measurements[0]!.rows[0]![0] = (r.measurements[0]!.rows[0]![0] as number) * factor;
  };
  expect((await diff(results, by(1 + 1e-13))).code).toBe(0);
  const tiny = structuredClone(results);
  tiny.claims[0]!.cells[0]!.worst = 1e-30;
  expect((await diff(tiny, (r) => (r.claims[0]!.cells[0]!.worst = 2e-30))).changes).toHaveLength(1);
  expect((await diff(results, by(1 + 1e-11))).changes).toHaveLength(2);
  expect((await diff(results, by(1 + 1e-11), ['--tolerance', '1e-9'])).code).toBe(0);
  expect((await diff(results, by(1 + 1e-13), ['--tolerance', '0'])).changes).toHaveLength(2);
});

it('cuts a long list short, and gives all of it as JSON', async () => {
  const results = await check();
  const { stdout, changes } = await diff(results, (r) => {
    const [cell] = r.claims[1]!.cells;
    r.claims[1]!.cells.push(...Array.from({ length: 60 }, (_, N) => ({ ...cell!, params: { ...cell!.params, N } })));
  });
  // One of them is there already.
  expect(changes).toHaveLength(59);
  expect(stdout).toContain('… and 9 more; --json lists them all\n59 differences\n');
  expect(stdout.split('\n')).toHaveLength(53);
});

it('refuses bad input in one line', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'results.json');
  writeFileSync(file, JSON.stringify(await check()));
  const refused: [string[], RegExp][] = [
    [[folder, join(folder, 'nowhere')], /nowhere\/results\.json to be a readable file/],
    [[folder, 'package.json'], /package\.json: schema to be present/],
    [[folder, folder, '--tolerance', '-1'], /`--tolerance` to be a number in \[0, 1\), got -1/],
    [[folder, folder, '--tolerance', ''], /got nothing/],
  ];
  for (const [args, message] of refused) {
    const { code, stdout, stderr } = await inProcess(['diff', ...args]);
    expect(stderr).toMatch(message);
    expect([code, stdout, stderr.trimEnd().split('\n').length]).toEqual([2, '', 1]);
  }
});
