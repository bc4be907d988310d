/**
 * Every lemma and every COPY construction as a network with its inputs, of size M = 1, and what it errs by in real
 * arithmetic: what the claims about number formats run over (docs/theory.md §6).
 */
import type { Format } from '../../src/arithmetic/format.ts';
import { realOf } from '../../src/arithmetic/formula.ts';
import { Rational } from '../../src/arithmetic/rational.ts';
import type { Real } from '../../src/arithmetic/real.ts';
import type { BuiltCopy, CopyConstruction } from '../../src/copy/construction.ts';
import { copySubject } from '../../src/copy/subject.ts';
import type { Layer } from '../../src/network/layer.ts';
import type { Form } from '../../src/network/matrix.ts';
import { at, within, type Subject, type TokenBox } from '../../src/precision/deviation.ts';
import { etaFormula } from '../copy/hat.ts';
import { attention } from '../copy/T2.attention.ts';
import { block, blockWeights } from '../copy/T2.block.ts';
import { ideal } from '../copy/T2.ideal.ts';
import { packed } from '../copy/T2.packed.ts';
import { selective } from '../copy/T2.selective.ts';
import { slots } from '../copy/T2.slots.ts';
import { tight } from '../copy/T2.tight.ts';
import { linearMap } from '../lemma/L0.ts';
import { reluNetwork, transferBound } from '../lemma/L1.ts';
import { productBlock, productStream } from '../lemma/L2.gate.ts';
import { productBound, productNetwork } from '../lemma/L2.ts';
import { SELECT_MASS, selectNetwork } from '../lemma/L3.ts';
import { EXTREMUM_MASS, extremumNetwork } from '../lemma/L4.ts';
import { comparisonNetwork, lookupNetwork, stepBound } from '../lemma/L5.ts';
import { mlpInMamba, mlpStream } from '../lemma/L6.ts';

/** A network of M = 1 with its inputs, and what it errs by in real arithmetic. */
export interface Stated {
  readonly subject: Subject;
  readonly theory: Real;
}

const NOTHING = Rational.of(0n);

const ofTokens = (network: Layer, theory: Real, tokens: readonly TokenBox[], output = 0): Stated => ({
  subject: { network, sequences: tokens.map((token) => [token]), outputs: [output] },
  theory,
});

const [UNIT, PAIR] = [[within(1)], [within(1), within(1)]];
const relu = (lambda: number, mass: number): Real => transferBound('silu', Rational.fromNumber(lambda), mass);
const SUM: Form = [
  [0, 1],
  [1, 1],
];
/** α = ½, so K = M/α = 2. */
const [ALPHA, STEEPNESS] = [0.5, 2];
const integersTo = (n: number): TokenBox => [{ lo: 1, hi: n, integer: true }, at(1)];
/** A table whose entries alternate, which is the steepest of those up to 1. */
const alternating = (n: number): number[] => Array.from({ length: n }, (_, k) => 1 - 2 * (k % 2));

/** Steepness of a lemma's neurons (the exact ones have none), and the largest integer of those on integers. */
export interface LemmaSize {
  readonly lambda: number;
  readonly N: number;
}

const LEMMAS: Readonly<Record<string, (size: LemmaSize) => Stated>> = {
  L0: () => ofTokens(linearMap('silu', [SUM], 2), NOTHING, [PAIR]),
  L1: ({ lambda }) => ofTokens(reluNetwork('silu', lambda), relu(lambda, 1), [UNIT]),
  L2: ({ lambda }) => ofTokens(productNetwork('silu', lambda), realOf(productBound.silu, { M: 1, lambda }), [PAIR]),
  'L2.gate': () => ofTokens(productBlock(), NOTHING, [[...PAIR, at(0)]], productStream.at('product')),
  L3: ({ lambda }) =>
    ofTokens(
      selectNetwork('silu', lambda, STEEPNESS),
      relu(lambda, SELECT_MASS),
      [
        { lo: ALPHA, hi: 1 },
        { lo: -1, hi: -ALPHA },
      ].map((t) => [...PAIR, t]),
    ),
  'L4.min': ({ lambda }) => ofTokens(extremumNetwork('min', 'silu', lambda), relu(lambda, EXTREMUM_MASS.min), [PAIR]),
  'L4.abs': ({ lambda }) => ofTokens(extremumNetwork('abs', 'silu', lambda), relu(lambda, EXTREMUM_MASS.abs), [UNIT]),
  'L5.comparison': ({ lambda, N }) =>
    ofTokens(comparisonNetwork('silu', lambda, 2), realOf(stepBound.silu, { lambda }), [integersTo(N)]),
  'L5.lookup': ({ lambda, N }) =>
    ofTokens(lookupNetwork('silu', lambda, alternating(N)), realOf(etaFormula.silu, { lambda }), [integersTo(N)]),
  L6: ({ lambda }) =>
    ofTokens(
      mlpInMamba(reluNetwork('silu', lambda), 'pair'),
      relu(lambda, 1),
      [[within(1), at(1), at(0)]],
      mlpStream(1, 1).at('y'),
    ),
};

const COPIES: ReadonlyMap<string, CopyConstruction> = new Map(
  [ideal, block, slots, packed, selective, tight, attention].map((construction) => [construction.tag, construction]),
);

/** The error that COPY constructions are built for, with d = M = 1: it leaves the sign of ±1 clear. */
export const COPY_ERROR = Rational.of(1n, 4n);
/** A COPY construction by its tag, with its constants chosen for a format. */
export const copyFor = (tag: string, N: number, format: Format): BuiltCopy =>
  COPIES.get(tag)!.build({ N, d: 1, M: Rational.of(1n), eps: COPY_ERROR, format });

/** T2.block with a steepness of its own. */
export const blockWithSteepness = (N: number, format: Format, lambda: number): BuiltCopy => {
  const built = copyFor(block.tag, N, format);
  const constants = { lambda, tau: built.constants.tau! };
  return { ...built, constants, network: { kind: 'residual', layer: blockWeights(N, 1, constants) } };
};

const copyOf = (tag: string, N: number, format: Format): Stated => {
  const built = copyFor(tag, N, format);
  return { subject: copySubject(built, { N, d: 1, M: 1 }), theory: built.bound };
};

export const LEMMA_NAMES = Object.keys(LEMMAS);
export const COPY_TAGS = [...COPIES.keys()];

/** A lemma by its name, or a COPY construction by its tag. */
export const statedBy = (name: string, size: LemmaSize, format: Format): Stated =>
  LEMMAS[name]?.(size) ?? copyOf(name, size.N, format);
