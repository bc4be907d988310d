/** Every claim with its verdict, the evidence behind it and how tight its bound was seen to be. */
import { defineTable } from '../src/report/item.ts';

export const verdicts = defineTable({
  id: 'verdicts',
  title: 'Claims and verdicts',
  make: ({ claims }) => ({
    id: 'verdicts',
    title: 'Claims and verdicts',
    caption:
      'Tightness is the largest quantity found by running the network, divided by the bound (for T1.converse, which states a lower bound, the smallest). Evidence: \\emph{sampled} means random cases with shrinking, a search for the worst case and the witness of the proof; it is that of the weakest cell.',
    columns: [
      { name: 'claim' },
      { name: 'verdict' },
      { name: 'evidence' },
      { name: 'cells', digits: 6 },
      { name: 'cases', digits: 9 },
      { name: 'tightness', digits: 5 },
    ],
    rows: claims.map((claim) => [claim.tag, claim.verdict, claim.evidence, claim.cells.length, claim.cases, claim.tightness]),
  }),
});
