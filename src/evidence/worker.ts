/** What a worker thread runs; see bin/worker.mjs. */
import { loadProject, type Project } from '../project.ts';
import { runTask, type Task } from './task.ts';

export interface Timed {
  readonly output: unknown;
  readonly seconds: number;
}

/** Runs a task and takes its time, without what a worker needs to start. */
export const runTimed = (project: Project, task: Task): Timed => {
  const start = performance.now();
  const output = runTask(project, task);
  return { output, seconds: (performance.now() - start) / 1000 };
};

/** A worker decides claims, and some are about all problems and mechanisms; tables and figures would only delay its start. */
const CLAIMS = ['properties', 'constructions/copy', 'constructions/dp'];

let project: Promise<Project> | undefined;

export const work = async ({ task, projectFolder }: { task: Task; projectFolder?: string }): Promise<Timed> => {
  project ??= loadProject(projectFolder, CLAIMS);
  return runTimed(await project, task);
};
