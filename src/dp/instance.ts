/** Instances of a problem: integers, whatever they were typed as. */

export interface DpInstance {
  /** Symbols of words and entries of lists. */
  readonly lists: Readonly<Record<string, readonly number[]>>;
  readonly numbers: Readonly<Record<string, number>>;
}
