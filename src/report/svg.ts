/** Figures as standalone SVG. Colours of the frame are attributes with classes, so that a page's CSS can replace them. */

import { scaleLinear, scaleLog } from 'd3-scale';
import { heatmapLook, type HeatmapCell } from './heatmap.ts';
import type { Figure, Heatmap } from './model.ts';
import { plot, type Marker, type Plot, type PlotAxis, type PlotSeries, type Point, type Tick } from './plot.ts';
import { escapeXml, plainText } from './text.ts';

const WIDTH = 720;
const FRAME_HEIGHT = 340;
const TOP = 14;
const RIGHT = 18;
/** Of a heat map: its longer side, and the width of its colour bar. */
const MAP_SIDE = 470;
const BAR_WIDTH = 18;
const TICK = 5;
const TICK_FONT = 13;
const LABEL_FONT = 14;
const LEGEND_FONT = 13;
const LEGEND_ROW = 21;
const LEGEND_SAMPLE = 36;
const MARKER_RADIUS = 4.6;
/** Text is not measured: the mean advance of a sans-serif character, on the wide side. */
const ADVANCE = 0.56;

const INK = '#222222';
const GRID = '#dddddd';

/** Two decimals place anything; no sign on zero, no trailing zeros. */
const px = (x: number): string => String(Number(x.toFixed(2)) + 0);

const textWidth = (text: string, size: number): number => [...text].length * size * ADVANCE;

const tickWidth = ({ label: { negative, mantissa = '', exponent } }: Tick): number => {
  const base = (negative ? '−' : '') + mantissa + (exponent === undefined ? '' : mantissa ? '×10' : '10');
  return textWidth(base, TICK_FONT) + textWidth(String(exponent ?? ''), TICK_FONT * 0.75);
};

function tickLabel({ label }: Tick): string {
  const { negative, mantissa, exponent } = label;
  const sign = negative ? '−' : '';
  if (exponent === undefined) return sign + mantissa;
  const base = mantissa === undefined ? '10' : `${mantissa}×10`;
  // dy rather than baseline-shift, which not every renderer knows.
  return `${sign}${base}<tspan dy="-0.45em" font-size="0.75em">${String(exponent).replace('-', '−')}</tspan>`;
}

function markerShape(marker: Marker, x: number, y: number): string {
  const r = MARKER_RADIUS;
  const at = (dx: number, dy: number) => `${px(x + dx * r)} ${px(y + dy * r)}`;
  switch (marker) {
    case 'circle':
      return `<circle cx="${px(x)}" cy="${px(y)}" r="${px(r)}"/>`;
    case 'square':
      return `<path d="M${at(-0.9, -0.9)}L${at(0.9, -0.9)}L${at(0.9, 0.9)}L${at(-0.9, 0.9)}Z"/>`;
    case 'triangle':
      return `<path d="M${at(0, -1.2)}L${at(1.1, 0.75)}L${at(-1.1, 0.75)}Z"/>`;
    case 'diamond':
      return `<path d="M${at(0, -1.3)}L${at(1.1, 0)}L${at(0, 1.3)}L${at(-1.1, 0)}Z"/>`;
    case 'down-triangle':
      return `<path d="M${at(0, 1.2)}L${at(1.1, -0.75)}L${at(-1.1, -0.75)}Z"/>`;
    case 'cross':
      return `<path d="M${at(-0.9, -0.9)}L${at(0.9, 0.9)}M${at(-0.9, 0.9)}L${at(0.9, -0.9)}"/>`;
    case 'plus':
      return `<path d="M${at(-1.1, 0)}L${at(1.1, 0)}M${at(0, -1.1)}L${at(0, 1.1)}"/>`;
  }
}

/** A series through points in pixels; also a sample in the legend. */
function seriesShapes(series: PlotSeries, pixelRuns: readonly (readonly Point[])[]): string {
  const { colour, dash, marker } = series;
  const shapes: string[] = [];
  if (dash) {
    const stroke = dash.length ? ` stroke-dasharray="${dash.join(' ')}"` : '';
    for (const run of pixelRuns) {
      const [first] = run;
      // A line through one point has no length.
      if (run.length === 1) shapes.push(`<circle cx="${px(first[0])}" cy="${px(first[1])}" r="2" fill="#${colour}"/>`);
      else shapes.push(`<polyline points="${run.map(([x, y]) => `${px(x)},${px(y)}`).join(' ')}"${stroke}/>`);
    }
  }
  if (marker) shapes.push(...pixelRuns.flat().map(([x, y]) => markerShape(marker, x, y)));
  return `<g fill="none" stroke="#${colour}" stroke-width="1.6" stroke-linejoin="round">${shapes.join('')}</g>`;
}

