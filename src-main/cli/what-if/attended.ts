import { ConsoleError } from '#contract/errors.ts';
import type { StudyOptions } from '#main/what-if/study.ts';
import { StudyError } from '#main/what-if/study-error.ts';

const SHOW_EVERY_MS = 100;

/**
 * Runs work that Ctrl+C cancels, with one line of progress on a terminal's stderr.
 * @param how `savesNothing`: there is nothing to be ended in order, so the system ends the process at once, whatever it is
 * at; shells tell that as exit code 130 too
 * @throws ConsoleError instead of the errors of studies: `bad-argument` or `cancelled`
 */
export async function attended<T>(
  work: (stage: (title: string) => StudyOptions) => Promise<T>,
  { savesNothing = false }: { readonly savesNothing?: boolean } = {},
): Promise<T> {
  const cancel = new AbortController();
  const onInterrupt = (): void => cancel.abort();
  if (!savesNothing) process.on('SIGINT', onInterrupt);
  const line = new ProgressLine();
  try {
    return await work((title) => ({ signal: cancel.signal, onProgress: (done) => line.show(title, done) }));
  } catch (error) {
    if (!(error instanceof StudyError)) throw error;
    const code = error.code === 'cancelled' ? 'cancelled' : 'bad-argument';
    throw new ConsoleError(code, error.message, error.remedy, { cause: error });
  } finally {
    line.clear();
    process.removeListener('SIGINT', onInterrupt);
  }
}

/** One line on a terminal, rewritten, with the time that is left; nothing where stderr is none. */
class ProgressLine {
  private readonly shown = process.stderr.isTTY;
  private title = '';
  private beganAt = 0;
  private lastAt = -Infinity;

  show(title: string, done: number): void {
    const now = performance.now();
    if (title !== this.title) {
      this.title = title;
      this.beganAt = now;
    }
    if (!this.shown || now - this.lastAt < SHOW_EVERY_MS) return;
    this.lastAt = now;
    const leftS = done > 0.02 ? ((now - this.beganAt) / 1000) * (1 / done - 1) : NaN;
    const left = Number.isNaN(leftS) ? '' : `, ${Math.ceil(leftS)} s left`;
    process.stderr.write(`\r\x1b[K${title}: ${Math.floor(100 * done)} %${left}`);
  }

  clear(): void {
    if (this.shown && this.lastAt > -Infinity) process.stderr.write('\r\x1b[K');
  }
}
