import { describe, expect, it } from 'vitest';
import { THRESHOLD_FIGURE } from './fixtures.ts';
import type { Axis, Figure, Series } from './model.ts';
import { COLOURS, plot, type Point } from './plot.ts';

const figure = (scale: Axis['scale'], points: readonly Point[]): Figure => ({
  id: 'f',
  title: '',
  caption: '',
  x: { label: 'x', scale: 'linear' },
  y: { label: 'y', scale },
  series: [{ label: 's', style: 'line', points }],
});

const yAxis = (scale: Axis['scale'], ...values: readonly number[]) =>
  plot(
    figure(
      scale,
      values.map((y, x) => [x, y]),
    ),
  ).y;

describe('limits and ticks', () => {
  it('puts log ticks at powers of ten inside the limits', () => {
    const { min, max, ticks, minor } = yAxis('log', 1e-5, 0.5);
    expect(ticks.map(({ value }) => value)).toEqual([1e-5, 1e-4, 1e-3, 1e-2, 1e-1]);
    expect(ticks[0].label).toEqual({ exponent: -5 });
    expect(min).toBeLessThan(1e-5);
    expect(max).toBeGreaterThan(0.5);
    expect(minor).toContain(3e-4);
  });

  it('shows two powers of ten even for a narrow range', () => {
    expect(yAxis('log', 2, 3).ticks.map(({ value }) => value)).toEqual([1, 10]);
    expect(yAxis('log', 1).ticks.length).toBeGreaterThanOrEqual(2);
  });

  it('thins out the ticks of a wide log range and stays within float64', () => {
    const { min, max, ticks, minor } = yAxis('log', 5e-324, Number.MAX_VALUE);
    expect(ticks.map(({ value }) => value)).toEqual([1e-300, 1e-200, 1e-100, 1, 1e100, 1e200, 1e300]);
    expect([min, max]).toEqual([Number.MIN_VALUE, Number.MAX_VALUE]);
    expect(minor).toEqual([]);
  });

  it('pads a linear range, but not below zero', () => {
    expect(yAxis('linear', 0, 10)).toMatchObject({ min: 0, max: 10.5 });
    expect(yAxis('linear', -10, 10)).toMatchObject({ min: -11, max: 11 });
    expect(yAxis('linear', 5)).toMatchObject({ min: 4.5, max: 5.5 });
    expect(yAxis('linear', 0)).toMatchObject({ min: 0, max: 1 });
    expect(yAxis('linear', 0.99999999, 1)).toMatchObject({ min: 0.999, max: 1.001 });
    expect(yAxis('linear', 1e-320, 2e-320)).toMatchObject({ min: 0, max: 1 });
    expect(yAxis('linear', 0, 10).ticks.map(({ label }) => label.mantissa)).toEqual(['0', '2', '4', '6', '8', '10']);
  });

  it('has limits without any point', () => {
    expect(yAxis('log')).toMatchObject({ ticks: [{ value: 1 }, { value: 10 }] });
    expect(yAxis('linear')).toMatchObject({ min: 0, max: 1.05 });
  });
});

describe('points', () => {
  it('leaves out what the axes cannot show and breaks the line there', () => {
    const points: readonly Point[] = [
      [1, 1],
      [2, 0],
      [3, 2],
      [4, 3],
      [5, NaN],
      [6, Infinity],
      [7, -1],
      [NaN, 1],
    ];
    expect(plot(figure('log', points)).series[0].runs).toEqual([
      [[1, 1]],
      [
        [3, 2],
        [4, 3],
      ],
    ]);
  });
});

describe('looks', () => {
  it('pairs a bound with what was measured against it', () => {
    const { series, legend, legendColumns } = plot(THRESHOLD_FIGURE);
    expect(series.map(({ colour }) => colour)).toEqual([...COLOURS.slice(0, 3), ...COLOURS.slice(0, 3)]);
    expect(legend.map(({ label }) => label)).toEqual(THRESHOLD_FIGURE.series.map(({ label }) => label));
    expect(legendColumns).toBe(2);
  });

  it('tells all series apart', () => {
    const styles: readonly Series['style'][] = [
      ...Array<'line'>(5).fill('line'),
      'dashed',
      ...Array<'marks'>(9).fill('marks'),
    ];
    const series = styles.map((style, i): Series => ({ label: `s${i}`, style, points: [] }));
    const looks = plot({ ...figure('linear', []), series }).series.map(({ colour, dash, marker }) =>
      JSON.stringify([colour, dash, marker]),
    );
    expect(new Set(looks).size).toBe(series.length);
  });
});
