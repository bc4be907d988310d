/** Judging one measurement: what enclosures prove, what only exact rationals decide, and what stays open. */
import { describe, expect, it } from 'vitest';
import type { Arithmetic } from '../arithmetic/arithmetic.ts';
import { parseFormula, realOf } from '../arithmetic/formula.ts';
import { arithmeticByName } from '../arithmetic/names.ts';
import { nextDown, nextUp, Rational } from '../arithmetic/rational.ts';
import type { Bounds, Real } from '../arithmetic/real.ts';
import type { Relation } from '../claim/claim.ts';
import type { Verdict } from '../claim/result.ts';
import { Judge, type ExperimentIn, type Judgement } from './judge.ts';

const q = (text: string): Rational => Rational.parse(text)!;
const formula = (text: string): Real => realOf(parseFormula(text), {});
const inFormat = (name: string): Arithmetic<unknown> => arithmeticByName(name)!;

/** What is measured, in any arithmetic. */
type Run = <T>(A: Arithmetic<T>) => T;

const judge = (relation: Relation, run: Run, bound: Real, format?: Arithmetic<unknown>): Judgement =>
  new Judge((A) => ({ measure: () => run(A) }), { relation }, bound, format).judge((experiment) =>
    experiment.measure({}),
  );

type Verdicts = Readonly<Record<Relation, Verdict>>;
const verdicts = (run: Run, bound: Real, format?: Arithmetic<unknown>): Verdicts => ({
  '<=': judge('<=', run, bound, format).verdict,
  '>=': judge('>=', run, bound, format).verdict,
  '>': judge('>', run, bound, format).verdict,
  '==': judge('==', run, bound, format).verdict,
});
const RELATIONS = ['<=', '>=', '>', '=='] as const;

/** What is known of a number beside its bound. */
const BELOW: Verdicts = { '<=': 'holds', '>=': 'refuted', '>': 'refuted', '==': 'refuted' };
const ABOVE: Verdicts = { '<=': 'refuted', '>=': 'holds', '>': 'holds', '==': 'refuted' };
const EQUAL: Verdicts = { '<=': 'holds', '>=': 'holds', '>': 'refuted', '==': 'holds' };
const BELOW_OR_EQUAL: Verdicts = { '<=': 'holds', '>=': 'undecided', '>': 'refuted', '==': 'undecided' };
const ABOVE_OR_EQUAL: Verdicts = { '<=': 'undecided', '>=': 'holds', '>': 'undecided', '==': 'undecided' };
const OPEN: Verdicts = { '<=': 'undecided', '>=': 'undecided', '>': 'undecided', '==': 'undecided' };
const NO_NUMBER: Verdicts = { '<=': 'refuted', '>=': 'refuted', '>': 'refuted', '==': 'refuted' };

/** A number of which nothing but its enclosure is known. */
const between = (lo: string, hi: string): Real => ({
  enclose: (): Bounds => ({ lo: q(lo), hi: q(hi) }),
  approximate: () => q(lo),
});

describe('a number', () => {
  it.each([
    ['3', ABOVE],
    ['4', EQUAL],
    ['5', BELOW],
    ['3.99999999999999999999999999', ABOVE],
    ['4.00000000000000000000000001', BELOW],
  ] as const)('4 against the bound %s', (bound, expected) => {
    expect(verdicts((A) => A.from(4), q(bound))).toEqual(expected);
    for (const format of ['fp64', 'bf16', 'dd', 'decimal40']) {
      expect(verdicts((A) => A.from(4), q(bound), inFormat(format))).toEqual(expected);
    }
    for (const relation of RELATIONS) expect(judge(relation, (A) => A.from(4), q(bound)).value).toBe(4);
  });

  it.each([
    ['0', BELOW],
    ['1', BELOW_OR_EQUAL],
    ['1.5', OPEN],
    ['2', ABOVE_OR_EQUAL],
    ['2.5', ABOVE],
  ] as const)('%s against a bound of which 1 … 2 is known', (value, expected) => {
    expect(verdicts((A) => A.fromRational(q(value)), between('1', '2'), inFormat('fp64'))).toEqual(expected);
    expect(verdicts((A) => A.fromRational(q(value)), between('1', '2'))).toEqual(expected);
  });
});

