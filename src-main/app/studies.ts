import { ConsoleError } from '#contract/errors.ts';
import type { RequestAnswer, RequestArgument } from '#contract/requests.ts';
import type {
  Exploration,
  HeatMap,
  StudyOrder,
  StudyResult,
  StudyStanding,
  StudyStart,
  Tuned,
} from '#contract/studies.ts';
import { encodeSnapshot } from '../host/state-codec.ts';
import type { StudyExportFormat } from '#contract/study-keeping.ts';
import type { HostThreadClient } from '../host-thread/client.ts';
import type { ForkedHost } from '../host-thread/protocol.ts';
import { writeFileWhole } from '../report/write-whole.ts';
import type { JobStart, JobStretch, StudyJob } from '../study-process/job.ts';
import type { Studies } from '../study-process/studies.ts';
import { withBreakEven } from './break-even-told.ts';
import { FollowedWork } from './followed-work.ts';
import { exportStudy } from './study-export.ts';

interface StudyDeskOptions {
  readonly studies: Pick<Studies, 'run' | 'heatMap' | 'prepare' | 'cool'>;
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

/** What is known of a study. */
interface KnownStudy {
  job: StudyJob | null;
  /** The run that it starts from. */
  runId: number;
  result: StudyResult | null;
  exploration: Exploration | null;
  tuned: Tuned | null;
  heatMap: HeatMap | null;
}

/** The studies of the window: started, watched, cancelled. A study that fails harms nothing but its own entry. */
export class StudyDesk {
  private readonly options: StudyDeskOptions;
  private readonly list = new FollowedWork<StudyStanding, KnownStudy>({ many: 'studies', one: 'study' });

  constructor(options: StudyDeskOptions) {
    this.options = options;
  }

  /** Makes ready for studies of a stretch of time. It answers at once, and what fails is told by the study itself. */
  prepare({ start, horizonMs }: RequestArgument<'study.prepare'>): void {
    this.stretchOf(start)
      .then(({ stretch }) => this.options.studies.prepare({ ...stretch, horizonMs }))
      .catch(() => undefined);
  }

  /** Forgets what was prepared: the host is another one. */
  forgetPrepared(): void {
    this.options.studies.cool();
  }

  /** Starts a study. It answers at once; what comes of it is told by {@link watch}. */
  start({ start, order, tune }: RequestArgument<'study.start'>): RequestAnswer<'study.start'> {
    return this.list.start({ answers: 0 }, unknownStudy(), async ({ known, standing: { id } }, watch) => {
      const { stretch, runId } = await this.stretchOf(start);
      const job: StudyJob = { ...stretch, order, isExplored: true, ...(tune === undefined ? {} : { tune }) };
      known.job = job;
      known.runId = runId;
      const told = (): void => this.list.change(id, ({ answers }) => ({ answers: answers + 1 }));
      const found = await this.options.studies.run(job, {
        ...watch,
        onEstimate: (result, exploration) => {
          known.result = withBreakEven(result);
          // Of a better answer to the same alternatives: the curves are as they were.
          known.exploration = exploration ?? known.exploration;
          told();
        },
        onTuned: (tuned) => {
          known.tuned = tuned;
        },
      });
      known.result = withBreakEven(found);
    });
  }

  /** How a study stands, once that is another version than the one seen, or after a while. */
  watch(argument: RequestArgument<'study.watch'>): Promise<StudyStanding> {
    return this.list.watch(argument);
  }

  outcome({ id }: RequestArgument<'study.outcome'>): RequestAnswer<'study.outcome'> {
    const { result, exploration, tuned, heatMap } = this.list.find(id).known;
    return { result, exploration, tuned, heatMap };
  }

  cancel({ id }: RequestArgument<'study.cancel'>): void {
    this.list.cancel(id);
  }

  /** Disk reads over two knobs, from the start of a study that has been run. */
  heatMap({ id, across, down }: RequestArgument<'study.heatMap'>): RequestAnswer<'study.heatMap'> {
    const { job, result } = this.list.find(id).known;
    if (job === null) throw new ConsoleError('bad-study', 'The study has not begun yet.', 'Wait until it has.');
    const asked = { ...job, start: startOf(job, result), isExplored: false, heatMap: { across, down } };
    return this.list.start({ answers: 0 }, { ...unknownStudy(), job }, async ({ known }, watch) => {
      known.heatMap = await this.options.studies.heatMap(asked, watch);
    });
  }

  /** Keeps a study that has been run. */
  async save({ id, name }: RequestArgument<'study.save'>): Promise<RequestAnswer<'study.save'>> {
    const {
      standing,
      known: { job, result, runId, tuned },
    } = this.list.find(id);
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
    this.list.stop();
    this.options.studies.cool();
  }

  /** Where a study begins, as its process is told it. */
  private async stretchOf(
    start: StudyStart,
  ): Promise<{ readonly stretch: Omit<JobStretch, 'horizonMs'>; readonly runId: number }> {
    const { cacheFolder, memoryMiB, databaseFile } = this.options;
    const { entries, config, runId, hostMs: nowMs } = await this.options.fork();
    const common = { config, cacheFolder, memoryMiB };
    if (start.kind === 'replay') {
      const { runId: replayed, fromMs: atMs } = start;
      const past = { kind: 'history', databaseFile, runId: replayed, atMs, nowMs } as const;
      return { stretch: { ...common, kind: 'replay', start: past }, runId: replayed };
    }
    const live = { kind: 'live', databaseFile, runId, state: encodeSnapshot(entries), nowMs } as const;
    return { stretch: { ...common, kind: 'forecast', start: live }, runId };
  }
}

function unknownStudy(): KnownStudy {
  return { job: null, runId: 0, result: null, exploration: null, tuned: null, heatMap: null };
}

/** Where a study did begin: a replay that was to end with the record is not to begin later when it is looked at again. */
function startOf({ start }: StudyJob, result: StudyResult | null): JobStart {
  return start.kind === 'history' && result !== null ? { ...start, atMs: result.fromMs } : start;
}

/** What a kept study asked, in the order of its result: a tuned one asked for what it found. */
function orderOf({ order }: StudyJob, tuned: Tuned | null): StudyOrder {
  if (tuned === null) return order;
  const { changes } = tuned;
  const baseline = { name: 'as it is', changes: [] };
  const alternatives = changes.length === 0 ? [baseline] : [baseline, { name: 'recommended', changes }];
  return { ...order, alternatives };
}
