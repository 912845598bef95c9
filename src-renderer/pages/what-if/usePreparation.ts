import { useDocumentVisibility, useIntervalFn } from '@vueuse/core';
import { computed, watch } from 'vue';
import type { RequestArgument } from '#contract/requests.ts';
import { useConnection } from '../../stores/connection.ts';

/** How often it is made ready again: what comes to be studied ends now, and now moves on. */
const AGAIN_MS = 60_000;
/** How long a choice has to stand before it is made ready. */
const SETTLED_MS = 300;

/**
 * Has a study made ready while its page is looked at, so that its first answer comes at once: when the page is opened, when
 * another stretch of time is chosen, and now and then. Nothing is made ready while a study is under way.
 */
export function usePreparation(
  stretch: () => RequestArgument<'study.prepare'> | null,
  chosenHorizonMs: () => number,
  isUnderWay: () => boolean,
): void {
  const connection = useConnection();
  const visibility = useDocumentVisibility();
  /** What was chosen: a stretch that is cut off by the record, and grows with it, is not another one each second. */
  const chosen = computed(() => {
    const now = stretch();
    return now === null || visibility.value !== 'visible' || isUnderWay()
      ? null
      : JSON.stringify([now.start, chosenHorizonMs()]);
  });

  function prepare(): void {
    const now = stretch();
    // What fails is told by the study itself.
    if (now !== null && chosen.value !== null) void connection.request('study.prepare', now).catch(() => null);
  }

  watch(
    chosen,
    (now, _before, onCleanup) => {
      if (now === null) return;
      const timer = setTimeout(prepare, SETTLED_MS);
      onCleanup(() => clearTimeout(timer));
    },
    { immediate: true },
  );
  useIntervalFn(prepare, AGAIN_MS);
}
