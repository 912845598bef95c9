import { useDocumentVisibility, useIntervalFn } from '@vueuse/core';
import { computed, shallowRef, watch } from 'vue';
import type { ConsoleError } from '#contract/errors.ts';
import type { RequestAnswer } from '#contract/requests.ts';
import { consoleErrorOf, useConnection } from '../../stores/connection.ts';
import { evictionMatrix } from '../../stores/eviction-matrix.ts';
import { useHost } from '../../stores/host.ts';
import { useLive } from '../../stores/live.ts';
import type { Range } from '../../stores/sample-ring.ts';
import { isAnswered, type TimeView } from '../../stores/time-views.ts';

const ASK_EVERY_MS = 2_000;

/** Who evicted whom in the page's window, from the history, asked again while host time moves. */
export function useEvictionMatrix(view: TimeView) {
  const connection = useConnection();
  const host = useHost();
  const live = useLive();
  const visibility = useDocumentVisibility();
  const summary = shallowRef<RequestAnswer<'history.evictionSummary'> | null>(null);
  const failure = shallowRef<ConsoleError | null>(null);
  let turn = 0;
  let answered: Range | null = null;

  async function ask(): Promise<void> {
    const newest = live.now.ring.newest;
    const { fromS, toS } = view.rangeAt(newest);
    if (newest < 0 && live.filled) summary.value ??= { cells: [], pages: 0, ages: [], seconds: 0 };
    if (newest < 0 || visibility.value === 'hidden' || isAnswered({ fromS, toS }, answered)) return;
    answered = { fromS, toS };
    const mine = ++turn;
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

  watch([view.window, view.fixed, visibility, () => live.filled], () => void ask(), { immediate: true });
  useIntervalFn(() => void ask(), ASK_EVERY_MS);

  const matrix = computed(() => (summary.value === null ? null : evictionMatrix(summary.value, host.guests)));
  function retry(): void {
    answered = null;
    void ask();
  }
  return { matrix, failure, retry };
}
