/**
 * Tables and figures as LaTeX files that compile alone and can be \input, and the report that inputs them.
 *
 * A file only uses what booktabs, siunitx and (figures) pgfplots provide, and defines its few helpers inside the float.
 */

import { heatmapLook } from './heatmap.ts';
import type { Figure, Heatmap, Item, Table } from './model.ts';
import { decimalParts, formatColumns, type FormattedColumn } from './numbers.ts';
import { plot, type Marker, type PlotAxis, type PlotSeries, type Tick } from './plot.ts';
import { escapeLatex } from './text.ts';

export interface LatexReport {
  readonly title: string;
  /** LaTeX source. */
  readonly intro: string;
  readonly items: readonly Item[];
}

/** More rows than this do not fit on a page: the table goes on in a further float, which needs no longtable. */
const ROWS_PER_FLOAT = 45;

/**
 * LaTeX lets \documentclass be \@twoclasseserror once a class is loaded, and both be \@notprerr after the preamble;
 * where they differ, this file is the document. Then each float is a page, cut to its height, as wide as the text of
 * an A4 page, so that the table or figure looks as it will in print. Boxes and page sizes are set by hand because the
 * standalone class is not part of every installation.
 */
const alone = (kind: 'table' | 'figure', preamble: string): string =>
  String.raw`
\expandafter\ifx\csname @twoclasseserror\endcsname\documentclass\else
  \documentclass[10pt]{article}
  \usepackage{amsmath,amssymb,graphicx}
  ${preamble}
  \newsavebox\mamboundpage
  \renewenvironment{${kind}}[1][]%
    {\begin{lrbox}{\mamboundpage}\begin{minipage}{170mm}}%
    {\end{minipage}\end{lrbox}%
     \ifdefined\pdfpagewidth\else\let\pdfpagewidth\pagewidth\let\pdfpageheight\pageheight\fi
     \pdfpagewidth=\dimexpr\wd\mamboundpage+10mm\relax
     \pdfpageheight=\dimexpr\ht\mamboundpage+\dp\mamboundpage+10mm\relax
     \hoffset=\dimexpr5mm-1in\relax \voffset=\hoffset
     \shipout\box\mamboundpage}
  \renewcommand\caption[2][]{\par\medskip\parbox{\linewidth}{\small#2}\par\medskip}
  \def\mamboundend{\end{document}}
  \begin{document}
\fi
`.trim();

const END = String.raw`\ifdefined\mamboundend\expandafter\mamboundend\fi`;

/** Title and explanation; the title alone in a list of tables. */
function caption({ title, caption }: Item): string {
  const name = escapeLatex(title);
  return `\\caption[${name}]{\\textbf{${name}${/[.!?:]$/.test(title) ? '' : '.'}} ${caption.trim()}}`;
}

/** An S column whose format is exactly as wide as its numbers, or l for texts. */
function columnType({ numeric, cells }: FormattedColumn): string {
  const numbers = cells.flatMap((cell) => (cell === null ? [] : (decimalParts(cell) ?? [])));
  if (!numeric) return 'l';
  if (!numbers.length) return 'c';
  const longest = (lengths: readonly number[]): number => Math.max(0, ...lengths);
  const halves = numbers.map(({ mantissa }) => mantissa.split('.'));
  const whole = longest(halves.map(([digits]) => digits.length)) || 1;
  const fraction = longest(halves.map(([, digits = '']) => digits.length));
  const exponents = numbers.flatMap(({ exponent }) => exponent ?? []);
  const power = exponents.length
    ? `e${exponents.some((e) => e < 0) ? '-' : ''}${longest(exponents.map((e) => String(Math.abs(e)).length))}`
    : '';
  const sign = numbers.some(({ negative }) => negative) ? '-' : '';
  return `S[table-format=${sign}${whole}${fraction ? `.${fraction}` : ''}${power}]`;
}

