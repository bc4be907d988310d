/** What a plan is made of: nodes, the values of expressions, and units, the fields that make what is not linear. */
import type { Expression, InputRange } from './expression.ts';
import type { StreamForm } from './forms.ts';
import type { Range } from './ranges.ts';

/** What the blocks are: memoryless Mamba blocks, or MLPs. */
export type Target = 'mamba' | 'mlp';

/** The name of the stream's constant 1. */
export const ONE = 'one';

/** The errors of other nodes, from which those of a node or unit follow. */
export type Errors = (node: Node) => number;

/** What the errors of a plan are computed from: the constants chosen, and the rounding of the fields' values. */
export interface Choices {
  /** Steepness of a unit, a power of two. */
  lambda(unit: Unit): number;
  /** |stored − computed without rounding| of a unit's field. */
  rounding(unit: Unit): number;
}

/** One hidden channel: weight · g(x), times SiLU(gate) where there is a gate. */
export interface UnitChannel {
  readonly x: StreamForm;
  readonly gate?: StreamForm;
  readonly weight: number;
}

/** A field of the stream that is no linear function of those before it; lo, hi: range of the value meant. */
export interface Unit extends Range {
  readonly path: string;
  readonly place: number;
  /** The block that writes it, from 1. */
  readonly level: number;
  /** What its channels read and its errors come from. */
  readonly operands: readonly Node[];
  /** Whether the value meant is an integer. */
  readonly integer: boolean;
  /** Right for every λ, which only scales: there is nothing to approximate. */
  readonly exact?: true;
  /** Bound on its distance from the value meant, λ and the operands' errors given; rounding apart. */
  approximation(lambda: number, error: Errors): number;
  /** How far the value can move with its operands' errors, at most. */
  drift(lambda: number, error: Errors): number;
  channels(lambda: number): readonly UnitChannel[];
  /** Where it bends, at 0 of these real numbers, and how steep λ = 1 is there: its error is largest beside them. */
  readonly kinks?: readonly Kink[];
  /** What it compares with 0, and the margin that it needs. */
  readonly comparison?: Comparison;
}
/** A unit before it has a place. */
export type UnitParts = Omit<Unit, 'place' | 'level' | 'operands'>;

export interface Kink {
  readonly of: Expression;
  readonly steepness: number;
}
/** Nothing is promised where |of| < margin. */
export interface Comparison {
  readonly of: Expression;
  readonly margin: number;
}

/** A value: a linear form over fields. Its error: |the form on the fields as they are stored − the value meant|. */
export interface Node extends Range {
  readonly path: string;
  readonly integer: boolean;
  /** |value| is at least this much. */
  readonly margin?: number;
  readonly form: StreamForm;
  /** How far the rounding of weights to doubles moves its form, at most, on fields that hold what they mean. */
  readonly loss: number;
  /** Which input it is, if it is one: its error is what casting does to it. */
  readonly input?: number;
  /** The last block that its form needs; 0 for inputs. */
  readonly level: number;
  /** What its error comes from, beside the units of its form. */
  readonly operands: readonly Node[];
  /** |change of value| ≤ lipschitz · (largest change of an input). */
  readonly lipschitz: number;
  /** Bound on its error. */
  error(error: Errors, choices: Choices): number;
}
/** A node before it is part of a plan. */
export type NodeParts = Omit<Node, 'level' | 'operands'>;

/** The stream of a plan: inputs, the constant 1, units. */
export interface Plan {
  /** The names of the inputs, in the order of the stream. */
  readonly inputs: readonly string[];
  readonly ranges: Readonly<Record<string, InputRange>>;
  /** Place of the constant 1. */
  readonly one: number;
  /** Those that an output depends on. */
  readonly units: readonly Unit[];
  /** Place → where the stream holds it: places of units that nothing depends on are left out. */
  readonly positions: ReadonlyMap<number, number>;
  /** Those that an output depends on, in an order in which operands come first. */
  readonly nodes: readonly Node[];
  /** Definition → its components. */
  readonly outputs: ReadonlyMap<string, readonly Node[]>;
}
