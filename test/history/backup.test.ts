import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { verifyAudit } from '#main/history/audit/verify.ts';
import { anchorBeside, backupHistory } from '#main/history/backup/backup.ts';
import { listBackups } from '#main/history/backup/names.ts';
import { expired } from '#main/history/backup/rotation.ts';
import { openForReading } from '#main/history/connection.ts';
import { HistoryWriter } from '#main/history/writer.ts';
import { Random } from '#main/host/random.ts';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { newRun, randomBatch } from './samples.ts';
import { openWriter, temporaryDatabase } from './support.ts';

const PROCESSES = join(import.meta.dirname, 'processes');
const NOON = Date.UTC(2024, 0, 15, 12);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Long enough for a copy of several steps: some MiB. */
const MANY_SECONDS = 2_000;
let folderOfMany: string;

/** A closed history with an audit. */
function filledDatabase(seconds = MANY_SECONDS): string {
  const file = temporaryDatabase();
  if (seconds === MANY_SECONDS) copyFileSync(join(folderOfMany, 'history.db'), file);
  else fill(file, seconds);
  return file;
}

function fill(file: string, seconds: number): void {
  const writer = HistoryWriter.open({ file, appVersion: '0' });
  writer.beginRun(newRun());
  writer.writeSeconds(randomBatch(new Random(1, 0), { firstSecond: 0, seconds, guests: 40 }));
  for (const after of [200, 300, 400]) {
    writer.commitActions([{ hostMs: after, kind: 'weight', guestId: 1, before: 100, after, source: 'cli' }], 1);
  }
  writer.endRun();
  writer.close();
}

beforeAll(() => {
  folderOfMany = mkdtempSync(join(tmpdir(), 'tmem-history-'));
  fill(join(folderOfMany, 'history.db'), MANY_SECONDS);
});

afterAll(() => rmSync(folderOfMany, { recursive: true }));

/** A folder for backups beside the history. */
function folderFor(file: string): string {
  return join(dirname(file), 'kept');
}

/** What is in the folder, but for the file of the lock. */
function contentOf(folder: string): string[] {
  return readdirSync(folder).filter((name) => !name.endsWith('-owner'));
}