function cell(text: string | null): string {
  if (text === null) return '';
  return decimalParts(text) ? text : `{${escapeLatex(text)}}`;
}

export function latexTable(table: Table): string {
  const columns = formatColumns(table);
  const heads = table.columns.map(({ name, tex }) => `{${tex ?? escapeLatex(name)}}`);
  const rows = table.rows.map((_, i) => `${columns.map(({ cells }) => cell(cells[i])).join(' & ')} \\\\`);
  if (!rows.length) rows.push(`\\multicolumn{${columns.length}}{c}{no rows} \\\\`);
  const floats = Math.ceil(rows.length / ROWS_PER_FLOAT);
  // Equal parts rather than full pages and a rest.
  const share = Math.ceil(rows.length / floats);
  const label = `tab:${table.id}`;
  const parts = Array.from({ length: floats }, (_, i) => {
    const heading =
      i === 0
        ? `${caption(table)}\n\\label{${label}}`
        : `\\textbf{${escapeLatex(table.title)}} (continued)\\par\\medskip`;
    return String.raw`
\begin{table}[htbp]
\centering
${heading}
\sisetup{table-align-exponent=false}
\def\mamboundtabular{%
\begin{tabular}{${columns.map(columnType).join('')}}
\toprule
${heads.join(' & ')} \\
\midrule
${rows.slice(i * share, (i + 1) * share).join('\n')}
\bottomrule
\end{tabular}}%
${FIT}
\end{table}
`.trim();
  });
  return `${alone('table', '\\usepackage{booktabs,siunitx}')}\n${parts.join('\n')}\n${END}\n`;
}

/** Prints \box0, shrunk where it is wider than the line. */
const PLACE = [
  String.raw`\ifdim\wd0>\linewidth\ifdefined\resizebox\setbox0\hbox{\resizebox{\linewidth}{!}{\box0}}\fi\fi`,
  String.raw`\makebox[\linewidth]{\box0}`,
];

/** The tabular in the largest of a few sizes that is not wider than the line. */
const FIT = [
  String.raw`\setbox0\hbox{\small\mamboundtabular}%`,
  String.raw`\ifdim\wd0>\linewidth\setbox0\hbox{\footnotesize\tabcolsep=4pt\mamboundtabular}\fi`,
  String.raw`\ifdim\wd0>\linewidth\setbox0\hbox{\scriptsize\tabcolsep=3pt\mamboundtabular}\fi`,
  String.raw`\ifdim\wd0>\linewidth\ifdefined\resizebox\else\setbox0\hbox{\tiny\tabcolsep=2pt\mamboundtabular}\fi\fi`,
  ...PLACE,
].join('\n');

const MARKS: Readonly<Record<Marker, string>> = {
  circle: 'o',
  square: 'square',
  triangle: 'triangle',
  diamond: 'diamond',
  'down-triangle': 'triangle',
  cross: 'x',
  plus: '+',
};

function tickLabel({ label: { negative, mantissa, exponent } }: Tick): string {
  const power = exponent === undefined ? [] : [`10^{${exponent}}`];
  return `$${negative ? '-' : ''}${[...(mantissa === undefined ? [] : [mantissa]), ...power].join('\\times')}$`;
}

const textOf = ({ label, tex }: { readonly label: string; readonly tex?: string }): string => tex ?? escapeLatex(label);
const valuesOf = (ticks: readonly Tick[]): string => `{${ticks.map(({ value }) => value).join(',')}}`;
const labelsOf = (ticks: readonly Tick[]): string => `{${ticks.map(tickLabel).join(',')}}`;

function axisOptions(name: 'x' | 'y', axis: PlotAxis): readonly string[] {
  return [
    `${name}mode=${axis.log ? 'log' : 'normal'}`,
    `${name}min=${axis.min}`,
    `${name}max=${axis.max}`,
    `${name}label={${textOf(axis)}}`,
    `${name}tick=${valuesOf(axis.ticks)}`,
    `${name}ticklabels=${labelsOf(axis.ticks)}`,
    `minor ${name}tick={${axis.minor.join(',')}}`,
  ];
}

