import { ConsoleError } from '#contract/errors.ts';
import type { RequestAnswer, RequestArgument } from '#contract/requests.ts';
import type { Exploration, HeatMap, StudyOrder, StudyResult, StudyStanding, Tuned } from '#contract/studies.ts';
import { encodeSnapshot } from '../host/state-codec.ts';
import type { StudyExportFormat } from '#contract/study-keeping.ts';
import type { HostThreadClient } from '../host-thread/client.ts';
import type { ForkedHost } from '../host-thread/protocol.ts';
import { writeFileWhole } from '../report/write-whole.ts';
import type { StudyJob } from '../study-process/job.ts';
import type { Studies } from '../study-process/studies.ts';
import { exportStudy } from './study-export.ts';

/** Studies that may wait for their turn beside those that run. */
const WAITING_MAX = 6;
/** Studies that are remembered after their end; the oldest are forgotten first. */
const REMEMBERED = 12;
/** How long a watcher waits for something new. */
const WATCH_MS = 5_000;
/** Progress below this says nothing about the time that is left. */
const PART_LEAST = 0.02;

interface StudyDeskOptions {
  readonly studies: Pick<Studies, 'run' | 'heatMap'>;
  /** A copy of the live host. */
  readonly fork: () => Promise<ForkedHost>;
  /** What keeps studies: the host thread, the one writer of the history. */
  readonly keeper: () => Pick<HostThreadClient, 'saveStudy' | 'markStudyApplied' | 'deleteStudy'>;
  /** A saved study. */
  readonly read: (savedId: number) => Promise<RequestAnswer<'history.study'>>;
  /** Asks the person where a study is to be written; null: nowhere. */
  readonly chooseTarget: (name: string, format: StudyExportFormat) => Promise<string | null>;
  readonly databaseFile: string;
  readonly cacheFolder: string;
  /** Most memory of one study, in MiB. */
  readonly memoryMiB: number;
}

interface DeskEntry {
  readonly cancel: AbortController;
  job: StudyJob | null;
  /** The run that it starts from. */
  runId: number;
  standing: StudyStanding;
  beganAt: number | null;
  result: StudyResult | null;
  exploration: Exploration | null;
  tuned: Tuned | null;
  readonly watchers: Set<() => void>;
}

/** The studies of the window: started, watched, cancelled. A study that fails harms nothing but its own entry. */
export class StudyDesk {
  private readonly options: StudyDeskOptions;
  private readonly entries = new Map<number, DeskEntry>();
  private lastId = 0;

  constructor(options: StudyDeskOptions) {
    this.options = options;
  }

  /** Starts a study. It answers at once; what comes of it is told by {@link watch}. */
  start(argument: RequestArgument<'study.start'>): RequestAnswer<'study.start'> {
    const unfinished = [...this.entries.values()].filter(({ standing }) => isUnderWay(standing)).length;
    if (unfinished >= WAITING_MAX) {
      throw new ConsoleError(
        'bad-study',
        `There are ${unfinished} studies under way or waiting already.`,
        'Wait for one, or cancel one.',
      );
    }
    const id = ++this.lastId;
    const entry: DeskEntry = {
      cancel: new AbortController(),
      job: null,
      runId: 0,
      standing: {
        ...{ id, version: 1, phase: 'waiting', part: 0, leftMs: null },
        ...{ hasEstimate: false, hasExploration: false, failure: null },
      },
      beganAt: null,
      result: null,
      exploration: null,
      tuned: null,
      watchers: new Set(),
    };
    this.entries.set(id, entry);
    this.forgetOldest();
    void this.run(entry, argument);
    return { id };
  }

