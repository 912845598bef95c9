import { ABSENT, type Guest, PRESENT, REMOVED } from '../guest/guest.ts';
import { GUEST, GUEST_WIDTH } from '../sample-columns.ts';
import type { StateReader, StateWriter } from '../state.ts';
import type { TmemStore } from '../tmem/store.ts';
import { createScheduler, type SchedulerConfig } from './create-scheduler.ts';
import type { GuestReadings, HostReadings, Scheduler, ScheduleTargets } from './scheduler.ts';

type Filled<T> = { -readonly [K in keyof T]: T[K] };

/** The memory schedulers of a host: calls each when its time comes, and puts into force what it asks for. */
export class MemorySchedules {
  private readonly schedulers: readonly Scheduler[];
  private readonly guests: readonly Guest[];
  private readonly store: TmemStore;
  private readonly reservedPages: number;
  private readonly readings: readonly Filled<GuestReadings>[];
  private readonly targets: ScheduleTargets;
  /** Counts of the host seconds that ended, by guest and column. */
  private readonly totals: Float64Array;

  constructor(configs: readonly SchedulerConfig[], guests: readonly Guest[], store: TmemStore, reservedPages: number) {
    this.schedulers = configs
      .map((config) => createScheduler(config, guests.length))
      .filter((scheduler) => scheduler !== null);
    this.guests = guests;
    this.store = store;
    this.reservedPages = reservedPages;
    this.readings = guests.map(() => ({ ...NOTHING }));
    const each = (): Float64Array => new Float64Array(guests.length);
    this.targets = { targetPages: each(), poolPages: each(), preswapPages: each() };
    this.totals = new Float64Array(guests.length * GUEST_WIDTH);
  }

  /** A balloon step at `hostMs`, `atNs` after the start of the second; the balloons have not moved yet. */
  step(hostMs: number, atNs: number): void {
    for (const scheduler of this.schedulers) {
      if (hostMs % scheduler.intervalMs !== 0) continue;
      const { guests, targets } = this;
      guests.forEach((guest, place) => {
        targets.targetPages[place] = guest.targetPages;
        targets.poolPages[place] = guest.poolTargetPages;
        targets.preswapPages[place] = Infinity;
      });
      scheduler.decide(this.read(hostMs), targets);
      this.guests.forEach((guest, place) => this.apply(guest, place, atNs));
    }
  }

  /** The host second ends; the guests' counts are still there. */
  endSecond(): void {
    const { totals } = this;
    this.guests.forEach(({ counts }, place) => {
      for (let column = 0; column < GUEST_WIDTH; column++) totals[place * GUEST_WIDTH + column] += counts[column];
    });
  }

  private apply(guest: Guest, place: number, atNs: number): void {
    const { targets } = this;
    if (guest.presence === REMOVED) return;
    const pages = Math.floor(targets.targetPages[place]);
    guest.targetPages = Math.min(guest.maxPages, Math.max(guest.minPages, pages));
    guest.setPoolTarget(Math.floor(targets.poolPages[place]));
    if (guest.presence === PRESENT && targets.preswapPages[place] !== Infinity) {
      guest.shrinkPreswap(atNs, Math.max(0, Math.floor(targets.preswapPages[place])));
    }
  }

  /** What a scheduler would read now; valid until the next call. */
  read(hostMs: number): HostReadings {
    const { guests, store } = this;
    guests.forEach((guest, place) => this.readGuest(guest, place));
    return {
      hostMs,
      totalPages: store.heapPages + this.reservedPages,
      reservedPages: this.reservedPages,
      ephemeralPages: store.ephemeralMemoryPages,
      persistentPages: store.persistentPages,
      fallowPages: store.freePages,
      guests: this.readings,
    };
  }

  private readGuest(guest: Guest, place: number): void {
    const { store } = this;
    const to = this.readings[place];
    const { kernel } = guest;
    const { slots, residentSlots } = kernel.swap;
    to.id = guest.id;
    to.present = guest.presence === PRESENT;
    to.minPages = guest.minPages;
    to.maxPages = guest.maxPages;
    to.weight = guest.weight;
    to.ramPages = guest.ramPages;
    to.targetPages = guest.targetPages;
    to.cachePages = kernel.order.fileSize;
    to.dirtyPages = kernel.files.dirtyPages;
    to.anonPages = kernel.order.anonSize;
    to.committedPages = kernel.order.anonSize + slots.used - residentSlots;
    to.swapPages = slots.used;
    to.preswapPages = slots.preswapUsed;
    to.ephemeralPages = guest.presence === ABSENT ? 0 : store.holdings.ephemeralPages[place];
    to.persistentPages = store.persistentPagesOf(place);
    for (const column of COUNTED) {
      to[column] = this.totals[place * GUEST_WIDTH + GUEST[column]] + guest.counts[GUEST[column]];
    }
  }

  save(to: StateWriter): void {
    to.array('schedule totals', this.totals);
    for (const scheduler of this.schedulers) scheduler.save(to);
  }

  restore(from: StateReader): void {
    this.totals.set(from.array('schedule totals', Float64Array));
    for (const scheduler of this.schedulers) scheduler.restore(from);
  }
}

/** Columns of a guest's sample that schedulers read as counts. */
const COUNTED = [
  'precacheGets',
  'precacheHits',
  'precachePuts',
  'precachePutsFailed',
  'preswapPuts',
  'preswapPutsFailed',
  'swapIns',
  'swapOuts',
  'diskReads',
  'diskWrites',
  'refaults',
  'oomKills',
] as const satisfies readonly (keyof GuestReadings & keyof typeof GUEST)[];

const NOTHING: GuestReadings = {
  id: 0,
  present: false,
  minPages: 0,
  maxPages: 0,
  weight: 0,
  ramPages: 0,
  targetPages: 0,
  cachePages: 0,
  dirtyPages: 0,
  anonPages: 0,
  committedPages: 0,
  swapPages: 0,
  preswapPages: 0,
  ephemeralPages: 0,
  persistentPages: 0,
  precacheGets: 0,
  precacheHits: 0,
  precachePuts: 0,
  precachePutsFailed: 0,
  preswapPuts: 0,
  preswapPutsFailed: 0,
  swapIns: 0,
  swapOuts: 0,
  diskReads: 0,
  diskWrites: 0,
  refaults: 0,
  oomKills: 0,
};
