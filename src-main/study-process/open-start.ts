import { ConsoleError } from '#contract/errors.ts';
import { Host } from '../host/host.ts';
import type { HostConfig } from '../host/host-config.ts';
import type { StateEntry } from '../host/state.ts';
import { decodeSnapshot } from '../host/state-codec.ts';
import type { Connection } from '../history/connection.ts';
import { openHistory } from '../history/open-history.ts';
import { GUEST, GUEST_WIDTH } from '../host/sample-columns.ts';
import { recordedEndMs, recordedMoment, replayableFrom, runToStudy } from '../history/studies/moment.ts';
import { readSeenSeconds } from '../history/studies/seen-seconds.ts';
import { Slices } from '../what-if/slices.ts';
import { forecastFrom } from '../what-if/forecast.ts';
import { WINDOWS_MAX } from '../what-if/forecast-doubt.ts';
import type { SeenPast, StudyKind, StudyOptions, StudyStart } from '../what-if/study.ts';
import type { HistoryStart, JobStart } from './job.ts';
import { commandOf, replayedHost } from './replayed-host.ts';

/** Host ms run between two looks at the clock. */
const STEP_MS = 100;
const MS_PER_S = 1_000;

/** What of a study its start depends on. */
interface Stretch {
  readonly kind: StudyKind;
  readonly horizonMs: number;
}

/** The kind of study that a start is for where nothing else was said. */
export function kindFor(start: JobStart, asked: StudyKind | undefined): StudyKind {
  const kind = asked ?? (start.kind === 'live' ? 'forecast' : 'replay');
  if (start.kind === 'live' && kind === 'replay') {
    throw new ConsoleError(
      'bad-study',
      'A replay covers recorded time, and what comes after now is not recorded.',
      'Make a forecast, or start in the past.',
    );
  }
  return kind;
}

/**
 * Brings a study to its start: the state there, for a replay what was changed in the time that follows, for a forecast
 * guests that do again what they were seen to do before.
 * @throws ConsoleError `bad-study` for a start that cannot be reached, and those of the history; StudyError `cancelled`
 */
export async function openStart(
  config: HostConfig,
  start: JobStart,
  stretch: Stretch,
  options: StudyOptions = {},
): Promise<StudyStart> {
  const slices = new Slices(options);
  if (start.kind === 'scenario') return scenarioStart(config, start.atMs, stretch, slices);
  const connection = openHistory(start.databaseFile);
  try {
    return start.kind === 'history'
      ? await historyStart(connection, config, start, stretch, slices)
      : await liveStart(connection, config, start, stretch, slices);
  } finally {
    connection.close();
  }
}

async function scenarioStart(
  config: HostConfig,
  atMs: number,
  { kind, horizonMs }: Stretch,
  slices: Slices,
): Promise<StudyStart> {
  const host = new Host(config);
  const diskReads: number[] = [];
  const runTo = async (ms: number): Promise<StateEntry[] | null> => {
    while (host.hostMs < ms) {
      host.runTo(Math.min(ms, host.hostMs + STEP_MS));
      // Of samples before the start only a forecast learns.
      const { guests } = host.takeSamples();
      for (let row = 0; row < guests.length; row += GUEST_WIDTH) diskReads.push(guests[row + GUEST.diskReads] ?? 0);
      if (slices.isDue()) await slices.turn((kind === 'replay' ? 1 : 0.5) * (host.hostMs / atMs));
    }
    return ms === 0 ? null : host.snapshot();
  };
  if (kind === 'replay') return { config, state: await runTo(atMs) };
  const pastMs = seenMs(atMs, 0, horizonMs);
  const state = await runTo(atMs - pastMs);
  await runTo(atMs);
  const guests = config.guests.length;
  const seconds = Math.min(diskReads.length / guests, lookBackS(horizonMs));
  const seen = { seconds, diskReads: Float64Array.from(diskReads.slice(diskReads.length - seconds * guests)) };
  const past: SeenPast = { state, commands: [], seen };
  return forecastFrom(config, past, host.snapshot(), slices.part(0.5, 1));
}

