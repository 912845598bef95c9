import { requireWhole } from '../config-value.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { SELFSHRINK_START, type SelfshrinkState, selfshrink } from './frontswap-selfshrink.ts';
import { linuxTotalReservePages } from './linux-reserve.ts';
import type { GuestReadings, HostReadings, Scheduler, ScheduleTargets } from './scheduler.ts';

const PAGES_PER_MB = 256;

/**
 * Linux' self-ballooning: each guest sets its own balloon target by what its programs have committed, and brings pages
 * back from preswap while it is not growing (`drivers/xen/xen-selfballoon.c`; TMEM-SEMANTICS 8.4). All fields but `kind`
 * have the kernel's defaults.
 */
export interface SelfBalloonConfig {
  readonly kind: 'self-balloon';
  /**
   * `3.1`: nothing reserved, and selfshrinking goes on every interval once it began. `later` (default): a tenth of the RAM
   * at boot is reserved, and each shrink is followed by `frontswapInertia` intervals of waiting.
   */
  readonly era?: '3.1' | 'later';
  /** Ids of the guests that do it; all where it is absent. */
  readonly guests?: readonly number[];
  /** Seconds between two rounds, 1 to 3,600; 5. */
  readonly intervalS?: number;
  /** The gap to the goal is divided by this on the way down (8) and up (1). 1 to 1,000,000. */
  readonly downHysteresis?: number;
  readonly upHysteresis?: number;
  /** MiB above the reserve that the target never falls below; 0: the kernel's own floor. 0 to 2^20; 0. */
  readonly minUsableMb?: number;
  /** MiB to keep beyond what is committed, 0 to 2^20. Absent: by era. */
  readonly reservedMb?: number;
  /** Pages the kernel keeps back (`totalreserve_pages`). Absent: {@link linuxTotalReservePages} of the guest's maximum. */
  readonly totalReservePages?: number;
  /** Whether pages are brought back from preswap; true. */
  readonly selfshrinking?: boolean;
  /** One part in so many of preswap is brought back at a time (20), after so many quiet rounds (3). 1 to 1,000,000. */
  readonly frontswapHysteresis?: number;
  readonly frontswapInertia?: number;
}

/** What the target of one guest is made of, in pages; hystereses as they are in the kernel. */
export interface SelfBalloonInputs {
  /** `totalram_pages`: its RAM now. */
  readonly ramPages: number;
  /** `max_pfn`: the most RAM it could have. */
  readonly maxPages: number;
  readonly committedPages: number;
  readonly totalReservePages: number;
  readonly reservedPages: number;
  /** `frontswap_curr_pages` where it is selfshrinking, else 0. */
  readonly preswapPages: number;
  readonly downHysteresis: number;
  readonly upHysteresis: number;
  readonly minUsableMb: number;
}

/**
 * The balloon target that `selfballoon_process` sets, in pages; all divisions are whole. (Its last step adds the pages that
 * the balloon driver counts and `totalram_pages` does not; guests here have none.)
 */
export function selfBalloonTarget(guest: SelfBalloonInputs): number {
  const goal = guest.committedPages + guest.totalReservePages + guest.reservedPages + guest.preswapPages;
  const gap = goal - guest.ramPages;
  const target =
    gap < 0
      ? guest.ramPages - Math.floor(-gap / guest.downHysteresis)
      : guest.ramPages + Math.floor(gap / guest.upHysteresis);
  return Math.max(target, selfBalloonFloor(guest));
}

/** The least target, in pages: piecewise linear in the RAM that the guest could use, ending in a slope of 1/32. */
export function selfBalloonFloor(
  guest: Pick<SelfBalloonInputs, 'maxPages' | 'totalReservePages' | 'minUsableMb'>,
): number {
  const { maxPages, totalReservePages, minUsableMb } = guest;
  const usable = maxPages - totalReservePages;
  const mb = (count: number): number => count * PAGES_PER_MB;
  if (minUsableMb !== 0) return totalReservePages + mb(minUsableMb);
  if (usable < mb(16)) return maxPages;
  if (usable < mb(64)) return totalReservePages + mb(16) + Math.floor((usable - mb(16)) / 2);
  if (usable < mb(512)) return totalReservePages + mb(40) + Math.floor((usable - mb(40)) / 8);
  return totalReservePages + mb(99) + Math.floor((usable - mb(99)) / 32);
}

