/**
 * Benchmarks: ratios measured in one run, the variants in turn so that a machine whose speed drifts slows all alike.
 * A C compiler and numpy are measured beside where they are installed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Arithmetic } from '../src/arithmetic/arithmetic.ts';
import { castVector, vectorOf } from '../src/arithmetic/arithmetic.ts';
import { intervals } from '../src/arithmetic/interval.ts';
import { arithmeticByName } from '../src/arithmetic/names.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import { compileKernel } from '../src/arithmetic/stage.ts';
import type { Vec } from '../src/arithmetic/storage.ts';
import { CopyRunner } from '../src/copy/task.ts';
import { scanKernel } from '../src/network/scan.ts';
import { buildIdeal } from '../constructions/copy/T2.ideal.ts';

const N = 256;
const M = 256;
const D = 8;
const ROUNDS = 40;

type Scan = (
  N: number,
  m: number,
  d: number,
  a: Float64Array,
  b: Float64Array,
  c: Float64Array,
  v: Float64Array,
  H: Float64Array,
  y: Float64Array,
) => void;

/** The loops anyone would write first. */
const genericLoops: Scan = (n, m, d, a, b, c, v, H, y) => {
  for (let t = 0; t < n; t++) {
    for (let k = 0; k < d; k++) y[t * d + k] = 0;
    for (let j = 0; j < m; j++) {
      for (let k = 0; k < d; k++) {
        H[j * d + k] = a[t]! * H[j * d + k]! + b[t * m + j]! * v[t * d + k]!;
        y[t * d + k] = y[t * d + k]! + c[t * m + j]! * H[j * d + k]!;
      }
    }
  }
};

// prettier-ignore
/** The same unrolled by hand for d = 8. */
const unrolledLoops: Scan = (n, m, _d, a, b, c, v, H, y) => {
  for (let t = 0; t < n; t++) {
    const at = a[t]!;
    const o = t * 8;
    const v0 = v[o]!, v1 = v[o + 1]!, v2 = v[o + 2]!, v3 = v[o + 3]!, v4 = v[o + 4]!, v5 = v[o + 5]!, v6 = v[o + 6]!, v7 = v[o + 7]!;
    let y0 = 0, y1 = 0, y2 = 0, y3 = 0, y4 = 0, y5 = 0, y6 = 0, y7 = 0;
    for (let j = 0; j < m; j++) {
      const bj = b[t * m + j]!;
      const cj = c[t * m + j]!;
      const h = j * 8;
      const h0 = at * H[h]! + bj * v0, h1 = at * H[h + 1]! + bj * v1, h2 = at * H[h + 2]! + bj * v2, h3 = at * H[h + 3]! + bj * v3;
      const h4 = at * H[h + 4]! + bj * v4, h5 = at * H[h + 5]! + bj * v5, h6 = at * H[h + 6]! + bj * v6, h7 = at * H[h + 7]! + bj * v7;
      H[h] = h0; H[h + 1] = h1; H[h + 2] = h2; H[h + 3] = h3; H[h + 4] = h4; H[h + 5] = h5; H[h + 6] = h6; H[h + 7] = h7;
      y0 += cj * h0; y1 += cj * h1; y2 += cj * h2; y3 += cj * h3; y4 += cj * h4; y5 += cj * h5; y6 += cj * h6; y7 += cj * h7;
    }
    y[o] = y0; y[o + 1] = y1; y[o + 2] = y2; y[o + 3] = y3; y[o + 4] = y4; y[o + 5] = y5; y[o + 6] = y6; y[o + 7] = y7;
  }
};

const stagedScan = (format: string): Scan => {
  const { emitter } = arithmeticByName(format) as unknown as Arithmetic<number>;
  const run = compileKernel(scanKernel('token'), emitter) as unknown as (
    L: number,
    m: number,
    d: number,
    a: Float64Array,
    A: undefined,
    ...rest: Float64Array[]
  ) => void;
  return (n, m, d, a, b, c, v, H, y) => run(n, m, d, a, undefined, b, c, v, H, y);
};

const random = (length: number): Float64Array => Float64Array.from({ length }, () => Math.random() - 0.5);

/** Best time of each variant in milliseconds, the variants taking turns. */
const race = (
  variants: Readonly<Record<string, Scan>>,
  a: Float64Array,
  b: Float64Array,
  c: Float64Array,
  v: Float64Array,
): Record<string, number> => {
  const best: Record<string, number> = {};
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, scan] of Object.entries(variants)) {
      const H = new Float64Array(M * D);
      const y = new Float64Array(N * D);
      const start = performance.now();
      scan(N, M, D, a, b, c, v, H, y);
      best[name] = Math.min(best[name] ?? Infinity, performance.now() - start);
    }
  }
  return best;
};

