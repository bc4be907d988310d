/** The result file: its schema, its text, and reading with validation. */
import * as v from 'valibot';
import { MODES } from '../arithmetic/arithmetic.ts';
import { readJson, validate } from '../exchange/json-file.ts';
import { InputError } from '../input-error.ts';

/** Raised whenever a reader of the previous number would misunderstand the file. */
export const RESULT_SCHEMA = 1;

/** From the strongest to the weakest. */
export const EVIDENCE = ['certified', 'exhaustive', 'enclosed', 'sampled'] as const;
export const VERDICTS = ['holds', 'undecided', 'refuted'] as const;
const FOUND_BY = ['witness', 'search', 'sample', 'proof'] as const;
export type Evidence = (typeof EVIDENCE)[number];
export type Verdict = (typeof VERDICTS)[number];
export type FoundBy = (typeof FOUND_BY)[number];

/** JSON has no infinities and no NaN: they are written as these texts. */
const quantity = v.union([
  v.pipe(v.number(), v.finite()),
  v.pipe(v.string(), v.regex(/^(-?Infinity|NaN|-?\d+(\.\d+)?(e[+-]?\d+)?)$/, 'a number')),
]);
const value = v.union([v.number(), v.string()]);
export const rowSchema = v.array(v.nullable(value));

export const cellSchema = v.object({
  params: v.record(v.string(), value),
  format: v.string(),
  mode: v.picklist(MODES),
  bound: quantity,
  worst: quantity,
  foundBy: v.picklist(FOUND_BY),
  found: v.record(v.string(), quantity),
  tightness: v.nullable(quantity),
  slack: v.nullable(quantity),
  verdict: v.picklist(VERDICTS),
  evidence: v.picklist(EVIDENCE),
});
/** What a claim says of itself. */
export const descriptionFields = {
  tag: v.string(),
  title: v.string(),
  statement: v.string(),
  quantifiers: v.array(v.string()),
  source: v.string(),
};
const claimSchema = v.object({
  ...descriptionFields,
  verdict: v.picklist(VERDICTS),
  evidence: v.picklist(EVIDENCE),
  bound: quantity,
  worst: quantity,
  tightness: v.nullable(quantity),
  cases: v.number(),
  seconds: v.number(),
  witness: v.optional(v.unknown()),
  replay: v.optional(v.string()),
  cells: v.pipe(v.array(cellSchema), v.minLength(1)),
});
export const measurementFields = {
  id: v.string(),
  title: v.string(),
  columns: v.array(v.object({ name: v.string(), unit: v.string() })),
};
const measurementSchema = v.pipe(
  v.object({ ...measurementFields, rows: v.array(rowSchema) }),
  v.check(({ columns, rows }) => rows.every((row) => row.length === columns.length), 'rows as long as the columns'),
);
/** Which run it was: runs that agree in all but `startedAt` have the same results. */
export const runFields = {
  schema: v.literal(RESULT_SCHEMA),
  mambound: v.string(),
  node: v.string(),
  platform: v.string(),
  command: v.string(),
  seed: v.number(),
  profile: v.string(),
  startedAt: v.string(),
};
const resultSchema = v.object({
  ...runFields,
  /** False where the run was interrupted: claims are missing. */
  complete: v.boolean(),
  claims: v.pipe(v.array(claimSchema), v.minLength(1)),
  measurements: v.array(measurementSchema),
});

/** How far a tightness is from 1, where upper and lower bounds are attained; on a log scale. */
const offBy = (tightness: number): number => (tightness > 0 ? Math.abs(Math.log(tightness)) : Number.MAX_VALUE);

/** The last of some values in an order from the strongest to the weakest. */
const last = <X>(order: readonly X[], values: readonly X[]): X =>
  order[Math.max(...values.map((x) => order.indexOf(x)))]!;

/** The verdict on all that was judged. */
export const weakestVerdict = (verdicts: readonly Verdict[]): Verdict => last(VERDICTS, verdicts);

