import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { historyQueries } from '#main/history/queries/index.ts';
import { reading, twoRuns } from './support.ts';

const NO_FILTER = { guests: [], kinds: [], before: null, limit: 100 };

function audit(file: string, more: object = {}) {
  return reading(file, (connection) => historyQueries(connection)['history.audit']({ ...NO_FILTER, ...more }));
}

describe('the pages of the audit', () => {
  it('go from the newest row down, without one twice or left out', () => {
    const { file, writer } = twoRuns();
    const set = { kind: 'weight', guestId: 1, before: 1, after: 2, source: 'console', hostMs: 171_000 } as const;
    for (let turn = 0; turn < 8; turn++) writer.commitActions([set], 1_700_000_400_000);
    const first = audit(file, { limit: 6 });
    expect(first.rows.map(({ action }) => action.id)).toEqual([10, 9, 8, 7, 6, 5]);
    expect(first).toMatchObject({ more: true, total: 10, matching: 10, guests: ['alpha', 'beta', 'gamma'] });
    const second = audit(file, { limit: 6, before: 5 });
    expect(second.rows.map(({ action }) => action.id)).toEqual([4, 3, 2, 1]);
    expect(second.more).toBe(false);
  });

  it('say what became of each row', () => {
    const { file, writer } = twoRuns();
    const set = { kind: 'weight', guestId: 1, before: 1, after: 2, source: 'console', hostMs: 171_000 } as const;
    writer.commitActions([set], 1_700_000_400_000);
    expect(audit(file).rows.map(({ outcome }) => outcome)).toEqual(['committed', 'applied', 'applied']);
  });

  it('keep to the guests and kinds that were asked for', () => {
    const { file } = twoRuns();
    expect(audit(file, { guests: ['beta'] }).rows.map(({ action }) => action.guestName)).toEqual(['beta']);
    expect(audit(file, { kinds: ['balloon-target'] })).toMatchObject({ matching: 1, total: 2 });
    expect(audit(file, { guests: ['beta'], kinds: ['balloon-target'] }).rows).toEqual([]);
  });
});

describe('verifying from the window', () => {
  const verify = (file: string) => reading(file, (connection) => historyQueries(connection)['history.verifyAudit']({}));

  it('finds a sound chain, with its head', () => {
    const { file } = twoRuns();
    const [newest] = audit(file).rows;
    expect(verify(file)).toMatchObject({ sound: true, rows: 2, headHash: newest?.hash, findings: 0, shown: [] });
  });

  it('names a row that was altered', () => {
    const { file, writer } = twoRuns();
    writer.close();
    const database = new Database(file);
    database.exec('DROP TRIGGER actionsNeverChanged');
    database.exec(`UPDATE actions SET content = replace(content, '"after":400', '"after":401') WHERE id = 1`);
    database.close();
    const found = verify(file);
    expect(found.sound).toBe(false);
    expect(found.shown.map(({ kind, fromId }) => [kind, fromId])).toContainEqual(['altered', 1]);
    expect(found.findings).toBe(found.shown.length);
  });
});
