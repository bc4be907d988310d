/** The commands: results, exit codes, repeatability, interruption. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inProcess, mambound, temporaryFolder } from './cli.ts';

const json = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;

/** Results without what may differ between two runs. */
const timeless = (text: string): unknown =>
  JSON.parse(text, (key, value: unknown) => (key === 'startedAt' || key === 'seconds' ? undefined : value)) as unknown;

describe('check', () => {
  const quick = ['check', '--profile', 'quick', '--json'];
  const here = [...quick, '--jobs', '1'];

  it('holds, and gives the same file for the same seed, whatever the number of workers', async () => {
    const [one, two, again] = await Promise.all(
      ['1', '2', '2'].map((jobs) => mambound([...quick, '--seed', '5', '--jobs', jobs, '--out', temporaryFolder()])),
    );
    expect(one!.code).toBe(0);
    expect(timeless(two!.stdout)).toEqual(timeless(one!.stdout));
    expect(timeless(again!.stdout)).toEqual(timeless(two!.stdout));
    const other = await mambound([...quick, 'T1.gap', '--seed', '6', '--out', temporaryFolder()]);
    expect(timeless(other.stdout)).not.toEqual(timeless(one!.stdout));
  });

  it('writes what it prints, and nothing else', async () => {
    const out = temporaryFolder();
    const { stdout } = await inProcess([...here, 'T1.converse', '--out', out]);
    expect(readdirSync(out)).toEqual(['results.json']);
    expect(readFileSync(join(out, 'results.json'), 'utf8')).toBe(stdout);
  });

  it('takes groups, parameters and formats', async () => {
    const set = await inProcess([
      ...quick,
      'T1.gap',
      '--set',
      'L=2,3',
      '--set',
      'a_min=0.5',
      '--out',
      temporaryFolder(),
    ]);
    const cells = (json(set.stdout).claims as { cells: { params: Record<string, unknown> }[] }[])[0]!.cells;
    expect(cells.map(({ params }) => [params.quantity, params.a_min, params.L])).toEqual([
      ['error', 0.5, 2],
      ['score', 0.5, 2],
      ['error', 0.5, 3],
      ['score', 0.5, 3],
    ]);
    const formats = await inProcess([
      ...quick,
      'T2.ideal',
      '--set',
      'a=1',
      '--format',
      'fp16,p7',
      '--out',
      temporaryFolder(),
    ]);
    expect(formats.code).toBe(0);
    const seen = (json(formats.stdout).claims as { cells: { format: string }[] }[])[0]!.cells.map(
      ({ format }) => format,
    );
    expect(new Set(seen)).toEqual(new Set(['fp16', 'p7']));
    const group = await inProcess([...here, 'T1.*', '--out', temporaryFolder()]);
    expect((json(group.stdout).claims as { tag: string }[]).map(({ tag }) => tag)).toEqual([
      'T1.converse',
      'T1.gap',
      'T1.gap-signed',
      'T1.mass',
      'T1.range',
      'T1.softmax',
    ]);
  });

  it('prints a replay that leaves out what the cell leaves out', async () => {
    const bound = ['--quantity', 'deviation', '--bound', '1e-9', '--profile', 'quick'];
    const refuted = await inProcess([...here, 'P.bounds', ...bound, '--out', temporaryFolder()]);
    const { replay } = (json(refuted.stdout).claims as { replay: string }[])[0]!;
    expect(replay).toMatch(/ --set lambda= --set order= /);
    const settings = [...replay.matchAll(/--set (\S+)/g)].flatMap(([, setting]) => ['--set', setting!]);
    const again = await inProcess([...here, 'P.bounds', ...bound, ...settings, '--out', temporaryFolder()]);
    expect([refuted.code, again.code]).toEqual([1, 1]);
    expect((json(again.stdout).claims as { cells: unknown[] }[])[0]!.cells).toHaveLength(1);
  });

  it('decides what the rounding of float64 would hide', async () => {
    const { code, stdout } = await inProcess([...quick, 'T1.gap', '--set', 'eps=1e-20', '--out', temporaryFolder()]);
    expect(code).toBe(0);
    expect(json(stdout).claims).toMatchObject([{ verdict: 'holds', evidence: 'enclosed' }]);
  });
});

it('ends quietly where nobody reads on', async () => {
  expect(await mambound(['list'], { unread: true })).toEqual({ code: 0, stdout: '', stderr: '' });
});

