/** L2.floor: products by four neurons in p bits: no scale λ gets below a power of u (docs/theory.md §4). */
import type { Arithmetic } from '../src/arithmetic/arithmetic.ts';
import { emulatedArithmetic } from '../src/arithmetic/emulated.ts';
import { formatByName, roundTo, type Format } from '../src/arithmetic/format.ts';
import { evaluateFormula, parseFormula, realOf, type Environment } from '../src/arithmetic/formula.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import type { Real } from '../src/arithmetic/real.ts';
import { defineClaim, dimensionless, type Experiment } from '../src/claim/claim.ts';
import { reals } from '../src/claim/domain.ts';
import { choice, format, real, type Values } from '../src/claim/parameters.ts';
import { PRODUCT, productNetwork, type ProductActivation } from '../constructions/lemma/L2.ts';
import { errorOf, evaluate, POWER_OF_TWO, scaled } from '../src/lemma/quantities.ts';
import type { Sequential } from '../src/network/layer.ts';

const parameters = {
  g: choice('activation', ['silu', 'gelu', 'softplus']),
  format: format('number format'),
  lambda: real('scale of the arguments; the best one where it is left out', { min: '2', optional: true }),
} as const;
type P = Values<typeof parameters>;

const formatFor = ({ format }: P): Format => formatByName(format)!;

/**
 * The steps of the bound on the error for |a|, |b| ≤ 1 (docs/theory.md, where their names are explained): R is what the
 * rounding of the activations comes to in the output, `before` all but the last sum.
 */
const GATED_SUMS = `
  s1 = 1 + R
  before = 2*u*(1 + u) + R + u*s1 + u*((1 + u)*s1 + p3)`;
const STEPS: Readonly<Record<ProductActivation, string>> = {
  silu: `
  X = 2/lambda
  s = 1/(1 + exp(-X))
  E = u*s^2/(1 - u/2)
  P = 7/4*u*(1 + u) + E + u*(tanh(X/2) + E)
  R = lambda*(1 + u)*P
  p3 = lambda*(1 + u)*((1 + u)*s/(1 - u/2) + u/2)${GATED_SUMS}`,
  gelu: `
  w = u + 2^-53*(1 + u)
  W = sqrt(pi/2)*lambda/4*(1 + w)
  t = erf(sqrt(2)/lambda)
  P = ((1 + u)^3 - 1)*t + 3/4*u + (2*u + u^2)*(1 + 3/4*u)
  R = 2*(1 + u)*W*P + w*(1 + u)
  p3 = 2*W*(1 + u)^2*((1 + (1 + u)^3*t)/2 + u/2)${GATED_SUMS}`,
  softplus: `
  X = 2/lambda
  l = log(1 + exp(-X))
  D = u/2 + u/2/(1 + exp(-X) - u/2)
  v0 = X + l + D
  P = 2*D + (v0 < 1 ? u/2 : v0 < 2 ? u : 2*u)
  v1 = X + 2*l + P
  e1 = v1 < 2 ? u : 2*u
  v2 = X + l + P + e1 + D
  e2 = v2 < 1 ? u/2 : v2 < 2 ? u : 2*u
  before = 2*u*(1 + u) + lambda^2*(2*P + e1 + e2)`,
};
/** tiny: half the least subnormal number, which products may lose. */
const upper = (g: ProductActivation): string => `${STEPS[g]}
  total = (${PRODUCT[g].c})/lambda^2 + before
  bound = total + u*(1 + total) + 12*lambda^2*tiny`;

/** ab − f(a, b) at a = b = 1 in real arithmetic. */
const SHORTFALL: Readonly<Record<ProductActivation, string>> = {
  silu: 'x^2 - 2*x*tanh(x/2)',
  gelu: 'x^2 - sqrt(pi/2)*x*erf(x/sqrt(2))',
  softplus: 'x^2 - 8*log((exp(x/2) + exp(-x/2))/2)',
};
/** At a = b = 1, where rounding can take no more than its bound off the error in real arithmetic. */
const atCorner = (g: ProductActivation): string => `${upper(g)}
  x = 2/lambda
  lambda^2/4*(${SHORTFALL[g]}) - (bound - (${PRODUCT[g].c})/lambda^2)`;

