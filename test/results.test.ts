/** From decided cells to a claim's verdict, to the result file and back, and into the tables. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { Arithmetic } from '../src/arithmetic/arithmetic.ts';
import { realOf } from '../src/arithmetic/formula.ts';
import { defineClaim, experiment, type Claim, type Measured } from '../src/claim/claim.ts';
import { reals } from '../src/claim/domain.ts';
import { real, type Parameters } from '../src/claim/parameters.ts';
import { readResults, resultText, summarise, type Results, type Verdict } from '../src/claim/result.ts';
import { deliver } from '../src/cli/check.ts';
import { finishedFrom, resultsOf, type Finished } from '../src/evidence/record.ts';
import { planRun, runClaims, runPlan, type PlanOptions } from '../src/evidence/run.ts';
import { runTask } from '../src/evidence/task.ts';
import { work } from '../src/evidence/worker.ts';
import { loadProject } from '../src/project.ts';
import type { Table } from '../src/report/model.ts';
import { temporaryFolder } from './cli.ts';

const project = await loadProject();

const asked = (claims: readonly Claim[], set: Record<string, string[]> = {}): PlanOptions => ({
  claims,
  profile: 'quick',
  seed: 1,
  set,
  formats: [],
  command: 'test',
});
const run = (claims: readonly Claim[], set: Record<string, string[]> = {}): Promise<Results> =>
  runClaims({ ...asked(claims, set), project: { ...project, claims }, jobs: 1 });

/** x ≤ c for x in [0, 1]: refuted for c < 1, undecided for c far above, where it claims to be attained. */
const below = defineClaim({
  tag: 'X.below',
  title: '',
  statement: '',
  quantifiers: [],
  source: '',
  parameters: { c: real('bound', {}) },
  grid: { quick: [{ c: ['1', '0.25', '0.5'] }], standard: [], deep: [] },
  quantities: {
    size: {
      measures: 'x',
      relation: '<=',
      bound: ({ c }) => c,
      slack: () => 0.9,
      experiment: <T>(_: unknown, A: Arithmetic<T>) =>
        experiment({ domain: { x: reals(0, 1) }, measure: ({ x }) => A.from(x) }),
    },
  },
}) as unknown as Claim;

describe('the verdict of a claim', () => {
  it('is that of its weakest cell, shown with its counterexample and replay', async () => {
    const { claims, complete } = await run([below]);
    const [claim] = claims;
    expect(complete).toBe(true);
    expect(claim!.cells.map(({ verdict }) => verdict)).toEqual(['holds', 'refuted', 'refuted']);
    // Of the refuted cells the one that exceeds its bound most.
    expect(claim).toMatchObject({ verdict: 'refuted', bound: 0.25, worst: 1, tightness: 4 });
    // Into a folder of its own, so that it does not overwrite what it replays.
    expect(claim!.replay).toMatch(/ --set c=0\.25 --path \S+ --out reports\/replay$/);
    expect(claim!.witness).toMatchObject({ params: { c: 0.25 } });
  });

  it('is undecided where an attained bound was not approached', async () => {
    const { claims } = await run([below], { c: ['1', '3'] });
    expect(claims[0]).toMatchObject({ verdict: 'undecided', bound: 3 });
    expect(claims[0]!.replay).toBeUndefined();
  });

  it('is shown with the reason why it is undecided', async () => {
    const shown = async (claim: Claim, c: string): Promise<string> => {
      const results = await run([claim], { c: [c] });
      expect(results.claims[0]!.verdict).toBe('undecided');
      let text = '';
      const write = vi.spyOn(process.stdout, 'write').mockImplementation((part) => Boolean((text += String(part))));
      try {
        deliver(join(temporaryFolder(), 'results.json'), resultText(results), results, {});
      } finally {
        write.mockRestore();
      }
      return text;
    };
    const size = below.quantities.size as Measured<Parameters>;
    const claimOf = (change: Partial<Measured<Parameters>>): Claim => ({
      ...below,
      quantities: { size: { ...size, ...change } },
    });
    const loose = /^ {2}expected to find (more|less) than (\S+) of the bound, which is stated to be attained$/m;
    expect(loose.exec(await shown(below, '3'))!.slice(1)).toEqual(['more', '0.90000']);
    const above = claimOf({
      relation: '>=',
      slack: () => 1.25,
      experiment: (_, A) => experiment({ domain: { x: reals(1, 2) }, measure: ({ x }) => A.from(x) }),
    });
    expect(loose.exec(await shown(above, '0.5'))!.slice(1)).toEqual(['less', '1.2500']);
    // e, of which no enclosure says that it is at most e; with and without a claim to come near it.
    for (const slack of [0.9, null]) {
      const euler = claimOf({
        bound: () => realOf('exp(1)', {}),
        slack: () => slack,
        experiment: (_, A) => ({ measure: () => A.exp(A.one) }),
      });
      expect(await shown(euler, '1')).toMatch(
        /^ {2}expected enclosures to tell the value from the bound, got one that/m,
      );
    }
  });

  const cell = (verdict: Verdict, evidence: 'sampled' | 'exhaustive' | 'enclosed', tightness: number | null) => ({
    verdict,
    evidence,
    tightness,
  });
  it('and its evidence and tightness follow from the cells', () => {
    expect(
      summarise([cell('holds', 'exhaustive', null), cell('holds', 'enclosed', 0.5), cell('holds', 'sampled', 0.9)]),
    ).toMatchObject({
      verdict: 'holds',
      evidence: 'sampled',
      shown: { tightness: 0.9 },
    });
    expect(summarise([cell('holds', 'sampled', 1), cell('undecided', 'sampled', 0.1)])).toMatchObject({
      verdict: 'undecided',
      shown: { tightness: 0.1 },
    });
    // Lower bounds are tight near 1 too, from above; of violations the worst is shown.
    expect(summarise([cell('holds', 'enclosed', 7), cell('holds', 'enclosed', 1.1)]).shown.tightness).toBe(1.1);
    expect(summarise([cell('refuted', 'enclosed', 0.9), cell('refuted', 'enclosed', 0.1)]).shown.tightness).toBe(0.1);
    expect(summarise([cell('refuted', 'enclosed', 2), cell('refuted', 'enclosed', NaN)]).shown.tightness).toBe(NaN);
  });

  it('needs a cell: a claim stated nowhere is refused, and one that throws is named', async () => {
    const nowhere = { ...below, grid: { quick: [], standard: [], deep: [] } };
    await expect(run([nowhere])).rejects.toThrow(
      'expected claim X.below to be stated in some cell of profile quick as it is set, got no cell',
    );
    const inapplicable = { ...below, quantities: { size: { ...below.quantities.size!, applies: () => false } } };
    await expect(run([inapplicable])).rejects.toThrow('no cell');
    const throwing = {
      ...below,
      quantities: {
        size: {
          ...below.quantities.size!,
          experiment: () => {
            throw new Error('first line\nsecond line');
          },
        },
      },
    };
    await expect(run([throwing])).rejects.toThrow(
      /^expected X\.below, size at c=[\d.]+ to be measured, got first line$/,
    );
  });
});

