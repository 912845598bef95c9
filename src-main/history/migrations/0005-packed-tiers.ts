import type { Connection } from '../connection.ts';
import type { Migration } from './migration.ts';

/** Columns that are added; columns as they were; and the order they have then. */
const GUEST_ADDED = [
  'refaults',
  'diskWrites',
  'preswapPuts',
  'preswapPutsFailed',
  'preswapGets',
  'preswapFlushes',
  'swapIns',
  'swapOuts',
  'stallUs',
  'tmemCpuUs',
  'oomKills',
  'anonPages',
  'dirtyPages',
  'swapPages',
  'preswapDuplicates',
  'compressedPages',
  'sharedPages',
];
const HOST_ADDED = ['diskBusyUs', 'tmemCpuUs', 'diskQueue', 'compressedPages', 'sharedPages'];
const GUEST_BEFORE = [
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
const HOST_BEFORE = [
  'totalPages',
  'reservedPages',
  'guestPages',
  'ephemeralPages',
  'persistentPages',
  'fallowPages',
  'evictions',
];

const added = (table: string, columns: readonly string[]): string =>
  columns.map((column) => `ALTER TABLE ${table} ADD COLUMN ${column} INTEGER NOT NULL DEFAULT 0;\n`).join('');

/**
 * Columns for what the guests' kernels, the disk and the accounts of content tell (0 in all that was recorded before);
 * evictions by kind of pool and age (0 = precache; of former rows the ages are not known: their classes add up to 0); single
 * evictions; and the tiers in packed form.
 *
 * tierPages: some buckets of one column of one owner (0 = the host) in a row: seconds in each bucket, sum, minimum, maximum
 * and last (`packed.ts`). The rows of one page lie together by column, as charts read them, and pages by time, as they are
 * written. evictionTiers: the evictions of a minute, an hour or a day in a row: victim, beneficiary, reason, kind of pool,
 * pages, and pages of each age class.
 */
export const packedTiers: Migration = {
  version: 5,
  name: 'packed-tiers',
  sql: `
${added('guestSamples', GUEST_ADDED)}${added('hostSamples', HOST_ADDED)}
ALTER TABLE evictions ADD COLUMN poolKind INTEGER NOT NULL DEFAULT 0;
ALTER TABLE evictions ADD COLUMN pagesTo1S INTEGER NOT NULL DEFAULT 0;
ALTER TABLE evictions ADD COLUMN pagesTo10S INTEGER NOT NULL DEFAULT 0;
ALTER TABLE evictions ADD COLUMN pagesTo1Min INTEGER NOT NULL DEFAULT 0;
ALTER TABLE evictions ADD COLUMN pagesTo10Min INTEGER NOT NULL DEFAULT 0;
ALTER TABLE evictions ADD COLUMN pagesTo1H INTEGER NOT NULL DEFAULT 0;
ALTER TABLE evictions ADD COLUMN pagesOlder INTEGER NOT NULL DEFAULT 0;

-- Some of the evictions singly: every n-th of the second. atMs lies within the second; object is the low 53 bits of its id.
CREATE TABLE evictionSamples (
  runId INTEGER NOT NULL,
  second INTEGER NOT NULL,
  row INTEGER NOT NULL,
  everyNth INTEGER NOT NULL,
  atMs INTEGER NOT NULL,
  victimId INTEGER NOT NULL,
  beneficiaryId INTEGER NOT NULL,
  poolKind INTEGER NOT NULL,
  reason INTEGER NOT NULL,
  object INTEGER NOT NULL,
  pageIndex INTEGER NOT NULL,
  ageMs INTEGER NOT NULL,
  PRIMARY KEY (runId, second, row)
) STRICT, WITHOUT ROWID;

CREATE TABLE tierPages (
  tierS INTEGER NOT NULL,
  runId INTEGER NOT NULL,
  fromS INTEGER NOT NULL,
  columnNo INTEGER NOT NULL,
  ownerId INTEGER NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY (tierS, runId, fromS, columnNo, ownerId)
) STRICT, WITHOUT ROWID;

CREATE TABLE evictionTiers (
  tierS INTEGER NOT NULL,
  runId INTEGER NOT NULL,
  fromS INTEGER NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY (tierS, runId, fromS)
) STRICT;
`,
  fill: (connection) => {
    for (const run of connection.prepare('SELECT id, axisStartS, seconds FROM runs').all() as OldRun[]) {
      moveTiers(connection, run);
      moveEvictions(connection, run);
    }
    connection.exec('DROP TABLE guestTiers; DROP TABLE hostTiers; DROP TABLE evictionMinutes;');
  },
};

interface OldRun {
  readonly id: number;
  readonly axisStartS: number;
  readonly seconds: number;
}

const STATISTICS = ['Sum', 'Min', 'Max', 'Last'];
/** Seconds of a bucket, and buckets in a page. */
const PAGES: readonly (readonly [number, number])[] = [
  [10, 30],
  [60, 30],
  [3_600, 24],
  [86_400, 30],
];

/**
 * Packs the rows of a run's tiers. Of a run that was not ended, the partial page at the end is left out: it is made again of
 * the finer tier.
 */
function moveTiers(connection: Connection, run: OldRun): void {
  const reached = connection.prepare('SELECT toSecond FROM coverage WHERE runId = ? AND tierS = ?').pluck();
  const isComplete = reached.get(run.id, 86_400) === reached.get(run.id, 1);
  for (const [tierS, buckets] of PAGES) {
    const toSecond = reached.get(run.id, tierS) as number | undefined;
    if (toSecond === undefined) continue;
    const spanS = tierS * buckets;
    const endS = run.axisStartS + toSecond;
    const limitS = isComplete ? endS : endS - (endS % spanS);
    packTier(connection, run, tierS, spanS, limitS, 'host');
    packTier(connection, run, tierS, spanS, limitS, 'guest');
    connection
      .prepare('UPDATE coverage SET toSecond = ? WHERE runId = ? AND tierS = ?')
      .run(Math.max(0, limitS - run.axisStartS), run.id, tierS);
  }
}

function packTier(
  connection: Connection,
  run: OldRun,
  tierS: number,
  spanS: number,
  limitS: number,
  table: 'host' | 'guest',
): void {
  const [before, addedColumns] = table === 'host' ? [HOST_BEFORE, HOST_ADDED] : [GUEST_BEFORE, GUEST_ADDED];
  const owner = table === 'host' ? '0' : 'guestId';
  const statistics = before.flatMap((column) => STATISTICS.map((statistic) => column + statistic));
  const rows = connection
    .prepare(
      `SELECT ${owner} AS owner, axisS, count, ${statistics.join(', ')} FROM ${table}Tiers
       WHERE tierS = ? AND runId = ? AND axisS < ? ORDER BY owner, axisS`,
    )
    .raw();
  const insert = connection.prepare(
    'INSERT INTO tierPages (tierS, runId, fromS, columnNo, ownerId, data) VALUES (?, ?, ?, ?, ?, ?)',
  );
  let page: number[][] = [];
  const store = (): void => {
    const [first] = page;
    if (first === undefined) return;
    const [ownerId = 0, axisS = 0] = first;
    const fromS = axisS - (axisS % spanS);
    for (let column = 0; column < before.length + addedColumns.length; column++) {
      const arrays = Array.from({ length: 5 }, () => new Float64Array(spanS / tierS));
      for (const row of page) {
        const place = ((row[1] ?? 0) - fromS) / tierS;
        arrays.forEach((array, at) => {
          array[place] = at === 0 ? (row[2] ?? 0) : column < before.length ? (row[3 + column * 4 + at - 1] ?? 0) : 0;
        });
      }
      insert.run(tierS, run.id, fromS, column, ownerId, packed(arrays));
    }
    page = [];
  };
  // Few at a time: the statement that reads is at an end before one writes.
  for (const row of rows.all(tierS, run.id, limitS) as number[][]) {
    const [former] = page;
    const pageOf = ([ownerId = 0, axisS = 0]: readonly number[]): string => `${ownerId} ${Math.floor(axisS / spanS)}`;
    if (former !== undefined && pageOf(former) !== pageOf(row)) store();
    page.push(row);
  }
  store();
}

/** Blocks of minutes, hours and days; of a run that was not ended, without the partial ones at its end. */
function moveEvictions(connection: Connection, run: OldRun): void {
  const reached = connection.prepare('SELECT toSecond FROM coverage WHERE runId = ? AND tierS = ?').pluck();
  const hasMinutes = reached.get(run.id, 60) !== undefined;
  const isComplete = reached.get(run.id, 86_400) === reached.get(run.id, 1);
  const endS = run.axisStartS + Number(reached.get(run.id, 1) ?? run.seconds);
  const insert = connection.prepare('INSERT INTO evictionTiers (tierS, runId, fromS, data) VALUES (?, ?, ?, ?)');
  for (const tierS of [60, 3_600, 86_400]) {
    const limitS = isComplete ? endS : endS - (endS % tierS);
    const source = hasMinutes
      ? `SELECT CAST(axisS AS INTEGER) / ${tierS} * ${tierS} AS fromS, victimId, beneficiaryId, reason, sum(pages) FROM evictionMinutes
         WHERE runId = @runId AND axisS < @limitS GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`
      : `SELECT (second + CAST(@startS AS INTEGER)) / ${tierS} * ${tierS} AS fromS, victimId, beneficiaryId, reason, sum(pages)
         FROM evictions WHERE runId = @runId AND second + @startS < @limitS GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`;
    const parameters = { runId: run.id, limitS, ...(hasMinutes ? {} : { startS: run.axisStartS }) };
    let block: number[][] = [];
    const store = (): void => {
      const fromS = block[0]?.[0];
      if (fromS === undefined) return;
      const of = (at: number): Float64Array => Float64Array.from(block, (row) => row[at] ?? 0);
      const none = new Float64Array(block.length);
      insert.run(tierS, run.id, fromS, packed([of(1), of(2), of(3), none, of(4), none, none, none, none, none, none]));
      block = [];
    };
    for (const row of connection.prepare(source).raw().all(parameters) as number[][]) {
      if (block[0] !== undefined && block[0][0] !== row[0]) store();
      block.push(row);
    }
    store();
  }
}

/** Arrays in packed form: length, then for each a code (0 = all zero, 8 = doubles) and its values, little-endian. */
function packed(arrays: readonly Float64Array[]): Uint8Array {
  const length = arrays[0]?.length ?? 0;
  const isZero = arrays.map((values) => values.every((value) => value === 0));
  const bytes = new Uint8Array(4 + isZero.reduce((sum, zero) => sum + 1 + (zero ? 0 : 8 * length), 0));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length, true);
  let at = 4;
  arrays.forEach((values, place) => {
    const zero = isZero[place] === true;
    view.setUint8(at++, zero ? 0 : 8);
    if (zero) return;
    for (const value of values) {
      view.setFloat64(at, value, true);
      at += 8;
    }
  });
  return bytes;
}
