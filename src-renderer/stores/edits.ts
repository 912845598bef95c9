import { defineStore } from 'pinia';
import { reactive, shallowRef } from 'vue';
import type { ConsoleError } from '#contract/errors.ts';
import type { Action, Change } from '#contract/model.ts';
import { newestValue } from '../charts/window-series.ts';
import { axisSecondOf } from './axis.ts';
import { consoleErrorOf } from './connection.ts';
import { appliedText } from './event-text.ts';
import { useEvents } from './events.ts';
import { useHost } from './host.ts';
import { useLive } from './live.ts';

export type SettingKind = Change['kind'];

/** What a person typed over a setting and has not seen applied yet. It outlives its page and any failure. */
export interface Edit {
  text: string;
  /** The setting when typing began, to tell when it changed elsewhere meanwhile. */
  readonly before: number;
  busy: boolean;
  failure: ConsoleError | null;
}

const keyOf = (kind: SettingKind, guestId: number): string => `${kind} ${guestId}`;

/** Edits of weights and balloon targets: what is typed, on its way, refused or applied. */
export const useEdits = defineStore('edits', () => {
  const host = useHost();
  const live = useLive();
  const events = useEvents();
  const edits = reactive(new Map<string, Edit>());
  /** The last change applied from this window, by guest. */
  const applied = reactive(new Map<number, Action>());
  /** Said aloud: the outcome of the last change. */
  const announcement = shallowRef('');

  function edit(kind: SettingKind, guestId: number): Edit | undefined {
    return edits.get(keyOf(kind, guestId));
  }

  /**
   * The setting as the host has it: of the newest sample, or of an action that came after it (while the host is paused no
   * sample follows an action).
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

  /** Keeps what is typed; what says the same as the setting is no edit. */
  function type(kind: SettingKind, guestId: number, text: string, shown: string): void {
    const key = keyOf(kind, guestId);
    applied.delete(guestId);
    if (text === shown) edits.delete(key);
    else {
      const was = edits.get(key);
      edits.set(key, { text, before: was?.before ?? setting(kind, guestId), busy: was?.busy ?? false, failure: null });
    }
  }

  function revert(kind: SettingKind, guestId: number): void {
    edits.delete(keyOf(kind, guestId));
  }

  /** Sends a change. Where it is refused the typed text stays, with the sentence beside it. */
  async function apply(kind: SettingKind, guestId: number, value: number): Promise<void> {
    const sent = edit(kind, guestId);
    if (sent === undefined || sent.busy) return;
    const text = sent.text;
    sent.busy = true;
    sent.failure = null;
    try {
      const change: Change =
        kind === 'weight' ? { kind, guestId, value } : { kind: 'balloon-target', guestId, valuePages: value };
      const actions = await host.applyChanges([change]);
      events.add(actions, []);
      const action = actions.find((one) => one.guestId === guestId && one.kind === kind);
      if (action !== undefined) {
        applied.set(guestId, action);
        announcement.value = appliedText(action);
      }
      const now = edit(kind, guestId);
      // What was typed while the change was on its way is a new edit.
      if (now?.text === text) edits.delete(keyOf(kind, guestId));
      else if (now !== undefined) now.busy = false;
    } catch (thrown) {
      const now = edit(kind, guestId);
      if (now === undefined) return;
      now.busy = false;
      now.failure = consoleErrorOf(thrown);
      announcement.value = `Not applied. ${now.failure.message}`;
    }
  }

  return { edits, applied, announcement, edit, setting, type, revert, apply };
});
