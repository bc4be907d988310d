import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { figureCsv, toCsv } from './csv.ts';
import { WEIGHT_MAP } from './fixtures.ts';
import type { Figure, Table } from './model.ts';

const table = (names: readonly string[], rows: Table['rows']): Table => ({
  id: 't',
  title: '',
  caption: '',
  columns: names.map((name) => ({ name })),
  rows,
});

/** A reader for RFC 4180 that also tells quoted fields from bare ones. */
function parse(csv: string): { text: string; quoted: boolean }[][] {
  const records: { text: string; quoted: boolean }[][] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  let record: { text: string; quoted: boolean }[] = [];
  while (field.lastIndex < csv.length) {
    const [, quoted, bare, end] = field.exec(csv)!;
    record.push({ text: quoted?.replaceAll('""', '"') ?? bare, quoted: quoted !== undefined });
    if (end === ',') continue;
    records.push(record);
    record = [];
  }
  return records;
}

describe('toCsv', () => {
  it('writes full precision, empty cells and quotes where needed', () => {
    const rows = [
      [0.1 + 0.2, 'a,"b"', null],
      [5e-324, '∞', Infinity],
      [-0, '', NaN],
    ];
    expect(toCsv(table(['x', 'text', 'N M²'], rows))).toBe(
      'x,text,N M²\r\n0.30000000000000004,"a,""b""",\r\n5e-324,∞,Infinity\r\n-0,"",NaN\r\n',
    );
  });

  it('writes the heading of an empty table', () => {
    expect(toCsv(table(['a', 'b'], []))).toBe('a,b\r\n');
  });

  it('fills up short rows', () => {
    expect(toCsv(table(['a', 'b'], [[1]]))).toBe('a,b\r\n1,\r\n');
  });

  it('round-trips any cells', () => {
    const cell = fc.oneof(
      fc.double(),
      fc.string({ unit: 'grapheme' }),
      fc.stringMatching(/^[ ",\r\n]*$/),
      fc.constant(null),
    );
    const content = fc
      .integer({ min: 1, max: 4 })
      .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 4 }));
    fc.assert(
      fc.property(content, (rows) => {
        const names = (rows[0] ?? ['x']).map((_, j) => `c${j}`);
        const [heading, ...records] = parse(toCsv(table(names, rows)));
        expect(heading.map(({ text }) => text)).toEqual(names);
        const read = records.map((record, i) =>
          record.map(({ text, quoted }, j) => {
            if (text === '' && !quoted) return null;
            return typeof rows[i][j] === 'number' ? Number(text) : text;
          }),
        );
        expect(read).toEqual(rows);
      }),
    );
  });
});

describe('figureCsv', () => {
  it('writes every point in long format', () => {
    const figure: Figure = {
      id: 'f',
      title: '',
      caption: '',
      x: { label: 'x', scale: 'linear' },
      y: { label: 'y', scale: 'log' },
      series: [
        {
          label: 'bound, proven',
          style: 'line',
          points: [
            [1, 0.1],
            [2, 0],
          ],
        },
        { label: 'found', style: 'marks', points: [[1, NaN]] },
      ],
    };
    expect(figureCsv(figure)).toBe('series,x,y\r\n"bound, proven",1,0.1\r\n"bound, proven",2,0\r\nfound,1,NaN\r\n');
  });
  it('names a cell of a heat map by its first positions, and leaves out what is not there', () => {
    expect(figureCsv(WEIGHT_MAP)).toBe(
      'position i,position j,weight w_ij\r\n1,1,1\r\n3,1,-0.5\r\n3,3,1\r\n5,1,0.25\r\n5,5,1e-9\r\n',
    );
  });
});
