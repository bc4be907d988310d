/** Runs in parts, stopped, killed and gone on with: their results are those of a run in one piece. */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { progress } from '../src/cli/terminal.ts';
import { inProcess, temporaryFolder, type Run } from './cli.ts';

/** What the runs of these tests check: several claims, quantities and tables in a dozen tasks, in less than a second. */
const QUICK = ['check', 'T1.*', '--profile', 'quick', '--jobs', '1'];

const resultsIn = (folder: string): string => readFileSync(join(folder, 'results.json'), 'utf8');
/** A result file without what may differ between two runs; byte for byte otherwise. */
const timeless = (text: string): string => text.replace(/^ *"(startedAt|seconds)": .*\n/gm, '');

/** The results of a run in one piece. */
const inOnePiece = async (args: readonly string[] = QUICK): Promise<string> => {
  const out = temporaryFolder();
  await inProcess([...args, '--quiet', '--out', out]);
  return timeless(resultsIn(out));
};

const shard = (part: number, of: number, out: string, args: readonly string[] = QUICK): Promise<Run> =>
  inProcess([...args, '--quiet', '--shard', `${part}/${of}`, '--out', out]);

/** Runs every part of a run, each in its folder, and returns the folders. */
const shards = async (of: number, args: readonly string[] = QUICK): Promise<string[]> => {
  const folder = temporaryFolder();
  const parts = Array.from({ length: of }, (_, at) => join(folder, String(at + 1)));
  for (const [at, part] of parts.entries()) await shard(at + 1, of, part, args);
  return parts;
};

const merge = async (parts: readonly string[]): Promise<Run & { text: string }> => {
  const out = join(temporaryFolder(), 'merged');
  const run = await inProcess(['merge', ...parts, '--quiet', '--out', out]);
  return { ...run, text: existsSync(out) ? timeless(resultsIn(out)) : 'nothing' };
};

const expectRefused = ({ code, stdout, stderr }: Run, message: RegExp): void => {
  expect(stderr).toMatch(message);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect([code, stdout]).toEqual([2, '']);
};

describe('merged shards', () => {
  it.each([1, 2, 3, 20])('of %i parts are the results of one piece, in whatever order they are named', async (n) => {
    const parts = await shards(n);
    const merged = await merge(parts.reverse());
    expect([merged.code, merged.text]).toEqual([0, await inOnePiece()]);
  });

  const errors = ['check', 'T1.gap', '--profile', 'quick', '--quantity', 'error', '--jobs', '1'];

  it('hold a refuted cell with its instance and replay, and exit like it', async () => {
    const args = [...errors, '--bound', 'eps*a_min', '--set', 'a_min=0.9,1'];
    const merged = await merge(await shards(2, args));
    expect([merged.code, merged.text]).toEqual([1, await inOnePiece(args)]);
    expect(merged.text).toContain('"witness"');
  });

  it('say that they are shards: they exit by what they hold, and are no results', async () => {
    const folder = temporaryFolder();
    const codes: (number | null)[] = [];
    // Too small a bound at a_min = 0.5, large enough at 0.9; nothing is left for the third.
    for (const part of [1, 2, 3])
      codes.push((await shard(part, 3, join(folder, String(part)), [...errors, '--bound', '1.5*eps*a_min'])).code);
    expect(codes).toEqual([1, 0, 0]);
    const one = join(folder, '1');
    const whole = /1\/results\.json to be the results of a whole run, got a shard/;
    expectRefused(await inProcess(['report', '--from', one, '--out', join(folder, 'report')]), whole);
    expectRefused(await inProcess(['diff', one, one]), whole);
  });
});

