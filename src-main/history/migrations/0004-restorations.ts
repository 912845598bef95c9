import type { Migration } from './migration.ts';

/**
 * What became of the file itself: each time it was put in the place of another one. A restoration belongs to no run and no
 * guest, so it is no row of the audit; it is kept like one, append-only and chained by hashes.
 */
export const restorations: Migration = {
  version: 4,
  name: 'restorations',
  sql: `
CREATE TABLE restorations (
  id INTEGER PRIMARY KEY,
  content TEXT NOT NULL CHECK (json_valid(content)),
  previousHash TEXT NOT NULL CHECK (length(previousHash) = 64),
  hash TEXT NOT NULL CHECK (length(hash) = 64)
) STRICT;

CREATE TRIGGER restorationsOnlyAppended BEFORE INSERT ON restorations
WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM restorations)
BEGIN
  SELECT raise(ABORT, 'Restorations are append-only: the next row has the next number.');
END;
CREATE TRIGGER restorationsNeverChanged BEFORE UPDATE ON restorations
BEGIN
  SELECT raise(ABORT, 'Restorations are append-only: rows are never changed.');
END;
CREATE TRIGGER restorationsNeverRemoved BEFORE DELETE ON restorations
BEGIN
  SELECT raise(ABORT, 'Restorations are append-only: rows are never removed.');
END;
`,
};
