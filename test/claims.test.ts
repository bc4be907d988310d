/** Every claim of the project, as the command line checks it: it holds at the quick profile, and it has teeth. */
import { describe, expect, it } from 'vitest';
import { arithmeticByName } from '../src/arithmetic/names.ts';
import { parseCell } from '../src/claim/claim.ts';
import { decide, decideExperiment } from '../src/evidence/decide.ts';
import { cellsOf } from '../src/evidence/run.ts';
import { loadProject } from '../src/project.ts';

const { claims } = await loadProject();
const options = { seed: 1, profile: 'quick' } as const;
const arithmeticOf = (cell: Readonly<Record<string, string>>) => arithmeticByName(cell.format ?? 'fp64')!;

describe.each(claims.map((claim) => [claim.tag, claim] as const))('%s', (_, claim) => {
  const cells = cellsOf(claim, { profile: 'quick', set: {}, formats: [] });

  describe.each(Object.entries(claim.quantities))('%s', (name, quantity) => {
    const at = quantity.teethAt
      ? Object.fromEntries(Object.entries(quantity.teethAt).map(([key, value]) => [key, String(value)]))
      : cells[0]!;
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
