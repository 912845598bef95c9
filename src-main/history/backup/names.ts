import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const BACKUP = '.backup';
const ANCHOR = '.anchor.json';
const SET_ASIDE = '.set-aside';

/** What SQLite puts beside a database, by the suffix of its name. */
export const COMPANIONS = ['-journal', '-wal', '-shm'] as const;

/** A backup by its name: it is whole, since it got this name only when it was. */
export interface Backup {
  readonly file: string;
  /** The anchor of its audit. */
  readonly anchorFile: string;
  /** Wall time at which it was begun, ms since 1970. */
  readonly madeAtMs: number;
}

/** Where the backups of a history are kept unless somebody says otherwise. */
export function backupFolderOf(file: string): string {
  return join(dirname(file), 'backups');
}

/** The name of the backup of `file` that is made at a wall time: "history.db.2024-01-15T10-15-30-123Z.backup". */
export function backupNamed(file: string, folder: string, madeAtMs: number): Backup {
  const path = join(folder, `${basename(file)}.${stamp(madeAtMs)}${BACKUP}`);
  return { file: path, anchorFile: path + ANCHOR, madeAtMs };
}

/** The first name of this time or later that nothing has. */
export function freeBackupName(file: string, folder: string, nowMs: number): Backup {
  let name = backupNamed(file, folder, nowMs);
  while (existsSync(name.file)) name = backupNamed(file, folder, name.madeAtMs + 1);
  return name;
}

/** The name, beside `file`, to set it aside under at a wall time; nothing has it. */
export function freeSetAsideName(file: string, nowMs: number): string {
  const named = (ms: number): string => `${file}.${stamp(ms)}${SET_ASIDE}`;
  let ms = nowMs;
  while (['', ...COMPANIONS].some((suffix) => existsSync(named(ms) + suffix))) ms++;
  return named(ms);
}

/** The backups of histories named as `file` in a folder, newest first; none where there is no folder. */
export function listBackups(file: string, folder: string): Backup[] {
  const before = `${basename(file)}.`;
  return entriesOf(folder)
    .filter((name) => name.startsWith(before) && name.endsWith(BACKUP))
    .map((name) => timeOf(name.slice(before.length, -BACKUP.length)))
    .filter((madeAtMs) => !Number.isNaN(madeAtMs))
    .sort((a, b) => b - a)
    .map((madeAtMs) => backupNamed(file, folder, madeAtMs));
}

/** A history that another file took the place of. */
export interface SetAside {
  readonly file: string;
  /** Wall time at which it was set aside, ms since 1970. */
  readonly madeAtMs: number;
}

/** The histories that were set aside beside `file`, newest first. */
export function listSetAside(file: string): SetAside[] {
  const before = `${basename(file)}.`;
  return entriesOf(dirname(file))
    .filter((name) => name.startsWith(before) && name.endsWith(SET_ASIDE))
    .map((name) => ({
      file: join(dirname(file), name),
      madeAtMs: timeOf(name.slice(before.length, -SET_ASIDE.length)),
    }))
    .filter(({ madeAtMs }) => !Number.isNaN(madeAtMs))
    .sort((a, b) => b.madeAtMs - a.madeAtMs);
}

/** The database that a backup is written into before it counts as one. Only one process at a time makes backups there. */
export function unfinishedBackup(file: string, folder: string): string {
  return join(folder, `${basename(file)}.unfinished`);
}

/** Anchors whose backup was never finished. */
export function strayAnchors(file: string, folder: string): string[] {
  const names = new Set(entriesOf(folder));
  return [...names]
    .filter((name) => name.startsWith(`${basename(file)}.`) && name.endsWith(BACKUP + ANCHOR))
    .filter((name) => !names.has(name.slice(0, -ANCHOR.length)))
    .map((name) => join(folder, name));
}

function entriesOf(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Wall time in UTC, in characters that any file system takes. */
function stamp(ms: number): string {
  return new Date(ms).toISOString().replaceAll(/[:.]/g, '-');
}

/** The time of a stamp, or NaN. */
function timeOf(text: string): number {
  const parts = /^(\d{4}-\d\d-\d\dT\d\d)-(\d\d)-(\d\d)-(\d{3}Z)$/.exec(text);
  if (parts === null) return NaN;
  const [, hour = '', minute = '', second = '', rest = ''] = parts;
  return Date.parse(`${hour}:${minute}:${second}.${rest}`);
}