describe('bad input', () => {
  it.each(['0/4', '5/4', '1/0', 'x', '1', '', '1/4/4', '-1/4', '1.5/4'])('--shard %j', async (text) => {
    const out = join(temporaryFolder(), 'out');
    expectRefused(await inProcess([...QUICK, '--shard', text, '--out', out]), /`--shard` to be i\/n with 1 ≤ i ≤ n/);
    expect(existsSync(out)).toBe(false);
  });

  it('merge: names what does not fit together, and writes nothing', async () => {
    const [one, two] = await shards(2);
    const other = temporaryFolder();
    const changed = (text: string): string => {
      const folder = join(other, String(Math.random()));
      mkdirSync(folder);
      writeFileSync(join(folder, 'results.json'), text);
      return folder;
    };
    const text = resultsIn(two!);
    const alone = ['check', 'T1.converse', '--profile', 'quick', '--jobs', '1'];
    const refusals: [string[], RegExp][] = [
      [[one!], /all of 1\/2 to 2\/2, got none for 2\/2/],
      [[one!, two!, two!], /different ones, got 2\/2 in both/],
      [[one!, changed(text.replace('"of": 2', '"of": 3'))], /the shard in .* to be one of 2, as in .*got 2\/3/],
      [[one!, changed(text.replace('"seed": 1', '"seed": 2'))], /`seed` in .* to be 1, as in .*, got 2/],
      [[one!, changed(text.replace('"profile": "quick"', '"profile": "deep"'))], /`profile` in .*got deep/],
      [[one!, changed(text.replace(/"mambound": ".*"/, '"mambound": "9.9.9"'))], /`mambound` in .*got 9\.9\.9/],
      [[one!, changed(text.replace(/"node": ".*"/, '"node": "v99"'))], /`node` in .*got v99/],
      [[one!, changed(text.replace(/"platform": ".*"/, '"platform": "z"'))], /`platform` in .*got z/],
      [[one!, (await shards(2, alone))[1]!], /`command` in .*got mambound check T1\.converse/],
      [[one!, changed(text.replace('"title": "', '"title": "New: '))], /the claims in .* to be the same/],
      [
        [one!, changed(text.replace(/"finished": \[[^]*\]/, '"finished": []'))],
        /every task once, got task \d+ missing/,
      ],
      [[changed(resultsIn(one!).replace('"at": 0', '"at": 1')), two!], /every task once, got task \d+ missing/],
      [[changed(await inOnePiece()), one!], /to be a shard, as check --shard writes it/],
      [[changed(text.slice(0, 2000)), one!], /results\.json to be JSON, got text that ends or breaks/],
      [
        [changed(text.replace('"verdict": "holds"', '"verdict": "fine"')), one!],
        /finished\[0\]: decision\.cell\.verdict/,
      ],
      [[changed('{"shard": 1}'), one!], /results\.json: schema to be/],
      [[changed('{"schema": 99, "shard": 1}'), one!], /schema 1 at most, got schema 99/],
      [[temporaryFolder(), one!], /results\.json to be a readable file, got ENOENT/],
      [[one!, '/no/such/folder'], /a readable file, got ENOENT/],
    ];
    for (const [parts, message] of refusals) {
      const merged = await merge(parts);
      expectRefused(merged, message);
      expect(merged.text).toBe('nothing');
    }
  });

  it('merge: overwrites no shard', async () => {
    const [one, two] = await shards(2);
    const before = [one!, two!].map(resultsIn);
    for (const out of [one!, `${two!}/../2/`])
      expectRefused(
        await inProcess(['merge', one!, join(two!, 'results.json'), '--out', out]),
        /`--out` to be another folder than those of the shards, got /,
      );
    expect([one!, two!].map(resultsIn)).toEqual(before);
  });

  it('keeps two shards from one folder', async () => {
    const [one] = await shards(2);
    const before = resultsIn(one!);
    expectRefused(await shard(2, 2, one!), /`--out` to be a folder of its own for each shard, got .*holds shard 1\/2/);
    expect(resultsIn(one!)).toBe(before);
    // Of another split it is somebody's earlier run.
    expect((await shard(2, 3, one!)).code).toBe(0);
  });

  it.each<[string, string[], RegExp]>([
    ['a sweep backwards', ['--set', 'N=64..8'], /`--set N` to be a sweep lo\.\.hi of integers, lo ≤ hi, got 64\.\.8/],
    ['a sweep of reals', ['--set', 'eps=0.1..1'], /a sweep lo\.\.hi of integers/],
    ['half a sweep', ['--set', 'N=8..'], /a sweep lo\.\.hi of integers/],
    ['a huge sweep', ['--set', 'N=1..1000000000000000'], /a sweep of at most 10000 values/],
    ['huge sweeps', ['--set', 'N=1..9999', '--set', 'L=1..9999'], /the cells of T1\.gap to be at most 100000, got/],
    ['an unknown symbol', ['--bound', 'foo + L'], /a known symbol \(a_min, L, N, delta, eps, M\), got foo/],
    ['no formula', ['--bound', ''], /a formula, got an empty text/],
    ['half a formula', ['--bound', '0.9*('], /expected a number, a name or "\(" .*got the end/],
    ['a bound that is not finite', ['--bound', '1/(L - 8)'], /a finite value of .*division by zero/],
    ['a parameter redefined', ['--bound', 'delta = 1; 0.9*delta'], /a name of its own before "=", got delta, a param/],
    ['a bound that ends in a definition', ['--bound', 'x = 0.9; y = x'], /a value at the end of .*got a definition/],
    ['a bound for two claims', ['T1.converse', '--bound', '1'], /`--bound` to be used with one claim, got 2 claims/],
    ['an unknown quantity', ['--quantity', 'erorr'], /`--quantity` to be one of error, score, got erorr/],
  ])('%s', async (_, args, message) => {
    const out = join(temporaryFolder(), 'out');
    expectRefused(await inProcess(['check', 'T1.gap', '--profile', 'quick', ...args, '--out', out]), message);
    expect(existsSync(out)).toBe(false);
  });
});