async function historyStart(
  connection: Connection,
  config: HostConfig,
  { runId, atMs: asked }: HistoryStart,
  { kind, horizonMs }: Stretch,
  slices: Slices,
): Promise<StudyStart> {
  const run = runToStudy(connection, runId);
  const endMs = recordedEndMs(run);
  const atMs = asked ?? Math.max(0, kind === 'replay' ? endMs - horizonMs : endMs);
  if (kind === 'replay' && atMs + horizonMs > endMs) {
    throw new ConsoleError(
      'bad-study',
      `A replay covers recorded time: run ${run.id} is recorded to ${endMs} ms, and this one would end at ${atMs + horizonMs} ms.`,
      'Start earlier, study a shorter time, or make a forecast.',
    );
  }
  if (atMs > endMs) {
    throw new ConsoleError(
      'bad-study',
      `Run ${run.id} is recorded to ${endMs} ms, and the study would start at ${atMs} ms.`,
      'Start it earlier.',
    );
  }
  const moment = recordedMoment(connection, run, atMs);
  const host = await replayedHost(connection, config, moment, slices.part(0, kind === 'replay' ? 1 : 0.5));
  const state = host.snapshot();
  if (kind === 'replay') {
    const later = moment.actions.filter((action) => action.hostMs > atMs && action.hostMs < atMs + horizonMs);
    return { config, state, commands: later.map(commandOf) };
  }
  const past = await pastOf(connection, config, run.id, { atMs, horizonMs }, slices.part(0.5, 0.75));
  return forecastFrom(config, past, state, slices.part(0.75, 1));
}

async function liveStart(
  connection: Connection,
  config: HostConfig,
  { state, runId }: Extract<JobStart, { kind: 'live' }>,
  { horizonMs }: Stretch,
  slices: Slices,
): Promise<StudyStart> {
  const entries = decodeSnapshot(state);
  const host = new Host(config);
  host.restore(entries);
  const { hostMs: atMs } = host;
  const past = await pastOf(connection, config, runId, { atMs, horizonMs }, slices.part(0, 0.5));
  return forecastFrom(config, past, entries, slices.part(0.5, 1));
}

/** The stretch of a recorded run before a moment that a forecast goes by. */
async function pastOf(
  connection: Connection,
  config: HostConfig,
  runId: number,
  { atMs, horizonMs }: { readonly atMs: number; readonly horizonMs: number },
  slices: Slices,
): Promise<SeenPast> {
  const run = runToStudy(connection, runId);
  const pastMs = seenMs(atMs, replayableFrom(connection, runId) ?? atMs, horizonMs);
  const moment = recordedMoment(connection, run, atMs - pastMs);
  const host = await replayedHost(connection, config, moment, slices);
  const within = moment.actions.filter(({ hostMs }) => hostMs > moment.atMs && hostMs <= atMs);
  const to = Math.min(Math.floor(atMs / MS_PER_S), run.seconds);
  const guestIds = config.guests.map(({ id }) => id);
  const seen = readSeenSeconds(connection, runId, { from: Math.max(0, to - lookBackS(horizonMs)), to, guestIds });
  return { state: host.snapshot(), commands: within.map(commandOf), seen };
}

/** The host seconds before a forecast that tell how unlike successive stretches are. */
function lookBackS(horizonMs: number): number {
  return WINDOWS_MAX * Math.ceil(horizonMs / MS_PER_S);
}

/** How long a stretch is looked back on: as long as the forecast, in whole seconds, or all that there is. */
function seenMs(atMs: number, fromMs: number, horizonMs: number): number {
  const wanted = MS_PER_S * Math.ceil(horizonMs / MS_PER_S);
  const there = MS_PER_S * Math.floor((atMs - fromMs) / MS_PER_S);
  if (there > 0) return Math.min(wanted, there);
  throw new ConsoleError(
    'bad-study',
    `A forecast goes by what was seen before it, and before host time ${atMs} ms there is less than a second of it.`,
    'Start it later.',
  );
}
