import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rational } from '../arithmetic/rational.ts';
import { InputError } from '../input-error.ts';
import {
  checkAssumption,
  type AssumptionCheck,
  type AssumptionInstance,
  type AssumptionSettings,
  type Part,
} from './assumption.ts';

const q = (text: string | number): Rational => Rational.parse(String(text))!;
const exactly = Rational.fromNumber;
const ONE = q(1);
const ZERO = q(0);

/** Everything once more, in rationals only and by trying every pair of thresholds. */
const oracle = ({ a, b, c, v, pos }: AssumptionInstance, { window, M, eps, ...given }: AssumptionSettings) => {
  const N = a.length;
  const all = Array.from({ length: N }, (_, at) => at + 1);
  const upTo = (i: number) => all.slice(0, i);
  const sum = (xs: readonly Rational[]) => xs.reduce((x, y) => x.add(y), ZERO);
  const score = (i: number, j: number) => sum(c[i - 1].map((x, k) => exactly(x).mul(exactly(b[j - 1][k]))));
  const table = all.map((i) => upTo(i).map((j) => score(i, j)));
  const s = (i: number, j: number) => table[i - 1][j - 1];
  const decay = (i: number, j: number) => a.slice(j, i).reduce((x, y) => x.mul(exactly(y)), ONE);
  const values = (rows: readonly number[]) =>
    [ZERO, ...rows.flatMap((i) => upTo(i).map((j) => s(i, j).abs()))]
      .sort((x, y) => x.compare(y))
      .filter((x, at, sorted) => at === 0 || x.compare(sorted[at - 1]) > 0);

  /** The first pair (i, j) that breaks A1.gap. */
  const broken = (rows: readonly number[], delta: Rational, rho: Rational) =>
    rows
      .flatMap((i) => upTo(i).map((j) => [i, j] as const))
      .find(([i, j]) => {
        const size = s(i, j).abs();
        const matches = size.compare(rho) >= 0;
        return (matches && j <= i - window) || (!matches && (j === pos[i - 1] || size.compare(delta) > 0));
      });
  const best = (rows: readonly number[]) => {
    const sorted = values(rows);
    return sorted
      .slice(1)
      .map((rho, at) => ({ delta: sorted[at], rho }))
      .filter(({ delta, rho }) => !broken(rows, delta, rho))
      .reduce<{ delta: Rational; rho: Rational } | undefined>(
        (x, y) => (x && x.rho.sub(x.delta).compare(y.rho.sub(y.delta)) > 0 ? x : y),
        undefined,
      );
  };
  const overall = best(all);
  const delta =
    given.delta ??
    (given.rho
      ? values(all)
          .filter((x) => x.compare(given.rho!) < 0)
          .at(-1)
      : overall?.delta);
  const rho = given.rho ?? (given.delta ? values(all).find((x) => x.compare(given.delta!) > 0) : overall?.rho);
  const mass = all.map((i) => sum(upTo(i).map((j) => decay(i, j).mul(s(i, j).abs()))));
  const aMin = a.slice(1).reduce((x, y) => Math.min(x, y), 1);
  const power = exactly(aMin).pow(Math.min(window, N) - 1);
  const least = eps && ONE.sub(eps.div(M.add(M)));
  return {
    overall,
    own: all.map((i) => best([i])),
    delta,
    rho,
    gap: delta && rho && (broken(all, delta, rho) ?? null),
    matching: rho && all.map((i) => upTo(i).filter((j) => s(i, j).abs().compare(rho) >= 0)),
    heavy: mass.findIndex((x) => x.compare(ONE) > 0) + 1,
    large: v.findIndex((record) => record.some((x) => exactly(x).abs().compare(M) > 0)) + 1,
    mass,
    other: all.map((i) =>
      upTo(i)
        .filter((j) => j !== pos[i - 1])
        .map((j) => s(i, j).abs())
        .reduce<Rational | undefined>((x, y) => (x && x.compare(y) > 0 ? x : y), undefined),
    ),
    hypothesis:
      least &&
      all.map((i) => {
        const x = s(i, pos[i - 1]);
        const alpha = decay(i, pos[i - 1]);
        const finite = power.sign() > 0;
        return {
          own: x.sign() > 0 && alpha.mul(x).compare(least) >= 0,
          uniform: x.sign() > 0 && finite && x.mul(power).compare(least) >= 0,
          possible: finite && alpha.mul(least).compare(power) <= 0,
        };
      }),
  };
};

