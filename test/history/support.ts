import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HistoryWriter } from '#main/history/writer.ts';
import { onTestFinished } from 'vitest';

/** A folder that is gone when the test is. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tmem-history-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A file name in a fresh temporary folder. */
export function temporaryDatabase(): string {
  return join(temporaryFolder(), 'history.db');
}

/** An open writer that is closed when the test ends. */
export function openWriter(file: string, wallClock = () => 1_700_000_000_000): HistoryWriter {
  const writer = HistoryWriter.open({ file, appVersion: '0.0.0-test', wallClock });
  onTestFinished(() => writer.close());
  return writer;
}
