import { statSync } from 'node:fs';
import { ConsoleError } from '#contract/errors.ts';
import type { Connection } from './connection.ts';

/** What the last commit touched: the ends of the big tables. */
const LAST_ROWS = [
  'SELECT * FROM runs ORDER BY id DESC LIMIT 1',
  'SELECT * FROM actions ORDER BY id DESC LIMIT 1',
  'SELECT * FROM clockEvents ORDER BY id DESC LIMIT 1',
  'SELECT * FROM hostSamples ORDER BY runId DESC, second DESC LIMIT 1',
  'SELECT * FROM guestSamples ORDER BY runId DESC, second DESC, guestId DESC LIMIT 1',
  'SELECT * FROM evictions ORDER BY runId DESC, second DESC, row DESC LIMIT 1',
];

/**
 * The quick look at a database that was just opened, in time that does not grow with its size: the file is as long as it
 * says, the schema can be read, and so can the rows written last. It does not prove the rest sound; `quick_check` does.
 * @throws ConsoleError `history-damaged`; SQLite's own error where a page cannot be read.
 */
export function probeContents(connection: Connection, file: string): void {
  const pages = Number(connection.pragma('page_count', { simple: true }));
  const pageBytes = Number(connection.pragma('page_size', { simple: true }));
  // A reader that is busy may keep the log from being moved into the file; then the file may rightly be shorter.
  const isBusy = connection.pragma('wal_checkpoint(TRUNCATE)', { simple: true }) !== 0;
  const { size } = statSync(file);
  if (!isBusy && size < pages * pageBytes) {
    throw new ConsoleError(
      'history-damaged',
      `The history ${file} is damaged: it has ${size} bytes of the ${pages * pageBytes} that it should have.`,
      'Set the file aside (keep it) and start again: a new history begins. Or put a backup in its place.',
    );
  }
  for (const sql of LAST_ROWS) connection.prepare(sql).get();
}
