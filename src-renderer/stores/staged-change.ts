import type { Action, Change } from '#contract/model.ts';

export type SettingKind = Change['kind'];

/** The knob of a change: two changes of one knob cannot stand side by side. */
export function knobOf({ kind, guestId }: Pick<Change, 'kind' | 'guestId'>): string {
  return `${kind} ${guestId}`;
}

/** What a change sets: a weight, or pages. */
export function valueOf(change: Change): number {
  return change.kind === 'weight' ? change.value : change.valuePages;
}

export function changeTo(kind: SettingKind, guestId: number, value: number): Change {
  return kind === 'weight' ? { kind, guestId, value } : { kind, guestId, valuePages: value };
}

/** What brings the setting back that an action found; contents that have moved meanwhile do not come back. */
export function inverseOf({ kind, guestId, before }: Pick<Action, 'kind' | 'guestId' | 'before'>): Change {
  return changeTo(kind, guestId, before);
}
