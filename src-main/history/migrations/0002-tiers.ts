import type { Migration } from './migration.ts';

/** Columns as they were when this step was made. */
const GUEST = [
  'ramPages',
  'targetPages',
  'weight',
  'ephemeralPages',
  'persistentPages',
  'usedPages',
  'accesses',
  'cacheHits',
  'precacheGets',
  'precacheHits',
  'precachePuts',
  'precachePutsFailed',
  'flushes',
  'diskReads',
  'evictedBySelf',
  'evictedByOthers',
  'evictionsCaused',
];
const HOST = [
  'totalPages',
  'reservedPages',
  'guestPages',
  'ephemeralPages',
  'persistentPages',
  'fallowPages',
  'evictions',
];

function statistics(columns: readonly string[]): string {
  return columns
    .flatMap((column) =>
      ['Sum', 'Min', 'Max', 'Last'].map((statistic) => `  ${column}${statistic} INTEGER NOT NULL,\n`),
    )
    .join('');
}

/**
 * Tiers: the samples summed up in buckets of 10 s, 1 min, 1 h and 1 d, for long spans. A bucket begins at a multiple of its
 * width on the axis of all runs; a run's first and last may be partial. Guest rows lie guest by guest, as charts read them.
 * `coverage` says which seconds of a run each tier has in whole (tier 1: the samples themselves).
 */
export const tiers: Migration = {
  version: 2,
  name: 'tiers',
  sql: `
CREATE TABLE guestTiers (
  tierS INTEGER NOT NULL,
  runId INTEGER NOT NULL,
  guestId INTEGER NOT NULL,
  axisS INTEGER NOT NULL,
  count INTEGER NOT NULL,
${statistics(GUEST)}  PRIMARY KEY (tierS, runId, guestId, axisS)
) STRICT, WITHOUT ROWID;

CREATE TABLE hostTiers (
  tierS INTEGER NOT NULL,
  runId INTEGER NOT NULL,
  axisS INTEGER NOT NULL,
  count INTEGER NOT NULL,
${statistics(HOST)}  PRIMARY KEY (tierS, runId, axisS)
) STRICT, WITHOUT ROWID;

-- Evictions summed up by the minute of the axis. The seconds in which there were any are bits: 0 to 29 and 30 to 59.
-- Complete as far as the tier of 60 s.
CREATE TABLE evictionMinutes (
  runId INTEGER NOT NULL,
  axisS INTEGER NOT NULL,
  victimId INTEGER NOT NULL,
  beneficiaryId INTEGER NOT NULL,
  reason INTEGER NOT NULL,
  pages INTEGER NOT NULL,
  earlySeconds INTEGER NOT NULL,
  lateSeconds INTEGER NOT NULL,
  PRIMARY KEY (runId, axisS, victimId, beneficiaryId, reason)
) STRICT, WITHOUT ROWID;

-- From fromSecond up to, not including, toSecond.
CREATE TABLE coverage (
  runId INTEGER NOT NULL REFERENCES runs (id),
  tierS INTEGER NOT NULL,
  fromSecond INTEGER NOT NULL,
  toSecond INTEGER NOT NULL,
  PRIMARY KEY (runId, tierS)
) STRICT, WITHOUT ROWID;

INSERT INTO coverage (runId, tierS, fromSecond, toSecond) SELECT id, 1, 0, seconds FROM runs;
`,
};
