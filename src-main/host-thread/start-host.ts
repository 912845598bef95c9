import { ConsoleError } from '#contract/errors.ts';
import type { Action, Guest, HostDescription, Run } from '#contract/model.ts';
import type { Frame } from '#contract/stream.ts';
import { Host } from '../host/host.ts';
import type { HostConfig } from '../host/host-config.ts';
import { HistoryReader } from '../history/reader-client.ts';
import { HistoryWriter } from '../history/writer.ts';
import type { NewRun } from '../history/writer/run-log.ts';
import { eventMarks } from '../scenario/event-marks.ts';
import { openScenario } from '../scenario/open-scenario.ts';
import type { Scenario } from '../scenario/scenario-schema.ts';
import { workloadText } from '../scenario/workload-text.ts';
import { configDigestOf } from '../history/checkpoint-state.ts';
import { settingsOf } from './admin-changes.ts';
import { takeCheckpoint } from './checkpoint.ts';
import { HostLoop } from './host-loop.ts';
import type { FiledConfig, ForkedHost, HostThreadOptions } from './protocol.ts';
import { restoreRun } from './restore-run.ts';
import { ScenarioMarks } from './scenario-marks.ts';

/** Host ms that a restart may have to compute again before it stores a checkpoint at once. */
const RECOMPUTED_MS_MAX = 10_000;

/** A host that is ready to run, with its history open. */
export interface StartedHost {
  readonly loop: HostLoop;
  readonly description: HostDescription;
  /** A copy of the host as it is between two slices. */
  fork(): ForkedHost;
  /** Where studies are kept. */
  readonly studies: Pick<HistoryWriter, 'saveStudy' | 'markStudyApplied' | 'deleteStudy'>;
  close(): void;
}

interface Clocks {
  readonly now: () => number;
  readonly wallMs: () => number;
  readonly emit: (frame: Frame) => void;
  /** Told what is being done while it takes long, in a sentence. */
  readonly onProgress: (text: string) => void;
}

/** The run that was begun or continued. */
interface BegunRun {
  readonly run: Run;
  /** Whether it begins at host time 0: the host that a restart was tried on is not to be used. */
  readonly fresh: boolean;
  /** What a person should know of it. */
  readonly notice: string | null;
}

/** Goes on with the last run, whose host is restored. */
function continued(history: HistoryWriter, restored: { run: Run; actions: Action[] }, wallMs: number): BegunRun {
  const run = history.continueRun(restored.run.id, wallMs);
  history.markApplied(restored.actions.map((action) => action.id));
  const notice =
    restored.run.end === 'stopped'
      ? null
      : 'The console was not closed in order last time. The host goes on where it was recorded last; every second since its last checkpoint was computed again and equals the record.';
  return { run, fresh: false, notice };
}

/** Begins a new run, and says why the last one does not go on. */
function began(history: HistoryWriter, refused: string | null, wallMs: number, run: Omit<NewRun, 'wallMs'>): BegunRun {
  const { run: begun } = history.beginRun({ ...run, wallMs });
  if (refused === null) return { run: begun, fresh: true, notice: null };
  history.clockEvent({
    hostMs: 0,
    wallMs,
    kind: 'gap',
    detail: `The former run could not be continued. ${refused}`.slice(0, 300),
  });
  return {
    run: begun,
    fresh: true,
    notice: `The last run could not be continued, so a new one has begun behind a marked gap; the past stays visible. ${refused}`,
  };
}

/**
 * Reads the scenario and its traces, opens the history and begins a run.
 * @throws ConsoleError `bad-scenario`, `bad-trace`, or the history's.
 */
export async function startHost(options: HostThreadOptions, clocks: Clocks): Promise<StartedHost> {
  const { scenario, config, traceFiles } = await openScenario(options.scenarioFile, {
    traceFolders: [...(options.importedFolder === undefined ? [] : [options.importedFolder]), options.tracesFolder],
    cacheFolder: options.cacheFolder,
    seed: options.seed,
  });
  const host = new Host(config);
  const history = HistoryWriter.open({
    file: options.databaseFile,
    appVersion: options.versions['app'] ?? 'unknown',
    wallClock: clocks.wallMs,
    ...(options.retention === undefined ? {} : { retention: options.retention }),
  });
  try {
    return await beginOrContinue(history, { scenario, config, traceFiles, host }, options, clocks);
  } catch (error) {
    history.close();
    throw error;
  }
}

/** What the scenario gave. */
interface Model {
  readonly scenario: Scenario;
  readonly config: HostConfig;
  readonly traceFiles: readonly (string | null)[];
  readonly host: Host;
}

