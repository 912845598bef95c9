import { defineStore } from 'pinia';
import { computed, reactive, ref, shallowReactive, shallowRef, watch } from 'vue';
import { ConsoleError } from '#contract/errors.ts';
import type { BackupFile } from '#contract/backups.ts';
import { type Action, type Change, REASON_MAX } from '#contract/model.ts';
import type { StudyChange } from '#contract/studies.ts';
import { hostTime, plural } from '../format.ts';
import { consoleErrorOf } from './connection.ts';
import { actionText, appliedText } from './event-text.ts';
import { useEvents } from './events.ts';
import { useHost } from './host.ts';
import { usePresentSettings } from './present-settings.ts';
import { useSavedStudies } from './saved-studies.ts';
import {
  changeOfStudy,
  guestOf,
  inOrder,
  inverseOf,
  isAct,
  knobOf,
  type SettingKind,
  type Value,
  valueAfter,
  valueOf,
} from './staged-change.ts';
import { keepTray, readTray, type StagedChange } from './staged-storage.ts';

/** A forecast of exactly these changes: when they are applied, it is kept, to be told against its outcome. */
export interface StagedForecast {
  readonly studyId: number;
  readonly alternative: string;
  readonly changes: readonly Change[];
}

/** Most applied sets that can be undone. */
const UNDO_MAX = 50;

/**
 * The tray: changes that are staged, applied all or none, undone and redone. Applying is the only way from a typed setting
 * to the host; a set that is refused stays as it was.
 */
