/** Every quantity of every claim: its verdict, the evidence behind it and how tight its bound was seen to be. */
import { EVIDENCE, summarise, type ClaimResult, type Evidence } from '../src/claim/result.ts';
import { defineTable } from '../src/report/item.ts';
import type { CellValue } from '../src/report/model.ts';

const MEANINGS: Readonly<Record<Evidence, string>> = {
  certified: 'an enclosure of the whole class',
  exhaustive: 'every case of the class, each value enclosed rigorously',
  enclosed:
    'random cases with shrinking, a search for the worst case and the witness of the proof, each value enclosed rigorously',
  sampled: 'the rate of an event in random trials',
};

const rowsOf = (claim: ClaimResult): CellValue[][] =>
  [...new Set(claim.cells.map(({ params }) => String(params.quantity)))].map((quantity) => {
    const cells = claim.cells.filter(({ params }) => params.quantity === quantity);
    const { verdict, evidence } = summarise(cells);
    const tightness = cells.flatMap((cell) => cell.tightness ?? []);
    return [
      claim.tag,
      quantity,
      verdict,
      evidence,
      cells.length,
      tightness.length > 0 ? Math.min(...tightness) : null,
      tightness.length > 0 ? Math.max(...tightness) : null,
    ];
  });

export const verdicts = defineTable({
  id: 'verdicts',
  title: 'Claims and verdicts',
  make: ({ claims }) => {
    const seen = new Set(claims.flatMap(({ cells }) => cells.map(({ evidence }) => evidence)));
    const kinds = EVIDENCE.filter((kind) => seen.has(kind)).map((kind) => `\\emph{${kind}}: ${MEANINGS[kind]}`);
    return {
      id: 'verdicts',
      title: 'Claims and verdicts',
      caption: `Verdict and evidence are the weakest of the cells of the grid. Evidence, the strongest kind first: ${kinds.join('; ')}. Tightness is what was found by running the network divided by the bound: the least and the largest over the cells; none for counts and for bounds of 0.`,
      columns: [
        { name: 'claim' },
        { name: 'quantity' },
        { name: 'verdict' },
        { name: 'evidence' },
        { name: 'cells', digits: 6 },
        { name: 'least tightness', digits: 4 },
        { name: 'largest tightness', digits: 4 },
      ],
      rows: claims.flatMap(rowsOf),
    };
  },
});
