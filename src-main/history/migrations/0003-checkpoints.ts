import type { Migration } from './migration.ts';

/**
 * Checkpoints: whole states of the model, from which a restart goes on. They are the only large values, so they have a
 * table of their own whose keys are read without touching them.
 */
export const checkpoints: Migration = {
  version: 3,
  name: 'checkpoints',
  sql: `
CREATE TABLE checkpoints (
  id INTEGER PRIMARY KEY,
  runId INTEGER NOT NULL REFERENCES runs (id),
  hostMs INTEGER NOT NULL,
  wallMs INTEGER NOT NULL,
  lastActionId INTEGER NOT NULL,
  modelVersion INTEGER NOT NULL,
  configDigest TEXT NOT NULL,
  stateDigest TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  data BLOB NOT NULL
) STRICT;
CREATE INDEX checkpointsByHostTime ON checkpoints (runId, hostMs, bytes);
`,
};