describe('check --set', () => {
  it('takes sweeps among lists', async () => {
    const text = await inOnePiece([
      ...['check', 'T1.converse', '--profile', 'quick', '--set', 'a_min=0.9', '--set', 'N=2,5..7,30', '--jobs', '1'],
    ]);
    const { claims } = JSON.parse(text) as { claims: { cells: { params: { N: number } }[] }[] };
    expect(claims[0]!.cells.map(({ params }) => params.N)).toEqual([2, 5, 6, 7, 30]);
  });
});

/** A command line as a shell splits it. */
const words = (command: string): string[] =>
  [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);

describe('check --bound', () => {
  const gap = ['check', 'T1.gap', '--profile', 'quick', '--jobs', '1'];
  interface Claim {
    verdict: string;
    replay: string;
    bound: number;
    witness: { point: unknown; value: number };
    cells: { params: { quantity: string }; slack: unknown }[];
  }
  const claimOf = ({ stdout }: Run): Claim => (JSON.parse(stdout) as { claims: Claim[] }).claims[0]!;

  it('tests the main quantity, holds where the bound is generous, and claims no tightness', async () => {
    const run = await inProcess([...gap, '--bound', '100', '--json', '--out', temporaryFolder()]);
    const { verdict, cells } = claimOf(run);
    expect([run.code, verdict]).toEqual([0, 'holds']);
    expect(cells.map(({ params, slack }) => [params.quantity, slack])).toEqual([
      ['score', null],
      ['score', null],
    ]);
  });

  it('refutes a bound that is too small, with an instance and a replay that finds it again', async () => {
    const bound = `r = min(L, N) - 1
      others = a_min == 1 ? N - 1 : ((1/a_min)^r - 1)/(1 - a_min) + N - r - 1
      0.9*delta*(2*M/eps - 1)*others`;
    const out = temporaryFolder();
    const run = await inProcess([...gap, '--bound', bound, '--out', out]);
    expect(run.code).toBe(1);
    const claim = claimOf({ ...run, stdout: resultsIn(out) });
    expect(claim.verdict).toBe('refuted');
    expect(claim.witness.value).toBeGreaterThan(claim.bound);
    expect(run.stdout).toContain(` at ${JSON.stringify(claim.witness.point).slice(0, 100)}`);
    expect(run.stdout).toContain(`replay: ${claim.replay}`);
    expect(claim.replay).toContain("--quantity score --bound 'r = min(L, N) - 1; others = a_min == 1 ? ");
    const again = await inProcess([...words(claim.replay).slice(2), '--json', '--out', temporaryFolder()]);
    expect([again.code, claimOf(again).witness]).toEqual([1, claim.witness]);
  });

  it('takes the quantity that is named, alone', async () => {
    const run = await inProcess([...gap, '--quantity', 'error', '--json', '--out', temporaryFolder()]);
    expect(run.code).toBe(0);
    expect(new Set(claimOf(run).cells.map(({ params }) => params.quantity))).toEqual(new Set(['error']));
    expect((JSON.parse(run.stdout) as { measurements: unknown[] }).measurements).toEqual([]);
  });
});

