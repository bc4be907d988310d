/**
 * Search for the worst case: coordinate search with a shrinking step from several starts. It knows the axes and the
 * objective, nothing of the proof; every run with the same starts finds the same point.
 */
import type { AnyPoint, Domain, IntegerAxis, RealAxis } from '../claim/domain.ts';
import { edgesOf } from './arbitraries/edges.ts';

interface Coordinate {
  readonly name: string;
  /** Index into a vector axis; undefined for a scalar. */
  readonly index?: number;
  readonly axis: RealAxis | IntegerAxis;
}

const coordinatesOf = (domain: Domain): Coordinate[] =>
  Object.entries(domain).flatMap(([name, axis]): Coordinate[] =>
    axis.kind === 'vector'
      ? Array.from({ length: axis.length }, (_, index) => ({ name, index, axis: axis.entry }))
      : [{ name, axis }],
  );

const valueAt = (point: AnyPoint, { name, index }: Coordinate): number => {
  const value = point[name]!;
  return typeof value === 'number' ? value : value[index!]!;
};

const replaceAt = (point: AnyPoint, { name, index }: Coordinate, x: number): AnyPoint => {
  const value = point[name]!;
  return { ...point, [name]: typeof value === 'number' ? x : value.map((old, i) => (i === index ? x : old)) };
};

/** Fractions of an axis tried as steps, phase by phase, once the ends are exhausted. */
const STEPS = [0.25, 0.05, 0.01];

const clamp = ({ lo, hi }: RealAxis | IntegerAxis, x: number): number => Math.min(hi, Math.max(lo, x));

/** A phase proposes values for one coordinate; the first phase jumps to the ends, the later ones take steps. */
type Phase = (axis: RealAxis | IntegerAxis, current: number) => number[];
const PHASES: readonly Phase[] = [
  (axis, current) =>
    axis.kind === 'integer'
      ? [axis.hi, axis.lo, clamp(axis, current + 1), clamp(axis, current - 1)]
      : [axis.hi, axis.lo],
  (axis) => edgesOf(axis),
  ...STEPS.map((step): Phase => (axis, current) => {
    const width =
      axis.kind === 'integer' ? Math.max(1, Math.round(step * (axis.hi - axis.lo))) : step * (axis.hi - axis.lo);
    return [clamp(axis, current + width), clamp(axis, current - width)];
  }),
];

/** Whole vectors moved at once: every entry to one end. */
const vectorMoves = (domain: Domain, point: AnyPoint): AnyPoint[] =>
  Object.entries(domain).flatMap(([name, axis]) =>
    axis.kind === 'vector'
      ? [axis.entry.lo, axis.entry.hi].map((x) => ({ ...point, [name]: new Array<number>(axis.length).fill(x) }))
      : [],
  );

export interface Found {
  readonly point: AnyPoint;
  readonly value: number;
}

/** An objective that is not a number is the worst of all: the network broke. */
const score = (value: number): number => (Number.isNaN(value) ? Infinity : value);

/** Climbs from one start, within a number of evaluations. */
const climb = (domain: Domain, objective: (point: AnyPoint) => number, start: AnyPoint, budget: number): Found => {
  const coordinates = coordinatesOf(domain);
  let left = budget;
  const evaluate = (point: AnyPoint): Found => {
    left--;
    return { point, value: score(objective(point)) };
  };
  let current = evaluate(start);
  /** Takes a move that helps; also one that changes nothing while `sideways`, for it may open a way for another coordinate. */
  const improves = (point: AnyPoint, sideways = false): boolean => {
    if (left <= 0) return false;
    const found = evaluate(point);
    const better = found.value > current.value;
    if (better || (sideways && found.value === current.value)) current = found;
    return better;
  };
  for (const phase of PHASES) {
    const sideways = phase === PHASES[0];
    for (let improved = true; improved && left > 0;) {
      improved = vectorMoves(domain, current.point).filter((point) => improves(point)).length > 0;
      for (const coordinate of coordinates) {
        const value = valueAt(current.point, coordinate);
        const moves = [...new Set(phase(coordinate.axis, value))].filter((x) => x !== value);
        // The first move that helps is taken: with the ends tried first, most coordinates settle at once.
        improved = moves.some((x) => improves(replaceAt(current.point, coordinate, x), sideways)) || improved;
      }
    }
  }
  return current;
};

/** A point with every scalar axis at one end. */
const atCorner = (domain: Domain, point: AnyPoint, end: 'lo' | 'hi'): AnyPoint => ({
  ...point,
  ...Object.fromEntries(
    Object.entries(domain).flatMap(([name, axis]) => (axis.kind === 'vector' ? [] : [[name, axis[end]]])),
  ),
});

/** Evaluations spent on a start beyond its sweeps, so that small domains are searched finely too. */
const LEAST_EVALUATIONS = 60;

/**
 * Maximises `objective` over the domain. Each start, and the first one with its scalars at either end, is climbed with
 * about `sweeps` evaluations for each coordinate: a scalar such as a position decides what the best vectors are, so
 * changing it alone rarely helps.
 */
export const search = (
  domain: Domain,
  objective: (point: AnyPoint) => number,
  starts: readonly AnyPoint[],
  sweeps: number,
): Found | undefined => {
  const [first] = starts;
  if (!first) return undefined;
  const budget = LEAST_EVALUATIONS + Math.floor(sweeps * coordinatesOf(domain).length);
  const all = [atCorner(domain, first, 'hi'), atCorner(domain, first, 'lo'), ...starts];
  // Without scalar axes the corners are the start itself.
  const distinct = [...new Map(all.map((start) => [JSON.stringify(start), start])).values()];
  return distinct
    .map((start) => climb(domain, objective, start, budget))
    .reduce((best, found) => (best.value >= found.value ? best : found));
};

/** A simpler point that still violates: coordinates are set to the simplest special value one after the other. */
export const simplify = (domain: Domain, violates: (point: AnyPoint) => boolean, point: AnyPoint): AnyPoint => {
  let current = point;
  for (const coordinate of coordinatesOf(domain)) {
    const value = valueAt(current, coordinate);
    const simpler = edgesOf(coordinate.axis)
      .sort((x, y) => Math.abs(x) - Math.abs(y))
      .filter((x) => Math.abs(x) < Math.abs(value));
    const found = simpler.map((x) => replaceAt(current, coordinate, x)).find(violates);
    if (found) current = found;
  }
  return current;
};