describe('an early interrupt', () => {
  it('leaves the results of an earlier run alone, and exits with 130', async () => {
    const out = temporaryFolder();
    const file = join(out, 'results.json');
    writeFileSync(file, 'earlier');
    const before = process.listenerCount('SIGINT');
    const run = inProcess(['check', 'T1.gap', '--profile', 'quick', '--jobs', '1', '--out', out]);
    // Ctrl-C as soon as the run listens for it: it cannot have finished a claim of several cells by then.
    while (process.listenerCount('SIGINT') === before) await new Promise((next) => setImmediate(next));
    process.emit('SIGINT');
    const { code, stderr } = await run;
    expect([code, stderr]).toEqual([130, 'interrupted: no claim was finished, nothing was written\n']);
    expect(readFileSync(file, 'utf8')).toBe('earlier');
  });
});

describe('explain', () => {
  const at = (settings: Record<string, string>): string[] =>
    Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`]);

  it('gives T1.gap to 25 digits', async () => {
    const { stdout } = await inProcess([
      'explain',
      'T1.gap',
      ...at({ a_min: '0.9', N: '64', L: '16', delta: '0.01', eps: '0.1', M: '1' }),
      '--digits',
      '25',
      '--json',
    ]);
    // Computed apart, with Python's fractions.
    expect(json(stdout)).toMatchObject({
      threshold: '16.44817792427583616202186',
      c: '1.9',
      d: '7.22',
      bound: '0.1',
      worst: '0.1',
    });
  });

  it('takes r, i and s', async () => {
    const { stdout } = await inProcess([
      'explain',
      'T1.gap',
      ...at({ a_min: '0.7', L: '5', N: '9', r: '3', i: '8', s: '2', delta: '0.03', eps: '1/7', M: '2' }),
      '--digits',
      '25',
      '--json',
    ]);
    expect(json(stdout)).toMatchObject({
      threshold: '8.411720116618075801749271',
      c: '2.7',
      d: '0.54',
      bound: '0.53911157076911434553389',
      worst: '0.53911157076911434553389',
    });
  });

  it('gives an irrational bound to 100 digits', async () => {
    const { stdout } = await inProcess([
      'explain',
      'T2.attention',
      ...at({ N: '8', d: '1', M: '1', eps: '0.1' }),
      '--digits',
      '100',
      '--json',
    ]);
    // 2q/(1 + q) for the double β, with Python's decimal.
    expect(json(stdout).bound).toBe(
      '0.09756254008980116653748865220334410538030087292518954619099496644201385482920690009434713939767911947',
    );
  });

  it.each([{ delta: '0' }, { N: '1' }])('gives a worst case of 0 where nothing competes: %o', async (extra) => {
    const { stdout } = await inProcess([
      'explain',
      'T1.gap',
      ...at({ a_min: '1', N: '8', L: '4', delta: '0.01', eps: '0.1', M: '1', ...extra }),
      '--json',
    ]);
    expect(json(stdout)).toMatchObject({ threshold: '0', bound: '0', worst: '0' });
  });

  it('gives T1.gap-signed, and its unbounded worst case', async () => {
    const signed = async (extra: Record<string, string>) =>
      json(
        (
          await inProcess([
            'explain',
            'T1.gap-signed',
            ...at({ a_min: '0.7', L: '5', N: '9', delta: '0.03', eps: '1/7', M: '2', ...extra }),
            '--digits',
            '25',
            '--json',
          ])
        ).stdout,
      );
    expect(await signed({ r: '3', i: '8', s: '2' })).toMatchObject({
      threshold: '9.034810495626822157434402',
      c: '2.9',
      d: '0.58',
      bound: '0.7380598818938425941913872',
      worst: '0.7380598818938425941913872',
    });
    expect(await signed({ r: '3', i: '8' })).toMatchObject({
      bound: '0.1428571428571428571428571',
      worst: '0.1428571428571428571428571',
    });
    expect(await signed({ s: '0.01' })).toMatchObject({ bound: 'Infinity', worst: 'Infinity' });
  });

  it('describes every claim', async () => {
    const { claims } = json((await inProcess(['list', '--json'])).stdout) as { claims: { tag: string }[] };
    for (const { tag } of claims) {
      const { code, stdout } = await inProcess(['explain', tag]);
      expect([code, stdout.includes('quantifiers'), stdout.startsWith(tag)]).toEqual([0, false, true]);
    }
  });
});

describe('copy', () => {
  it('stays within its bound, and comes near it by the witness', async () => {
    const { code, stdout } = await inProcess(['copy', 'T2.block', '--n', '64', '--d', '2', '--eps', '1e-4', '--json']);
    const report = json(stdout) as {
      error: number;
      bound: number;
      worst: number;
      foundBy: string;
      found: Record<string, number>;
      verdict: string;
    };
    expect(code).toBe(0);
    expect(report.verdict).toBe('holds');
    expect(report.error).toBeLessThanOrEqual(report.bound);
    expect(report.bound).toBeLessThanOrEqual(1e-4);
    expect(report.worst / report.bound).toBeGreaterThan(0.9);
    expect(report.foundBy).toBe('witness');
    expect(report.found.search).toBeGreaterThan(0.8 * report.bound);
  });

  it.each([
    ['bf16', '256', '257', '2^8 = 256'],
    ['fp8-e4m3', '16', '17', '2^4 = 16'],
  ])('holds in %s up to N = %s and breaks at %s for P2', async (format, last, first, limit) => {
    const run = (n: string) => inProcess(['copy', 'T2.block', '--n', n, '--eps', '0.25', '--format', format, '--json']);
    expect((await run(last)).code).toBe(0);
    const { code, stdout } = await run(first);
    expect(code).toBe(1);
    expect(json(stdout).reason).toMatch(/^P2: /);
    expect(json(stdout).reason).toContain(limit);
  });

  it('says that rounding is at fault where ε lies below that of the weights', async () => {
    const { code, stdout } = await inProcess([
      'copy',
      'T2.block',
      '--n',
      '2',
      '--eps',
      '1e-17',
      '--format',
      'decimal40',
      '--json',
    ]);
    expect(code).toBe(1);
    expect(json(stdout).reason).toMatch(/rounding of the weights/);
  });
});

describe('vectors', () => {
  it.each(['scan', 'block', 'model'])('meets test/oracles/%s.json', async (name) => {
    const { code, stdout } = await inProcess(['vectors', `test/oracles/${name}.json`, '--json']);
    expect(code).toBe(0);
    expect(json(stdout).largest).toBeLessThanOrEqual(1e-12);
  });

  it('exits with 1 where a tensor differs', async () => {
    const file = join(temporaryFolder(), 'scan.json');
    const vectors = JSON.parse(readFileSync('test/oracles/scan.json', 'utf8')) as {
      cases: { expected: { y: { data: number[] } } }[];
    };
    vectors.cases[3]!.expected.y.data[0]! += 1e-9;
    writeFileSync(file, JSON.stringify(vectors));
    expect((await inProcess(['vectors', file])).code).toBe(1);
  });
});

describe('report', () => {
  it('writes every table and figure from a result file, byte for byte the same', async () => {
    const out = temporaryFolder();
    await inProcess([
      'check',
      '--set',
      'a_min=0.5,0.9',
      '--set',
      'L=1,4,8',
      '--set',
      'N=64',
      'T1.gap',
      '--profile',
      'quick',
      '--quiet',
      '--out',
      out,
    ]);
    const [first, second] = [temporaryFolder(), temporaryFolder()];
    for (const folder of [first, second])
      expect((await inProcess(['report', '--from', out, '--out', folder, '--quiet'])).code).toBe(0);
    const files = readdirSync(first).filter((name) => !name.endsWith('.pdf'));
    expect(files).toEqual(
      expect.arrayContaining([
        'T1-gap-thresholds.csv',
        'T1-gap-thresholds.tex',
        'verdicts.tex',
        'report.html',
        'report.tex',
      ]),
    );
    for (const name of files)
      expect(readFileSync(join(second, name), 'utf8')).toBe(readFileSync(join(first, name), 'utf8'));
  });

  it('writes only what was asked for, and exits with the verdict of the results', async () => {
    const out = temporaryFolder();
    await inProcess(['check', 'T1.converse', '--profile', 'quick', '--quiet', '--jobs', '1', '--out', out]);
    const file = join(out, 'results.json');
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('"verdict": "holds"', '"verdict": "undecided"'));
    const { code } = await inProcess([
      'report',
      '--from',
      out,
      '--out',
      join(out, 'tables'),
      '--only',
      'verdicts',
      '--quiet',
    ]);
    expect(code).toBe(1);
    expect(readdirSync(join(out, 'tables'))).toEqual(['verdicts.csv', 'verdicts.tex']);
  });
});

describe('bad input', () => {
  const foreign = (text: string): string => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'results.json'), text);
    return folder;
  };

  it.each<[string, () => string[], RegExp]>([
    ['an unknown command', () => ['chekc'], /unknown command 'chekc' \(Did you mean check\?\)/],
    ['an unknown option', () => ['check', '--sead', '1'], /unknown option '--sead' \(Did you mean --seed\?\)/],
    ['an unknown tag', () => ['check', 'T1.gpa'], /got T1\.gpa \(did you mean T1\.gap\?\)/],
    ['an empty group', () => ['check', 'Z*'], /expected a claim to be one of .*got Z\*/],
    ['an unknown construction', () => ['copy', 'T2.blok', '--n', '8'], /did you mean T2\.block\?/],
    ['no N', () => ['copy', 'T2.block'], /--n <N>/],
    ['N = 0', () => ['copy', 'T2.block', '--n', '0'], /expected `--n` to be an integer in \[1, 65536\], got 0/],
    ['a fractional N', () => ['copy', 'T2.block', '--n', '8.5'], /`--n` to be an integer.*got 8\.5/],
    [
      'weights beyond memory',
      () => ['copy', 'T2.slots', '--n', '60000', '--d', '4096'],
      /N·d is at most 262144, got 60000 and 4096/,
    ],
    ['a huge N', () => ['copy', 'T2.block', '--n', '1e30'], /`--n` to be an integer.*got 1e30/],
    [
      'an N that would run for hours',
      () => ['copy', 'T2.block', '--n', '40000'],
      /`--n` to be so small that a run takes at most 10000000000 multiply/,
    ],
    ['ε = 0', () => ['copy', 'T2.block', '--n', '8', '--eps', '0'], /expected `--eps` to be a number > 0, got 0/],
    [
      'ε beyond the construction',
      () => ['copy', 'T2.block', '--n', '8', '--eps', '1.5'],
      /`--eps` to be a number in \(0, M\] for T2\.block, got 1\.5/,
    ],
    [
      'ε beyond the claim',
      () => ['check', 'T1.gap', '--set', 'eps=3'],
      /`eps` of T1\.gap to be a number in \(0, 2M\], got 3/,
    ],
    ['no number', () => ['copy', 'T2.block', '--n', '8', '--eps', 'NaN'], /`--eps` to be a number > 0, got NaN/],
    [
      'an unknown format',
      () => ['copy', 'T2.block', '--n', '8', '--format', 'bf17'],
      /`--format` to be one of fp64, .*got bf17/,
    ],
    ['an unknown format among others', () => ['check', 'T2.ideal', '--format', 'bf16,bf17'], /got bf17/],
    [
      'a format that no cell can be stated in, among others',
      () => ['check', 'T2.count', '--set', 'model=growing', '--set', 'n=9', '--format', 'bf16,fp8-e4m3'],
      /`D` of T2\.count to be an alphabet whose states are counted/,
    ],
    ['p<k> out of range', () => ['check', 'T2.ideal', '--format', 'p54'], /got p54/],
    [
      'fp32 accumulation of a wide format',
      () => ['copy', 'T2.block', '--n', '8', '--format', 'fp64', '--accumulate', 'fp32'],
      /at most 24 bits, got fp64/,
    ],
    [
      'fp32 accumulation of a wide format in a claim',
      () => ['check', 'P2', '--accumulate', 'fp32', '--format', 'p30'],
      /`accumulate` of P2 to be own for p30 \(fp32 takes formats of at most 24 bits\), got fp32/,
    ],
    ['an unknown accumulation', () => ['check', 'P2', '--accumulate', 'fp16'], /`--accumulate` to be one of own, fp32/],
    ['accumulation where there is none', () => ['check', 'T1.gap', '--accumulate', 'fp32'], /got accumulate/],
    [
      'a format that cannot hold the weights',
      () => ['copy', 'T2.block', '--n', '100', '--eps', '0.25', '--format', 'fp8-e4m3'],
      /holds the weights of T2\.block \(lambda = 8, .*\), the largest of which is 808, got fp8-e4m3, whose largest number is 448/,
    ],
    ['an unknown parameter', () => ['check', 'T1.gap', '--set', 'lamda=3'], /a parameter of T1\.gap \(.*\), got lamda/],
    ['a parameter named like a built-in', () => ['explain', 'T1.gap', '--set', 'toString=3'], /got toString/],
    [
      'a number beyond float64',
      () => ['check', 'T1.gap', '--set', 'M=1e400'],
      /`M` to be within the range of normal doubles, got 1e400/,
    ],
    [
      'decays that leave the range of doubles',
      () => ['check', 'T1.gap', '--set', 'a_min=1e-50', '--set', 'L=6'],
      /`a_min` of T1\.gap to be so large that .* ≥ 1e-200, got 1e-50/,
    ],
    [
      'a leak below the rounding of the weights',
      () => ['check', 'T2.onehot', '--set', 'lambda=60'],
      /`lambda` of T2\.onehot to be a power of two, or so small/,
    ],
    [
      'r beyond the window',
      () => ['explain', 'T1.gap', '--set', 'L=4', '--set', 'r=4'],
      /`r` to be at most L − 1 = 3, got 4/,
    ],
    [
      'i beyond the length',
      () => ['explain', 'T1.gap', '--set', 'N=4', '--set', 'i=5'],
      /`i` to be at most N = 4, got 5/,
    ],
    [
      'ε > 2M in explain',
      () => ['explain', 'T1.gap', '--set', 'M=1', '--set', 'eps=3'],
      /`eps` to be a number in \(0, 2M\], got 3/,
    ],
    [
      'parameters of which nothing is claimed, in explain',
      () => [
        ...['explain', 'A1.rate', '--set', 'keys=mamba-init', '--set', 'positions=one', '--set', 'N=16'],
        ...['--set', 'm=64', '--set', 'delta=0.5', '--set', 'trials=100'],
      ],
      /claim A1\.rate to be stated at these parameters, got no quantity/,
    ],
    [
      'a format for a claim about real numbers only',
      () => ['check', 'T2.onehot', '--format', 'bf16'],
      /`--set`, `--format` or `--accumulate` to be a parameter of T2\.onehot \(g, lambda, N\), got format/,
    ],
    ['an empty --out', () => ['check', '--out', ''], /`--out` to be a folder, got nothing/],
    [
      'a setting without a value',
      () => ['check', 'T1.gap', '--set', 'L='],
      /`L` to be set \(an integer .*\), got nothing/,
    ],
    ['a list with a gap', () => ['check', 'T1.gap', '--set', 'L=2,,3'], /`--set` to be name=value.*got L=2,,3/],
    ['a seed that is no integer', () => ['check', '--seed', 'x'], /`--seed` to be an integer/],
    ['no workers', () => ['check', '--jobs', '0'], /`--jobs` to be an integer in \[1, 256\], got 0/],
    [
      'an unknown profile',
      () => ['check', '--profile', 'slow'],
      /`--profile` to be one of quick, standard, deep, got slow/,
    ],
    ['too few digits', () => ['explain', 'T1.gap', '--digits', '0'], /`--digits` to be an integer/],
    ['an unwritable --out', () => ['check', '--out', '/proc/nowhere'], /`--out` to be a folder that can be written/],
    [
      '--out below a file',
      () => ['report', '--out', join(foreign('{}'), 'results.json', 'x')],
      /`--out` to be a folder that can be written/,
    ],
    [
      'no results',
      () => ['report', '--from', temporaryFolder(), '--out', temporaryFolder()],
      /results\.json to be a readable file, got ENOENT/,
    ],
    ['empty results', () => ['report', '--from', foreign('')], /results\.json to be JSON, got an empty file/],
    [
      'truncated results',
      () => ['report', '--from', foreign('{"schema": 1, "claims": [')],
      /results\.json to be JSON, got text that ends or breaks/,
    ],
    [
      'foreign results',
      () => ['report', '--from', foreign('{"schema": 1, "name": "x"}')],
      /results\.json: mambound to be/,
    ],
    ['later results', () => ['report', '--from', foreign('{"schema": 99}')], /schema 1 at most, got schema 99/],
    [
      'an unknown table',
      () => ['report', '--from', foreign('{}'), '--only', 'T1-gap-threshold'],
      /did you mean T1-gap-thresholds\?/,
    ],
    ['a missing vector file', () => ['vectors', '/no/such/file.json'], /a readable file, got ENOENT/],
    [
      'a project that is no folder',
      () => ['list', '--project', '/no/such/folder'],
      /--project to be a folder, got \/no\/such\/folder/,
    ],
  ])('%s: one line, exit code 2', async (_, args, message) => {
    const { code, stdout, stderr } = await inProcess(args());
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect([code, stdout]).toEqual([2, '']);
  });

  it('makes no folder for a run that cannot start', async () => {
    const out = join(temporaryFolder(), 'out');
    await inProcess(['check', 'T1.gap', '--set', 'eps=3', '--out', out]);
    expect(existsSync(out)).toBe(false);
  });

  it('leaves nothing behind', async () => {
    const folder = temporaryFolder();
    await inProcess(['report', '--from', foreign('{'), '--out', join(folder, 'out')]);
    expect(existsSync(join(folder, 'out')) ? readdirSync(join(folder, 'out')) : []).toEqual([]);
  });
});
