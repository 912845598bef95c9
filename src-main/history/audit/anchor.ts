import type { AuditAnchor } from '#contract/reports.ts';
import { AuditAnchorSchema } from '#contract/reports.ts';
import type { Connection } from '../connection.ts';
import { firstHash } from './chain.ts';

/** What is kept outside the database so that a cut-off tail shows. */
export const AnchorSchema = AuditAnchorSchema;
export type Anchor = AuditAnchor;

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
