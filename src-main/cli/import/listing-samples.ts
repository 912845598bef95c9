import type { Guest } from '#contract/model.ts';
import { GUEST_COLUMNS, type GuestColumn, HOST_COLUMNS, type HostColumn } from '#contract/samples.ts';
import type { XenListing } from '#main/trace/xen-listing.ts';

/** A listing and the second of its run that ends with it, from 0. */
export interface PlacedListing {
  readonly listing: XenListing;
  readonly second: number;
}

/** Seconds of a run, with the layouts of a `SecondBatch`. */
export interface ListedSeconds {
  readonly firstSecond: number;
  readonly seconds: number;
  readonly host: Float64Array;
  readonly guests: Float64Array;
}

/** Two listings that lie further apart leave a gap: what happened between them is not spread over it. */
export const GAP_S = 600;

type Row<C extends string> = Partial<Record<C, number>>;
/** Counters that go on from listing to listing, by what they belong to. */
type Counters = ReadonlyMap<string, number>;

/** The domains that the listings name, as the guests of a run; they have numbers in order of appearance. */
export function domainsOf(listings: readonly XenListing[], workload: string): Guest[] {
  const domains = new Set(listings.flatMap(({ clients }) => clients.map(({ domain }) => domain)));
  return [...domains].map((domain, at) => ({ id: at + 1, name: `dom${domain}`, workload, minPages: 0, maxPages: 0 }));
}

/**
 * The samples that lie between two listings: gauges are those of the earlier one until the later was made, and what was
 * counted meanwhile is spread evenly over the seconds, in whole numbers. The first listing is one second of gauges alone:
 * when its counts came is not known. A counter that went back belongs to a pool or domain made anew, and counts from 0.
 * @param before null: `after` is the first
 */
export function secondsBetween(
  before: PlacedListing | null,
  after: PlacedListing,
  guests: readonly Guest[],
): ListedSeconds {
  const isGap = before !== null && after.second - before.second > GAP_S;
  const seconds = before === null || isGap ? 1 : after.second - before.second;
  const host = new Float64Array(seconds * HOST_COLUMNS.length);
  const rows = new Float64Array(seconds * guests.length * GUEST_COLUMNS.length);
  const isCounted = before !== null && !isGap;
  for (let at = 0; at < seconds; at++) {
    const gauges = at === seconds - 1 ? after.listing : (before?.listing ?? after.listing);
    put(host, at, HOST_COLUMNS, hostGauges(gauges));
    guests.forEach(({ name }, place) => put(rows, at * guests.length + place, GUEST_COLUMNS, gaugesOf(gauges, name)));
  }
  if (isCounted) {
    const counted = (of: (listing: XenListing) => Counters): Map<string, number> =>
      difference(of(before.listing), of(after.listing));
    spread(host, seconds, HOST_COLUMNS, 1, 0, [['evictions', counted(evictionsOf).get('evicted') ?? 0]]);
    guests.forEach(({ name }, place) => {
      const sums = new Map<GuestColumn, number>();
      for (const [key, count] of counted((listing) => countersOf(listing, name))) {
        const column = key.slice(key.indexOf(' ') + 1) as GuestColumn;
        sums.set(column, (sums.get(column) ?? 0) + count);
      }
      spread(rows, seconds, GUEST_COLUMNS, guests.length, place, [...sums]);
    });
  }
  return { firstSecond: after.second - seconds + 1, seconds, host, guests: rows };
}

function hostGauges(listing: XenListing): Row<HostColumn> {
  const ephemeralPages = sum(listing.clients.map(({ detail }) => detail?.ephemeralPages ?? 0));
  const persistentPages = sum(listing.clients.map(persistentPagesOf));
  // Of the host's memory a listing tells only what tmem has.
  const compressedPages = sum(listing.clients.map(({ detail }) => detail?.compressedPages ?? 0));
  return { totalPages: ephemeralPages + persistentPages, ephemeralPages, persistentPages, compressedPages };
}

function gaugesOf(listing: XenListing, name: string): Row<GuestColumn> {
  const client = clientOf(listing, name);
  if (client === undefined) return {};
  const { ephemeralPages = 0, compressedPages = 0 } = client.detail ?? {};
  return { weight: client.weight, ephemeralPages, persistentPages: persistentPagesOf(client), compressedPages };
}

type Client = XenListing['clients'][number];

function clientOf({ clients }: XenListing, name: string): Client | undefined {
  return clients.find(({ domain }) => `dom${domain}` === name);
}

function persistentPagesOf({ pools }: Client): number {
  return sum(pools.filter(({ kind }) => kind.startsWith('persistent')).map(({ detail }) => detail?.pages ?? 0));
}

/** By pool and column: a pool that is gone takes its counters with it. A shared pool counts for the first that lists it. */
function countersOf(listing: XenListing, name: string): Counters {
  const counters = new Map<string, number>();
  for (const { kind, slot, uuid, detail } of clientOf(listing, name)?.pools ?? []) {
    if (detail === null) continue;
    const key = `${kind}/${slot}/${uuid.low}-${uuid.high}`.replaceAll(' ', '_');
    if (kind.endsWith('shared') && firstSharer(listing, uuid) !== name) continue;
    const flushes = detail.flushes + detail.objectFlushes;
    const failed = detail.puts - detail.goodPuts;
    const told: Row<GuestColumn> = kind.startsWith('persistent')
      ? { preswapPuts: detail.goodPuts, preswapPutsFailed: failed, preswapGets: detail.hits, preswapFlushes: flushes }
      : { precachePuts: detail.goodPuts, precachePutsFailed: failed, precacheGets: detail.gets, precacheHits: detail.hits, flushes }; // prettier-ignore
    for (const [column, value] of Object.entries(told)) counters.set(`${key} ${column}`, value);
  }
  return counters;
}

function firstSharer({ clients }: XenListing, uuid: { readonly low: string; readonly high: string }): string {
  const first = clients.find(({ pools }) =>
    pools.some((pool) => pool.kind.endsWith('shared') && pool.uuid.low === uuid.low && pool.uuid.high === uuid.high),
  );
  return `dom${first?.domain}`;
}

function evictionsOf({ global }: XenListing): Counters {
  return new Map([['evicted', global?.counters.evicted ?? 0]]);
}

function difference(before: Counters, after: Counters): Map<string, number> {
  return new Map(
    [...after].map(([key, now]) => {
      const then = before.get(key) ?? 0;
      return [key, Math.max(0, now >= then ? now - then : now)];
    }),
  );
}

/** Adds counts to the rows of one owner, spread evenly over all seconds. */
function spread<C extends string>(
  rows: Float64Array,
  seconds: number,
  columns: readonly C[],
  owners: number,
  place: number,
  counts: readonly (readonly [C, number])[],
): void {
  for (const [column, count] of counts) {
    const at = columns.indexOf(column);
    for (let second = 0; second < seconds; second++) {
      const part = Math.floor((count * (second + 1)) / seconds) - Math.floor((count * second) / seconds);
      rows[(second * owners + place) * columns.length + at] = part;
    }
  }
}

function put<C extends string>(rows: Float64Array, row: number, columns: readonly C[], values: Row<C>): void {
  columns.forEach((column, at) => {
    rows[row * columns.length + at] = values[column] ?? 0;
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