describe('a backup', () => {
  it('holds what the history held, as one sound file, with the anchor of its audit beside it', async () => {
    const file = filledDatabase();
    const folder = folderFor(file);
    const backup = await backupHistory(file, folder, { nowMs: NOON });
    expect(contentOf(folder)).toEqual([
      'history.db.2024-01-15T12-00-00-000Z.backup',
      'history.db.2024-01-15T12-00-00-000Z.backup.anchor.json',
    ]);
    const connection = openForReading(backup.file);
    expect(connection.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(connection.prepare('SELECT count(*) FROM guestSamples').pluck().get()).toBe(MANY_SECONDS * 40);
    const anchor = anchorBeside(backup.anchorFile);
    expect(anchor).toMatchObject({ rows: 3, madeAtMs: NOON });
    expect(verifyAudit(connection, anchor)).toMatchObject({ sound: true, rows: 3 });
    connection.close();
    // Its readers have needed no write-ahead log beside it.
    expect(contentOf(folder)).toHaveLength(2);
  });

  it('takes its own name also where another was made in the same millisecond', async () => {
    const file = filledDatabase(1);
    await backupHistory(file, folderFor(file), { nowMs: NOON });
    await backupHistory(file, folderFor(file), { nowMs: NOON });
    expect(listBackups(file, folderFor(file)).map(({ madeAtMs }) => madeAtMs)).toEqual([NOON + 1, NOON]);
  });

  it('shows one moment, and comes to an end, while another process writes as fast as it can', async () => {
    const file = temporaryDatabase();
    const recorder = spawn(process.execPath, [join(PROCESSES, 'recorder.ts'), file, '7'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void recorder.kill('SIGKILL'));
    let lines = 0;
    const someLines = new Promise<void>((resolve) => {
      recorder.stdout.on('data', (text: Buffer) => {
        lines += text.toString().split('\n').length - 1;
        if (lines > 50) resolve();
      });
    });
    await someLines;
    for (let time = 0; time < 3; time++) {
      const before = lines;
      const { file: copy, anchor } = await backupHistory(file, folderFor(file));
      const connection = openForReading(copy);
      expect(connection.pragma('integrity_check', { simple: true })).toBe('ok');
      const { seconds } = connection.prepare('SELECT seconds FROM runs').get() as { seconds: number };
      expect(seconds).toBeGreaterThan(0);
      expect(connection.prepare('SELECT count(*) FROM hostSamples').pluck().get()).toBe(seconds);
      expect(verifyAudit(connection, anchor)).toMatchObject({ sound: true, rows: anchor.rows });
      connection.close();
      // The recorder has gone on meanwhile, or does now.
      while (lines === before) await once(recorder.stdout, 'data');
    }
    expect(recorder.exitCode).toBeNull();
  });

  it('comes to an end with what there was at its beginning, also where something is written at every step', async () => {
    const file = filledDatabase();
    const writer = openWriter(file);
    writer.beginRun(newRun());
    let second = 0;
    const backup = await backupHistory(file, folderFor(file), {
      onProgress: () => {
        if (second > 50) throw new Error('It began anew again and again.');
        writer.writeSeconds(randomBatch(new Random(2, 0), { firstSecond: second, seconds: 1 }));
        second++;
      },
    });
    expect(second).toBeGreaterThan(1);
    const connection = openForReading(backup.file);
    expect(connection.prepare('SELECT seconds FROM runs ORDER BY id').pluck().all()).toEqual([MANY_SECONDS, 0]);
    connection.close();
  });

  it('that is killed in the middle is none, and the next one clears up after it', async () => {
    const file = filledDatabase();
    const folder = folderFor(file);
    for (let time = 0; time < 2; time++) {
      const maker = spawn(process.execPath, [join(PROCESSES, 'backup-maker.ts'), file, folder, 'stop'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(maker.stdout, 'data');
      maker.kill('SIGKILL');
      await once(maker, 'exit');
      expect(contentOf(folder)).toContain('history.db.unfinished');
      expect(listBackups(file, folder)).toEqual([]);
    }
    // As if it had been killed between the anchor and the backup itself.
    writeFileSync(join(folder, 'history.db.2024-01-15T11-00-00-000Z.backup.anchor.json'), '{}');
    const backup = await backupHistory(file, folder, { nowMs: NOON });
    expect(contentOf(folder).sort()).toEqual([basename(backup.file), basename(backup.anchorFile)]);
  });

  it('is refused while another one into the same folder is under way', async () => {
    const file = filledDatabase();
    const first = backupHistory(file, folderFor(file), { nowMs: NOON });
    await expect(backupHistory(file, folderFor(file), { nowMs: NOON })).rejects.toMatchObject({
      code: 'history-locked',
      message: expect.stringContaining('is under way') as string,
    });
    await first;
    expect(listBackups(file, folderFor(file))).toHaveLength(1);
  });

  it('is not made of a history that is damaged, and what it left is removed', async () => {
    const file = filledDatabase();
    const bytes = readFileSync(file);
    // Pages in the middle of the samples: opening and the last rows do not show it.
    bytes.fill(0xa5, 4096 * 200, 4096 * 202);
    writeFileSync(file, bytes);
    await expect(backupHistory(file, folderFor(file))).rejects.toMatchObject({
      code: 'history-damaged',
      message: expect.stringContaining('no backup was made') as string,
      remedy: expect.stringMatching(/\.$/) as string,
    });
    expect(contentOf(folderFor(file))).toEqual([]);
  });

  it('is refused with a sentence where the folder cannot be written', () => {
    const file = filledDatabase(1);
    const folder = folderFor(file);
    mkdirSync(folder);
    for (const path of [dirname(file), file]) chmodSync(path, 0o777);
    chmodSync(folder, 0o555);
    // Root may write anywhere: the process gives up its rights first.
    const user = process.getuid?.() === 0 ? ['nobody'] : [];
    const words = [join(PROCESSES, 'backup-maker.ts'), file, folder, ...user];
    const { stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
    expect(stderr).toBe('');
    const failure = JSON.parse(stdout) as { message: string };
    expect(failure).toMatchObject({ code: 'file-unwritable', remedy: expect.stringMatching(/folder/) as string });
    expect(failure.message).toContain(folder);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each(['ENOSPC', 'SQLITE_FULL', 'EDQUOT'])('of a full disk (%s) says so and leaves nothing', async (code) => {
    const file = filledDatabase();
    const full = Object.assign(new Error('no room'), { code });
    const failing = backupHistory(file, folderFor(file), {
      onProgress: ({ done }) => {
        if (done > 0) throw full;
      },
    });
    await expect(failing).rejects.toMatchObject({
      code: 'file-unwritable',
      message: expect.stringContaining(folderFor(file)) as string,
      remedy: expect.stringContaining('Free some space') as string,
    });
    expect(contentOf(folderFor(file))).toEqual([]);
    await backupHistory(file, folderFor(file));
  });

  it('is refused where the folder is in truth a file', async () => {
    const file = filledDatabase(1);
    writeFileSync(folderFor(file), '');
    await expect(backupHistory(file, folderFor(file))).rejects.toMatchObject({ code: 'file-unwritable' });
    await expect(backupHistory(file, join(folderFor(file), 'x'))).rejects.toMatchObject({ code: 'file-unwritable' });
  });

  it('is refused of what is no history', async () => {
    const file = temporaryDatabase();
    await expect(backupHistory(file, folderFor(file))).rejects.toMatchObject({ code: 'host-not-ready' });
    writeFileSync(file, 'once upon a time '.repeat(100));
    await expect(backupHistory(file, folderFor(file))).rejects.toMatchObject({ code: 'history-damaged' });
    const other = new Database(`${file}.other`);
    other.exec('CREATE TABLE bookmarks (url TEXT)');
    other.close();
    await expect(backupHistory(`${file}.other`, folderFor(file))).rejects.toMatchObject({ code: 'history-damaged' });
    expect(contentOf(folderFor(file))).toEqual([]);
  });
});

describe('the rotation of backups', () => {
  it('keeps three of today, one a day, ten in all', async () => {
    const file = filledDatabase(1);
    const folder = folderFor(file);
    for (let day = -11; day <= 0; day++) {
      for (const hour of [-2, -1, 0])
        await backupHistory(file, folder, { nowMs: NOON + day * DAY_MS + hour * HOUR_MS });
    }
    const { removed } = await backupHistory(file, folder, { nowMs: NOON + HOUR_MS });
    expect(removed.map((path) => basename(path))).toEqual(['history.db.2024-01-15T10-00-00-000Z.backup']);
    const kept = listBackups(file, folder);
    const days = [-1, -2, -3, -4, -5, -6, -7].map((day) => NOON + day * DAY_MS);
    expect(kept.map(({ madeAtMs }) => madeAtMs)).toEqual([NOON + HOUR_MS, NOON, NOON - HOUR_MS, ...days]);
    expect(contentOf(folder)).toHaveLength(20);
  });

  it('lets backups of another history of the same name, and other files, alone', async () => {
    const file = filledDatabase(1);
    const other = filledDatabase(1);
    const folder = folderFor(file);
    const foreign = await backupHistory(other, folder, { nowMs: NOON - DAY_MS - HOUR_MS });
    copyFileSync(foreign.file, join(folder, 'history.db.backup'));
    await backupHistory(file, folder, { nowMs: NOON - DAY_MS });
    for (let time = 0; time < 5; time++) await backupHistory(file, folder, { nowMs: NOON + time });
    expect(listBackups(file, folder).map(({ madeAtMs }) => madeAtMs)).toEqual([
      NOON + 4,
      NOON + 3,
      NOON + 2,
      NOON - DAY_MS,
      foreign.madeAtMs,
    ]);
    expect(contentOf(folder)).toContain('history.db.backup');
  });

  it('never removes the one just made, nor keeps more than it says, whatever the clock did', () => {
    const time = fc.integer({ min: 0, max: 20 * 24 }).map((hours) => hours * HOUR_MS);
    fc.assert(
      fc.property(fc.uniqueArray(time, { minLength: 1 }), fc.nat(), (times, which) => {
        const latest = times[which % times.length] ?? 0;
        const gone = new Set(expired(times, latest));
        const kept = times.filter((ms) => !gone.has(ms));
        expect(kept).toContain(latest);
        expect(kept.length).toBeLessThanOrEqual(10);
        const today = Math.floor(latest / DAY_MS);
        for (const day of new Set(kept.map((ms) => Math.floor(ms / DAY_MS)))) {
          const ofDay = kept.filter((ms) => Math.floor(ms / DAY_MS) === day);
          expect(ofDay.length).toBeLessThanOrEqual(day === today ? 3 : 1);
        }
      }),
    );
  });
});
