import type { GuestReadings, HostReadings, Scheduler, ScheduleTargets } from '#main/host/schedule/scheduler.ts';

/** A guest of 1,000 pages of RAM that does nothing, but for what a test says of it. */
export function guestReadings(changes: Partial<GuestReadings> = {}): GuestReadings {
  const ramPages = changes.ramPages ?? 1000;
  return {
    id: 1,
    present: true,
    minPages: 0,
    maxPages: 1000,
    weight: 100,
    ramPages,
    targetPages: ramPages,
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
    ...changes,
  };
}

/** A host of 10,000 pages; what the guests neither have as RAM nor in tmem is fallow. */
export function hostReadings(guests: readonly GuestReadings[], changes: Partial<HostReadings> = {}): HostReadings {
  const sum = (of: (guest: GuestReadings) => number): number => guests.reduce((total, guest) => total + of(guest), 0);
  const totalPages = changes.totalPages ?? 10_000;
  const ephemeralPages = sum((guest) => guest.ephemeralPages);
  const persistentPages = sum((guest) => guest.persistentPages);
  return {
    hostMs: 0,
    totalPages,
    reservedPages: 0,
    ephemeralPages,
    persistentPages,
    fallowPages: totalPages - sum((guest) => guest.ramPages) - ephemeralPages - persistentPages,
    guests,
    ...changes,
  };
}

/** What is in force before a decision: the readings' balloon targets, and nothing else asked for. */
export function targetsOf({ guests }: HostReadings): ScheduleTargets {
  return {
    targetPages: Float64Array.from(guests, (guest) => guest.targetPages),
    poolPages: new Float64Array(guests.length).fill(Infinity),
    preswapPages: new Float64Array(guests.length).fill(Infinity),
  };
}

/** What a scheduler asks for, as plain arrays. */
export function decided(
  scheduler: Scheduler | null,
  readings: HostReadings,
): { targetPages: number[]; poolPages: number[]; preswapPages: number[] } {
  const targets = targetsOf(readings);
  scheduler?.decide(readings, targets);
  return {
    targetPages: [...targets.targetPages],
    poolPages: [...targets.poolPages],
    preswapPages: [...targets.preswapPages],
  };
}
