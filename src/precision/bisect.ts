/**
 * The greatest integer in [lo, hi] with a property that is lost once and for all somewhere above lo, by bisection; lo is
 * taken to have it. A good guess saves runs.
 */
export const greatest = (lo: number, hi: number, holds: (n: number) => boolean, guess?: number): number => {
  let [yes, no] = [lo, hi + 1];
  const probe = (n: number): void => {
    if (n <= yes || n >= no) return;
    if (holds(n)) yes = n;
    else no = n;
  };
  if (guess !== undefined) [guess, guess + 1].forEach(probe);
  while (no - yes > 1) probe(Math.floor((yes + no) / 2));
  return yes;
};
