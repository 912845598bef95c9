import type { Connection } from '../connection.ts';

/**
 * One step of the schema. Once released it is frozen: a test compares its text with a recorded digest. What it needs to
 * know (column names …) stands in it literally, never by import, so that it always does what it did.
 */
export interface Migration {
  /** The schema version it leads to, from 1. */
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  /** Moves data where SQL alone does not do; runs after `sql` in the same transaction. */
  readonly fill?: (connection: Connection) => void;
}
