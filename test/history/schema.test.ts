import { createHash } from 'node:crypto';
import { GUEST_COLUMNS, HOST_COLUMNS } from '#contract/samples.ts';
import { firstHash, rowHash } from '#main/history/audit/chain.ts';
import { recordRestoration } from '#main/history/audit/restorations.ts';
import { verifyAudit } from '#main/history/audit/verify.ts';
import { openForReading, openForWriting } from '#main/history/connection.ts';
import { migrate } from '#main/history/migrate.ts';
import { MIGRATIONS, SCHEMA_VERSION } from '#main/history/migrations/index.ts';
import { auditQuery } from '#main/history/queries/audit.ts';
import { EvictionBlocks } from '#main/history/eviction-blocks.ts';
import { TierReader } from '#main/history/tier-reader.ts';
import { EVICTION_TIERS_S, TIERS_S } from '#main/history/tiers.ts';
import { ActionLog } from '#main/history/writer/action-log.ts';
import { RunLog } from '#main/history/writer/run-log.ts';
import { describe, expect, it } from 'vitest';
import type { Connection } from '#main/history/connection.ts';
import { newRun } from './samples.ts';
import { openWriter, temporaryDatabase } from './support.ts';

/** The text of each released migration. A change here means that a frozen migration was changed: write a new one. */
const FROZEN: Readonly<Record<string, string>> = {
  foundation: 'ed8e333978d862b3',
  tiers: '8b7dd70cd3a0d86f',
  checkpoints: 'ace7b711c17b50a1',
  restorations: '601229c9517cf700',
  'packed-tiers': 'fc99551be64748f9',
  studies: '48a315cf45ee1ebd',
  'host-actions': 'f85df701cffad059',
};

const stamp = { nowMs: 1, appVersion: '0' };

