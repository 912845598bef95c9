import type { Action, Change } from '#contract/model.ts';
import type { StudyChange } from '#contract/studies.ts';

/** Settings of one guest that are typed. As numbers; Infinity: no cap. */
export type SettingKind = 'weight' | 'balloon-target' | 'precache-cap';

/** Acts without an inverse. */
const ACTS: readonly Change['kind'][] = ['remove-guest', 'flush-precache'];
/** What an act sets: nothing that could be compared. */
export const DONE = 'done';

/** What a knob is set to: a number (Infinity: no cap, no limit), a policy's name, or that an act is done. */
export type Value = number | string;

export function isAct({ kind }: Pick<Change, 'kind'>): boolean {
  return ACTS.includes(kind);
}

export function guestOf(change: Pick<Change, 'kind'> & { readonly guestId?: number | null }): number | null {
  return change.guestId ?? null;
}

/** The knob of a change: two changes of one knob cannot stand side by side. */
export function knobOf(change: Pick<Change, 'kind'> & { readonly guestId?: number | null }): string {
  const guestId = guestOf(change);
  return guestId === null ? change.kind : `${change.kind} ${guestId}`;
}

/** What a change sets. */
export function valueOf(change: Change): Value {
  switch (change.kind) {
    case 'weight':
    case 'policy':
      return change.value;
    case 'balloon-target':
    case 'host-size':
      return change.valuePages;
    case 'precache-cap':
    case 'pool-limit':
      return change.valuePages ?? Infinity;
    case 'idle-tax':
      return change.valuePermille;
    case 'remove-guest':
    case 'flush-precache':
      return DONE;
  }
}

/** What an action left behind, as {@link valueOf} has it. */
export function valueAfter(action: Action): Value {
  switch (action.kind) {
    case 'precache-cap':
    case 'pool-limit':
      return action.after ?? Infinity;
    case 'remove-guest':
    case 'flush-precache':
      return DONE;
    case 'weight':
    case 'balloon-target':
    case 'policy':
    case 'idle-tax':
    case 'host-size':
      return action.after;
  }
}

/** @param value Infinity: no cap */
export function changeTo(kind: SettingKind, guestId: number, value: number): Change {
  switch (kind) {
    case 'weight':
      return { kind, guestId, value };
    case 'balloon-target':
      return { kind, guestId, valuePages: value };
    case 'precache-cap':
      return { kind, guestId, valuePages: value === Infinity ? null : value };
  }
}

/** What brings the setting back that an action found, null for an act; contents that have moved meanwhile do not come back. */
export function inverseOf(action: Action): Change | null {
  switch (action.kind) {
    case 'weight':
      return { kind: action.kind, guestId: action.guestId, value: action.before };
    case 'balloon-target':
      return { kind: action.kind, guestId: action.guestId, valuePages: action.before };
    case 'precache-cap':
      return { kind: action.kind, guestId: action.guestId, valuePages: action.before };
    case 'policy':
      return { kind: action.kind, value: action.before };
    case 'idle-tax':
      return { kind: action.kind, valuePermille: action.before };
    case 'pool-limit':
      return { kind: action.kind, valuePages: action.before };
    case 'host-size':
      return { kind: action.kind, valuePages: action.before };
    case 'remove-guest':
    case 'flush-precache':
      return null;
  }
}

/** A change of a study's alternative, as the running host is changed; null for its hardware, which nobody can change from here. */
export function changeOfStudy(change: StudyChange): Change | null {
  switch (change.kind) {
    case 'weight':
      return change;
    case 'balloon-target':
      return { kind: change.kind, guestId: change.guestId, valuePages: change.pages };
    case 'precache-cap':
      return { kind: change.kind, guestId: change.guestId, valuePages: change.pages };
    case 'policy':
      return { kind: change.kind, value: change.policy };
    case 'idle-tax':
      return { kind: change.kind, valuePermille: change.permille };
    case 'pool-limit':
    case 'host-size':
      return { kind: change.kind, valuePages: change.pages };
    case 'remove-guest':
      return change;
    case 'disk-class':
    case 'cpu-class':
      return null;
  }
}

/** Far more pages than any host has: no limit, for a study. */
const UNLIMITED_PAGES = 2 ** 40;

/** A change as a study makes it; null where studies do not know it. */
export function studyChangeOf(change: Change): StudyChange | null {
  switch (change.kind) {
    case 'weight':
    case 'remove-guest':
      return change;
    case 'balloon-target':
      return { kind: change.kind, guestId: change.guestId, pages: change.valuePages };
    case 'precache-cap':
      return { kind: change.kind, guestId: change.guestId, pages: change.valuePages };
    case 'policy':
      return { kind: change.kind, policy: change.value };
    case 'idle-tax':
      return { kind: change.kind, permille: change.valuePermille };
    case 'pool-limit':
      return { kind: change.kind, pages: change.valuePages ?? UNLIMITED_PAGES };
    case 'host-size':
      return { kind: change.kind, pages: change.valuePages };
    case 'flush-precache':
      return null;
  }
}

/** The order in which a set is applied, as studies apply it: guests that go first, targets last. */
const ORDER: readonly Change['kind'][] = [
  'remove-guest',
  'flush-precache',
  'policy',
  'idle-tax',
  'weight',
  'precache-cap',
  'host-size',
  'pool-limit',
  'balloon-target',
];

export function inOrder<T extends { readonly change: Change }>(staged: Iterable<T>): T[] {
  return [...staged].sort((a, b) => ORDER.indexOf(a.change.kind) - ORDER.indexOf(b.change.kind));
}