const pixelScale = (axis: PlotAxis, from: number, to: number): ((value: number) => number) =>
  (axis.log ? scaleLog() : scaleLinear()).domain([axis.min, axis.max]).range([from, to]);

const line = (x1: number, y1: number, x2: number, y2: number): string => `M${px(x1)} ${px(y1)}L${px(x2)} ${px(y2)}`;

function legend({ legend: entries, legendColumns }: Plot, left: number, width: number, top: number): readonly string[] {
  const cell =
    LEGEND_SAMPLE + 8 + textWidth('m'.repeat(Math.max(0, ...entries.map((s) => s.label.length))), LEGEND_FONT) + 14;
  const start = left + Math.max(0, (width - cell * legendColumns) / 2);
  return entries.map((series, i) => {
    const x = start + (i % legendColumns) * cell;
    const y = top + Math.floor(i / legendColumns) * LEGEND_ROW;
    const sample: readonly Point[] = series.dash
      ? [
          [x, y],
          [x + LEGEND_SAMPLE, y],
        ]
      : [[x + LEGEND_SAMPLE / 2, y]];
    const label = `<text x="${px(x + LEGEND_SAMPLE + 8)}" y="${px(y + LEGEND_FONT * 0.35)}" font-size="${LEGEND_FONT}">`;
    return `${seriesShapes(series, [sample])}${label}${escapeXml(series.label)}</text>`;
  });
}

/** Text at ticks, around (x) or before (y) a point; and a title below or, turned, beside them. */
const xText = (tick: Tick, x: number, bottom: number): string =>
  `<text x="${px(x)}" y="${px(bottom + 20)}">${tickLabel(tick)}</text>`;
const yText = (tick: Tick, x: number, y: number): string =>
  `<text x="${px(x)}" y="${px(y + TICK_FONT * 0.35)}">${tickLabel(tick)}</text>`;
const xTitle = (label: string, x: number, bottom: number): string =>
  `<text x="${px(x)}" y="${px(bottom + 42)}">${escapeXml(label)}</text>`;
const yTitle = (label: string, x: number, y: number): string =>
  `<text transform="translate(${px(x)} ${px(y)}) rotate(-90)">${escapeXml(label)}</text>`;

