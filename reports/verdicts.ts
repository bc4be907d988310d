/** Every quantity of every claim: its verdict, the evidence behind it and how tight its bound was seen to be. */
import type { Cell, ClaimResult } from '../src/claim/result.ts';
import { defineTable } from '../src/report/item.ts';

const WORST_FIRST = ['refuted', 'undecided', 'holds'] as const;

const rowsOf = (claim: ClaimResult): (string | number | null)[][] =>
  [...new Set(claim.cells.map(({ params }) => String(params.quantity)))].map((quantity) => {
    const cells: Cell[] = claim.cells.filter(({ params }) => params.quantity === quantity);
    const tightness = cells.flatMap((cell) => cell.tightness ?? []);
    return [
      claim.tag,
      quantity,
      WORST_FIRST.find((verdict) => cells.some((cell) => cell.verdict === verdict))!,
      cells[0]!.evidence,
      cells.length,
      tightness.length > 0 ? Math.min(...tightness) : null,
      tightness.length > 0 ? Math.max(...tightness) : null,
    ];
  });

export const verdicts = defineTable({
  id: 'verdicts',
  title: 'Claims and verdicts',
  make: ({ claims }) => ({
    id: 'verdicts',
    title: 'Claims and verdicts',
    caption:
      'Tightness is what was found by running the network divided by the bound: the least and the largest over the cells of the grid. \\emph{Sampled}: random cases with shrinking, a search for the worst case, and the witness of the proof; \\emph{exhaustive}: there is one case, a count or a constant.',
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
  }),
});
