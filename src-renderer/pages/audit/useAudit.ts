import { computed, onBeforeUnmount, reactive, ref, shallowRef, watch } from 'vue';
import type { ConsoleError } from '#contract/errors.ts';
import type { RequestAnswer } from '#contract/requests.ts';
import type { AuditAnchor, AuditRow, AuditVerification, ShownRestoration } from '#contract/reports.ts';
import { consoleErrorOf, useConnection } from '../../stores/connection.ts';
import { useHost } from '../../stores/host.ts';
import { useLive } from '../../stores/live.ts';
import { readAnchor } from './read-anchor.ts';

const PAGE_ROWS = 100;

export type AuditKind = AuditRow['action']['kind'];

/** The record of the admin actions under a filter, page by page; and what looking through its chain found. */
export function useAudit() {
  const connection = useConnection();
  const host = useHost();
  const live = useLive();
  const filter = reactive<{ guests: string[]; kinds: AuditKind[] }>({ guests: [], kinds: [] });
  /** The row that the list begins with instead of the newest one: somebody was led here to see it. */
  const fromRow = ref<number | null>(null);
  const restorations = shallowRef<readonly ShownRestoration[]>([]);
  const answer = shallowRef<RequestAnswer<'history.audit'> | null>(null);
  const rows = shallowRef<readonly AuditRow[]>([]);
  const failure = shallowRef<ConsoleError | null>(null);
  const moreFailure = shallowRef<ConsoleError | null>(null);
  const more = ref(false);
  const loadingMore = ref(false);
  let turn = 0;

  const ask = (before: number | null) =>
    connection.request('history.audit', {
      guests: [...filter.guests],
      kinds: [...filter.kinds],
      before,
      limit: PAGE_ROWS,
    });

  async function loadRestorations(): Promise<void> {
    try {
      restorations.value = (await connection.request('history.restorations', {})).restorations;
    } catch (thrown) {
      moreFailure.value = consoleErrorOf(thrown);
    }
  }

  async function reload(): Promise<void> {
    const mine = ++turn;
    void loadRestorations();
    try {
      const found = await ask(fromRow.value === null ? null : fromRow.value + 1);
      if (mine !== turn) return;
      answer.value = found;
      rows.value = found.rows;
      more.value = found.more;
      failure.value = null;
      moreFailure.value = null;
    } catch (thrown) {
      if (mine === turn) failure.value = consoleErrorOf(thrown);
    }
  }

  async function loadMore(): Promise<void> {
    const last = rows.value.at(-1);
    if (last === undefined || loadingMore.value) return;
    const mine = turn;
    loadingMore.value = true;
    moreFailure.value = null;
    try {
      const found = await ask(last.action.id);
      if (mine !== turn) return;
      rows.value = [...rows.value, ...found.rows];
      more.value = found.more;
    } catch (thrown) {
      if (mine === turn) moreFailure.value = consoleErrorOf(thrown);
    } finally {
      loadingMore.value = false;
    }
  }

  // The history can be asked once the host has described itself.
  watch(
    () => host.phase,
    (phase) => {
      if (phase === 'ready') void reload();
    },
    { immediate: true },
  );
  watch([filter, fromRow], () => void reload());
  // A restoration puts another history in place.
  watch(
    () => live.filled,
    (filled) => {
      if (filled && answer.value !== null) void reload();
    },
  );
  let refreshing = false;
  /** Reads the newest rows again and keeps the older ones that were paged in. */
  async function refresh(): Promise<void> {
    if (refreshing || answer.value === null || fromRow.value !== null) return;
    const mine = turn;
    refreshing = true;
    try {
      const found = await ask(null);
      if (mine !== turn) return;
      const oldest = found.rows.at(-1)?.action.id ?? 0;
      const newest = rows.value[0]?.action.id ?? 0;
      if (oldest > newest) more.value = found.more;
      rows.value =
        oldest > newest ? found.rows : [...found.rows, ...rows.value.filter(({ action }) => action.id < oldest)];
      answer.value = found;
    } catch (thrown) {
      if (mine === turn) moreFailure.value = consoleErrorOf(thrown);
    } finally {
      refreshing = false;
    }
  }
  const stopFrames = live.onFrame((frame) => {
    const waiting = rows.value.slice(0, PAGE_ROWS).some(({ outcome }) => outcome === 'committed');
    if (frame.actions.length > 0 || waiting) void refresh();
  });
  onBeforeUnmount(stopFrames);

  const verification = shallowRef<AuditVerification | null>(null);
  const verifyFailure = shallowRef<ConsoleError | null>(null);
  const verifying = ref(false);
  /** What a person pasted to compare the end of the chain with. */
  const pasted = ref('');
  const givenAnchor = computed(() => readAnchor(pasted.value));
  /** The anchor that the last look compared with. */
  const comparedWith = shallowRef<AuditAnchor | null>(null);
  async function verify(): Promise<void> {
    const given = givenAnchor.value;
    if (verifying.value || !given.ok) return;
    verifying.value = true;
    try {
      const argument = given.anchor === null ? {} : { anchor: given.anchor };
      verification.value = await connection.request('history.verifyAudit', argument);
      comparedWith.value = given.anchor;
      verifyFailure.value = null;
    } catch (thrown) {
      verification.value = null;
      verifyFailure.value = consoleErrorOf(thrown);
    } finally {
      verifying.value = false;
    }
  }

  /** The anchor as the command line reads it. */
  const anchorText = computed(() => {
    if (verification.value === null) return '';
    const { historyId, rows: length, headHash, checkedAtWallMs } = verification.value;
    return JSON.stringify({
      format: 'tmem-console audit anchor 1',
      databaseId: historyId,
      rows: length,
      headHash,
      madeAtMs: checkedAtWallMs,
    });
  });

  return {
    filter,
    fromRow,
    restorations,
    answer,
    rows,
    more,
    failure,
    moreFailure,
    loadingMore,
    reload,
    loadMore,
    verification,
    verifyFailure,
    verifying,
    verify,
    pasted,
    givenAnchor,
    comparedWith,
    anchorText,
  };
}