function seriesOptions({ dash, marker }: PlotSeries, colour: string): string {
  const lines = dash ? dash.map((length, i) => `${i % 2 ? 'off' : 'on'} ${length}pt`).join(' ') : '';
  const rotate = marker === 'down-triangle' ? ',rotate=180' : '';
  return [
    `color=${colour}`,
    'line width=0.8pt',
    ...(lines ? [`dash pattern=${lines}`] : []),
    ...(dash ? ['no marks'] : ['only marks']),
    ...(marker ? [`mark=${MARKS[marker]}`, 'mark size=2.4pt', `mark options={solid,fill=none${rotate}}`] : []),
  ].join(',');
}

/** A picture as a float. */
const floated = (item: Figure | Heatmap, definitions: readonly string[], picture: readonly string[]): string =>
  [
    alone('figure', '\\usepackage{siunitx,pgfplots}\\pgfplotsset{compat=1.16}'),
    '\\begin{figure}[htbp]',
    '\\centering',
    ...definitions,
    '\\setbox0\\hbox{\\begin{tikzpicture}',
    ...picture,
    '\\end{tikzpicture}}%',
    ...PLACE,
    caption(item),
    `\\label{fig:${item.id}}`,
    '\\end{figure}',
    END,
    '',
  ].join('\n');

const axisOf = (options: readonly string[], drawn: readonly string[]): string[] => [
  '\\begin{axis}[',
  ...options.map((option) => `  ${option},`),
  ']',
  ...drawn,
  '\\end{axis}',
];

const defineColours = (colours: readonly string[]): string[] =>
  colours.map((colour, i) => `\\definecolor{mambound${i}}{HTML}{${colour}}`);

/** The longer side of a heat map as a part of the line. */
const MAP_SIDE = 0.62;

/** Rectangles under an empty axis: a matrix plot can neither leave cells out nor cut them, and takes long. */
function latexHeatmap(map: Heatmap): string {
  const { cells, x, y, bar } = heatmapLook(map);
  const unit = MAP_SIDE / Math.max(map.x.count, map.y.count, 1);
  const options = [
    'at={(0,0)}',
    'anchor=north west',
    'scale only axis',
    `width=${unit * map.x.count}\\linewidth`,
    `height=${unit * map.y.count}\\linewidth`,
    'xmin=0.5',
    `xmax=${map.x.count + 0.5}`,
    'ymin=0.5',
    `ymax=${map.y.count + 0.5}`,
    'y dir=reverse',
    `xlabel={${textOf(map.x)}}`,
    `ylabel={${textOf(map.y)}}`,
    `xtick=${valuesOf(x)}`,
    `xticklabels=${labelsOf(x)}`,
    `ytick=${valuesOf(y)}`,
    `yticklabels=${labelsOf(y)}`,
    'scaled ticks=false',
    'tick align=outside',
    'tick pos=left',
    'label style={font=\\small}',
    'tick label style={font=\\footnotesize}',
    'colorbar',
    `colormap={mambound}{${bar.colours.map((_, at) => `color=(mambound${at})`).join(' ')}}`,
    `point meta min=${bar.min}`,
    `point meta max=${bar.max}`,
    `colorbar style={ylabel={${textOf(map.value)}},ytick=${valuesOf(bar.ticks)},yticklabels=${labelsOf(bar.ticks)},y dir=normal}`,
  ];
  return floated(
    map,
    [
      ...defineColours(bar.colours),
      '\\def\\mamboundcell#1#2#3#4#5{\\definecolor{mamboundcell}{HTML}{#5}\\pgfsetfillcolor{mamboundcell}' +
        '\\pgfpathrectangle{\\pgfpointxy{#1}{#2}}{\\pgfpointxy{#3}{#4}}\\pgfusepath{fill}}',
    ],
    [
      `\\pgfsetxvec{\\pgfpoint{${unit}\\linewidth}{0pt}}\\pgfsetyvec{\\pgfpoint{0pt}{-${unit}\\linewidth}}`,
      ...cells.map(({ x, y, width, height, colour }) => `\\mamboundcell{${x}}{${y}}{${width}}{${height}}{${colour}}`),
      ...axisOf(options, []),
    ],
  );
}

