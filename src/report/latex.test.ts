import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COPY_TABLE, COST_TABLE, THRESHOLD_FIGURE, WEIGHT_MAP } from './fixtures.ts';
import { latexFigure, latexReport, latexTable } from './latex.ts';
import type { Table } from './model.ts';

const table = (rows: Table['rows'], id = 't'): Table => ({
  id,
  title: 'T',
  caption: 'All of $N$.',
  columns: [{ name: 'a_b' }, { name: 'N', tex: '$N$' }, { name: 'ε' }],
  rows,
});

/** The part of the output that differs from table to table. */
const tabular = (tex: string) => /\\begin\{tabular\}.*?\\end\{tabular\}/s.exec(tex)![0];

const ODD = table(
  [
    ['*[1] a--b_c % & # ~ ^ \\ {} $ "q" √N 10⁻¹² <x|y>', -123.25, 'n/a'],
    ['[ünïcode] 漢 ≤ ∞ − ε', '123456789012345678901234567890', 1e-300],
    [null, null, 'Infinity'],
  ],
  'odd',
);

describe('latexTable', () => {
  it('lays out columns as wide as their numbers', () => {
    const rows = [
      ['bf16', 4, 0.5],
      ['fp8 & x', 1024, -1.25],
      [null, null, Infinity],
    ];
    expect(tabular(latexTable(table(rows)))).toBe(String.raw`\begin{tabular}{lS[table-format=4]S[table-format=-1.2]}
\toprule
{a\_b} & {$N$} & {\ensuremath{\varepsilon}} \\
\midrule
{bf16} & 4 & 0.5 \\
{fp8 \& x} & 1024 & -1.25 \\
 &  & {\ensuremath{\infty}} \\
\bottomrule
\end{tabular}`);
  });

  it('is a float with caption and label', () => {
    const tex = latexTable(table([['x', 1, 1e-7]]));
    expect(tex).toContain(
      '\\begin{table}[htbp]\n\\centering\n\\caption[T]{\\textbf{T.} All of $N$.}\n\\label{tab:t}\n',
    );
    expect(tex).toContain('S[table-format=1e-1]');
  });

  it('has wide columns for wide numbers', () => {
    expect(tabular(latexTable(ODD))).toContain('{lS[table-format=-30.1]S[table-format=1e-3]}');
  });

  it('says that a table has no rows', () => {
    expect(tabular(latexTable(table([])))).toContain('{lll}');
    expect(latexTable(table([]))).toContain('\\multicolumn{3}{c}{no rows} \\\\');
  });

  it('spreads many rows over several floats, labelled once', () => {
    const tex = latexTable(table(Array.from({ length: 100 }, (_, i) => ['x', i, i])));
    expect(tex.split('\\begin{tabular}').map((part) => part.match(/^\{x\}/gm)?.length)).toEqual([
      undefined,
      34,
      34,
      32,
    ]);
    expect(tex.match(/\\label/g)).toHaveLength(1);
    expect(tex.match(/\\textbf\{T\} \(continued\)/g)).toHaveLength(2);
  });
});

describe('latexFigure', () => {
  it('shares limits, colours and points with the other plots', () => {
    const tex = latexFigure(THRESHOLD_FIGURE);
    expect(tex).toContain('\\definecolor{mambound0}{HTML}{0072B2}');
    expect(tex).toContain('ymode=log');
    expect(tex).toContain('yticklabels={$10^{-8}$,$10^{-7}$,$10^{-6}$,$10^{-5}$,$10^{-4}$}');
    expect(tex).toContain('xlabel={length $L$}');
    expect(tex.match(/\\addplot/g)).toHaveLength(6);
    expect(tex.match(/\\addlegendentry\{bound, \$a_\{\\min\} = 0\.9\$\}/g)).toHaveLength(1);
    expect(tex).not.toContain('(8,0)');
    expect(tex).toContain('\\label{fig:threshold_over_length}');
  });

  it('plots nothing where there is nothing to show', () => {
    expect(
      latexFigure({ ...THRESHOLD_FIGURE, series: [{ label: 'none', style: 'marks', points: [[1, 0]] }] }),
    ).not.toContain('\\addplot');
  });
});

describe('latexFigure of a heat map', () => {
  it('draws the cells of the other pictures, cut off at the end, under an axis', () => {
    const tex = latexFigure(WEIGHT_MAP);
    expect(tex.match(/^\\mamboundcell\{.*/gm)).toEqual([
      '\\mamboundcell{0}{0}{2}{2}{0072B2}',
      '\\mamboundcell{0}{2}{2}{2}{E4A879}',
      '\\mamboundcell{2}{2}{2}{2}{0072B2}',
      '\\mamboundcell{0}{4}{2}{1}{B6D2E2}',
      '\\mamboundcell{4}{4}{1}{1}{F2F2F2}',
    ]);
    expect(tex).toContain('colormap={mambound}{color=(mambound0) color=(mambound1) color=(mambound2)}');
    expect(tex).toContain('ytick={-1,-0.5,0,0.5,1},yticklabels={$-1$,$-0.5$,$0$,$0.5$,$1$}');
    expect(tex).toContain('xlabel={position $j$}');
    expect(tex).toContain('\\label{fig:weights}');
  });
});

describe('latexReport', () => {
  it('inputs every item in order', () => {
    const tex = latexReport({ title: 'A & B', intro: 'See $x$.', items: [COPY_TABLE, THRESHOLD_FIGURE] });
    expect(tex).toContain('\\title{A \\& B}');
    expect(tex).toContain(
      '\\maketitle\nSee $x$.\n\\input{copy_worst-case}\n\\input{threshold_over_length}\n\\end{document}\n',
    );
  });
});

const hasLatex =
  !spawnSync('latexmk', ['-v']).error && spawnSync('kpsewhich', ['pgfplots.sty', 'siunitx.sty']).status === 0;

describe('compilation', () => {
  it.skipIf(!hasLatex)('works alone and inside another document', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mambound-latex-'));
    try {
      const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
      write('cost.tex', latexTable(COST_TABLE));
      write('odd.tex', latexTable(ODD));
      write('figure.tex', latexFigure(THRESHOLD_FIGURE));
      write('map.tex', latexFigure(WEIGHT_MAP));
      write(
        'paper.tex',
        String.raw`\documentclass{article}
\usepackage{booktabs,siunitx,pgfplots}
\pgfplotsset{compat=1.16}
\begin{document}
\input{cost}
\input{odd.tex}
\input{figure}
\input{map}
\ifdefined\mamboundtabular\errmessage{a helper is still defined}\fi
Tables \ref{tab:cost} and~\ref{tab:odd}, Figures \ref{fig:threshold_over_length} and~\ref{fig:weights}.
\end{document}
`,
      );
      const compile = (...names: string[]) =>
        execFileSync('latexmk', ['-pdf', '-interaction=nonstopmode', '-halt-on-error', ...names], {
          cwd: folder,
          stdio: 'pipe',
        });
      compile('cost.tex', 'figure.tex', 'map.tex', 'paper.tex');
      for (const name of ['cost', 'figure', 'map', 'paper']) {
        const log = readFileSync(join(folder, `${name}.log`), 'utf8');
        expect(log).not.toMatch(/^Overfull|^! |undefined references|multiply.defined/m);
        expect(log).toMatch(/Output written on \w+\.pdf \(\d page/);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
