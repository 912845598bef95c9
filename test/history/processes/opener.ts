/**
 * A process that tries to own a history, then to read it, and prints what came of both as JSON.
 * Arguments: the file; "nobody" to give up the rights of root first.
 */
import Database from 'better-sqlite3';
import { ConsoleError } from '#contract/errors.ts';
import { openForReading } from '../../../src-main/history/connection.ts';
import { HistoryWriter } from '../../../src-main/history/writer.ts';

const [file = '', user] = process.argv.slice(2);
// Loads the native part while the process may still read it.
new Database(':memory:').close();
if (user === 'nobody') {
  process.setgid?.(65_534);
  process.setuid?.(65_534);
}
let code = 'opened';
try {
  HistoryWriter.open({ file, appVersion: 'opener' }).close();
} catch (error) {
  code = ConsoleError.failureOf(error).code;
}
let runs: unknown = null;
try {
  const connection = openForReading(file);
  runs = connection.prepare('SELECT count(*) FROM runs').pluck().get();
  connection.close();
} catch {
  // There is nothing to read.
}
process.stdout.write(JSON.stringify({ code, runs }));
