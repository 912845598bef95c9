import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { ConsoleError } from '#contract/errors.ts';
import { importCommand } from '#main/cli/commands/import.ts';
import { importListings } from '#main/cli/import/import-listings.ts';
import { HistoryWriter } from '#main/history/writer.ts';
import { startHost } from '#main/host-thread/start-host.ts';
import { openHistory } from '#main/history/open-history.ts';
import { seriesQuery } from '#main/history/queries/series.ts';
import { buildReport } from '#main/report/build-report.ts';
import { reportText } from '#main/report/render-report.ts';
import { parseXenListing, type XenListing } from '#main/trace/xen-listing.ts';
import { misfits } from '../report/json-schema.ts';

const folder = mkdtempSync(join(tmpdir(), 'tmem-listings-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

function put(text: string | Uint8Array, wallMs?: number): string {
  const file = join(folder, `listing-${++files}`);
  writeFileSync(file, text);
  if (wallMs !== undefined) utimesSync(file, wallMs / 1000, wallMs / 1000);
  return file;
}

const newHistory = (): string => join(folder, `history-${++files}.db`);

/** The long listings of all clients that Xen's own code printed in the course of one run, one after the other. */
function printedByXen(name: string): string[] {
  const text = gunzipSync(readFileSync(join('test/host/tmem/conformance', name))).toString();
  const whole = text.match(/^(?:[GSCP]=.*\n)+T\n/gm) ?? [];
  return whole.filter((one) => (parseXenListing(one).global?.detail ?? null) !== null);
}

const imported = (database: string, every: string | undefined, ...from: string[]) =>
  importListings(from, { database, every }, {});

const failure = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return '';
  } catch (error) {
    const { code, message, remedy } = ConsoleError.failureOf(error);
    return `${code} ${message} ${remedy ?? ''}`;
  }
};

interface Row {
  readonly second: number;
  readonly guestId: number;
  readonly ephemeralPages: number;
  readonly precachePuts: number;
  readonly weight: number;
}

