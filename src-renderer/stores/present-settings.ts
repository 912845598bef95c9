import { defineStore } from 'pinia';
import type { Action, Change } from '#contract/model.ts';
import { newestValue } from '../charts/window-series.ts';
import { axisSecondOf } from './axis.ts';
import { useEvents } from './events.ts';
import { useHost } from './host.ts';
import { useLive } from './live.ts';
import { DONE, guestOf, type SettingKind, type Value, valueAfter } from './staged-change.ts';

/** The settings as the host has them. */
export const usePresentSettings = defineStore('present-settings', () => {
  const host = useHost();
  const live = useLive();
  const events = useEvents();

  /** The newest action of a knob in the present run. */
  function lastAction(knob: Pick<Change, 'kind'> & { readonly guestId?: number | null }): Action | undefined {
    const runId = host.description?.run.id;
    return events.actions.find((one) => one.kind === knob.kind && one.guestId === guestOf(knob) && one.runId === runId);
  }

  /**
   * Of the newest sample, or of an action that came after it (while the host is paused no sample follows an action). NaN
   * where nothing is known yet.
   */
  function sampled(kind: 'weight' | 'balloon-target', guestId: number): number {
    const ring = live.now.ring;
    const newest = newestValue(ring, { guestId, column: kind === 'weight' ? 'weight' : 'targetPages' });
    const action = lastAction({ kind, guestId });
    if (action?.kind !== kind) return newest;
    const second = axisSecondOf(action.runId, action.hostMs, host.runs, host.description);
    return second !== null && second > ring.newest ? action.after : newest;
  }

  /** Of the last frame, or of an action that came with it or after it. */
  function told(knob: Pick<Change, 'kind'> & { readonly guestId?: number | null }, known: Value): Value {
    const action = lastAction(knob);
    return action !== undefined && action.hostMs >= (host.clock?.hostMs ?? 0) ? valueAfter(action) : known;
  }

  /** What a guest's knob is set to. NaN where nothing is known yet; Infinity: no cap. */
  function setting(kind: SettingKind, guestId: number): number {
    if (kind !== 'precache-cap') return sampled(kind, guestId);
    const known = host.description?.guestSettings.find((one) => one.guestId === guestId);
    return Number(told({ kind, guestId }, known === undefined ? NaN : (known.capPages ?? Infinity)));
  }

  /** What the knob of a change is set to now; NaN where it is not known, or has no setting (acts). */
  function valueNow(knob: Change): Value {
    const { description } = host;
    switch (knob.kind) {
      case 'weight':
      case 'balloon-target':
      case 'precache-cap':
        return setting(knob.kind, knob.guestId);
      case 'policy':
        return told(knob, description?.policy ?? NaN);
      case 'idle-tax':
        return told(knob, description?.idleTaxPermille ?? NaN);
      case 'pool-limit':
        return told(knob, description === null ? NaN : (description.poolLimitPages ?? Infinity));
      case 'host-size':
        return told(knob, description?.totalPages ?? NaN);
      case 'remove-guest':
      case 'flush-precache':
        return NaN;
    }
  }

  /** Whether a guest was removed from the host. */
  function isRemoved(guestId: number): boolean {
    const known = host.description?.guestSettings.find((one) => one.guestId === guestId)?.presence;
    return told({ kind: 'remove-guest', guestId }, known === 'removed' ? DONE : NaN) === DONE;
  }

  /**
   * When a guest was removed, by an administrator or by the scenario, in host ms of the live run. Null where it was not. An
   * action that is older than all that the window knows of was done at the time of the oldest of these at the latest.
   */
  function removedMs(guestId: number): number | null {
    if (!isRemoved(guestId)) return null;
    const action = lastAction({ kind: 'remove-guest', guestId });
    const known = host.description?.guestSettings.find((one) => one.guestId === guestId);
    const oldest = events.actions.findLast((one) => one.runId === host.description?.run.id);
    return action?.hostMs ?? known?.removedByScenarioMs ?? oldest?.hostMs ?? null;
  }

  /** Whether a guest has not started yet: the scenario starts it later. */
  function isWaiting(guestId: number): boolean {
    const known = host.description?.guestSettings.find((one) => one.guestId === guestId)?.presence;
    return known === 'waiting' && !isRemoved(guestId);
  }

  return { setting, valueNow, isRemoved, removedMs, isWaiting };
});