export const latexFigure = (item: Figure | Heatmap): string => ('cells' in item ? latexHeatmap(item) : latexPlot(item));

function latexPlot(figure: Figure): string {
  const look = plot(figure);
  const colours = [...new Set(look.series.map(({ colour }) => colour))];
  const options = (series: PlotSeries) => seriesOptions(series, `mambound${colours.indexOf(series.colour)}`);
  const drawn = look.series.flatMap((series) =>
    series.runs.map((run) => {
      const single = series.dash && run.length === 1 ? ',only marks,mark=*,mark size=1.2pt' : '';
      const points = run.map(([x, y]) => `(${x},${y})`).join(' ');
      return `\\addplot[forget plot,${options(series)}${single}] coordinates {${points}};`;
    }),
  );
  const entries = look.legend.flatMap((series) => [
    `\\addlegendimage{${options(series)}}`,
    `\\addlegendentry{${textOf(series)}}`,
  ]);
  const axis = [
    'width=0.85\\linewidth',
    'height=0.5\\linewidth',
    ...axisOptions('x', look.x),
    ...axisOptions('y', look.y),
    'scaled ticks=false',
    'tick align=outside',
    'tick pos=left',
    'grid=major',
    'major grid style={black!13}',
    'clip mode=individual',
    'label style={font=\\small}',
    'tick label style={font=\\footnotesize}',
    // Below the label of the axis, where no data can be.
    `legend style={at={(0.5,0)},anchor=north,yshift=-32pt,draw=none,fill=none,font=\\footnotesize,legend columns=${look.legendColumns},/tikz/every even column/.append style={column sep=10pt}}`,
    // Samples long enough for a whole dash pattern, and marks in their middle.
    'legend image code/.code={\\draw[mark repeat=2,mark phase=2,#1] plot coordinates {(0mm,0mm) (4mm,0mm) (8mm,0mm)};\\path[draw=none] (0mm,0mm) -- (8mm,0mm);}',
    'legend cell align=left',
  ];
  return floated(figure, defineColours(colours), axisOf(axis, [...drawn, ...entries]));
}

/** In a report of little but tables and figures they stay in order, and too many to float are no problem. */
const INLINE = String.raw`
\makeatletter
\newenvironment{inplace}[1]{\par\bigskip\noindent\begin{minipage}{\linewidth}\def\@captype{#1}}{\end{minipage}\par\bigskip}
\renewenvironment{table}[1][]{\inplace{table}}{\endinplace}
\renewenvironment{figure}[1][]{\inplace{figure}}{\endinplace}
\makeatother
\setlength{\abovecaptionskip}{6pt}
\setlength{\belowcaptionskip}{6pt}
`.trim();

export function latexReport({ title, intro, items }: LatexReport): string {
  return [
    '\\documentclass[a4paper,10pt]{article}',
    '\\usepackage[margin=20mm]{geometry}',
    '\\usepackage{amsmath,amssymb,graphicx,booktabs,siunitx,pgfplots}',
    '\\pgfplotsset{compat=1.16}',
    INLINE,
    `\\title{${escapeLatex(title)}}`,
    '\\author{}',
    '\\date{}',
    '\\begin{document}',
    '\\maketitle',
    intro.trim(),
    ...items.map(({ id }) => `\\input{${id}}`),
    '\\end{document}',
    '',
  ].join('\n');
}
