import type { TuneGoal, TuneOrder } from '#contract/studies.ts';
import { TUNE_FACTOR_MAX } from '#contract/studies.ts';
import { count } from '../../format.ts';

/** What stands in the fields of the tuner, by guest. */
export interface TuneDraft {
  goal: TuneGoal;
  importance: Record<number, string>;
  /** Per cent of accesses that read the disk, at the most; empty: no target. */
  targets: Record<number, string>;
  fixed: Record<number, boolean>;
  /** Per cent of accesses by which a guest may read the disk more; empty: by any. */
  worseAtMost: string;
}

export function emptyTune(): TuneDraft {
  return { goal: 'throughput', importance: {}, targets: {}, fixed: {}, worseAtMost: '' };
}

type Reading = { readonly ok: true; readonly order: TuneOrder } | { readonly ok: false; readonly sentence: string };

interface NamedGuest {
  readonly id: number;
  readonly name: string;
}

/** Reads what was typed; what is empty asks for nothing. */
export function readTune(draft: TuneDraft, guests: readonly NamedGuest[]): Reading {
  const importance: { guestId: number; factor: number }[] = [];
  const targets: { guestId: number; readsPerAccess: number }[] = [];
  for (const { id, name } of guests) {
    if (draft.goal === 'throughput') {
      const factor = numberOf(draft.importance[id], TUNE_FACTOR_MAX);
      if (Number.isNaN(factor))
        return refused(`Type how much ${name} counts, from 0 to ${count(TUNE_FACTOR_MAX)}; 1 is as any other.`);
      if (factor !== null && factor !== 1) importance.push({ guestId: id, factor });
    }
    if (draft.goal === 'targets') {
      const percent = numberOf(draft.targets[id], 100);
      if (Number.isNaN(percent))
        return refused(`Type the most of ${name}'s accesses that may read the disk, 0 to 100 %.`);
      if (percent !== null) targets.push({ guestId: id, readsPerAccess: percent / 100 });
    }
  }
  if (draft.goal === 'targets' && targets.length === 0) return refused('Give at least one guest a target.');
  const worse = numberOf(draft.worseAtMost, 100);
  if (Number.isNaN(worse)) return refused('Type by how much a guest may be worse off, 0 to 100 % of its accesses.');
  const fixed = guests.filter(({ id }) => draft.fixed[id] === true).map(({ id }) => id);
  if (fixed.length === guests.length) return refused('Every weight is to stay as it is: leave one to be changed.');
  const worseAtMost = worse === null ? null : worse / 100;
  return { ok: true, order: { goal: draft.goal, importance, targets, fixed, worseAtMost } };
}

function refused(sentence: string): Reading {
  return { ok: false, sentence };
}

/** A number from 0 to `most`; null: nothing was typed; NaN: no such number. */
function numberOf(text: string | undefined, most: number): number | null {
  const typed = text?.trim() ?? '';
  if (typed === '') return null;
  const number = /^\d{1,4}(\.\d{1,3})?$/.test(typed) ? Number(typed) : NaN;
  return number <= most ? number : NaN;
}