/** Runs a command in this process and interrupts it once so many lines are in its journal. */
const interrupted = async (args: readonly string[], out: string, lines: number): Promise<Run> => {
  const journal = join(out, 'journal.jsonl');
  const written = (): number => (existsSync(journal) ? readFileSync(journal, 'utf8').split('\n').length - 1 : 0);
  const turn = (): Promise<void> => new Promise((next) => setImmediate(next));
  let ended = false;
  const running = inProcess([...args, '--out', out]).finally(() => (ended = true));
  while (!ended && written() < lines) await turn();
  if (!ended) process.emit('SIGINT');
  const run = await running;
  // What ended is at rest.
  const before = written();
  for (let turns = 0; turns < 3; turns++) await turn();
  expect(written()).toBe(before);
  return run;
};

/** The journal of a run of which so many tasks are finished; their `cases` are marked, so that they are known again. */
const MARK = 7777;
const markedJournal = async (out: string, tasks: number, args: readonly string[] = QUICK): Promise<void> => {
  const whole = temporaryFolder();
  await shard(1, 1, whole, args);
  const { finished, ...header } = JSON.parse(resultsIn(whole)) as { finished: { decision?: object }[] };
  const marked = finished
    .filter(({ decision }) => decision)
    .map((one) => ({ ...one, decision: { ...one.decision, cases: MARK } }));
  const lines = [header, ...marked.slice(0, tasks)].map((line) => `${JSON.stringify(line)}\n`);
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, 'journal.jsonl'), lines.join(''));
};
/** How many tasks of the marked journal were not run again. */
const markedIn = (out: string): number =>
  (JSON.parse(resultsIn(out)) as { claims: { cases: number }[] }).claims.reduce(
    (sum, { cases }) => sum + Math.floor(cases / MARK),
    0,
  );