export const useStaged = defineStore('staged', () => {
  const host = useHost();
  const events = useEvents();
  const present = usePresentSettings();
  const savedStudies = useSavedStudies();
  // Shallow: what is staged is sent as it is, and no proxy can be copied to another process.
  const staged = shallowReactive(new Map<string, StagedChange>());
  const busy = shallowRef(false);
  const failure = shallowRef<ConsoleError | null>(null);
  const isOpen = ref(false);
  /** Applied sets, oldest first, as the audit has them; undo takes the last one. */
  const undoable = shallowRef<readonly (readonly Action[])[]>([]);
  const redoable = shallowRef<readonly (readonly Action[])[]>([]);
  /** The last change applied from this window, by guest. */
  const applied = reactive(new Map<number, Action>());
  /** What was done last, in words, until it is dismissed. */
  const outcome = shallowRef<string | null>(null);
  /** Said aloud. */
  const announcement = shallowRef('');
  const forecast = shallowRef<StagedForecast | null>(null);
  /** Why, as typed in the tray: it goes to the audit with the set. */
  const reason = ref('');
  /** What is staged holds acts that cannot be undone: the person is asked first. */
  const confirming = ref(false);
  /** The backup that was made before such an act was applied last. */
  const goBack = shallowRef<BackupFile | null>(null);
  let restored = false;

  /** In the order in which they are applied. */
  const list = computed(() => inOrder(staged.values()));
  const acts = computed(() => list.value.filter(({ change }) => isAct(change)));

  function stagedOf(kind: SettingKind, guestId: number): StagedChange | undefined {
    return staged.get(knobOf({ kind, guestId }));
  }

  /** The setting as it would be with everything staged. */
  function wanted(kind: SettingKind, guestId: number): number {
    const change = stagedOf(kind, guestId)?.change;
    return change === undefined ? present.setting(kind, guestId) : Number(valueOf(change));
  }

  /** What the knob of a change is set to, with everything staged. */
  function wantedOf(knob: Change): Value {
    const change = staged.get(knobOf(knob))?.change;
    return change === undefined ? present.valueNow(knob) : valueOf(change);
  }

  /** Whether a guest is gone, or will be with everything staged. */
  function isLeaving(guestId: number): boolean {
    return present.isRemoved(guestId) || staged.has(knobOf({ kind: 'remove-guest', guestId }));
  }

  /** Puts a change into the tray in the place of one of the same knob; what changes nothing leaves it. */
  function stage(change: Change, origin: string): void {
    const guestId = guestOf(change);
    failure.value = null;
    outcome.value = null;
    if (guestId !== null) {
      // A guest that goes has no settings any more.
      if (isLeaving(guestId)) return;
      if (change.kind === 'remove-guest') {
        for (const [knob, one] of staged) if (guestOf(one.change) === guestId) staged.delete(knob);
      }
    }
    const before = present.valueNow(change);
    if (valueOf(change) === before) staged.delete(knobOf(change));
    else staged.set(knobOf(change), { change, before, origin });
  }

  /** Puts all that a study's alternative changes into the tray, but for its hardware. @returns what was put there, as the host is changed */
  function stageAlternative(changes: readonly StudyChange[], origin: string): Change[] {
    const wanted = changes.flatMap((one) => changeOfStudy(one) ?? []);
    const made = inOrder(wanted.map((change) => ({ change }))).map(({ change }) => change);
    for (const change of made) stage(change, origin);
    return made;
  }

  function unstage({ change }: StagedChange): void {
    staged.delete(knobOf(change));
    failure.value = null;
  }

  function discardAll(): void {
    outcome.value = staged.size === 0 ? null : `Discarded ${plural(staged.size, 'staged change')}.`;
    announcement.value = outcome.value ?? '';
    staged.clear();
    failure.value = null;
    confirming.value = false;
    isOpen.value = false;
  }

  /** Sends a set; the tray is busy meanwhile. Null where it was refused: the reason stands in {@link failure}. */
  async function send(
    changes: readonly Change[],
    refusal: string,
    about: { reason: string | null; undoes: number[] | null },
  ): Promise<readonly Action[] | null> {
    busy.value = true;
    failure.value = null;
    try {
      const actions = await host.applyChanges({ changes: [...changes], ...about });
      events.add(actions, []);
      for (const action of actions) if (action.guestId !== null) applied.set(action.guestId, action);
      return actions;
    } catch (thrown) {
      failure.value = consoleErrorOf(thrown);
      announcement.value = `${refusal} ${failure.value.message}`;
      return null;
    } finally {
      busy.value = false;
    }
  }

  /** Applies everything staged, all or none; where that cannot be undone, asks first. What is refused stays staged. */
  async function apply(): Promise<void> {
    if (busy.value || staged.size === 0 || host.phase !== 'ready') return;
    if (acts.value.length > 0) confirming.value = true;
    else await applyAll(null);
  }

  /** Applies what {@link apply} has asked about. @param backup what was made to go back to, or null */
  async function applyConfirmed(backup: BackupFile | null): Promise<boolean> {
    if (busy.value || staged.size === 0 || host.phase !== 'ready') return false;
    const done = await applyAll(backup);
    confirming.value = false;
    return done;
  }

  async function applyAll(backup: BackupFile | null): Promise<boolean> {
    const sent = list.value;
    const actions = await send(
      sent.map(({ change }) => change),
      'Not applied.',
      { reason: givenReason(), undoes: null },
    );
    if (actions === null) return false;
    for (const one of sent) {
      // What was staged while the set was on its way waits for the next.
      if (staged.get(knobOf(one.change)) === one) staged.delete(knobOf(one.change));
    }
    const settings = actions.filter((action) => !isAct(action));
    if (settings.length > 0) undoable.value = [...undoable.value, settings].slice(-UNDO_MAX);
    redoable.value = [];
    reason.value = '';
    keepForecast(sent, actions);
    if (staged.size === 0) isOpen.value = false;
    tell(actions, 'Applied');
    goBack.value = backup;
    if (settings.length < actions.length) {
      const back = backup === null ? 'there is no way back.' : 'the backup made just before leads back.';
      const what = settings.length === 0 ? 'This' : 'What was given up';
      outcome.value = `${what} cannot be undone; ${back} ${outcome.value ?? ''}`;
      announcement.value = outcome.value;
    }
    return true;
  }

  function givenReason(): string | null {
    return reason.value.trim() === '' ? null : reason.value.trim().slice(0, REASON_MAX);
  }

  /** Keeps the forecast of what was just applied, if there is one of exactly that. */
  function keepForecast(sent: readonly StagedChange[], actions: readonly Action[]): void {
    const known = forecast.value;
    const first = actions[0];
    forecast.value = null;
    if (known === null || first === undefined) return;
    const keys = (changes: readonly Change[]): string =>
      changes
        .map((one) => `${knobOf(one)} ${valueOf(one)}`)
        .sort()
        .join();
    if (keys(known.changes) !== keys(sent.map(({ change }) => change))) return;
    const name = `applied at ${hostTime(first.hostMs)}`;
    void savedStudies.keepApplied(known.studyId, name, known.alternative, first.id);
  }

  function tell(actions: readonly Action[], verb: string): void {
    const [only] = actions;
    goBack.value = null;
    outcome.value =
      only === undefined
        ? null
        : actions.length === 1
          ? `${verb}: ${appliedText(only)}.`
          : `${verb} ${plural(actions.length, 'change')}: ${actions.map(actionText).join('; ')}.`;
    announcement.value = outcome.value ?? '';
  }

  /** Whether the audit still has an action as it was: a backup that was put back may have other rows of the same number. */
  function isKnown(action: Action): boolean {
    const found = events.actions.find(({ id }) => id === action.id);
    return found?.wallMs === action.wallMs && found.kind === action.kind;
  }

  /** Undoes the last applied set by setting back what it had changed; redoing is the same the other way. */
  async function turn(from: typeof undoable, to: typeof redoable, verb: 'Undone' | 'Redone'): Promise<void> {
    const set = from.value.at(-1);
    if (busy.value || set === undefined || host.phase !== 'ready') return;
    // Settings of a guest that was removed since have gone with it.
    const left = set.filter((action) => action.guestId === null || !present.isRemoved(action.guestId));
    const steps = [...left].reverse().flatMap((action) => {
      const change = inverseOf(action);
      return change === null ? [] : [{ action, change }];
    });
    const refuse = (message: string, remedy: string): void => {
      from.value = from.value.slice(0, -1);
      failure.value = new ConsoleError('bad-request', message, remedy);
      announcement.value = message;
    };
    if (steps.length === 0) {
      refuse(
        'Its guest was removed from the host since: there is nothing to set back.',
        'Undo again for what was done before.',
      );
      return;
    }
    const changed = steps.find(({ action, change }) => {
      const now = present.valueNow(change);
      return !Number.isNaN(now) && now !== valueAfter(action);
    })?.action;
    if (changed !== undefined || !left.every(isKnown)) {
      for (const { change } of steps) stage(change, verb === 'Undone' ? 'Undo' : 'Redo');
      isOpen.value = staged.size > 0;
      refuse(
        changed === undefined
          ? 'Another history was put in place since: what is to be set back is not in its audit.'
          : `${actionText(changed)} is not in force any more: it was changed again elsewhere.`,
        staged.size > 0 ? 'What would set it back is staged instead; look at it and apply it.' : 'It is as it was.',
      );
      return;
    }
    const why = `${verb === 'Undone' ? 'Undo' : 'Redo'} of ${plural(set.length, 'change')} at ${hostTime(set[0]?.hostMs ?? 0)}`;
    const actions = await send(
      steps.map(({ change }) => change),
      `Not ${verb.toLowerCase()}.`,
      { reason: why, undoes: steps.map(({ action }) => action.id) },
    );
    if (actions === null) return;
    from.value = from.value.slice(0, -1);
    to.value = [...to.value, actions].slice(-UNDO_MAX);
    tell(actions, verb);
  }

  const undo = (): Promise<void> => turn(undoable, redoable, 'Undone');
  const redo = (): Promise<void> => turn(redoable, undoable, 'Redone');

  function forgetApplied(guestId: number): void {
    applied.delete(guestId);
  }

  /** Another host is live: its guests are others, whatever their numbers. */
  function forgetHost(): void {
    staged.clear();
    undoable.value = [];
    redoable.value = [];
    applied.clear();
    failure.value = null;
    outcome.value = null;
    reason.value = '';
    confirming.value = false;
    goBack.value = null;
    isOpen.value = false;
  }

  /** Brings back what was staged, and what can be undone, when the window was closed or reloaded, for the same host. */
  function restore(source: string): void {
    const kept = readTray();
    if (kept?.source !== source) return;
    for (const one of kept.changes) {
      const guestId = guestOf(one.change);
      if (guestId !== null && (!host.guestById.has(guestId) || present.isRemoved(guestId))) continue;
      staged.set(knobOf(one.change), one);
    }
    reason.value = kept.reason;
    if (kept.runId !== host.description?.run.id) return;
    undoable.value = kept.undoable;
    redoable.value = kept.redoable;
  }

  watch(
    [() => host.sourceText, list, undoable, redoable, reason] as const,
    ([source, now], [before]) => {
      if (source === null) return;
      if (restored && before !== undefined && before !== null && before !== source) forgetHost();
      if (!restored) {
        restored = true;
        restore(source);
        return;
      }
      const runId = host.description?.run.id ?? 0;
      const sets = { undoable: undoable.value, redoable: redoable.value };
      keepTray({ source, changes: now, reason: reason.value, runId, ...sets });
    },
    { immediate: true },
  );

  return {
    ...{ staged, list, busy, failure, isOpen, undoable, redoable, applied, outcome, forecast, announcement },
    ...{ reason, confirming, acts, goBack, wantedOf, isLeaving, stageAlternative, applyConfirmed },
    ...{ stagedOf, wanted, stage, unstage, discardAll, apply, undo, redo, forgetApplied },
  };
});
