import { join } from 'node:path';
import { ConsoleError } from '#contract/errors.ts';
import type { Guest, HostDescription } from '#contract/model.ts';
import type { Frame } from '#contract/stream.ts';
import { Host } from '../host/host.ts';
import type { CompactTrace } from '../host/workload/compact-trace.ts';
import { HistoryWriter } from '../history/writer.ts';
import { loadTrace } from '../trace/load-trace.ts';
import { TraceError } from '../trace/trace-error.ts';
import { HostLoop } from './host-loop.ts';
import type { HostThreadOptions } from './protocol.ts';
import { hostConfigOf, readScenario, workloadText } from './scenario.ts';

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
  const { run, previous } = history.beginRun({
    source: { kind: 'modelled', scenario: scenario.name, seed },
    guests,
    ...setting,
    seed,
    wallMs: clocks.wallMs(),
  });
  const loop = new HostLoop({ host, history, runId: run.id, ...clocks });
  return {
    loop,
    description: {
      run,
      guests,
      ...setting,
      balloonPagesPerS: config.balloonPagesPerS,
      versions: { ...options.versions, sqlite: history.sqliteVersion },
      notice:
        previous?.end === 'crashed'
          ? 'The console was not closed in order last time. What was recorded until then is kept; a new run has begun.'
          : null,
    },
    close: () => history.close(),
  };
}
