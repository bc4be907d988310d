/** mambound assume on instance files. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inProcess, mambound, temporaryFolder } from './cli.ts';

const HOLDS = 'test/instances/holds.json';
const BROKEN = 'test/instances/broken.json';

interface Output {
  N: number;
  m: number;
  d: number;
  window: number;
  rho: number | string | null;
  delta: number | string | null;
  M: number | string;
  parts: Record<'gap' | 'scale' | 'values', { holds: boolean; i?: number; j?: number; reason?: string }>;
  thresholds: { overall: object; perPosition: object[] };
  hypothesis?: object;
  rows: { matching?: number[] }[];
}

const run = async (...args: string[]): Promise<{ code: number | null; output: Output }> => {
  const { code, stdout } = await inProcess(['assume', ...args, '--json']);
  return { code, output: JSON.parse(stdout) as Output };
};

type Instance = Record<'a' | 'pos', unknown[]> & Record<'b' | 'c' | 'v', unknown[][]>;

/** The instance that satisfies everything, with something changed. */
const changed = (change: (instance: Instance) => object): string => {
  const file = join(temporaryFolder(), 'instance.json');
  const instance = JSON.parse(readFileSync(HOLDS, 'utf8')) as Instance;
  writeFileSync(file, JSON.stringify({ ...instance, ...change(instance) }));
  return file;
};
const text = (content: string): string => {
  const file = join(temporaryFolder(), 'instance.json');
  writeFileSync(file, content);
  return file;
};

describe('an instance that satisfies Assumption 1', () => {
  it('holds, with all its numbers', async () => {
    const { code, output } = await run(HOLDS, '--window', '3');
    expect(code).toBe(0);
    expect(output).toMatchObject({
      N: 6,
      m: 6,
      d: 2,
      window: 3,
      rho: 1,
      delta: 0,
      M: 1,
      parts: { gap: { holds: true }, scale: { holds: true }, values: { holds: true } },
      thresholds: { overall: { delta: 0, rho: 1 } },
      hypothesis: { eps: 0.1, aMin: 0.8, uniform: 0, possible: 0, own: 2 },
    });
    expect(output.thresholds.perPosition).toEqual([1, 2, 3, 4, 5, 6].map((i) => ({ i, delta: 0, rho: 1 })));
    expect(output.rows[4]).toEqual({
      i: 5,
      pos: 3,
      matching: [3],
      score: 1,
      other: 0,
      mass: 0.765,
      alpha: 0.765,
      hypothesis: { own: false, uniform: false, possible: false },
    });
  });

  it('says so, and where M came from', async () => {
    const { code, stdout } = await mambound(['assume', HOLDS, '--window', '3']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^N = 6, window L = 3, δ = 0, ρ = 1, M = 1\n/);
    expect(stdout).toMatch(/^A1\.gap +holds +\|S_i\| is 1$/m);
    expect(stdout).toMatch(/^A1\.scale +holds +largest mass 1 at i = 1$/m);
    expect(stdout).toMatch(/^A1\.values +holds +M taken from the records$/m);
    expect((await inProcess(['assume', HOLDS, '--bound-M', '2'])).stdout).toMatch(/^A1\.values +holds$/m);
  });

  it('takes thresholds as typed', async () => {
    const { code, output } = await run(HOLDS, '--rho', '2/3', '--delta', '0.3', '--bound-M', '1', '--eps', '2');
    expect(code).toBe(0);
    expect(output).toMatchObject({ rho: '2/3', delta: 0.3, M: 1, hypothesis: { eps: 2, uniform: 6, possible: 6 } });
  });
});

