import * as v from 'valibot';
import { Count } from '#contract/numbers.ts';
import type { Connection } from '../connection.ts';
import { AnchorSchema, anchorOf, databaseIdOf } from './anchor.ts';
import { firstHash, rowHash } from './chain.ts';
import type { Finding } from './findings.ts';

/** How far an audit went. */
const HeadSchema = v.pick(AnchorSchema, ['databaseId', 'rows', 'headHash']);

const ContentSchema = v.strictObject({
  /** Wall time of the restoration, ms since 1970. */
  wallMs: Count,
  appVersion: v.string(),
  /** The file that was put in place. */
  backup: v.string(),
  /** Where the file went whose place it took; null = there was none. */
  setAside: v.nullable(v.string()),
  /** The audit of the file that was set aside; null = there was none, or it could not be read. */
  former: v.nullable(HeadSchema),
  /** The audit as the backup had it. */
  restored: HeadSchema,
});

/** One time at which a backup took the place of the history. */
export type Restoration = { readonly id: number } & v.InferOutput<typeof ContentSchema>;

/** What is known of a restoration before it happens; the audit of the backup is read out of the database. */
export type NewRestoration = Omit<Restoration, 'id' | 'restored'>;

interface Row {
  readonly id: number;
  readonly content: string;
  readonly previousHash: string;
  readonly hash: string;
}

/** Appends a restoration to a database that is about to take another's place. */
export function recordRestoration(connection: Connection, restoration: NewRestoration): Restoration {
  const { wallMs, appVersion, backup, setAside, former } = restoration;
  const { databaseId, rows, headHash } = anchorOf(connection, wallMs);
  const last = connection.prepare('SELECT id, hash FROM restorations ORDER BY id DESC LIMIT 1').get() as
    Pick<Row, 'id' | 'hash'> | undefined;
  const id = (last?.id ?? 0) + 1;
  const previousHash = last?.hash ?? beginning(databaseId);
  const restored = { databaseId, rows, headHash };
  const content = JSON.stringify({ wallMs, appVersion, backup, setAside, former, restored });
  connection
    .prepare('INSERT INTO restorations (id, content, previousHash, hash) VALUES (?, ?, ?, ?)')
    .run(id, content, previousHash, rowHash(previousHash, id, content));
  return { id, ...restoration, restored };
}

/** All restorations, oldest first, as far as they can be read, and those that are not as they were written. */
export function readRestorations(connection: Connection): { rows: Restoration[]; findings: Finding[] } {
  const rows: Restoration[] = [];
  const findings: Finding[] = [];
  let previousHash = beginning(databaseIdOf(connection));
  const stored = connection.prepare('SELECT id, content, previousHash, hash FROM restorations ORDER BY id').all();
  (stored as Row[]).forEach((row, place) => {
    const fits = row.id === place + 1 && row.previousHash === previousHash;
    const read = v.safeParse(v.pipe(v.string(), v.parseJson(), ContentSchema), row.content);
    if (!fits || !read.success || row.hash !== rowHash(previousHash, row.id, row.content)) {
      const sentence = `Restoration ${row.id} is not as it was written, or one before it was removed.`;
      findings.push({ kind: 'altered', fromId: null, toId: null, sentence });
    } else {
      rows.push({ id: row.id, ...read.output });
    }
    previousHash = row.hash;
  });
  return { rows, findings };
}

/** The chain of the restorations begins elsewhere than that of the actions: rows of one do not fit the other. */
function beginning(databaseId: string): string {
  return firstHash(`${databaseId} restorations`);
}
