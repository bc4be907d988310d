/** A table of your own: a pure function of the results. */
import { defineTable } from 'mambound';

const [id, title] = ['EX-claims', 'Claims by number of cells'];

export const table = defineTable({
  id,
  title,
  make: ({ claims }) => ({
    id,
    title,
    caption: 'How many cells each claim was decided in.',
    columns: [{ name: 'claim' }, { name: 'cells' }],
    rows: claims.map(({ tag, cells }) => [tag, cells.length]),
  }),
});