describe('an instance with a planted violation', () => {
  it('is broken at given thresholds: part, i and j', async () => {
    const { code, output } = await run(BROKEN, '--window', '4', '--rho', '0.9', '--delta', '0.1');
    expect(code).toBe(1);
    const reason = 'j = 2 is in S_7 but outside the window {4..7}: |s| = 1 ≥ ρ = 0.9';
    expect(output.parts).toEqual({
      gap: { holds: false, i: 7, j: 2, reason },
      scale: { holds: true },
      values: { holds: true },
    });
    expect(output.rows[6]!.matching).toEqual([2, 5]);
    const { stdout } = await inProcess(['assume', BROKEN, '--window', '4', '--rho', '0.9', '--delta', '0.1']);
    expect(stdout).toContain(`A1.gap      broken  at i = 7: ${reason}\n`);
  });

  it('is broken without thresholds: there are none for all positions', async () => {
    const { code, output } = await run(BROKEN, '--window', '4');
    expect(code).toBe(1);
    expect(output.parts.gap).toMatchObject({ holds: false, i: 7, j: 2 });
    expect(output).toMatchObject({ rho: null, delta: null });
    const reason = 'j = 2 at i = 7, outside the window {4..7}, has |s| = 1 ≥ 1 of pos(7) = 5';
    expect(output.thresholds.perPosition[6]).toEqual({ i: 7, j: 2, reason });
    expect(output.rows[6]!.matching).toBeUndefined();
  });

  it('holds in a window that takes the planted key in', async () => {
    expect((await run(BROKEN, '--window', '6')).code).toBe(0);
  });

  it.each<[string, (instance: Instance) => object, string[], object]>([
    [
      'the scale',
      ({ a }) => ({ a: a.map(() => 1), c: [[2, 0, 0, 0, 0, 0], ...Array<number[]>(5).fill([1, 0, 0, 0, 0, 0])] }),
      ['--window', '9'],
      { scale: { i: 1, reason: 'Σ|w| = 2 > 1' } },
    ],
    [
      'the records',
      () => ({}),
      ['--bound-M', '0.9'],
      { values: { j: 1, reason: 'component 2 of v_1 has |v| = 1 > M = 0.9' } },
    ],
  ])('%s', async (_, change, args, parts) => {
    const { code, output } = await run(changed(change), ...args);
    expect(code).toBe(1);
    expect(output.parts).toMatchObject(parts);
  });
});

describe('thresholds', () => {
  it('can be typed back as they were printed', async () => {
    // δ is the double 0.1, above 0.1; ρ is 0.1 + 0.2 of doubles, below the nearest double.
    const file = changed(() => ({
      a: [1, 1, 1],
      b: [
        [0.1, 0.2],
        [0.1, 0],
        [0.7, 0],
      ],
      c: [
        [1, 1],
        [1, 1],
        [1, 1],
      ],
      v: [[1], [1], [1]],
      pos: [1, 1, 3],
    }));
    const { output } = await run(file);
    expect(output).toMatchObject({ delta: 0.1 + 2 ** -56, rho: 0.1 + 0.2 - 2 ** -54 });
    const again = await run(file, '--rho', String(output.rho), '--delta', String(output.delta));
    expect(again.output).toEqual(output);
  });

  it('are exact where no double lies between them', async () => {
    const tiny = 2 ** -70;
    const file = changed(() => ({
      a: [1, 1],
      b: [
        [1, 0],
        [1, tiny],
      ],
      c: [
        [1, 1],
        [1, 1],
      ],
      v: [[1], [1]],
      pos: [1, 2],
    }));
    const { output } = await run(file, '--delta', '1');
    expect(output).toMatchObject({ delta: 1, rho: `${2n ** 70n + 1n}/${2n ** 70n}` });
    const again = await run(file, '--delta', '1', '--rho', String(output.rho));
    expect(again.output.rows).toEqual(output.rows);
  });
});