/** The spacing of the outputs at a = b near 1 in units of u, and the largest spacing and least λ for which that holds. */
const SPACING = { silu: 'lambda/2', gelu: 'lambda/2', softplus: '2*lambda^2' } as const;
const MOST_SPACING = { silu: 2 ** -4, gelu: 2 ** -4, softplus: 2 ** -1 } as const;
const LEAST_SCALE = { silu: 8, gelu: 16, softplus: 8 } as const;

const perActivation = <X>(make: (g: ProductActivation) => X): Readonly<Record<ProductActivation, X>> => ({
  silu: make('silu'),
  gelu: make('gelu'),
  softplus: make('softplus'),
});
const upperBound = perActivation((g) => parseFormula(upper(g)));
const cornerBound = perActivation((g) => parseFormula(atCorner(g)));
const spacing = perActivation((g) => parseFormula(`${SPACING[g]}*u`));
/** A square of the format is within (1 + 1/16)u of any number, even if its root was rounded to a double first. */
const gridBound = perActivation((g) => parseFormula(`${SPACING[g]}*u/2 - 17/16*u`));

/** A cell at one λ. */
type AtScale = P & { readonly lambda: Rational };
const isAtScale = (p: P): p is AtScale => p.lambda !== undefined;

const environmentOf = (p: AtScale): Environment => {
  const { p: bits, emin } = formatFor(p);
  return {
    u: Rational.fromNumber(2 ** -bits),
    tiny: Rational.fromNumber(emin === -Infinity ? 0 : 2 ** (emin - bits)),
    lambda: p.lambda,
  };
};
const boundAt = (p: AtScale): Real => realOf(upperBound[p.g], environmentOf(p));
const gridAt = (p: AtScale): Real => realOf(gridBound[p.g], environmentOf(p));
const spacingAt = (p: AtScale): number => realOf(spacing[p.g], environmentOf(p)).approximate().toNumber();

/** Where the outputs at a = b near 1 are known to be so far apart. */
const isSpaced = (p: AtScale): boolean => p.lambda.toNumber() >= LEAST_SCALE[p.g] && spacingAt(p) <= MOST_SPACING[p.g];

const networkOf = ({ g, lambda }: AtScale): Sequential => productNetwork(g, lambda.toNumber());

const error = <T>(p: AtScale, A: Arithmetic<T>, network = networkOf(p)): Experiment<T | Rational> =>
  errorOf(
    A,
    evaluate(network, A),
    {
      domain: { a: reals(-1, 1), b: reals(-1, 1) },
      instance: ({ a, b }) => [a, b],
      value: (B, [a, b]) => B.mul(a!, b!),
      witness: [1, 1],
    },
    p.format,
  );

type Pair = readonly [a: number, b: number];

/** (a, a) for the number a whose square is nearest to the middle between two multiples of the spacing, the largest below 1. */
const betweenOutputs = (p: AtScale): Pair => {
  const apart = spacingAt(p);
  const a = roundTo(formatFor(p), Math.sqrt((Math.floor(1 / apart - 0.5) + 0.5) * apart));
  return [a, a];
};
const errorBetween = <T>(p: AtScale, A: Arithmetic<T>): Experiment<T | Rational> => {
  const [a, b] = betweenOutputs(p);
  return { measure: () => error(p, A).measure({ a, b }) };
};

/** Bits of bounds that are compared with each other. */
const BITS = 64;

