/**
 * How long the standard profile takes, and how it scales from one worker to two; beside it, what two processes of one
 * worker each gain when they run at the same time, which is all that the machine's second core has to give. Arguments
 * are tags of claims, as `check` takes them; none: all claims.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const tags = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'mambound-bench-'));
let runs = 0;
/** Checks everything once, in a process of its own. */
const check = (jobs: number): Promise<void> =>
  new Promise((done, fail) => {
    const out = join(folder, `${runs++}`);
    const args = [
      '--single-threaded-gc',
      'bin/mambound.mjs',
      'check',
      ...tags,
      '--jobs',
      `${jobs}`,
      '--out',
      out,
      '--quiet',
    ];
    const child = spawn(process.execPath, args, { cwd: resolve(import.meta.dirname, '..'), stdio: 'inherit' });
    child.on('exit', (code) => (code === 0 ? done() : fail(new Error(`expected exit code 0, got ${code}`))));
  });
const seconds = async (...jobs: readonly number[]): Promise<number> => {
  const start = performance.now();
  await Promise.all(jobs.map(check));
  return (performance.now() - start) / 1000;
};

try {
  const [one, two, both] = [await seconds(1), await seconds(2), await seconds(1, 1)];
  console.log(
    `standard profile${tags.length > 0 ? ` of ${tags.join(' ')}` : ''}: ${one.toFixed(1)} s with one worker, ${two.toFixed(1)} s with two`,
  );
  console.log(`one worker / two workers: ${(one / two).toFixed(2)}`);
  console.log(`two processes of one worker at the same time, per process: ${((2 * one) / both).toFixed(2)}`);
} finally {
  rmSync(folder, { recursive: true });
}
