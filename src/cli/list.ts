import type { Project } from '../project.ts';
import { columns, paint, print } from './terminal.ts';

/** mambound list: claims, constructions, mechanisms, problems, tables and figures. */
export const list = (project: Project, { json }: { json?: boolean }): number => {
  const claims = project.claims.map(({ tag, title, source }) => ({ tag, title, source }));
  const constructions = project.constructions.map(({ tag, title, source }) => ({ tag, title, source }));
  const mechanisms = project.mechanisms.map(({ tag, title }) => ({ tag, title }));
  const problems = project.problems.map(({ name, title, source }) => ({ name, title, source }));
  const reports = project.reports.map(({ kind, id, title }) => ({ kind, id, title }));
  if (json) {
    print(JSON.stringify({ claims, constructions, mechanisms, problems, reports }, null, 2));
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
    'mechanisms',
    mechanisms.map(({ tag, title }) => [`  ${tag}`, title]),
  );
  section(
    'problems',
    problems.map(({ name, title }) => [`  ${name}`, title]),
  );
  section(
    'reports',
    reports.map(({ kind, id, title }) => [`  ${id}`, `${kind}: ${title}`]),
  );
  return 0;
};
