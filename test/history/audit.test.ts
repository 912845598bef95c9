import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { anchorOf } from '#main/history/audit/anchor.ts';
import type { Anchor } from '#main/history/audit/anchor.ts';
import { firstHash, rowHash } from '#main/history/audit/chain.ts';
import { verifyAudit } from '#main/history/audit/verify.ts';
import type { Verification } from '#main/history/audit/verify.ts';
import { openForReading } from '#main/history/connection.ts';
import { HistoryWriter } from '#main/history/writer.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newRun } from './samples.ts';
import { openWriter, temporaryDatabase } from './support.ts';

const ROWS = 12;

/** A closed history with an audit of twelve rows. */
function audited(file: string): Anchor {
  const writer = HistoryWriter.open({ file, appVersion: '0' });
  writer.beginRun(newRun());
  for (let row = 1; row <= ROWS; row++) {
    const action = { kind: 'weight', guestId: 1 + (row % 3), before: row, after: row + 1, source: 'console' } as const;
    writer.commitActions([{ ...action, hostMs: row * 1000 }], 1_700_000_000_000 + row);
  }
  writer.endRun();
  writer.close();
  const connection = openForReading(file);
  const anchor = anchorOf(connection, 1);
  connection.close();
  return anchor;
}

interface Row {
  id: number;
  content: string;
  previousHash: string;
  hash: string;
}

