import type { HostDescription, Run } from '#contract/model.ts';
import { hostTime } from '../format.ts';
import { parseHostTime } from '../pages/evictions/eviction-filter.ts';
import type { Range } from '../stores/sample-ring.ts';

interface Axis {
  readonly runs: readonly Run[];
  readonly description: HostDescription | null;
  /** Newest second on the axis of all runs. */
  readonly newest: number;
}

/** The stretch of the axis that typed host times of a run stand for (run 0: the present one), or what is wrong. */
export function readTimes(
  typed: { readonly runId: number; readonly from: string; readonly to: string },
  { runs, description, newest }: Axis,
): { readonly ok: true; readonly range: Range } | { readonly ok: false; readonly sentence: string } {
  const refuse = (sentence: string) => ({ ok: false, sentence }) as const;
  const present = description?.run ?? null;
  const run = typed.runId === 0 ? present : (runs.find(({ id }) => id === typed.runId) ?? null);
  if (run === null) return refuse('There is no such run.');
  const last = run.id === present?.id ? Math.max(0, newest - run.axisStartS) : Math.max(0, run.seconds - 1);
  const from = typed.from.trim() === '' ? 0 : parseHostTime(typed.from);
  const to = typed.to.trim() === '' ? last : parseHostTime(typed.to);
  if (from === null || to === null) {
    return refuse(`${from === null ? 'From' : 'To'} is no host time. Type it as hh:mm:ss, such as 00:12:30.`);
  }
  if (from >= to) return refuse('The end must be after the beginning.');
  if (from > last) return refuse(`This run is recorded up to ${hostTime(last * 1000)}.`);
  return { ok: true, range: { fromS: run.axisStartS + from, toS: run.axisStartS + Math.min(to, last) } };
}
