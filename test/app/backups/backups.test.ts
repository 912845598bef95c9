import { appendFileSync, existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ConsoleError } from '#contract/errors.ts';
import { BackupWorker } from '#main/app/backups/backup-worker.ts';
import { Backups } from '#main/app/backups/backups.ts';
import { RecoveryLook } from '#main/app/backups/recovery.ts';
import { HistoryWriter } from '#main/history/writer.ts';
import { Random } from '#main/host/random.ts';
import { newRun, randomBatch } from '../../history/samples.ts';
import { temporaryDatabase } from '../../history/support.ts';

const THREAD = new URL('../../../src-main/app/backups/backup-thread.ts', import.meta.url);

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

function backupsOf(databaseFile: string, folder: string | null = null): { backups: Backups; told: string[] } {
  const told: string[] = [];
  const backups = new Backups({
    databaseFile,
    worker: new BackupWorker(THREAD),
    plan: () => ({ scheduled: true, everyMinutes: 60, folder }),
    appVersion: '1.2.3',
    onError: (where, thrown) => told.push(`${where}: ${String(thrown)}`),
  });
  stops.push(() => backups.stop());
  return { backups, told };
}

/** Records `seconds` in a run, a new one or the last, with one action; ends it in order. */
function record(file: string, seconds: number, wallMs: number): void {
  const writer = HistoryWriter.open({ file, appVersion: '0', wallClock: () => wallMs });
  const last = writer.lastRun();
  if (last === null) writer.beginRun(newRun(3, wallMs));
  else writer.continueRun(last.id, wallMs);
  const firstSecond = last?.seconds ?? 0;
  writer.writeSeconds(randomBatch(new Random(1, 0), { firstSecond, seconds, wallMs: wallMs + seconds * 1000 }));
  const hostMs = (firstSecond + seconds) * 1000;
  writer.commitActions([{ hostMs, kind: 'weight', guestId: 1, before: 1, after: 2, source: 'console' }], wallMs);
  writer.endRun();
  writer.close();
}

const atOnce = <T>(work: () => Promise<T>): Promise<T> => work();

describe('backups of the history', () => {
  it('are made, listed newest first with size and check, and looked through again', async () => {
    const file = temporaryDatabase();
    record(file, 100, 1_000_000);
    const { backups } = backupsOf(file);
    expect(backups.list()).toMatchObject({ folder: join(dirname(file), 'backups'), files: [], busy: null });
    const { made, removed } = await backups.make();
    expect(removed).toEqual([]);
    const [listed, ...others] = backups.list().files;
    expect(others).toEqual([]);
    expect(listed).toEqual(made);
    expect(made).toMatchObject({ kind: 'backup', auditRows: 1, check: { sound: true, atMs: made.madeAtMs } });
    expect(made.bytes).toBeGreaterThan(10_000);
    const checked = await backups.check(made);
    expect(checked.check).toMatchObject({ sound: true, sentence: 'SQLite found nothing wrong.' });
  });

  it('tell of one that is damaged since, and keep telling', async () => {
    const file = temporaryDatabase();
    record(file, 100, 1_000_000);
    const { backups } = backupsOf(file);
    const { made } = await backups.make();
    writeFileSync(made.file, 'x'.repeat(made.bytes));
    const { check } = await backups.check(made);
    expect(check?.sound).toBe(false);
    expect(check?.sentence).toContain('its first bytes are not those of an SQLite database');
    expect(backups.list().files[0]?.check).toEqual(check);
  });

  it('go where the person said', async () => {
    const file = temporaryDatabase();
    record(file, 10, 1_000_000);
    const folder = join(dirname(file), 'elsewhere');
    const { backups } = backupsOf(file, folder);
    await backups.make();
    expect(readdirSync(folder).filter((name) => name.endsWith('.backup'))).toHaveLength(1);
  });

  it('are refused by name where there is no such file, and one at a time', async () => {
    const file = temporaryDatabase();
    record(file, 10, 1_000_000);
    const { backups } = backupsOf(file);
    await expect(backups.check({ kind: 'backup', name: 'history.db' })).rejects.toMatchObject({ code: 'bad-argument' });
    const first = backups.make();
    await expect(backups.make()).rejects.toMatchObject({ code: 'history-locked', message: 'A backup is under way.' });
    await first;
    expect(backups.list().busy).toBeNull();
  });
});

