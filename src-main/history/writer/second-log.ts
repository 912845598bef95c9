import { EVICTION_REASONS, GUEST_COLUMNS, HOST_COLUMNS, POOL_KINDS } from '#contract/samples.ts';
import { EVICTION_ROW, EVICTION_SAMPLE_ROW } from '#contract/stream.ts';
import type { Connection } from '../connection.ts';
import { BulkInsert } from './bulk-insert.ts';

/**
 * Host seconds to store, in the layouts of the live stream's frame.
 * All values are whole numbers (pages, counts); a fraction or NaN is refused.
 */
export interface SecondBatch {
  /** First host second of the batch, from 0: second s covers host ms s·1000 up to (s + 1)·1000. */
  readonly firstSecond: number;
  readonly seconds: number;
  readonly guestIds: readonly number[];
  /** seconds × HOST_COLUMNS, row by row. */
  readonly host: Float64Array;
  /** seconds × guests × GUEST_COLUMNS, row by row. */
  readonly guests: Float64Array;
  /** Rows of EVICTION_ROW numbers, by second. */
  readonly evictions: Float64Array;
  /** Rows of EVICTION_SAMPLE_ROW numbers, by second. */
  readonly evictionSamples: Float64Array;
  /** Wall time at the end of the batch, ms since 1970. */
  readonly wallMs: number;
}

/** What a row of evictions says after its second, in the order of the live stream. */
export const EVICTION_COLUMNS = [
  'victimId',
  'beneficiaryId',
  'reason',
  'pages',
  'poolKind',
  'pagesTo1S',
  'pagesTo10S',
  'pagesTo1Min',
  'pagesTo10Min',
  'pagesTo1H',
  'pagesOlder',
] as const;

/** What a sampled eviction says after its second. */
export const EVICTION_SAMPLE_COLUMNS = [
  'everyNth',
  'atMs',
  'victimId',
  'beneficiaryId',
  'poolKind',
  'reason',
  'object',
  'pageIndex',
  'ageMs',
] as const;

/** Stores samples and evictions; called inside a transaction. */
export class SecondLog {
  private readonly host: BulkInsert;
  private readonly guests: BulkInsert;
  private readonly evictions: BulkInsert;
  private readonly evictionSamples: BulkInsert;

  constructor(connection: Connection) {
    this.host = new BulkInsert(connection, 'hostSamples', ['runId', 'second', ...HOST_COLUMNS]);
    this.guests = new BulkInsert(connection, 'guestSamples', ['runId', 'second', 'guestId', ...GUEST_COLUMNS]);
    const inSecond = ['runId', 'second', 'row'];
    this.evictions = new BulkInsert(connection, 'evictions', [...inSecond, ...EVICTION_COLUMNS]);
    this.evictionSamples = new BulkInsert(connection, 'evictionSamples', [...inSecond, ...EVICTION_SAMPLE_COLUMNS]);
  }

  write(runId: number, batch: SecondBatch): void {
    checkLayout(batch);
    try {
      this.writeHost(runId, batch);
      this.writeGuests(runId, batch);
      addRows(this.evictions, runId, batch.evictions, EVICTION_ROW);
      addRows(this.evictionSamples, runId, batch.evictionSamples, EVICTION_SAMPLE_ROW);
    } catch (error) {
      for (const insert of [this.host, this.guests, this.evictions, this.evictionSamples]) insert.discard();
      throw error;
    }
  }

  private writeHost(runId: number, { firstSecond, seconds, host }: SecondBatch): void {
    const width = HOST_COLUMNS.length;
    for (let s = 0; s < seconds; s++) this.host.add([runId, firstSecond + s], host, s * width, width);
    this.host.flush();
  }

  private writeGuests(runId: number, { firstSecond, seconds, guestIds, guests }: SecondBatch): void {
    const width = GUEST_COLUMNS.length;
    for (let s = 0; s < seconds; s++) {
      guestIds.forEach((guestId, place) => {
        const from = (s * guestIds.length + place) * width;
        this.guests.add([runId, firstSecond + s, guestId], guests, from, width);
      });
    }
    this.guests.flush();
  }
}

/** Stores rows that begin with their second, numbered within it. */
function addRows(insert: BulkInsert, runId: number, rows: Float64Array, width: number): void {
  let second = -1;
  let row = 0;
  for (let at = 0; at < rows.length; at += width) {
    const now = rows[at] ?? -1;
    row = now === second ? row + 1 : 0;
    second = now;
    insert.add([runId, second, row], rows, at + 1, width - 1);
  }
  insert.flush();
}

/** @throws Error when a batch has not its stated size, or an eviction lies outside it: a mistake of the caller. */
function checkLayout(batch: SecondBatch): void {
  const { firstSecond, seconds, guestIds, host, guests, evictions, evictionSamples } = batch;
  const expect = (holds: boolean, what: string): void => {
    if (!holds) throw new Error(`Seconds ${firstSecond} to ${firstSecond + seconds - 1} were not stored: ${what}.`);
  };
  expect(host.length === seconds * HOST_COLUMNS.length, 'host has not seconds × columns numbers');
  expect(
    guests.length === seconds * guestIds.length * GUEST_COLUMNS.length,
    'guests has not seconds × guests × columns numbers',
  );
  expect(evictions.length % EVICTION_ROW === 0, 'evictions has not whole rows');
  let former = firstSecond;
  for (let at = 0; at < evictions.length; at += EVICTION_ROW) {
    const second = evictions[at] ?? -1;
    expect(second >= former && second < firstSecond + seconds, `an eviction is at second ${second}, out of order`);
    expect(EVICTION_REASONS[evictions[at + 3] ?? -1] !== undefined, 'an eviction has an unknown reason');
    expect(POOL_KINDS[evictions[at + 5] ?? -1] !== undefined, 'an eviction is out of an unknown kind of pool');
    former = second;
  }
  expect(evictionSamples.length % EVICTION_SAMPLE_ROW === 0, 'evictionSamples has not whole rows');
  former = firstSecond;
  for (let at = 0; at < evictionSamples.length; at += EVICTION_SAMPLE_ROW) {
    const second = evictionSamples[at] ?? -1;
    expect(
      second >= former && second < firstSecond + seconds,
      `a sampled eviction is at second ${second}, out of order`,
    );
    former = second;
  }
}
