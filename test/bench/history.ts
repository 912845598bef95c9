/**
 * `npm run bench:history`: how fast the history stores live samples, and answers each chart's question over ten million
 * rows. Rates are compared with plain multi-row VALUES of the same rows, measured by turns in the same run.
 * Arguments: rows of guest samples (10,000,000), a folder to work in (the system's temporary one).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { RequestArgument } from '#contract/requests.ts';
import { GUEST_COLUMNS, HOST_COLUMNS } from '#contract/samples.ts';
import { EVICTION_ROW, EVICTION_SAMPLE_ROW } from '#contract/stream.ts';
import { HistoryAnswerer } from '#main/history/answerer.ts';
import { openForWriting } from '#main/history/connection.ts';
import type { HistoryRequest } from '#main/history/queries/index.ts';
import { EVICTION_COLUMNS, EVICTION_SAMPLE_COLUMNS } from '#main/history/writer/second-log.ts';
import { BulkInsert } from '#main/history/writer/bulk-insert.ts';
import type { SecondBatch } from '#main/history/writer/second-log.ts';
import { HistoryWriter } from '#main/history/writer.ts';
import { Random } from '#main/host/random.ts';
import { newRun, randomBatch } from '../history/samples.ts';

const GUESTS = 64;
/** About 10,000 rows a transaction. */
const BATCH_S = 156;
const EVICTIONS_PER_SECOND = 64;
/** Guests that evict each other. */
const PAIRED_GUESTS = 16;
/** Most single evictions of one host second. */
const SINGLES_MAX = 1_000;
const COMPARED_BATCHES = 40;
const TIMES = 40;

const [rowsWanted = '10000000', parent = tmpdir()] = process.argv.slice(2);
const folder = mkdtempSync(join(parent, 'tmem-bench-history-'));
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? NaN;

function timed(work: () => unknown): number {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}

/** Inserts the same rows of samples and evictions by plain multi-row VALUES into tables without a key or anything else. */
function plainInsert(file: string): (batch: SecondBatch) => void {
  const connection = openForWriting(file, 'NORMAL');
  const table = (name: string, columns: readonly string[]): BulkInsert => {
    connection.exec(
      `CREATE TABLE ${name} (${columns.map((column) => `${column} INTEGER NOT NULL`).join(', ')}) STRICT`,
    );
    return new BulkInsert(connection, name, columns);
  };
  const guestRows = table('guests', ['runId', 'second', 'guestId', ...GUEST_COLUMNS]);
  const hostRows = table('host', ['runId', 'second', ...HOST_COLUMNS]);
  const inSecond = ['runId', 'second', 'row'];
  const evictionRows = table('evictions', [...inSecond, ...EVICTION_COLUMNS]);
  const singleRows = table('singles', [...inSecond, ...EVICTION_SAMPLE_COLUMNS]);
  const write = connection.transaction((batch: SecondBatch) => {
    const { firstSecond, seconds, guestIds, host, guests, evictions, evictionSamples } = batch;
    for (let s = 0; s < seconds; s++) {
      hostRows.add([1, firstSecond + s], host, s * HOST_COLUMNS.length, HOST_COLUMNS.length);
      guestIds.forEach((guestId, place) => {
        const from = (s * guestIds.length + place) * GUEST_COLUMNS.length;
        guestRows.add([1, firstSecond + s, guestId], guests, from, GUEST_COLUMNS.length);
      });
    }
    for (let at = 0; at < evictions.length; at += EVICTION_ROW) {
      evictionRows.add([1, evictions[at] ?? 0, at], evictions, at + 1, EVICTION_ROW - 1);
    }
    for (let at = 0; at < evictionSamples.length; at += EVICTION_SAMPLE_ROW) {
      singleRows.add([1, evictionSamples[at] ?? 0, at], evictionSamples, at + 1, EVICTION_SAMPLE_ROW - 1);
    }
    for (const rows of [guestRows, hostRows, evictionRows, singleRows]) rows.flush();
  });
  return (batch) => write.immediate(batch);
}