describe('the consequences of a restoration', () => {
  it('count what was recorded since on either side, also after the two have gone different ways', async () => {
    const file = temporaryDatabase();
    record(file, 100, 1_000_000);
    const { backups } = backupsOf(file);
    const { made } = await backups.make();
    expect(await backups.consequences(made)).toMatchObject({
      sameHistory: true,
      setAside: { runs: 0, seconds: 0, actions: 0 },
      broughtBack: { runs: 0, seconds: 0, actions: 0 },
    });
    record(file, 400, 2_000_000);
    expect(await backups.consequences(made)).toMatchObject({
      chosen: { runs: 1, seconds: 100, actions: 1 },
      present: { runs: 1, seconds: 500, actions: 2 },
      setAside: { runs: 0, seconds: 400, actions: 1 },
      broughtBack: { runs: 0, seconds: 0, actions: 0 },
    });
    const { setAside } = await backups.restore(made, atOnce);
    record(file, 200, 3_000_000);
    expect(await backups.consequences({ kind: 'set-aside', name: setAside ?? '' })).toMatchObject({
      sameHistory: true,
      present: { seconds: 300, actions: 2 },
      setAside: { runs: 0, seconds: 200, actions: 1 },
      broughtBack: { runs: 0, seconds: 400, actions: 1 },
    });
  });

  it('are everything where the file is of another history', async () => {
    const [file, other] = [temporaryDatabase(), temporaryDatabase()];
    record(file, 100, 1_000_000);
    record(other, 30, 1_000_000);
    const { made } = await backupsOf(other).backups.make();
    const folder = join(dirname(file), 'backups');
    mkdirSync(folder);
    renameSync(made.file, join(folder, basename(made.file)));
    expect(await backupsOf(file).backups.consequences(made)).toMatchObject({
      sameHistory: false,
      setAside: { runs: 1, seconds: 100, actions: 1 },
      broughtBack: { runs: 1, seconds: 30, actions: 1 },
    });
  });
});

describe('a restoration', () => {
  it('puts the backup in place while all is stopped, and is undone by the file it set aside', async () => {
    const file = temporaryDatabase();
    record(file, 100, 1_000_000);
    const { backups } = backupsOf(file);
    const { made } = await backups.make();
    record(file, 400, 2_000_000);
    const secondsNow = async (): Promise<number | undefined> => (await backups.consequences(made)).present?.seconds;
    const order: string[] = [];
    const { setAside, findings } = await backups.restore(made, async (work) => {
      order.push('stopped');
      const result = await work();
      order.push('started');
      return result;
    });
    expect(order).toEqual(['stopped', 'started']);
    expect(findings).toEqual([]);
    expect(await secondsNow()).toBe(100);
    const undone = await backups.restore({ kind: 'set-aside', name: setAside ?? '' }, atOnce);
    expect(undone.setAside).not.toBe(setAside);
    expect(await secondsNow()).toBe(500);
    expect(backups.list().files.filter(({ kind }) => kind === 'set-aside')).toHaveLength(2);
  });

  it('of a damaged backup changes nothing, and all is started again', async () => {
    const file = temporaryDatabase();
    record(file, 100, 1_000_000);
    const { backups } = backupsOf(file);
    const { made } = await backups.make();
    writeFileSync(made.file, 'x'.repeat(made.bytes));
    await expect(backups.restore(made, atOnce)).rejects.toMatchObject({ code: 'history-damaged' });
    expect(readdirSync(dirname(file)).some((name) => name.endsWith('.set-aside'))).toBe(false);
    expect(backups.list().busy).toBeNull();
  });
});

describe('what can be done without a history', () => {
  const damage = new ConsoleError('history-damaged', 'The history is damaged.');

  it('is nothing to ask where there never was one', async () => {
    const file = temporaryDatabase();
    expect(await new RecoveryLook(file, backupsOf(file).backups).missing()).toBeNull();
  });

  it('sets a damaged one aside and offers the newest good backup, past those that are damaged', async () => {
    const file = temporaryDatabase();
    record(file, 100, 1_000_000);
    const { backups } = backupsOf(file);
    const good = (await backups.make()).made;
    const bad = (await backups.make()).made;
    appendFileSync(bad.file, 'x');
    writeFileSync(bad.file, 'x'.repeat(bad.bytes));
    writeFileSync(file, 'y'.repeat(50_000));
    const found = await new RecoveryLook(file, backups).damaged(damage);
    expect(found).toMatchObject({ kind: 'damaged', backup: { name: good.name }, damagedBackups: 1 });
    expect(existsSync(file)).toBe(false);
    expect(existsSync(found.setAside ?? '')).toBe(true);
    // A start after that, without a decision, asks again instead of beginning anew without a word.
    expect(await new RecoveryLook(file, backups).missing()).toMatchObject({
      kind: 'missing',
      setAside: found.setAside,
      backup: { name: good.name },
    });
  });

  it('leaves a file where it is that shows no damage, and says so', async () => {
    const file = temporaryDatabase();
    record(file, 10, 1_000_000);
    const found = await new RecoveryLook(file, backupsOf(file).backups).damaged(damage);
    expect(found).toMatchObject({ setAside: null, backup: null });
    expect(found.sentence).toContain('it was left where it is');
    expect(existsSync(file)).toBe(true);
  });
});
