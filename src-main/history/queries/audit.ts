import type { RequestAnswer, RequestArgument } from '#contract/requests.ts';
import type { ActionOutcome } from '#contract/reports.ts';
import { actionOf } from '../audit/content.ts';
import { anchorOf } from '../audit/anchor.ts';
import { readRestorations } from '../audit/restorations.ts';
import { verifyAudit } from '../audit/verify.ts';
import type { Connection } from '../connection.ts';

/** Most findings that cross to the window; the first ones tell the story. */
const FINDINGS_SHOWN = 100;

interface Row {
  readonly id: number;
  readonly content: string;
  readonly hash: string;
  readonly undoneBy: number | null;
  readonly outcome: Exclude<ActionOutcome, 'committed'> | null;
}

/** `history.audit`: rows of the audit under a filter, newest first, page by page. */
export function auditQuery(
  connection: Connection,
): (argument: RequestArgument<'history.audit'>) => RequestAnswer<'history.audit'> {
  const filter = `(? = '[]' OR json_extract(content, '$.guestName') IN (SELECT value FROM json_each(?)))
    AND (? = '[]' OR kind IN (SELECT value FROM json_each(?)))`;
  const page = connection.prepare(
    `SELECT id, content, hash, (SELECT outcome FROM actionOutcomes WHERE actionId = id) AS outcome,
       (SELECT max(id) FROM actions AS later WHERE later.undoes = actions.id) AS undoneBy
     FROM actions WHERE id < ? AND ${filter} ORDER BY id DESC LIMIT ?`,
  );
  const matching = connection.prepare(`SELECT count(*) FROM actions WHERE ${filter}`).pluck();
  const total = connection.prepare('SELECT count(*) FROM actions').pluck();
  const guests = connection
    .prepare(
      `SELECT DISTINCT json_extract(content, '$.guestName') AS name FROM actions WHERE name IS NOT NULL ORDER BY name`,
    )
    .pluck();
  return ({ guests: names, kinds, before, limit }) => {
    const [namesText, kindsText] = [JSON.stringify(names), JSON.stringify(kinds)];
    const wanted = [namesText, namesText, kindsText, kindsText] as const;
    const rows = page.all(before ?? Number.MAX_SAFE_INTEGER, ...wanted, limit + 1) as Row[];
    return {
      rows: rows.slice(0, limit).map(({ id, content, hash, outcome, undoneBy }) => ({
        action: actionOf(id, content),
        outcome: outcome ?? 'committed',
        hash,
        undoneBy,
      })),
      more: rows.length > limit,
      matching: matching.get(...wanted) as number,
      total: total.get() as number,
      guests: guests.all() as string[],
    };
  };
}

/** `history.restorations`: the times at which a file took the place of this history. */
export function restorationsQuery(connection: Connection): () => RequestAnswer<'history.restorations'> {
  return () => ({ restorations: readRestorations(connection).rows.reverse() });
}

/** `history.verifyAudit`: the whole chain, looked through now. */
export function verifyAuditQuery(
  connection: Connection,
): (argument: RequestArgument<'history.verifyAudit'>) => RequestAnswer<'history.verifyAudit'> {
  return ({ anchor }) => {
    const { rows, headHash, sound, findings } = verifyAudit(connection, anchor ?? null);
    const { databaseId, madeAtMs } = anchorOf(connection, Date.now());
    return {
      sound,
      rows,
      headHash,
      historyId: databaseId,
      checkedAtWallMs: madeAtMs,
      findings: findings.length,
      shown: findings.slice(0, FINDINGS_SHOWN),
    };
  };
}
