/** T1.mass: where the uniform condition can be met at all beside A1.scale. */
import { defineTable } from '../src/report/item.ts';
import { inOrder, rowsOf } from '../src/report/rows.ts';
import { symbols } from '../src/report/symbols.ts';

export const vacuity = defineTable({
  id: 'T1-mass-vacuity',
  title: 'T1.mass: where its uniform condition can be met',
  make: (results) => {
    const all = rowsOf(results, 'T1.mass.vacuity');
    const [first] = all;
    const rows = all.map((row) => {
      const { a_min, L, N, eps, M, threshold, share } = row;
      const farthest = Math.min(Number(L), Number(N)) - 1;
      return [a_min!, L!, N!, eps!, M!, threshold!, row['least distance']!, farthest, share!];
    });
    return first === undefined
      ? undefined
      : {
          id: 'T1-mass-vacuity',
          title: 'T1.mass: where its uniform condition can be met',
          caption: `The uniform condition asks for a score of at least $(1-\\eta)(1/a_{\\min})^{L-1}$ at every distance ($\\eta=\\varepsilon/(2M)$, $L$ counted up to $N$), and A1.scale allows at most $1/\\alpha_{i,\\mathrm{pos}}$: both hold only where $\\alpha_{i,\\mathrm{pos}}\\le a_{\\min}^{L-1}/(1-\\eta)$. Least: the least distance $r$ with $a_{\\min}^r$ so small, beside the largest, $\\min(L,N)-1$: where the least is above 0 the condition contradicts A1.scale at nearer positions, whatever the decays. Share: of ${first.instances} random instances (distance uniform over the window, decays uniform in $[a_{\\min},1]$), those where the condition can be met; in all others it says nothing.`,
          columns: [
            ...symbols('a_min', 'L', 'N', 'ε', 'M'),
            { name: 'score asked for', tex: 'score' },
            { name: 'least distance', tex: 'least $r$' },
            { name: 'largest distance', tex: 'largest $r$' },
            { name: 'share met', tex: 'share', digits: 3 },
          ],
          rows: inOrder(rows, 5),
        };
  },
});
