import { requireNumber } from '../config-value.ts';
import type { StateReader, StateWriter } from '../state.ts';
import type { GuestReadings, HostReadings, Scheduler, ScheduleTargets } from './scheduler.ts';

/** No pool targets: who puts, gets, as far as the eviction policy goes. Tmem as Xen shipped it. */
export interface GreedyConfig {
  readonly kind: 'greedy';
}

/** Pool targets: equal parts of the pool for all guests there are ("static-alloc" of SmarTmem). */
export interface StaticSharesConfig {
  readonly kind: 'static-shares';
  /** Seconds between two looks at how many guests there are and how big the pool is, 0.1 to 3,600; 1. */
  readonly intervalS?: number;
}

/** Pool targets: equal parts for the guests that have put at least one page so far; the others have no target yet. */
export interface ReconfiguredStaticConfig {
  readonly kind: 'reconfigured-static';
  /** Seconds between two looks, 0.1 to 3,600; 1. */
  readonly intervalS?: number;
}

/** Pages that tmem may fill, in all: what is neither reserved nor some guest's RAM. */
export function poolPages(readings: HostReadings): number {
  return readings.ephemeralPages + readings.persistentPages + readings.fallowPages;
}

/** `intervalS` of a pool scheduler as its whole interval in ms. @throws ConfigValueError */
export function poolIntervalMs(place: string, intervalS: number | undefined): number {
  const seconds = intervalS ?? 1;
  requireNumber(place, seconds, 0.1, 3600);
  return Math.round(seconds * 10) * 100;
}

/**
 * Equal shares of the pool (static-alloc and reconf-static of Garrido, Nishtala, Carpenter, "SmarTmem: Intelligent Management of
 * Transcendent Memory in a Virtualized Server", 2019). A share is ⌊pool / guests that share⌋. In SmarTmem the shares are
 * set when guests start or first use tmem; here they follow the pool's size too, since balloons change it.
 */
export class EqualShares implements Scheduler {
  readonly intervalMs: number;
  private readonly isSharing: (guest: GuestReadings) => boolean;

  /** @throws ConfigValueError */
  constructor(config: StaticSharesConfig | ReconfiguredStaticConfig) {
    this.intervalMs = poolIntervalMs(`${config.kind}.intervalS`, config.intervalS);
    this.isSharing =
      config.kind === 'static-shares'
        ? () => true
        : ({ precachePuts, precachePutsFailed, preswapPuts, preswapPutsFailed }) =>
            precachePuts + precachePutsFailed + preswapPuts + preswapPutsFailed > 0;
  }

  decide(readings: HostReadings, targets: ScheduleTargets): void {
    const shares = readings.guests.map((guest) => guest.present && this.isSharing(guest));
    const share = Math.floor(poolPages(readings) / Math.max(shares.filter(Boolean).length, 1));
    shares.forEach((isSharing, place) => {
      targets.poolPages[place] = isSharing ? share : Infinity;
    });
  }

  save(_to: StateWriter): void {
    // The readings say all.
  }

  restore(_from: StateReader): void {
    // The readings say all.
  }
}