describe('an interrupted run', () => {
  it('keeps the claims that are finished, and says that it is not complete', async () => {
    const claims = project.claims.filter(({ tag }) => ['T1.converse', 'T1.gap-signed'].includes(tag));
    const interrupt = new AbortController();
    const lastOnes = planRun(asked(claims)).tasks.filter(({ tag }) => tag === 'T1.gap-signed').length;
    const results = await runClaims({
      ...asked(claims),
      project,
      jobs: 1,
      // The last claim runs first: it is done by then.
      onProgress: (done) => done === lastOnes && interrupt.abort(),
      signal: interrupt.signal,
    });
    expect([results.complete, results.claims.map(({ tag }) => tag)]).toEqual([false, ['T1.gap-signed']]);
  });
});

describe('a worker', () => {
  it('loads claims and what they are about: what would only be reported cannot stand in its way', async () => {
    const projectFolder = temporaryFolder();
    const part = "{ kind: 'table', id: 'verdicts', title: '', make: () => undefined }";
    writeFileSync(join(projectFolder, 'mine.mjs'), `export const part = ${part};`);
    await expect(loadProject(projectFolder)).rejects.toThrow(/a table verdicts of its own/);
    const [task] = planRun(asked(project.claims.filter(({ tag }) => tag === 'T1.converse'))).tasks;
    expect((await work({ task: task!, projectFolder })).output).toEqual(runTask(project, task!));
  });
});