function rowsOf(database: string): { guests: Row[]; hosts: { second: number; evictions: number }[] } {
  const connection = new Database(database, { readonly: true });
  try {
    const all = (sql: string): never[] => connection.prepare(sql).all() as never[];
    return {
      guests: all('SELECT * FROM guestSamples ORDER BY runId, second, guestId'),
      hosts: all('SELECT * FROM hostSamples ORDER BY runId, second'),
    };
  } finally {
    connection.close();
  }
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** What the private ephemeral pools of a domain were put, by a listing. */
function putsOf({ clients }: XenListing, domain: number): number {
  const pools = clients.find((client) => client.domain === domain)?.pools ?? [];
  return total(pools.filter(({ kind }) => kind === 'ephemeral private').map(({ detail }) => detail?.goodPuts ?? 0));
}

describe('listings that Xen printed, imported into a history', () => {
  const printed = printedByXen('v2_mixed_3c_freeze.out.gz');
  const listings = printed.map(parseXenListing);
  const [first, last] = [listings[0], listings.at(-1)];
  if (first === undefined || last === undefined) throw new Error('The fixture has no long listings.');

  it('are one run: the pages of each domain as told, and what it did between two of them', async () => {
    expect(printed.length).toBeGreaterThan(2);
    const database = newHistory();
    const seconds = (printed.length - 1) * 10 + 1;
    const told = await imported(database, '10s', put(gzipSync(printed.join('\n'))));
    const domains = [...new Set(listings.flatMap(({ clients }) => clients.map(({ domain }) => domain)))];
    expect(told).toMatchObject({ runId: 1, listings: printed.length, seconds, gapSeconds: 0 });
    expect(told.domains).toEqual(domains.map((domain) => `dom${domain}`));
    const { guests, hosts } = rowsOf(database);
    expect(hosts.map(({ second }) => second)).toEqual(Array.from({ length: seconds }, (_, second) => second));
    expect(total(hosts.map(({ evictions }) => evictions))).toBe(
      (last.global?.counters.evicted ?? NaN) - (first.global?.counters.evicted ?? NaN),
    );
    domains.forEach((domain, place) => {
      const rows = guests.filter(({ guestId }) => guestId === place + 1);
      listings.forEach(({ clients }, at) => {
        const client = clients.find((one) => one.domain === domain);
        const row = rows[at * 10];
        expect([row?.ephemeralPages, row?.weight]).toEqual([client?.detail?.ephemeralPages ?? 0, client?.weight ?? 0]);
      });
      // Pools are made once in this run, so that their counters only rise.
      const puts = total(rows.map(({ precachePuts }) => precachePuts));
      expect(puts).toBe(putsOf(last, domain) - putsOf(first, domain));
      expect(rows[0]?.precachePuts).toBe(0);
    });
    expect(total(guests.map(({ precachePuts }) => precachePuts))).toBeGreaterThan(0);
  });

  it('are spread evenly over the seconds between them, and say when they were made', async () => {
    const database = newHistory();
    const [one = '', other = ''] = [printed[0], printed.at(-1)];
    const log = put(`1400000000\n${one}\n2014-05-13T16:53:27Z\n${other}\n`);
    expect(await imported(database, undefined, log)).toMatchObject({ listings: 2, seconds: 8 });
    const { hosts } = rowsOf(database);
    const evictions = hosts.slice(1).map((row) => row.evictions);
    expect(Math.max(...evictions) - Math.min(...evictions)).toBeLessThanOrEqual(1);
    const connection = openHistory(database);
    const report = buildReport(connection, { range: { fromS: 0, toS: 7 }, guests: [], versions: {}, nowMs: 0 });
    // What is not known is no figure of a report, in none of its forms.
    const [guest] = report.guests;
    expect(guest?.gauges.ephemeralPages.last).toBe(last.clients[0]?.detail?.ephemeralPages);
    expect([guest?.gauges.ramPages.mean, guest?.counts.diskReads.total, report.pool?.gauges.fallowPages.max]).toEqual([
      null,
      null,
      null,
    ]);
    const page = reportText(connection, report, 'html');
    expect(page).toContain('disk reads are not known');
    expect(page).toContain('It is not known: the listings of Xen do not tell it.');
    expect(page).not.toMatch(/NaN|undefined|Infinity|>null</);
    const schema = JSON.parse(readFileSync('resources/schemas/report.schema.json', 'utf8')) as object;
    expect(misfits(schema, JSON.parse(reportText(connection, report, 'json')))).toEqual([]);
    connection.close();
    expect(report.runs[0]).toMatchObject({
      source: { kind: 'imported', from: '2014-05-13T16:53:20.000Z', to: '2014-05-13T16:53:27.000Z' },
      policy: 'xen-shipped',
    });
  });

  it('of several files stand in the order of their times; one alone is a moment', async () => {
    const [one = '', two = ''] = printed;
    const database = newHistory();
    const later = put(two, 1_400_000_005_000);
    const told = await imported(database, undefined, later, put(one, 1_400_000_000_000));
    expect(told).toMatchObject({ listings: 2, seconds: 6 });
    expect(await imported(database, undefined, later)).toMatchObject({ runId: 2, listings: 1, seconds: 1 });
    expect(rowsOf(database).hosts.at(-1)).toMatchObject({ second: 0, evictions: 0 });
  });

  it('leave a gap where they lie far apart', async () => {
    const database = newHistory();
    const told = await imported(database, '1h', put(printed.slice(0, 2).join('')));
    expect(told).toMatchObject({ seconds: 3_601, gapSeconds: 3_599 });
    expect(told.notes).toEqual([expect.stringContaining('more than 10 minutes apart')]);
    expect(rowsOf(database).hosts.map(({ second, evictions }) => [second, evictions])).toEqual([
      [0, 0],
      [3_600, 0],
    ]);
  });

  it('have gaps for what Xen does not tell, not zeros', async () => {
    const database = newHistory();
    await imported(database, '5s', put(printed.slice(0, 2).join('')));
    const connection = openHistory(database);
    const { series } = seriesQuery(connection)({
      range: { fromS: 0, toS: 5 },
      series: (['ephemeralPages', 'ramPages', 'diskReads'] as const).map((column) => ({ guestId: 1, column })),
      maxPoints: 10,
    });
    connection.close();
    expect(series[0]?.value.some((value) => value > 0)).toBe(true);
    for (const unknown of series.slice(1)) expect([...unknown.value].every(Number.isNaN)).toBe(true);
  });
});

it('a console that opens imported statistics begins a run of its own behind them, with nothing to explain', async () => {
  const database = newHistory();
  await imported(database, '5s', put(printedByXen('v2_mixed_3c_freeze.out.gz').slice(0, 2).join('')));
  const started = await startHost(
    {
      ...{ databaseFile: database, tracesFolder: folder, cacheFolder: folder, seed: null, versions: { app: 'test' } },
      scenarioFile: 'resources/scenarios/j-fallow-memory.json',
    },
    { now: () => 0, wallMs: () => 1_700_000_000_000, emit: () => undefined, onProgress: () => undefined },
  );
  const { run, notice } = started.description;
  started.close();
  expect([run.id, run.axisStartS, notice]).toEqual([2, 7, null]);
});

describe('what cannot be imported', () => {
  const [whole = ''] = printedByXen('v2_mixed_3c_freeze.out.gz');

  it.each<[string, string, string | undefined, RegExp]>([
    ['a line that is no record', `${whole}\nDomain-0 is here\n`, '1s', /: line \d+: (?:"Domain-0|something follows)/],
    [
      'a short listing',
      whole.replace(/,(?:Ec|Pc):.*/gm, ''),
      '1s',
      /: line 1: the listing is a short one.*tmem-list -l -a/,
    ],
    ['the listing of one domain', whole.replace(/^[GT].*\n/gm, ''), '1s', /: line 1: the listing is of one domain/],
    ['a listing that is cut off', whole.replace(/T\n$/, ''), '1s', /: line 1: the listing is cut off/],
    [
      'listings without a time',
      `${whole}\n${whole}`,
      undefined,
      /: line 1: nothing says when .* Say how far apart .*--every/,
    ],
    ['a time without a listing', `1400000000\n1400000001\n${whole}`, undefined, /: line 2: the time before it has no/],
    [
      'two listings of one second',
      `1400000000\n${whole}1400000000\n${whole}`,
      undefined,
      /not at least a second later/,
    ],
    ['a file of nothing', '\n', '1s', /: line 1: it has no record/],
    ['a fraction of a second', whole, '500ms', /--every: "500ms" is no whole number of seconds/],
  ])('is refused with its place, and leaves no history behind: %s', async (_, text, every, said) => {
    const database = newHistory();
    expect(await failure(imported(database, every, put(text)))).toMatch(said);
    expect(readdirSync(folder).some((name) => join(folder, name).startsWith(database))).toBe(false);
  });

  it('is refused for the history of a modelled host, which stays as it is', async () => {
    const database = newHistory();
    const history = HistoryWriter.open({ file: database, appVersion: 'test' });
    const host = { totalPages: 1, reservedPages: 0, policy: 'fifo', idleTaxPermille: 0, idleTaxWindowS: 1 } as const;
    history.beginRun({ ...host, source: { kind: 'modelled', scenario: 'a', seed: 1 }, guests: [], seed: 1, wallMs: 1 });
    history.endRun();
    history.close();
    expect(await failure(imported(database, '1s', put(whole)))).toMatch(/history of a modelled host.*name a new file/);
    expect(rowsOf(database).hosts).toEqual([]);
  });

  it('is said by the command: a listing without a history, several traces, and --every for one', async () => {
    const told = (...words: string[]): Promise<string> =>
      failure(importCommand().exitOverride().parseAsync(words, { from: 'user' }));
    const [listing, trace] = [put(whole), put('1;2;3\n4;5;6\n')];
    expect(await told(listing)).toMatch(/is a listing of Xen's tmem: .* --db FILE/);
    expect(await told(put(`1400000000\n${whole}`))).toMatch(/is a listing of Xen's tmem/);
    expect(await told(trace, listing)).toMatch(/Traces are imported one by one/);
    expect(await told(trace, '--every', '1s')).toMatch(/--every belongs to listings/);
  });
});
