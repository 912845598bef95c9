import { requireNumber } from '../config-value.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { poolIntervalMs, poolPages } from './pool-shares.ts';
import type { GuestReadings, HostReadings, Scheduler, ScheduleTargets } from './scheduler.ts';

/** Pool targets that follow demand, after SmarTmem's smart-alloc(P). */
export interface SmartAllocConfig {
  readonly kind: 'smart-alloc';
  /** P: percent of the pool that a hungry guest gets more, and of its own target that a guest gives back. 0.01 to 100; 2. */
  readonly percent?: number;
  /** Seconds between two decisions, 0.1 to 3,600; 1, as SmarTmem samples. */
  readonly intervalS?: number;
  /** A guest gives back where it holds less than its target by more than this percent of the pool; 0 to 100; P. */
  readonly thresholdPercent?: number;
}

/** What one guest did in the interval, in pages. */
export interface SmartAllocDemand {
  readonly targetPages: number;
  readonly heldPages: number;
  /** Whether a put was refused, or took the place of a page of the guest's own because it was at its target. */
  readonly hungry: boolean;
}

/**
 * The next targets by smart-alloc(P) (L. Garrido, R. Nishtala, P. Carpenter, "SmarTmem: Intelligent Management of
 * Transcendent Memory in a Virtualized Server", IPDPS workshops 2019): a guest with failed puts gets P % of the pool
 * more; one well under its target gives P % of it back; when the sum does not fit, all are scaled down in proportion.
 *
 * Inferred, as the paper's text leaves it open here: what is given back is a part of the guest's own target; "well under" is
 * `threshold` pages; targets begin as equal shares; each target is rounded down.
 * @param pool pages that tmem may fill
 */
export function smartAllocTargets(
  guests: readonly SmartAllocDemand[],
  pool: number,
  percent: number,
  thresholdPages: number,
): number[] {
  const wanted = guests.map(({ targetPages, heldPages, hungry }) => {
    if (hungry) return targetPages + Math.floor((pool * percent) / 100);
    if (targetPages - heldPages > thresholdPages) return Math.floor((targetPages * (100 - percent)) / 100);
    return targetPages;
  });
  const sum = wanted.reduce((total, pages) => total + pages, 0);
  return sum <= pool ? wanted : wanted.map((pages) => Math.floor((pages * pool) / sum));
}

/**
 * The scheduler. SmarTmem was built for preswap alone, where a put at the target fails. Here a target holds for ephemeral
 * and persistent pages together, and a precache put at the target succeeds by replacing the guest's own oldest page; so a
 * guest that put while it held its whole target (less 1 %, as gets make gaps) counts as hungry too.
 */
export class SmartAlloc implements Scheduler {
  readonly intervalMs: number;
  private readonly percent: number;
  private readonly thresholdPercent: number;
  /** By place: target in pages, −1 where there is none yet. */
  private readonly targets: Float64Array;
  /** By place: puts, and puts refused, up to the last decision. */
  private readonly puts: Float64Array;
  private readonly failed: Float64Array;

  /** @throws ConfigValueError */
  constructor(config: SmartAllocConfig, guests: number) {
    this.percent = config.percent ?? 2;
    this.thresholdPercent = config.thresholdPercent ?? this.percent;
    requireNumber('smart-alloc.percent', this.percent, 0.01, 100);
    requireNumber('smart-alloc.thresholdPercent', this.thresholdPercent, 0, 100);
    this.intervalMs = poolIntervalMs('smart-alloc.intervalS', config.intervalS);
    this.targets = new Float64Array(guests).fill(-1);
    this.puts = new Float64Array(guests);
    this.failed = new Float64Array(guests);
  }

  decide(readings: HostReadings, targets: ScheduleTargets): void {
    const pool = poolPages(readings);
    const places = readings.guests.flatMap(({ present }, place) => (present ? [place] : []));
    const demands = places.map((place) =>
      this.demandOf(readings.guests[place], place, Math.floor(pool / places.length)),
    );
    const next = smartAllocTargets(demands, pool, this.percent, Math.floor((pool * this.thresholdPercent) / 100));
    this.targets.fill(-1);
    targets.poolPages.fill(Infinity);
    places.forEach((place, i) => {
      this.targets[place] = next[i];
      targets.poolPages[place] = next[i];
    });
  }

  private demandOf(guest: GuestReadings, place: number, equalShare: number): SmartAllocDemand {
    const puts = guest.precachePuts + guest.preswapPuts;
    const failed = guest.precachePutsFailed + guest.preswapPutsFailed;
    const hasPut = puts > this.puts[place];
    const hasFailed = failed > this.failed[place];
    this.puts[place] = puts;
    this.failed[place] = failed;
    const heldPages = guest.ephemeralPages + guest.persistentPages;
    // A new guest keeps its first share for an interval.
    if (this.targets[place] < 0) return { targetPages: equalShare, heldPages: equalShare, hungry: false };
    const targetPages = this.targets[place];
    const isFull = heldPages >= targetPages - Math.max(1, Math.floor(targetPages / 100));
    return { targetPages, heldPages, hungry: hasFailed || (hasPut && isFull) };
  }

  save(to: StateWriter): void {
    to.array('smart-alloc targets', this.targets);
    to.array('smart-alloc puts', this.puts);
    to.array('smart-alloc failed', this.failed);
  }

  restore(from: StateReader): void {
    this.targets.set(from.array('smart-alloc targets', Float64Array));
    this.puts.set(from.array('smart-alloc puts', Float64Array));
    this.failed.set(from.array('smart-alloc failed', Float64Array));
  }
}
