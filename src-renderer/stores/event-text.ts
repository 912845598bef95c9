import type { Action, ClockEvent, PolicyName } from '#contract/model.ts';
import { count, hostTime, mib, mibBefore } from '../format.ts';

/** Policies as a person reads them. */
export const POLICY_WORDS: Readonly<Record<PolicyName, string>> = {
  fifo: 'FIFO',
  'xen-shipped': 'Xen, shipped',
  'xen-documented': 'Xen, documented',
  'max-over-share': 'max over share',
};

/** What was changed. */
export const KIND_WORDS: Readonly<Record<Action['kind'], string>> = {
  weight: 'weight',
  'balloon-target': 'balloon target',
  'precache-cap': 'precache cap',
  policy: 'eviction policy',
  'idle-tax': 'idle tax',
  'pool-limit': 'pool limit',
  'host-size': 'host RAM',
  'remove-guest': 'removed from the host',
  'flush-precache': 'precache flushed',
};

const limit = (pages: number | null): string => (pages === null ? 'none' : mib(pages));

/** Before and after of an action in words; `after` is null for an act, whose `before` says what it gave up. */
export function valueTexts(action: Action): { readonly before: string; readonly after: string | null } {
  switch (action.kind) {
    case 'weight':
      return { before: count(action.before), after: count(action.after) };
    case 'balloon-target':
    case 'host-size':
      return { before: mibBefore(action.before), after: mib(action.after) };
    case 'precache-cap':
    case 'pool-limit':
      return { before: limit(action.before), after: limit(action.after) };
    case 'policy':
      return { before: POLICY_WORDS[action.before], after: POLICY_WORDS[action.after] };
    case 'idle-tax':
      return { before: String(action.before / 1000), after: String(action.after / 1000) };
    case 'remove-guest': {
      const { ramPages, precachePages, preswapPages } = action.before;
      return {
        before: `${mib(ramPages)} of RAM, ${mib(precachePages)} of precache, ${mib(preswapPages)} of preswap given up`,
        after: null,
      };
    }
    case 'flush-precache':
      return { before: `${mib(action.before.precachePages)} given up`, after: null };
  }
}

/** "build weight 100 → 400", "eviction policy FIFO → max over share", "db removed from the host". */
export function actionText(action: Action): string {
  const { before, after } = valueTexts(action);
  const what = action.guestName === null ? KIND_WORDS[action.kind] : `${action.guestName} ${KIND_WORDS[action.kind]}`;
  return after === null ? what : `${what} ${before} → ${after}`;
}

/** "undoes #12", with the reason that was given: what the audit has to say of why; '' where there is nothing. */
export function whyText({ undoes, reason }: Pick<Action, 'undoes' | 'reason'>): string {
  return [undoes === null ? '' : `undoes #${count(undoes)}`, reason ?? ''].filter((part) => part !== '').join(': ');
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
  scenario: 'Scenario',
} as const;

/** A clock event in words, with its detail where that says more. */
export function clockEventText(event: Pick<ClockEvent, 'kind' | 'detail'>): string {
  const detail = event.detail.replace(/\.$/, '').replace(/\b(\d+)x\b/g, '$1×');
  return detail === '' ? CLOCK_EVENTS[event.kind] : detail;
}
