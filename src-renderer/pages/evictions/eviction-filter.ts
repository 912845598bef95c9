import type { HostDescription, Run } from '#contract/model.ts';
import type { EvictionFilter } from '#contract/requests.ts';
import type { EvictionReason, PoolKind } from '#contract/samples.ts';
import { EVICTION_ROW, type Frame } from '#contract/stream.ts';
import { EVICTION_REASONS } from '#contract/samples.ts';
import { hostTime } from '../../format.ts';
import type { EvictionView } from '../../stores/preferences.ts';

/** Why pages were evicted, in words. */
export const REASON_WORDS: Readonly<Record<EvictionReason, string>> = {
  put: 'put without room',
  balloon: 'guest took RAM back',
  weight: 'weight changed',
  cap: 'cap reached',
  relinquish: 'host needed memory',
  flush: 'memory flushed',
  reserve: 'reserve refilled',
  'pool-destroyed': 'pool destroyed',
};

/** Kinds of pools, in words. */
export const POOL_WORDS: Readonly<Record<PoolKind, string>> = {
  precache: 'precache',
  'shared-precache': 'shared precache',
  preswap: 'preswap',
};

const SPAN_SECONDS = { '2m': 120, '15m': 900, '1h': 3_600, '1d': 86_400 } as const;

/** A host time that was typed, in seconds; null where it cannot be read. */
export function parseHostTime(text: string): number | null {
  const read = /^(?:([0-9]{1,5}) ?d )?([0-9]{1,5}):([0-5][0-9]):([0-5][0-9])$/.exec(
    text.trim().replaceAll('\u00a0', ' '),
  );
  if (read === null) return null;
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = read;
  return Number(days) * 86_400 + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

const HOW = 'Type a host time as hh:mm:ss, such as 00:12:30, or leave it empty.';

/** The filter that a view stands for, or the sentences that say what is wrong with it. */
export type FilterReading =
  | { readonly ok: true; readonly filter: EvictionFilter; readonly open: boolean }
  | { readonly ok: false; readonly from: string | null; readonly to: string | null };

interface Axis {
  readonly runs: readonly Run[];
  readonly description: HostDescription | null;
  /** Newest second on the axis of all runs. */
  readonly newest: number;
}

/** Reads a view into the filter of a request. `open` tells whether new evictions can still fall into it. */
export function readFilter(view: EvictionView, axis: Axis): FilterReading {
  const lists = {
    victims: [...view.victims],
    beneficiaries: [...view.beneficiaries],
    reasons: [...view.reasons],
  };
  if (view.span === 'all') return { ok: true, filter: { range: null, ...lists }, open: true };
  if (view.span !== 'custom') {
    const toS = Math.max(0, axis.newest);
    const range = { fromS: Math.max(0, toS - SPAN_SECONDS[view.span] + 1), toS };
    return { ok: true, filter: { range, ...lists }, open: true };
  }
  const present = axis.description?.run ?? null;
  const run = view.runId === 0 ? present : (axis.runs.find(({ id }) => id === view.runId) ?? present);
  const from = view.from.trim() === '' ? 0 : parseHostTime(view.from);
  const to = view.to.trim() === '' ? Infinity : parseHostTime(view.to);
  if (from === null || to === null)
    return { ok: false, from: from === null ? HOW : null, to: to === null ? HOW : null };
  if (from > to)
    return { ok: false, from: null, to: `This is before ${hostTime(from * 1000)}, where the range begins.` };
  const begin = run?.axisStartS ?? 0;
  const isPresent = run === null || run.id === present?.id;
  const end = isPresent ? Math.max(axis.newest, begin) : begin + Math.max(0, run.seconds - 1);
  const fromS = Math.min(begin + from, end);
  const toS = Math.min(begin + to, end);
  return { ok: true, filter: { range: { fromS, toS }, ...lists }, open: isPresent && begin + to > end };
}

/** How many eviction rows of a frame a filter lets through, wherever they lie in time. */
export function matchingRows(frame: Frame, filter: EvictionFilter): number {
  const { victims, beneficiaries, reasons } = filter;
  let found = 0;
  for (let at = 0; at < frame.evictions.length; at += EVICTION_ROW) {
    const victim = frame.evictions[at + 1] ?? -1;
    const beneficiary = frame.evictions[at + 2] ?? -1;
    const reason = EVICTION_REASONS[frame.evictions[at + 3] ?? -1];
    const passes =
      (victims.length === 0 || victims.includes(victim)) &&
      (beneficiaries.length === 0 || beneficiaries.includes(beneficiary)) &&
      (reasons.length === 0 || (reason !== undefined && reasons.includes(reason)));
    if (passes) found++;
  }
  return found;
}

/** True where the view lets everything through but for time. */
export function isUnfiltered(view: EvictionView): boolean {
  return view.victims.length === 0 && view.beneficiaries.length === 0 && view.reasons.length === 0;
}