describe('edge cases', () => {
  it('takes one position, and a window beyond it', async () => {
    const file = changed(() => ({ a: [0], b: [[0.5]], c: [[1]], v: [[-3]], pos: [1] }));
    const { code, output } = await run(file, '--window', '9');
    expect(code).toBe(0);
    expect(output).toMatchObject({ N: 1, m: 1, d: 1, window: 1, delta: 0, rho: 0.5, M: 3, hypothesis: { aMin: 1 } });
    expect(output.rows).toMatchObject([{ other: null, mass: 0.5, alpha: 1 }]);
  });

  it('has no hypothesis of T1.mass where all records are 0', async () => {
    const { code, output } = await run(changed(({ v }) => ({ v: v.map(() => [0]) })));
    expect([code, output.M, output.hypothesis]).toEqual([0, 0, undefined]);
  });

  it('writes an infinite score as text', async () => {
    const { output } = await run(changed(({ a }) => ({ a: a.map(() => 0) })));
    expect(output.hypothesis).toMatchObject({ uniformScore: 'Infinity', uniform: 0 });
  });
});

describe('--out', () => {
  it('writes the table and the map, and nothing without it', async () => {
    const out = temporaryFolder();
    const { stdout } = await inProcess(['assume', HOLDS, '--window', '3', '--out', out]);
    expect(stdout).toMatch(new RegExp(`\n5 files in ${out}\n$`));
    const files = ['assume-weights.csv', 'assume-weights.svg', 'assume-weights.tex', 'assume.csv', 'assume.tex'];
    expect(readdirSync(out).sort()).toEqual(files);
    expect(readFileSync(join(out, 'assume.csv'), 'utf8')).toMatch(
      /^i,pos,\|S_i\|,score,largest other,mass,alpha\r\n1,1,1,1,,1,1\r\n2,1,1,1,0,0\.8,0\.8\r\n/,
    );
    expect(readFileSync(join(out, 'assume-weights.csv'), 'utf8')).toMatch(
      /^position i,position j,weight w_ij\r\n1,1,1\r\n2,1,0\.8\r\n2,2,0\r\n/,
    );
    expect(readFileSync(join(out, 'assume-weights.tex'), 'utf8')).not.toContain('A cell stands for');
  });

  it('says how many positions a cell stands for', async () => {
    const N = 100;
    const file = changed(() => ({
      a: Array<number>(N).fill(0.5),
      b: Array<number[]>(N).fill([0.5]),
      c: Array<number[]>(N).fill([1]),
      v: Array<number[]>(N).fill([1]),
      pos: Array.from({ length: N }, (_, at) => at + 1),
    }));
    const out = temporaryFolder();
    expect((await inProcess(['assume', file, '--out', out])).code).toBe(0);
    expect(readFileSync(join(out, 'assume-weights.svg'), 'utf8')).toContain('A cell stands for 2 × 2 positions');
    expect(readFileSync(join(out, 'assume-weights.csv'), 'utf8').split('\r\n')).toHaveLength(1 + (50 * 51) / 2 + 1);
  });
});

