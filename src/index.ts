/**
 * The library behind the command line: arithmetics, networks as data and their runtime, claims and how they are decided,
 * tables and figures. A user's own claim, construction or table imports from here.
 */
export type { Accumulation, Arithmetic, Vec } from './arithmetic/arithmetic.ts';
export { castVector, toNumbers, vectorOf } from './arithmetic/arithmetic.ts';
export { decimalArithmetic, decimalToRational, exactDecimal } from './arithmetic/decimal.ts';
export { emulatedArithmetic } from './arithmetic/emulated.ts';
export { doubleDoubles } from './arithmetic/double-double.ts';
export { rationals } from './arithmetic/exact.ts';
export { bigIntervals } from './arithmetic/big-interval-arithmetic.ts';
export { float64 } from './arithmetic/float64.ts';
export { intervals } from './arithmetic/interval.ts';
export { FORMAT_NAMES, formatByName, type Format } from './arithmetic/format.ts';
export { evaluateFormula, parseFormula, realOf, type Formula } from './arithmetic/formula.ts';
export { arithmeticByName } from './arithmetic/names.ts';
export { Rational } from './arithmetic/rational.ts';
export { roundingArithmetic, type Rounded, type RoundingArithmetic } from './arithmetic/rounding.ts';
export { minimum, type Bounds, type Real } from './arithmetic/real.ts';
export {
  defineClaim,
  dimensionless,
  experiment,
  recordMargin,
  type Claim,
  type Experiment,
  type Frequency,
  type Measured,
  type Trials,
  type Explanation,
  type Measurement,
  type Relation,
  type Profile,
  type Quantity,
} from './claim/claim.ts';
export { integers, reals, vectors, type Domain } from './claim/domain.ts';
export { Random } from './claim/random.ts';
export { choice, format, integer, real, type Values } from './claim/parameters.ts';
export { readResults, type Cell, type ClaimResult, type Results } from './claim/result.ts';
/** Expressions of circuits and ranges of their inputs; `real` and `integer` here are not the parameters of claims. */
export * as circuit from './circuit/language.ts';
export { compileCircuit, type Circuit, type CircuitOptions, type CircuitValue } from './circuit/compile.ts';
export { circuitExperiment } from './circuit/experiment.ts';
export { idealValues } from './circuit/ideal.ts';
export { CircuitRunner, runCircuit } from './circuit/run.ts';
export { defineCopy, type BuiltCopy, type CopyConstruction, type CopyParameters } from './copy/construction.ts';
export {
  defineMechanism,
  NOWHERE,
  type Mechanism,
  type Memory,
  type MemoryShape,
  type Places,
  type Read,
} from './copy/mechanism.ts';
export { limitsFor, parseInstance, type DpInstance } from './dp/instance.ts';
export { buildMachine, type DpMachine } from './dp/machine.ts';
export type { DpLimits, DpOptions } from './dp/setting.ts';
export { solve, type DpState } from './dp/reference.ts';
export { DpRunner, type Chain, type Step } from './dp/run.ts';
export {
  defineProblem,
  fields,
  type DpAggregate,
  type DpInput,
  type DpProblem,
  type DpScope,
  type DpSpecification,
} from './dp/specification.ts';
export { searchCircuit } from './evidence/circuit.ts';
export { evaluateCopy, type CopyReport } from './evidence/copy.ts';
export { evaluateDp, type DpReport, type DpRequest } from './evidence/dp.ts';
export { checkAssumption } from './copy/assumption.ts';
export { copyExperiment } from './copy/experiment.ts';
export { effectiveWeights, lookInside } from './copy/probe.ts';
export { CopyRunner, type CopyInstance, type CopyModule } from './copy/task.ts';
export { decide } from './evidence/decide.ts';
export { runClaims, type RunOptions } from './evidence/run.ts';
export { search } from './evidence/search.ts';
export { runVectors } from './exchange/vectors.ts';
export { InputError } from './input-error.ts';
export { FieldMatrix, Fields, pick, tokens } from './network/fields.ts';
export * from './network/layer.ts';
export { cloneState, compile, type CompileOptions, type Machine, type State } from './network/machine.ts';
export { DEFAULT_CHUNK, ORDERS, type Order, type ScanOptions } from './network/scan.ts';
export { MambaBuilder, memorylessBlock, type Channel } from './network/mamba-builder.ts';
export { matrixFromDense, matrixFromForms, MatrixBuilder, type Form, type Matrix } from './network/matrix.ts';
export { roundingBounds, type OutputBound, type Side } from './network/rounding.ts';
export { sizesOf, type Sizes } from './network/size.ts';
export { defineProjectClaim, loadProject, selectClaims, type Project, type ProjectParts } from './project.ts';
export { defineFigure, defineTable, type FigureReport, type TableReport } from './report/item.ts';
export type { Figure, Heatmap, Series, Table, TableColumn } from './report/model.ts';
