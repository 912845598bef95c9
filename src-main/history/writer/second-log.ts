import { EVICTION_REASONS, GUEST_COLUMNS, HOST_COLUMNS } from '#contract/samples.ts';
import { EVICTION_ROW } from '#contract/stream.ts';
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
  /** Rows of second, victim, beneficiary (0 = the host), reason (place in EVICTION_REASONS), pages; by second. */
  readonly evictions: Float64Array;
  /** Wall time at the end of the batch, ms since 1970. */
  readonly wallMs: number;
}

/** Stores samples and evictions; called inside a transaction. */
export class SecondLog {
  private readonly host: BulkInsert;
  private readonly guests: BulkInsert;
  private readonly evictions: BulkInsert;

  constructor(connection: Connection) {
    this.host = new BulkInsert(connection, 'hostSamples', ['runId', 'second', ...HOST_COLUMNS]);
    this.guests = new BulkInsert(connection, 'guestSamples', ['runId', 'second', 'guestId', ...GUEST_COLUMNS]);
    this.evictions = new BulkInsert(connection, 'evictions', [
      'runId',
      'second',
      'row',
      'victimId',
      'beneficiaryId',
      'reason',
      'pages',
    ]);
  }

  write(runId: number, batch: SecondBatch): void {
    checkLayout(batch);
    try {
      this.writeHost(runId, batch);
      this.writeGuests(runId, batch);
      this.writeEvictions(runId, batch);
    } catch (error) {
      for (const insert of [this.host, this.guests, this.evictions]) insert.discard();
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

  private writeEvictions(runId: number, { evictions }: SecondBatch): void {
    let second = -1;
    let row = 0;
    for (let at = 0; at < evictions.length; at += EVICTION_ROW) {
      const now = evictions[at] ?? -1;
      row = now === second ? row + 1 : 0;
      second = now;
      this.evictions.add([runId, second, row], evictions, at + 1, EVICTION_ROW - 1);
    }
    this.evictions.flush();
  }
}

/** @throws Error when a batch has not its stated size, or an eviction lies outside it: a mistake of the caller. */
function checkLayout({ firstSecond, seconds, guestIds, host, guests, evictions }: SecondBatch): void {
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
    former = second;
  }
}
