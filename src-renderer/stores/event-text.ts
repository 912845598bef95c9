import type { Action, ClockEvent } from '#contract/model.ts';
import { count, hostTime, mib, mibBefore } from '../format.ts';

/** "build weight 100 → 400", "db balloon target 25.6 → 20.0 MiB". */
export function actionText(action: Pick<Action, 'kind' | 'guestName' | 'before' | 'after'>): string {
  return action.kind === 'weight'
    ? `${action.guestName} weight ${count(action.before)} → ${count(action.after)}`
    : `${action.guestName} balloon target ${mibBefore(action.before)} → ${mib(action.after)}`;
}

/** What became of a change: "build weight 100 → 400, applied at 00:12:31". */
export function appliedText(action: Action): string {
  return `${actionText(action)}, applied at ${hostTime(action.hostMs)}`;
}

const SOURCES = { console: 'this console', cli: 'command line', scenario: 'scenario' } as const;

/** Who made a change. */
export function sourceText(source: Action['source']): string {
  return SOURCES[source];
}

const CLOCK_EVENTS = {
  start: 'Run started',
  pause: 'Paused',
  resume: 'Resumed',
  speed: 'Speed changed',
  stop: 'Run ended',
  gap: 'Gap',
  clock: 'Clock of the machine set',
  check: 'History looked through',
} as const;

/** A clock event in words, with its detail where that says more. */
export function clockEventText(event: Pick<ClockEvent, 'kind' | 'detail'>): string {
  const detail = event.detail.replace(/\.$/, '').replace(/\b(\d+)x\b/g, '$1×');
  return detail === '' ? CLOCK_EVENTS[event.kind] : detail;
}