/** No λ errs by less than this somewhere. */
const leastErrorAt = (p: AtScale): Rational => {
  const corner = realOf(cornerBound[p.g], environmentOf(p)).enclose(BITS).lo;
  const grid = isSpaced(p) ? gridAt(p).enclose(BITS).lo : corner;
  return corner.compare(grid) < 0 ? grid : corner;
};

const isInRange = ({ g, format, lambda }: AtScale): boolean => {
  const { max, emin } = formatByName(format)!;
  const scale = lambda.toNumber();
  // Sums are at most twice λ², and 1/λ is a normal number.
  return 2 * scale ** 2 <= max && 1 / scale >= 2 ** emin && spacingAt({ g, format, lambda }) <= MOST_SPACING[g];
};

/** The powers of two that are tried; beyond, outputs near 1 are more than 1/16 (softplus: 1/2) apart. */
const scalesOf = ({ g, format }: P): AtScale[] => {
  const at = (k: number): AtScale => ({ g, format, lambda: Rational.fromNumber(2 ** k) });
  return Array.from({ length: formatFor({ g, format }).p }, (_, k) => at(k + 1)).filter(isInRange);
};

const least = (values: readonly Rational[]): Rational => values.reduce((x, y) => x.min(y));
const floorBelow = (p: P): Rational => least(scalesOf(p).map((at) => boundAt(at).enclose(BITS).hi));
const floorAbove = (p: P): Rational => least(scalesOf(p).map(leastErrorAt));

/** Points of a lattice that fills the square evenly (multiples of the powers of the plastic number, modulo 1). */
const POINTS = 200;
const PLASTIC = 1.324717957244746;
const place = (i: number, k: number): number => 2 * ((i / PLASTIC ** k) % 1) - 1;
const LATTICE = Array.from({ length: POINTS }, (_, i): Pair => [place(i, 1), place(i, 2)]);
const CORNERS: readonly Pair[] = [
  [1, 1],
  [1, -1],
];

/** The largest error of a network at these pairs, or the first that is `enough`; NaN where an output is no number. */
const worstOver = <T>(
  p: AtScale,
  A: Arithmetic<T>,
  network: Sequential,
  pairs: readonly Pair[],
  enough = Infinity,
): number => {
  const { measure } = error(p, A, network);
  let worst = 0;
  for (const [a, b] of pairs) {
    const found = measure({ a, b });
    worst = Math.max(worst, found instanceof Rational ? found.toNumber() : NaN);
    if (!(worst < enough)) break;
  }
  return worst;
};

/** The same at one λ over the corners, between two outputs where that is known, and over the lattice. */
const worstAt = <T>(p: AtScale, A: Arithmetic<T>, network = networkOf(p), enough?: number): number =>
  worstOver(p, A, network, [...CORNERS, ...(isSpaced(p) ? [betweenOutputs(p)] : []), ...LATTICE], enough);

/** That of the instance between two outputs, in other bits. */
const betweenIn = (p: AtScale, A: Arithmetic<number>): number => worstOver(p, A, networkOf(p), [betweenOutputs(p)]);

/** K of the leading term of what rounding adds, and the least over λ of that and c/λ². */
const LEADING = {
  silu: { K: '5/2', lambda: '(2*c/(K*u))^(1/3)', floor: '3*(c/4)^(1/3)*(K*u)^(2/3)' },
  gelu: { K: '13/8*sqrt(pi/2)', lambda: '(2*c/(K*u))^(1/3)', floor: '3*(c/4)^(1/3)*(K*u)^(2/3)' },
  softplus: { K: '11/2', lambda: '(c/(K*u))^(1/4)', floor: '2*sqrt(c*K*u)' },
} as const;
const leading = (what: 'lambda' | 'floor'): ((p: P) => number) => {
  const formulas = perActivation((g) => parseFormula(`c = ${PRODUCT[g].c}\nK = ${LEADING[g].K}\n${LEADING[g][what]}`));
  return (p) => evaluateFormula(formulas[p.g], { u: 2 ** -formatFor(p).p }).toNumber();
};
const predictedScale = leading('lambda');
const predictedFloor = leading('floor');

