import { createHash } from 'node:crypto';
import { GUEST_COLUMNS, HOST_COLUMNS } from '#contract/samples.ts';
import { recordRestoration } from '#main/history/audit/restorations.ts';
import { verifyAudit } from '#main/history/audit/verify.ts';
import { openForReading, openForWriting } from '#main/history/connection.ts';
import { migrate } from '#main/history/migrate.ts';
import { MIGRATIONS, SCHEMA_VERSION } from '#main/history/migrations/index.ts';
import { TIERS_S } from '#main/history/tiers.ts';
import { ActionLog } from '#main/history/writer/action-log.ts';
import { RunLog } from '#main/history/writer/run-log.ts';
import { SecondLog } from '#main/history/writer/second-log.ts';
import { Random } from '#main/host/random.ts';
import { describe, expect, it } from 'vitest';
import { newRun, randomBatch } from './samples.ts';
import { openWriter, temporaryDatabase } from './support.ts';

/** The text of each released migration. A change here means that a frozen migration was changed: write a new one. */
const FROZEN: Readonly<Record<string, string>> = {
  foundation: 'ed8e333978d862b3',
  tiers: '8b7dd70cd3a0d86f',
  checkpoints: 'ace7b711c17b50a1',
  restorations: '601229c9517cf700',
};

const stamp = { nowMs: 1, appVersion: '0' };

describe('the schema', () => {
  it('has the columns of the contract, in its order', () => {
    const file = temporaryDatabase();
    openWriter(file);
    const connection = openForReading(file);
    const columnsOf = (table: string): unknown[] =>
      connection.prepare(`SELECT name FROM pragma_table_info('${table}')`).pluck().all();
    expect(columnsOf('guestSamples')).toEqual(['runId', 'second', 'guestId', ...GUEST_COLUMNS]);
    expect(columnsOf('hostSamples')).toEqual(['runId', 'second', ...HOST_COLUMNS]);
    connection.close();
  });

  it('has migrations numbered 1, 2, 3 … and never changes one', () => {
    expect(MIGRATIONS.map((step) => step.version)).toEqual(MIGRATIONS.map((_, at) => at + 1));
    const digests = MIGRATIONS.map(({ name, sql }) => [
      name,
      createHash('sha256').update(sql).digest('hex').slice(0, 16),
    ]);
    expect(Object.fromEntries(digests)).toEqual(FROZEN);
  });

  it('is only ever moved forward: each step leads from the version before to its own', () => {
    const file = temporaryDatabase();
    const connection = openForWriting(file, 'NORMAL');
    MIGRATIONS.forEach((step, at) => {
      migrate(connection, file, { ...stamp, steps: MIGRATIONS.slice(0, at + 1) });
      expect(connection.pragma('user_version', { simple: true })).toBe(step.version);
    });
    migrate(connection, file, stamp);
    expect(connection.pragma('user_version', { simple: true })).toBe(SCHEMA_VERSION);
    connection.close();
  });

  it('brings a database of version 1 up to date: its samples are there, and in the tiers', () => {
    const file = temporaryDatabase();
    const connection = openForWriting(file, 'NORMAL');
    migrate(connection, file, { ...stamp, steps: MIGRATIONS.slice(0, 1) });
    new RunLog(connection, '0').begin(newRun(2));
    new SecondLog(connection).write(1, randomBatch(new Random(1, 0), { firstSecond: 0, seconds: 95, guests: 2 }));
    connection.prepare('UPDATE runs SET seconds = 95').run();
    connection.close();
    openWriter(file).beginRun(newRun(2));
    const reader = openForReading(file);
    const read = (sql: string): unknown => reader.prepare(sql).pluck().get();
    expect(read('SELECT count(*) FROM hostSamples')).toBe(95);
    for (const tierS of TIERS_S) {
      expect(read(`SELECT sum(count) FROM hostTiers WHERE tierS = ${tierS}`)).toBe(95);
      expect(read(`SELECT sum(accessesSum) FROM guestTiers WHERE tierS = ${tierS}`)).toBe(
        read('SELECT sum(accesses) FROM guestSamples'),
      );
    }
    expect(read('SELECT sum(pages) FROM evictionMinutes')).toBe(read('SELECT sum(pages) FROM evictions'));
    reader.close();
  });

  it('brings a database of version 2 up to date: it can take checkpoints', () => {
    const file = temporaryDatabase();
    const connection = openForWriting(file, 'NORMAL');
    migrate(connection, file, { ...stamp, steps: MIGRATIONS.slice(0, 2) });
    connection.close();
    const writer = openWriter(file);
    const { run } = writer.beginRun(newRun());
    const state = { lastActionId: 0, modelVersion: 1, configDigest: 'c', stateDigest: 's', data: Buffer.from('state') };
    writer.writeCheckpoint({ ...state, hostMs: 0 }, 1);
    expect(writer.newestCheckpoint(run.id)).toEqual({ ...state, hostMs: 0 });
  });

  it('brings a database of version 3 up to date: its audit is as it was, and it can tell restorations', () => {
    const file = temporaryDatabase();
    const connection = openForWriting(file, 'NORMAL');
    migrate(connection, file, { ...stamp, steps: MIGRATIONS.slice(0, 3) });
    const { run } = new RunLog(connection, '0').begin(newRun(2));
    const action = { hostMs: 0, kind: 'weight', guestId: 1, before: 1, after: 2, source: 'cli' } as const;
    new ActionLog(connection).commit(run.id, [action], 1);
    migrate(connection, file, stamp);
    expect(verifyAudit(connection)).toMatchObject({ sound: true, rows: 1, restorations: [] });
    const restoration = { wallMs: 5, appVersion: '0', backup: 'b', setAside: null, former: null };
    recordRestoration(connection, restoration);
    recordRestoration(connection, restoration);
    expect(verifyAudit(connection)).toMatchObject({ sound: true, restorations: [{ id: 1 }, { id: 2, wallMs: 5 }] });
    connection.close();
  });

  it('leaves the version where it was when a step fails', () => {
    const file = temporaryDatabase();
    const connection = openForWriting(file, 'NORMAL');
    migrate(connection, file, stamp);
    const broken = { version: SCHEMA_VERSION + 1, name: 'broken', sql: 'CREATE TABLE half (a); SELECT nonsense' };
    expect(() => migrate(connection, file, { ...stamp, steps: [...MIGRATIONS, broken] })).toThrow(/nonsense/);
    expect(connection.pragma('user_version', { simple: true })).toBe(SCHEMA_VERSION);
    expect(connection.prepare(`SELECT count(*) FROM sqlite_schema WHERE name = 'half'`).pluck().get()).toBe(0);
    connection.close();
  });

  it('refuses steps that are out of order', () => {
    const file = temporaryDatabase();
    const connection = openForWriting(file, 'NORMAL');
    const wrong = { version: 3, name: 'third', sql: '' };
    expect(() => migrate(connection, file, { ...stamp, steps: [wrong] })).toThrow(/third stands at place 1/);
    connection.close();
  });
});