describe('an enclosure', () => {
  const run: Run = (A) => A.fromReal(between('1', '2'));
  it.each([
    ['0.5', ABOVE],
    ['1', ABOVE_OR_EQUAL],
    ['1.5', OPEN],
    ['2', BELOW_OR_EQUAL],
    ['3', BELOW],
  ] as const)('1 … 2 against the bound %s', (bound, expected) => {
    expect(verdicts(run, q(bound))).toEqual(expected);
  });

  it.each([
    [between('0', '0.5'), ABOVE],
    [between('0', '1'), ABOVE_OR_EQUAL],
    [between('0', '1.5'), OPEN],
    [between('1', '2'), OPEN],
    [between('1.5', '3'), OPEN],
    [between('2', '3'), BELOW_OR_EQUAL],
    [between('2.5', '3'), BELOW],
  ] as const)('1 … 2 against an enclosure of the bound (%#)', (bound, expected) => {
    expect(verdicts(run, bound)).toEqual(expected);
  });

  it('is reported by its end that is nearer to a violation', () => {
    const ends = (bound: string): number[] => RELATIONS.map((relation) => judge(relation, run, q(bound)).value);
    expect(ends('9')).toEqual([2, 1, 1, 2]);
    expect(ends('1.5')).toEqual([2, 1, 1, 2]);
    const third: Run = (A) => A.div(A.one, A.from(3));
    expect(judge('<=', third, q('1')).value).toBe(nextUp(1 / 3));
    expect([nextDown(1 / 3), 1 / 3]).toContain(judge('>', third, q('0')).value);
  });
});

describe('equality', () => {
  /** 1, of which no interval says more than that it is near. */
  const one: Run = (A) => A.mul(A.div(A.one, A.from(3)), A.from(3));

  it('is decided by exact rationals', () => {
    expect(verdicts(one, q('1'))).toEqual(EQUAL);
    // 2^−600 beside it, which intervals of 512 bits cannot see either.
    const near = Rational.of(1n, 1n << 600n);
    expect(verdicts(one, q('1').sub(near))).toEqual(ABOVE);
    expect(verdicts(one, q('1').add(near))).toEqual(BELOW);
  });

  it('of irrational numbers stays undecided', () => {
    expect(verdicts((A) => A.exp(A.log1p(A.one)), q('2'))).toEqual(OPEN);
    expect(verdicts((A) => A.mul(A.sqrt(A.from(2)), A.sqrt(A.from(2))), q('2'))).toEqual(OPEN);
    expect(verdicts((A) => A.exp(A.one), formula('exp(1)'))).toEqual(OPEN);
    expect(judge('<=', (A) => A.exp(A.one), formula('exp(1)')).value).toBeCloseTo(Math.E, 15);
  });

  it('of a rational and an irrational number does not exist', () => {
    const bound = formula('exp(2^-500)'); // 1 + 2^−500 + …
    expect(verdicts((A) => A.one, bound)).toEqual(BELOW);
  });
});

