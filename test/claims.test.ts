/** Every claim of the project, as the command line checks it: it holds at the quick profile, and it has teeth. */
import { describe, expect, it } from 'vitest';
import { parseCell, recordMargin } from '../src/claim/claim.ts';
import { expand } from '../src/claim/parameters.ts';
import { decide, decideExperiment } from '../src/evidence/decide.ts';
import { cellsOf } from '../src/evidence/run.ts';
import { arithmeticOf } from '../src/evidence/task.ts';
import { loadProject } from '../src/project.ts';

const { claims } = await loadProject();
const options = { seed: 1, profile: 'quick' } as const;

describe.each(claims.map((claim) => [claim.tag, claim] as const))('%s', (_, claim) => {
  const cells = cellsOf(claim, { profile: 'quick', set: {}, formats: [] });

  describe.each(Object.entries(claim.quantities))('%s', (name, quantity) => {
    const at = quantity.teethAt ? expand(quantity.teethAt)[0]! : cells[0]!;
    const values = parseCell(claim, at);
    const arithmetic = arithmeticOf(at);

    it.each(cells.filter((cell) => quantity.applies?.(parseCell(claim, cell)) ?? true))('holds at %o', (cell) => {
      expect(decide(claim, name, cell, arithmeticOf(cell), options).cell.verdict).toBe('holds');
    });

    it('is refuted with its bound scaled by the slack, where it claims tightness', () => {
      const slack = quantity.slack(values);
      if (slack === null) return;
      expect(decide(claim, name, at, arithmetic, { ...options, scale: slack }).cell.verdict).toBe('refuted');
    });

    it.each(Object.entries(quantity.mutants ?? {}))('is refuted for the mutant "%s"', (_mutant, broken) => {
      const { cell } = decideExperiment(quantity, values, broken(values, arithmetic), arithmetic, options);
      expect(cell.verdict).toBe('refuted');
    });
  });
});

/** What the search must reach of an attained bound without the witness; a domain that is too small cannot. */
const SEARCH_REACHES = 0.85;

describe('the search, which never sees a witness', () => {
  const attained = claims.flatMap((claim) =>
    Object.entries(claim.quantities)
      .filter(([, quantity]) => quantity.relation === '<=' && quantity.teethAt && quantity.mutants)
      .map(([name, quantity]) => [`${claim.tag} ${name}`, claim, name, quantity] as const),
  );
  it.each(attained)('comes near the bound of %s', (_, claim, name, quantity) => {
    const at = expand(quantity.teethAt!)[0]!;
    const { found, bound } = decide(claim, name, at, arithmeticOf(at), { seed: 1, profile: 'standard' }).cell;
    expect(found.search! / bound).toBeGreaterThan(SEARCH_REACHES);
    expect(found.search!).toBeGreaterThanOrEqual(found.sample!);
  });
});

describe('the room left for rounding', () => {
  it('is 2^−40 at least, and twice (4N + 8)u beside the bound', () => {
    expect(recordMargin(1)).toBe(2 ** -40);
    expect(recordMargin(1000, 1000)).toBe(4008 * 2 ** -52 * 1000);
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
