/** Sample content for the tests of the writers, shaped like the real tables and figures. */

import type { Figure, Heatmap, Table } from './model.ts';

const FLOORS = [0.5, 0.9, 0.99];

const lengths = [16, 64, 256, 1024];
const threshold = (a: number, length: number): number => (1 - a) * length ** -1.5 * 1e-2;

export const COPY_TABLE: Table = {
  id: 'copy_worst-case',
  title: 'Copying: bound & worst case (100% of N ≤ 1024)',
  caption:
    'Score threshold and worst case of the copy construction: floor $a_{\\min}$ of the decay, length $L$, alphabet ' +
    '$N$, margins $\\delta$ and $\\varepsilon$; \\emph{tightness} is the worst error found over the bound.',
  columns: [
    { name: 'a_min', tex: '$a_{\\min}$' },
    { name: 'L', tex: '$L$' },
    { name: 'N', tex: '$N$' },
    { name: 'δ' },
    { name: 'ε' },
    { name: 'threshold', digits: 3 },
    { name: 'bound' },
    { name: 'worst (exact)' },
    { name: 'worst found' },
    { name: 'tightness', digits: 3 },
  ],
  rows: FLOORS.flatMap((a) =>
    lengths.map((length, i) => {
      const bound = threshold(a, length) * 0.731;
      const exact = i === 3 ? null : i === 2 && a === 0.99 ? '1.0372e-412' : bound * (1 - 1e-5 / length);
      return [
        a,
        length,
        2 ** (i + 2),
        0.1,
        1e-3,
        threshold(a, length),
        bound,
        exact,
        bound * 0.97431,
        a === 0.9 && i ? 'Infinity' : 0.97431,
      ];
    }),
  ),
};

export const COST_TABLE: Table = {
  id: 'cost',
  title: 'What the construction costs',
  caption:
    'Size of the construction for $N$ items: error and bound as in Theorem~2, and $\\lambda(N+1)$ against $N M^2$.',
  columns: [
    { name: 'N', tex: '$N$' },
    { name: 'd', tex: '$d$' },
    { name: 'M', tex: '$M$' },
    { name: 'ε' },
    { name: 'λ' },
    { name: 'error', digits: 3 },
    { name: 'bound', digits: 3 },
    { name: 'largest weight' },
    { name: 'λ(N+1)' },
    { name: 'N M²' },
    { name: 'd_state' },
    { name: 'd_inner' },
    { name: 'state floats' },
    { name: 'parameters' },
  ],
  rows: Array.from({ length: 12 }, (_, i) => {
    const n = 2 ** (i + 2);
    const d = 4 + 2 * i;
    const lambda = Math.log(n * 1e4) / 3;
    const error = 3.217e-5 * n ** -0.7;
    return [
      n,
      d,
      1 + i / 4,
      1e-4,
      lambda,
      error,
      1e-4,
      Math.exp(lambda),
      lambda * (n + 1),
      n * (1 + i / 4) ** 2,
      n,
      2 * d,
      2 * d * n,
      12 * d * n + 7 * d * d,
    ];
  }),
};

const CURVE = [8, 16, 32, 64, 128, 256, 512];

export const THRESHOLD_FIGURE: Figure = {
  id: 'threshold_over_length',
  title: 'Score threshold over L',
  caption:
    'Threshold of the score over the length $L$ for three floors $a_{\\min}$: bound (line) and worst found (marks).',
  x: { label: 'length L', tex: 'length $L$', scale: 'linear' },
  y: { label: 'score threshold', scale: 'log' },
  series: FLOORS.flatMap((a) => [
    {
      label: `bound, a_min = ${a}`,
      tex: `bound, $a_{\\min} = ${a}$`,
      style: 'line' as const,
      points: CURVE.map((x) => [x, threshold(a, x)] as const),
    },
    {
      label: `worst found, a_min = ${a}`,
      tex: `worst found, $a_{\\min} = ${a}$`,
      style: 'marks' as const,
      points: CURVE.map((x) => [x, x === 8 ? 0 : threshold(a, x) * 0.985] as const),
    },
  ]),
};

export const WEIGHT_MAP: Heatmap = {
  id: 'weights',
  title: 'Effective weights',
  caption: 'Weight $w_{ij}$ with which position $i$ reads the record of position $j$.',
  x: { label: 'position j', tex: 'position $j$', count: 5 },
  y: { label: 'position i', tex: 'position $i$', count: 5 },
  value: { label: 'weight w_ij', tex: 'weight $w_{ij}$' },
  step: 2,
  cells: [[1], [-0.5, 1], [0.25, null, 1e-9]],
};

const TAG = /<(\/?)([A-Za-z][\w:-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/y;
const TEXT = /(?:[^<&]|&(?:amp|lt|gt|quot|#39);)*/y;
const ATTRIBUTES = /="((?:[^"&]|&(?:amp|lt|gt|quot|#39);)*)"/g;

/** Throws unless a document is well-formed XML (of the kind that the writers make: no comments, no CDATA). */
export function expectWellFormed(xml: string): void {
  const open: string[] = [];
  let at = 0;
  const fail = (): never => {
    throw new Error(`Not well-formed at ${at}: ${xml.slice(at, at + 80)}`);
  };
  const take = (pattern: RegExp): RegExpExecArray => {
    pattern.lastIndex = at;
    const match = pattern.exec(xml) ?? fail();
    at = pattern.lastIndex;
    return match;
  };
  if (/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u.test(xml)) fail();
  do {
    const [, closing, name, attributes, empty] = take(TAG);
    if (attributes.replace(ATTRIBUTES, '').includes('&')) fail();
    if (closing && open.pop() !== name) fail();
    if (!closing && !empty) open.push(name);
    take(TEXT);
  } while (open.length);
  if (xml.slice(at).trim()) fail();
}