describe('a run that ends in no number', () => {
  const RUNS: readonly [string, Run][] = [
    ['NaN', (A) => A.from(NaN)],
    ['√−1', (A) => A.sqrt(A.neg(A.one))],
    ['ln(1 − 2)', (A) => A.log1p(A.from(-2))],
    ['0/0', (A) => A.div(A.zero, A.zero)],
    ['max(NaN, 1)', (A) => A.max(A.from(NaN), A.one)],
    ['max(1, NaN)', (A) => A.max(A.one, A.from(NaN))],
    ['0 · NaN', (A) => A.mul(A.zero, A.from(NaN))],
    ['1/(3 − 3) of intervals', (A) => A.div(A.one, A.sub(A.from(3), A.from(3)))],
  ];
  const BOUNDS = [q('0'), q('1'), q('1e300'), q('-1e300'), formula('exp(1)')];

  it.each(RUNS.slice(0, 4))('(%s) refutes a statement about a format', (_, run) => {
    for (const format of ['fp64', 'bf16', 'fp8-e4m3', 'dd', 'decimal20']) {
      for (const bound of BOUNDS) {
        expect(verdicts(run, bound, inFormat(format))).toEqual(NO_NUMBER);
        expect(judge('<=', run, bound, inFormat(format)).value).toBe(NaN);
      }
    }
  });

  it.each(RUNS)('(%s) says nothing about real numbers', (_, run) => {
    for (const bound of BOUNDS) {
      expect(verdicts(run, bound)).toEqual(OPEN);
      expect(judge('>', run, bound).value).toBe(NaN);
    }
  });

  it('but in infinity refutes a statement about a format', () => {
    const overflow: Run = (A) => A.exp(A.from(1000));
    for (const format of ['fp64', 'bf16', 'fp8-e4m3']) {
      expect(verdicts(overflow, q('0'), inFormat(format))).toEqual(NO_NUMBER);
    }
    // A real number all the same, though none of float64.
    expect(verdicts(overflow, formula('10^434'))).toEqual(ABOVE);
    expect(verdicts(overflow, formula('10^435'))).toEqual(BELOW);
    expect(judge('<=', overflow, formula('10^435')).value).toBe(Infinity);
  });
});

describe('precision', () => {
  /** Judges `run` twice; the arithmetics in which its experiment was set up, and in which it was measured first. */
  const trace = (
    run: Run,
    relation: Relation,
    bound: Real,
    format?: Arithmetic<unknown>,
    exact?: true,
  ): Judgement & { setUp: string[]; measured: string[] } => {
    const [setUp, measured]: [string[], string[]] = [[], []];
    const experiment: ExperimentIn = (A) => {
      setUp.push(A.name);
      return {
        measure: () => {
          measured.push(A.name);
          return run(A);
        },
      };
    };
    const judge = new Judge(experiment, { relation, ...(exact && { exact }) }, bound, format);
    const [first, second] = [1, 2].map(() => judge.judge(({ measure }) => measure({})));
    expect(second).toEqual(first);
    const half = measured.length / 2;
    expect(measured.slice(half)).toEqual(measured.slice(0, half));
    return { ...first!, setUp, measured: measured.slice(0, half) };
  };
  /** 1 + e^x. */
  const above =
    (x: number): Run =>
    (A) =>
      A.add(A.one, A.exp(A.from(x)));
  const thirds: Run = (A) => A.mul(A.div(A.one, A.from(3)), A.from(3));

  it.each([
    [-30, ['interval']],
    [-50, ['interval', 'interval128']], // 2^−72
    [-200, ['interval', 'interval128', 'rational', 'interval512']], // 2^−289
  ] as const)('is raised until 1 + e^%d > 1 is seen, and no further', (x, rungs) => {
    for (const relation of RELATIONS.filter((r) => r !== '>=')) {
      const { verdict, value, measured } = trace(above(x), relation, q('1'));
      expect([verdict, measured]).toEqual([ABOVE[relation], rungs]);
      expect(value).toBeGreaterThanOrEqual(1);
    }
  });

  it('ends at 512 bits', () => {
    expect(trace(above(-400), '>', q('1'))).toMatchObject({
      verdict: 'undecided', // 2^−577
      value: 1,
      measured: ['interval', 'interval128', 'rational', 'interval512'],
    });
  });

  it('is not raised beyond rationals that decide', () => {
    expect(trace(thirds, '==', q('1'))).toMatchObject({
      verdict: 'holds',
      value: 1,
      measured: ['interval', 'interval128', 'rational'],
    });
  });

  it('is exact at once where a statement is about rational runs', () => {
    for (const relation of RELATIONS) {
      const { verdict, measured } = trace(thirds, relation, q('1'), undefined, true);
      expect([verdict, measured]).toEqual([EQUAL[relation], ['rational']]);
    }
    // What is not rational after all goes on as ever.
    expect(trace(above(-50), '>', q('1'), undefined, true)).toMatchObject({
      verdict: 'holds',
      measured: ['rational', 'interval', 'interval128'],
    });
    expect(trace(thirds, '<=', q('1'), inFormat('bf16'), true).measured).toEqual(['bf16']);
  });

  it('raises that of the bound, too', () => {
    const asked: number[] = [];
    const bound: Real = {
      enclose: (bits) => {
        asked.push(bits);
        return bits < 500 ? { lo: q('0'), hi: q('10') } : { lo: q('4'), hi: q('4.5') };
      },
      approximate: () => q('4'),
    };
    expect(verdicts((A) => A.from(5), bound)).toEqual(ABOVE);
    expect(Math.min(...asked)).toBeLessThan(500);
    // A format is judged once, so against a bound that is known well.
    expect(verdicts((A) => A.from(5), bound, inFormat('fp64'))).toEqual(ABOVE);
  });

  it('is never above that of the bound', () => {
    const asked: number[] = [];
    const unknown: Real = {
      enclose: (bits) => {
        asked.push(bits);
        return { lo: q('0'), hi: q('10') };
      },
      approximate: () => q('0'),
    };
    expect(judge('<=', thirds, unknown).verdict).toBe('undecided');
    expect(asked).toHaveLength(4); // exact rationals are compared with as much as the last intervals
    [53, 128, 512, 512].forEach((bits, at) => expect(asked[at]).toBeGreaterThanOrEqual(bits));
  });

  it('takes one set-up of the experiment in each arithmetic that is needed', () => {
    expect(trace(above(-50), '>', q('1')).setUp).toEqual(['interval', 'interval128']);
  });

  it.each([
    ['fp64', 'refuted'],
    ['p40', 'refuted'],
    ['decimal20', 'refuted'],
    ['decimal40', 'holds'],
    ['dd', 'holds'],
  ])('is that of the format where there is one: in %s 1 + e^−50 > 1 is %s', (name, expected) => {
    expect(trace(above(-50), '>', q('1'), inFormat(name))).toMatchObject({ verdict: expected, measured: [name] });
  });

  it('decides what a format rounds to against an irrational bound', () => {
    const root = formula('sqrt(2)');
    const at = (x: number): Verdicts => verdicts((A) => A.from(x), root, inFormat('fp64'));
    expect(at(Math.SQRT2)).toEqual(ABOVE);
    expect(at(nextDown(Math.SQRT2))).toEqual(BELOW);
    expect(verdicts((A) => A.sqrt(A.from(2)), root, inFormat('fp64'))).toEqual(ABOVE);
  });
});