const random = new Random(1, 0);
/** Evictions as under a settled policy: the same pairs again and again, nearly all for puts. */
const makeBatch = (firstSecond: number): SecondBatch => {
  const batch = randomBatch(random, {
    firstSecond,
    seconds: BATCH_S,
    guests: GUESTS,
    wallMs: 1_700_000_000_000 + firstSecond * 1000,
    evictionsPerSecond: EVICTIONS_PER_SECOND,
  });
  const { evictions } = batch;
  for (let at = 0; at < evictions.length; at += EVICTION_ROW) {
    evictions[at + 1] = 1 + random.below(PAIRED_GUESTS);
    evictions[at + 2] = 1 + random.below(PAIRED_GUESTS);
    evictions[at + 3] = random.below(50) === 0 ? 1 : 0;
  }
  return batch;
};

/** Both ways by turns; prints rates and their ratio; leaves the history filled. */
function benchInserts(file: string): number {
  const writer = HistoryWriter.open({ file, appVersion: 'bench' });
  writer.beginRun(newRun(GUESTS));
  const plain = plainInsert(join(folder, 'plain.db'));
  const rowsPerBatch = BATCH_S * GUESTS;
  const ours: number[] = [];
  const theirs: number[] = [];
  let second = 0;
  for (; second * GUESTS < Number(rowsWanted); second += BATCH_S) {
    const batch = makeBatch(second);
    const compared = ours.length < COMPARED_BATCHES;
    if (compared) theirs.push(timed(() => plain(batch)));
    const elapsed = timed(() => writer.writeSeconds(batch));
    if (compared) ours.push(elapsed);
  }
  const rate = (values: readonly number[]): number => rowsPerBatch / percentile(values, 0.5);
  print(
    `insert, ${GUESTS} guests × ${GUEST_COLUMNS.length} columns, ${rowsPerBatch} rows a transaction, ` +
      `${EVICTIONS_PER_SECOND / 2} rows of evictions a second among ${PAIRED_GUESTS ** 2} pairs of guests:`,
  );
  print(`  plain multi-row VALUES of the same rows     ${rate(theirs).toFixed(0)} rows/ms`);
  print(`  the history: keys, checks, tiers, map       ${rate(ours).toFixed(0)} rows/ms`);
  print(`  share ${(rate(ours) / rate(theirs)).toFixed(2)} (pass ≥ 0.50)`);
  print(`  ${(second * GUESTS).toLocaleString('en')} rows in ${(writer.bytes() / 2 ** 20).toFixed(0)} MiB`);
  const crowded = makeBatch(second);
  const single = crowded.evictionSamples.subarray(0, EVICTION_SAMPLE_ROW);
  const singles = new Float64Array(BATCH_S * SINGLES_MAX * EVICTION_SAMPLE_ROW);
  for (let row = 0; row < BATCH_S * SINGLES_MAX; row++) {
    singles.set([second + Math.floor(row / SINGLES_MAX), ...single.subarray(1)], row * EVICTION_SAMPLE_ROW);
  }
  const crowdedMs = timed(() => writer.writeSeconds({ ...crowded, evictionSamples: singles }));
  print(
    `  a batch with ${SINGLES_MAX} single evictions in each second: ${(crowdedMs / BATCH_S).toFixed(2)} ms a host second`,
  );
  second += BATCH_S;
  writer.endRun();
  writer.close();
  return second;
}

type Column = RequestArgument<'history.series'>['series'][number]['column'];

/** One chart's or table's question, at a place drawn by chance. */
interface Shape<N extends HistoryRequest = HistoryRequest> {
  readonly title: string;
  readonly name: N;
  readonly argument: () => RequestArgument<N>;
}