/** The scheduler: every guest for itself, by the two formulas. */
export class SelfBalloon implements Scheduler {
  readonly intervalMs: number;
  private readonly config: Required<Omit<SelfBalloonConfig, 'guests' | 'reservedMb' | 'totalReservePages'>>;
  private readonly guests: readonly number[] | undefined;
  private readonly reservedMb: number | undefined;
  private readonly totalReservePages: number | undefined;
  /** By place: RAM in pages at the guest's first round, which stands for that at boot; −1 before. */
  private readonly bootPages: Float64Array;
  private readonly shrinks: SelfshrinkState[];

  /** @throws ConfigValueError */
  constructor(config: SelfBalloonConfig, guests: number) {
    this.config = {
      kind: config.kind,
      era: config.era ?? 'later',
      intervalS: config.intervalS ?? 5,
      downHysteresis: config.downHysteresis ?? 8,
      upHysteresis: config.upHysteresis ?? 1,
      minUsableMb: config.minUsableMb ?? 0,
      selfshrinking: config.selfshrinking ?? true,
      frontswapHysteresis: config.frontswapHysteresis ?? 20,
      frontswapInertia: config.frontswapInertia ?? 3,
    };
    this.guests = config.guests;
    this.reservedMb = config.reservedMb ?? (this.config.era === '3.1' ? 0 : undefined);
    this.totalReservePages = config.totalReservePages;
    requireWhole('selfBalloon.intervalS', this.config.intervalS, 1, 3600);
    // The kernel's sysfs takes any value but 0.
    for (const name of ['downHysteresis', 'upHysteresis', 'frontswapHysteresis', 'frontswapInertia'] as const) {
      requireWhole(`selfBalloon.${name}`, this.config[name], 1, 1_000_000);
    }
    requireWhole('selfBalloon.minUsableMb', this.config.minUsableMb, 0, 0x10_0000);
    requireWhole('selfBalloon.reservedMb', this.reservedMb ?? 0, 0, 0x10_0000);
    requireWhole('selfBalloon.totalReservePages', this.totalReservePages ?? 0, 0, 0xffff_ffff);
    this.intervalMs = this.config.intervalS * 1000;
    this.bootPages = new Float64Array(guests).fill(-1);
    this.shrinks = Array.from({ length: guests }, () => SELFSHRINK_START);
  }

  decide(readings: HostReadings, targets: ScheduleTargets): void {
    const { config } = this;
    readings.guests.forEach((guest, place) => {
      if (!guest.present || this.guests?.includes(guest.id) === false) return;
      if (this.bootPages[place] < 0) this.bootPages[place] = guest.ramPages;
      targets.targetPages[place] = this.targetOf(guest, place);
      if (!config.selfshrinking) return;
      const next = selfshrink(this.shrinks[place], guest.preswapPages, {
        hysteresis: config.frontswapHysteresis,
        inertia: config.frontswapInertia,
        waitsAfterShrink: config.era === 'later',
      });
      this.shrinks[place] = next.state;
      if (next.shrinkTo !== null) targets.preswapPages[place] = next.shrinkTo;
    });
  }

  private targetOf(guest: GuestReadings, place: number): number {
    const { config } = this;
    // The later kernels' default, from whole MiB of a tenth of the RAM at boot.
    const reservedMb = this.reservedMb ?? Math.floor(Math.floor(this.bootPages[place] / 10) / PAGES_PER_MB);
    const target = selfBalloonTarget({
      ramPages: guest.ramPages,
      maxPages: guest.maxPages,
      committedPages: guest.committedPages,
      totalReservePages: this.totalReservePages ?? linuxTotalReservePages(guest.maxPages),
      reservedPages: reservedMb * PAGES_PER_MB,
      preswapPages: config.selfshrinking ? guest.preswapPages : 0,
      downHysteresis: config.downHysteresis,
      upHysteresis: config.upHysteresis,
      minUsableMb: config.minUsableMb,
    });
    return Math.min(Math.max(target, guest.minPages), guest.maxPages);
  }

  save(to: StateWriter): void {
    to.array('self-balloon boot pages', this.bootPages);
    to.numbers('self-balloon shrinks', ...this.shrinks.flatMap(({ lastPages, counter }) => [lastPages, counter]));
  }

  restore(from: StateReader): void {
    this.bootPages.set(from.array('self-balloon boot pages', Float64Array));
    const numbers = from.numbers('self-balloon shrinks');
    for (let place = 0; place < this.shrinks.length; place++) {
      this.shrinks[place] = { lastPages: numbers[place * 2], counter: numbers[place * 2 + 1] };
    }
  }
}
