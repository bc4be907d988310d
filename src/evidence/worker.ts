/** What a worker thread runs; see bin/worker.mjs. */
import { loadProject, type Project } from '../project.ts';
import { runTask, type Task } from './task.ts';

let project: Promise<Project> | undefined;

export const work = async ({ task, projectFolder }: { task: Task; projectFolder?: string }): Promise<unknown> => {
  project ??= loadProject(projectFolder);
  return runTask(await project, task);
};
