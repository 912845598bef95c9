import { computed, watch } from 'vue';
import { useBackups } from '../../stores/backups.ts';
import { useHost } from '../../stores/host.ts';

const CODES: readonly (string | undefined)[] = ['history-damaged', 'history-missing'];

/** Why there is no history, asked for whenever the host says that it has none. */
export function useRecovery() {
  const host = useHost();
  const backups = useBackups();
  watch(
    () => host.failure,
    (failure) => {
      if (!CODES.includes(failure?.code)) return;
      void backups.load();
      void backups.lookForRecovery();
    },
    { immediate: true },
  );
  return { recovery: computed(() => backups.recovery) };
}
