import type { Accumulation } from './arithmetic.ts';
import type { Format } from './format.ts';

/** Makes what belongs to a format and a mode once: kernels are compiled for each arithmetic, and again for another one. */
export const perFormat = <X>(make: (format: Format, mode: Accumulation) => X) => {
  const made = new WeakMap<Format, Map<Accumulation, X>>();
  return (format: Format, mode: Accumulation = 'own'): X => {
    const ofFormat = made.get(format) ?? new Map<Accumulation, X>();
    made.set(format, ofFormat);
    const known = ofFormat.get(mode) ?? make(format, mode);
    ofFormat.set(mode, known);
    return known;
  };
};
