import { float64 } from '../arithmetic/float64.ts';
import { resultText } from '../claim/result.ts';
import { runVectors, VECTOR_TOLERANCE, withinTolerance, type Comparison } from '../exchange/vectors.ts';
import { columns, paint, print } from './terminal.ts';

const relative = ({ difference, scale }: Comparison): number => (difference === 0 ? 0 : difference / scale);

/** mambound vectors: runs a file of golden vectors and reports the largest difference. */
export const vectors = (file: string, { json }: { json?: boolean }): number => {
  const comparisons = runVectors(file, float64);
  const largest = comparisons.reduce((x, y) => (relative(y) > relative(x) || Number.isNaN(relative(y)) ? y : x));
  const verdict = comparisons.every(withinTolerance) ? 'holds' : 'refuted';
  if (json) {
    process.stdout.write(
      resultText({
        file,
        tolerance: VECTOR_TOLERANCE,
        largest: relative(largest),
        tensor: `${largest.case}: ${largest.tensor}`,
        verdict,
        comparisons,
      }),
    );
  } else {
    const cases = [...new Set(comparisons.map((comparison) => comparison.case))];
    const rows = cases.map((name) => {
      const own = comparisons.filter((comparison) => comparison.case === name);
      return [`  ${name}`, `${own.length} tensors`, Math.max(...own.map(relative)).toExponential(2)];
    });
    print(columns(rows));
    print(
      `\n${paint(verdict, verdict)}: largest difference ${relative(largest).toExponential(2)} of the largest entry (${largest.case}: ${largest.tensor}); allowed ${VECTOR_TOLERANCE}`,
    );
  }
  return verdict === 'holds' ? 0 : 1;
};
