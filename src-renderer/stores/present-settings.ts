import { defineStore } from 'pinia';
import { newestValue } from '../charts/window-series.ts';
import { axisSecondOf } from './axis.ts';
import { useEvents } from './events.ts';
import { useHost } from './host.ts';
import { useLive } from './live.ts';
import type { SettingKind } from './staged-change.ts';

/** The settings as the host has them. */
export const usePresentSettings = defineStore('present-settings', () => {
  const host = useHost();
  const live = useLive();
  const events = useEvents();

  /**
   * Of the newest sample, or of an action that came after it (while the host is paused no sample follows an action). NaN
   * where nothing is known yet.
   */
  function setting(kind: SettingKind, guestId: number): number {
    const ring = live.now.ring;
    const sampled = newestValue(ring, { guestId, column: kind === 'weight' ? 'weight' : 'targetPages' });
    const runId = host.description?.run.id;
    const action = events.actions.find((one) => one.kind === kind && one.guestId === guestId && one.runId === runId);
    if (action === undefined) return sampled;
    const second = axisSecondOf(action.runId, action.hostMs, host.runs, host.description);
    return second !== null && second > ring.newest ? action.after : sampled;
  }

  return { setting };
});
