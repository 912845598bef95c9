import { useEventListener } from '@vueuse/core';
import { useStaged } from '../../stores/staged.ts';
import { useDialogs } from '../frame/useDialogs.ts';

/** Typed text that is not staged yet has an undo of its own. */
function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement) return true;
  if (!(target instanceof HTMLInputElement) || ['checkbox', 'radio', 'range', 'button'].includes(target.type)) {
    return false;
  }
  return target.dataset['dirty'] !== 'false';
}

/** Ctrl+Z undoes, Ctrl+Shift+Z and Ctrl+Y redo, Ctrl+Enter applies what is staged: on every page. */
export function useTrayKeys(): void {
  const tray = useStaged();
  const dialogs = useDialogs();

  useEventListener(document, 'keydown', (event: KeyboardEvent) => {
    if (event.defaultPrevented || !(event.ctrlKey || event.metaKey) || event.altKey) return;
    if (dialogs.palette.value || dialogs.sheet.value) return;
    const key = event.key.toLowerCase();
    if (key === 'enter') {
      event.preventDefault();
      // What is typed in the focused cell is staged first.
      if (event.target instanceof HTMLInputElement) event.target.dispatchEvent(new Event('change', { bubbles: true }));
      void tray.apply();
      return;
    }
    if ((key !== 'z' && key !== 'y') || isTyping(event.target)) return;
    event.preventDefault();
    if (key === 'y' || event.shiftKey) void tray.redo();
    else void tray.undo();
  });
}