describe('an experiment', () => {
  it('is judged at any point, and at its witness', () => {
    const judge = new Judge(
      (A) => ({ measure: ({ x }) => A.from(x as number), witness: () => A.from(7) }),
      { relation: '<=' },
      q('5'),
    );
    expect([3, 6].map((x) => judge.judge(({ measure }) => measure({ x })).verdict)).toEqual(['holds', 'refuted']);
    expect(judge.judge(({ witness }) => witness!())).toMatchObject({ verdict: 'refuted', value: 7 });
  });

  it('that branches where intervals overlap is left to more precise ones', () => {
    // 1 − 10^−17 < 1, which float64 intervals cannot see; 0/0 < 1 is true nowhere.
    const below: Run = (A) => (A.less(A.sub(A.one, A.fromRational(q('1e-17') as Rational)), A.one) ? A.zero : A.one);
    expect(judge('>=', below, q('1')).verdict).toBe('refuted');
    expect(judge('<=', below, q('0')).verdict).toBe('holds');
    const unknown: Run = (A) => (A.less(A.div(A.zero, A.zero), A.one) ? A.zero : A.one);
    expect(judge('>=', unknown, q('1')).verdict).toBe('undecided');
  });

  it('may be irrational before it measures anything', () => {
    const judge = new Judge(
      (A) => {
        const tiny = A.exp(A.from(-200));
        return { measure: () => A.add(A.one, tiny) };
      },
      { relation: '>' },
      q('1'),
    );
    expect(judge.judge(({ measure }) => measure({})).verdict).toBe('holds');
  });

  it('may fail, and is heard', () => {
    const broken: Run = (A) => {
      if (A.name === 'interval128') throw new RangeError('broken');
      return A.fromReal(between('1', '2'));
    };
    expect(() => judge('<=', broken, q('1.5'))).toThrow('broken');
    expect(judge('<=', broken, q('2')).verdict).toBe('holds');
  });
});