const same = (x: Rational | undefined, y: Rational | undefined): boolean =>
  x === undefined || y === undefined ? x === y : x.compare(y) === 0;
const near = (x: number, y: Rational): void => {
  expect(Math.abs(x - y.toNumber())).toBeLessThanOrEqual(1e-12 * Math.abs(y.toNumber()) + 1e-15);
};

const expectAsOracle = (instance: AssumptionInstance, settings: AssumptionSettings): AssumptionCheck => {
  const check = checkAssumption(instance, settings);
  const wanted = oracle(instance, settings);
  const expectPair = (found: AssumptionCheck['overall'], pair: { delta: Rational; rho: Rational } | undefined) => {
    expect('reason' in found).toBe(pair === undefined);
    if (pair && !('reason' in found)) {
      expect(found.delta.toString()).toBe(pair.delta.toString());
      expect(found.rho.toString()).toBe(pair.rho.toString());
    }
  };
  expectPair(check.overall, wanted.overall);
  check.rows.forEach((row, at) => {
    expectPair(row.thresholds, wanted.own[at]);
    expect(row.matching).toEqual(wanted.matching?.[at]);
    expect(row.hypothesis).toEqual(wanted.hypothesis?.[at]);
    near(row.mass, wanted.mass[at]);
    if (wanted.other[at]) near(row.other!, wanted.other[at]);
    else expect(row.other).toBeNull();
  });
  expect(same(check.delta, wanted.delta)).toBe(true);
  expect(same(check.rho, wanted.rho)).toBe(true);
  const { gap, scale, values } = check.parts;
  expect(gap.holds).toBe(wanted.gap === null);
  if (wanted.gap) expect([gap.i, gap.j]).toEqual(wanted.gap);
  expect([scale.holds, scale.i ?? 0]).toEqual([wanted.heavy === 0, wanted.heavy]);
  expect([values.holds, values.j ?? 0]).toEqual([wanted.large === 0, wanted.large]);
  return check;
};

/** Numbers that collide (tenths, halves), that nearly do, and any. */
const entry = fc.oneof(
  fc.constantFrom(0, 1, -1, 0.5),
  fc.integer({ min: -5, max: 5 }).map((n) => n / 10),
  fc.constantFrom(0.1 + 0.2, 0.3, 1 + 2 ** -52, 1 - 2 ** -53, 5e-324, 1e-200, 1e17),
  fc.double({ min: -2, max: 2, noNaN: true }),
);
const decayEntry = fc.oneof(fc.constantFrom(1, 1, 0.9, 0.5, 0, 1e-200), fc.double({ min: 0, max: 1, noNaN: true }));
const instances = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 3 })).chain(([N, m]) => {
  const list = <X>(of: fc.Arbitrary<X>, length = N) => fc.array(of, { minLength: length, maxLength: length });
  return fc.record({
    a: list(decayEntry),
    b: list(list(entry, m)),
    c: list(list(entry, m)),
    v: list(list(entry, 1)),
    pos: fc.tuple(...Array.from({ length: N }, (_, at) => fc.integer({ min: 1, max: at + 1 }))),
  });
});

/** Keys e_j, queries e_pos(i): scores 1 at pos(i), 0 elsewhere. */
const oneHot = (pos: readonly number[], a = 1): AssumptionInstance => {
  const unit = (j: number) => pos.map((_, at) => (at === j - 1 ? 1 : 0));
  return {
    a: pos.map(() => a),
    b: pos.map((_, at) => unit(at + 1)),
    c: pos.map(unit),
    v: pos.map((_, at) => [at / 8]),
    pos,
  };
};
/** m = 1, keys as given and queries 1: s_ij = b_j for every i. */
const scored = (b: readonly number[], pos: readonly number[], a = 1): AssumptionInstance => ({
  a: b.map(() => a),
  b: b.map((x) => [x]),
  c: b.map(() => [1]),
  v: b.map(() => [1]),
  pos,
});
const settings = (over: Partial<AssumptionSettings> = {}): AssumptionSettings => ({
  window: 1000,
  M: ONE,
  eps: q('0.1'),
  ...over,
});

