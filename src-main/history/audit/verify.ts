import type { Connection } from '../connection.ts';
import type { Anchor } from './anchor.ts';
import { databaseIdOf } from './anchor.ts';
import type { ChainRow } from './chain-walk.ts';
import { ChainWalk } from './chain-walk.ts';
import { firstHash } from './chain.ts';
import type { Finding } from './findings.ts';
import { rowsFinding } from './findings.ts';
import type { Restoration } from './restorations.ts';
import { readRestorations } from './restorations.ts';

/** What came of looking through the audit. */
export interface Verification {
  /** Rows in it. */
  readonly rows: number;
  /** Hash of the last one. */
  readonly headHash: string;
  /** Nothing was found; see {@link verifyAudit} for what cannot be. */
  readonly sound: boolean;
  readonly findings: readonly Finding[];
  /** The times at which a backup took the place of the history, oldest first: what the audit lost by it was set aside. */
  readonly restorations: readonly Restoration[];
}

/** The triggers that refuse changes, by name. */
const GUARDS = ['actions', 'restorations'].flatMap((table) =>
  ['NeverChanged', 'NeverRemoved', 'OnlyAppended'].map((what) => table + what),
);

/**
 * Walks the whole chain and names the rows that were altered, inserted or removed; with an anchor also a tail that was cut
 * off. What it cannot find: rows appended with correct hashes by somebody who may write the file; a chain rewritten from
 * some row to its end where no anchor from after that row is given; a rewritten chain together with a rewritten anchor; the
 * last restorations, where they were removed.
 */
export function verifyAudit(connection: Connection, anchor: Anchor | null = null): Verification {
  const databaseId = databaseIdOf(connection);
  const walk = new ChainWalk(firstHash(databaseId));
  const rows = connection.prepare('SELECT id, content, previousHash, hash FROM actions ORDER BY id');
  for (const row of rows.iterate() as Iterable<ChainRow>) walk.add(row);
  walk.end();
  const restorations = readRestorations(connection);
  const findings = [
    ...unguarded(connection),
    ...walk.findings,
    ...(anchor === null ? [] : againstAnchor(connection, anchor, databaseId, walk.lastId, 'the anchor')),
    ...restorations.findings,
    ...restorations.rows.flatMap(({ id, restored }) =>
      againstAnchor(connection, restored, databaseId, walk.lastId, `restoration ${id}`),
    ),
  ];
  return {
    rows: walk.rows,
    headHash: walk.headHash,
    sound: findings.length === 0,
    findings,
    restorations: restorations.rows,
  };
}

function unguarded(connection: Connection): Finding[] {
  const present = connection.prepare(`SELECT name FROM sqlite_schema WHERE type = 'trigger'`).pluck().all();
  const missing = GUARDS.filter((name) => !present.includes(name));
  if (missing.length === 0) return [];
  const sentence = `The audit lacks the triggers that refuse changes to it: ${missing.join(', ')}.`;
  return [{ kind: 'unguarded', fromId: null, toId: null, sentence }];
}

function againstAnchor(
  connection: Connection,
  anchor: Pick<Anchor, 'databaseId' | 'rows' | 'headHash'>,
  databaseId: string,
  lastId: number,
  who: string,
): Finding[] {
  if (anchor.databaseId !== databaseId) {
    const sentence = `${who.charAt(0).toUpperCase()}${who.slice(1)} is of another history: it says nothing about the end of this one.`;
    return [{ kind: 'other-history', fromId: null, toId: null, sentence }];
  }
  if (lastId < anchor.rows) {
    return [rowsFinding('cut-off', lastId + 1, anchor.rows, `cut off at the end: ${who} knows ${anchor.rows} rows`)];
  }
  if (anchor.rows === 0) return [];
  const hash = connection.prepare('SELECT hash FROM actions WHERE id = ?').pluck().get(anchor.rows);
  if (hash === anchor.headHash) return [];
  return [rowsFinding('altered', anchor.rows, anchor.rows, `rewritten, or rows before it: ${who} knows it otherwise`)];
}
