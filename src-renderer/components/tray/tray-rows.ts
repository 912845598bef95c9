import type { Change, HostDescription, PolicyName } from '#contract/model.ts';
import { count, mib, mibNumber, percent } from '../../format.ts';
import { capEffect, targetEffect, weightEffect } from '../../pages/guests/setting-words.ts';
import { weightShare } from '../../pages/guests/share.ts';
import { KIND_WORDS, POLICY_WORDS } from '../../stores/event-text.ts';
import type { ShownGuest } from '../../stores/host.ts';
import { guestOf, isAct, knobOf, type Value, valueOf } from '../../stores/staged-change.ts';
import type { StagedChange } from '../../stores/staged-storage.ts';

/** What the tray needs to know to say what a change does. */
export interface TrayGround {
  readonly guests: readonly ShownGuest[];
  readonly description: HostDescription | null;
  readonly poolPages: number;
  /** What the knob of a change is set to; a guest's weight with everything staged, and whether the guest goes. */
  readonly now: (change: Change) => Value;
  readonly wanted: (guestId: number) => number;
  /** The policy with everything staged. */
  readonly policy: Value;
  readonly isLeaving: (guestId: number) => boolean;
  /** What a guest or the host has in the newest sample, in pages. */
  readonly held: (guestId: number | null, column: 'ramPages' | 'ephemeralPages' | 'persistentPages') => number;
}

/** A staged change as a line of the diff. */
export interface TrayRow {
  readonly staged: StagedChange;
  readonly key: string;
  /** Null: the host. */
  readonly guest: ShownGuest | null;
  /** "build weight", "eviction policy". */
  readonly title: string;
  readonly before: string;
  readonly after: string;
  readonly effect: string;
  /** Whether it cannot be undone. */
  readonly isAct: boolean;
  /** Set where the setting was changed elsewhere since it was staged. */
  readonly elsewhere: string | null;
}

/** A value of a knob in words. */
export function valueText(kind: Change['kind'], value: Value): string {
  if (kind === 'policy') return POLICY_WORDS[value as PolicyName];
  const number = Number(value);
  if (number === Infinity) return 'none';
  if (kind === 'weight') return count(number);
  return kind === 'idle-tax' ? String(number / 1000) : mib(number);
}

export function trayRow(staged: StagedChange, ground: TrayGround): TrayRow {
  const { change, before } = staged;
  const guestId = guestOf(change);
  const guest = guestId === null ? null : (ground.guests.find(({ id }) => id === guestId) ?? null);
  const name = guestId === null ? '' : `${guest?.name ?? `guest ${guestId}`} `;
  const act = isAct(change);
  const now = ground.now(change);
  const known = Number.isNaN(now) ? before : now;
  const isOther = !act && !Number.isNaN(now) && now !== before;
  return {
    staged,
    key: knobOf(change),
    guest,
    title: `${name}${ACT_WORDS[change.kind] ?? KIND_WORDS[change.kind]}`,
    before: act ? '' : valueText(change.kind, known),
    after: act ? '' : valueText(change.kind, valueOf(change)),
    effect: effectOf(change, ground),
    isAct: act,
    elsewhere: isOther
      ? `changed from ${valueText(change.kind, before)} to ${valueText(change.kind, now)} meanwhile`
      : null,
  };
}

const ACT_WORDS: Partial<Record<Change['kind'], string>> = {
  'remove-guest': 'is removed from the host',
  'flush-precache': 'precache is flushed',
};

/** What a change would do, in a phrase. */
function effectOf(change: Change, ground: TrayGround): string {
  const { description, poolPages } = ground;
  switch (change.kind) {
    case 'weight': {
      const others = ground.guests.filter(({ id }) => id !== change.guestId && !ground.isLeaving(id));
      return weightEffect(change.value, others.map(({ id }) => ground.wanted(id)), poolPages); // prettier-ignore
    }
    case 'balloon-target':
      return description === null
        ? ''
        : targetEffect(change.valuePages, ground.held(change.guestId, 'ramPages'), description);
    case 'precache-cap':
      return capEffect(change.valuePages ?? Infinity, ground.held(change.guestId, 'ephemeralPages'));
    case 'pool-limit':
      return capEffect(change.valuePages ?? Infinity, ground.held(null, 'ephemeralPages'));
    case 'policy':
      return 'decides who loses a page from the next put on; pages move with the puts that follow';
    case 'idle-tax':
      return ground.policy === 'max-over-share'
        ? 'what a guest does not use counts more against it, from the next put on'
        : 'counts only under the policy max over share';
    case 'host-size': {
      const more = change.valuePages - (description?.totalPages ?? NaN);
      if (!Number.isFinite(more) || more === 0) return '';
      return more > 0
        ? `${mib(more)} more for the pool`
        : `${mib(-more)} less for the pool: ephemeral pages go at once`;
    }
    case 'remove-guest':
    case 'flush-precache':
      return blastRadius(change, ground);
  }
}

/** What an act gives up, in a phrase. */
export function blastRadius(
  change: Extract<Change, { kind: 'remove-guest' | 'flush-precache' }>,
  ground: Pick<TrayGround, 'held'>,
): string {
  const { guestId } = change;
  const precache = `${mib(ground.held(guestId, 'ephemeralPages'))} of precache`;
  if (change.kind === 'flush-precache') return `${precache} is evicted: what it asks for again is read from the disk`;
  const preswap = `${mib(ground.held(guestId, 'persistentPages'))} of preswap`;
  return `${mib(ground.held(guestId, 'ramPages'))} of RAM, ${precache} and ${preswap} are given up: what ran in it is lost; its history stays`;
}

/** One line a guest: "db 33.3 % → 66.7 %", where weights are staged. */
export function shareShifts(ground: TrayGround): { readonly guest: ShownGuest; readonly text: string }[] {
  const staying = ground.guests.filter(({ id }) => !ground.isLeaving(id));
  const now = staying.map(({ id }) => Number(ground.now({ kind: 'weight', guestId: id, value: 0 })));
  const then = staying.map(({ id }) => ground.wanted(id));
  return staying.flatMap((guest, place) => {
    const before = weightShare(now[place] ?? NaN, now);
    const after = weightShare(then[place] ?? NaN, then);
    if (!(Math.abs(after - before) >= 0.0005)) return [];
    const memory = Number.isFinite(ground.poolPages) ? `, ${mibNumber(after * ground.poolPages)}\u00a0MiB` : '';
    return [{ guest, text: `${percent(before)} → ${percent(after)}${memory}` }];
  });
}