  /** How a study stands, once that is another version than the one seen, or after a while. */
  async watch({ id, seen }: RequestArgument<'study.watch'>): Promise<StudyStanding> {
    const entry = this.known(id);
    if (entry.standing.version === seen && isUnderWay(entry.standing)) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          entry.watchers.delete(done);
          resolve();
        };
        const timer = setTimeout(done, WATCH_MS);
        entry.watchers.add(done);
      });
    }
    return entry.standing;
  }

  outcome({ id }: RequestArgument<'study.outcome'>): RequestAnswer<'study.outcome'> {
    const { result, exploration, tuned } = this.known(id);
    return { result, exploration, tuned };
  }

  cancel({ id }: RequestArgument<'study.cancel'>): void {
    this.known(id).cancel.abort();
  }

  /** Disk reads over two knobs, from the start of a study that has been run. */
  heatMap({ id, across, down }: RequestArgument<'study.heatMap'>): Promise<HeatMap> {
    const { job } = this.known(id);
    if (job === null) throw new ConsoleError('bad-study', 'The study has not begun yet.', 'Wait until it has.');
    return this.options.studies.heatMap({ ...job, isExplored: false, heatMap: { across, down } });
  }

  /** Keeps a study that has been run. */
  async save({ id, name }: RequestArgument<'study.save'>): Promise<RequestAnswer<'study.save'>> {
    const { job, result, runId, standing, tuned } = this.known(id);
    if (job === null || result === null || standing.phase !== 'done') {
      throw new ConsoleError('bad-study', 'The study has no final result yet.', 'Wait until it has ended.');
    }
    const study = { name, kind: job.kind ?? 'replay', runId, order: orderOf(job, tuned), result };
    return { savedId: await this.options.keeper().saveStudy(study) };
  }

  async markApplied(argument: RequestArgument<'study.markApplied'>): Promise<void> {
    const { savedId, alternative, actionId } = argument;
    await this.options.keeper().markStudyApplied(savedId, alternative, actionId);
  }

  async delete({ savedId }: RequestArgument<'study.delete'>): Promise<void> {
    await this.options.keeper().deleteStudy(savedId);
  }

  /** Writes a saved study into a file that the person chooses. */
  async export({ savedId, format }: RequestArgument<'study.export'>): Promise<RequestAnswer<'study.export'>> {
    const study = await this.options.read(savedId);
    const file = await this.options.chooseTarget(study.study.name, format);
    if (file !== null) writeFileWhole(file, exportStudy(study, format));
    return { file };
  }

  /** Ends all studies. */
  stop(): void {
    for (const { cancel } of this.entries.values()) cancel.abort();
  }

  private async run(entry: DeskEntry, argument: RequestArgument<'study.start'>): Promise<void> {
    const { signal } = entry.cancel;
    try {
      const { job, runId } = await this.jobOf(argument);
      entry.job = job;
      entry.runId = runId;
      entry.result = await this.options.studies.run(job, {
        signal,
        onStart: () => {
          entry.beganAt = performance.now();
          this.change(entry, { phase: 'running' });
        },
        onProgress: (part) => this.change(entry, { part, leftMs: leftMs(entry, part) }),
        onEstimate: (result) => {
          entry.result = result;
          this.change(entry, { hasEstimate: true });
        },
        onTuned: (tuned) => {
          entry.tuned = tuned;
        },
        onExploration: (exploration) => {
          entry.exploration = exploration;
          this.change(entry, { hasExploration: true });
        },
      });
      this.change(entry, { phase: 'done', part: 1, leftMs: 0 });
    } catch (thrown) {
      const failure = ConsoleError.failureOf(thrown);
      const phase = failure.code === 'cancelled' ? 'cancelled' : 'failed';
      this.change(entry, { phase, leftMs: null, failure: phase === 'failed' ? failure : null });
    }
  }

  private async jobOf({
    start,
    order,
    tune,
  }: RequestArgument<'study.start'>): Promise<{ readonly job: StudyJob; readonly runId: number }> {
    const { cacheFolder, memoryMiB, databaseFile } = this.options;
    const { entries, config, runId } = await this.options.fork();
    const common = {
      ...{ order, config, cacheFolder, memoryMiB, isExplored: true },
      ...(tune === undefined ? {} : { tune }),
    };
    if (start.kind === 'replay') {
      const past = { kind: 'history', databaseFile, runId: start.runId, atMs: start.fromMs } as const;
      return { job: { ...common, kind: 'replay', start: past }, runId: start.runId };
    }
    const live = { kind: 'live', databaseFile, runId, state: encodeSnapshot(entries) } as const;
    return { job: { ...common, kind: 'forecast', start: live }, runId };
  }

  private change(entry: DeskEntry, changes: Partial<StudyStanding>): void {
    entry.standing = { ...entry.standing, ...changes, version: entry.standing.version + 1 };
    for (const tell of [...entry.watchers]) tell();
  }

  private known(id: number): DeskEntry {
    const entry = this.entries.get(id);
    if (entry !== undefined) return entry;
    throw new ConsoleError('bad-study', `The study ${id} is not known any more.`, 'Run it again.');
  }

  private forgetOldest(): void {
    for (const [id, { standing }] of this.entries) {
      if (this.entries.size <= REMEMBERED) return;
      if (!isUnderWay(standing)) this.entries.delete(id);
    }
  }
}

function isUnderWay({ phase }: StudyStanding): boolean {
  return phase === 'waiting' || phase === 'running';
}

/** What a kept study asked, in the order of its result: a tuned one asked for what it found. */
function orderOf({ order }: StudyJob, tuned: Tuned | null): StudyOrder {
  if (tuned === null) return order;
  const { changes } = tuned;
  const baseline = { name: 'as it is', changes: [] };
  const alternatives = changes.length === 0 ? [baseline] : [baseline, { name: 'recommended', changes }];
  return { ...order, alternatives };
}

function leftMs({ beganAt }: DeskEntry, part: number): number | null {
  if (beganAt === null || part < PART_LEAST) return null;
  return Math.round((performance.now() - beganAt) * (1 / part - 1));
}
