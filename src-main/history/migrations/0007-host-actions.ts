import type { Migration } from './migration.ts';

/**
 * Actions may concern the whole host (no guest), have other values than numbers, carry a reason and say which row they set
 * back. All of that stands in `content`, and rows that were there stay as they were written, hashes too; but a program that
 * knows only the former kinds could not read the new ones, so it has to refuse the file. "Which row undoes this one?" is
 * asked for each row of the audit that is shown.
 */
export const hostActions: Migration = {
  version: 7,
  name: 'host-actions',
  sql: `
ALTER TABLE actions ADD COLUMN undoes INTEGER GENERATED ALWAYS AS (json_extract(content, '$.undoes')) VIRTUAL;
CREATE INDEX actionsByUndone ON actions (undoes) WHERE undoes IS NOT NULL;
`,
};
