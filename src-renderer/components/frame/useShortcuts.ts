import { useEventListener } from '@vueuse/core';
import { useRouter } from 'vue-router';
import { PAGES } from '../../router.ts';
import { useHost } from '../../stores/host.ts';
import { usePreferences } from '../../stores/preferences.ts';
import { useDialogs } from './useDialogs.ts';

/** Wall ms within which the second key of "g o" must follow. */
const SEQUENCE_MS = 1_200;

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches('input:not([type="range"]), textarea, select');
}

/**
 * The shortcuts that hold everywhere. Those of a single key do nothing while something is typed, and can be switched
 * off in the shortcut sheet.
 */
export function useShortcuts(): void {
  const host = useHost();
  const router = useRouter();
  const dialogs = useDialogs();
  const preferences = usePreferences();
  let goAt = -SEQUENCE_MS;

  const single: Readonly<Record<string, () => void>> = {
    '?': () => {
      dialogs.sheet.value = true;
    },
    p: () => void host.setPaused(!host.paused),
    1: () => void host.setSpeed('1x'),
    2: () => void host.setSpeed('10x'),
    3: () => void host.setSpeed('max'),
  };

  function onKey(event: KeyboardEvent): void {
    if (event.defaultPrevented) return;
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k') {
      event.preventDefault();
      dialogs.palette.value = !dialogs.palette.value;
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (!preferences.preferences.singleKeys || dialogs.palette.value || dialogs.sheet.value) return;
    const page = event.timeStamp - goAt < SEQUENCE_MS ? PAGES.find(({ key }) => key === event.key) : undefined;
    goAt = -SEQUENCE_MS;
    if (page !== undefined) void router.push(page.path);
    else if (event.key === 'g') goAt = event.timeStamp;
    else if (single[event.key] !== undefined) single[event.key]?.();
    else return;
    event.preventDefault();
  }
  useEventListener(document, 'keydown', onKey);
}
