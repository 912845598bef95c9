import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import type { ConsoleError } from '#contract/errors.ts';
import type { Action, ClockEvent } from '#contract/model.ts';
import { consoleErrorOf, useConnection } from './connection.ts';

/** Most actions and most clock events kept in the window; the rest is in the history. */
const KEPT = 500;

/**
 * Later ones first. Host time alone would not do: a run that goes on after a restart begins again a little before where it
 * stopped.
 */
export function newestFirst(a: { runId: number; wallMs: number }, b: { runId: number; wallMs: number }): number {
  return b.runId - a.runId || b.wallMs - a.wallMs;
}

const clockKey = (event: ClockEvent): string => `${event.runId} ${event.hostMs} ${event.kind} ${event.detail}`;

/** Admin actions and clock events, newest first: from the history at the start, then from the stream. */
export const useEvents = defineStore('events', () => {
  const connection = useConnection();
  const actions = shallowRef<readonly Action[]>([]);
  const clockEvents = shallowRef<readonly ClockEvent[]>([]);
  const state = shallowRef<'loading' | 'ready' | 'failed'>('loading');
  const failure = shallowRef<ConsoleError | null>(null);

  /** Adds what is new; what is known already stays once. */
  function add(newActions: readonly Action[], newClockEvents: readonly ClockEvent[]): void {
    if (newActions.length > 0) {
      const known = new Set(actions.value.map(({ id }) => id));
      const fresh = newActions.filter(({ id }) => !known.has(id));
      actions.value = [...actions.value, ...fresh].sort((a, b) => b.runId - a.runId || b.id - a.id).slice(0, KEPT);
    }
    if (newClockEvents.length > 0) {
      const known = new Set(clockEvents.value.map(clockKey));
      const fresh = newClockEvents.filter((event) => !known.has(clockKey(event)));
      clockEvents.value = [...clockEvents.value, ...fresh].sort(newestFirst).slice(0, KEPT);
    }
  }

  async function load(): Promise<void> {
    try {
      const found = await connection.request('history.events', { range: null, limit: KEPT });
      add(found.actions, found.clockEvents);
      state.value = 'ready';
      failure.value = null;
    } catch (thrown) {
      failure.value = consoleErrorOf(thrown);
      state.value = 'failed';
    }
  }

  /** The history may be another one now. */
  function forget(): void {
    actions.value = [];
    clockEvents.value = [];
    state.value = 'loading';
  }

  const latestAction = computed(() => actions.value[0] ?? null);

  return { actions, clockEvents, latestAction, state, failure, add, load, forget };
});
