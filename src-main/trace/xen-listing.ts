import type { ByteSourceOptions } from './byte-source.ts';
import { readBytes } from './byte-source.ts';
import { printable } from './text-fields.ts';
import { TextLines } from './text-lines.ts';
import { BadRecord, TraceError } from './trace-error.ts';
import type {
  Counters,
  XenClient,
  XenListing,
  XenPool,
  XenPoolKind,
  XenSharedPool,
  XenUuid,
} from './xen-listing-records.ts';
import { CLIENT, CLIENT_DETAIL, GLOBAL, GLOBAL_DETAIL, POOL_DETAIL, POOL_KINDS } from './xen-listing-records.ts';

export type { XenListing } from './xen-listing-records.ts';

/**
 * Reads the text that Xen's `tmem-list`, short or long (`-l`), prints, plain or compressed.
 * @throws TraceError with the file, the line and the reason when it is none, or `signal` cancels.
 */
export async function readXenListing(file: string, options: ByteSourceOptions = {}): Promise<XenListing> {
  const reading = new ListingReader();
  const lines = linesTo((line) => reading.take(line));
  try {
    const notes = await readBytes(file, (bytes) => lines.push(bytes), options);
    lines.end();
    const listing = reading.end();
    return { ...listing, notes: [...notes, ...listing.notes] };
  } catch (error) {
    if (!(error instanceof TraceError)) throw error;
    throw new TraceError(error.code, `${file}: ${error.message}`, error.remedy, { cause: error });
  }
}

/** As {@link readXenListing}, of a text. @throws TraceError with the line and the reason. */
export function parseXenListing(text: string): XenListing {
  const reading = new ListingReader();
  const lines = linesTo((line) => reading.take(line));
  lines.push(new TextEncoder().encode(text));
  lines.end();
  return reading.end();
}

/** Cuts bytes into lines without the white space around them, and adds the number of the line to what is wrong with one. */
export function linesTo(take: (line: string) => void): TextLines {
  const latin = new TextDecoder('latin1');
  return new TextLines((bytes, start, end) => take(latin.decode(bytes.subarray(start, end)).trim()));
}

/**
 * Writes a listing as Xen would (but each shared pool with its own beginning, see {@link XenSharedPool.identity}): long where there
 * are details.
 */