describe('against rationals', () => {
  it('finds the same thresholds, sets, masses, verdicts and indices', () => {
    fc.assert(
      fc.property(instances, fc.integer({ min: 1, max: 6 }), fc.constantFrom('0.5', '2'), (instance, window, eps) => {
        expectAsOracle(instance, { window, M: ONE, eps: q(eps) });
      }),
      { numRuns: 600 },
    );
  });

  it('does so at thresholds that scores meet exactly', () => {
    fc.assert(
      fc.property(instances, fc.integer({ min: 1, max: 6 }), fc.nat(14), fc.nat(14), fc.nat(2), (...args) => {
        const [instance, window, x, y, which] = args;
        const sizes = instance.c.flatMap((query, i) =>
          instance.b
            .slice(0, i + 1)
            .map((key) => query.reduce((s, z, k) => s.add(exactly(z).mul(exactly(key[k]))), ZERO).abs()),
        );
        const [low, high] = [sizes[x % sizes.length], sizes[y % sizes.length]].sort((p, r) => p.compare(r));
        const given = {
          ...(which !== 0 && low.compare(high) < 0 && { delta: low }),
          ...(which !== 1 && high.sign() > 0 && { rho: high }),
        };
        expectAsOracle(instance, { window, M: q('0.3'), eps: q('0.3'), ...given });
      }),
      { numRuns: 600 },
    );
  });

  it('does so for many keys of equal and almost equal scores', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(0.1, 0.2, 0.3, 0.1 + 0.2, 0.6, 0.7, -0.1, 1), { minLength: 6, maxLength: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.infiniteStream(fc.nat()),
        (keys, window, picks) => {
          const pos = keys.map((_, at) => 1 + (Number(picks.next().value) % (at + 1)));
          // Sums of three tenths: equal in rationals, or unequal there and equal in float64.
          const rows = keys.map((x, at) => [x, keys[(at + 1) % keys.length], keys[(at + 2) % keys.length]]);
          const c = rows.map((_, at) => rows[pos[at] - 1]);
          expectAsOracle({ a: keys.map(() => 0.9), b: rows, c, v: rows, pos }, settings({ window }));
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('A1.gap', () => {
  const gap = (instance: AssumptionInstance, over: Partial<AssumptionSettings>): Part =>
    checkAssumption(instance, settings(over)).parts.gap;

  it('holds for one-hot keys', () => {
    const check = expectAsOracle(oneHot([1, 1, 2, 4, 3, 5]), settings({ window: 3 }));
    expect(check.parts.gap).toEqual({ holds: true });
    expect(check.rows.map(({ matching }) => matching)).toEqual([[1], [1], [2], [4], [3], [5]]);
    expect([check.delta!.toNumber(), check.rho!.toNumber()]).toEqual([0, 1]);
  });

  it('names an element of S_i outside the window, at its very edge', () => {
    const instance = scored([1, 0, 0, 0, 1], [1, 1, 1, 1, 5]);
    expect(gap(instance, { window: 5, rho: ONE, delta: ZERO })).toEqual({ holds: true });
    expect(gap(instance, { window: 4, rho: ONE, delta: ZERO })).toEqual({
      holds: false,
      i: 5,
      j: 1,
      reason: 'j = 1 is in S_5 but outside the window {2..5}: |s| = 1 ≥ ρ = 1',
    });
  });

  it('names a pos(i) that is not in S_i, before any later j', () => {
    expect(gap(scored([1, 0.3, 0.4], [1, 1, 2]), { rho: q('0.5'), delta: q('0.2') })).toMatchObject({
      i: 2,
      j: 2,
      reason: 'j = 2 has δ = 0.2 < |s| = 0.3 < ρ = 0.5',
    });
    expect(gap(scored([1, 0.2, 0.4], [1, 2, 2]), { rho: q('0.5'), delta: q('0.25') })).toMatchObject({
      i: 2,
      j: 2,
      reason: 'pos(2) = 2 is not in S_2: |s| = 0.2 < ρ = 0.5',
    });
  });

  it('names a score between δ and ρ', () => {
    expect(gap(scored([1, 0.1, 0.4], [1, 1, 1]), { rho: q('0.5'), delta: q('0.25') })).toEqual({
      holds: false,
      i: 3,
      j: 3,
      reason: 'j = 3 has δ = 0.25 < |s| = 0.4 < ρ = 0.5',
    });
    expect(gap(scored([1, -0.25], [1, 1]), { rho: q('0.5'), delta: q('0.25') }).holds).toBe(true);
  });

  it('counts scores by modulus', () => {
    expect(gap(scored([-1, 0.5], [1, 1]), { rho: ONE, delta: q('0.5') }).holds).toBe(true);
  });

  it('is not decided by the rounding of scores', () => {
    // 0.1 + 0.2 of doubles lies between 0.3 and 0.1 + 0.2 of float64.
    const instance = { ...scored([1], [1]), b: [[0.1, 0.2]], c: [[1, 1]] };
    expect(gap(instance, { rho: q('0.3') }).holds).toBe(true);
    expect(gap(instance, { rho: exactly(0.1 + 0.2) }).reason).toBe(
      'pos(1) = 1 is not in S_1: |s| = 0.30000000000000001665 < ρ = 0.30000000000000004441',
    );
    // Float64 loses the 1.
    const cancelling = { ...scored([1], [1]), b: [[1e17, 1, 1]], c: [[1, 1, -1e17]] };
    expect(checkAssumption(cancelling, settings({ rho: ONE })).parts.gap.holds).toBe(true);
  });

  it('takes a typed threshold as typed: the double 0.3 is below 0.3', () => {
    expect(gap(scored([0.3], [1]), { rho: q('0.3') }).reason).toBe(
      'pos(1) = 1 is not in S_1: |s| = 0.2999999999999999889 < ρ = 0.3',
    );
  });

  it('shows three close numbers apart', () => {
    expect(gap(scored([1, 0.3], [1, 1]), { rho: q('0.3'), delta: q('0.2999999999999999') }).reason).toBe(
      'j = 2 has δ = 0.2999999999999999 < |s| = 0.2999999999999999889 < ρ = 0.3',
    );
  });

  it('completes one threshold by the best that the other allows', () => {
    const instance = scored([0.2, 0.4, 0.6, 0.8], [1, 2, 3, 4]);
    const found = (over: Partial<AssumptionSettings>) => {
      const { delta, rho } = checkAssumption(instance, settings(over));
      return [delta?.toNumber(), rho?.toNumber()];
    };
    expect(found({ rho: exactly(0.6) })).toEqual([0.4, 0.6]);
    expect(found({ rho: q('0.7') })).toEqual([0.6, 0.7]);
    expect(found({ rho: q('0.1') })).toEqual([0, 0.1]);
    expect(found({ delta: exactly(0.4) })).toEqual([0.4, 0.6]);
    expect(found({ delta: ZERO })).toEqual([0, 0.2]);
    expect(found({ delta: exactly(0.8) })).toEqual([0.8, undefined]);
  });

  it('is broken where no score is above δ', () => {
    const check = checkAssumption(scored([0.25], [1]), settings({ delta: q('0.25') }));
    expect(check.parts.gap).toEqual({
      holds: false,
      i: 1,
      j: 1,
      reason: 'no score is above δ, so that pos(1) = 1 is in no S_1: |s| = 0.25 ≤ δ = 0.25',
    });
    expect(check.rows[0].matching).toBeUndefined();
  });
});

describe('best thresholds', () => {
  const overall = (instance: AssumptionInstance, window = 1000) => {
    const found = checkAssumption(instance, settings({ window })).overall;
    return 'reason' in found ? found.reason : [found.delta.toNumber(), found.rho.toNumber()];
  };
  const own = (instance: AssumptionInstance, window = 1000) =>
    checkAssumption(instance, settings({ window })).rows.map(({ thresholds }) =>
      'reason' in thresholds ? thresholds.reason : [thresholds.delta.toNumber(), thresholds.rho.toNumber()],
    );

  it('are the widest gap above everything outside the window and below every score at pos', () => {
    const instance = scored([0.5, 0.25, 0.75, 2], [1, 2, 3, 4]);
    expect(own(instance, 1)).toEqual([
      [0, 0.5],
      'j = 1 at i = 2, outside the window {2..2}, has |s| = 0.5 ≥ 0.25 of pos(2) = 2',
      [0.5, 0.75],
      [0.75, 2],
    ]);
  });

  it('may exist for every position and not for all at once', () => {
    expect(overall(scored([1, 3, 2], [1, 2, 2]), 2)).toBe(
      'j = 1 at i = 3, outside the window {2..3}, has |s| = 1 ≥ 1 of pos(1) = 1',
    );
    expect(own(scored([1, 3, 2], [1, 2, 2]), 2)).toEqual([
      [0, 1],
      [1, 3],
      [2, 3],
    ]);
  });

  it('take the floor 0 where nothing lies below, also for N = 1', () => {
    expect(overall(scored([0.75], [1]))).toEqual([0, 0.75]);
    expect(overall(scored([-0.75, -0.75], [1, 1]))).toEqual([0, 0.75]);
    expect(overall(scored([1, 0.75], [1, 1]))).toEqual([0, 0.75]);
    expect(overall(scored([1, 0.25], [1, 1]))).toEqual([0.25, 1]);
  });

  it('take the upper of two gaps of one width', () => {
    expect(overall(scored([1, 0.5], [1, 1]))).toEqual([0.5, 1]);
    // Equal in float64 only: the lower gap is wider by 2^-54.
    const lower = 0.5 + 2 ** -54;
    expect(
      overall({
        ...scored([1, 0], [1, 1]),
        b: [
          [1, 0],
          [0.5, 2 ** -54],
        ],
        c: [
          [1, 1],
          [1, 1],
        ],
      }),
    ).toEqual([0, lower]);
  });

  it('compare gaps between doubles whose differences are none', () => {
    // The gap from 2^-53 + 2^-60 is 1 + 2^-53 - 2^-60 wide and rounds to 1, as wide as that from 3 to 4.
    const low = 2 ** -53 + 2 ** -60;
    const high = 1 + 2 ** -52;
    const instance = scored([low, high, 1.5, 2, 2.5, 3, 4], [1, 2, 3, 4, 5, 6, 7]);
    expect(own(instance)[6]).toEqual([low, high]);
  });

  it('name the first of equal scores', () => {
    expect(overall(scored([1, 1, 1], [1, 2, 3]), 1)).toBe(
      'j = 1 at i = 2, outside the window {2..2}, has |s| = 1 ≥ 1 of pos(1) = 1',
    );
    const found = checkAssumption(scored([1, 1, 1], [1, 2, 3]), settings({ window: 1 }));
    expect(found.parts.gap).toEqual({ holds: false, i: 2, j: 1, reason: expect.stringMatching(/^no thresholds fit/) });
  });

  it('say that a score of 0 at pos leaves none', () => {
    expect(overall(scored([1, 0], [1, 2]))).toBe('the score of pos(2) = 2 is 0');
  });

  it('say that pos lies outside the window', () => {
    expect(own(scored([2, 1], [1, 1]), 1)[1]).toBe('pos(2) = 1 lies outside the window {2..2}');
  });

  it('do not take equal scores for different ones', () => {
    // c·b = 0.1·0.3 + 0.2·0.6 in both orders: equal, whatever float64 makes of it.
    const tie: AssumptionInstance = {
      ...scored([1, 1, 1], [1, 2, 3]),
      b: [
        [0.1, 0.2, 0.7],
        [0.7, 0.2, 0.1],
        [0.2, 0.7, 0.1],
      ],
      c: [
        [1, 1, 1],
        [1, 1, 1],
        [1, 1, 1],
      ],
    };
    expect(own(tie, 1)[2]).toMatch(
      /^j = 1 at i = 3, outside the window \{3\.\.3\}, has \|s\| = 1 ≥ 1 of pos\(3\) = 3$/,
    );
  });
});

describe('A1.scale', () => {
  const scale = (instance: AssumptionInstance): Part => checkAssumption(instance, settings()).parts.scale;

  it('decays the scores', () => {
    expect(scale(scored([1, 0.5], [1, 1], 0.5))).toEqual({ holds: true });
    expect(scale(scored([1, 0.5], [1, 1], 0.75))).toEqual({ holds: false, i: 2, reason: 'Σ|w| = 1.25 > 1' });
    // α_ij is the product of a_{j+1} … a_i: neither a_j nor a_1 enters.
    expect(checkAssumption({ ...scored([1, 1, 1], [1, 1, 1]), a: [0.3, 0.5, 0.25] }, settings()).rows).toMatchObject([
      { mass: 1, alpha: 1 },
      { mass: 1.5, alpha: 0.5 },
      { mass: 1.375, alpha: 0.125 },
    ]);
  });

  it('holds at 1 and breaks beyond, whatever the rounding', () => {
    expect(scale(scored([0.5, -0.5], [1, 1]))).toEqual({ holds: true });
    // Ten times the double 0.1 is above 1; float64 sums it to 1 − 2^-53.
    expect(scale(scored(Array<number>(10).fill(0.1), Array<number>(10).fill(1)))).toEqual({
      holds: false,
      i: 10,
      reason: 'Σ|w| = 1 + 5.5511e-17 > 1',
    });
    expect(scale(scored([1 - 2 ** -53, 2 ** -53], [1, 1]))).toEqual({ holds: true });
    expect(scale(scored([1, 2 ** -80], [1, 1])).reason).toBe('Σ|w| = 1 + 8.2718e-25 > 1');
  });

  it('sees through underflow of the decays', () => {
    // α_31 = 1e-400 is 0 in float64, and so is its weight; 1e-400 above 1 is above 1.
    const instance = { ...scored([1, 0, 1], [1, 1, 3]), a: [1, 1e-200, 1e-200] };
    expect(scale(instance)).toEqual({ holds: false, i: 3, reason: 'Σ|w| = 1 + 1e-400 > 1' });
  });
});

describe('A1.values', () => {
  it('compares with M as typed', () => {
    const values = (v: number, M: string) =>
      checkAssumption(
        {
          ...scored([1, 1], [1, 1]),
          v: [
            [0, 0],
            [0, v],
          ],
        },
        settings({ M: q(M), eps: undefined }),
      ).parts.values;
    expect(values(-0.5, '0.5')).toEqual({ holds: true });
    expect(values(-0.5, '0.4999999999999999999')).toEqual({
      holds: false,
      j: 2,
      reason: 'component 2 of v_2 has |v| = 0.5 > M = 0.4999999999999999999',
    });
    expect(values(0.3, '0.3').holds).toBe(true);
    expect(values(0.1, '0.1').holds).toBe(false); // the double lies above
  });
});

describe('the hypothesis of T1.mass', () => {
  const hypothesis = (instance: AssumptionInstance, over: Partial<AssumptionSettings>) =>
    checkAssumption(instance, settings(over)).rows.map((row) => row.hypothesis!);

  it('is met where the score outweighs the decay, and possible only at the far end of the window', () => {
    // a = 1/2, L = 3: s ≥ 4(1 − η), and A1.scale allows it where α ≤ 1/(4(1 − η)), that is at r = 2.
    const instance = {
      ...oneHot([1, 1, 1, 3], 0.5),
      c: [1, 2, 4, 4].map((s, at) => oneHot([1, 1, 1, 3]).c[at].map((x) => x * s)),
    };
    expect(hypothesis(instance, { window: 3, eps: q('0.1') })).toEqual([
      { own: true, uniform: false, possible: false },
      { own: true, uniform: false, possible: false },
      { own: true, uniform: true, possible: true },
      { own: true, uniform: true, possible: false },
    ]);
    expect(checkAssumption(instance, settings({ window: 3 })).uniformScore!.toString()).toBe('3.8');
  });

  it('asks for a positive score', () => {
    expect(hypothesis(scored([-1], [1]), {})).toEqual([{ own: false, uniform: false, possible: true }]);
    expect(hypothesis(scored([0], [1]), { eps: q('2') })).toEqual([{ own: false, uniform: false, possible: true }]);
    expect(hypothesis(scored([1e-9], [1]), { eps: q('2') })).toEqual([{ own: true, uniform: true, possible: true }]);
  });

  it('holds at equality and not below', () => {
    expect(hypothesis(scored([0.75], [1]), { eps: q('0.5') })[0]).toMatchObject({ own: true, uniform: true });
    expect(hypothesis(scored([0.75 - 2 ** -53], [1]), { eps: q('0.5') })[0]).toMatchObject({ own: false });
    // α ≤ 0.75/(1 − η), with η = 1/4, a little less, and a little more.
    const possible = (eps: string) =>
      hypothesis(scored([0.75, 0], [1, 1], 0.75), { eps: q(eps), window: 2 }).map((met) => met.possible);
    expect(possible('0.5')).toEqual([true, true]);
    expect(possible('0.49999999999999999999')).toEqual([false, true]);
    expect(possible('0.50000000000000000001')).toEqual([true, true]);
  });

  it.each([
    [0.65, 36],
    [0.89, 9],
  ])('is decided exactly where float64 is off by eight roundings: %s^60', (a, power) => {
    const N = 61;
    const s = 2 ** power;
    const instance = scored([s, ...Array<number>(N - 1).fill(0)], Array<number>(N).fill(1), a);
    const weight = exactly(a)
      .pow(N - 1)
      .mul(exactly(s));
    // 1 − η is the weight at the last position, times a factor.
    const met = (factor: Rational) => hypothesis(instance, { eps: ONE.sub(weight.mul(factor)).mul(q(2)) })[N - 1].own;
    expect([1, 1 - 2 ** -53, 1 + 2 ** -52].map((factor) => met(exactly(factor)))).toEqual([true, true, false]);
  });

  it('is never met where a decay is 0, unless it acts on the empty state or L = 1', () => {
    const instance = { ...oneHot([1, 2, 3]), a: [1, 0, 1] };
    const none = { uniform: false, possible: false };
    expect(hypothesis(instance, { window: 2 })).toMatchObject([none, none, none]);
    expect(checkAssumption(instance, settings({ window: 2 }))).toMatchObject({ aMin: 0 });
    expect(checkAssumption(instance, settings({ window: 2 })).uniformScore).toBeUndefined();
    const met = { uniform: true, possible: true };
    expect(hypothesis(instance, { window: 1 })).toMatchObject([met, met, met]);
    expect(hypothesis({ ...instance, a: [0, 1, 1] }, { window: 2 })).toMatchObject([met, met, met]);
  });

  it('takes a window beyond N for the whole instance', () => {
    const check = checkAssumption(scored([1, 0], [1, 1], 0.5), settings({ window: 50 }));
    expect([check.window, check.uniformScore!.toString()]).toEqual([2, '1.9']);
  });

  it('is absent without ε', () => {
    const check = checkAssumption(scored([1], [1]), settings({ M: ZERO, eps: undefined }));
    expect(check.rows[0].hypothesis).toBeUndefined();
    expect(check.uniformScore).toBeUndefined();
  });
});

describe('weights', () => {
  it('are decayed scores with their signs', () => {
    const check = checkAssumption({ ...scored([1, -1, 0.5], [1, 1, 1]), a: [0.5, 0.5, 0.25] }, settings());
    expect([...check.weights(3)]).toEqual([0.125, -0.25, 0.5]);
    expect(check.rows[2]).toMatchObject({ score: 1, other: 1, mass: 0.875, alpha: 0.125 });
  });
});

describe('numbers for a reader', () => {
  it('are right where float64 loses every digit', () => {
    const instance = { ...scored([1], [1]), b: [[1e17, 3, 1]], c: [[1, 1, -1e17]] };
    const check = checkAssumption(instance, settings());
    expect(check.rows).toMatchObject([{ score: 3, mass: 3 }]);
    expect([...check.weights(1)]).toEqual([3]);
  });
});

describe('limits', () => {
  it('refuses scores that leave the range of doubles', () => {
    const huge = { ...scored([1e200], [1]), c: [[1e200]] };
    expect(() => checkAssumption(huge, settings())).toThrow(InputError);
    expect(() => checkAssumption(huge, settings())).toThrow(
      'expected the score of i = 1, j = 1 to be at most 1e+300, got Infinity',
    );
  });
});
