import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { ConsoleError } from '#contract/errors.ts';
import { verifyAudit } from '#main/history/audit/verify.ts';
import type { MadeBackup } from '#main/history/backup/backup.ts';
import { backupHistory } from '#main/history/backup/backup.ts';
import { newestGoodBackup, setAsideDamaged } from '#main/history/backup/damaged.ts';
import { backupFolderOf } from '#main/history/backup/names.ts';
import { restoreBackup } from '#main/history/backup/restore.ts';
import { openForReading, openForWriting } from '#main/history/connection.ts';
import { migrate } from '#main/history/migrate.ts';
import { MIGRATIONS, SCHEMA_VERSION } from '#main/history/migrations/index.ts';
import { HistoryWriter } from '#main/history/writer.ts';
import { Random } from '#main/host/random.ts';
import { describe, expect, it } from 'vitest';
import { newRun, randomBatch } from './samples.ts';
import { openWriter, temporaryDatabase } from './support.ts';

const PROCESSES = join(import.meta.dirname, 'processes');
const CLI = join(import.meta.dirname, '../../src-main/cli/main.ts');
const NOON = Date.UTC(2024, 0, 15, 12);
const options = { appVersion: '1.2.3', nowMs: NOON };

/** Records one more run with some seconds and one action. */
function addRun(file: string): void {
  const writer = HistoryWriter.open({ file, appVersion: '0' });
  writer.beginRun(newRun());
  writer.writeSeconds(randomBatch(new Random(1, 0), { firstSecond: 0, seconds: 50 }));
  writer.commitActions([{ hostMs: 5, kind: 'weight', guestId: 1, before: 1, after: 2, source: 'cli' }], 1);
  writer.endRun();
  writer.close();
}

/** A history of two runs, and a backup of it when it had one. */
async function backedUp(): Promise<{ file: string; backup: MadeBackup }> {
  const file = temporaryDatabase();
  addRun(file);
  const backup = await backupHistory(file, backupFolderOf(file), { nowMs: NOON });
  addRun(file);
  return { file, backup };
}

