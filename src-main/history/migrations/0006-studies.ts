import type { Migration } from './migration.ts';

/**
 * Saved studies: what was asked and what was found, and for a forecast that was applied the set of actions that did it, so that
 * it can be compared with what then happened. They are the administrator's: they can be deleted, and no retention removes them.
 */
export const studies: Migration = {
  version: 6,
  name: 'studies',
  sql: `
CREATE TABLE studies (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  savedAtMs INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('replay', 'forecast')),
  runId INTEGER NOT NULL REFERENCES runs (id),
  fromMs INTEGER NOT NULL,
  horizonMs INTEGER NOT NULL CHECK (horizonMs > 0),
  -- The order as JSON, and the result as deflated JSON.
  asked TEXT NOT NULL CHECK (json_valid(asked)),
  found BLOB NOT NULL,
  -- The alternative that was applied, and the first action of the set that did it.
  appliedAlternative TEXT,
  appliedActionId INTEGER REFERENCES actions (id),
  CHECK ((appliedAlternative IS NULL) = (appliedActionId IS NULL))
) STRICT;
`,
};