describe('bad input', () => {
  const set = (name: 'b' | 'c' | 'v', at: number, row: unknown[]) => (instance: Instance) => ({
    [name]: instance[name].map((old, r) => (r === at ? row : old)),
  });
  it.each<[string, () => string[], RegExp]>([
    ['a missing file', () => ['/no/such/file.json'], /a readable file, got ENOENT/],
    ['no JSON', () => [text('a = 1')], /to be JSON, got text that ends or breaks/],
    ['an empty file', () => [text('')], /to be JSON, got an empty file/],
    ['no object', () => [text('1')], /to be an object, got 1/],
    ['a missing key', () => [text('{"a": [1]}')], /: b to be present, got nothing/],
    ['an unknown key', () => [changed(() => ({ w: 1 }))], /: w to be absent, got a value/],
    ['no position', () => [changed(() => ({ a: [] }))], /: a to be a list of at least 1, got a list of 0/],
    ['a ragged b', () => [changed(set('b', 2, [1, 2]))], /: b\[2\] to be a list of 6, like b\[0\], got a list of 2/],
    ['an empty key', () => [changed(set('b', 0, []))], /: b\[0\] to be a list of at least 1, got a list of 0/],
    ['a c of another m', () => [changed(set('c', 0, [1]))], /: c\[0\] to be a list of 6, like b\[0\], got a list of 1/],
    ['a ragged v', () => [changed(set('v', 5, [1]))], /: v\[5\] to be a list of 2, like v\[0\], got a list of 1/],
    ['a v of another N', () => [changed(() => ({ v: [[1]] }))], /: v to be a list of N = 6, like a, got a list of 1/],
    [
      'pos(i) > i',
      () => [changed(() => ({ pos: [1, 3, 1, 1, 1, 1] }))],
      /: pos\[1\] to be an integer in \[1, 2\], got 3/,
    ],
    [
      'pos(i) < 1',
      () => [changed(() => ({ pos: [1, 1, 0, 1, 1, 1] }))],
      /: pos\[2\] to be an integer in \[1, 3\], got 0/,
    ],
    [
      'a fractional pos',
      () => [changed(() => ({ pos: [1, 1.5, 1, 1, 1, 1] }))],
      /: pos\[1\] to be an integer.*got 1\.5/,
    ],
    ['a decay above 1', () => [changed(() => ({ a: [1, 1.1] }))], /: a\[1\] to be a number in \[0, 1\], got 1\.1/],
    ['a negative decay', () => [changed(() => ({ a: [-0.1] }))], /: a\[0\] to be a number in \[0, 1\], got -0\.1/],
    ['null', () => [changed(set('c', 1, [null]))], /: c\[1\]\[0\] to be a number, got null/],
    ['a text', () => [changed(set('v', 1, ['1']))], /: v\[1\]\[0\] to be a number, got "1"/],
    [
      'a number beyond float64',
      () => [text('{"a":[1],"b":[[1e999]],"c":[[1]],"v":[[1]],"pos":[1]}')],
      /: b\[0\]\[0\] to be a finite number, got Infinity/,
    ],
    [
      'scores beyond float64',
      () => [text('{"a":[1],"b":[[1e200]],"c":[[1e200]],"v":[[1]],"pos":[1]}')],
      /expected the score of i = 1, j = 1 to be at most 1e\+300, got Infinity/,
    ],
    [
      'too many positions',
      () => [changed(() => ({ a: Array<number>(5000).fill(1) }))],
      /: a to be a list of at most 4096, got a list of 5000/,
    ],
    ['--window 0', () => [HOLDS, '--window', '0'], /`--window` to be an integer ≥ 1, got 0/],
    ['--window text', () => [HOLDS, '--window', 'all'], /`--window` to be an integer ≥ 1, got all/],
    ['δ = ρ', () => [HOLDS, '--delta', '0.5', '--rho', '1/2'], /`--delta` to be below ρ = 1\/2, got 0\.5/],
    ['δ > ρ', () => [HOLDS, '--delta', '1', '--rho', '0.5'], /`--delta` to be below ρ = 0\.5, got 1/],
    ['δ < 0', () => [HOLDS, '--delta', '-0.1'], /`--delta` to be a number ≥ 0, got -0\.1/],
    ['ρ = 0', () => [HOLDS, '--rho', '0'], /`--rho` to be a number > 0, got 0/],
    ['--rho text', () => [HOLDS, '--rho', 'x'], /`--rho` to be a number > 0, got x/],
    ['--bound-M 0', () => [HOLDS, '--bound-M', '0'], /`--bound-M` to be a number > 0, got 0/],
    ['ε > 2M', () => [HOLDS, '--eps', '2.5'], /`--eps` to be a number in \(0, 2M\], got 2\.5/],
    ['ε = 0', () => [HOLDS, '--eps', '0'], /`--eps` to be a number > 0, got 0/],
    ['an empty --out', () => [HOLDS, '--out', ''], /`--out` to be a folder, got nothing/],
    ['no file', () => [], /missing required argument 'file'/],
  ])('%s: one line, exit code 2', async (_, args, message) => {
    const { code, stdout, stderr } = await inProcess(['assume', ...args()]);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect([code, stdout]).toEqual([2, '']);
  });

  it('writes nothing', async () => {
    const out = join(temporaryFolder(), 'out');
    await inProcess(['assume', changed(() => ({ pos: [2] })), '--out', out]);
    expect(existsSync(out)).toBe(false);
  });
});
