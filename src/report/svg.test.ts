import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectWellFormed, THRESHOLD_FIGURE, WEIGHT_MAP } from './fixtures.ts';
import type { Figure } from './model.ts';
import { toSvg } from './svg.ts';

const small: Figure = {
  id: 'f',
  title: 'A & B',
  caption: '$N M^2$ <b>',
  x: { label: 'N', scale: 'linear' },
  y: { label: 'ε < δ', scale: 'log' },
  series: [
    {
      label: 'bound',
      style: 'line',
      points: [
        [0, 1],
        [1, 0.1],
      ],
    },
    { label: 'found', style: 'marks', points: [[1, 0.1]] },
  ],
};

describe('toSvg', () => {
  it('draws the exact same picture each time', () => {
    expect(toSvg(small)).toMatchInlineSnapshot(`
      "<svg xmlns="http://www.w3.org/2000/svg" width="720" height="439" viewBox="0 0 720 439" role="img" aria-labelledby="f-title f-desc" font-family="sans-serif">
      <title id="f-title">A &amp; B</title>
      <desc id="f-desc">N M² &lt;b&gt;</desc>
      <rect class="plot-paper" width="720" height="439" fill="#ffffff"/>
      <path class="plot-grid" d="M65 14L65 354M186.33 14L186.33 354M307.67 14L307.67 354M429 14L429 354M550.33 14L550.33 354M671.67 14L671.67 354M65 338.55L702 338.55M65 29.45L702 29.45" fill="none" stroke="#dddddd"/>
      <g fill="none" stroke="#0072B2" stroke-width="1.6" stroke-linejoin="round"><polyline points="65,29.45 671.67,338.55"/></g>
      <g fill="none" stroke="#0072B2" stroke-width="1.6" stroke-linejoin="round"><circle cx="671.67" cy="338.55" r="4.6"/></g>
      <path class="plot-frame" d="M65 14H702V354H65ZM65 354L65 359M186.33 354L186.33 359M307.67 354L307.67 359M429 354L429 359M550.33 354L550.33 359M671.67 354L671.67 359M65 338.55L60 338.55M65 29.45L60 29.45M65 352.69L62.5 352.69M65 245.5L62.5 245.5M65 191.07L62.5 191.07M65 152.45L62.5 152.45M65 122.5L62.5 122.5M65 98.03L62.5 98.03M65 77.33L62.5 77.33M65 59.41L62.5 59.41M65 43.6L62.5 43.6" fill="none" stroke="#222222"/>
      <g class="plot-text" fill="#222222">
      <g font-size="13" text-anchor="middle">
      <text x="65" y="374">0</text>
      <text x="186.33" y="374">0.2</text>
      <text x="307.67" y="374">0.4</text>
      <text x="429" y="374">0.6</text>
      <text x="550.33" y="374">0.8</text>
      <text x="671.67" y="374">1</text>
      </g>
      <g font-size="13" text-anchor="end">
      <text x="56" y="343.1">10<tspan dy="-0.45em" font-size="0.75em">−1</tspan></text>
      <text x="56" y="34">10<tspan dy="-0.45em" font-size="0.75em">0</tspan></text>
      </g>
      <g font-size="14" text-anchor="middle">
      <text x="383.5" y="396">N</text>
      <text transform="translate(16 184) rotate(-90)">ε &lt; δ</text>
      </g>
      </g>
      <g class="plot-legend">
      <g fill="none" stroke="#0072B2" stroke-width="1.6" stroke-linejoin="round"><polyline points="289.1,418 325.1,418"/></g><text x="333.1" y="422.55" font-size="13">bound</text>
      <g fill="none" stroke="#0072B2" stroke-width="1.6" stroke-linejoin="round"><circle cx="401.5" cy="418" r="4.6"/></g><text x="427.5" y="422.55" font-size="13">found</text>
      </g>
      </svg>
      "
    `);
  });

  it('describes itself in escaped plain text', () => {
    const svg = toSvg(small);
    expect(svg).toContain('<title id="f-title">A &amp; B</title>');
    expect(svg).toContain('<desc id="f-desc">N M² &lt;b&gt;</desc>');
    expect(svg).toContain('aria-labelledby="f-title f-desc"');
  });

  it('draws open marks after the lines they lie on', () => {
    const svg = toSvg(THRESHOLD_FIGURE);
    expect(svg.lastIndexOf('<polyline')).toBeGreaterThan(0);
    expect(svg.indexOf('<circle')).toBeGreaterThan(svg.indexOf('<polyline'));
    expect(svg.match(/<g fill="none" stroke="#0072B2"/g)).toHaveLength(4);
  });

  it('leaves out zeros on a log axis', () => {
    // Seven points each; the marks lack the one at zero. Another shape each is in the legend.
    const svg = toSvg(THRESHOLD_FIGURE);
    expect(svg.match(/<circle/g)).toHaveLength(7);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('shows a lone point of a line', () => {
    expect(toSvg({ ...small, series: [{ label: 'l', style: 'line', points: [[1, 1]] }] })).toContain('<circle');
  });

  it('renders without any point or series', () => {
    for (const series of [[], [{ label: 'none', style: 'line' as const, points: [[1, 0] as const] }]]) {
      const svg = toSvg({ ...small, series });
      expectWellFormed(svg);
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    }
  });

  it('is well-formed whatever the texts and numbers', () => {
    const text = fc.string({ unit: 'binary' });
    const scale = fc.constantFrom('linear' as const, 'log' as const);
    const style = fc.constantFrom('line' as const, 'dashed' as const, 'marks' as const);
    const number = fc.oneof(fc.double(), fc.constantFrom(0, 5e-324, -Number.MAX_VALUE, Number.MAX_VALUE));
    const points = fc.array(fc.tuple(number, number), { maxLength: 5 });
    const figure = fc.record({
      id: text,
      title: text,
      caption: text,
      x: fc.record({ label: text, scale }),
      y: fc.record({ label: text, scale }),
      series: fc.array(fc.record({ label: text, style, points }), { maxLength: 9 }),
    });
    fc.assert(
      fc.property(figure, (any) => {
        const svg = toSvg(any);
        expectWellFormed(svg);
        expect(svg.replace(/>[^<]*</g, '><').replace(/(id|aria-labelledby)="[^"]*"/g, '')).not.toMatch(
          /NaN|Infinity|undefined/,
        );
      }),
    );
  });
});

describe('toSvg of a heat map', () => {
  it('draws cells from the top left, cut off at the end, each colour once', () => {
    const svg = toSvg(WEIGHT_MAP);
    // 94 pixels for a position.
    expect(svg).toContain('<path d="M47 14h188v188h-188zM235 202h188v188h-188z" fill="#0072B2"/>');
    expect(svg).toContain('<path d="M47 202h188v188h-188z" fill="#E4A879"/>');
    expect(svg).toContain('<path d="M423 390h94v94h-94z" fill="#F2F2F2"/>');
  });

  it('names what its sides and colours are, and describes itself', () => {
    const svg = toSvg(WEIGHT_MAP);
    for (const text of ['position j', 'position i', 'weight w_ij', '−0.5', 'Weight w_ij with which position i'])
      expect(svg).toContain(text);
    expectWellFormed(svg);
  });

  it('is well-formed whatever the texts and numbers', () => {
    const text = fc.string({ unit: 'binary' });
    const axis = fc.record({ label: text, count: fc.integer({ min: 0, max: 50 }) });
    const cell = fc.oneof(fc.double(), fc.constantFrom(null, 0, 5e-324, -Number.MAX_VALUE));
    const map = fc.record({
      id: text,
      title: text,
      caption: text,
      x: axis,
      y: axis,
      value: fc.record({ label: text }),
      step: fc.integer({ min: 1, max: 9 }),
      cells: fc.array(fc.array(cell, { maxLength: 5 }), { maxLength: 5 }),
    });
    fc.assert(
      fc.property(map, (any) => {
        const svg = toSvg(any);
        expectWellFormed(svg);
        expect(svg.replace(/>[^<]*</g, '><').replace(/(id|aria-labelledby)="[^"]*"/g, '')).not.toMatch(
          /NaN|Infinity|undefined/,
        );
      }),
    );
  });
});