interface Floor {
  readonly lambda: number;
  readonly error: number;
}

/** The λ with the least of these errors. The likeliest come first; any other is left at an error that is no better. */
const floorOf = <T>(p: P, A: Arithmetic<T>, networkAt: (at: AtScale) => Sequential = networkOf): Floor => {
  const likely = Math.log2(predictedScale(p));
  const far = ({ lambda }: AtScale): number => Math.abs(Math.log2(lambda.toNumber()) - likely);
  return scalesOf(p)
    .sort((x, y) => far(x) - far(y))
    .reduce<Floor>(
      (best, at) => {
        const found = worstAt(at, A, networkAt(at), best.error);
        return found < best.error ? { lambda: at.lambda.toNumber(), error: found } : best;
      },
      { lambda: NaN, error: Infinity },
    );
};
const floor = <T>(p: P, A: Arithmetic<T>, networkAt?: (at: AtScale) => Sequential): Experiment<Rational> => ({
  measure: () => Rational.fromNumber(floorOf(p, A, networkAt).error),
});

const LEAST_BITS = 4;
const MOST_BITS = 48;
const powers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, k) => String(2 ** (from + k)));
const ACTIVATIONS = ['silu', 'gelu', 'softplus'];

/** In fewer or more bits, whatever the cell says. */
const inBits = (bits: number): Arithmetic<number> => emulatedArithmetic(formatByName(`p${bits}`)!);
const MUTANT_WEIGHT = 1.01;

