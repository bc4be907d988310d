/**
 * The instances that a claim quantifies over: a product of named axes. The same axes feed random sampling
 * (with shrinking) and the search for the worst case.
 */

export interface RealAxis {
  readonly kind: 'real';
  readonly lo: number;
  readonly hi: number;
  /** 'log': small positive values matter as much as large ones. */
  readonly scale: 'linear' | 'log';
}
export interface IntegerAxis {
  readonly kind: 'integer';
  readonly lo: number;
  readonly hi: number;
}
export interface VectorAxis {
  readonly kind: 'vector';
  readonly length: number;
  readonly entry: RealAxis | IntegerAxis;
}
export type Axis = RealAxis | IntegerAxis | VectorAxis;
export type Domain = Readonly<Record<string, Axis>>;
/** A point of a domain. */
export type PointOf<D extends Domain> = {
  readonly [K in keyof D]: D[K] extends VectorAxis ? readonly number[] : number;
};
export type AnyPoint = Readonly<Record<string, number | readonly number[]>>;

/** Every point of a domain of integers, if there are at most `most`; undefined for any other domain. */
export const pointsOf = (domain: Domain, most: number): AnyPoint[] | undefined => {
  const axes = Object.entries(domain).map(([name, axis]) => ({ name, axis }));
  const sizes = axes.map(({ axis }) => (axis.kind === 'integer' ? axis.hi - axis.lo + 1 : Infinity));
  if (!(sizes.reduce((product, size) => product * size, 1) <= most)) return undefined;
  return axes.reduce<AnyPoint[]>(
    (points, { name, axis }, at) =>
      points.flatMap((point) =>
        Array.from({ length: sizes[at]! }, (_, k) => ({ ...point, [name]: (axis as IntegerAxis).lo + k })),
      ),
    [{}],
  );
};

const ordered = (lo: number, hi: number): void => {
  if (!(lo <= hi)) throw new RangeError(`expected an axis with lo ≤ hi, got [${lo}, ${hi}]`);
};
export const reals = (lo: number, hi: number, scale: 'linear' | 'log' = 'linear'): RealAxis => {
  ordered(lo, hi);
  if (scale === 'log' && lo <= 0) throw new RangeError(`expected a log axis with lo > 0, got ${lo}`);
  return { kind: 'real', lo, hi, scale };
};
export const integers = (lo: number, hi: number): IntegerAxis => {
  ordered(lo, hi);
  return { kind: 'integer', lo, hi };
};
export const vectors = (length: number, entry: RealAxis | IntegerAxis): VectorAxis => ({
  kind: 'vector',
  length,
  entry,
});
