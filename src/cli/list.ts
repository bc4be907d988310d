import type { Project } from '../project.ts';
import { columns, paint, print } from './terminal.ts';

/** mambound list: claims, constructions, tables and figures. */
export const list = (project: Project, { json }: { json?: boolean }): number => {
  const claims = project.claims.map(({ tag, title, source }) => ({ tag, title, source }));
  const constructions = project.constructions.map(({ tag, title, source }) => ({ tag, title, source }));
  const reports = project.reports.map(({ kind, id, title }) => ({ kind, id, title }));
  if (json) {
    print(JSON.stringify({ claims, constructions, reports }, null, 2));
    return 0;
  }
  const section = (heading: string, rows: string[][]): void => print(`${paint('bold', heading)}\n${columns(rows)}\n`);
  section(
    'claims',
    claims.map(({ tag, title }) => [`  ${tag}`, title]),
  );
  section(
    'constructions',
    constructions.map(({ tag, title }) => [`  ${tag}`, title]),
  );
  section(
    'reports',
    reports.map(({ kind, id, title }) => [`  ${id}`, `${kind}: ${title}`]),
  );
  return 0;
};
