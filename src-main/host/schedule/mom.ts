import { requireNumber, requireWhole } from '../config-value.ts';
import type { StateReader, StateWriter } from '../state.ts';
import type { GuestReadings, HostReadings, Scheduler, ScheduleTargets } from './scheduler.ts';

/**
 * Ballooning by the pressure on the host, after the Memory Overcommitment Manager of oVirt (`doc/balloon.rules` of
 * github.com/oVirt/mom): while less than a part of the host's memory is free, all guests shrink towards what they use and
 * a margin that narrows with the pressure; else they grow in small steps. All fields but `kind` have MOM's defaults.
 *
 * Simplified: MOM averages the last ten samples, taken every 5 s; here each decision reads the present. The host's free
 * memory, which MOM counts with the host's own page cache, is here fallow and ephemeral memory: what can be had at once.
 */
export interface MomConfig {
  readonly kind: 'mom';
  /** Ids of the guests it may balloon; all where it is absent. */
  readonly guests?: readonly number[];
  /** Seconds between two decisions, 1 to 3,600; 10. */
  readonly intervalS?: number;
  /** Percent of the host's memory: with less free it is under pressure (20), with this or less it is critical (5). */
  readonly pressurePercent?: number;
  readonly criticalPercent?: number;
  /** Percent of its RAM that a guest would like to have free; 20. */
  readonly guestFreePercent?: number;
  /** The most (5) and the least (0.25) that one decision changes, in percent of the guest's RAM. */
  readonly maxChangePercent?: number;
  readonly minChangePercent?: number;
  /**
   * `free` (default, as MOM): a guest's page cache counts as used, so a guest that reads files shrinks only when the
   * pressure is critical. `free-and-clean`: clean page cache counts as free, as suits guests with precache.
   */
  readonly unused?: 'free' | 'free-and-clean';
}

type MomRules = Required<Omit<MomConfig, 'kind' | 'guests' | 'intervalS'>>;

/** Pages of a guest that nothing uses. */
function unusedPages(guest: GuestReadings, unused: MomRules['unused']): number {
  const free = Math.max(guest.ramPages - guest.cachePages - guest.anonPages, 0);
  return unused === 'free' ? free : free + Math.max(guest.cachePages - guest.dirtyPages, 0);
}

/** Whether the change is worth a balloon operation. */
function isBigEnough(rules: MomRules, guest: GuestReadings, pages: number): boolean {
  return Math.abs(pages - guest.ramPages) > (rules.minChangePercent / 100) * guest.ramPages;
}

/**
 * The target under pressure (`shrink_guest`), in pages, or null for no change.
 * @param hostFree part of the host's memory that is free, 0 to 1
 */
export function momShrink(rules: MomRules, guest: GuestReadings, hostFree: number): number | null {
  const wanted =
    hostFree <= rules.criticalPercent / 100
      ? // Below 0: the guest shall swap.
        hostFree - 0.05
      : (rules.guestFreePercent / 100) * (hostFree / (rules.pressurePercent / 100));
  const used = guest.ramPages - unusedPages(guest, rules.unused);
  const least = Math.max(guest.minPages, used + wanted * guest.ramPages);
  const pages = Math.floor(Math.max(guest.ramPages * (1 - rules.maxChangePercent / 100), least));
  return pages <= guest.ramPages && isBigEnough(rules, guest, pages) ? pages : null;
}

/** The target without pressure (`grow_guest`), in pages, or null for no change. */
export function momGrow(rules: MomRules, guest: GuestReadings): number | null {
  if (guest.ramPages >= guest.maxPages) return null;
  const used = guest.ramPages - unusedPages(guest, rules.unused);
  const least = Math.max(guest.minPages, used + (rules.guestFreePercent / 100) * guest.ramPages);
  const step = guest.ramPages * (1 + rules.maxChangePercent / 100);
  const pages = Math.floor(Math.min(Math.max(step, least), guest.maxPages));
  return isBigEnough(rules, guest, pages) ? pages : null;
}

/** The scheduler: one decision for all guests by the host's free memory. It has no state of its own. */
export class Mom implements Scheduler {
  readonly intervalMs: number;
  private readonly rules: MomRules;
  private readonly guests: readonly number[] | undefined;

  /** @throws ConfigValueError */
  constructor(config: MomConfig) {
    const intervalS = config.intervalS ?? 10;
    requireWhole('mom.intervalS', intervalS, 1, 3600);
    this.intervalMs = intervalS * 1000;
    this.guests = config.guests;
    this.rules = {
      pressurePercent: config.pressurePercent ?? 20,
      criticalPercent: config.criticalPercent ?? 5,
      guestFreePercent: config.guestFreePercent ?? 20,
      maxChangePercent: config.maxChangePercent ?? 5,
      minChangePercent: config.minChangePercent ?? 0.25,
      unused: config.unused ?? 'free',
    };
    requireNumber('mom.pressurePercent', this.rules.pressurePercent, 0.01, 100);
    for (const name of ['criticalPercent', 'guestFreePercent', 'maxChangePercent', 'minChangePercent'] as const) {
      requireNumber(`mom.${name}`, this.rules[name], 0, 100);
    }
  }

  decide(readings: HostReadings, targets: ScheduleTargets): void {
    const { rules } = this;
    const hostFree = (readings.fallowPages + readings.ephemeralPages) / readings.totalPages;
    readings.guests.forEach((guest, place) => {
      if (!guest.present || this.guests?.includes(guest.id) === false) return;
      const pages = hostFree < rules.pressurePercent / 100 ? momShrink(rules, guest, hostFree) : momGrow(rules, guest);
      if (pages !== null) targets.targetPages[place] = pages;
    });
  }

  save(_to: StateWriter): void {
    // Nothing to remember.
  }

  restore(_from: StateReader): void {
    // Nothing to remember.
  }
}
