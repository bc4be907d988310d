/** The lemmas of §4 by activation, what the exact ones keep in number formats, and the error of products over λ. */
import { formatByName } from '../src/arithmetic/format.ts';
import type { Cell, Results } from '../src/claim/result.ts';
import { defineFigure, defineTable } from '../src/report/item.ts';
import type { CellValue, Series } from '../src/report/model.ts';
import { cellOf, cellsOfQuantity, inOrder, isAt } from '../src/report/rows.ts';
import { symbols } from '../src/report/symbols.ts';

/** One setting of each lemma, beside the activation; `exact`: the bound is 2^−100 of the size of what is computed. */
interface Shown {
  readonly tag: string;
  readonly quantity: string;
  readonly computes: string;
  readonly at: Readonly<Record<string, number | string>>;
  readonly exact?: true;
}
const STEEP = { lambda: 16, M: 1 };
const STEPS = { lambda: 4, n: 6 };
const MLP = { n: 3, d: 2, M: 2 };
const SHOWN: readonly Shown[] = [
  { tag: 'L0', quantity: 'error', computes: 'linear map', at: { d: 2, M: 4, format: 'real' }, exact: true },
  { tag: 'L1', quantity: 'error', computes: 'ReLU', at: STEEP },
  { tag: 'L2', quantity: 'error', computes: 'product', at: STEEP },
  { tag: 'L2.gate', quantity: 'error', computes: 'product', at: { M: 8, format: 'real' }, exact: true },
  { tag: 'L3', quantity: 'error', computes: 'select', at: { ...STEEP, alpha: 0.5 } },
  ...['min', 'max', 'abs'].map((form) => ({ tag: 'L4', quantity: form, computes: form, at: STEEP })),
  ...['comparison', 'indicator', 'lookup'].map((form) => ({ tag: 'L5', quantity: form, computes: form, at: STEPS })),
  { tag: 'L6', quantity: 'error', computes: 'MLP, pair of gates', at: { ...MLP, gate: 'pair' }, exact: true },
  { tag: 'L6', quantity: 'error', computes: 'MLP, gate z0', at: { ...MLP, gate: 'z0' } },
];
const ACTIVATIONS = ['relu', 'silu', 'gelu', 'softplus'];

/** Blocks have no choice: SiLU is Mamba's activation. */
const activationOf = ({ params }: Cell): string => String(params.g ?? 'silu');
const byActivation = (x: Cell, y: Cell): number =>
  ACTIVATIONS.indexOf(activationOf(x)) - ACTIVATIONS.indexOf(activationOf(y));

const rowsOfLemma = (results: Results, { tag, quantity, computes, at, exact }: Shown): CellValue[][] => {
  const counts = ['width', 'weight'].map((name) => cellsOfQuantity(results, tag, name));
  return cellsOfQuantity(results, tag, quantity)
    .filter(({ params }) => isAt(params, at))
    .sort(byActivation)
    .map((cell) => [
      tag,
      computes,
      activationOf(cell),
      at.lambda ?? null,
      at.M ?? null,
      ...counts.map((cells) => cellOf(cells, cell.params)?.worst ?? null),
      cell.bound,
      cell.worst,
      exact || cell.bound === 0 ? 'exact' : cell.tightness,
    ]);
};

export const table = defineTable({
  id: 'lemmas',
  title: 'The lemmas as explicit networks',
  make: (results) => {
    const rows = SHOWN.flatMap((shown) => rowsOfLemma(results, shown));
    return rows.length === 0
      ? undefined
      : {
          id: 'lemmas',
          title: 'The lemmas as explicit networks',
          caption: `Each lemma of \\S4 with explicit weights: hidden neurons (inner channels for L2.gate and L6, whose MLP has ${MLP.n} hidden units and ${MLP.d} inputs), largest absolute weight, the bound on the error, the largest error found by running the network, and tightness $=$ found$/$bound. L3 with $\\alpha=1/2$; L5 on the integers $1,\\dots,${STEPS.n}$, tables in $[-1,1]$. Exact: the bound is 0, or $2^{-100}$ of the size of the output (L2.gate: of $|ab|$), which is what enclosures can show of an identity; the error found is then the width of one around 0.`,
          columns: [
            { name: 'lemma' },
            { name: 'computes' },
            { name: 'activation' },
            { name: 'λ', tex: '$\\lambda$' },
            ...symbols('M'),
            { name: 'width' },
            { name: 'largest weight', tex: 'weight', digits: 4 },
            { name: 'bound', digits: 4 },
            { name: 'worst found', tex: 'worst', digits: 4 },
            { name: 'tightness', digits: 4 },
          ],
          rows,
        };
  },
});

