import * as v from 'valibot';
import { nextDown, Rational } from '../arithmetic/rational.ts';
import { parseValue, real, valueForResult } from '../claim/parameters.ts';
import { resultText } from '../claim/result.ts';
import {
  checkAssumption,
  type AssumptionCheck,
  type AssumptionInstance,
  type AssumptionRow,
  type Part,
  type Thresholds,
} from '../copy/assumption.ts';
import { readJson, validate } from '../exchange/json-file.ts';
import { assertWritable } from '../exchange/write-file.ts';
import { InputError } from '../input-error.ts';
import { heatmapCells } from '../report/heatmap.ts';
import type { Heatmap, Table } from '../report/model.ts';
import { writeItems } from '../report/write.ts';
import { integerOption } from './options.ts';
import { paint, print, short } from './terminal.ts';

export interface AssumeOptions {
  readonly window?: string;
  readonly rho?: string;
  readonly delta?: string;
  readonly boundM?: string;
  readonly eps?: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** The scores of all pairs are in memory at once. */
const MOST_POSITIONS = 4096;

const numbers = v.pipe(v.array(v.pipe(v.number(), v.finite())), v.minLength(1));
const instanceSchema = v.strictObject({
  a: v.pipe(
    v.array(
      v.pipe(
        v.number(),
        v.check((x) => x >= 0 && x <= 1, 'a number in [0, 1]'),
      ),
    ),
    v.minLength(1),
  ),
  b: v.array(numbers),
  c: v.array(numbers),
  v: v.array(numbers),
  pos: v.array(v.number()),
});

const readInstance = (file: string): AssumptionInstance => {
  const instance = validate(file, instanceSchema, readJson(file));
  const N = instance.a.length;
  const list = (length: number): string => `a list of ${length}`;
  if (N > MOST_POSITIONS) throw new InputError(`${file}: a`, `a list of at most ${MOST_POSITIONS}`, list(N));
  for (const name of ['b', 'c', 'v', 'pos'] as const) {
    const { length } = instance[name];
    if (length !== N) throw new InputError(`${file}: ${name}`, `a list of N = ${N}, like a`, list(length));
  }
  const width = (name: 'b' | 'c' | 'v', expected: number, like: string): void => {
    const at = instance[name].findIndex((row) => row.length !== expected);
    if (at >= 0)
      throw new InputError(
        `${file}: ${name}[${at}]`,
        `${list(expected)}, like ${like}`,
        list(instance[name][at]!.length),
      );
  };
  width('b', instance.b[0]!.length, 'b[0]');
  width('c', instance.b[0]!.length, 'b[0]');
  width('v', instance.v[0]!.length, 'v[0]');
  const late = instance.pos.findIndex((pos, at) => !(Number.isInteger(pos) && pos >= 1 && pos <= at + 1));
  if (late >= 0) {
    throw new InputError(`${file}: pos[${late}]`, `an integer in [1, ${late + 1}]`, String(instance.pos[late]));
  }
  return instance;
};

/** M and ε, as given or by default; ε is absent where M = 0 leaves none. */
const boundsOf = (
  records: AssumptionInstance['v'],
  { boundM, eps }: AssumeOptions,
): { M: Rational; eps: Rational | undefined } => {
  const positive = (name: string, text: string): Rational =>
    parseValue(name, real('', { min: '0', openMin: true }), text) as Rational;
  const M =
    boundM === undefined
      ? Rational.fromNumber(records.flat().reduce((most, x) => Math.max(most, Math.abs(x)), 0))
      : positive('--bound-M', boundM);
  if (eps === undefined) return { M, eps: M.sign() === 0 ? undefined : M.div(Rational.of(10n)) };
  const error = positive('--eps', eps);
  if (error.compare(M.add(M)) > 0) throw new InputError('`--eps`', 'a number in (0, 2M]', eps);
  return { M, eps: error };
};

const thresholdsOf = ({ rho, delta }: AssumeOptions): { rho: Rational | undefined; delta: Rational | undefined } => {
  const given = {
    rho: rho === undefined ? undefined : (parseValue('--rho', real('', { min: '0', openMin: true }), rho) as Rational),
    delta: delta === undefined ? undefined : (parseValue('--delta', real('', { min: '0' }), delta) as Rational),
  };
  if (given.rho && given.delta && given.delta.compare(given.rho) >= 0)
    throw new InputError('`--delta`', `below ρ = ${rho}`, delta!);
  return given;
};

type Shown = number | string;

/**
 * δ rounded up and ρ rounded down to doubles whose texts, too, lie on that side, so that they can be typed back; or
 * exact quotients where no double lies between.
 */
const typeable = (delta: Rational, rho: Rational): { delta: Shown; rho: Shown } => {
  const below = (x: Rational): number => {
    const nearest = x.toNumberBelow();
    return Rational.parse(String(nearest))!.compare(x) > 0 ? nextDown(nearest) : nearest;
  };
  const rounded = { delta: 0 - below(delta.neg()), rho: below(rho) };
  return rounded.delta < rounded.rho ? rounded : { delta: delta.toString(), rho: rho.toString() };
};

/** A default is a double, or made from one. */
const shown = (x: Rational, typed: string | undefined): Shown =>
  typed === undefined ? x.toNumber() : valueForResult(x);

const pairOf = (thresholds: Thresholds): { delta: Shown; rho: Shown } | Exclude<Thresholds, { delta: Rational }> =>
  'reason' in thresholds ? thresholds : typeable(thresholds.delta, thresholds.rho);

/** The thresholds that were used: a given one as it was typed. */
const usedOf = (
  { delta, rho }: AssumptionCheck,
  options: AssumeOptions,
): { delta: Shown | null; rho: Shown | null } => {
  const found = delta && rho && typeable(delta, rho);
  return {
    delta: delta && options.delta !== undefined ? valueForResult(delta) : (found?.delta ?? null),
    rho: rho && options.rho !== undefined ? valueForResult(rho) : (found?.rho ?? null),
  };
};

const tableOf = (rows: readonly AssumptionRow[]): Table => ({
  id: 'assume',
  title: 'Assumption 1 by position',
  caption:
    'For each position $i$: the position to copy, the size of the matching set $S_i$, the score of the position to ' +
    'copy, the largest $|s_{ij}|$ of the others, the mass $\\sum_j |w_{ij}|$, and the decay $\\alpha_{i,\\mathrm{pos}}$.',
  columns: [
    { name: 'i', tex: '$i$' },
    { name: 'pos', tex: '$\\mathrm{pos}(i)$' },
    { name: '|S_i|', tex: '$|S_i|$' },
    { name: 'score', tex: '$s_{i,\\mathrm{pos}}$' },
    { name: 'largest other' },
    { name: 'mass' },
    { name: 'alpha', tex: '$\\alpha_{i,\\mathrm{pos}}$' },
  ],
  rows: rows.map((row) => [row.i, row.pos, row.matching?.length ?? null, row.score, row.other, row.mass, row.alpha]),
});

const weightMap = (N: number, weights: AssumptionCheck['weights']): Heatmap => {
  const { step, cells } = heatmapCells(N, weights);
  const sampled =
    step === 1
      ? ''
      : ` A cell stands for $${step} \\times ${step}$ positions and shows the largest of their weights by modulus.`;
  return {
    id: 'assume-weights',
    title: 'Effective weights',
    caption: `Effective weight $w_{ij} = \\alpha_{ij} s_{ij}$ with which position $i$ reads the record of position $j$.${sampled}`,
    x: { label: 'position j', tex: 'position $j$', count: N },
    y: { label: 'position i', tex: 'position $i$', count: N },
    value: { label: 'weight w_ij', tex: 'weight $w_{ij}$' },
    step,
    cells,
  };
};

/** How many positions meet each condition of T1.mass. */
const metBy = (rows: readonly AssumptionRow[]): { own: number; uniform: number; possible: number } => {
  const count = (name: 'own' | 'uniform' | 'possible'): number => rows.filter((row) => row.hypothesis?.[name]).length;
  return { own: count('own'), uniform: count('uniform'), possible: count('possible') };
};

const range = (values: readonly number[]): string => {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least === most ? short(least) : `${short(least)} to ${short(most)}`;
};

const printCheck = (
  check: AssumptionCheck,
  used: { delta: Shown | null; rho: Shown | null },
  { M, eps }: { M: Rational; eps: Rational | undefined },
  { boundM }: AssumeOptions,
): void => {
  const { rows, parts } = check;
  const N = rows.length;
  const line = (name: string, detail: string): void => print(`${name.padEnd(10)}  ${detail}`.trimEnd());
  const part = (name: string, { holds, i, j, reason }: Part, detail: string): void => {
    const verdict = paint(holds ? 'holds' : 'refuted', holds ? 'holds ' : 'broken');
    line(name, `${verdict}  ${holds ? detail : `at ${i === undefined ? `j = ${j}` : `i = ${i}`}: ${reason}`}`);
  };
  const sizes = rows.flatMap(({ matching }) => matching?.length ?? []);
  const heaviest = rows.reduce((x, y) => (y.mass > x.mass ? y : x));
  const best = pairOf(check.overall);
  const own = rows.filter(({ thresholds }) => !('reason' in thresholds)).length;
  print(
    `N = ${N}, window L = ${check.window}, δ = ${used.delta ?? '–'}, ρ = ${used.rho ?? '–'}, M = ${shown(M, boundM)}\n`,
  );
  part('A1.gap', parts.gap, `|S_i| is ${range(sizes)}`);
  part('A1.scale', parts.scale, `largest mass ${short(heaviest.mass)} at i = ${heaviest.i}`);
  part('A1.values', parts.values, boundM === undefined ? 'M taken from the records' : '');
  line(
    'thresholds',
    `${'reason' in best ? 'none for all positions' : `best δ = ${best.delta}, ρ = ${best.rho}`}; ${own} of ${N} positions have some by themselves`,
  );
  if (!eps) return;
  const met = metBy(rows);
  const score = check.uniformScore ? check.uniformScore.toDecimalText(5) : '∞';
  line(
    'T1.mass',
    `ε = ${eps.toDecimalText(5)}: s ≥ (1 − η)/a_min^(L−1) = ${score} at ${met.uniform} of ${N} positions (A1.scale allows it at ${met.possible}); w_pos ≥ 1 − η at ${met.own}`,
  );
};

/** mambound assume: checks Assumption 1 on an instance file; with --out also a table and a map of the weights. */
export const assume = (file: string, options: AssumeOptions): number => {
  const window = options.window === undefined ? undefined : integerOption('--window', options.window, 1);
  const given = thresholdsOf(options);
  const instance = readInstance(file);
  const bounds = boundsOf(instance.v, options);
  if (options.out !== undefined) assertWritable(options.out);
  const N = instance.a.length;
  const check = checkAssumption(instance, { window: window ?? N, ...given, ...bounds });
  const { rows, parts } = check;
  const used = usedOf(check, options);
  const files = options.out === undefined ? [] : writeItems([tableOf(rows), weightMap(N, check.weights)], options.out);
  if (options.json) {
    process.stdout.write(
      resultText({
        N,
        m: instance.b[0]!.length,
        d: instance.v[0]!.length,
        window: check.window,
        ...used,
        M: shown(bounds.M, options.boundM),
        parts,
        thresholds: {
          overall: pairOf(check.overall),
          perPosition: rows.map(({ i, thresholds }) => ({ i, ...pairOf(thresholds) })),
        },
        hypothesis: bounds.eps && {
          eps: shown(bounds.eps, options.eps),
          aMin: check.aMin,
          uniformScore: check.uniformScore?.toNumber() ?? Infinity,
          ...metBy(rows),
        },
        rows: rows.map(({ thresholds: _, ...row }) => row),
      }),
    );
  } else {
    printCheck(check, used, bounds, options);
    if (files.length > 0) print(`\n${files.length} files in ${options.out}`);
  }
  return Object.values(parts).every(({ holds }) => holds) ? 0 : 1;
};
