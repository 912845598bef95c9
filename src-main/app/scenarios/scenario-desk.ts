import { basename, join } from 'node:path';
import { ConsoleError } from '#contract/errors.ts';
import type { HostDescription } from '#contract/model.ts';
import type { RequestAnswer, RequestArgument } from '#contract/requests.ts';
import type { ScenarioRef } from '#contract/scenarios.ts';
import type { Works } from '../../study-process/works.ts';
import { STORED_ENDING } from '../../trace/load-trace.ts';
import { TRACE_FORMATS } from '../../trace/registry.ts';
import type { OpenedScenario } from './opened-scenario.ts';
import type { ScenarioShelf } from './scenario-shelf.ts';
import type { TraceShelf } from './trace-shelf.ts';
import { Trash } from './trash.ts';
import type { WorkDesk } from './work-desk.ts';

/** What the desk uses of whoever runs the live host. */
export interface LiveHost {
  /** @throws ConsoleError why there is none */
  describe(): HostDescription;
  /** Ends the host in order, does the work, and starts a host again, whatever came of it. */
  whileStopped<T>(work: () => Promise<T>, how?: { meanwhile: string; because: string }): Promise<T>;
}

interface ScenarioDeskOptions {
  readonly shelf: ScenarioShelf;
  readonly traces: TraceShelf;
  readonly opened: OpenedScenario;
  readonly works: Pick<Works, 'run'>;
  readonly desk: WorkDesk;
  readonly live: () => LiveHost;
  /** Folders of traces, as in `ScenarioShelf`. */
  readonly traceFolders: readonly string[];
  readonly cacheFolder: string;
  readonly memoryMiB: number;
  readonly recorderFile: string;
  /** Asks the person for a file; null when they choose none. */
  readonly chooseScenario: () => Promise<string | null>;
  readonly chooseTrace: () => Promise<string | null>;
}

/** What the window asks about scenarios and traces. */
export class ScenarioDesk {
  readonly work: WorkDesk;
  private readonly options: ScenarioDeskOptions;
  private readonly removed: { readonly scenarios: Trash; readonly traces: Trash };
  private former: ScenarioRef | null = null;
  /** The next host begins a new run, though the last one might go on. */
  private beginsAnew = false;
  private isBusy = false;

  constructor(options: ScenarioDeskOptions) {
    this.options = options;
    const { shelf, traces } = options;
    this.removed = { scenarios: new Trash(shelf.ownFolder), traces: new Trash(traces.ownFolder) };
    this.work = options.desk;
  }

  /** What the next host is to be started with. */
  get start(): { readonly scenarioFile: string; readonly begins: 'anew' | 'continue' } {
    const { shelf, opened } = this.options;
    return { scenarioFile: shelf.fileOf(opened.scenario), begins: this.beginsAnew ? 'anew' : 'continue' };
  }

  async list(): Promise<RequestAnswer<'scenarios.list'>> {
    const { shelf, opened } = this.options;
    const scenarios = await shelf.list();
    return {
      scenarios,
      ownFolder: shelf.ownFolder,
      removedFolder: this.removed.scenarios.folder,
      opened: opened.scenario,
      former: this.former,
    };
  }

  /** @throws ConsoleError `in-use`, `file-unwritable` */
  remove({ file }: RequestArgument<'scenarios.remove'>): Promise<RequestAnswer<'scenarios.remove'>> {
    return this.alone(async () => {
      const { scenario } = this.options.opened;
      if (scenario.origin === 'own' && scenario.file === file) {
        throw new ConsoleError('in-use', `${file} is the live host.`, 'Make another scenario the live host first.');
      }
      return { removed: await this.removed.scenarios.take(file) };
    });
  }

  async putBack({ removed }: RequestArgument<'scenarios.putBack'>): Promise<RequestAnswer<'scenarios.putBack'>> {
    return { file: await this.removed.scenarios.putBack(removed) };
  }

  /** @throws ConsoleError `in-use`, `file-unwritable` */
  removeTrace({ file }: RequestArgument<'traces.remove'>): Promise<RequestAnswer<'traces.remove'>> {
    return this.alone(async () => {
      const { shelf, opened, traces } = this.options;
      const played = await shelf.tracesOf(opened.scenario);
      if (played.includes(join(traces.ownFolder, file))) {
        throw new ConsoleError(
          'in-use',
          `The live host plays ${file.replace(STORED_ENDING, '')}: without it, the host could not be started again.`,
          'Make another scenario the live host first.',
        );
      }
      return { removed: await this.removed.traces.take(file) };
    });
  }

  async putTraceBack({ removed }: RequestArgument<'traces.putBack'>): Promise<RequestAnswer<'traces.putBack'>> {
    return { file: await this.removed.traces.putBack(removed) };
  }

