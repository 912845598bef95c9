import type { HostConfig } from '../host/host-config.ts';
import type { HostStart } from './start-state.ts';
import type { AlternativeOutcome } from './study.ts';

/**
 * What a tuner looks for. What is lost is measured as {@link Loss} says.
 * - `throughput`: the least loss, each guest's times its importance: weighted speedup, as Snavely and Tullsen (ASPLOS 2000) have it.
 * - `worst-ratio`: the smallest largest loss of any guest.
 * - `targets`: at most so many disk reads per access for the guests named, with the smallest pool.
 */
export type Objective =
  | { readonly kind: 'throughput'; readonly importance: ReadonlyMap<number, number> }
  | { readonly kind: 'worst-ratio' }
  | { readonly kind: 'targets'; readonly readsPerAccess: ReadonlyMap<number, number> };

/**
 * What a guest loses by too little memory.
 * - `waiting`: the part of the time that it waits, so what is left is its throughput against what its workload wants.
 * - `reads`: its disk reads, which stand for lost time where nothing takes time in the model.
 */
export type Loss = 'waiting' | 'reads';

/** How losses are measured on a host: where waiting is known, a guest that starves reads the disk less, not more. */
export function lossOn(config: HostConfig, { isOpenLoop }: HostStart): Loss {
  return config.costs !== undefined && !isOpenLoop ? 'waiting' : 'reads';
}

/** What counts of an outcome. */
export interface GuestLoss {
  readonly guestId: number;
  readonly accesses: number;
  readonly diskReads: number;
  readonly waitingPart?: number | null;
}

/** How bad an outcome is: smaller is better. For targets: the reads per access above them, summed; 0 where all are met. */
export function badnessOf(objective: Objective, guests: readonly GuestLoss[], loss: Loss = 'reads'): number {
  switch (objective.kind) {
    case 'throughput':
      return guests.reduce((sum, guest) => {
        const lost = loss === 'waiting' ? (guest.waitingPart ?? 0) : guest.diskReads;
        return sum + (objective.importance.get(guest.guestId) ?? 1) * lost;
      }, 0);
    case 'worst-ratio':
      return Math.max(
        0,
        ...guests.map(({ accesses, diskReads, waitingPart }) =>
          loss === 'waiting' ? (waitingPart ?? 0) : accesses === 0 ? 0 : diskReads / accesses,
        ),
      );
    case 'targets':
      return guests.reduce((sum, { guestId, accesses, diskReads }) => {
        const most = (objective.readsPerAccess.get(guestId) ?? Infinity) * accesses;
        return diskReads <= most || accesses === 0 ? sum : sum + (diskReads - most) / accesses;
      }, 0);
  }
}

/** How far {@link badnessOf} an estimate may be off, from its stated errors. */
export function uncertaintyOf(objective: Objective, { guests }: AlternativeOutcome, loss: Loss = 'reads'): number {
  const errors = guests.map(({ guestId, accesses, error, waitingError }) => ({
    guestId,
    error,
    sum: loss === 'waiting' ? (waitingError ?? 0) : error * accesses,
    part: loss === 'waiting' ? (waitingError ?? 0) : error,
  }));
  switch (objective.kind) {
    case 'throughput':
      return errors.reduce((total, { guestId, sum }) => total + (objective.importance.get(guestId) ?? 1) * sum, 0);
    case 'worst-ratio':
      return Math.max(0, ...errors.map(({ part }) => part));
    case 'targets':
      return errors.reduce((sum, { guestId, error }) => sum + (objective.readsPerAccess.has(guestId) ? error : 0), 0);
  }
}

/** A guest that must not be worse off than today by more than this many disk reads per access. */
export interface WorseAtMost {
  readonly most: number;
  readonly today: AlternativeOutcome;
}

/** How far beyond what is allowed the guest is that is worse off most, in disk reads per access; 0 where none is. */
export function beyondAllowed({ most, today }: WorseAtMost, guests: AlternativeOutcome['guests']): number {
  return guests.reduce((worst, { accesses, diskReads }, place) => {
    const before = today.guests[place];
    if (accesses === 0 || before.accesses === 0) return worst;
    return Math.max(worst, diskReads / accesses - before.diskReads / before.accesses - most);
  }, 0);
}
