/** Every claim of the project, as the command line checks it: it holds at the quick profile, and it has teeth. */
import { describe, expect, it } from 'vitest';
import { parseCell, recordMargin } from '../src/claim/claim.ts';
import { expand } from '../src/claim/parameters.ts';
import { decide, decideExperiment, decideFrequency, formatOf } from '../src/evidence/decide.ts';
import { cellsOf } from '../src/evidence/run.ts';
import { loadProject } from '../src/project.ts';

const { claims } = await loadProject();
const options = { seed: 1, profile: 'quick' } as const;

describe.each(claims.map((claim) => [claim.tag, claim] as const))('%s', (_, claim) => {
  const cells = cellsOf(claim, { profile: 'quick', set: {}, formats: [] });

  describe.each(Object.entries(claim.quantities))('%s', (name, quantity) => {
    const at = quantity.teethAt ? expand(quantity.teethAt)[0]! : cells[0]!;
    const values = parseCell(claim, at);

    it.each(cells.filter((cell) => quantity.applies?.(parseCell(claim, cell)) ?? true))('holds at %o', (cell) => {
      expect(decide(claim, name, cell, options).cell.verdict).toBe('holds');
    });

    it('is refuted with its bound scaled by the slack, where it claims tightness', () => {
      const slack = quantity.slack(values);
      if (slack === null) return;
      expect(decide(claim, name, at, { ...options, scale: slack }).cell.verdict).toBe('refuted');
    });

    if ('trials' in quantity) {
      it.each(Object.entries(quantity.mutants ?? {}))('is refuted for the mutant "%s"', (_mutant, broken) => {
        expect(decideFrequency(quantity, values, broken(values), options).cell.verdict).toBe('refuted');
      });
    } else {
      it.each(Object.entries(quantity.mutants ?? {}))('is refuted for the mutant "%s"', (_mutant, broken) => {
        const { cell } = decideExperiment(quantity, values, (A) => broken(values, A), formatOf(at), options);
        expect(cell.verdict).toBe('refuted');
      });
    }
  });
});

/** What the search must reach of an attained bound without the witness; a domain that is too small cannot. */
const SEARCH_REACHES = 0.85;
/** Values are ends of enclosures, which may be so much wider at one point than at another. */
const ENCLOSED = 2 ** -40;

describe('the search, which never sees a witness', () => {
  const searched = claims.flatMap((claim) =>
    Object.entries(claim.quantities)
      .filter(([, q]) => 'experiment' in q && q.relation === '<=' && q.teethAt && q.mutants)
      .map(([name, quantity]) => [`${claim.tag} ${name}`, claim, name, quantity] as const),
  );
  it.each(searched)(
    'does as well as samples, and comes near a bound that is attained, of %s',
    (_, claim, name, quantity) => {
      const at = expand(quantity.teethAt!)[0]!;
      const { found, bound } = decide(claim, name, at, { seed: 1, profile: 'standard' }).cell;
      // Where every point was judged there is nothing to search for.
      const reached = found.proof ?? found.search!;
      if (quantity.slack(parseCell(claim, at)) !== null) expect(reached / bound).toBeGreaterThan(SEARCH_REACHES);
      if (found.sample !== undefined) expect(reached).toBeGreaterThanOrEqual(found.sample * (1 - ENCLOSED));
    },
  );
});

describe('the room left for rounding', () => {
  it('is 2^−40 at least, 2^−20 at most, and twice (4N + 8)u beside the bound', () => {
    expect(recordMargin(1)).toBe(2 ** -40);
    expect(recordMargin(1000, 1000)).toBe(4008 * 2 ** -52 * 1000);
    expect(recordMargin(1000, 1e7)).toBe(2 ** -20);
  });
});

describe('the suite of claims', () => {
  it('gives every sampled quantity at least one mutant', () => {
    const toothless = claims.flatMap((claim) =>
      Object.entries(claim.quantities)
        .filter(
          ([, quantity]) =>
            quantity.mutants === undefined &&
            quantity.relation !== '==' &&
            quantity.slack(parseCell(claim, cellsOf(claim, { profile: 'quick', set: {}, formats: [] })[0]!)) === null,
        )
        .map(([name]) => `${claim.tag} ${name}`),
    );
    expect(toothless).toEqual([]);
  });
});