/** Errors of the exact lemmas in formats, as multiples of u times `size`. */
const roundingRows = (results: Results, tag: string, size: (cell: Cell) => number): CellValue[][] =>
  cellsOfQuantity(results, tag, 'error').flatMap((cell) => {
    const format = formatByName(cell.format);
    if (!format) return [];
    const unit = 2 ** -format.p * size(cell);
    const { d, M } = cell.params;
    return [
      [tag, activationOf(cell), d ?? null, M ?? null, cell.format, format.p, cell.bound / unit, cell.worst / unit],
    ];
  });

export const rounding = defineTable({
  id: 'lemmas-rounding',
  title: 'Exact lemmas in number formats',
  make: (results) => {
    const rows = [
      ...roundingRows(results, 'L0', ({ params }) => Number(params.d) * Number(params.M)),
      ...roundingRows(results, 'L2.gate', () => 1),
    ];
    return rows.length === 0
      ? undefined
      : {
          id: 'lemmas-rounding',
          title: 'Exact lemmas in number formats',
          caption:
            'Linear maps of $d$ inputs (L0), error in units of $u\\,dM$, and products by a Mamba gate (L2.gate), relative error in units of $u=2^{-p}$: the bound that counts roundings, and the largest found by running the network in the format. (With two or three bits and subnormals $ku$ is no small number.)',
          columns: [
            { name: 'lemma' },
            { name: 'activation' },
            ...symbols('d', 'M'),
            { name: 'format' },
            { name: 'p', tex: '$p$' },
            { name: 'bound / u', tex: 'bound$/u$', digits: 4 },
            { name: 'worst / u', tex: 'worst$/u$', digits: 3 },
          ],
          rows: inOrder(rows, 6),
        };
  },
});

/** Fewer points than this are no curve. */
const LEAST_POINTS = 3;
const [id, title] = ['L2-error', 'L2: error of products over λ'];
const OF_PRODUCTS = { M: 1 };

export const figure = defineFigure({
  id,
  title,
  make: (results) => {
    const cells = cellsOfQuantity(results, 'L2', 'error').filter(({ params }) => isAt(params, OF_PRODUCTS));
    const over = (g: string, y: (cell: Cell) => number): [number, number][] =>
      cells
        .filter((cell) => activationOf(cell) === g)
        .map((cell): [number, number] => [Number(cell.params.lambda), y(cell)])
        .sort(([x], [y]) => x - y);
    const series = ACTIVATIONS.flatMap((g): Series[] => [
      { label: `${g}: bound`, style: 'line', points: over(g, ({ bound }) => bound) },
      { label: `${g}: found`, style: 'marks', points: over(g, ({ worst }) => worst) },
    ]).filter(({ points }) => points.length >= LEAST_POINTS);
    return series.length === 0
      ? undefined
      : {
          id,
          title,
          caption: `Products by four neurons ($M=${OF_PRODUCTS.M}$): the bound $c_gM^4/\\lambda^2$ and the largest error found by running the network. The largest weight is $C_g\\lambda^2/4$, so an error of $\\varepsilon$ costs a weight of order $M^4/\\varepsilon$.`,
          x: { label: 'λ', tex: '$\\lambda$', scale: 'log' },
          y: { label: 'error', scale: 'log' },
          series,
        };
  },
});
