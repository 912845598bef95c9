import type { AlternativeOutcome } from './study.ts';

/**
 * What a tuner looks for. Until guests wait for their disks in the model, disk reads stand for lost time.
 * - `throughput`: fewest disk reads, each guest's times its importance.
 * - `worst-ratio`: the smallest largest disk reads per access of any guest.
 * - `targets`: at most so many disk reads per access for the guests named, with the smallest pool.
 */
export type Objective =
  | { readonly kind: 'throughput'; readonly importance: ReadonlyMap<number, number> }
  | { readonly kind: 'worst-ratio' }
  | { readonly kind: 'targets'; readonly readsPerAccess: ReadonlyMap<number, number> };

/** What counts of an outcome. */
interface GuestReads {
  readonly guestId: number;
  readonly accesses: number;
  readonly diskReads: number;
}

/** How bad an outcome is: smaller is better. For targets: the reads per access above them, summed; 0 where all are met. */
export function badnessOf(objective: Objective, guests: readonly GuestReads[]): number {
  switch (objective.kind) {
    case 'throughput':
      return guests.reduce((sum, guest) => sum + (objective.importance.get(guest.guestId) ?? 1) * guest.diskReads, 0);
    case 'worst-ratio':
      return Math.max(0, ...guests.map(({ accesses, diskReads }) => (accesses === 0 ? 0 : diskReads / accesses)));
    case 'targets':
      return guests.reduce((sum, { guestId, accesses, diskReads }) => {
        const most = (objective.readsPerAccess.get(guestId) ?? Infinity) * accesses;
        return diskReads <= most || accesses === 0 ? sum : sum + (diskReads - most) / accesses;
      }, 0);
  }
}

/** How far {@link badnessOf} an estimate may be off, from its stated errors. */
export function uncertaintyOf(objective: Objective, { guests }: AlternativeOutcome): number {
  switch (objective.kind) {
    case 'throughput':
      return guests.reduce(
        (sum, guest) => sum + (objective.importance.get(guest.guestId) ?? 1) * guest.error * guest.accesses,
        0,
      );
    case 'worst-ratio':
      return Math.max(0, ...guests.map(({ error }) => error));
    case 'targets':
      return guests.reduce((sum, { guestId, error }) => sum + (objective.readsPerAccess.has(guestId) ? error : 0), 0);
  }
}
