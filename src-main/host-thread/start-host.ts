import { join } from 'node:path';
import { ConsoleError } from '#contract/errors.ts';
import type { Action, Guest, HostDescription, Run } from '#contract/model.ts';
import type { Frame } from '#contract/stream.ts';
import { Host } from '../host/host.ts';
import type { HostConfig } from '../host/host-config.ts';
import type { CompactTrace } from '../host/workload/compact-trace.ts';
import { HistoryWriter } from '../history/writer.ts';
import type { NewRun } from '../history/writer/run-log.ts';
import { loadTrace } from '../trace/load-trace.ts';
import { TraceError } from '../trace/trace-error.ts';
import { configDigestOf } from './checkpoint.ts';
import { HostLoop } from './host-loop.ts';
import type { HostThreadOptions } from './protocol.ts';
import { restoreRun } from './restore-run.ts';
import { hostConfigOf, readScenario, type Scenario, workloadText } from './scenario.ts';

/** A host that is ready to run, with its history open. */
export interface StartedHost {
  readonly loop: HostLoop;
  readonly description: HostDescription;
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

/** @throws ConsoleError `bad-trace` */
async function traceOf(name: string, options: HostThreadOptions): Promise<CompactTrace> {
  try {
    return (await loadTrace(join(options.tracesFolder, name), options.cacheFolder)).trace;
  } catch (error) {
    if (error instanceof TraceError) throw new ConsoleError('bad-trace', error.message, error.remedy, { cause: error });
    throw error;
  }
}

/**
 * Reads the scenario and its traces, opens the history and begins a run.
 * @throws ConsoleError `bad-scenario`, `bad-trace`, or the history's.
 */
export async function startHost(options: HostThreadOptions, clocks: Clocks): Promise<StartedHost> {
  const scenario = await readScenario(options.scenarioFile);
  const seed = options.seed ?? scenario.seed;
  const traces = await Promise.all(scenario.guests.map((guest) => traceOf(guest.trace, options)));
  const config = hostConfigOf(scenario, seed, traces);
  const host = new Host(config);
  const history = HistoryWriter.open({
    file: options.databaseFile,
    appVersion: options.versions['app'] ?? 'unknown',
    wallClock: clocks.wallMs,
  });
  try {
    return await beginOrContinue(history, { scenario, seed, config, host }, options, clocks);
  } catch (error) {
    history.close();
    throw error;
  }
}

/** What the scenario gave. */
interface Model {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly config: HostConfig;
  readonly host: Host;
}

async function beginOrContinue(
  history: HistoryWriter,
  { scenario, seed, config, host }: Model,
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
  const restored = await restoreRun(host, history, configDigest, (doneMs, targetMs) =>
    clocks.onProgress(
      `Restoring the host: ${Math.floor((100 * doneMs) / targetMs)} % of what came after the checkpoint.`,
    ),
  );
  const begun =
    'run' in restored
      ? continued(history, restored, clocks.wallMs())
      : began(history, restored.refused, clocks.wallMs(), {
          source: { kind: 'modelled', scenario: scenario.name, seed },
          guests,
          ...setting,
          seed,
        });
  const { onProgress: _onProgress, ...world } = clocks;
  const loop = new HostLoop({
    host: begun.fresh ? new Host(config) : host,
    history,
    runId: begun.run.id,
    configDigest,
    lastActionId: history.lastActionId(),
    ...world,
  });
  return {
    loop,
    description: {
      run: begun.run,
      guests,
      ...setting,
      balloonPagesPerS: config.balloonPagesPerS,
      versions: { ...options.versions, sqlite: history.sqliteVersion },
      notice: begun.notice,
    },
    close: () => history.close(),
  };
}
