/**
 * T2.packed: positions as (row, column). A stack of Mamba blocks performs COPY from the scalars i and pos(i), with a state
 * linear in N and O(√N·d) channels.
 *
 * C = ⌈√N⌉ columns, R = ⌈N/C⌉ rows; t is in row #{ρ = 1 … R−1: t > ρC} and in column t − C·row, from 1.
 *
 *   staircases  rows of i and pos(i), at λ_A; none where R = 1               d_inner 4(R−1)
 *   marks       λ e(row), λ e(column) of i and pos(i)                         d_inner 2(C+R)
 *   products    e_c(column of i) v_r                                          d_inner 2Cd
 *   memory      d_state R, B = e(row of i), C = e(row of pos(i)), gate SiLU(λ e_c(column of pos(i)))
 *               Δ ≡ 1, A = −e^(−τ), D = 0                                     d_inner 2Cd + 2R
 *
 * Error ≤ M[(1+κ_C)²(1+κ_R)² − e^(−(N−1)e^(−τ))], κ ≈ 6e^(−λ); λ = ln(42M/ε), λ_A = λ + ln(4C) and τ = ln(6(N−1)M/ε) make
 * it ≤ ε for ε ≤ M. Source: docs/theory.md §3, T2.mark and T2.packed.
 *
 * For a format, λ and λ_A are powers of two with e^(−λ) ≤ u/2 (§9), and τ is at least (p + 2) ln 2 (P3).
 */
import { vectorOf } from '../../src/arithmetic/arithmetic.ts';
import { evaluateFormula, parseFormula, realOf } from '../../src/arithmetic/formula.ts';
import { idle } from '../../src/arithmetic/format.ts';
import { Rational } from '../../src/arithmetic/rational.ts';
import { defineCopy, type BuiltCopy, type CopyParameters } from '../../src/copy/construction.ts';
import {
  defineMechanism,
  soleMemory,
  soleStream,
  type Memory,
  type MemoryShape,
  type Places,
} from '../../src/copy/mechanism.ts';
import { asking } from '../../src/copy/task.ts';
import { residualStack, type MambaBlock, type Sequential } from '../../src/network/layer.ts';
import { MambaBuilder } from '../../src/network/mamba-builder.ts';
import type { Form } from '../../src/network/matrix.ts';
import {
  breakOf,
  kappaText,
  markBlock,
  memoryChannels,
  productBlock,
  saturated,
  staircaseBlock,
  type Mark,
  type Product,
} from './marks.ts';

/** Bound on the error, in λ, λ_A and τ: a row errs by at most xiR, a column by at most xiC. */
export const packedBound = parseFormula(`C = ceil(sqrt(N))
  R = ceil(N/C)
  zA = exp(-lambdaA)
  xiR = min(R - 1, 1)*(zA*(2/(1 - zA)^2 - 1) + (R - 1)*zA^2)
  xiC = C*xiR
  ${kappaText('kappaR', 'xiR')}
  ${kappaText('kappaC', 'xiC')}
  M*((1 + kappaC)^2*(1 + kappaR)^2 - exp(-(N - 1)*exp(-tau)))`);
/** Constants that make the bound ≤ ε, for ε ≤ M. One token has nothing to decay, so N = 1 takes the τ of N = 2. */
export const packedLambda = parseFormula('log(42*M/eps)');
export const packedLambdaA = parseFormula('log(42*M/eps) + log(4*ceil(sqrt(N)))');
export const packedTau = parseFormula('log(6*max(N - 1, 1)*M/eps)');
export interface PackedConstants {
  readonly lambda: number;
  readonly lambdaA: number;
  readonly tau: number;
}

export const packedConstants = ({ N, M, eps, format }: CopyParameters): PackedConstants => {
  const lambda = evaluateFormula(packedLambda, { M, eps }).toNumber();
  const lambdaA = evaluateFormula(packedLambdaA, { N, M, eps }).toNumber();
  const tau = evaluateFormula(packedTau, { N, M, eps }).toNumber();
  if (!format) return { lambda, lambdaA, tau };
  return { lambda: saturated(lambda, format), lambdaA: saturated(lambdaA, format), tau: idle(tau, format) };
};

export interface Shape {
  /** C */
  readonly columns: number;
  /** R */
  readonly rows: number;
}
/** The squarest table that holds N positions. */
export const shapeOf = (N: number): Shape => {
  const columns = Math.ceil(Math.sqrt(N));
  return { columns, rows: Math.ceil(N / columns) };
};

const range = (length: number): number[] => Array.from({ length }, (_, at) => at);

/** What the stack writes for itself: rows, marks and products; rows and marks of each pos. */
const scratchOf = ({ N, d, reads }: MemoryShape) => {
  const { columns, rows } = shapeOf(N);
  return {
    row_i: 1,
    row_pos: reads,
    writing_row: rows,
    reading_row: reads * rows,
    writing_column: columns,
    reading_column: reads * columns,
    slots: columns * d,
  };
};
/** The residual stream: the token (v, i, pos, 1) and what each block writes. */
const streamOf = (N: number, d: number) => soleStream(d, scratchOf({ N, d, reads: 1 }));

