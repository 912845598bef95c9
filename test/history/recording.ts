import { GUEST_COLUMNS, HOST_COLUMNS } from '#contract/samples.ts';
import type { GuestColumn, HostColumn } from '#contract/samples.ts';
import { EVICTION_ROW } from '#contract/stream.ts';
import type { HistoryWriter } from '#main/history/writer.ts';
import type { SecondBatch } from '#main/history/writer/second-log.ts';
import type { Random } from '#main/host/random.ts';
import { newRun, randomBatch } from './samples.ts';

/** What one second of one owner (0: the host) says, kept in memory beside the database to compare with. */
export interface KnownSample {
  readonly axisS: number;
  readonly owner: number;
  readonly values: Readonly<Record<string, number>>;
}

/** One row of evictions, likewise. */
export interface KnownEviction {
  readonly runId: number;
  readonly second: number;
  readonly axisS: number;
  readonly victimId: number;
  readonly beneficiaryId: number;
  readonly reason: number;
  readonly pages: number;
  readonly poolKind: number;
  readonly ages: readonly number[];
}

/** Writes random runs into a history and remembers all that it wrote. */
export class Recording {
  readonly samples: KnownSample[] = [];
  readonly evictions: KnownEviction[] = [];
  private readonly random: Random;
  private readonly guests: number;
  private run = { id: 0, axisStartS: 0 };
  private second = 0;
  private wallMs = 1_700_000_000_000;

  constructor(random: Random, guests: number) {
    this.random = random;
    this.guests = guests;
  }

  begin(writer: HistoryWriter): void {
    this.run = writer.beginRun(newRun(this.guests, this.wallMs)).run;
    this.second = 0;
  }

  /** Goes on with the last run where its samples end. */
  continue(writer: HistoryWriter): void {
    writer.continueRun(this.run.id, this.wallMs);
  }

  /** Lets `gap` seconds pass unrecorded, then records `seconds`. */
  record(writer: HistoryWriter, gap: number, seconds: number): void {
    const firstSecond = this.second + gap;
    this.wallMs += (gap + seconds) * 1000;
    const { guests, random, wallMs } = this;
    const batch = randomBatch(random, { firstSecond, seconds, guests, wallMs });
    writer.writeSeconds(batch);
    this.remember(batch);
    this.second = firstSecond + seconds;
  }

  /** Last second of the axis. */
  get endS(): number {
    return this.run.axisStartS + this.second;
  }

  private remember({ firstSecond, seconds, guestIds, host, guests, evictions }: SecondBatch): void {
    const { axisStartS, id: runId } = this.run;
    const pick = (columns: readonly (GuestColumn | HostColumn)[], from: Float64Array, at: number) =>
      Object.fromEntries(columns.map((column, place) => [column, from[at + place] ?? NaN]));
    for (let s = 0; s < seconds; s++) {
      const axisS = axisStartS + firstSecond + s;
      this.samples.push({ axisS, owner: 0, values: pick(HOST_COLUMNS, host, s * HOST_COLUMNS.length) });
      guestIds.forEach((owner, place) => {
        const at = (s * guestIds.length + place) * GUEST_COLUMNS.length;
        this.samples.push({ axisS, owner, values: pick(GUEST_COLUMNS, guests, at) });
      });
    }
    for (let at = 0; at < evictions.length; at += EVICTION_ROW) {
      const row = evictions.subarray(at, at + EVICTION_ROW);
      const [second = 0, victimId = 0, beneficiaryId = 0, reason = 0, pages = 0, poolKind = 0, ...ages] = row;
      const key = { runId, second, axisS: axisStartS + second, victimId, beneficiaryId, reason, poolKind };
      this.evictions.push({ ...key, pages, ages });
    }
  }
}