export function formatXenListing({ global, sharedPools, clients, times, isWhole }: XenListing): string {
  const lines: string[] = [];
  if (global) lines.push(`G=${tagged(GLOBAL, global.counters)}${detailed(GLOBAL_DETAIL, global.detail)}`);
  for (const { identity, sharers, detail } of sharedPools) {
    if (!identity) continue;
    const members = sharers.map((domain) => `,SC:${domain}`).join('');
    lines.push(`S=SI:${identity.slot},${poolText(identity)}${members}${detailed(POOL_DETAIL, detail)}`);
  }
  for (const { domain, weight, cap, counters, detail, pools } of clients) {
    const capText = cap === null ? '' : `,ca:${cap}`;
    lines.push(`C=CI:${domain},ww:${weight}${capText},${tagged(CLIENT, counters)}${detailed(CLIENT_DETAIL, detail)}`);
    for (const pool of pools) {
      lines.push(`P=CI:${domain},PI:${pool.slot},${poolText(pool)}${detailed(POOL_DETAIL, pool.detail)}`);
    }
  }
  if (global && isWhole) {
    const pairs = Object.entries(times).map(([tag, value]) => `${tag}:${value}`);
    lines.push(pairs.length > 0 ? `T=${pairs.join(',')}` : 'T');
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** A shared pool's record as Xen meant it. */
const INTACT_SHARED =
  /^S=SI:\d+,PT:[EP][SP],U0:[0-9a-f]+,U1:[0-9a-f]+(?:,SC:\d+)*(?:,Pc:\d+(?:,[A-Za-z]{2}:\d+){16})?$/;
/** What of a shared pool's record is its own in any case. */
const OWN_OF_SHARED = /(?:,SC:\d+)*(?:,Pc:\d+(?:,[A-Za-z]{2}:\d+){16})?$/;
const REMEDY = 'Check that the text is what "xl tmem-list" printed, and whole.';

/** Puts the records of one listing together, line by line. */
export class ListingReader {
  private global: XenListing['global'] = null;
  private readonly sharedPools: XenSharedPool[] = [];
  private readonly clients: (XenClient & { readonly pools: XenPool[] })[] = [];
  private times: Record<string, number> | null = null;
  /** The beginning of the first shared pool's record. */
  private sharedStart = '';
  private lastSlot = -1;
  private last = '';
  private leftOver = 0;

  /** Whether there was a record yet. */
  get isBegun(): boolean {
    return this.last !== '';
  }

  /** What the lines say together. @throws TraceError when there is no record. */
  end(): XenListing {
    const { global, clients, sharedPools, times } = this;
    if (!global && clients.length === 0) throw new TraceError('bad-trace', 'line 1: it has no record.', REMEDY);
    const isWhole = global === null || times !== null;
    const notes: string[] = [];
    const lost = sharedPools.filter(({ identity }) => identity === null).length;
    if (lost > 0) {
      notes.push(
        `Xen wrote the first shared pool's name over that of ${lost} other${lost > 1 ? 's' : ''}; their counters are right.`,
      );
    }
    if (this.leftOver > 0) notes.push(`${this.leftOver} lines are remains of shared pools and were left out.`);
    if (!isWhole) notes.push('The listing has no last record ("T"): it was cut off between two records.');
    return { global, sharedPools, clients, times: times ?? {}, isWhole, notes };
  }

  /** Takes a line without the white space around it. @throws BadRecord */
  take(line: string): void {
    if (line === '') return;
    if (this.times !== null) throw new BadRecord('something follows the last record ("T")', REMEDY);
    const kind = /^[GSCP](?==)|^T$|^T(?==)/.exec(line)?.[0];
    if (kind === undefined) {
      if (this.last === 'S' && this.isRemains()) return;
      throw new BadRecord(`"${printable(line)}" is no record of a listing (G=, S=, C=, P= or T)`, REMEDY);
    }
    this.last = kind;
    if (kind === 'S') {
      this.readShared(line);
      return;
    }
    const record = new Fields(line.slice(2));
    if (kind === 'G') this.readGlobal(record);
    else if (kind === 'C') this.readClient(record);
    else if (kind === 'P') this.readPool(record);
    else this.times = record.all();
  }

  private readGlobal(record: Fields): void {
    if (this.global || this.clients.length > 0)
      throw new BadRecord('a second listing begins', 'Keep one listing a file.');
    this.global = { counters: record.counters(GLOBAL), detail: record.detail(GLOBAL_DETAIL) };
  }

  private readShared(line: string): void {
    if (this.clients.length > 0) throw new BadRecord('a shared pool stands after the first client', REMEDY);
    if (this.sharedPools.length === 0) this.sharedStart = line.replace(/,U0:.*/, '');
    const record = INTACT_SHARED.test(line) ? new Fields(line.slice(2)) : null;
    const slot = record?.number('SI') ?? -1;
    if (record && slot > this.lastSlot) {
      this.lastSlot = slot;
      const identity = { slot, kind: record.kind(), uuid: record.uuid() };
      this.sharedPools.push({ identity, sharers: record.sharers, detail: record.detail(POOL_DETAIL) });
      return;
    }
    // Xen counts from the start of the first record's text: what is printed is its beginning, then what is this pool's own.
    if (this.sharedPools.length === 0 || !line.startsWith(this.sharedStart)) {
      if (this.isRemains()) return;
      throw new BadRecord(`"${printable(line)}" is no record of a shared pool`, REMEDY);
    }
    const own = new Fields((OWN_OF_SHARED.exec(line)?.[0] ?? '').slice(1));
    this.sharedPools.push({ identity: null, sharers: own.sharers, detail: own.detail(POOL_DETAIL) });
  }

  /**
   * Whether a line that is no record is what remains of the shared pool before it: where its name is longer than the whole first record,
   * what is printed of it has a line feed inside. Counts the line then.
   */
  private isRemains(): boolean {
    if (this.sharedPools.at(-1)?.identity !== null) return false;
    this.leftOver++;
    return true;
  }

  private readClient(record: Fields): void {
    this.clients.push({
      domain: record.number('CI'),
      weight: record.number('ww'),
      cap: record.has('ca') ? record.number('ca') : null,
      counters: record.counters(CLIENT),
      detail: record.detail(CLIENT_DETAIL),
      pools: [],
    });
  }

  private readPool(record: Fields): void {
    const client = this.clients.at(-1);
    const domain = record.number('CI');
    if (client?.domain !== domain) throw new BadRecord(`the pool of domain ${domain} is not below its client`, REMEDY);
    const pool = { kind: record.kind(), slot: record.number('PI'), uuid: record.uuid() };
    client.pools.push({ ...pool, detail: record.detail(POOL_DETAIL) });
  }
}

/** The `kk:value` pairs of one record. */
class Fields {
  readonly sharers: number[] = [];
  private readonly values = new Map<string, string>();

  constructor(text: string) {
    for (const pair of text === '' ? [] : text.split(',')) {
      const match = /^([A-Za-z][A-Za-z0-9]):(\S+)$/.exec(pair);
      if (!match) {
        throw new BadRecord(`"${printable(pair)}" is not a tag of two letters, ":" and a value`, REMEDY);
      }
      const [, tag, value] = match;
      if (tag === 'SC') this.sharers.push(wholeNumber(tag, value));
      else if (this.values.has(tag)) throw new BadRecord(`the record has "${tag}" twice`, REMEDY);
      else this.values.set(tag, value);
    }
  }

  has(tag: string): boolean {
    return this.values.has(tag);
  }

  number(tag: string): number {
    return wholeNumber(tag, this.values.get(tag));
  }

  kind(): XenPoolKind {
    const letters = this.values.get('PT') ?? '';
    const known = Object.entries(POOL_KINDS).find(([two]) => two === letters);
    if (!known)
      throw new BadRecord(`the kind of the pool (PT) is "${printable(letters)}", not EP, ES, PP or PS`, REMEDY);
    return known[1];
  }

  uuid(): XenUuid {
    const [low, high] = ['U0', 'U1'].map((tag) => {
      const half = this.values.get(tag) ?? '';
      if (/^[0-9a-f]{1,16}$/.test(half)) return half;
      throw new BadRecord(
        `the half of the UUID (${tag}) is "${printable(half)}", not up to 16 hexadecimal digits`,
        REMEDY,
      );
    });
    return { low, high };
  }

  /** The counters of a group, all of which must be there. */
  counters<Tags extends Readonly<Record<string, string>>>(tags: Tags): Counters<Tags> {
    return Object.fromEntries(Object.entries(tags).map(([tag, name]) => [name, this.number(tag)])) as Counters<Tags>;
  }

  /** The counters of a group that only a long listing has: null when none of them is there. */
  detail<Tags extends Readonly<Record<string, string>>>(tags: Tags): Counters<Tags> | null {
    return Object.keys(tags).some((tag) => this.has(tag)) ? this.counters(tags) : null;
  }

  all(): Record<string, number> {
    return Object.fromEntries([...this.values.keys()].map((tag) => [tag, this.number(tag)]));
  }
}

function wholeNumber(tag: string, text: string | undefined): number {
  if (text === undefined) throw new BadRecord(`the record has no "${tag}"`, REMEDY);
  const value = /^-?\d{1,20}$/.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new BadRecord(`the value of "${tag}", "${printable(text)}", is not a whole number up to 2^53 − 1`, REMEDY);
}

function tagged(tags: Readonly<Record<string, string>>, counters: Readonly<Record<string, number>>): string {
  return Object.entries(tags)
    .map(([tag, name]) => `${tag}:${counters[name]}`)
    .join(',');
}

function detailed(tags: Readonly<Record<string, string>>, counters: Readonly<Record<string, number>> | null): string {
  return counters === null ? '' : `,${tagged(tags, counters)}`;
}

function poolText({ kind, uuid }: { readonly kind: XenPoolKind; readonly uuid: XenUuid }): string {
  const letters = Object.entries(POOL_KINDS).find(([, name]) => name === kind)?.[0];
  return `PT:${letters},U0:${uuid.low},U1:${uuid.high}`;
}
