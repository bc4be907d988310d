/** How long the standard profile takes, and how it scales from one worker to two. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'mambound-bench-'));
const seconds = (jobs: number): number => {
  const start = performance.now();
  const args = [
    '--single-threaded-gc',
    'bin/mambound.mjs',
    'check',
    '--jobs',
    `${jobs}`,
    '--out',
    join(folder, `${jobs}`),
    '--quiet',
  ];
  const { status } = spawnSync(process.execPath, args, { cwd: resolve(import.meta.dirname, '..'), stdio: 'inherit' });
  if (status !== 0) throw new Error(`expected mambound check to exit with 0, got ${status}`);
  return (performance.now() - start) / 1000;
};

try {
  const [one, two] = [seconds(1), seconds(2)];
  console.log(`standard profile: ${one.toFixed(1)} s with one worker, ${two.toFixed(1)} s with two`);
  console.log(`one worker / two workers: ${(one / two).toFixed(2)}`);
} finally {
  rmSync(folder, { recursive: true });
}