const standalone = (item: Figure | Heatmap, height: number, content: readonly string[]): string => {
  const id = escapeXml(item.id);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" ` +
      `role="img" aria-labelledby="${id}-title ${id}-desc" font-family="sans-serif">`,
    `<title id="${id}-title">${escapeXml(item.title)}</title>`,
    `<desc id="${id}-desc">${escapeXml(plainText(item.caption))}</desc>`,
    `<rect class="plot-paper" width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    ...content,
    '</svg>',
    '',
  ].join('\n');
};

/** Cells in the order of their colours, each colour once. */
function cellShapes(cells: readonly HeatmapCell[], left: number, scale: number): readonly string[] {
  const paths = new Map<string, string>();
  for (const { x, y, width, height, colour } of cells) {
    const [w, h] = [width * scale, height * scale].map(px);
    const path = `M${px(left + x * scale)} ${px(TOP + y * scale)}h${w}v${h}h-${w}z`;
    paths.set(colour, (paths.get(colour) ?? '') + path);
  }
  return [...paths].map(([colour, path]) => `<path d="${path}" fill="#${colour}"/>`);
}

function heatmapSvg(map: Heatmap): string {
  const look = heatmapLook(map);
  const left = Math.ceil(LABEL_FONT + 16 + Math.max(0, ...look.y.map(tickWidth)) + TICK + 4);
  const scale = MAP_SIDE / Math.max(map.x.count, map.y.count, 1);
  const right = left + map.x.count * scale;
  const bottom = TOP + map.y.count * scale;
  const barLeft = right + 28;
  const barRight = barLeft + BAR_WIDTH;
  const barText = barRight + TICK + 4;
  const barTitle = barText + Math.max(0, ...look.bar.ticks.map(tickWidth)) + 10 + LABEL_FONT;
  // A position's tick stands at the middle of its cells.
  const x = (position: number): number => left + (position - 0.5) * scale;
  const y = (position: number): number => TOP + (position - 0.5) * scale;
  const { min, max, shades } = look.bar;
  const onBar = (part: number): number => bottom - ((part - min) / (max - min)) * (bottom - TOP);
  const shade = (bottom - TOP) / shades.length;
  const marks = [
    ...look.x.map(({ value }) => line(x(value), bottom, x(value), bottom + TICK)),
    ...look.y.map(({ value }) => line(left, y(value), left - TICK, y(value))),
    ...look.bar.ticks.map(({ value }) => line(barRight, onBar(value), barRight + TICK, onBar(value))),
  ].join('');
  const box = (from: number, to: number): string => `M${px(from)} ${px(TOP)}H${px(to)}V${px(bottom)}H${px(from)}Z`;
  return standalone(map, Math.ceil(bottom + 54), [
    '<g shape-rendering="crispEdges">',
    ...cellShapes(look.cells, left, scale),
    ...shades.map(
      (colour, at) =>
        `<path d="M${px(barLeft)} ${px(bottom - at * shade)}h${BAR_WIDTH}v${px(-shade)}h-${BAR_WIDTH}z" fill="#${colour}"/>`,
    ),
    '</g>',
    `<path class="plot-frame" d="${box(left, right)}${box(barLeft, barRight)}${marks}" fill="none" stroke="${INK}"/>`,
    `<g class="plot-text" fill="${INK}">`,
    `<g font-size="${TICK_FONT}" text-anchor="middle">`,
    ...look.x.map((tick) => xText(tick, x(tick.value), bottom)),
    '</g>',
    `<g font-size="${TICK_FONT}" text-anchor="end">`,
    ...look.y.map((tick) => yText(tick, left - TICK - 4, y(tick.value))),
    '</g>',
    `<g font-size="${TICK_FONT}">`,
    ...look.bar.ticks.map((tick) => yText(tick, barText, onBar(tick.value))),
    '</g>',
    `<g font-size="${LABEL_FONT}" text-anchor="middle">`,
    xTitle(map.x.label, (left + right) / 2, bottom),
    yTitle(map.y.label, LABEL_FONT + 2, (TOP + bottom) / 2),
    yTitle(map.value.label, barTitle, (TOP + bottom) / 2),
    '</g>',
    '</g>',
  ]);
}

export const toSvg = (item: Figure | Heatmap): string => ('cells' in item ? heatmapSvg(item) : figureSvg(item));

function figureSvg(figure: Figure): string {
  const look = plot(figure);
  const left = Math.ceil(LABEL_FONT + 16 + Math.max(0, ...look.y.ticks.map(tickWidth)) + TICK + 4);
  const right = WIDTH - RIGHT;
  const bottom = TOP + FRAME_HEIGHT;
  const legendTop = bottom + 64;
  const height = legendTop + Math.ceil(look.legend.length / look.legendColumns) * LEGEND_ROW;
  const x = pixelScale(look.x, left, right);
  const y = pixelScale(look.y, bottom, TOP);

  const grid = [
    ...look.x.ticks.map(({ value }) => line(x(value), TOP, x(value), bottom)),
    ...look.y.ticks.map(({ value }) => line(left, y(value), right, y(value))),
  ].join('');
  const marks = [
    ...look.x.ticks.map(({ value }) => line(x(value), bottom, x(value), bottom + TICK)),
    ...look.x.minor.map((value) => line(x(value), bottom, x(value), bottom + TICK / 2)),
    ...look.y.ticks.map(({ value }) => line(left, y(value), left - TICK, y(value))),
    ...look.y.minor.map((value) => line(left, y(value), left - TICK / 2, y(value))),
  ].join('');
  const texts = [
    `<g font-size="${TICK_FONT}" text-anchor="middle">`,
    ...look.x.ticks.map((tick) => xText(tick, x(tick.value), bottom)),
    '</g>',
    `<g font-size="${TICK_FONT}" text-anchor="end">`,
    ...look.y.ticks.map((tick) => yText(tick, left - TICK - 4, y(tick.value))),
    '</g>',
    `<g font-size="${LABEL_FONT}" text-anchor="middle">`,
    xTitle(look.x.label, (left + right) / 2, bottom),
    yTitle(look.y.label, LABEL_FONT + 2, (TOP + bottom) / 2),
    '</g>',
  ];
  return standalone(figure, height, [
    `<path class="plot-grid" d="${grid}" fill="none" stroke="${GRID}"/>`,
    ...look.series.map((series) =>
      seriesShapes(
        series,
        series.runs.map((run) => run.map(([a, b]) => [x(a), y(b)])),
      ),
    ),
    `<path class="plot-frame" d="M${px(left)} ${px(TOP)}H${px(right)}V${px(bottom)}H${px(left)}Z${marks}" fill="none" stroke="${INK}"/>`,
    `<g class="plot-text" fill="${INK}">`,
    ...texts,
    '</g>',
    '<g class="plot-legend">',
    ...legend(look, left, right - left, legendTop),
    '</g>',
  ]);
}