describe('the audit', () => {
  let original: string;
  let anchor: Anchor;

  /** Lets somebody with the file and an SQLite tool change rows past the triggers, and verifies. */
  function tampered(change: (rows: Row[]) => Row[], withAnchor = true): Verification {
    const file = temporaryDatabase();
    copyFileSync(original, file);
    const raw = new Database(file);
    const triggers = raw.prepare(`SELECT sql FROM sqlite_schema WHERE type = 'trigger'`).pluck().all() as string[];
    for (const name of raw.prepare(`SELECT name FROM sqlite_schema WHERE type = 'trigger'`).pluck().all()) {
      raw.exec(`DROP TRIGGER ${String(name)}`);
    }
    raw.pragma('foreign_keys = OFF');
    const rows = change(raw.prepare('SELECT id, content, previousHash, hash FROM actions ORDER BY id').all() as Row[]);
    raw.exec('DELETE FROM actions');
    const insert = raw.prepare('INSERT INTO actions (id, content, previousHash, hash) VALUES (?, ?, ?, ?)');
    for (const { id, content, previousHash, hash } of rows) insert.run(id, content, previousHash, hash);
    for (const sql of triggers) raw.exec(sql);
    try {
      return verifyAudit(raw, withAnchor ? anchor : null);
    } finally {
      raw.close();
    }
  }
  const found = ({ findings }: Verification): unknown[] =>
    findings.map(({ kind, fromId, toId }) => [kind, fromId, toId]);
  const altered = (row: Row): Row => ({ ...row, content: row.content.replace('"after":', '"after":9') });
  const rehashed = (row: Row): Row => ({ ...row, hash: rowHash(row.previousHash, row.id, row.content) });
  const renumber = (rows: Row[]): Row[] => rows.map((row, at) => ({ ...row, id: at + 1 }));

  beforeAll(() => {
    original = join(mkdtempSync(join(tmpdir(), 'tmem-history-')), 'original.db');
    anchor = audited(original);
  });

  afterAll(() => rmSync(dirname(original), { recursive: true }));

  it('is sound as it was written, and knows its anchor', () => {
    expect(tampered((rows) => rows)).toEqual({
      rows: ROWS,
      headHash: anchor.headHash,
      sound: true,
      findings: [],
      restorations: [],
    });
    expect(anchor.rows).toBe(ROWS);
  });

  it.each([1, 5, ROWS])('finds that row %i was altered', (id) => {
    const change = (rows: Row[]): Row[] => rows.map((row) => (row.id === id ? altered(row) : row));
    expect(found(tampered(change))).toEqual([['altered', id, id]]);
  });

  it.each([1, 5])('finds that row %i was altered together with its hash', (id) => {
    const change = (rows: Row[]): Row[] => rows.map((row) => (row.id === id ? rehashed(altered(row)) : row));
    expect(found(tampered(change, false))).toEqual([['altered', id, id]]);
  });

  it.each([
    [1, 1],
    [4, 6],
    [ROWS - 1, ROWS - 1],
  ])('finds that rows %i to %i were removed', (from, to) => {
    const change = (rows: Row[]): Row[] => rows.filter(({ id }) => id < from || id > to);
    expect(found(tampered(change))).toEqual([['removed', from, to]]);
  });

  it.each([
    [1, 2],
    [4, 6],
  ])('finds that rows %i to %i were removed and the rest renumbered', (from, to) => {
    const change = (rows: Row[]): Row[] => renumber(rows.filter(({ id }) => id < from || id > to));
    expect(found(tampered(change, false))).toEqual([['removed', from, to]]);
  });

  it.each(['junk', 'well made'])('finds inserted rows (%s) and the rest renumbered', (kind) => {
    for (const after of [0, 3, 10]) {
      const change = (rows: Row[]): Row[] => {
        const previousHash = rows[after - 1]?.hash ?? firstHash(anchor.databaseId);
        const content = rows[7]?.content ?? '';
        const junk = { id: 0, content, previousHash: 'f'.repeat(64), hash: 'e'.repeat(64) };
        const wellMade = rehashed({ id: after + 1, content, previousHash, hash: '' });
        return renumber([
          ...rows.slice(0, after),
          ...(kind === 'junk' ? [junk, junk] : [wellMade]),
          ...rows.slice(after),
        ]);
      };
      const count = kind === 'junk' ? 2 : 1;
      expect(found(tampered(change, false))).toEqual([['inserted', after + 1, after + count]]);
    }
  });

  it('finds a tail that was cut off only with the anchor', () => {
    const change = (rows: Row[]): Row[] => rows.slice(0, 9);
    expect(found(tampered(change))).toEqual([['cut-off', 10, ROWS]]);
    expect(tampered(change, false).sound).toBe(true);
  });

  it('finds a chain rewritten to its end only with the anchor', () => {
    const change = (rows: Row[]): Row[] => {
      let previousHash = firstHash(anchor.databaseId);
      return rows.map((row) => {
        const next = rehashed({ ...(row.id === 4 ? altered(row) : row), previousHash });
        previousHash = next.hash;
        return next;
      });
    };
    expect(found(tampered(change))).toEqual([['altered', ROWS, ROWS]]);
    expect(tampered(change, false).sound).toBe(true);
  });

  it('finds two wrongs at once', () => {
    const change = (rows: Row[]): Row[] =>
      rows.map((row) => (row.id === 3 ? altered(row) : row)).filter(({ id }) => id !== 8);
    expect(found(tampered(change))).toEqual([
      ['altered', 3, 3],
      ['removed', 8, 8],
    ]);
  });

  it('never finds it sound when any row inside was changed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: ROWS - 2 }),
        fc.constantFrom('content', 'previousHash', 'hash', 'id'),
        fc.boolean(),
        (at, field, fixHash) => {
          const result = tampered(
            (rows) =>
              rows.map((row, place) => {
                if (place !== at) return row;
                if (field === 'content') return fixHash ? rehashed(altered(row)) : altered(row);
                if (field === 'id') return { ...row, id: row.id + 100 };
                const turned = row[field].startsWith('0') ? `1${row[field].slice(1)}` : `0${row[field].slice(1)}`;
                const changed = { ...row, [field]: turned };
                return fixHash && field === 'previousHash' ? rehashed(changed) : changed;
              }),
            false,
          );
          expect(result.sound).toBe(false);
        },
      ),
      { numRuns: 40, seed: Math.floor(Math.random() * 2 ** 31) },
    );
  });

  it('says when the triggers that guard it are gone', () => {
    const file = temporaryDatabase();
    copyFileSync(original, file);
    const raw = new Database(file);
    raw.exec('DROP TRIGGER actionsNeverRemoved');
    expect(found(verifyAudit(raw))).toEqual([['unguarded', null, null]]);
    raw.close();
  });

  it('does not take the anchor of another history', () => {
    const other = audited(temporaryDatabase());
    const connection = openForReading(original);
    expect(found(verifyAudit(connection, other))).toEqual([['other-history', null, null]]);
    connection.close();
  });

  it('refuses in SQL to change, remove, replace or skip a row', () => {
    const file = temporaryDatabase();
    copyFileSync(original, file);
    const raw = new Database(file);
    const zeros = '0'.repeat(64);
    const values = `'{}', '${zeros}', '${zeros}'`;
    for (const sql of [
      `UPDATE actions SET content = '{}' WHERE id = 3`,
      `UPDATE actions SET id = 99 WHERE id = 3`,
      `DELETE FROM actions WHERE id = ${ROWS}`,
      `DELETE FROM actions`,
      `INSERT OR REPLACE INTO actions (id, content, previousHash, hash) VALUES (3, ${values})`,
      `INSERT INTO actions (id, content, previousHash, hash) VALUES (${ROWS + 2}, ${values})`,
      `INSERT INTO actions (content, previousHash, hash) VALUES (${values})`,
    ]) {
      expect(() => raw.exec(sql), sql).toThrow(/append-only/);
    }
    expect(verifyAudit(raw, anchor).sound).toBe(true);
    raw.close();
  });

  it('goes on in the next run and the next process', () => {
    const file = temporaryDatabase();
    copyFileSync(original, file);
    const writer = openWriter(file);
    writer.beginRun(newRun());
    const [action] = writer.commitActions(
      [{ hostMs: 5, kind: 'balloon-target', guestId: 2, before: 100, after: 200, source: 'cli' }],
      99,
    );
    expect(action).toEqual({
      id: ROWS + 1,
      runId: 2,
      hostMs: 5,
      wallMs: 99,
      kind: 'balloon-target',
      guestId: 2,
      guestName: 'beta',
      before: 100,
      after: 200,
      source: 'cli',
      reason: null,
      undoes: null,
    });
    const connection = openForReading(file);
    expect(verifyAudit(connection, anchor)).toMatchObject({ sound: true, rows: ROWS + 1 });
    connection.close();
  });
});