describe('check --resume', () => {
  it('after Ctrl-C gives the results of one piece, by the command that it printed', async () => {
    const out = temporaryFolder();
    const { code, stderr } = await interrupted([...QUICK, '--quiet'], out, 3);
    expect(code).toBe(130);
    expect(stderr).toMatch(/^interrupted: .* kept in .*\ngo on with: npx mambound check 'T1\.\*' .* --resume\n$/);
    const command = words(/go on with: npx mambound (.*)/.exec(stderr)![1]!);
    expect((await inProcess([...command, '--quiet'])).code).toBe(0);
    expect(timeless(resultsIn(out))).toBe(await inOnePiece());
    expect(existsSync(join(out, 'journal.jsonl'))).toBe(false);
  });

  it('after Ctrl-C goes on with a shard, which is no results until it is finished', async () => {
    const folder = temporaryFolder();
    const [one, two] = ['1', '2'].map((name) => join(folder, name));
    const args = [...QUICK, '--quiet', '--shard', '1/2'];
    expect((await interrupted(args, one!, 2)).stderr).toMatch(
      /^interrupted: \d+ of \d+ tasks finished and kept in .*jsonl\n/,
    );
    await shard(2, 2, two!);
    expectRefused(await merge([one!, two!]), /a finished shard, got an unfinished one/);
    expectRefused(await shard(2, 2, one!), /`--out` to be a folder of its own/);
    expect((await inProcess([...args, '--resume', '--out', one!])).code).toBe(0);
    expect((await merge([one!, two!])).text).toBe(await inOnePiece());
  });

  it('skips what is in the journal; without it, the run starts afresh', async () => {
    const out = temporaryFolder();
    await markedJournal(out, 3);
    await inProcess([...QUICK, '--quiet', '--resume', '--out', out]);
    expect(markedIn(out)).toBe(3);
    await markedJournal(out, 3);
    await inProcess([...QUICK, '--quiet', '--out', out]);
    expect(timeless(resultsIn(out))).toBe(await inOnePiece());
    expect(existsSync(join(out, 'journal.jsonl'))).toBe(false);
  });

  it('replaces the journal of a run that it does not resume as soon as a task is finished', async () => {
    const out = temporaryFolder();
    await markedJournal(out, 3);
    const journal = join(out, 'journal.jsonl');
    const before = readFileSync(journal, 'utf8');
    await interrupted([...QUICK, '--quiet', '--seed', '2'], out, 5);
    const after = readFileSync(journal, 'utf8');
    expect([after.includes(String(MARK)), after.split('\n')[0]]).toEqual([false, expect.stringContaining('"seed":2')]);
    expect(after).not.toContain(before.split('\n')[1]);
  });

  it('has nothing to go on with, and runs', async () => {
    const out = temporaryFolder();
    expect((await inProcess([...QUICK, '--quiet', '--resume', '--out', out])).code).toBe(0);
    expect(timeless(resultsIn(out))).toBe(await inOnePiece());
  });

  it('leaves a finished shard alone, but not one of another run', async () => {
    const [one] = await shards(2);
    const before = resultsIn(one!);
    await inProcess([...QUICK, '--quiet', '--shard', '1/2', '--resume', '--out', one!]);
    expect(resultsIn(one!)).toBe(before);
    await inProcess([...QUICK, '--quiet', '--shard', '1/2', '--seed', '2', '--resume', '--out', one!]);
    expect(resultsIn(one!)).toContain('"seed": 2');
  });

  it('ignores a line that is torn, wherever it is torn, and cuts it off before it writes on', async () => {
    const source = temporaryFolder();
    await markedJournal(source, 3);
    const journal = readFileSync(join(source, 'journal.jsonl'));
    const lines = journal.toString().split('\n').slice(0, -1);
    const last = Buffer.byteLength(lines.at(-1)!) + 1;
    const expected = await inOnePiece();
    for (const [torn, kept] of [
      [1, 2],
      [2, 2],
      [last - 1, 2],
      [last, 2],
      [last + 1, 1],
      [journal.length - 10, 0],
      [journal.length, 0],
    ] as const) {
      const out = temporaryFolder();
      const file = join(out, 'journal.jsonl');
      writeFileSync(file, journal.subarray(0, journal.length - torn));
      // A second run goes on, a third one reads what the second wrote behind the torn line.
      await interrupted([...QUICK, '--quiet', '--resume'], out, kept + 3);
      expect(readFileSync(file, 'utf8').split('\n').slice(0, -1).length).toBeGreaterThanOrEqual(kept + 3);
      expect((await inProcess([...QUICK, '--quiet', '--resume', '--out', out])).code).toBe(0);
      expect([torn, markedIn(out)]).toEqual([torn, kept]);
      if (kept === 0) expect(timeless(resultsIn(out))).toBe(expected);
    }
  });

  it('refuses the journal of another run and one that is broken, and leaves it', async () => {
    const out = temporaryFolder();
    const file = join(out, 'journal.jsonl');
    await markedJournal(out, 3);
    const text = readFileSync(file, 'utf8');
    const asked = (...args: string[]) => [...QUICK, ...args];
    const refusals: [string, string[], RegExp][] = [
      [text, asked('--seed', '2'), /`seed` in .*journal\.jsonl to be 2, as asked, got 1/],
      [text, ['check', 'T1.*'], /`profile` in .* to be standard, as asked, got quick/],
      [text, asked('T2.ideal'), /`command` in .*T2\.ideal.*as asked, got mambound check 'T1\.\*'/],
      [text, asked('--set', 'N=8'), /`command` in/],
      [text, asked('--shard', '1/2'), /the shard in .* to be 1\/2, as asked, got 1\/1/],
      [text.replace(/"mambound":"[^"]*"/, '"mambound":"9.9.9"'), asked(), /`mambound` in .*got 9\.9\.9/],
      [text.replace(/"node":"[^"]*"/, '"node":"v99"'), asked(), /`node` in .*got v99/],
      [text.replace('"tasks":', '"tasks":1'), asked(), /the claims in .* to be the same as asked/],
      [text.replace('"quantity":"error"', '"quantity":"terror"'), asked(), /the tasks in .* to be those of this run/],
      [text.replace('\n{"at":', '\n{"a'), asked(), /line 2 of .*journal\.jsonl to be JSON/],
      [text.replace('"cases":', '"case":'), asked(), /line 2 of .*: decision\.cases to be present/],
      [text.replace('"decision":', '"division":'), asked(), /line 2 of .* to be with a decision or a row/],
      [`{}\n${text}`, asked(), /journal\.jsonl: schema to be/],
    ];
    for (const [journal, args, message] of refusals) {
      writeFileSync(file, journal);
      expectRefused(await inProcess([...args, '--resume', '--out', out]), message);
      expect(readFileSync(file, 'utf8')).toBe(journal);
      expect(existsSync(join(out, 'results.json'))).toBe(false);
    }
  });

  it('keeps what was finished before a claim fails', async () => {
    const project = temporaryFolder();
    const out = join(project, 'out');
    const failing = readFileSync('examples/sum.ts', 'utf8').replace(
      'const machine =',
      "if (N < 9 && a.toNumber() < 0.6) throw new Error('no machine'); const machine =",
    );
    writeFileSync(join(project, 'sum.ts'), failing);
    const args = ['check', 'EX.sum', '--profile', 'quick', '--jobs', '1', '--project', project];
    expectRefused(await inProcess([...args, '--out', out]), /to be measured, got no machine/);
    expect(readFileSync(join(out, 'journal.jsonl'), 'utf8').split('\n')).toHaveLength(3);
    expect(existsSync(join(out, 'results.json'))).toBe(false);
  });
});

const BIN = resolve('bin/mambound.mjs');

describe('kill -9', () => {
  const KILLS = 20;
  const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));
  const finishedIn = (out: string): number => {
    const file = join(out, 'journal.jsonl');
    return existsSync(file) ? Math.max(0, readFileSync(file, 'utf8').split('\n').length - 2) : 0;
  };

  it(`at ${KILLS} random moments loses nothing that was finished`, async () => {
    const folder = temporaryFolder();
    let kills = 0;
    let kept = 0;
    /** Runs a part to its end; while there are kills left, each of its processes is killed at a random moment. */
    const persist = async (out: string, args: readonly string[]): Promise<number | null> => {
      for (;;) {
        const before = finishedIn(out);
        kept += before;
        const child = spawn(process.execPath, [BIN, ...args, '--resume', '--out', out], { stdio: 'ignore' });
        const ended = new Promise<{ code: number | null; signal: string | null }>((done) =>
          child.on('close', (code, signal) => done({ code, signal })),
        );
        // So many tasks later, and then at any point of the next one, or of the end.
        const tasks = Math.floor(4 * Math.random());
        while (kills < KILLS && child.exitCode === null && finishedIn(out) < before + tasks) await pause(1);
        await pause(60 * Math.random());
        if (kills < KILLS) child.kill('SIGKILL');
        const { code, signal } = await ended;
        if (signal === null) return code;
        kills++;
        if (!existsSync(join(out, 'results.json'))) expect(finishedIn(out)).toBeGreaterThanOrEqual(before);
      }
    };
    const expected = await inOnePiece();
    for (let round = 0; kills < KILLS; round++) {
      const parts = [1, 2].map((part) => join(folder, `${round}-${part}`));
      const codes = parts.map((out, at) => persist(out, [...QUICK, '--quiet', '--shard', `${at + 1}/2`]));
      expect(await Promise.all(codes)).toEqual([0, 0]);
      expect((await merge(parts)).text).toBe(expected);
    }
    expect(kept).toBeGreaterThan(KILLS);
  });
});

