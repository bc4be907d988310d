/** A report as one self-contained HTML file, well-formed as XML too. */

import type { Item, Table } from './model.ts';
import { decimalParts, formatColumns } from './numbers.ts';
import { toSvg } from './svg.ts';
import { escapeXml, plainText } from './text.ts';

export interface HtmlReport {
  readonly title: string;
  /** LaTeX source, like the captions. */
  readonly intro?: string;
  /** What the report was made from and with, as name and value. */
  readonly meta: readonly (readonly [name: string, value: string])[];
  readonly items: readonly Item[];
}

const STYLE = `
:root { color-scheme: light dark; --paper: #ffffff; --ink: #1c1f23; --soft: #5b6470; --rule: #d5d9df; --band: #f5f6f8; --link: #0072b2; --grid: #dddddd; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #16181c; --ink: #e6e8eb; --soft: #a2abb7; --rule: #3a4049; --band: #1e2126; --link: #56b4e9; --grid: #363b43; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
main, header, nav { max-width: 76rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 2.5rem; }
h1 { font-size: 1.8rem; line-height: 1.2; margin: 0 0 1rem; }
h2 { font-size: 1.2rem; margin: 0 0 .4rem; }
a { color: var(--link); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.2rem; margin: 0 0 1rem; font-size: .9rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
nav ul { margin: 1rem 0; padding: .8rem 0 .8rem 1.2rem; border-block: 1px solid var(--rule); columns: 24rem; }
section { margin: 2.5rem 0; }
.caption { margin: 0 0 .8rem; color: var(--soft); max-width: 60rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; border-block: 2px solid var(--ink); font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .8rem; text-align: left; white-space: nowrap; }
thead th { border-bottom: 1px solid var(--ink); vertical-align: bottom; font-weight: 600; }
tbody tr:nth-child(even) { background: var(--band); }
.n { text-align: right; }
.none { color: var(--soft); }
sup { font-size: .75em; line-height: 0; }
svg { display: block; max-width: 100%; height: auto; }
.plot-paper { fill: var(--paper); }
.plot-grid { stroke: var(--grid); }
.plot-frame { stroke: var(--ink); }
.plot-text, .plot-legend text { fill: var(--ink); }
@media print { .scroll { overflow: visible; } section { break-inside: avoid; } }
`;

function cellText(text: string | null): string {
  const parts = text === null ? null : decimalParts(text);
  if (text === null || !parts) return escapeXml(text ?? '');
  const sign = parts.negative ? '−' : '';
  if (parts.exponent === undefined) return sign + parts.mantissa;
  return `${sign}${parts.mantissa} × 10<sup>${String(parts.exponent).replace('-', '−')}</sup>`;
}

function htmlTable(table: Table): string {
  const columns = formatColumns(table);
  const kind = columns.map(({ numeric }) => (numeric ? ' class="n"' : ''));
  const heads = table.columns.map(({ name }, j) => `<th scope="col"${kind[j]}>${escapeXml(name)}</th>`);
  const rows = table.rows.map(
    (_, i) => `<tr>${columns.map(({ cells }, j) => `<td${kind[j]}>${cellText(cells[i])}</td>`).join('')}</tr>`,
  );
  if (!rows.length) rows.push(`<tr><td class="none" colspan="${table.columns.length}">no rows</td></tr>`);
  return [
    `<div class="scroll" role="region" tabindex="0" aria-label="${escapeXml(table.title)}">`,
    '<table>',
    `<thead><tr>${heads.join('')}</tr></thead>`,
    '<tbody>',
    ...rows,
    '</tbody>',
    '</table>',
    '</div>',
  ].join('\n');
}

function section(item: Item): string {
  const caption = plainText(item.caption);
  return [
    `<section id="${escapeXml(item.id)}">`,
    `<h2>${escapeXml(item.title)}</h2>`,
    ...(caption ? [`<p class="caption">${escapeXml(caption)}</p>`] : []),
    'columns' in item ? htmlTable(item) : `<div class="scroll">\n${toSvg(item)}</div>`,
    '</section>',
  ].join('\n');
}

export function htmlReport({ title, intro, meta, items }: HtmlReport): string {
  const links = items.map((item) => `<li><a href="#${escapeXml(item.id)}">${escapeXml(item.title)}</a></li>`);
  const facts = meta.map(([name, value]) => `<dt>${escapeXml(name)}</dt><dd>${escapeXml(value)}</dd>`);
  return [
    '<!DOCTYPE html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8"/>',
    '<meta name="viewport" content="width=device-width, initial-scale=1"/>',
    `<title>${escapeXml(title)}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    '<header>',
    `<h1>${escapeXml(title)}</h1>`,
    ...(intro === undefined ? [] : [`<p>${escapeXml(plainText(intro))}</p>`]),
    ...(facts.length ? ['<dl>', ...facts, '</dl>'] : []),
    '</header>',
    ...(links.length ? ['<nav aria-label="Contents">', '<ul>', ...links, '</ul>', '</nav>'] : []),
    '<main>',
    ...items.map(section),
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n');
}