async function beginOrContinue(
  history: HistoryWriter,
  { scenario, config, traceFiles, host }: Model,
  options: HostThreadOptions,
  clocks: Clocks,
): Promise<StartedHost> {
  const guests: Guest[] = config.guests.map((guest, place) => {
    const declared = scenario.guests[place];
    return {
      id: guest.id,
      name: guest.name,
      workload: declared === undefined ? '' : workloadText(declared),
      minPages: guest.minPages,
      maxPages: guest.maxPages,
    };
  });
  const setting = {
    totalPages: config.totalPages,
    reservedPages: config.reservedPages,
    policy: config.policy,
    idleTaxPermille: config.idleTaxPermille,
    idleTaxWindowS: config.idleTaxWindowS,
  };
  const configDigest = configDigestOf(config);
  const wasClosed = (history.lastRun()?.end ?? 'stopped') === 'stopped';
  const restored =
    options.begins === 'anew'
      ? { refused: null }
      : await restoreRun(host, history, configDigest, (doneMs, targetMs) =>
          clocks.onProgress(
            `Restoring the host: ${Math.floor((100 * doneMs) / targetMs)} % of what came after the checkpoint.`,
          ),
        );
  const begun =
    'run' in restored
      ? continued(history, restored, clocks.wallMs())
      : began(history, restored.refused, clocks.wallMs(), {
          source: { kind: 'modelled', scenario: scenario.name, seed: config.seed },
          guests,
          ...setting,
          seed: config.seed,
        });
  const { onProgress: _onProgress, ...world } = clocks;
  const running = begun.fresh ? new Host(config) : host;
  const filed = filedConfig(config, scenario, traceFiles);
  // Of seconds that were under way and are not stored yet there is none: a restart has to compute them again.
  const isStored = running.hostMs < (begun.run.seconds + 1) * 1_000;
  if (begun.fresh || ('run' in restored && restored.computedMs > RECOMPUTED_MS_MAX && isStored)) {
    // Before anything is acknowledged: the next restart finds where to begin, and has no longer a way than this one,
    // whenever this one is killed.
    const first = await takeCheckpoint(running, configDigest, history.lastActionId());
    history.writeCheckpoint(first, clocks.wallMs());
  }
  const loop = new HostLoop({
    host: running,
    history,
    runId: begun.run.id,
    configDigest,
    lastActionId: history.lastActionId(),
    scenarioMarks: new ScenarioMarks(eventMarks(scenario), history.eventTimes('scenario')),
    ...world,
  });
  const stopChecking = wasClosed ? () => undefined : checkInBackground(loop, options);
  return {
    loop,
    description: {
      run: begun.run,
      guests,
      ...setting,
      ...settingsOf(running),
      balloonPagesPerS: config.balloonPagesPerS,
      versions: { ...options.versions, sqlite: history.sqliteVersion },
      notice: begun.notice,
    },
    fork: () => ({
      runId: begun.run.id,
      hostMs: running.hostMs,
      entries: running.snapshot(),
      config: filed,
      configDigest,
    }),
    studies: history,
    close: () => {
      stopChecking();
      history.close();
    },
  };
}

/** Has the file looked through by a thread of its own. @returns what ends it */
function checkInBackground(
  loop: HostLoop,
  { readerFile, databaseFile }: Pick<HostThreadOptions, 'readerFile' | 'databaseFile'>,
): () => void {
  if (readerFile === undefined) return () => undefined;
  const reader = new HistoryReader({ threadFile: readerFile, databaseFile, slowMs: Infinity });
  let isEnded = false;
  const end = (): void => {
    isEnded = true;
    void reader.stop();
  };
  reader
    .request('history.check', {})
    .then(
      ({ problems }) => (isEnded ? undefined : loop.noteCheck(problems)),
      (error: unknown) => (isEnded ? undefined : loop.noteCheck([ConsoleError.failureOf(error).message])),
    )
    .finally(end);
  return end;
}

/** The config with the files of the traces instead of the traces. */
function filedConfig(
  { guests, ...config }: HostConfig,
  scenario: Scenario,
  traceFiles: readonly (string | null)[],
): FiledConfig {
  return {
    ...config,
    guests: guests.map(({ trace: _trace, ...guest }, place) => {
      const { reading, writes } = scenario.guests[place] ?? {};
      return {
        ...guest,
        traceFile: traceFiles[place] ?? null,
        ...(reading === undefined ? {} : { traceReading: reading }),
        ...(writes === 'as-reads' ? { writesAsReads: true } : {}),
      };
    }),
  };
}