describe('the line on how far a run is', () => {
  const lines = (isTTY: boolean, run: (advance: (seconds: number) => void) => void): string[] => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const written: string[] = [];
    const { isTTY: before } = process.stderr;
    process.stderr.isTTY = isTTY;
    const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    try {
      run((seconds) => vi.advanceTimersByTime(1000 * seconds));
    } finally {
      write.mockRestore();
      process.stderr.isTTY = before;
      vi.useRealTimers();
    }
    return written.map((text) => text.replace('\r\u001b[K', ''));
  };

  it('counts tasks of an earlier run as done, but not for the speed, and is cleared in the end', () => {
    expect(
      lines(true, (advance) => {
        const { step, end } = progress(false, 90);
        advance(10);
        step(95, 200);
        advance(3600);
        step(97, 200);
        end();
      }),
    ).toEqual(['95 of 200 tasks, about 3:30 left', '97 of 200 tasks, about 14:45:19 left', '']);
  });

  it('rounds the time before it is split', () => {
    const last = lines(true, (advance) => {
      advance(0.4);
      const { step } = progress(false);
      advance(59.6);
      step(1, 2);
    });
    expect(last).toEqual(['1 of 2 tasks, about 1:00 left']);
  });

  it('stays away where nobody reads it', () => {
    const use = (quiet: boolean) => () => {
      const { step, end } = progress(quiet);
      step(1, 2);
      end();
    };
    expect([lines(false, use(false)), lines(true, use(true))]).toEqual([[], []]);
  });
});