/** Samples and evictions of one run of two guests, as version 1 stored them. */
function oldSamples(connection: Connection, seconds: number): void {
  const columnsOf = (table: string): unknown[] =>
    connection.prepare(`SELECT name FROM pragma_table_info('${table}')`).pluck().all();
  const put = (table: string, key: readonly number[], salt: number): void => {
    const columns = columnsOf(table);
    const values = columns.map((_, place) => key[place] ?? (salt * 31 + place * 7) % 1_000);
    connection.prepare(`INSERT INTO ${table} VALUES (${columns.map(() => '?').join(', ')})`).run(values);
  };
  for (let second = 0; second < seconds; second++) {
    put('hostSamples', [1, second], second);
    for (const guestId of [1, 2]) put('guestSamples', [1, second, guestId], second * 3 + guestId);
    if (second % 3 === 0) put('evictions', [1, second, 0, 1 + (second % 2), 2, second % 7], second);
  }
  connection.prepare('UPDATE runs SET seconds = ?').run(seconds);
  if (columnsOf('coverage').length > 0) connection.prepare('INSERT INTO coverage VALUES (1, 1, 0, ?)').run(seconds);
}

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

  it.each([1, 4])('brings a database of version %d up to date: its samples are there, and in the tiers', (version) => {
    const file = temporaryDatabase();
    const connection = openForWriting(file, 'NORMAL');
    migrate(connection, file, { ...stamp, steps: MIGRATIONS.slice(0, version) });
    new RunLog(connection, '0').begin(newRun(2));
    oldSamples(connection, 95);
    connection.close();
    openWriter(file).beginRun(newRun(2));
    const reader = openForReading(file);
    const read = (sql: string): unknown => reader.prepare(sql).pluck().get();
    expect(read('SELECT count(*) FROM hostSamples')).toBe(95);
    expect(read('SELECT sum(refaults) + sum(sharedPages) FROM guestSamples')).toBe(0);
    const day = { fromS: 0, toS: 86_400 };
    for (const tierS of TIERS_S) {
      const accesses: number[] = [];
      new TierReader(reader).read(
        tierS,
        1,
        day,
        GUEST_COLUMNS.indexOf('accesses'),
        { lowest: 1, highest: 2 },
        (page) => {
          accesses.push(...page.sum);
        },
      );
      expect(accesses.reduce((sum, one) => sum + one, 0)).toBe(read('SELECT sum(accesses) FROM guestSamples'));
    }
    for (const tierS of EVICTION_TIERS_S) {
      const blocks = [...new EvictionBlocks(reader).read(tierS, 1, day)];
      expect(blocks.flatMap(({ pages }) => [...pages]).reduce((sum, pages) => sum + pages, 0)).toBe(
        read('SELECT sum(pages) FROM evictions'),
      );
    }
    reader.close();
  });

  it('keeps the tiers of a database of version 4 whose finer samples are gone', () => {
    const file = temporaryDatabase();
    const connection = openForWriting(file, 'NORMAL');
    migrate(connection, file, { ...stamp, steps: MIGRATIONS.slice(0, 4) });
    new RunLog(connection, '0').begin(newRun(2));
    const statistics = connection.prepare(`SELECT name FROM pragma_table_info('guestTiers')`).pluck().all().slice(5);
    const columns = ['tierS', 'runId', 'guestId', 'axisS', 'count', ...statistics];
    const row = (axisS: number): number[] => [10, 1, 2, axisS, 10, ...statistics.map((_, place) => axisS + place)];
    for (const axisS of [0, 290, 300]) {
      connection
        .prepare(`INSERT INTO guestTiers (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`)
        .run(row(axisS));
    }
    connection.exec(
      `INSERT INTO evictionMinutes VALUES (1, 60, 2, 0, 3, 77, 1, 0);
       UPDATE runs SET seconds = 310, endState = 'stopped';
       INSERT INTO coverage VALUES (1, 1, 310, 310), (1, 10, 0, 310), (1, 60, 0, 310), (1, 3600, 0, 310), (1, 86400, 0, 310);`,
    );
    connection.close();
    openWriter(file);
    const reader = openForReading(file);
    const found: number[][] = [];
    const range = { fromS: 0, toS: 310 };
    new TierReader(reader).read(10, 1, range, 1, { lowest: 1, highest: 2 }, ({ fromS, ownerId, ...page }) => {
      page.count.forEach((count, place) => {
        const of = [page.sum, page.min, page.max, page.last].map((values) => values[place] ?? NaN);
        if (count > 0) found.push([ownerId, fromS + place * 10, count, ...of]);
      });
    });
    // The second column's statistics stand at places 4 to 7.
    expect(found).toEqual([0, 290, 300].map((axisS) => [2, axisS, 10, axisS + 4, axisS + 5, axisS + 6, axisS + 7]));
    for (const tierS of EVICTION_TIERS_S) {
      const [block] = new EvictionBlocks(reader).read(tierS, 1, range);
      expect([
        block?.fromS,
        [...(block?.victimId ?? [])],
        [...(block?.reason ?? [])],
        [...(block?.pages ?? [])],
      ]).toEqual([tierS === 60 ? 60 : 0, [2], [3], [77]]);
    }
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

  it('brings a database of version 6 up to date: its rows and hashes stay, new ones of other kinds follow in the chain', () => {
    const file = temporaryDatabase();
    const connection = openForWriting(file, 'NORMAL');
    migrate(connection, file, { ...stamp, steps: MIGRATIONS.slice(0, 6) });
    new RunLog(connection, '0').begin(newRun(2));
    const databaseId = String(connection.prepare(`SELECT value FROM meta WHERE key = 'databaseId'`).pluck().get());
    // As the version before wrote it: without a reason and without what it undoes.
    const old = {
      ...{ runId: 1, hostMs: 5, wallMs: 9, kind: 'weight', guestId: 1, guestName: newRun(2).guests[0]?.name },
      ...{ before: 100, after: 300, source: 'console', set: 1 },
    };
    const content = JSON.stringify(old);
    const genesis = firstHash(databaseId);
    connection
      .prepare('INSERT INTO actions (id, content, previousHash, hash) VALUES (1, ?, ?, ?)')
      .run(content, genesis, rowHash(genesis, 1, content));
    const before = connection.prepare('SELECT id, content, previousHash, hash FROM actions').all();
    migrate(connection, file, stamp);
    expect(connection.prepare('SELECT id, content, previousHash, hash FROM actions').all()).toEqual(before);
    const log = new ActionLog(connection);
    const made = { hostMs: 6, source: 'console' } as const;
    log.commit(
      1,
      [
        { ...made, kind: 'policy', guestId: null, before: 'max-over-share', after: 'fifo', reason: 'to compare' },
        { ...made, kind: 'weight', guestId: 1, before: 300, after: 100, undoes: 1 },
      ],
      10,
    );
    expect(verifyAudit(connection)).toMatchObject({ sound: true, rows: 3 });
    const { set: _set, ...known } = old;
    expect(log.after(1, 0)).toMatchObject([
      { ...known, id: 1, reason: null, undoes: null },
      { id: 2, kind: 'policy', guestId: null, guestName: null, after: 'fifo', reason: 'to compare' },
      { id: 3, undoes: 1 },
    ]);
    const rows = auditQuery(connection)({ guests: [], kinds: [], before: null, limit: 10 });
    expect(rows.rows.map(({ action, undoneBy }) => [action.id, undoneBy])).toEqual([
      [3, null],
      [2, null],
      [1, 3],
    ]);
    expect(auditQuery(connection)({ guests: [], kinds: ['policy'], before: null, limit: 10 }).matching).toBe(1);
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
