/** L2.gate: a Mamba block's own gate multiplies exactly, with 4 channels and weights ±1 (docs/theory.md §4). */
import type { Arithmetic } from '../src/arithmetic/arithmetic.ts';
import { formatByName } from '../src/arithmetic/format.ts';
import { evaluateFormula, parseFormula } from '../src/arithmetic/formula.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import { defineClaim, type Experiment } from '../src/claim/claim.ts';
import { BINARY_OR_REAL } from '../src/claim/format-conditions.ts';
import { integers, reals } from '../src/claim/domain.ts';
import { format, real, REAL, type Values } from '../src/claim/parameters.ts';
import { GATE_ROUNDINGS, productBlock, productStream } from '../constructions/lemma/L2.gate.ts';
import { errorOf, evaluate, exactTo, weight, width } from '../src/lemma/quantities.ts';
import type { MambaBlock } from '../src/network/layer.ts';
import { scaleEntries } from '../src/network/matrix.ts';

const parameters = {
  m: real('least |a| and |b|', { min: '0', openMin: true }),
  M: real('largest |a| and |b|', { min: '0', openMin: true }),
  format: format('number format'),
} as const;
type P = Values<typeof parameters>;

const network = (_: P): MambaBlock => productBlock();

const ONE = Rational.of(1n);
const rounded = parseFormula(`(1 + 2^-p)^${GATE_ROUNDINGS} - 1`);

const error = <T>(p: P, A: Arithmetic<T>, block: MambaBlock = productBlock()): Experiment<T | Rational> => {
  const size = reals(p.m.toNumberAbove(), p.M.toNumberBelow(), 'log');
  const sign = integers(0, 1);
  const multiply = evaluate(block, A, productStream.at('product'));
  return errorOf(
    A,
    ([a, b]) => multiply([a!, b!, 0]),
    {
      domain: { a: size, b: size, negativeA: sign, negativeB: sign },
      instance: ({ a, b, negativeA, negativeB }) => [negativeA ? -a : a, negativeB ? -b : b],
      value: (B, [a, b]) => B.mul(a!, b!),
      relative: true,
    },
    p.format,
  );
};

/** The smallest factor of a term is m·σ(−M) ≥ m e^(−M)/2, and the smallest term its square. */
const least = parseFormula('m^2*exp(-2*M)/4');
const isNormal = ({ m, M, format }: P): boolean => {
  const number = formatByName(format);
  return !number || Math.log2(evaluateFormula(least, { m, M }).toNumber()) >= number.emin;
};

export const gate = defineClaim({
  tag: 'L2.gate',
  title: "Exact products by a Mamba block's own gate",
  statement:
    'Σ_{σ,τ=±1} στ SiLU(σa) SiLU(τb) = ab: checked to 2^−100·|ab|, 47 bits beyond doubles; in p bits, without underflow, |error| ≤ [(1+u)^10 − 1]·|ab|. Four channels, weights ±1.',
  quantifiers: [
    'for all 0 < m ≤ M, and every binary format in which m²e^(−2M)/4 is not subnormal',
    'for all a, b with m ≤ |a|, |b| ≤ M: the block returns ab',
  ],
  source: 'beyond; docs/theory.md §4',
  parameters,
  conditions: [
    { name: 'm', expected: 'at most M', holds: ({ m, M }) => m.compare(M) <= 0 },
    BINARY_OR_REAL,
    { name: 'M', expected: 'so small that m²e^(−2M)/4 is a normal number of the format', holds: isNormal },
  ],
  grid: {
    quick: [
      { m: '0.001', M: 8, format: REAL },
      { m: '0.25', M: 2, format: ['bf16', 'fp16'] },
    ],
    standard: [
      { m: ['1e-6', '1'], M: ['4', '64'], format: REAL },
      { m: '0.001', M: 8, format: ['fp64', 'fp32', 'bf16', 'p3', 'p4', 'p8', 'p24'] },
    ],
    deep: [{ m: '1e-12', M: 256, format: REAL }],
  },
  quantities: {
    error: {
      measures: '|block(a, b) − ab| / |ab|',
      relation: '<=',
      bound: ({ format }) => {
        const number = formatByName(format);
        return number ? evaluateFormula(rounded, { p: number.p }) : exactTo(ONE);
      },
      slack: () => null,
      experiment: (p, A) => error(p, A),
      mutants: {
        'an output weight off by one rounding': (p, A) => {
          const block = productBlock();
          return error(p, A, { ...block, outProj: scaleEntries(block.outProj, 1 + 2 ** -52, 0) });
        },
        'a sign flipped': (p, A) => {
          const block = productBlock();
          return error(p, A, { ...block, inProj: scaleEntries(block.inProj, -1, 0) });
        },
        'the skip path 0.01 % off': (p, A) => {
          const block = productBlock();
          return error(p, A, { ...block, D: block.D.map((w) => w * 1.0001) });
        },
      },
    },
    width: width(network, () => 4),
    weight: weight(network, () => 1),
  },
});