describe('docs/running.md', () => {
  const blocks = [...readFileSync('docs/running.md', 'utf8').matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block!);
  const hasParallel = spawnSync('parallel', ['--version']).status === 0;

  /** Runs a block as it stands, but over a profile that takes no time, with this mambound as npx's. */
  const run = (block: string, env: Record<string, string> = {}): { folder: string; code: number | null } => {
    const folder = temporaryFolder();
    const npx = join(folder, 'bin', 'npx');
    mkdirSync(dirname(npx));
    writeFileSync(npx, `#!/bin/sh\nshift\nexec '${process.execPath}' '${BIN}' "$@"\n`);
    chmodSync(npx, 0o755);
    const script = block.replaceAll('--profile deep', "'T1.*' --profile quick --jobs 1");
    const { status, stderr } = spawnSync('sh', ['-c', script], {
      cwd: folder,
      env: { ...process.env, ...env, PATH: `${dirname(npx)}:${process.env.PATH}` },
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    return { folder, code: status };
  };

  it.each(blocks.filter((block) => block.includes('merge') && (hasParallel || !block.includes('parallel'))))(
    '%s',
    async (block) => {
      const { folder, code } = run(block);
      expect(code).toBe(0);
      expect(timeless(resultsIn(join(folder, 'reports/out')))).toBe(await inOnePiece());
    },
  );

  it('a Slurm job', async () => {
    const [job] = blocks.filter((block) => block.includes('SLURM'));
    const parts = temporaryFolder();
    for (const id of ['1', '2', '3']) {
      const { folder, code } = run(job!.replace('/32', '/3'), { SLURM_ARRAY_TASK_ID: id, SLURM_CPUS_PER_TASK: '1' });
      expect(code).toBe(0);
      cpSync(join(folder, 'parts'), parts, { recursive: true });
    }
    expect((await merge(['1', '2', '3'].map((id) => join(parts, id)))).text).toBe(await inOnePiece());
  });
});
