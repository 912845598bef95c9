import * as v from 'valibot';
import { Count } from '#contract/numbers.ts';
import type { Connection } from '../connection.ts';
import { firstHash } from './chain.ts';

/**
 * What is kept outside the database so that a cut-off tail shows: how long the audit was, and the hash of its last row.
 */
export const AnchorSchema = v.strictObject({
  format: v.literal('tmem-console audit anchor 1'),
  databaseId: v.pipe(v.string(), v.nonEmpty()),
  /** Rows in the audit: the number of the last one. */
  rows: Count,
  /** Hash of that row; of an empty audit, the beginning of its chain. */
  headHash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  /** Wall time of the anchor, ms since 1970. */
  madeAtMs: Count,
});
export type Anchor = v.InferOutput<typeof AnchorSchema>;

/** The id that a database got when it was created. */
export function databaseIdOf(connection: Connection): string {
  return String(connection.prepare(`SELECT value FROM meta WHERE key = 'databaseId'`).pluck().get());
}

/** The anchor of the audit as it stands now. */
export function anchorOf(connection: Connection, nowMs: number): Anchor {
  const databaseId = databaseIdOf(connection);
  const head = connection.prepare('SELECT id, hash FROM actions ORDER BY id DESC LIMIT 1').get() as
    { id: number; hash: string } | undefined;
  return {
    format: 'tmem-console audit anchor 1',
    databaseId,
    rows: head?.id ?? 0,
    headHash: head?.hash ?? firstHash(databaseId),
    madeAtMs: nowMs,
  };
}
