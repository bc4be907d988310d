/** T1.range: the distance at which a constant-size module fails in each number format, and what fails. */
import { formatByName, type Format } from '../src/arithmetic/format.ts';
import type { Results } from '../src/claim/result.ts';
import { defineTable } from '../src/report/item.ts';
import type { CellValue } from '../src/report/model.ts';
import { cellOf, cellsOfQuantity, rowsOf, type Row } from '../src/report/rows.ts';
import { symbols } from '../src/report/symbols.ts';

/** By precision, then by the range of the format, then by the decay. */
const failuresOf = (results: Results): Row[] => {
  const numberOf = ({ format }: Row): Format => formatByName(String(format))!;
  return [...rowsOf(results, 'T1.range.failures')].sort((x, y) => {
    const [f, g] = [numberOf(x), numberOf(y)];
    return f.p - g.p || g.max - f.max || Number(x.a_min) - Number(y.a_min);
  });
};

const distinct = <X>(values: readonly X[]): X[] => [...new Set(values)];
const decaysOf = (rows: readonly Row[]): number[] =>
  distinct(rows.map(({ a_min }) => Number(a_min))).sort((x, y) => x - y);

/** The words that causes begin with are enough in a narrow column. */
const SHORT = ['score', 'state', 'chain', 'rounding'] as const;
const shortCause = (cause: string): string =>
  cause
    .split(', ')
    .map((one) => SHORT.find((word) => one.startsWith(word)) ?? 'no decay')
    .join(', ');
const failure = ({ r, cause }: Row): string =>
  r === null ? shortCause(String(cause)) : `${r} ${shortCause(String(cause))}`;

export const table = defineTable({
  id: 'T1-range',
  title: 'T1.range: the first distance that fails, and why',
  make: (results) => {
    const all = failuresOf(results);
    const decays = decaysOf(all);
    const at = (format: string, decay: number): Row | undefined =>
      all.find((row) => row.format === format && row.a_min === decay);
    const rows = distinct(all.map(({ format }) => String(format))).map((format): CellValue[] => [
      format,
      ...decays.flatMap((decay) => {
        const row = at(format, decay);
        return row ? [failure(row), row.limit!] : [null, null];
      }),
    ]);
    return rows.length === 0
      ? undefined
      : {
          id: 'T1-range',
          title: 'T1.range: the first distance that fails, and why',
          caption:
            'One state channel $h\\leftarrow ah$ with $a=\\mathrm{fl}(a_{\\min})$, read by $c=\\mathrm{fl}(a^{-r})$: for every decay $a_{\\min}$ the first distance $r\\le10^6$ at which one of the records $1,\\tfrac9{16},\\dots,\\tfrac{15}{16}$ errs by more than $\\tfrac14$. Score: $c$ overflows; state: it is subnormal; chain: the roundings of $ah$; no decay: $a_{\\min}$ rounds to 1, and nothing fails. Beside it the limit of $L=r+1$ from the output scale alone, $1+\\log(F/(1-\\eta))/\\log(1/a)$, with $F$ the largest number and $\\eta=\\varepsilon/(2M)=\\tfrac18$.',
          columns: [
            { name: 'format' },
            ...decays.flatMap((decay) => [
              { name: `a_min = ${decay}`, tex: `$a_{\\min}=${decay}$` },
              { name: `limit at ${decay}`, tex: 'limit', digits: 6 },
            ]),
          ],
          rows,
        };
  },
});

export const nominal = defineTable({
  id: 'T1-range-nominal',
  title: 'T1.range: what the rounding of the decay costs',
  make: (results) => {
    const [atMost, atLeast] = ['reach', 'guaranteed'].map((name) => cellsOfQuantity(results, 'T1.range', name));
    const [nominalAtMost, nominalAtLeast] = ['nominal', 'nominalGuaranteed'].map((name) =>
      cellsOfQuantity(results, 'T1.range', name),
    );
    const rows = failuresOf(results).map((row): CellValue[] => {
      const bound = (cells: typeof atMost): number | null => cellOf(cells!, row)?.bound ?? null;
      return [
        row.format!,
        row.a_min!,
        row.a!,
        bound(atLeast),
        row.r === null ? 'none' : Number(row.r) - 1,
        bound(atMost),
        bound(nominalAtLeast),
        row['nominal r'] === null ? 'none' : Number(row['nominal r']) - 1,
        bound(nominalAtMost),
        row['nominal cause']!,
      ];
    });
    return rows.length === 0
      ? undefined
      : {
          id: 'T1-range-nominal',
          title: 'T1.range: what the rounding of the decay costs',
          caption:
            'The greatest distance up to which all records are copied to $\\tfrac14$, between the two that are proved: the roundings counted, and the overflow of $c$. On the left for $c=\\mathrm{fl}(a^{-r})$ of the decay $a$ that the format has, on the right for $c=\\mathrm{fl}(a_{\\min}^{-r})$ of the one that was meant, and what ends those copies. None: no failure up to $10^6$.',
          columns: [
            { name: 'format' },
            ...symbols('a_min'),
            { name: 'a', tex: '$a$', digits: 6 },
            { name: 'at least', digits: 7 },
            { name: 'reach', digits: 7 },
            { name: 'at most', digits: 7 },
            { name: 'nominal: at least', tex: 'at least', digits: 7 },
            { name: 'nominal: reach', tex: 'reach', digits: 7 },
            { name: 'nominal: at most', tex: 'at most', digits: 7 },
            { name: 'nominal: cause', tex: 'cause' },
          ],
          rows,
        };
  },
});
