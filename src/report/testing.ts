/** Small runs of claims, for tests of the tables and figures that are made of them. */
import type { Results } from '../claim/result.ts';
import { runClaims } from '../evidence/run.ts';
import { selectClaims, type Project } from '../project.ts';

/** Claims at the quick profile, with some of its grid replaced. */
export const quickRuns =
  (project: Project) =>
  (
    tags: readonly string[],
    set: Readonly<Record<string, readonly string[]>> = {},
    formats: readonly string[] = [],
  ): Promise<Results> =>
    runClaims({
      project,
      claims: selectClaims(project, tags),
      profile: 'quick',
      seed: 1,
      set,
      formats,
      jobs: 1,
      command: 'test',
    });
