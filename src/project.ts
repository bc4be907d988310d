/**
 * What there is to check and report: every construction, claim, table and figure is exported by a file that is found
 * by its folder. A user's own folder is read the same way, and a file may export several of them.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { closest } from 'fastest-levenshtein';
import type { Claim, ProjectClaim } from './claim/claim.ts';
import type { Parameters } from './claim/parameters.ts';
import type { CopyConstruction } from './copy/construction.ts';
import type { Mechanism } from './copy/mechanism.ts';
import type { DpProblem } from './dp/specification.ts';
import { InputError } from './input-error.ts';
import type { FigureReport, TableReport } from './report/item.ts';

export interface Project {
  readonly claims: readonly Claim[];
  readonly constructions: readonly CopyConstruction[];
  readonly mechanisms: readonly Mechanism[];
  readonly problems: readonly DpProblem[];
  readonly reports: readonly (TableReport | FigureReport)[];
}
/** What claims may be about. */
export type ProjectParts = Pick<Project, 'mechanisms' | 'problems'>;

/** Declares a claim about all problems and mechanisms of a project; its file exports the result under any name. */
export const defineProjectClaim = <P extends Parameters>(
  tag: string,
  make: (parts: ProjectParts) => Claim<P>,
): ProjectClaim<ProjectParts> => ({ kind: 'project-claim', tag, make: (parts) => make(parts) as unknown as Claim });

type Part = Claim | ProjectClaim<ProjectParts> | CopyConstruction | Mechanism | DpProblem | TableReport | FigureReport;

/** The folder that holds src/ (or, compiled, dist/). */
const HOME = fileURLToPath(new URL('..', import.meta.url));
const FOLDERS = ['constructions', 'properties', 'reports'];
const SKIPPED_FOLDERS = new Set(['node_modules', 'out']);
const MODULE = /(?<!\.test|\.d)\.(ts|mts|js|mjs)$/;

const modulesIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .sort((x, y) => (x.name < y.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory())
        return SKIPPED_FOLDERS.has(entry.name) || entry.name.startsWith('.') ? [] : modulesIn(path);
      return MODULE.test(entry.name) ? [path] : [];
    });

/** What a part of each kind must have, by type; enough to tell a mistake from a claim. */
const SHAPES: Readonly<Record<Part['kind'], Readonly<Record<string, 'string' | 'object' | 'function'>>>> = {
  claim: { tag: 'string', title: 'string', parameters: 'object', grid: 'object', quantities: 'object' },
  'project-claim': { tag: 'string', make: 'function' },
  construction: { tag: 'string', title: 'string', allows: 'object', build: 'function' },
  mechanism: { tag: 'string', title: 'string', keeps: 'string', scratch: 'function', layers: 'function' },
  problem: { name: 'string', title: 'string', inputs: 'object', examples: 'object', specify: 'function' },
  table: { id: 'string', title: 'string', make: 'function' },
  figure: { id: 'string', title: 'string', make: 'function' },
};

/** An exported value as a part, if it says that it is one. */
const asPart = (file: string, name: string, value: unknown): Part | undefined => {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return undefined;
  const { kind } = value;
  if (typeof kind !== 'string' || !Object.hasOwn(SHAPES, kind)) return undefined;
  for (const [field, type] of Object.entries(SHAPES[kind as Part['kind']])) {
    const found = (value as Record<string, unknown>)[field];
    if (typeof found !== type || found === null) {
      throw new InputError(
        `${file}: ${name}.${field}`,
        `a ${type}, as every ${kind} has`,
        found === null ? 'null' : typeof found,
      );
    }
  }
  return value as Part;
};
/** Kinds that share their names with others. */
const SPACES: Partial<Record<Part['kind'], Part['kind']>> = { figure: 'table', 'project-claim': 'claim' };
const nameOf = (part: Part): string => ('tag' in part ? part.tag : 'id' in part ? part.id : part.name);

const partsOf = async (file: string): Promise<Part[]> => {
  let module: Record<string, unknown>;
  try {
    module = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (error) {
    throw new InputError(
      file,
      'a module that loads',
      (error instanceof Error ? error.message : String(error)).split('\n')[0]!,
    );
  }
  return Object.entries(module).flatMap(([name, value]) => asPart(file, name, value) ?? []);
};

/** Loads the suite's own folders (those named, where only some are needed) and, if given, a user's. */
export const loadProject = async (userFolder?: string, folders: readonly string[] = FOLDERS): Promise<Project> => {
  if (userFolder !== undefined && !(existsSync(userFolder) && statSync(userFolder).isDirectory())) {
    throw new InputError('--project', 'a folder', userFolder);
  }
  const files = folders.map((folder) => join(HOME, folder)).flatMap(modulesIn);
  if (userFolder !== undefined) files.push(...modulesIn(resolve(userFolder)));
  const claims: Claim[] = [];
  const projectClaims: ProjectClaim<ProjectParts>[] = [];
  const constructions: CopyConstruction[] = [];
  const mechanisms: Mechanism[] = [];
  const problems: DpProblem[] = [];
  const reports: (TableReport | FigureReport)[] = [];
  const seen = new Map<string, string>();
  for (const file of files) {
    for (const part of await partsOf(file)) {
      const key = `${SPACES[part.kind] ?? part.kind} ${nameOf(part)}`;
      const other = seen.get(key);
      if (other !== undefined) throw new InputError(file, `a ${key} of its own`, `one that ${other} already exports`);
      seen.set(key, file);
      if (part.kind === 'claim') claims.push(part);
      else if (part.kind === 'project-claim') projectClaims.push(part);
      else if (part.kind === 'construction') constructions.push(part);
      else if (part.kind === 'mechanism') mechanisms.push(part);
      else if (part.kind === 'problem') problems.push(part);
      else reports.push(part);
    }
  }
  const byTag = (x: { tag: string }, y: { tag: string }): number => (x.tag < y.tag ? -1 : 1);
  for (const { make } of projectClaims) claims.push(make({ mechanisms: mechanisms.sort(byTag), problems }));
  return {
    claims: claims.sort(byTag),
    constructions: constructions.sort(byTag),
    mechanisms: mechanisms.sort(byTag),
    problems: problems.sort((x, y) => (x.name < y.name ? -1 : 1)),
    reports,
  };
};

/** One of a list by its exact name; a miss suggests the nearest. */
export const findByName = <X>(what: string, items: readonly X[], name: (item: X) => string, wanted: string): X => {
  const found = items.find((item) => name(item) === wanted);
  if (found) return found;
  const names = items.map(name);
  const nearest = names.length > 0 ? ` (did you mean ${closest(wanted, names)}?)` : '';
  throw new InputError(`a ${what}`, `one of ${names.join(', ')}`, `${wanted}${nearest}`);
};

/** The claims that tags and groups ('T1.*') name, each once, in the project's order; all of them for no tag. */
export const selectClaims = (project: Project, tags: readonly string[]): readonly Claim[] => {
  if (tags.length === 0) return project.claims;
  const chosen = new Set<Claim>();
  for (const tag of tags) {
    if (tag.endsWith('*')) {
      const group = project.claims.filter((claim) => claim.tag.startsWith(tag.slice(0, -1)));
      if (group.length === 0) findByName('claim', project.claims, (claim) => claim.tag, tag);
      group.forEach((claim) => chosen.add(claim));
    } else chosen.add(findByName('claim', project.claims, (claim) => claim.tag, tag));
  }
  return project.claims.filter((claim) => chosen.has(claim));
};
