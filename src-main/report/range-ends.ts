import { ConsoleError } from '#contract/errors.ts';
import type { Connection } from '#main/history/connection.ts';
import type { AxisRange } from '#main/history/queries/axis.ts';

interface RunSpan {
  readonly id: number;
  readonly axisStartS: number;
  readonly seconds: number;
}

interface Corner {
  readonly runId: number;
  readonly hostMs: number;
  readonly wallMs: number;
}

const HOW = 'Write a host time (hh:mm:ss or seconds), "start", "end", or a wall time such as 2025-11-23T14:30:00Z.';

/**
 * The range between two written times. Host times count from the start of the run: run `runId`, or the newest one. "start"
 * and "end" are those of the run given, or of the whole history. Wall times go by the recorded map.
 *
 * @throws ConsoleError `bad-argument` for what cannot be read or a run that is not there, `bad-range` where the end is
 * before the beginning or nothing has been recorded.
 */
export function rangeBetween(
  connection: Connection,
  { from, to, runId }: { from: string; to: string; runId: number | null },
): AxisRange {
  const runs = connection.prepare('SELECT id, axisStartS, seconds FROM runs ORDER BY id').all() as RunSpan[];
  const newest = runs.at(-1);
  const first = runs[0];
  if (first === undefined || newest === undefined) {
    throw new ConsoleError('bad-range', 'The history has no run yet.', 'Let a host run with it first.');
  }
  const run = runId === null ? newest : runs.find(({ id }) => id === runId);
  if (run === undefined) {
    throw new ConsoleError('bad-argument', `The history has no run ${runId ?? ''}.`, `It has runs 1 to ${newest.id}.`);
  }
  const [startRun, endRun] = runId === null ? [first, newest] : [run, run];
  const read = (text: string, end: 'from' | 'to'): number => {
    if (text === 'start') return startRun.axisStartS;
    if (text === 'end') return lastOf(endRun);
    const hostSeconds = hostSecondsOf(text);
    if (hostSeconds !== null) return run.axisStartS + hostSeconds;
    const wallMs = /^\d{4}-\d{2}-\d{2}T/.test(text) ? Date.parse(text) : NaN;
    if (Number.isNaN(wallMs)) throw new ConsoleError('bad-argument', `The time --${end} ${text} can't be read.`, HOW);
    return axisOfWall(connection, runs, wallMs, end);
  };
  const range = { fromS: read(from, 'from'), toS: read(to, 'to') };
  if (range.fromS > range.toS) {
    throw new ConsoleError('bad-range', `The range ends (${to}) before it begins (${from}).`, 'Give a later --to.');
  }
  return range;
}

function lastOf({ axisStartS, seconds }: RunSpan): number {
  return axisStartS + Math.max(0, seconds - 1);
}

function hostSecondsOf(text: string): number | null {
  if (/^\d{1,12}$/.test(text)) return Number(text);
  const clock = /^(\d{1,6}):([0-5]\d):([0-5]\d)$/.exec(text);
  if (clock === null) return null;
  const [, hours = '', minutes = '', seconds = ''] = clock;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

/** The axis second of a wall time; between two runs the next second for a beginning, the last one for an end. */
function axisOfWall(connection: Connection, runs: readonly RunSpan[], wallMs: number, end: 'from' | 'to'): number {
  const corner = 'SELECT runId, hostMs, wallMs FROM timeMap WHERE wallMs';
  const before = connection
    .prepare(`${corner} <= ? ORDER BY wallMs DESC, runId DESC, piece DESC LIMIT 1`)
    .get(wallMs) as Corner | undefined;
  const after = connection.prepare(`${corner} >= ? ORDER BY wallMs, runId, piece LIMIT 1`).get(wallMs) as
    Corner | undefined;
  const axisOf = ({ runId, hostMs }: Pick<Corner, 'runId' | 'hostMs'>, round: (value: number) => number): number => {
    const run = runs.find(({ id }) => id === runId);
    return run === undefined ? 0 : Math.min(lastOf(run), run.axisStartS + round(hostMs / 1000));
  };
  if (before !== undefined && after?.runId === before.runId) {
    const passed = after.wallMs - before.wallMs;
    const part = passed === 0 ? 0 : (wallMs - before.wallMs) / passed;
    return axisOf({ runId: before.runId, hostMs: before.hostMs + part * (after.hostMs - before.hostMs) }, Math.floor);
  }
  const next = end === 'from' ? (after ?? before) : (before ?? after);
  if (next === undefined) throw new ConsoleError('bad-range', 'The history has no wall times yet.');
  if (end === 'from' && after === undefined) {
    throw new ConsoleError('bad-range', 'Nothing has been recorded after the time --from.', 'Give an earlier time.');
  }
  if (end === 'to' && before === undefined) {
    throw new ConsoleError('bad-range', 'Nothing had been recorded before the time --to.', 'Give a later time.');
  }
  return axisOf(next, Math.floor);
}
