/** mambound dp, as a user calls it. */
import { expect, describe, it } from 'vitest';
import type { DpReport } from '../src/evidence/dp.ts';
import { inProcess } from './cli.ts';

const solve = async (...args: string[]): Promise<{ code: number | null; report: DpReport }> => {
  const { code, stdout } = await inProcess(['dp', ...args, '--json']);
  return { code, report: JSON.parse(stdout) as DpReport };
};

describe('mambound dp', () => {
  it.each([
    [['edit-distance', 'kitten', 'sitting'], 3],
    [['edit-distance', 'kitten', 'sitting', '--costs', '2,2,3'], 8],
    [['edit-distance', 'ab', 'cd', '--costs', '0,0,7'], 0],
    [['edit-distance', '', ''], 0],
    [['edit-distance', 'größe', 'grüße', '--tokenize', 'ranks'], 1],
    // The first of these is three code points, the last of which is a rocket.
    [['edit-distance', '👩‍🚀🚀', '🚀'], 3],
    [['lis', '10', '9', '2', '5', '3', '7', '101', '18'], 4],
    [['lis', '-5,3,-2,0,4,-1', '--tokenize', 'ranks'], 4],
    [['lis'], 0],
    [['lis', '7', '7', '7'], 1],
    [['knapsack', '2,3,4,5', '3,4,5,6', '5'], 7],
    [['independent-set', '-3', '-1'], 0],
    [['word-problem', 'bbbbb'], 0],
  ])('%j', async (args, answer) => {
    const { code, report } = await solve(...args);

    expect([code, report.verdict]).toEqual([0, 'holds']);
    expect(report.answer).toBe(answer);
    expect(report.reference).toBe(report.answer);
    expect(report.worstStepError).toBeLessThan(0.5);
  });

  it('reports what was asked, the table and what it cost', async () => {
    const { report } = await solve('lcs', 'ab', 'b', '--copy', 'T2.slots', '--format', 'fp32');
    expect(report).toMatchObject({
      problem: 'lcs',
      inputs: ['ab', 'b'],
      mechanism: 'T2.slots',
      format: 'fp32',
      mode: 'own',
      answer: 1,
      table: [
        [0, 0],
        [0, 0],
        [0, 1],
      ],
      steps: 7,
    });
    expect(report.sizes.stateFloats).toBeGreaterThan(0);
    // The prompt has three symbols and two separators; each of six states is a token.
    expect(report.totalMacs).toBe(report.sizes.macsPerToken * (5 + 6));
    expect(report.totalMacsNonzero).toBe(report.sizes.macsPerTokenNonzero * (5 + 6));
  });

  it('fails where theory says so, with the reason', async () => {
    const { code, report } = await solve('knapsack', '2,3,4', '3,4,5', '6', '--copy', 'T2.tight', '--format', 'bf16');
    expect([code, report.verdict]).toEqual([1, 'refuted']);
    expect(report.reason).toMatch(/^state \(\d+, \d+\) has .*; the step of slot 12 .* is not a number of bf16$/);
  });

  it('prints the table, and each token with --trace', async () => {
    const { stdout, code } = await inProcess(['dp', 'edit-distance', 'ab', 'b', '--trace']);
    expect(code).toBe(0);
    expect(stdout).toContain('    b\n  0 1\na 1 1\nb 2 1\n');
    expect(
      stdout
        .split('\n')
        .slice(0, 7)
        .map((line) => /^ *(\d+) .*margin 0\.5/.exec(line)?.[1]),
    ).toEqual(['1', '2', '3', '4', '5', '6', '7']);
  });

  it('has every token with its margins in the JSON of --trace', async () => {
    const { report } = await solve('lis', '2', '1', '--trace');
    const { trace } = report as DpReport & { trace: { fields: object; margins: Record<string, number> }[] };
    expect(trace.map(({ fields }) => fields)).toEqual([
      { i: 1, j: 0, number: 1, value: 1, best: 1, end: 0 },
      { i: 2, j: 0, number: 2, value: 1, best: 1, end: 0 },
      { i: 2, j: 1, number: 3, value: 1, best: 1, end: 0 },
      { end: 1, answer: 1 },
    ]);
    expect(Math.min(...trace.flatMap(({ margins }) => Object.values(margins)))).toBe(report.minMargin);
  });

  it.each([
    [['lsi', '1'], /did you mean lis\?|did you mean lcs\?/],
    [['edit-distance', 'a'], /inputs of edit-distance to be s \(source\), t \(target\), got 1: a/],
    [['lis', '1', 'x'], /`s` to be integers, got x/],
    [['knapsack', '1,-2', '1,1', '3'], /`weights` to be integers ≥ 0, got -2/],
    [['knapsack', '1,2', '1', '3'], /`values` to be as long as weights, 2, got 1/],
    [['edit-distance', 'a', 'b', '--costs', '1,2'], /`--costs` to be insert,delete,substitute, got 1,2/],
    [['edit-distance', 'a', 'b', '--costs', '1,2,-1'], /`--costs` to be an integer in \[0, \d+\], got -1/],
    [['edit-distance', 'a', 'b', '--costs', '1,2,0.5'], /`--costs` to be an integer/],
    [['lis', '1', '--costs', '1'], /`--costs` to be left out for lis/],
    [['edit-distance', '日', 'b', '--format', 'bf16'], /`s` to be made of numbers that bf16 holds, got 26085/],
    [['lis', '1', '2', '3', '--copy', 'T4.ring'], /dependency ending of lis reaches back up to 4 of them/],
    [['lis', '1', '--copy', 'T2.tigth'], /did you mean T2.tight\?/],
    [['knapsack', '1', '1', '1', '--tokenize', 'ranks'], /`--tokenize` to be raw for knapsack/],
    [['word-problem', 'abc'], /`word` to be a word over a, b, got c/],
    [
      ['edit-distance', 'a'.repeat(100), 'b'.repeat(100), '--copy', 'T2.selective'],
      /at most 1.5 GiB are needed, got 10201, for which T2.selective needs some 2.* GiB/,
    ],
    [
      ['edit-distance', 'a'.repeat(300), 'b'.repeat(300)],
      /at most 32768 states, got 90601, for which T2.packed needs some .* GiB/,
    ],
  ])('refuses %j in one line', async (args, message) => {
    const { code, stderr, stdout } = await inProcess(['dp', ...args]);
    expect([code, stdout, stderr.trimEnd().split('\n').length]).toEqual([2, '', 1]);
    expect(stderr).toMatch(message);
  });
});
