/**
 * A process that makes a backup, prints what came of it as JSON, or stops in the middle ("half way" on stdout) and waits to
 * be killed. Arguments: the history; the folder; "stop" to stop in the middle, or "nobody" to give up the rights of root.
 */
import { writeSync } from 'node:fs';
import Database from 'better-sqlite3';
import { ConsoleError } from '#contract/errors.ts';
import { backupHistory } from '../../../src-main/history/backup/backup.ts';

const [file = '', folder = '', how] = process.argv.slice(2);
// Loads the native part while the process may still read it.
new Database(':memory:').close();
if (how === 'nobody') {
  process.setgid?.(65_534);
  process.setuid?.(65_534);
}
const stop = ({ done, total }: { done: number; total: number }): void => {
  if (how !== 'stop' || done === 0 || done === total) return;
  writeSync(1, 'half way\n');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
};
backupHistory(file, folder, { onProgress: stop }).then(
  ({ bytes }) => process.stdout.write(JSON.stringify({ bytes })),
  (error: unknown) => process.stdout.write(JSON.stringify(ConsoleError.failureOf(error))),
);