describe('the record of a run', () => {
  it('comes to the same results from its text as from memory, whatever its numbers are', async () => {
    const claims = project.claims.filter(({ tag }) => tag === 'T1.gap');
    const plan = planRun(asked(claims));
    const [first, ...rest] = await runPlan(plan, { project, jobs: 1 });
    const odd = [NaN, Infinity, -Infinity, -0, 0.1 + 0.2, 2 ** -1074, 1e300];
    for (const x of odd) {
      const { cell, cases } = first!.decision!;
      const decision = {
        cell: { ...cell, bound: x, worst: x, tightness: x, slack: null, found: { search: x }, verdict: 'refuted' },
        cases,
        counterexample: { point: { r: x, v: [x, -x] }, value: x, path: undefined },
      };
      const finished: Finished[] = [
        { ...first!, decision, replay: "it's" } as unknown as Finished,
        ...rest.map((one) => (one.row ? { ...one, row: [...one.row.slice(1), x] } : one)),
      ];
      const lines = finished.map((one) => resultText(one, 0));
      const read = lines.map((line) => finishedFrom('a line', JSON.parse(line)));
      expect(lines.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true);
      expect(read.map((one) => resultText(one, 0))).toEqual(lines);
      const text = resultText(resultsOf({ header: plan.header, finished }));
      expect(resultText(resultsOf({ header: plan.header, finished: read }))).toBe(text);
      expect(Object.is(read[0]!.decision!.cell.worst, x) || (x === 0 && read[0]!.decision!.cell.worst === 0)).toBe(
        true,
      );
    }
  });

  it('deals every task to one shard, and every quantity to all of them', () => {
    const claims = project.claims.filter(({ tag }) => ['T1.gap', 'T2.block'].includes(tag));
    const parts = [1, 2, 3, 4].map((part) =>
      planRun({ ...asked(claims), profile: 'standard', shard: { part, of: 4 } }),
    );
    const places = parts.flatMap(({ own }) => own).sort((x, y) => x - y);
    expect(places).toEqual(parts[0]!.tasks.map((_, at) => at));
    const counts = parts.map(({ own, tasks }) => {
      const decided = own.map((at) => tasks[at]!).filter((task) => task.kind === 'decide' && task.quantity === 'error');
      return decided.length;
    });
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2);
  });
});

describe('a result file', () => {
  it('reads back as it was written, and is refused where it contradicts itself', async () => {
    const results = await run(project.claims.filter(({ tag }) => tag === 'T1.converse'));
    const file = join(temporaryFolder(), 'results.json');
    writeFileSync(file, resultText(results));
    expect(readResults(file)).toEqual(results);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, `\uFEFF${text}`); // as some editors mark UTF-8
    expect(readResults(file)).toEqual(results);
    const refuses = (broken: string, message: RegExp): void => {
      writeFileSync(file, broken);
      expect(() => readResults(file)).toThrow(message);
    };
    const [claim] = results.claims;
    refuses(resultText({ ...results, claims: [claim, claim] }), /each claim once, got T1\.converse twice/);
    refuses(resultText({ ...results, claims: [] }), /claims/);
    refuses(
      resultText({ ...results, claims: [{ ...claim!, verdict: 'refuted' }] }),
      /a claim that holds, as its cells say/,
    );
    refuses(text.replace(/"worst": [\d.]+/, '"worst": "1.2.3"'), /worst/);
    refuses(
      resultText({
        ...results,
        measurements: [{ id: 'm', title: '', columns: [{ name: 'a', unit: '' }], rows: [[1, 2]] }],
      }),
      /rows as long as the columns/,
    );
  });
});

describe('tables', () => {
  /** Rows of a table of the project as name → value. */
  const rows = (id: string, results: Results): Record<string, unknown>[] => {
    const table = project.reports.find((report) => report.id === id)!.make(results) as Table;
    return table.rows.map((row) => Object.fromEntries(table.columns.map(({ name }, at) => [name, row[at]])));
  };

  it('show every number under its name', async () => {
    const results = await run(project.claims.filter(({ tag }) => ['T1.gap', 'T2.block'].includes(tag)));
    const found = (tag: string, quantity: string) =>
      results.claims.find((claim) => claim.tag === tag)!.cells.find(({ params }) => params.quantity === quantity)!;
    const block = found('T2.block', 'error');
    expect(rows('T2-block-sizes', results)[0]).toEqual({
      N: 8,
      d: 1,
      M: 1,
      ε: 0.01,
      bound: block.bound,
      'worst found': block.worst,
      'worst, search': block.found.search,
      tightness: block.tightness,
      'largest weight': 9 * 7.783224016336037,
      'λ(N+1)': 9 * 7.783224016336037,
      'N M²': 8,
      d_inner: 22,
      'state floats': 176,
      'state read': 16,
      parameters: 968,
      'parameters ≠ 0': 132,
    });
    const [error, score] = [found('T1.gap', 'error'), found('T1.gap', 'score')];
    expect(rows('T1-gap-thresholds', results)[0]).toEqual({
      a_min: 0.5,
      L: 8,
      N: 16,
      δ: 0.01,
      ε: 0.1,
      M: 1,
      threshold: 49.78,
      'threshold, search': score.found.search,
      'exact worst': 0.1,
      'worst found': error.worst,
      tightness: error.tightness,
      'tightness, search': error.found.search! / error.bound,
    });
    const errors = results.claims
      .find(({ tag }) => tag === 'T2.block')!
      .cells.filter(({ params }) => params.quantity === 'error');
    const tightness = errors.map((cell) => cell.tightness!);
    expect(rows('verdicts', results).find((row) => row.claim === 'T2.block' && row.quantity === 'error')).toEqual({
      claim: 'T2.block',
      quantity: 'error',
      verdict: 'holds',
      evidence: 'enclosed',
      cells: 2,
      'least tightness': Math.min(...tightness),
      'largest tightness': Math.max(...tightness),
    });
  });
});