function shapes(seconds: number): Shape[] {
  const span = (length: number) => {
    const fromS = random.below(Math.max(1, seconds - length));
    return { fromS, toS: Math.min(seconds, fromS + length) - 1 };
  };
  const guests = Array.from({ length: GUESTS }, (_, place) => place + 1);
  const series = (
    title: string,
    length: number,
    ids: readonly (number | null)[],
    columns: readonly Column[],
  ): Shape => ({
    title,
    name: 'history.series',
    argument: () => ({
      range: span(length),
      series: ids.flatMap((guestId) => columns.map((column) => ({ guestId, column }))),
      maxPoints: 1_500,
    }),
  });
  const all = { range: null, victims: [], beneficiaries: [], reasons: [] };
  const page = (title: string, filter: RequestArgument<'history.evictions'>['filter'], deep = false): Shape => ({
    title,
    name: 'history.evictions',
    argument: () => ({
      filter,
      after: deep ? { runId: 1, second: random.below(seconds), row: 0 } : null,
      limit: 200,
    }),
  });
  const summary = (title: string, length: number): Shape => ({
    title,
    name: 'history.evictionSummary',
    argument: () => ({ filter: { ...all, range: span(length) } }),
  });
  return [
    series('1 guest, 3 columns, 15 min', 900, [7], ['ephemeralPages', 'diskReads', 'weight']),
    series('64 guests, 15 min', 900, guests, ['ephemeralPages']),
    series(
      'host, 5 columns, 15 min',
      900,
      [null],
      ['guestPages', 'ephemeralPages', 'persistentPages', 'fallowPages', 'evictions'],
    ),
    series('1 guest, 3 columns, 1 h', 3_600, [7], ['ephemeralPages', 'diskReads', 'weight']),
    series('64 guests, 1 h', 3_600, guests, ['ephemeralPages']),
    series('64 guests, 6 h', 21_600, guests, ['ephemeralPages']),
    series('64 guests, 24 h', 86_400, guests, ['ephemeralPages']),
    series('1 guest, 3 columns, all', seconds, [7], ['ephemeralPages', 'diskReads', 'weight']),
    series('64 guests, all', seconds, guests, ['ephemeralPages']),
    page('evictions, newest 200', all),
    page('evictions, 200 somewhere', all, true),
    page('evictions, 200 of one victim', { ...all, victims: [5] }, true),
    page('evictions, 200 of one pair and reason', { ...all, victims: [5], beneficiaries: [9], reasons: ['cap'] }, true),
    { ...page('single evictions, newest 200', all), name: 'history.evictionSamples' },
    summary('eviction summary, 1 h', 3_600),
    summary('eviction summary, 24 h', 86_400),
    { title: 'pools, 24 h', name: 'history.pools', argument: () => ({ range: span(86_400) }) },
    { title: 'events, newest 100', name: 'history.events', argument: () => ({ range: null, limit: 100 }) },
  ];
}

function benchQueries(file: string, seconds: number): void {
  const answer = (answerer: HistoryAnswerer, { name, argument }: Shape): void => {
    const { reply } = answerer.answer(name, argument());
    if (!reply.ok) throw new Error(reply.failure.message);
  };
  const firsts = shapes(seconds)
    .slice(0, 5)
    .map((shape) => {
      const answerer = new HistoryAnswerer(file);
      const elapsed = timed(() => answer(answerer, shape));
      answerer.close();
      return elapsed;
    });
  print(`first query after opening: at most ${Math.max(...firsts).toFixed(0)} ms (pass < 300)`);
  print(
    `queries, ${TIMES} times each at random places, ms:            median    p95    max   p95 of CPU (pass p95 < 50)`,
  );
  const answerer = new HistoryAnswerer(file);
  for (const shape of shapes(seconds)) {
    const cpu: number[] = [];
    const times = Array.from({ length: TIMES }, () => {
      const before = process.cpuUsage();
      const elapsed = timed(() => answer(answerer, shape));
      const { user, system } = process.cpuUsage(before);
      cpu.push((user + system) / 1_000);
      return elapsed;
    });
    const figures = [...[0.5, 0.95, 1].map((share) => percentile(times, share)), percentile(cpu, 0.95)];
    print(`  ${shape.title.padEnd(48)} ${figures.map((ms) => ms.toFixed(1).padStart(7)).join('')}`);
  }
  answerer.close();
}

try {
  const file = join(folder, 'history.db');
  print(
    `load ${loadavg()
      .map((load) => load.toFixed(1))
      .join(
        ' ',
      )}, Node ${process.versions.node}, SQLite ${String(new Database(':memory:').prepare('SELECT sqlite_version()').pluck().get())}`,
  );
  benchQueries(file, benchInserts(file));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
