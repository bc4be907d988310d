/** What claims about COPY constructions have in common: the error, counts, largest weights, mutants and the table of sizes. */
import type { Arithmetic } from '../arithmetic/arithmetic.ts';
import { realOf, type Formula } from '../arithmetic/formula.ts';
import { Rational } from '../arithmetic/rational.ts';
import { minimum, scale } from '../arithmetic/real.ts';
import { dimensionless, recordMargin, type Experiment, type Measured, type Measurement } from '../claim/claim.ts';
import type { Values } from '../claim/parameters.ts';
import { withBlock, type Layer, type MambaBlock } from '../network/layer.ts';
import { sizesOf, type Sizes } from '../network/size.ts';
import type { BuiltCopy, copyParameters } from './construction.ts';
import { copyExperiment } from './experiment.ts';

/** What `copyParameters` declares. */
export type CopyDeclaration = ReturnType<typeof copyParameters>;
export type CopyValues = Values<CopyDeclaration>;

/** The sizes of a construction that every table shows. */
export const SIZE_COLUMNS = [
  'dState',
  'dInner',
  'stateFloats',
  'stateRead',
  'parameters',
  'parametersNonzero',
  'macsPerToken',
  'macsPerTokenNonzero',
] as const satisfies readonly (keyof Sizes)[];

/** The tasks that all constructions with a linear or quadratic state are compared by. */
export const COMPARED = { N: [1, 2, 5, 16, 64], d: 1, M: 1, eps: '1e-4' } as const;

/** A weight is the double nearest to its real value; constants that it is made of were rounded, too. */
const WEIGHT_ROUNDING = Rational.fromNumber(1 + 2 ** -50);
const WEIGHT_SLACK = 1 - 2 ** -40;

export interface CopyQuantities {
  sizes(p: CopyValues): Sizes;
  /** ‖y_i − v_pos(i)‖∞ of the construction, or of the one given. */
  error<T>(p: CopyValues, A: Arithmetic<T>, built?: BuiltCopy): Experiment<T>;
  /** The error as a quantity of a claim: below its formula and below ε, as the theorem says, and attained up to `slack`. */
  errorWithin(claimed: Pick<Measured<CopyDeclaration>, 'slack' | 'teethAt' | 'mutants'>): Measured<CopyDeclaration>;
  /** The error with a change in the network. */
  mutated<T>(p: CopyValues, A: Arithmetic<T>, change: (network: Layer) => Layer): Experiment<T>;
  /** The error with a change in the block of a network that is one block with its residual, or block `at` of a stack of them. */
  mutatedBlock<T>(
    p: CopyValues,
    A: Arithmetic<T>,
    change: (block: MambaBlock) => MambaBlock,
    at?: number,
  ): Experiment<T>;
  /** A count that must equal its formula; no instances to quantify over. */
  count(measures: string, key: keyof Sizes, formula: (p: CopyValues) => number): Measured<CopyDeclaration>;
  /** The largest weight, which must come up to its formula in N, d, M and eps. */
  largestWeight(formula: Formula): Measured<CopyDeclaration>;
  /** The table of sizes, with columns of its own beside the parameters and SIZE_COLUMNS. */
  sizesTable(
    tag: string,
    own: Readonly<Record<string, (p: CopyValues, built: BuiltCopy, sizes: Sizes) => number>>,
  ): Measurement<CopyDeclaration>;
}

/** The quantities of one construction. */
export const copyQuantities = (build: (p: CopyValues) => BuiltCopy): CopyQuantities => {
  const sizes = (p: CopyValues): Sizes => sizesOf(build(p).network, p.N);
  const error = <T>(p: CopyValues, A: Arithmetic<T>, built = build(p)): Experiment<T> =>
    copyExperiment(built, p, A, recordMargin(p.N, p.M.div(built.bound.approximate()).toNumber()));
  const mutated = <T>(p: CopyValues, A: Arithmetic<T>, change: (network: Layer) => Layer): Experiment<T> => {
    const built = build(p);
    return error(p, A, { ...built, network: change(built.network) });
  };
  return {
    sizes,
    error,
    errorWithin: (claimed) => ({
      measures: '‖y_i − v_pos(i)‖∞, the largest over i',
      relation: '<=',
      bound: (p) => minimum(build(p).bound, p.eps),
      experiment: (p, A) => error(p, A),
      ...claimed,
    }),
    mutated,
    mutatedBlock: (p, A, change, at) => mutated(p, A, (network) => withBlock(network, change, at)),
    count: (measures, key, formula) => ({
      measures,
      relation: '==',
      bound: (p) => Rational.fromNumber(formula(p)),
      slack: () => null,
      experiment: (p, A) => ({ measure: () => A.from(sizes(p)[key]) }),
    }),
    largestWeight: (formula) => ({
      measures: 'largest absolute weight',
      relation: '<=',
      bound: (p) => scale(realOf(formula, p), WEIGHT_ROUNDING),
      slack: () => WEIGHT_SLACK,
      experiment: (p, A) => ({ measure: () => A.from(sizes(p).largestWeight) }),
    }),
    sizesTable: (tag, own) => ({
      id: `${tag}.sizes`,
      title: `Constants and sizes of ${tag}`,
      columns: dimensionless(['N', 'd', 'M', 'eps', ...Object.keys(own), ...SIZE_COLUMNS]),
      row: (p) => {
        const built = build(p);
        const s = sizesOf(built.network, p.N);
        return [
          p.N,
          p.d,
          p.M.toNumber(),
          p.eps.toNumber(),
          ...Object.values(own).map((column) => column(p, built, s)),
          ...SIZE_COLUMNS.map((key) => s[key]),
        ];
      },
    }),
  };
};
