import type { EvictionLedger } from './eviction-ledger.ts';
import type { Guest } from './guest/guest.ts';
import type { Machine } from './machine/machine.ts';
import type { SampleBatch } from './sample-batch.ts';
import { GUEST, GUEST_WIDTH, HOST_WIDTH } from './sample-columns.ts';
import type { TmemStore } from './tmem/store.ts';

/** What the samples of a host are taken from. */
interface Sampled {
  readonly guests: readonly Guest[];
  readonly store: TmemStore;
  readonly machine: Machine;
  readonly ledger: EvictionLedger;
  readonly reservedPages: number;
}

/** The samples of the host seconds that ended and were not yet taken. */
export class SampleRows {
  private firstSecond = 0;
  private host: number[] = [];
  private guests: number[] = [];
  private evictions: number[] = [];
  private evictionSamples: number[] = [];

  /** Adds the sample of a host second that ends. What lasts a second in guests, machine and ledger begins anew. */
  add(second: number, { guests, store, machine, ledger, reservedPages }: Sampled): void {
    const { ephemeralPages, usedPages } = store.holdings;
    let guestPages = 0;
    let cpuUs = 0;
    let compressedPages = 0;
    let sharedPages = 0;
    guests.forEach((guest, place) => {
      const { counts } = guest;
      guest.readGauges(ephemeralPages[place], usedPages[place], store.persistentPagesOf(place));
      counts[GUEST.evictedBySelf] = ledger.bySelf[place];
      counts[GUEST.evictedByOthers] = ledger.byOthers[place];
      counts[GUEST.evictionsCaused] = ledger.caused[place];
      counts[GUEST.compressedPages] = machine.contents?.compressedPages[place] ?? 0;
      counts[GUEST.sharedPages] = machine.contents?.sharedPages[place] ?? 0;
      for (let column = 0; column < GUEST_WIDTH; column++) this.guests.push(counts[column]);
      guestPages += guest.ramPages;
      cpuUs += counts[GUEST.tmemCpuUs];
      compressedPages += counts[GUEST.compressedPages];
      sharedPages += counts[GUEST.sharedPages];
      guest.endSecond(second);
    });
    const { busyNs, queued } = machine.endSecond();
    this.host.push(
      store.heapPages + reservedPages,
      reservedPages,
      guestPages,
      store.ephemeralMemoryPages,
      store.persistentPages,
      store.freePages,
      ledger.total,
      Math.floor(busyNs / 1000),
      cpuUs,
      queued,
      compressedPages,
      sharedPages,
    );
    ledger.takeSecond(second, this.evictions, this.evictionSamples);
  }

  /** Hands out what there is. @param second the host second under way */
  take(second: number): SampleBatch {
    const batch = {
      firstSecond: this.firstSecond,
      seconds: this.host.length / HOST_WIDTH,
      host: Float64Array.from(this.host),
      guests: Float64Array.from(this.guests),
      evictions: Float64Array.from(this.evictions),
      evictionSamples: Float64Array.from(this.evictionSamples),
    };
    this.beginAt(second);
    return batch;
  }

  /** Forgets what there is; the next sample is that of this second. */
  beginAt(second: number): void {
    this.firstSecond = second;
    this.host = [];
    this.guests = [];
    this.evictions = [];
    this.evictionSamples = [];
  }
}
