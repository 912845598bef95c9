import { Command } from 'commander';
import { backupHistory } from '#main/history/backup/backup.ts';
import { backupFolderOf } from '#main/history/backup/names.ts';
import { restoreBackup } from '#main/history/backup/restore.ts';

const BACKUP_HELP = `
The history may be in use. The backup is one file, checked, with the anchor of its audit beside it. Of older backups of the
same history in the folder the newest three of the day, the newest of each other day, ten in all, are kept. Days are UTC.

Exit codes: 0 done, 1 failed (the history is damaged, the disk is full …), 2 wrong arguments.`;

const RESTORE_HELP = `
Nobody may own the history: close the console first. The file that stood there is kept beside it under a name with the time,
and can be restored the same way. "audit verify" tells each restoration.

Exit codes: 0 done, 1 failed (the history is in use, the backup is damaged …; nothing has changed), 2 wrong arguments.`;

interface BackupOptions {
  readonly db: string;
  readonly folder?: string;
  readonly json?: true;
}

interface RestoreOptions {
  readonly db: string;
  readonly from: string;
  readonly json?: true;
}

/** `tmem-console backup`: a copy of a history as of now, while its owner goes on. */
export function backupCommand(): Command {
  return new Command('backup')
    .summary('back up a history, in use or not')
    .description('Copies a history as of now into a file of its own, and checks it.')
    .requiredOption('--db <file>', 'the history')
    .option('--folder <folder>', 'where to (default: the folder "backups" beside the history)')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', BACKUP_HELP)
    .action((options: BackupOptions) => backup(options));
}

/** `tmem-console restore`: a backup in the place of a history. */
export function restoreCommand(): Command {
  return new Command('restore')
    .summary('put a backup in the place of a history')
    .description('Checks a backup and puts a copy of it in the place of a history, which is kept.')
    .requiredOption('--db <file>', 'the history')
    .requiredOption('--from <backup>', 'the backup, or a file that was set aside')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', RESTORE_HELP)
    .action((options: RestoreOptions) => restore(options));
}

async function backup({ db, folder = backupFolderOf(db), json }: BackupOptions): Promise<void> {
  const made = await backupHistory(db, folder);
  if (json === true) {
    print(JSON.stringify(made));
    return;
  }
  const { file, bytes, anchor, removed } = made;
  print(`The backup is ${file} (${bytes} bytes, ${anchor.rows} rows of audit).`);
  for (const old of removed) print(`The old backup ${old} was removed.`);
}

async function restore({ db, from, json }: RestoreOptions): Promise<void> {
  const restored = await restoreBackup(db, from, { appVersion: 'command line' });
  if (json === true) {
    print(JSON.stringify(restored));
    return;
  }
  const { restoration, audit } = restored;
  print(`The history ${db} is now what ${restoration.backup} was.`);
  if (restoration.setAside !== null) print(`What stood there is kept: ${restoration.setAside}.`);
  for (const { sentence } of audit.findings) print(sentence);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
