import { describe, expect, it } from 'vitest';
import { FORMAT_NAMES } from './format.ts';
import { ARITHMETIC_NAMES, arithmeticByName } from './names.ts';

describe('arithmeticByName', () => {
  it.each([...FORMAT_NAMES, 'p2', 'p9', 'p53', 'dd', 'decimal5', 'decimal1000'])('knows %s', (name) => {
    expect(arithmeticByName(name)).toMatchObject({ name, mode: 'own' });
  });

  it.each([
    ...['', 'fp', 'FP16', 'fp16 ', 'p1', 'p54', 'p007', 'decimal', 'decimal4', 'decimal1001', 'decimal05', 'decimal-9'],
    ...['constructor', 'decimal1e2', 'decimal50.5', 'DD', 'dd2', 'interval', 'interval128', 'rational', 'real'],
  ])('does not know "%s"', (name) => {
    expect(arithmeticByName(name)).toBeUndefined();
  });

  it('offers fp32 accumulation to formats of at most 24 bits', () => {
    for (const name of ['fp32', 'tf32', 'bf16', 'fp16', 'fp8-e4m3', 'fp8-e5m2', 'p2', 'p24']) {
      expect(arithmeticByName(name, 'fp32')).toMatchObject({ name, mode: 'fp32' });
    }
    for (const name of ['fp64', 'p25', 'p53', 'dd', 'decimal20'])
      expect(arithmeticByName(name, 'fp32')).toBeUndefined();
  });

  it('gives decimals the digits of their name', () => {
    const third = (name: string): string => {
      const arithmetic = arithmeticByName(name)!;
      return arithmetic.toText(arithmetic.div(arithmetic.one, arithmetic.from(3)));
    };
    expect([third('decimal5'), third('decimal12')]).toEqual(['0.33333', '0.333333333333']);
  });

  it('is described by its list of names', () => {
    for (const name of FORMAT_NAMES) expect(ARITHMETIC_NAMES).toContain(name);
    expect(ARITHMETIC_NAMES).toContain(
      'p<k> with 2 ≤ k ≤ 53, p<k>e<j> with 2 ≤ k ≤ 25 and 3 ≤ j ≤ 10 bits of exponent, dd (double-double), or decimal<digits> with 5 to 1000 digits',
    );
  });
});
