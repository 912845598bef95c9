import type { Migration } from './migration.ts';

/**
 * The first schema. Column names are those of the contract. The big tables lie in
 * the order of time: a batch is written to their end (in the order of guests each batch would touch a page for each guest,
 * which measured a third of the speed and fifty times the bytes), retention frees whole pages, and the eviction history is
 * read backwards. Charts of long spans read the tiers, not these rows. Tables keep what later versions add as further
 * columns or tables; no key has to change.
 */
export const foundation: Migration = {
  version: 1,
  name: 'foundation',
  sql: `
CREATE TABLE meta (
  key TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL CHECK (json_valid(source)),
  seed INTEGER NOT NULL,
  totalPages INTEGER NOT NULL,
  reservedPages INTEGER NOT NULL,
  policy TEXT NOT NULL,
  idleTaxPermille INTEGER NOT NULL,
  idleTaxWindowS INTEGER NOT NULL,
  appVersion TEXT NOT NULL,
  axisStartS INTEGER NOT NULL UNIQUE,
  seconds INTEGER NOT NULL DEFAULT 0,
  startedAtMs INTEGER NOT NULL,
  endedAtMs INTEGER,
  endState TEXT NOT NULL DEFAULT 'running' CHECK (endState IN ('running', 'stopped', 'crashed'))
) STRICT;

CREATE TABLE guests (
  runId INTEGER NOT NULL REFERENCES runs (id),
  guestId INTEGER NOT NULL,
  name TEXT NOT NULL,
  workload TEXT NOT NULL,
  minPages INTEGER NOT NULL,
  maxPages INTEGER NOT NULL,
  PRIMARY KEY (runId, guestId)
) STRICT, WITHOUT ROWID;

CREATE TABLE guestSamples (
  runId INTEGER NOT NULL,
  second INTEGER NOT NULL,
  guestId INTEGER NOT NULL,
  ramPages INTEGER NOT NULL,
  targetPages INTEGER NOT NULL,
  weight INTEGER NOT NULL,
  ephemeralPages INTEGER NOT NULL,
  persistentPages INTEGER NOT NULL,
  usedPages INTEGER NOT NULL,
  accesses INTEGER NOT NULL,
  cacheHits INTEGER NOT NULL,
  precacheGets INTEGER NOT NULL,
  precacheHits INTEGER NOT NULL,
  precachePuts INTEGER NOT NULL,
  precachePutsFailed INTEGER NOT NULL,
  flushes INTEGER NOT NULL,
  diskReads INTEGER NOT NULL,
  evictedBySelf INTEGER NOT NULL,
  evictedByOthers INTEGER NOT NULL,
  evictionsCaused INTEGER NOT NULL,
  PRIMARY KEY (runId, second, guestId)
) STRICT, WITHOUT ROWID;

CREATE TABLE hostSamples (
  runId INTEGER NOT NULL,
  second INTEGER NOT NULL,
  totalPages INTEGER NOT NULL,
  reservedPages INTEGER NOT NULL,
  guestPages INTEGER NOT NULL,
  ephemeralPages INTEGER NOT NULL,
  persistentPages INTEGER NOT NULL,
  fallowPages INTEGER NOT NULL,
  evictions INTEGER NOT NULL,
  PRIMARY KEY (runId, second)
) STRICT, WITHOUT ROWID;

-- One row for each host second and combination; "row" counts them within the second. beneficiaryId 0 is the host.
CREATE TABLE evictions (
  runId INTEGER NOT NULL,
  second INTEGER NOT NULL,
  row INTEGER NOT NULL,
  victimId INTEGER NOT NULL,
  beneficiaryId INTEGER NOT NULL,
  reason INTEGER NOT NULL,
  pages INTEGER NOT NULL,
  PRIMARY KEY (runId, second, row)
) STRICT, WITHOUT ROWID;

-- The audit. "content" is what the hash covers; the other columns are read out of it, so they cannot disagree with it.
CREATE TABLE actions (
  id INTEGER PRIMARY KEY,
  content TEXT NOT NULL CHECK (json_valid(content)),
  previousHash TEXT NOT NULL CHECK (length(previousHash) = 64),
  hash TEXT NOT NULL CHECK (length(hash) = 64),
  runId INTEGER GENERATED ALWAYS AS (json_extract(content, '$.runId')) VIRTUAL,
  hostMs INTEGER GENERATED ALWAYS AS (json_extract(content, '$.hostMs')) VIRTUAL,
  wallMs INTEGER GENERATED ALWAYS AS (json_extract(content, '$.wallMs')) VIRTUAL,
  kind TEXT GENERATED ALWAYS AS (json_extract(content, '$.kind')) VIRTUAL
) STRICT;
CREATE INDEX actionsByHostTime ON actions (runId, hostMs);

CREATE TRIGGER actionsOnlyAppended BEFORE INSERT ON actions
WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM actions)
BEGIN
  SELECT raise(ABORT, 'The audit is append-only: the next row has the next number.');
END;
CREATE TRIGGER actionsNeverChanged BEFORE UPDATE ON actions
BEGIN
  SELECT raise(ABORT, 'The audit is append-only: rows are never changed.');
END;
CREATE TRIGGER actionsNeverRemoved BEFORE DELETE ON actions
BEGIN
  SELECT raise(ABORT, 'The audit is append-only: rows are never removed.');
END;

-- What became of an action. No row: committed, the host has not confirmed it yet.
CREATE TABLE actionOutcomes (
  actionId INTEGER PRIMARY KEY REFERENCES actions (id),
  outcome TEXT NOT NULL CHECK (outcome IN ('applied', 'not-applied')),
  wallMs INTEGER NOT NULL
) STRICT;

CREATE TABLE clockEvents (
  id INTEGER PRIMARY KEY,
  runId INTEGER NOT NULL REFERENCES runs (id),
  hostMs INTEGER NOT NULL,
  wallMs INTEGER NOT NULL,
  kind TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;
CREATE INDEX clockEventsByHostTime ON clockEvents (runId, hostMs);

-- Corners of the piecewise linear map from host time to wall time.
CREATE TABLE timeMap (
  runId INTEGER NOT NULL REFERENCES runs (id),
  piece INTEGER NOT NULL,
  hostMs INTEGER NOT NULL,
  wallMs INTEGER NOT NULL,
  PRIMARY KEY (runId, hostMs, piece)
) STRICT, WITHOUT ROWID;
`,
};
