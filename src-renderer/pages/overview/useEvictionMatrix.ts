import { useDocumentVisibility, useIntervalFn } from '@vueuse/core';
import { computed, shallowRef, watch, type Ref } from 'vue';
import type { ConsoleError } from '#contract/errors.ts';
import type { RequestAnswer } from '#contract/requests.ts';
import { consoleErrorOf, useConnection } from '../../stores/connection.ts';
import { evictionMatrix } from '../../stores/eviction-matrix.ts';
import { useHost } from '../../stores/host.ts';
import { useLive } from '../../stores/live.ts';
import type { TimeWindow } from '../../stores/preferences.ts';
import { windowRange } from '../../stores/time-windows.ts';

const ASK_EVERY_MS = 2_000;

/** Who evicted whom in the page's window, from the history, asked again while host time moves. */
export function useEvictionMatrix(window: Ref<TimeWindow>) {
  const connection = useConnection();
  const host = useHost();
  const live = useLive();
  const visibility = useDocumentVisibility();
  const summary = shallowRef<RequestAnswer<'history.evictionSummary'> | null>(null);
  const failure = shallowRef<ConsoleError | null>(null);
  let turn = 0;
  let askedFor = '';

  async function ask(): Promise<void> {
    const newest = live.now.ring.newest;
    const wanted = `${window.value} ${newest}`;
    if (newest < 0 && live.filled) summary.value ??= { cells: [], pages: 0, seconds: 0 };
    if (newest < 0 || visibility.value === 'hidden' || wanted === askedFor) return;
    askedFor = wanted;
    const mine = ++turn;
    const { fromS, toS } = windowRange(window.value, newest);
    const range = { fromS: Math.max(0, fromS), toS };
    try {
      const filter = { range, victims: [], beneficiaries: [], reasons: [] };
      const found = await connection.request('history.evictionSummary', { filter });
      if (mine !== turn) return;
      summary.value = found;
      failure.value = null;
    } catch (thrown) {
      if (mine === turn) failure.value = consoleErrorOf(thrown);
    }
  }

  watch([window, visibility, () => live.filled], () => void ask(), { immediate: true });
  useIntervalFn(() => void ask(), ASK_EVERY_MS);

  const matrix = computed(() => (summary.value === null ? null : evictionMatrix(summary.value, host.guests)));
  function retry(): void {
    askedFor = '';
    void ask();
  }
  return { matrix, failure, retry };
}
