import type { HostDescription, Run } from '#contract/model.ts';
import { hostTime } from '../format.ts';

/** A second of the axis of all runs as a person knows it: which run, and its host time. */
interface AxisPlace {
  readonly runId: number;
  readonly hostMs: number;
  /** False for a second that lies in a past run. */
  readonly present: boolean;
}

/** Which run an axis second belongs to; null in the gap between two runs and before the first. */
export function placeOnAxis(
  second: number,
  runs: readonly Run[],
  description: HostDescription | null,
): AxisPlace | null {
  const run = description?.run;
  if (run !== undefined && second >= run.axisStartS) {
    return { runId: run.id, hostMs: (second - run.axisStartS) * 1000, present: true };
  }
  for (const past of runs) {
    if (second < past.axisStartS || second >= past.axisStartS + past.seconds) continue;
    return { runId: past.id, hostMs: (second - past.axisStartS) * 1000, present: false };
  }
  return null;
}

/** Host time of an axis second: "00:12:31", with "run 2, " before it where it is not the present run. */
export function axisTime(second: number, runs: readonly Run[], description: HostDescription | null): string {
  const place = placeOnAxis(Math.floor(second), runs, description);
  if (place === null) return 'between two runs';
  return place.present ? hostTime(place.hostMs) : `run ${place.runId}, ${hostTime(place.hostMs)}`;
}

/** The axis second of a run's host time; null where the run is not known. */
export function axisSecondOf(
  runId: number,
  hostMs: number,
  runs: readonly Run[],
  description: HostDescription | null,
): number | null {
  const run = description?.run.id === runId ? description.run : runs.find(({ id }) => id === runId);
  return run === undefined ? null : run.axisStartS + Math.floor(hostMs / 1000);
}
