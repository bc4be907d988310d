import { resultText, type Cell, type MeasurementResult, type Results } from '../claim/result.ts';
import { readResultsIn } from './check.ts';
import { toleranceOption } from './options.ts';
import { columns, print } from './terminal.ts';

/** One difference. What only one side has was added or removed as a whole. */
interface Change {
  readonly where: string;
  readonly what: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Whether two values are the same, numbers within a relative tolerance. */
const same = (x: unknown, y: unknown, tolerance: number): boolean => {
  if (Number.isFinite(x) && Number.isFinite(y)) {
    const [a, b] = [x as number, y as number];
    return Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b));
  }
  if (typeof x !== 'object' || typeof y !== 'object' || x === null || y === null) return Object.is(x, y);
  const [a, b] = [x, y] as Record<string, unknown>[];
  const names = new Set([...Object.keys(x), ...Object.keys(y)]);
  return Array.isArray(x) === Array.isArray(y) && [...names].every((name) => same(a![name], b![name], tolerance));
};

/** Compares two things field by field. */
const fieldChanges = (where: string, before: object, after: object, tolerance: number, except: string[]): Change[] => {
  const [a, b] = [before, after] as Record<string, unknown>[];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => !except.includes(name));
  return names.flatMap((what) =>
    same(a![what], b![what], tolerance) ? [] : [{ where, what, before: a![what], after: b![what] }],
  );
};

/** Compares two lists of things that have names; what only one of them has was added or removed. */
const listChanges = <X>(
  before: readonly X[],
  after: readonly X[],
  nameOf: (x: X) => string,
  changes: (name: string, before: X, after: X) => Change[],
): Change[] => {
  const [old, recent] = [before, after].map((list) => new Map(list.map((x) => [nameOf(x), x])));
  return [...new Set([...old!.keys(), ...recent!.keys()])].flatMap((where) => {
    const [a, b] = [old!.get(where), recent!.get(where)];
    return a && b ? changes(where, a, b) : [{ where, what: a ? 'removed' : 'added' }];
  });
};

const tableChanges = (where: string, a: MeasurementResult, b: MeasurementResult, tolerance: number): Change[] => {
  const heads = fieldChanges(where, a, b, tolerance, ['rows']);
  if (heads.length > 0) return heads;
  if (a.rows.length !== b.rows.length) return [{ where, what: 'rows', before: a.rows.length, after: b.rows.length }];
  return a.rows.flatMap((row, at) =>
    row.flatMap((before, column) => {
      const after = b.rows[at]![column];
      const what = `row ${at + 1}, ${a.columns[column]!.name}`;
      return same(before, after, tolerance) ? [] : [{ where, what, before, after }];
    }),
  );
};

/** A cell with every number that was found under a name of its own. */
const flat = ({ found, ...cell }: Cell): object => ({
  ...cell,
  ...Object.fromEntries(Object.entries(found).map(([by, x]) => [`found by ${by}`, x])),
});

/** What differs between two result files but for when and how long they ran: the run, claims, their cells, tables. */
const changesBetween = (before: Results, after: Results, tolerance: number): Change[] => {
  const cellsOf = ({ claims }: Results): { tag: string; cell: Cell }[] =>
    claims.flatMap(({ tag, cells }) => cells.map((cell) => ({ tag, cell })));
  const nameOf = ({ tag, cell: { params, format, mode } }: { tag: string; cell: Cell }): string => {
    const settings = Object.entries(params).map(([name, value]) => `${name}=${value}`);
    return [tag, ...settings, `${format}${mode === 'own' ? '' : `/${mode}`}`].join(' ');
  };
  const common = new Set(before.claims.map(({ tag }) => tag).filter((tag) => after.claims.some((c) => c.tag === tag)));
  const [old, recent] = [before, after].map((side) => cellsOf(side).filter(({ tag }) => common.has(tag)));
  return [
    ...fieldChanges('run', before, after, tolerance, ['startedAt', 'claims', 'measurements']),
    ...listChanges(
      before.claims,
      after.claims,
      ({ tag }) => tag,
      (tag, a, b) => fieldChanges(tag, a, b, tolerance, ['seconds', 'cells']),
    ),
    ...listChanges(old!, recent!, nameOf, (name, a, b) =>
      fieldChanges(name, flat(a.cell), flat(b.cell), tolerance, []),
    ),
    ...listChanges(
      before.measurements,
      after.measurements,
      ({ id }) => id,
      (id, a, b) => tableChanges(id, a, b, tolerance),
    ),
  ];
};

/** Longer lists are for programs. */
const MOST_LINES = 50;
const MOST_TEXT = 60;

const valueText = (value: unknown): string => {
  if (typeof value === 'string') return cut(value);
  return value === undefined ? 'nothing' : cut(resultText(value, 0).trimEnd());
};
const cut = (text: string): string => (text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT - 1)}…` : text);

/** mambound diff: what changed from one result file to another; exit code 0 where nothing did. */
export const diff = (a: string, b: string, options: { tolerance: string; json?: boolean }): number => {
  const tolerance = toleranceOption('--tolerance', options.tolerance);
  const changes = changesBetween(readResultsIn(a), readResultsIn(b), tolerance);
  if (options.json) process.stdout.write(resultText({ equal: changes.length === 0, changes }));
  else {
    const lines = changes
      .slice(0, MOST_LINES)
      .map((change) => [
        change.where,
        change.what,
        ...('before' in change ? [`${valueText(change.before)} → ${valueText(change.after)}`] : ['']),
      ]);
    if (lines.length > 0) print(columns(lines));
    if (changes.length > lines.length) print(`… and ${changes.length - lines.length} more; --json lists them all`);
    print(changes.length === 1 ? '1 difference' : `${changes.length || 'no'} differences`);
  }
  return changes.length === 0 ? 0 : 1;
};
