import { readFileSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import * as v from 'valibot';
import { ConsoleError } from '#contract/errors.ts';
import type { Anchor } from '#main/history/audit/anchor.ts';
import { AnchorSchema, anchorOf } from '#main/history/audit/anchor.ts';
import type { Restoration } from '#main/history/audit/restorations.ts';
import type { Verification } from '#main/history/audit/verify.ts';
import { verifyAudit } from '#main/history/audit/verify.ts';
import type { Connection } from '#main/history/connection.ts';
import { historyError } from '#main/history/connection.ts';
import { openHistory } from '#main/history/open-history.ts';
import { EXIT_FAILED } from '../exit-codes.ts';

const HELP = `
The audit is a chain: each row's hash covers the row before it. "verify" finds rows that were altered, inserted or removed;
with an anchor (row count and last hash, made by "anchor" and kept elsewhere) also a tail that was cut off.
It cannot find rows that somebody with write access appended with correct hashes, a chain that was rewritten from some row to
its end where no anchor from after that row is given, or a chain rewritten together with its anchor.
It also tells each time a backup was put in the history's place, with the last row and hash of the audit that it replaced: an
anchor of that one then shows rows as cut off; they are in the file that was set aside. Where such records were removed from
their end, that does not show.

Exit codes of verify: 0 nothing found, 1 something found or the file cannot be read, 2 wrong arguments or anchor.`;

interface VerifyOptions {
  readonly db: string;
  readonly anchor?: string;
  readonly json?: true;
}

interface AnchorOptions {
  readonly db: string;
  readonly output?: string;
}

/** `tmem-console audit`: looks whether the record of the administrators' actions is as it was written. */
export function auditCommand(): Command {
  const command = new Command('audit')
    .summary('verify the record of admin actions, or make its anchor')
    .description('Verifies the append-only record of the admin actions of a history.')
    .addHelpText('after', HELP);
  command
    .command('verify')
    .description('Walks the whole chain and says which rows are not as they were written.')
    .requiredOption('--db <file>', 'the history')
    .option('--anchor <file>', 'an anchor made earlier')
    .option('--json', 'print the result as JSON')
    .action((options: VerifyOptions) => verify(options));
  command
    .command('anchor')
    .description('Prints the anchor of the audit as it stands: keep it where the history cannot be written from.')
    .requiredOption('--db <file>', 'the history')
    .option('-o, --output <file>', 'write it to this new file instead')
    .action((options: AnchorOptions) => makeAnchor(options));
  return command;
}

function verify({ db, anchor, json }: VerifyOptions): void {
  const known = anchor === undefined ? null : readAnchor(anchor);
  const result = withHistory(db, (connection) => verifyAudit(connection, known));
  process.stdout.write(json === true ? `${JSON.stringify(result)}\n` : sentences(result, known));
  if (!result.sound) process.exitCode = EXIT_FAILED;
}

function makeAnchor({ db, output }: AnchorOptions): void {
  const anchor = `${JSON.stringify(withHistory(db, (connection) => anchorOf(connection, Date.now())))}\n`;
  if (output === undefined) {
    process.stdout.write(anchor);
    return;
  }
  try {
    // An anchor that is there already is evidence: it is never written over.
    writeFileSync(output, anchor, { flag: 'wx' });
  } catch (error) {
    throw new ConsoleError('bad-argument', `The anchor can't be written to ${output}: ${reasonOf(error)}.`);
  }
}

function sentences({ rows, headHash, sound, findings, restorations }: Verification, anchor: Anchor | null): string {
  const lines = [...findings.map(({ sentence }) => sentence), ...restorations.map(restorationSentence)];
  if (sound) lines.push(`The audit is sound: ${rows} rows, last hash ${headHash}.`);
  if (anchor === null) lines.push('No anchor was given: a tail that was cut off would not show.');
  return `${lines.join('\n')}\n`;
}

function restorationSentence({ id, wallMs, backup, setAside, former, restored }: Restoration): string {
  const when = new Date(wallMs).toISOString();
  const place = setAside === null ? 'where there was none' : `in the place of what is now ${setAside}`;
  const head =
    former === null
      ? ''
      : ` There the audit of history ${former.databaseId} had ${former.rows} rows, last hash ${former.headHash}.`;
  return `Restoration ${id}, ${when}: ${backup} (${restored.rows} rows) was put ${place}.${head}`;
}

function withHistory<T>(file: string, use: (connection: Connection) => T): T {
  try {
    const connection = openHistory(file);
    try {
      return use(connection);
    } finally {
      connection.close();
    }
  } catch (error) {
    throw historyError(error, file);
  }
}

function readAnchor(file: string): Anchor {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConsoleError('bad-argument', `The anchor ${file} can't be read: ${reasonOf(error)}.`);
  }
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), AnchorSchema), text);
  if (read.success) return read.output;
  throw new ConsoleError('bad-argument', `The file ${file} is not an anchor of an audit: ${read.issues[0].message}.`);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
