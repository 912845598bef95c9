import type { HostDescription } from '#contract/model.ts';
import { count, mib, mibNumber, percent } from '../../format.ts';
import { targetEffect, weightEffect } from '../../pages/guests/setting-words.ts';
import { weightShare } from '../../pages/guests/share.ts';
import type { ShownGuest } from '../../stores/host.ts';
import { type SettingKind, valueOf } from '../../stores/staged-change.ts';
import type { StagedChange } from '../../stores/staged.ts';

/** What the tray needs to know to say what a change does. */
export interface TrayGround {
  readonly guests: readonly ShownGuest[];
  readonly description: HostDescription | null;
  readonly poolPages: number;
  /** The setting as the host has it, and with everything staged. */
  readonly present: (kind: SettingKind, guestId: number) => number;
  readonly wanted: (kind: SettingKind, guestId: number) => number;
  readonly ramPages: (guestId: number) => number;
}

/** A staged change as a line of the diff. */
export interface TrayRow {
  readonly staged: StagedChange;
  readonly key: string;
  readonly guest: string;
  readonly colour: number;
  readonly what: string;
  readonly before: string;
  readonly after: string;
  readonly effect: string;
  /** Set where the setting was changed elsewhere since it was staged. */
  readonly elsewhere: string | null;
}

export function trayRow(staged: StagedChange, ground: TrayGround): TrayRow {
  const { change, before } = staged;
  const guest = ground.guests.find(({ id }) => id === change.guestId);
  const isWeight = change.kind === 'weight';
  const text = (value: number): string => (isWeight ? count(value) : mib(value));
  const now = ground.present(change.kind, change.guestId);
  const others = ground.guests.filter(({ id }) => id !== change.guestId).map(({ id }) => ground.wanted('weight', id));
  const effect = isWeight
    ? weightEffect(valueOf(change), others, ground.poolPages)
    : ground.description === null
      ? ''
      : targetEffect(valueOf(change), ground.ramPages(change.guestId), ground.description);
  return {
    staged,
    key: `${change.kind} ${change.guestId}`,
    guest: guest?.name ?? `guest ${change.guestId}`,
    colour: guest?.colour ?? 0,
    what: isWeight ? 'weight' : 'balloon target',
    before: text(Number.isNaN(now) ? before : now),
    after: text(valueOf(change)),
    effect,
    elsewhere: !Number.isNaN(now) && now !== before ? `changed from ${text(before)} to ${text(now)} meanwhile` : null,
  };
}

/** One line a guest: "db 33.3 % → 66.7 %", where weights are staged. */
export function shareShifts(ground: TrayGround): { readonly guest: ShownGuest; readonly text: string }[] {
  const now = ground.guests.map(({ id }) => ground.present('weight', id));
  const then = ground.guests.map(({ id }) => ground.wanted('weight', id));
  return ground.guests.flatMap((guest, place) => {
    const before = weightShare(now[place] ?? NaN, now);
    const after = weightShare(then[place] ?? NaN, then);
    if (!(Math.abs(after - before) >= 0.0005)) return [];
    const memory = Number.isFinite(ground.poolPages) ? `, ${mibNumber(after * ground.poolPages)}\u00a0MiB` : '';
    return [{ guest, text: `${percent(before)} → ${percent(after)}${memory}` }];
  });
}
