import { defineStore } from 'pinia';
import { computed, reactive, ref, shallowReactive, shallowRef, watch } from 'vue';
import * as v from 'valibot';
import { ConsoleError } from '#contract/errors.ts';
import { type Action, ActionSchema, type Change, ChangeSchema } from '#contract/model.ts';
import { hostTime, plural } from '../format.ts';
import { consoleErrorOf } from './connection.ts';
import { actionText, appliedText } from './event-text.ts';
import { useEvents } from './events.ts';
import { useHost } from './host.ts';
import { usePresentSettings } from './present-settings.ts';
import { useSavedStudies } from './saved-studies.ts';
import { inverseOf, knobOf, type SettingKind, valueOf } from './staged-change.ts';

/** A change that waits in the tray. */
export interface StagedChange {
  readonly change: Change;
  /** The setting when it was staged, to tell when it changed elsewhere meanwhile. */
  readonly before: number;
  /** Where it came from, for a person: "Guests", "What-if, double web". */
  readonly origin: string;
}

/** A forecast of exactly these changes: when they are applied, it is kept, to be told against its outcome. */
export interface StagedForecast {
  readonly studyId: number;
  readonly alternative: string;
  readonly changes: readonly Change[];
}

const StoredSchema = v.strictObject({
  /** Staged changes are of one scenario and seed: another host may have other guests. */
  source: v.string(),
  changes: v.array(v.strictObject({ change: ChangeSchema, before: v.number(), origin: v.string() })),
  /** The run that the applied sets belong to: another one has other settings. */
  runId: v.number(),
  undoable: v.array(v.array(ActionSchema)),
  redoable: v.array(v.array(ActionSchema)),
});
const PLACE = 'tmem-console.staged';

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
  let restored = false;

  const list = computed(() => [...staged.values()]);

  function stagedOf(kind: SettingKind, guestId: number): StagedChange | undefined {
    return staged.get(knobOf({ kind, guestId }));
  }

  /** The setting as it would be with everything staged. */
  function wanted(kind: SettingKind, guestId: number): number {
    const change = stagedOf(kind, guestId)?.change;
    return change === undefined ? present.setting(kind, guestId) : valueOf(change);
  }

  /** Puts a change into the tray in the place of one of the same knob; what changes nothing leaves it. */
  function stage(change: Change, origin: string): void {
    const before = present.setting(change.kind, change.guestId);
    failure.value = null;
    outcome.value = null;
    if (valueOf(change) === before) staged.delete(knobOf(change));
    else staged.set(knobOf(change), { change, before, origin });
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
    isOpen.value = false;
  }

  /** Sends a set; the tray is busy meanwhile. Null where it was refused: the reason stands in {@link failure}. */
  async function send(changes: readonly Change[], refusal: string): Promise<readonly Action[] | null> {
    busy.value = true;
    failure.value = null;
    try {
      const actions = await host.applyChanges([...changes]);
      events.add(actions, []);
      for (const action of actions) applied.set(action.guestId, action);
      return actions;
    } catch (thrown) {
      failure.value = consoleErrorOf(thrown);
      announcement.value = `${refusal} ${failure.value.message}`;
      return null;
    } finally {
      busy.value = false;
    }
  }

  /** Applies everything staged, all or none. What is refused stays staged. */
  async function apply(): Promise<void> {
    if (busy.value || staged.size === 0 || host.phase !== 'ready') return;
    const sent = list.value;
    const actions = await send(
      sent.map(({ change }) => change),
      'Not applied.',
    );
    if (actions === null) return;
    for (const one of sent) {
      // What was staged while the set was on its way waits for the next.
      if (staged.get(knobOf(one.change)) === one) staged.delete(knobOf(one.change));
    }
    undoable.value = [...undoable.value, actions].slice(-UNDO_MAX);
    redoable.value = [];
    keepForecast(sent, actions);
    if (staged.size === 0) isOpen.value = false;
    tell(actions, 'Applied');
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
    outcome.value =
      only === undefined
        ? null
        : actions.length === 1
          ? `${verb}: ${appliedText(only)}.`
          : `${verb} ${plural(actions.length, 'change')}: ${actions.map(actionText).join('; ')}.`;
    announcement.value = outcome.value ?? '';
  }

  /** Undoes the last applied set by setting back what it had changed; redoing is the same the other way. */
  async function turn(from: typeof undoable, to: typeof redoable, verb: 'Undone' | 'Redone'): Promise<void> {
    const set = from.value.at(-1);
    if (busy.value || set === undefined || host.phase !== 'ready') return;
    const changed = set.find((action) => {
      const now = present.setting(action.kind, action.guestId);
      return !Number.isNaN(now) && now !== action.after;
    });
    const inverse = [...set].reverse().map(inverseOf);
    if (changed !== undefined) {
      for (const change of inverse) stage(change, verb === 'Undone' ? 'Undo' : 'Redo');
      from.value = from.value.slice(0, -1);
      isOpen.value = staged.size > 0;
      failure.value = new ConsoleError(
        'bad-request',
        `${actionText(changed)} is not in force any more: it was changed again elsewhere.`,
        staged.size > 0 ? 'What would set it back is staged instead; look at it and apply it.' : 'It is as it was.',
      );
      announcement.value = failure.value.message;
      return;
    }
    const actions = await send(inverse, `Not ${verb.toLowerCase()}.`);
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
    isOpen.value = false;
  }

  /** Brings back what was staged, and what can be undone, when the window was closed or reloaded, for the same host. */
  function restore(source: string): void {
    try {
      const read = v.safeParse(StoredSchema, JSON.parse(localStorage.getItem(PLACE) ?? '{}'));
      if (!read.success || read.output.source !== source) return;
      for (const one of read.output.changes) {
        if (host.guestById.has(one.change.guestId)) staged.set(knobOf(one.change), one);
      }
      if (read.output.runId !== host.description?.run.id) return;
      undoable.value = read.output.undoable;
      redoable.value = read.output.redoable;
    } catch {
      // Damaged storage is the same as none.
    }
  }

  watch(
    [() => host.sourceText, list, undoable, redoable] as const,
    ([source, now], [before]) => {
      if (source === null) return;
      if (restored && before !== undefined && before !== null && before !== source) forgetHost();
      if (!restored) {
        restored = true;
        restore(source);
        return;
      }
      try {
        const runId = host.description?.run.id ?? 0;
        const kept = { source, changes: now, runId, undoable: undoable.value, redoable: redoable.value };
        localStorage.setItem(PLACE, JSON.stringify(kept));
      } catch {
        // What cannot be kept is still staged in this window.
      }
    },
    { immediate: true },
  );

  return {
    ...{ staged, list, busy, failure, isOpen, undoable, redoable, applied, outcome, forecast, announcement },
    ...{ stagedOf, wanted, stage, unstage, discardAll, apply, undo, redo, forgetApplied },
  };
});
