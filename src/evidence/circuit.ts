/** The worst error of a circuit that random inputs and a search find. */
import fc from 'fast-check';
import { float64 } from '../arithmetic/float64.ts';
import type { Arithmetic } from '../arithmetic/arithmetic.ts';
import type { Circuit } from '../circuit/compile.ts';
import { circuitExperiment } from '../circuit/experiment.ts';
import type { AnyPoint } from '../claim/domain.ts';
import { pointArbitrary } from './arbitraries/axis.ts';
import { search, type Found } from './search.ts';

/** Random points tried; the worst of them are where the search starts. */
const SAMPLES = 64;
const STARTS = 4;
const SWEEPS = 4;

/** The largest |field − its expression| found, in an arithmetic, and the point of `circuitExperiment` that has it. */
export const searchCircuit = <T>(
  circuit: Circuit,
  field: string,
  { arithmetic, seed = 0 }: { readonly arithmetic?: Arithmetic<T>; readonly seed?: number } = {},
): Found => {
  const A = (arithmetic ?? float64) as Arithmetic<T>;
  const { domain, measure } = circuitExperiment(circuit, A, field);
  const objective = (point: AnyPoint): number => A.toNumber(measure(point));
  const starts = fc
    .sample(pointArbitrary(domain!), { seed, numRuns: SAMPLES })
    .map((point) => ({ point, value: objective(point) }))
    .sort((x, y) => y.value - x.value);
  return search(
    domain!,
    objective,
    starts.slice(0, STARTS).map(({ point }) => point),
    SWEEPS,
  )!;
};
