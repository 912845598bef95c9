import { join } from 'node:path';
import type { ScenarioRef } from '#contract/scenarios.ts';
import type { StudyChild } from '../../study-process/study-line.ts';
import { Turns } from '../../study-process/turns.ts';
import type { WorkJob } from '../../study-process/work-job.ts';
import { Works } from '../../study-process/works.ts';
import { OpenedScenario } from './opened-scenario.ts';
import { type LiveHost, ScenarioDesk } from './scenario-desk.ts';
import { ScenarioShelf } from './scenario-shelf.ts';
import { TraceShelf } from './trace-shelf.ts';
import { WorkDesk } from './work-desk.ts';

/** What is live when nothing else was opened. */
const FIRST: ScenarioRef = { origin: 'shipped', file: 'three-real-traces.json' };

export interface ScenarioPlan {
  /** Folder of what ships: `scenarios` and `traces`. */
  readonly resources: string;
  readonly userData: string;
  /** The scenario that the console was started with. */
  readonly namedFile: string | null;
  readonly memoryMiB: number;
  readonly turns: Turns;
  readonly startProcess: () => StudyChild<WorkJob>;
  readonly live: () => LiveHost;
  readonly chooseScenario: () => Promise<string | null>;
  readonly chooseTrace: () => Promise<string | null>;
}

/** Where imported traces are kept. */
export function importedFolderOf(userData: string): string {
  return join(userData, 'imported-traces');
}

/** Puts together what answers the window about scenarios and traces. */
export function createScenarioDesk(plan: ScenarioPlan): ScenarioDesk {
  const { resources, userData, namedFile, memoryMiB, live, chooseScenario, chooseTrace } = plan;
  const shipped = { scenarios: join(resources, 'scenarios'), traces: join(resources, 'traces') };
  const imported = importedFolderOf(userData);
  const traceFolders = [imported, shipped.traces];
  const cacheFolder = join(userData, 'traces');
  const works = new Works(plan.startProcess, plan.turns);
  return new ScenarioDesk({
    shelf: new ScenarioShelf({
      shippedFolder: shipped.scenarios,
      ownFolder: join(userData, 'scenarios'),
      namedFile,
      traceFolders,
    }),
    traces: new TraceShelf({
      ...{ shippedFolder: shipped.traces, ownFolder: imported, cacheFolder, memoryMiB },
      // A look at what is there does not wait for trials.
      works: new Works(plan.startProcess, new Turns(1)),
    }),
    opened: new OpenedScenario(
      join(userData, 'opened-scenario.json'),
      namedFile === null ? null : { origin: 'named', file: namedFile },
      FIRST,
    ),
    works,
    desk: new WorkDesk(),
    recorderFile: join(resources, 'recorder', 'record-filemap.sh'),
    ...{ live, traceFolders, cacheFolder, memoryMiB, chooseScenario, chooseTrace },
  });
}
