/** A claim of your own: with constant keys, a decay a < 1 bounds the read-out by a geometric sum. */
import * as mb from 'mambound';

const token = new mb.Fields({ v: 1, one: 1 });
const [value, one] = [mb.pick(token, 'v'), mb.pick(token, 'one')];
const bound = mb.parseFormula('(1 - a^N)/(1 - a)');

export const sum = mb.defineClaim({
  tag: 'EX.sum',
  title: 'A decaying sum stays bounded',
  statement: '|Σ_j a^(N−j) v_j| ≤ (1 − a^N)/(1 − a), attained.',
  quantifiers: ['for all a in (0, 1) and N', 'for all v in [−1, 1]^N'],
  source: 'an example',
  parameters: {
    a: mb.real('decay', { min: '0', max: '1', openMin: true, openMax: true }),
    N: mb.integer('length', { min: 1, max: 1000 }),
  },
  grid: { quick: [{ a: ['0.5', '0.9'], N: 8 }], standard: [{ a: '0.99', N: 64 }], deep: [] },
  quantities: {
    size: {
      measures: 'the absolute read-out',
      relation: '<=',
      bound: (p) => mb.realOf(bound, p),
      slack: () => 0.99,
      experiment: ({ a, N }, A) => {
        const module = { kind: 'linear-attention', key: one, query: one, value, decay: a.toNumber() } as const;
        const machine = mb.compile({ ...module, normalised: false }, A);
        const run = (x: number[]) => A.get(machine.run(mb.castVector(A, x), N, machine.initialState()), N - 1);
        const size = 1 - mb.recordMargin(N); // leaves room for rounding where the bound is attained
        const domain = { v: mb.vectors(N, mb.reals(-size, size)) };
        return mb.experiment({ domain, measure: ({ v }) => A.abs(run(v.flatMap((x) => [x, 1]))) });
      },
    },
  },
});
