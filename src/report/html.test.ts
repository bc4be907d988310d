import { describe, expect, it } from 'vitest';
import { COPY_TABLE, COST_TABLE, expectWellFormed, THRESHOLD_FIGURE, WEIGHT_MAP } from './fixtures.ts';
import { htmlReport } from './html.ts';
import type { Table } from './model.ts';

const report = (items: readonly Table[], title = 't') => htmlReport({ title, meta: [], items });
const table = (rows: Table['rows']): Table => ({
  id: 't',
  title: 'T',
  caption: '',
  columns: [{ name: 'format' }, { name: 'a < b', digits: 3 }],
  rows,
});
const body = (html: string) => /<tbody>\n(.*)\n<\/tbody>/s.exec(html)![1];

describe('htmlReport', () => {
  it('is well-formed and self-contained', () => {
    const html = htmlReport({
      title: 'Copy & <more>',
      intro: 'Bounds of $\\varepsilon$.',
      meta: [['seed & "more"', '<42>']],
      items: [COPY_TABLE, THRESHOLD_FIGURE, WEIGHT_MAP, COST_TABLE],
    });
    expectWellFormed(html.replace('<!DOCTYPE html>\n', ''));
    expect(html).toContain('<h1>Copy &amp; &lt;more&gt;</h1>\n<p>Bounds of ε.</p>');
    expect(html).toContain('<dt>seed &amp; &quot;more&quot;</dt><dd>&lt;42&gt;</dd>');
    expect(html).toContain('<li><a href="#cost">What the construction costs</a></li>');
    expect(html).toContain('<section id="cost">');
    expect(html).toContain('reads the record of position j.</p>\n<div class="scroll">\n<svg');
    expect(html).toContain('λ(N+1) against N M².</p>');
    expect(html.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|\b(?:src|@import)\b|url\(/);
  });

  it('typesets cells and aligns numeric columns', () => {
    const rows = [
      ['bf16', 1.23456e-7],
      ['<x>', '-1.5e-400'],
      [null, Infinity],
      ['e4m3', null],
    ];
    expect(body(report([table(rows)]))).toBe(
      [
        '<tr><td>bf16</td><td class="n">1.23 × 10<sup>−7</sup></td></tr>',
        '<tr><td>&lt;x&gt;</td><td class="n">−1.5 × 10<sup>−400</sup></td></tr>',
        '<tr><td></td><td class="n">∞</td></tr>',
        '<tr><td>e4m3</td><td class="n"></td></tr>',
      ].join('\n'),
    );
  });

  it('says that a table has no rows', () => {
    expect(body(report([table([])]))).toBe('<tr><td class="none" colspan="2">no rows</td></tr>');
  });

  it('has no empty lists', () => {
    expect(report([])).not.toMatch(/<(?:ul|dl)>/);
  });
});
