import { createHash } from 'node:crypto';

/**
 * The hash chain of the audit. Each row's hash covers the hash before it, its own number and its content, so altering,
 * inserting or removing a row inside breaks every hash after it. The chain begins at a hash of the database's own id:
 * rows of another database do not fit.
 */
export function firstHash(databaseId: string): string {
  return sha256(`tmem-console audit ${databaseId}`);
}

/** Hash of row `id` (from 1) with `content`, the canonical JSON as stored, after the row with `previousHash`. */
export function rowHash(previousHash: string, id: number, content: string): string {
  return sha256(`${previousHash}\n${id}\n${content}`);
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
