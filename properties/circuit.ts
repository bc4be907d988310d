/** L.circuit: a circuit's error stays below the bound that is composed of its parts (docs/theory.md §4, Composition). */
import type { Arithmetic } from '../src/arithmetic/arithmetic.ts';
import { Rational } from '../src/arithmetic/rational.ts';
import { compileCircuit, type Circuit } from '../src/circuit/compile.ts';
import { circuitExperiment } from '../src/circuit/experiment.ts';
import { defineClaim, type Experiment } from '../src/claim/claim.ts';
import { choice, format, REAL, real, type Values } from '../src/claim/parameters.ts';
import { editStep } from '../constructions/circuit/edit-step.ts';
import { selection } from '../constructions/circuit/selection.ts';
import { smoothstep } from '../constructions/circuit/smoothstep.ts';
import { weekday } from '../constructions/circuit/weekday.ts';
import { withBlock, type MambaBlock } from '../src/network/layer.ts';
import { scaleEntries } from '../src/network/matrix.ts';
import { sizesOf } from '../src/network/size.ts';

const CIRCUITS = { selection, smoothstep, 'edit-step': editStep, weekday } as const;
const NAMES = Object.keys(CIRCUITS) as (keyof typeof CIRCUITS)[];

const parameters = {
  circuit: choice('circuit', NAMES),
  target: choice('what it is compiled to', ['mamba', 'mlp']),
  activation: choice('activation of its MLPs', ['silu', 'gelu']),
  eps: real('target error', { min: '0', openMin: true }),
  format: format('number format that it is compiled for and runs in'),
} as const;
type P = Values<typeof parameters>;

const compiled = ({ circuit, target, activation, eps, format }: P): Circuit =>
  compileCircuit({
    ...CIRCUITS[circuit],
    eps: eps.toNumber(),
    target,
    activation,
    format: format === REAL ? 'fp64' : format,
  });

/** Where the field y stands; all circuits here have just this one, with one component. */
const error = <T>(circuit: Circuit, A: Arithmetic<T>): Experiment<T> => circuitExperiment(circuit, A, 'y');

/** The circuit with one of its blocks changed. */
const mutated = <T>(p: P, A: Arithmetic<T>, at: number, change: (block: MambaBlock) => MambaBlock): Experiment<T> => {
  const circuit = compiled(p);
  return error({ ...circuit, network: withBlock(circuit.network, change, at) }, A);
};

export const circuit = defineClaim({
  tag: 'L.circuit',
  title: 'Circuits err by no more than the bound composed of their parts',
  statement:
    'A circuit of sums, products, selections, min, max, abs, comparisons, tables, quotients and remainders, compiled into memoryless Mamba blocks or MLPs, errs by at most the bound computed from ranges, Lipschitz constants, leaks and roundings of its parts, which is at most ε.',
  quantifiers: [
    'for all circuits and ε that compile there are weights (depending on the circuit, ε and the format only) such that',
    'for all inputs in their ranges: |y − its expression| ≤ bound ≤ ε',
  ],
  source: 'Feng C.1–C.5; RLL Lemmas 1–5; docs/theory.md §4, Composition',
  parameters,
  grid: {
    quick: [{ circuit: ['selection', 'edit-step'], target: 'mamba', activation: 'silu', eps: '1e-3', format: REAL }],
    standard: [
      { circuit: NAMES, target: 'mamba', activation: 'silu', eps: ['1e-2', '1e-6'], format: REAL },
      { circuit: NAMES, target: 'mlp', activation: ['silu', 'gelu'], eps: '1e-2', format: REAL },
      { circuit: ['weekday', 'edit-step'], target: 'mamba', activation: 'silu', eps: '0.1', format: 'fp32' },
      { circuit: 'edit-step', target: 'mamba', activation: 'silu', eps: '0.1', format: ['fp16', 'tf32'] },
      { circuit: ['selection', 'smoothstep'], target: 'mamba', activation: 'silu', eps: '0.25', format: 'fp32' },
    ],
    deep: [{ circuit: NAMES, target: 'mamba', activation: 'silu', eps: ['1e-3', '1e-9'], format: REAL }],
  },
  quantities: {
    error: {
      measures: '|y − its expression|',
      relation: '<=',
      bound: (p) => Rational.fromNumber(compiled(p).bound),
      slack: () => null,
      experiment: (p, A) => error(compiled(p), A),
      teethAt: { circuit: 'selection', target: 'mamba', activation: 'silu', eps: '1e-3', format: REAL },
      mutants: {
        'a knot of the table moved': (p, A) =>
          mutated(p, A, 0, (b) => ({ ...b, inProj: scaleEntries(b.inProj, 1.01, 2) })),
        'an output weight flipped': (p, A) =>
          mutated(p, A, 0, (b) => ({ ...b, outProj: scaleEntries(b.outProj, -1, 1) })),
        'half the gate of the last block': (p, A) => mutated(p, A, 1, (b) => ({ ...b, D: b.D.map((w) => w * 0.999) })),
        'steepness for a coarser ε': (p, A) => {
          const coarse = compiled({ ...p, eps: p.eps.mul(Rational.of(100n)) });
          return error(coarse, A);
        },
      },
    },
  },
  measurements: [
    {
      id: 'L.circuit.sizes',
      title: 'Sizes and bounds of circuits',
      columns: [
        'circuit',
        'target',
        'activation',
        'eps',
        'format',
        'bound',
        'lipschitz',
        'blocks',
        'dInner',
        'parametersNonzero',
        'largestWeight',
      ].map((name) => ({ name, unit: '' })),
      row: (p) => {
        const built = compiled(p);
        const sizes = sizesOf(built.network, 1);
        return [
          p.circuit,
          p.target,
          p.activation,
          p.eps.toNumber(),
          p.format,
          built.bound,
          built.outputs.y![0]!.lipschitz,
          built.network.layers.length,
          sizes.dInner,
          sizes.parametersNonzero,
          sizes.largestWeight,
        ];
      },
    },
  ],
});
