/** L2.floor: products by four neurons in number formats, over the scale λ and over the precision. */
import { formatByName } from '../src/arithmetic/format.ts';
import type { Results } from '../src/claim/result.ts';
import { fitLine } from '../src/report/fit.ts';
import { defineFigure } from '../src/report/item.ts';
import type { Series } from '../src/report/model.ts';
import { cellsOfQuantity, isAt, rowsOf, type Row } from '../src/report/rows.ts';
import { GATE_ROUNDINGS } from '../constructions/lemma/L2.gate.ts';

type Points = readonly (readonly [x: number, y: number])[];
const ordered = (points: Points): Points => [...points].sort(([x], [y]) => x - y);
const LEAST_POINTS = 3;

/** The error of L2.gate for |ab| ≤ 1, which has no λ. */
const gateError = (p: number): number => (1 + 2 ** -p) ** GATE_ROUNDINGS - 1;

/** Of the four neurons. */
const SHOWN = { g: 'silu' } as const;
const FORMATS = ['bf16', 'fp16', 'fp32'];

export const curves = defineFigure({
  id: 'L2-floor-scale',
  title: 'L2.floor: error of products in number formats over λ',
  make: (results) => {
    const floors = rowsOf(results, 'L2.floor.errors').filter((row) => row.lambda === null && isAt(row, SHOWN));
    const families = FORMATS.flatMap((format): Series[] => {
      const cells = cellsOfQuantity(results, 'L2.floor', 'error').filter(
        (cell) => cell.format === format && isAt(cell.params, SHOWN),
      );
      if (cells.length < LEAST_POINTS) return [];
      const over = (y: 'bound' | 'worst'): Points =>
        ordered(cells.map((cell) => [Number(cell.params.lambda), cell[y]] as const));
      const [bound, found] = [over('bound'), over('worst')];
      const gate = gateError(formatByName(format)!.p);
      return [
        { label: `${format}: bound`, style: 'line', points: bound },
        { label: `${format}: found`, style: 'marks', points: found },
        { label: `${format}: L2.gate`, style: 'dashed', points: [bound[0]!, bound.at(-1)!].map(([x]) => [x, gate]) },
      ];
    });
    const minima = FORMATS.flatMap((format) => floors.filter((row) => row.format === format)).map(
      (row) => [Number(row['predicted lambda']), Number(row['predicted floor'])] as const,
    );
    return families.length === 0
      ? undefined
      : {
          id: 'L2-floor-scale',
          title: 'L2.floor: error of products in number formats over λ',
          caption: `Products of $|a|,|b|\\le1$ by four neurons (SiLU) in number formats: the bound $1/(3\\lambda^2)+\\tfrac52\\lambda u+\\dots$, the largest error found by running the network, and the predicted least of the two leading terms. A small $\\lambda$ leaves the error of the lemma, a large one amplifies roundings; no $\\lambda$ gets below a floor of order $u^{2/3}$. Dashed: what a Mamba block's own gate needs for the same products (L2.gate), $(1+u)^{${GATE_ROUNDINGS}}-1$.`,
          x: { label: 'λ', tex: '$\\lambda$', scale: 'log' },
          y: { label: 'error', scale: 'log' },
          series: [...families, { label: 'predicted least', style: 'marks', points: minima }],
        };
  },
});

/** p<k>: formats without a range to leave. */
const isUnbounded = ({ format }: Row): boolean => /^p\d+$/.test(String(format));

const ACTIVATIONS = ['silu', 'gelu', 'softplus'];

export const floors = defineFigure({
  id: 'L2-floor',
  title: 'L2.floor: the least error of products over the precision',
  make: (results: Results) => {
    const rows = rowsOf(results, 'L2.floor.errors').filter((row) => row.lambda === null && isUnbounded(row));
    const over = (g: string, column: string): Points =>
      ordered(rows.filter((row) => row.g === g).map((row) => [Number(row.p), Number(row[column])] as const));
    const shown = ACTIVATIONS.filter((g) => over(g, 'error').length >= LEAST_POINTS);
    if (shown.length === 0) return undefined;
    const slopes = shown.map((g) => {
      const { slope } = fitLine(over(g, 'error').map(([p, y]) => [p, Math.log2(y)] as const));
      return `$${slope.toFixed(3)}$ (${g})`;
    });
    return {
      id: 'L2-floor',
      title: 'L2.floor: the least error of products over the precision',
      caption: `The least error of products of $|a|,|b|\\le1$ by four neurons, over all powers of two $\\lambda$: found by running the networks in $p$ bits, the predicted least of the bound's two leading terms, and the error of L2.gate. Slopes of $\\log_2$ of the error found per bit, by least squares: ${slopes.join(', ')}; the theory's are $-2/3$ for SiLU and GELU, $-1/2$ for softplus.`,
      x: { label: 'significant bits p', tex: 'significant bits $p$', scale: 'linear' },
      y: { label: 'least error', scale: 'log' },
      series: [
        ...shown.flatMap((g): Series[] => [
          { label: `${g}: predicted`, style: 'line', points: over(g, 'predicted floor') },
          { label: `${g}: found`, style: 'marks', points: over(g, 'error') },
        ]),
        {
          label: 'L2.gate',
          style: 'dashed',
          points: over(shown[0]!, 'error').map(([p]) => [p, gateError(p)] as const),
        },
      ],
    };
  },
});