export const productFloor = defineClaim({
  tag: 'L2.floor',
  title: 'Products by one hidden layer in a number format',
  statement:
    'In p bits the four neurons of L2 err by at most c/λ² + Kλu for |a|, |b| ≤ 1, to first order, with u = 2^−p and K = 5/2 (SiLU), (13/8)√(π/2) (GELU), and somewhere by λu/4 − 17u/16 at least: no λ gets below Θ(u^(2/3)). For softplus λ² stands in place of λ, K = 11/2 and λ²u − 17u/16: no λ gets below Θ(√u). All terms of the bounds: docs/theory.md.',
  quantifiers: [
    'for g ∈ {SiLU, GELU, softplus}, for all binary formats of 4 to 48 bits that round functions correctly, and all powers of two λ ≥ 2 in their range',
    'for all |a|, |b| ≤ 1 of the format: |f̂(a, b) − ab| ≤ bound(λ); there is an a with |f̂(a, a) − a²| ≥ spacing/2 − 17u/16; and the least worst error over λ is between the least of both',
  ],
  source: 'beyond; docs/theory.md §4',
  parameters,
  conditions: [
    {
      name: 'format',
      expected: `a binary floating-point format of ${LEAST_BITS} to ${MOST_BITS} bits`,
      holds: ({ format }) => {
        const bits = formatByName(format)?.p ?? 0;
        return bits >= LEAST_BITS && bits <= MOST_BITS;
      },
    },
    { ...POWER_OF_TWO, holds: ({ lambda }) => lambda === undefined || POWER_OF_TWO.holds({ lambda }) },
    {
      name: 'lambda',
      expected: 'so small that the weights are in range and outputs at most 1/16 (softplus: 1/2) apart',
      holds: (p) => !isAtScale(p) || isInRange(p),
    },
  ],
  grid: {
    quick: [
      { g: ACTIVATIONS, format: 'p16' },
      { g: ACTIVATIONS, format: 'p24', lambda: '32' },
    ],
    standard: [
      { g: ACTIVATIONS, format: ['p8', 'p12', 'p16', 'p20', 'p24', 'p28', 'p32', 'p36', 'p40'] },
      { g: ACTIVATIONS, format: ['fp8-e4m3', 'bf16', 'fp16', 'tf32', 'fp32'] },
      { g: 'silu', format: 'bf16', lambda: powers(1, 5) },
      { g: 'silu', format: 'fp16', lambda: powers(1, 7) },
      { g: ACTIVATIONS, format: 'fp32', lambda: powers(1, 11) },
      { g: ['gelu', 'softplus'], format: ['p8', 'p40'], lambda: ['2', '8'] },
    ],
    deep: [{ g: ACTIVATIONS, format: ['p10', 'p14', 'p18', 'p22', 'p26', 'p30', 'p34', 'p38', 'p44', 'p48'] }],
  },
  quantities: {
    floor: {
      measures: 'the least over λ of the largest |f̂(a, b) − ab|',
      tried: true,
      relation: '<=',
      applies: (p) => !isAtScale(p),
      bound: floorBelow,
      slack: () => null,
      experiment: (p, A) => floor(p, A),
      mutants: {
        'an output weight off by 1 %': (p, A) => floor(p, A, (at) => scaled(networkOf(at), 'output', MUTANT_WEIGHT, 3)),
        'four bits fewer': (p: P) => floor(p, inBits(formatFor(p).p - 4)),
      },
    },
    least: {
      measures: 'the least over λ of the largest |f̂(a, b) − ab|',
      tried: true,
      relation: '>=',
      // With few bits the two bounds leave a λ between them of which nothing is known.
      applies: (p) => !isAtScale(p) && floorAbove(p).sign() > 0,
      bound: floorAbove,
      slack: () => null,
      experiment: (p, A) => floor(p, A),
      mutants: { 'eight bits more': (p: P) => floor(p, inBits(formatFor(p).p + 8)) },
    },
    error: {
      measures: '|f̂(a, b) − ab|',
      relation: '<=',
      applies: isAtScale,
      bound: (p) => boundAt(p as AtScale),
      slack: () => null,
      experiment: (p, A) => error(p as AtScale, A),
      teethAt: { g: 'silu', format: 'p24', lambda: '32' },
      mutants: {
        'half the scale': (p, A) => error(p as AtScale, A, productNetwork(p.g, (p as AtScale).lambda.toNumber() / 2)),
        'an output weight off by 0.01 %': (p, A) =>
          error(p as AtScale, A, scaled(networkOf(p as AtScale), 'output', 1.0001, 3)),
      },
    },
    spacing: {
      measures: '|f̂(a, a) − a²| for an a² between two outputs',
      relation: '>=',
      applies: (p) => isAtScale(p) && isSpaced(p),
      bound: (p) => gridAt(p as AtScale),
      slack: () => null,
      experiment: (p, A) => errorBetween(p as AtScale, A),
      teethAt: { g: 'silu', format: 'p16', lambda: '256' },
      mutants: {
        'eight bits more': (p: P) => ({
          measure: () => Rational.fromNumber(betweenIn(p as AtScale, inBits(formatFor(p).p + 8))),
        }),
      },
    },
  },
  measurements: [
    {
      id: 'L2.floor.errors',
      title: 'Errors of products in formats: at λ or, where it is left out, at the best λ',
      columns: dimensionless([
        'g',
        'format',
        'p',
        'lambda',
        'at',
        'error',
        'bound',
        'least',
        'predicted lambda',
        'predicted floor',
      ]),
      row: (p) => {
        const number = formatFor(p);
        const A = emulatedArithmetic(number);
        const { lambda, error: found } = isAtScale(p)
          ? { lambda: p.lambda.toNumber(), error: worstAt(p, A) }
          : floorOf(p, A);
        const [bound, above] = isAtScale(p)
          ? [boundAt(p).approximate(), leastErrorAt(p)]
          : [floorBelow(p), floorAbove(p)];
        return [
          p.g,
          p.format,
          number.p,
          p.lambda?.toNumber() ?? null,
          lambda,
          found,
          bound.toNumber(),
          above.toNumber(),
          predictedScale(p),
          predictedFloor(p),
        ];
      },
    },
  ],
});