/** The blocks of a memory; each reader has a last one, for all channels of a block share C. */
export const packedBlocks = (
  { width, one, v, i, reads, scale = 1 }: Memory,
  own: Places<keyof ReturnType<typeof scratchOf>>,
  N: number,
  { lambda, lambdaA, tau }: PackedConstants,
): MambaBlock[] => {
  const { columns, rows } = shapeOf(N);
  const blocks: MambaBlock[] = [];

  const steps = range(rows - 1).map((rho) => (rho + 1) * columns + 1);
  if (rows > 1)
    blocks.push(
      staircaseBlock(width, one, lambdaA, [
        { t: [[i, 1]], steps, to: own.at('row_i') },
        ...reads.map(({ pos }, at) => ({ t: [[pos, 1]] as const, steps, to: own.at('row_pos', at) })),
      ]),
    );

  const marksOf = (t: number, row: number, kind: 'writing' | 'reading', at: number): Mark[] => {
    const rowForm: Form = rows > 1 ? [[row, 1]] : [];
    const columnForm: Form = [[t, 1], ...rowForm.map(([component]) => [component, -columns] as const)];
    return [
      ...range(rows).map((rho) => ({ t: rowForm, k: rho, to: own.at(`${kind}_row`, at * rows + rho) })),
      ...range(columns).map((c) => ({ t: columnForm, k: c + 1, to: own.at(`${kind}_column`, at * columns + c) })),
    ];
  };
  blocks.push(
    markBlock(width, one, lambda, [
      ...marksOf(i, own.at('row_i'), 'writing', 0),
      ...reads.flatMap(({ pos }, at) => marksOf(pos, own.at('row_pos', at), 'reading', at)),
    ]),
  );

  const each = (product: (c: number, r: number, slot: number) => Product): Product[] =>
    range(columns).flatMap((c) => v.map((_, r) => product(c, r, own.at('slots', c * v.length + r))));
  blocks.push(
    productBlock(
      width,
      { lambda, scale },
      each((c, r, slot) => ({ mark: own.at('writing_column', c), value: v[r]!, to: slot })),
    ),
  );

  const memoryOf = (out: readonly number[], at: number): MambaBlock => {
    const memory = new MambaBuilder(width, { states: rows });
    memoryChannels(
      memory,
      { lambda, tau, scale },
      each((c, r, slot) => ({ mark: own.at('reading_column', at * columns + c), value: slot, to: out[r]! })),
    );
    for (const [to, mark] of [
      ['key', (rho: number) => own.at('writing_row', rho)],
      ['query', (rho: number) => own.at('reading_row', at * rows + rho)],
    ] as const)
      for (const rho of range(rows)) memory.project(to, rho, [[memory.channel({ x: [[mark(rho), 1]] }), 1 / lambda]]);
    return memory.build();
  };
  return [...blocks, ...reads.map(({ out }, at) => memoryOf(out, at))];
};

/** The stack's weights, on the stream of `streamOf`. */
const packedNetwork = (N: number, d: number, constants: PackedConstants): Sequential => {
  const stream = streamOf(N, d);
  const blocks = packedBlocks(soleMemory(stream, d), stream, N, constants);
  return residualStack(blocks);
};

/** The third row and column, as far as there are so many: neighbours at distance 2 on all sides, and old enough to have decayed. */
const EXPOSED = 3;

/** The largest number that the stack forms, and so the first to overflow. With one row there are no steps. */
const largestFormed = (N: number, { lambda, lambdaA }: PackedConstants): { name: string; value: number } => {
  const { columns, rows } = shapeOf(N);
  const step = rows > 1 ? 2 * lambdaA * (N - columns) : 0;
  return step > lambda ** 2 ? { name: '2λ_A(N − C)', value: step } : { name: 'λ²', value: lambda ** 2 };
};

export const buildPacked = (p: CopyParameters): BuiltCopy => {
  const { N, d, M } = p;
  const constants = packedConstants(p);
  const shape = shapeOf(N);
  const stream = streamOf(N, d);
  return {
    network: packedNetwork(N, d, constants),
    token: stream,
    output: stream.at('out'),
    constants: { ...constants },
    bound: realOf(packedBound, { N, M, ...constants }),
    // Nearly every leak is negative: it takes from the record asked for, and subtracts the others.
    witness: (A, margin) => {
      const top = A.fromRational(M.mul(Rational.fromNumber(1 - margin)));
      const pos = (Math.min(EXPOSED, shape.rows) - 1) * shape.columns + Math.min(EXPOSED, shape.columns);
      return { records: vectorOf(A, N * d, () => top), pos: asking(N, Math.min(pos, N)) };
    },
    breaks: (format) => breakOf(format, N, largestFormed(N, constants)),
  };
};

export const packedMemory = defineMechanism({
  tag: 'T2.packed',
  title: 'Mamba blocks of d_state ⌈√N⌉, addresses as rows and columns',
  keeps: 'all',
  scratch: scratchOf,
  layers: (memory, own, p) => packedBlocks(memory, own, p.N, packedConstants(p)),
  breaks: (p) => breakOf(p.format, p.N, largestFormed(p.N, packedConstants(p))),
});

export const packed = defineCopy({
  tag: 'T2.packed',
  title: 'COPY by Mamba blocks of d_state ⌈√N⌉, positions as rows and columns',
  statement:
    'Four Mamba blocks copy to ε with C = ⌈√N⌉ columns, R = ⌈N/C⌉ rows, d_state = R and d_inner 4(R − 1), 2(C + R), 2Cd, 2Cd + 2R (three where R = 1); λ = ln(42M/ε), λ_A = λ + ln(4C), τ = ln(6(N − 1)M/ε), largest weight max(λ_A((R − 1)C + 1), τ) for R > 1.',
  source: 'docs/theory.md §3',
  allows: { expected: 'a number in (0, M]', holds: ({ eps, M }) => eps.compare(M) <= 0 },
  build: buildPacked,
});