/** What a claim's cells come to: the weakest verdict and evidence, and the cell to show for it. */
export const summarise = <C extends Pick<Cell, 'verdict' | 'evidence' | 'tightness'>>(
  cells: readonly C[],
): { verdict: Verdict; evidence: Evidence; shown: C } => {
  const verdict = weakestVerdict(cells.map((cell) => cell.verdict));
  const evidence = last(
    EVIDENCE,
    cells.map((cell) => cell.evidence),
  );
  // Of the cells with that verdict the tightest, or of violations the worst; one without a tightness only where all are.
  const candidates = cells.filter((cell) => cell.verdict === verdict);
  const rank = ({ tightness }: C): number =>
    tightness === null ? -Infinity : verdict === 'refuted' ? offBy(tightness) : -offBy(tightness);
  const shown = candidates.reduce((x, y) => (rank(y) > rank(x) ? y : x));
  return { verdict, evidence, shown };
};

type Numeric<X> = { [K in keyof X]: K extends 'bound' | 'worst' ? number : X[K] };
/** One quantity in one cell of the grid, while a run has it in memory: numbers are numbers. */
export interface Cell extends Numeric<Omit<v.InferOutput<typeof cellSchema>, 'found' | 'tightness' | 'slack'>> {
  found: Partial<Record<FoundBy, number>>;
  tightness: number | null;
  slack: number | null;
}
export interface ClaimResult extends Numeric<Omit<v.InferOutput<typeof claimSchema>, 'cells' | 'tightness'>> {
  tightness: number | null;
  cells: Cell[];
}
export type MeasurementResult = v.InferOutput<typeof measurementSchema>;
export interface Results extends Omit<v.InferOutput<typeof resultSchema>, 'claims'> {
  claims: ClaimResult[];
}

/** JSON text with non-finite numbers as texts. */
export const resultText = (value: unknown, indent = 2): string =>
  `${JSON.stringify(value, (_key, x: unknown) => (typeof x === 'number' && !Number.isFinite(x) ? String(x) : x), indent)}\n`;

const numeric = (x: number | string): number => (typeof x === 'number' ? x : Number(x));
const numericOrNull = (x: number | string | null): number | null => (x === null ? null : numeric(x));

/** A cell as a file holds it, with its numbers as numbers. */
export const numericCell = (cell: v.InferOutput<typeof cellSchema>): Cell => ({
  ...cell,
  bound: numeric(cell.bound),
  worst: numeric(cell.worst),
  tightness: numericOrNull(cell.tightness),
  slack: numericOrNull(cell.slack),
  found: Object.fromEntries(Object.entries(cell.found).map(([by, x]) => [by, numeric(x)])),
});

/** Whether a file is a part of a run, which `merge` joins with the others (src/evidence/record.ts). */
export const isShard = (raw: unknown): boolean => typeof raw === 'object' && raw !== null && 'shard' in raw;

/** JSON of this version or an earlier one. */
export const readVersioned = (file: string): unknown => {
  const raw = readJson(file);
  const schema = typeof raw === 'object' && raw !== null && 'schema' in raw ? raw.schema : undefined;
  if (typeof schema === 'number' && schema > RESULT_SCHEMA) {
    throw new InputError(
      file,
      `a result file of schema ${RESULT_SCHEMA} at most`,
      `schema ${schema}, written by a later version`,
    );
  }
  return raw;
};

/** Reads and validates a result file. */
export const readResults = (file: string): Results => {
  const raw = readVersioned(file);
  if (isShard(raw)) throw new InputError(file, 'the results of a whole run', 'a shard, to be joined by mambound merge');
  const results = validate(file, resultSchema, raw);
  const tags = results.claims.map(({ tag }) => tag);
  const twice = tags.find((tag, at) => tags.indexOf(tag) !== at);
  if (twice !== undefined) throw new InputError(file, 'a result file with each claim once', `${twice} twice`);
  const claims = results.claims.map((claim) => ({
    ...claim,
    bound: numeric(claim.bound),
    worst: numeric(claim.worst),
    tightness: numericOrNull(claim.tightness),
    cells: claim.cells.map(numericCell),
  }));
  for (const claim of claims) {
    const { verdict } = summarise(claim.cells);
    if (claim.verdict !== verdict)
      throw new InputError(`${file}: ${claim.tag}`, `a claim that ${verdict}, as its cells say`, claim.verdict);
  }
  return { ...results, claims };
};