const HERE = fileURLToPath(new URL('.', import.meta.url));
const outside = (command: string, args: readonly string[]): number | undefined => {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? Number(stdout.split(' ')[0]) : undefined;
};
const inC = (): number | undefined => {
  const folder = mkdtempSync(join(tmpdir(), 'mambound-bench-'));
  try {
    const program = join(folder, 'scan');
    return spawnSync('cc', ['-O3', join(HERE, 'scan.c'), '-o', program]).status === 0
      ? outside(program, [])
      : undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const line = (name: string, text: string): void => console.log(`  ${name.padEnd(46)}${text}`);

const scans = (): void => {
  const a = new Float64Array(N).fill(0.99);
  const [b, c, v] = [random(N * M), random(N * M), random(N * D)];
  const bf16 = arithmeticByName('bf16') as unknown as Arithmetic<number>;
  const best = race({ generic: genericLoops, unrolled: unrolledLoops, fp64: stagedScan('fp64') }, a, b, c, v);
  const cast = (x: Float64Array): Float64Array => castVector(bf16, x) as Float64Array;
  const low = race(
    { generic: genericLoops, bf16: stagedScan('bf16'), fp32: stagedScan('fp32') },
    cast(a),
    cast(b),
    cast(c),
    cast(v),
  );
  const c3 = inC();
  const numpy = outside('python3', [join(HERE, 'scan.py')]);
  console.log(`scan, N = m = ${N}, d = ${D} (best of ${ROUNDS})`);
  line(
    'float64 kernel / loops unrolled by hand',
    `${(best.fp64! / best.unrolled!).toFixed(2)}  (${best.fp64!.toFixed(2)} ms)`,
  );
  line('float64 kernel / generic typed-array loops', (best.fp64! / best.generic!).toFixed(2));
  line(
    'bf16 kernel / generic typed-array loops',
    `${(low.bf16! / low.generic!).toFixed(2)}  (${low.bf16!.toFixed(2)} ms)`,
  );
  line('fp32 kernel / generic typed-array loops', (low.fp32! / low.generic!).toFixed(2));
  line('float64 kernel / C at -O3', c3 === undefined ? 'no C compiler' : (best.fp64! / c3).toFixed(2));
  line('float64 kernel / numpy', numpy === undefined ? 'no numpy' : (best.fp64! / numpy).toFixed(2));
};

/** A scan in any arithmetic, on its own vectors: milliseconds, the best of `rounds`. */
const timeScan = <T>(
  A: Arithmetic<T>,
  [n, m, d]: readonly [number, number, number],
  vector: (length: number) => Vec<T>,
  rounds: number,
): number => {
  const run = compileKernel(scanKernel('token'), A.emitter) as (...args: unknown[]) => void;
  const [a, b, c, v] = [vector(n), vector(n * m), vector(n * m), vector(n * d)];
  let best = Infinity;
  for (let round = 0; round < rounds; round++) {
    const [H, y] = [A.alloc(m * d), A.alloc(n * d)];
    const start = performance.now();
    run(n, m, d, a, undefined, b, c, v, H, y);
    best = Math.min(best, performance.now() - start);
  }
  return best;
};

/** Rigorous and high-precision scans. Intervals are wide and straddle 0, so that no shortcut for points helps. */
const precise = (): void => {
  const float64 = arithmeticByName('fp64') as unknown as Arithmetic<number>;
  const sizes = [N, M, D] as const;
  const wide = (length: number): Vec<{ lo: number; hi: number }> =>
    vectorOf(intervals, length, () => {
      const x = Math.random() - 0.5;
      return { lo: x - 0.01, hi: x + 0.01 };
    });
  const generic = race({ generic: genericLoops }, random(N), random(N * M), random(N * M), random(N * D)).generic!;
  const interval = timeScan(intervals, sizes, wide, ROUNDS);
  console.log(`\nscan of intervals, N = m = ${N}, d = ${D}`);
  line('interval kernel / generic float64 loops', `${(interval / generic).toFixed(2)}  (${interval.toFixed(2)} ms)`);

  const small = [64, 64, 4] as const;
  const time = (name: string, rounds: number): number => {
    const A = arithmeticByName(name)!;
    return timeScan(A, small, (length) => castVector(A, random(length)), rounds);
  };
  const fast = timeScan(float64, small, (length) => castVector(float64, random(length)), ROUNDS);
  const dd = time('dd', ROUNDS);
  const decimal = time('decimal50', 3);
  console.log(`\nscan in high precision, N = m = ${small[0]}, d = ${small[2]}`);
  line('decimal at 50 digits / double-double', `${(decimal / dd).toFixed(0)}  (${dd.toFixed(3)} ms)`);
  line('double-double / float64 kernel', (dd / fast).toFixed(1));
};

const ideal = (): void => {
  const n = 4096;
  const one = Rational.fromNumber(1);
  const float64 = arithmeticByName('fp64')!;
  const start = performance.now();
  const built = buildIdeal({ N: n, d: D, M: one, eps: one });
  const runner = new CopyRunner(built, D, float64);
  const error = float64.toNumber(runner.worstError(built.witness(float64, 0)));
  const seconds = (performance.now() - start) / 1000;
  console.log(`\nT2.ideal, N = ${n}, d = ${D} (state ${n * D} floats), built and run in float64`);
  line('seconds', seconds.toFixed(2));
  line('peak memory of this process, MB', (process.resourceUsage().maxRSS / 1024).toFixed(0));
  line('error', String(error));
};

// T2.ideal first: the peak of its memory is the process's own.
ideal();
console.log();
scans();
precise();
