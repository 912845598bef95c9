import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { ErrorCode } from '#contract/errors.ts';
import { ConsoleError } from '#contract/errors.ts';
import { openForReading } from '#main/history/connection.ts';
import { SCHEMA_VERSION } from '#main/history/migrations/index.ts';
import { HistoryWriter } from '#main/history/writer.ts';
import { Random } from '#main/host/random.ts';
import { describe, expect, it } from 'vitest';
import { newRun, randomBatch } from './samples.ts';
import { openWriter, temporaryDatabase, temporaryFolder } from './support.ts';

/** Opens, expecting to be refused with a code, a sentence that names the file, and a remedy. */
function refusalOf(file: string, code: ErrorCode): ConsoleError {
  try {
    HistoryWriter.open({ file, appVersion: '0' }).close();
  } catch (error) {
    if (!(error instanceof ConsoleError)) throw error;
    expect(error.code).toBe(code);
    expect(error.message).toContain(file);
    expect(error.message).toMatch(/\.$/);
    expect(error.remedy).toMatch(/\.$/);
    return error;
  }
  throw new Error(`${file} was opened.`);
}

/** A closed history with some rows in it. */
function filledDatabase(): string {
  const file = temporaryDatabase();
  const writer = HistoryWriter.open({ file, appVersion: '0' });
  writer.beginRun(newRun());
  writer.writeSeconds(randomBatch(new Random(1, 0), { firstSecond: 0, seconds: 500 }));
  writer.endRun();
  writer.close();
  return file;
}

/** Every file of the folder with its bytes. */
function contentsOf(folder: string): Map<string, string> {
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString('base64')]));
}

describe('opening a history', () => {
  it('creates the file and its folder', () => {
    const file = join(temporaryFolder(), 'a', 'b', 'history.db');
    openWriter(file);
    const connection = openForReading(file);
    expect(connection.pragma('user_version', { simple: true })).toBe(SCHEMA_VERSION);
    expect(connection.pragma('journal_mode', { simple: true })).toBe('wal');
    connection.close();
  });

  it('opens what it created, as often as one likes', () => {
    const file = filledDatabase();
    for (let time = 0; time < 3; time++) HistoryWriter.open({ file, appVersion: '0' }).close();
    const connection = openForReading(file);
    expect(connection.prepare('SELECT count(*) FROM hostSamples').pluck().get()).toBe(500);
    connection.close();
  });

  it('refuses a database of a newer version and leaves every byte as it is', () => {
    const file = filledDatabase();
    const raw = new Database(file);
    raw.pragma(`user_version = ${SCHEMA_VERSION + 1}`);
    raw.close();
    const folder = join(file, '..');
    const before = contentsOf(folder);
    const { message } = refusalOf(file, 'history-newer');
    expect(message).toContain(`schema ${SCHEMA_VERSION + 1}`);
    expect(contentsOf(folder)).toEqual(before);
  });

  it('refuses a newer version also where only the write-ahead log tells it', () => {
    const file = filledDatabase();
    const raw = new Database(file);
    raw.pragma('wal_autocheckpoint = 0');
    raw.pragma(`user_version = ${SCHEMA_VERSION + 5}`);
    const before = readFileSync(file).toString('base64');
    refusalOf(file, 'history-newer');
    expect(readFileSync(file).toString('base64')).toBe(before);
    raw.close();
  });

  it('refuses the database of another program and leaves it untouched', () => {
    const file = temporaryDatabase();
    const raw = new Database(file);
    raw.exec('CREATE TABLE bookmarks (url TEXT)');
    raw.close();
    const before = contentsOf(join(file, '..'));
    refusalOf(file, 'history-damaged');
    expect(contentsOf(join(file, '..'))).toEqual(before);
  });

  it('refuses a file that is no database and leaves it untouched', () => {
    const file = temporaryDatabase();
    writeFileSync(file, 'once upon a time '.repeat(100));
    refusalOf(file, 'history-damaged');
    expect(readFileSync(file, 'utf8')).toBe('once upon a time '.repeat(100));
  });

  it('refuses a file that was cut off', () => {
    const file = filledDatabase();
    truncateSync(file, 8192);
    refusalOf(file, 'history-damaged');
  });

  it('refuses a file whose schema page is garbled', () => {
    const file = filledDatabase();
    const bytes = readFileSync(file);
    bytes.fill(0xa5, 100, 4096);
    writeFileSync(file, bytes);
    refusalOf(file, 'history-damaged');
  });

  it('refuses a folder that is in truth a file', () => {
    const blocking = join(temporaryFolder(), 'file');
    writeFileSync(blocking, '');
    refusalOf(join(blocking, 'history.db'), 'history-unwritable');
  });

  it('refuses a folder without write permission', () => {
    const folder = join(temporaryFolder(), 'readonly');
    mkdirSync(folder);
    chmodSync(join(folder, '..'), 0o755);
    chmodSync(folder, 0o555);
    const file = join(folder, 'history.db');
    // Root may write anywhere: the process gives up its rights first.
    const user = process.getuid?.() === 0 ? ['nobody'] : [];
    const opener = join(import.meta.dirname, 'processes', 'opener.ts');
    const { stdout, stderr } = spawnSync(process.execPath, [opener, file, ...user], { encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({ stdout: '{"code":"history-unwritable","runs":null}', stderr: '' });
  });

  it('refuses to write to a full disk with a sentence, keeps what was there, and goes on when there is room', () => {
    const file = temporaryDatabase();
    const writer = openWriter(file);
    writer.beginRun(newRun());
    const random = new Random(2, 0);
    writer.writeSeconds(randomBatch(random, { firstSecond: 0, seconds: 10 }));
    const batch = randomBatch(random, { firstSecond: 10, seconds: 2000 });
    // Of effect on this connection alone; the same SQLITE_FULL as a full disk gives.
    const { connection } = writer as unknown as { connection: Database.Database };
    const limit = connection.pragma('max_page_count', { simple: true });
    connection.pragma(`max_page_count = ${String(connection.pragma('page_count', { simple: true }))}`);
    expect(() => writer.writeSeconds(batch)).toThrow(expect.objectContaining({ code: 'history-unwritable' }));
    const reader = openForReading(file);
    const stored = reader.prepare('SELECT count(*) FROM hostSamples').pluck();
    expect(stored.get()).toBe(10);
    connection.pragma(`max_page_count = ${String(limit)}`);
    writer.writeSeconds(batch);
    expect(stored.get()).toBe(2010);
    reader.close();
  });
});

describe('the owner of a history', () => {
  it('is one: a second writer in the same process is refused and told who owns it', () => {
    const file = temporaryDatabase();
    openWriter(file);
    const { message } = refusalOf(file, 'history-locked');
    expect(message).toContain(`process ${process.pid}`);
  });

  it('is one: a writer in another process is refused, a reader is not', () => {
    const file = temporaryDatabase();
    const writer = openWriter(file);
    writer.beginRun(newRun());
    const opener = join(import.meta.dirname, 'processes', 'opener.ts');
    const { stdout } = spawnSync(process.execPath, [opener, file], { encoding: 'utf8' });
    expect(JSON.parse(stdout)).toMatchObject({ code: 'history-locked', runs: 1 });
  });

  it('may change when the former one is gone', () => {
    const file = temporaryDatabase();
    for (let time = 0; time < 3; time++) {
      const writer = HistoryWriter.open({ file, appVersion: '0' });
      refusalOf(file, 'history-locked');
      writer.close();
    }
  });
});