/** Runs in a history that is sound, opened as its owner would. */
function runsIn(file: string): number {
  HistoryWriter.open({ file, appVersion: '0' }).close();
  const connection = openForReading(file);
  try {
    expect(connection.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(verifyAudit(connection).findings).toEqual([]);
    return connection.prepare('SELECT count(*) FROM runs').pluck().get() as number;
  } finally {
    connection.close();
  }
}

/** Names beside the history, but for its own. */
function beside(file: string): string[] {
  const own = ['', '-owner', '-wal', '-shm'].map((suffix) => basename(file) + suffix);
  return readdirSync(dirname(file)).filter((name) => name !== 'backups' && !own.includes(name));
}

describe('restoring a backup', () => {
  it('puts it in place, keeps what stood there, and can be undone the same way', async () => {
    const { file, backup } = await backedUp();
    const { restoration } = await restoreBackup(file, backup.file, options);
    expect(beside(file)).toEqual(['history.db.2024-01-15T12-00-00-000Z.set-aside']);
    expect(runsIn(file)).toBe(1);
    expect(existsSync(backup.file)).toBe(true);
    await restoreBackup(file, restoration.setAside ?? '', { ...options, nowMs: NOON + 1 });
    expect(runsIn(file)).toBe(2);
    // And forth again.
    await restoreBackup(file, `${file}.2024-01-15T12-00-00-001Z.set-aside`, { ...options, nowMs: NOON + 2 });
    expect(runsIn(file)).toBe(1);
  });

  it('is told by the verified audit, anchored to the former head', async () => {
    const { file, backup } = await backedUp();
    const before = openForReading(file);
    const former = verifyAudit(before);
    before.close();
    await restoreBackup(file, backup.file, options);
    addRun(file);
    const connection = openForReading(file);
    const { databaseId } = backup.anchor;
    const verified = verifyAudit(connection, backup.anchor);
    expect(verified).toMatchObject({
      sound: true,
      rows: 2,
      restorations: [
        {
          id: 1,
          wallMs: NOON,
          appVersion: '1.2.3',
          backup: backup.file,
          setAside: `${file}.2024-01-15T12-00-00-000Z.set-aside`,
          former: { databaseId, rows: 2, headHash: former.headHash },
          restored: { databaseId, rows: 1, headHash: backup.anchor.headHash },
        },
      ],
    });
    connection.close();
    const { stdout } = spawnSync(process.execPath, [CLI, 'audit', 'verify', '--db', file], { encoding: 'utf8' });
    expect(stdout).toContain(
      `Restoration 1, 2024-01-15T12:00:00.000Z: ${backup.file} (1 rows) was put in the place of`,
    );
    expect(stdout).toContain(`2 rows, last hash ${former.headHash}`);
  });

  it('shows when its record was changed, or its triggers are gone', async () => {
    const { file, backup } = await backedUp();
    await restoreBackup(file, backup.file, options);
    const raw = new Database(file);
    for (const sql of ['UPDATE restorations SET id = 9', 'DELETE FROM restorations'])
      expect(() => raw.exec(sql)).toThrow(/append-only/);
    raw.exec('DROP TRIGGER restorationsNeverChanged');
    raw.exec(`UPDATE restorations SET content = replace(content, '"rows":2', '"rows":1')`);
    expect(verifyAudit(raw).findings.map(({ sentence }) => sentence)).toEqual([
      expect.stringContaining('restorationsNeverChanged'),
      expect.stringContaining('Restoration 1 is not as it was written'),
    ]);
    raw.close();
  });

  it('is refused while somebody owns the history, and changes nothing', async () => {
    const { file, backup } = await backedUp();
    const writer = openWriter(file);
    await expect(restoreBackup(file, backup.file, options)).rejects.toMatchObject({ code: 'history-locked' });
    writer.close();
    expect(beside(file)).toEqual([]);
    expect(runsIn(file)).toBe(2);
  });

  it('also works over a log that its writer left behind when it was killed', async () => {
    const { file, backup } = await backedUp();
    const recorder = spawn(process.execPath, [join(PROCESSES, 'recorder.ts'), file, '3'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(recorder.stdout, 'data');
    recorder.kill('SIGKILL');
    await once(recorder, 'exit');
    expect(statSync(`${file}-wal`).size).toBeGreaterThan(0);
    const { restoration } = await restoreBackup(file, backup.file, options);
    expect(runsIn(file)).toBe(1);
    await restoreBackup(file, restoration.setAside ?? '', { ...options, nowMs: NOON + 1 });
    expect(runsIn(file)).toBe(3);
  });

  it.each(['completed', 'kept', 'bared', 'placed'])(
    'that is killed when it was %s leaves the old or the new one, and can be done again',
    async (step) => {
      const { file, backup } = await backedUp();
      const restorer = spawn(process.execPath, [join(PROCESSES, 'restorer.ts'), file, backup.file, step], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(restorer.stdout, 'data');
      restorer.kill('SIGKILL');
      await once(restorer, 'exit');
      expect(runsIn(file)).toBe(step === 'placed' ? 1 : 2);
      await restoreBackup(file, backup.file, { ...options, nowMs: Date.now() + 10_000 });
      expect(runsIn(file)).toBe(1);
      expect(beside(file).filter((name) => !name.includes('.set-aside'))).toEqual([]);
    },
  );

  it('refuses a damaged, a newer, a foreign or a missing backup, and the history itself, and changes nothing', async () => {
    const { file, backup } = await backedUp();
    const copy = readFileSync(backup.file);
    const cases: [string, string, () => void][] = [
      [
        'history-damaged',
        'garbled',
        () => writeFileSync(backup.file, Buffer.from(copy).fill(0xa5, 4096 * 4, 4096 * 9)),
      ],
      ['history-damaged', 'cut off', () => writeFileSync(backup.file, copy.subarray(0, 8192))],
      ['history-damaged', 'no database', () => writeFileSync(backup.file, 'once upon a time '.repeat(100))],
      ['history-damaged', 'empty', () => writeFileSync(backup.file, '')],
      [
        'history-newer',
        'newer',
        () => {
          writeFileSync(backup.file, copy);
          const raw = new Database(backup.file);
          raw.pragma(`user_version = ${SCHEMA_VERSION + 1}`);
          raw.close();
        },
      ],
    ];
    for (const [code, what, spoil] of cases) {
      spoil();
      await expect(restoreBackup(file, backup.file, options), what).rejects.toMatchObject({ code });
    }
    for (const from of [`${backup.file}.none`, file])
      await expect(restoreBackup(file, from, options)).rejects.toMatchObject({ code: 'bad-argument' });
    expect(beside(file)).toEqual([]);
    expect(runsIn(file)).toBe(2);
  });

  it('leaves a history of a newer version untouched', async () => {
    const { file, backup } = await backedUp();
    const raw = new Database(file);
    raw.pragma(`user_version = ${SCHEMA_VERSION + 1}`);
    raw.close();
    const before = readFileSync(file).toString('base64');
    await expect(restoreBackup(file, backup.file, options)).rejects.toMatchObject({ code: 'history-newer' });
    expect(readFileSync(file).toString('base64')).toBe(before);
    expect(beside(file)).toEqual([]);
  });

  it('brings a backup of an older version up to date, and leaves the backup as it is', async () => {
    const old = temporaryDatabase();
    const connection = openForWriting(old, 'NORMAL');
    migrate(connection, old, { nowMs: 1, appVersion: '0', steps: MIGRATIONS.slice(0, 3) });
    connection.close();
    const { file } = await backedUp();
    await restoreBackup(file, old, options);
    expect(runsIn(file)).toBe(0);
    const reader = openForReading(old);
    expect(reader.pragma('user_version', { simple: true })).toBe(3);
    reader.close();
  });

  it('begins a history where there was none', async () => {
    const { backup } = await backedUp();
    const file = join(dirname(temporaryDatabase()), 'elsewhere', 'history.db');
    const { restoration } = await restoreBackup(file, backup.file, options);
    expect(restoration).toMatchObject({ setAside: null, former: null });
    expect(runsIn(file)).toBe(1);
  });

  it('keeps a reader of the old file from mixing the two', async () => {
    const { file, backup } = await backedUp();
    const reader = openForReading(file);
    const runs = reader.prepare('SELECT count(*) FROM runs').pluck();
    expect(runs.get()).toBe(2);
    await restoreBackup(file, backup.file, options);
    // Rows that are in the log of the new file alone.
    const writer = openWriter(file);
    for (let run = 0; run < 2; run++) {
      writer.beginRun(newRun());
      writer.endRun();
    }
    expect(runs.get()).toBe(2);
    expect(reader.pragma('integrity_check', { simple: true })).toBe('ok');
    reader.close();
    writer.close();
    expect(runsIn(file)).toBe(3);
  });
});

describe('a damaged history', () => {
  it('is refused with the newest good backup in the remedy, which can then be restored', async () => {
    const { file, backup } = await backedUp();
    const later = await backupHistory(file, backupFolderOf(file), { nowMs: NOON + 1 });
    writeFileSync(later.file, readFileSync(later.file).fill(0xa5, 4096 * 4, 4096 * 9));
    const damaged = readFileSync(file).fill(0xa5, 100, 4096);
    writeFileSync(file, damaged);
    let refused: unknown;
    try {
      openWriter(file);
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(ConsoleError);
    const { code, remedy } = ConsoleError.failureOf(refused);
    expect({ code, remedy }).toEqual({
      code: 'history-damaged',
      remedy: expect.stringContaining(`restore --db ${file} --from ${backup.file}`) as string,
    });
    expect(newestGoodBackup(file)).toMatchObject({ file: backup.file, madeAtMs: NOON });
    const { restoration } = await restoreBackup(file, backup.file, options);
    expect(restoration.former).toBeNull();
    expect(runsIn(file)).toBe(1);
    expect(readFileSync(restoration.setAside ?? '')).toEqual(damaged);
  });

  it('is set aside with its log, never deleted, and a new one can begin', async () => {
    const { file } = await backedUp();
    const damaged = readFileSync(file).fill(0xa5, 100, 4096);
    writeFileSync(file, damaged);
    writeFileSync(`${file}-wal`, 'its log');
    const aside = setAsideDamaged(file, NOON);
    expect(beside(file).sort()).toEqual([basename(aside), `${basename(aside)}-wal`]);
    expect(readFileSync(aside)).toEqual(damaged);
    expect(readFileSync(`${aside}-wal`, 'utf8')).toBe('its log');
    expect(runsIn(file)).toBe(0);
  });

  it('is replaced together with its log, which is kept too', async () => {
    const { file, backup } = await backedUp();
    writeFileSync(file, 'once upon a time '.repeat(100));
    // A log whose frames are valid: what was put in place would be read with them if it stayed.
    const other = temporaryDatabase();
    const writer = openWriter(other);
    writer.beginRun(newRun());
    copyFileSync(`${other}-wal`, `${file}-wal`);
    const { restoration } = await restoreBackup(file, backup.file, options);
    expect(runsIn(file)).toBe(1);
    expect(readFileSync(`${restoration.setAside ?? ''}-wal`)).toEqual(readFileSync(`${other}-wal`));
  });

  it('is not set aside where it is sound or somebody owns it', async () => {
    const { file } = await backedUp();
    expect(() => setAsideDamaged(file)).toThrow(expect.objectContaining({ code: 'bad-argument' }));
    const writer = openWriter(file);
    expect(() => setAsideDamaged(file)).toThrow(expect.objectContaining({ code: 'history-locked' }));
    writer.close();
    expect(runsIn(file)).toBe(2);
  });
});

describe('tmem-console backup and restore', () => {
  const run = (...words: string[]): { status: number | null; stdout: string; stderr: string } => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...words], { encoding: 'utf8' });
    return { status, stdout, stderr };
  };

  it('back up a history in use, and restore it when it is not', () => {
    const file = temporaryDatabase();
    addRun(file);
    const writer = openWriter(file);
    const made = run('backup', '--db', file, '--json');
    expect(made).toMatchObject({ status: 0, stderr: '' });
    const backup = JSON.parse(made.stdout) as MadeBackup;
    expect(dirname(backup.file)).toBe(backupFolderOf(file));
    const refused = run('restore', '--db', file, '--from', backup.file);
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toContain('is owned by process');
    writer.close();
    addRun(file);
    const restored = run('restore', '--db', file, '--from', backup.file, '--json');
    expect(restored).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(restored.stdout)).toMatchObject({ restoration: { id: 1, backup: backup.file } });
    expect(runsIn(file)).toBe(1);
    const words = run('backup', '--db', file, '--folder', join(dirname(file), 'there'));
    expect(words.stdout).toMatch(/^The backup is .*there.history\.db\..*\.backup \(\d+ bytes, 1 rows of audit\)\.\n$/);
  });

  it('say what is wrong, with the exit codes of the others', () => {
    const file = temporaryDatabase();
    expect(run('backup', '--db', file)).toMatchObject({ status: 1, stdout: '' });
    expect(run('backup')).toMatchObject({ status: 2, stdout: '' });
    expect(run('restore', '--db', file, '--from', `${file}.none`)).toMatchObject({ status: 2, stdout: '' });
    expect(existsSync(file)).toBe(false);
  });
});