  add(): Promise<RequestAnswer<'scenarios.add'>> {
    return this.alone(async () => {
      const file = await this.options.chooseScenario();
      return { added: file === null ? null : await this.options.shelf.add(file) };
    });
  }

  /**
   * Makes a scenario the live host. Where its host cannot start, the former one goes on where it was ended.
   * @throws ConsoleError `bad-scenario`, `bad-trace`, `file-unwritable`, or why its host could not start
   */
  open({ scenario }: RequestArgument<'scenarios.open'>): Promise<RequestAnswer<'scenarios.open'>> {
    return this.alone(async () => {
      const { shelf, opened, live } = this.options;
      const { name } = await shelf.ready(scenario);
      const before = opened.scenario;
      await live().whileStopped(
        async () => {
          await opened.set(scenario);
          this.beginsAnew = true;
        },
        {
          meanwhile: `The scenario "${name}" is being opened.`,
          because: `Stopped: the scenario "${name}" was opened.`,
        },
      );
      this.beginsAnew = false;
      try {
        const { run } = live().describe();
        this.former = before;
        const seed = run.source.kind === 'modelled' ? run.source.seed : 0;
        return { runId: run.id, name, seed };
      } catch (thrown) {
        const goesOn = await this.goBack(before, name);
        const { code, message, remedy } = ConsoleError.failureOf(thrown);
        const after = goesOn ? 'and the former host goes on' : 'and the former host could not be started again either';
        throw new ConsoleError(code, `"${name}" could not be opened, ${after}. ${message}`, remedy);
      }
    });
  }

  try({ scenario, variant }: RequestArgument<'scenarios.try'>): Promise<RequestAnswer<'scenarios.try'>> {
    return this.run(scenario, variant);
  }

  /** All runs that the scenario's claim is about. */
  check({ scenario }: RequestArgument<'scenarios.check'>): Promise<RequestAnswer<'scenarios.check'>> {
    return this.run(scenario, null);
  }

  private async run(scenario: ScenarioRef, variant: string | null): Promise<{ id: number }> {
    const { shelf, works, traceFolders, cacheFolder, memoryMiB } = this.options;
    const scenarioFile = shelf.fileOf(scenario);
    await shelf.ready(scenario);
    return this.work.start(async (watch) => {
      const told = await works.run(
        { kind: 'trial', scenarioFile, variant, traceFolders, cacheFolder, memoryMiB },
        watch,
      );
      if (told.kind !== 'trial') throw foreign();
      return { trial: told.trial, verdict: told.verdict };
    });
  }

  async traces(): Promise<RequestAnswer<'traces.list'>> {
    const { traces } = this.options;
    const formats = TRACE_FORMATS.map(({ name, title }) => ({ name, title }));
    const removedFolder = this.removed.traces.folder;
    const { recorderFile } = this.options;
    return { traces: await traces.list(), ownFolder: traces.ownFolder, removedFolder, recorderFile, formats };
  }

  importTrace({ format }: RequestArgument<'traces.import'>): Promise<RequestAnswer<'traces.import'>> {
    return this.alone(async () => {
      const { traces, works, memoryMiB } = this.options;
      const sourceFile = await this.options.chooseTrace();
      if (sourceFile === null) return { id: null, file: null };
      const targetFile = traces.targetOf(sourceFile);
      const { id } = this.work.start(async (watch) => {
        const trace = await traces.keep(targetFile, async () => {
          const told = await works.run({ kind: 'import', sourceFile, format, targetFile, memoryMiB }, watch);
          if (told.kind !== 'imported') throw foreign();
          return told.summary;
        });
        return { trace };
      });
      return { id, file: basename(sourceFile) };
    });
  }

  /** The former scenario again: its run is the last one, so it goes on. False where it cannot either. */
  private async goBack(before: ScenarioRef, name: string): Promise<boolean> {
    await this.options.live().whileStopped(() => this.options.opened.set(before), {
      meanwhile: 'The former scenario is being opened again.',
      because: `Stopped: the scenario "${name}" could not be opened.`,
    });
    try {
      this.options.live().describe();
      return true;
    } catch {
      // The window asks for the host too, and is told why there is none.
      return false;
    }
  }

  /** One dialog, or one change of the live host, at a time. */
  private async alone<T>(work: () => Promise<T>): Promise<T> {
    if (this.isBusy) throw new ConsoleError('bad-request', 'A file is being chosen, or a scenario opened, already.');
    this.isBusy = true;
    try {
      return await work();
    } finally {
      this.isBusy = false;
    }
  }
}

function foreign(): ConsoleError {
  return new ConsoleError('internal', 'Something else was told than what was asked for.');
}
