import type { WebContents } from 'electron';
import type { TellError } from './log.ts';

/** A page that keeps crashing is left alone after this many times in {@link WITHIN_MS}. */
const RELOADS_MAX = 3;
const WITHIN_MS = 60_000;

/** Loads the page again when its process dies: the host runs on, and nothing but the view is lost. */
export function reloadAfterCrash(contents: WebContents, onError: TellError): void {
  let crashes: number[] = [];
  contents.on('render-process-gone', (_event, { reason, exitCode }) => {
    if (reason === 'clean-exit') return;
    const now = Date.now();
    crashes = [...crashes.filter((at) => now - at < WITHIN_MS), now];
    const again = crashes.length <= RELOADS_MAX;
    onError('the page', new Error(`Its process ended (${reason}, ${exitCode}). ${again ? 'Loading it again.' : ''}`));
    if (again) contents.reload();
  });
}
