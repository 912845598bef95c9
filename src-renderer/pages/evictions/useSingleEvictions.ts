import { ref, shallowRef, watch, type Ref } from 'vue';
import type { ConsoleError } from '#contract/errors.ts';
import type { EvictionFilter, SampledEviction } from '#contract/requests.ts';
import { consoleErrorOf, useConnection } from '../../stores/connection.ts';

const PAGE_ROWS = 200;

/** Single evictions under a filter, newest first, page by page; read only while somebody looks at them. */
export function useSingleEvictions(filter: Ref<EvictionFilter | null>, isShown: Ref<boolean>) {
  const connection = useConnection();
  const rows = shallowRef<readonly SampledEviction[] | null>(null);
  const more = ref(false);
  const loading = ref(false);
  const failure = shallowRef<ConsoleError | null>(null);
  let turn = 0;

  async function read(after: SampledEviction['cursor'] | null): Promise<void> {
    const wanted = filter.value;
    if (wanted === null) return;
    const mine = ++turn;
    loading.value = true;
    failure.value = null;
    try {
      const found = await connection.request('history.evictionSamples', { filter: wanted, after, limit: PAGE_ROWS });
      if (mine !== turn) return;
      rows.value = after === null ? found.rows : [...(rows.value ?? []), ...found.rows];
      more.value = found.more;
    } catch (thrown) {
      if (mine === turn) failure.value = consoleErrorOf(thrown);
    } finally {
      if (mine === turn) loading.value = false;
    }
  }

  const reload = (): Promise<void> => read(null);
  const loadMore = (): Promise<void> => (loading.value ? Promise.resolve() : read(rows.value?.at(-1)?.cursor ?? null));
  watch(
    [filter, isShown],
    () => {
      rows.value = null;
      if (isShown.value) void reload();
    },
    { immediate: true },
  );
  return { rows, more, loading, failure, reload, loadMore };
}
