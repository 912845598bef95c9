import { computed } from 'vue';
import { useEdits } from '../../stores/edits.ts';
import type { ShownGuest } from '../../stores/host.ts';
import { usePresentSettings } from '../../stores/present-settings.ts';
import { type SettingKind, valueOf } from '../../stores/staged-change.ts';
import { useStaged } from '../../stores/staged.ts';
import {
  limitText,
  parseLimit,
  parseTarget,
  parseWeight,
  targetText,
  weightText,
  type Reading,
} from './parse-setting.ts';

interface Field {
  readonly textOf: (value: number) => string;
  readonly read: (text: string, guest: ShownGuest) => Reading;
}
const FIELDS: Readonly<Record<SettingKind, Field>> = {
  weight: { textOf: weightText, read: parseWeight },
  'balloon-target': {
    textOf: targetText,
    read: (text, { minPages, maxPages }) => parseTarget(text, minPages, maxPages),
  },
  'precache-cap': { textOf: limitText, read: (text) => parseLimit(text, 'a precache cap') },
};

/** One editable cell: what it shows, whether that may be staged, and the keys that stage and revert it. */
export function useSettingCell(guest: () => ShownGuest, kind: SettingKind) {
  const edits = useEdits();
  const tray = useStaged();
  const present = usePresentSettings();
  const { textOf, read } = FIELDS[kind];

  const current = computed(() => present.setting(kind, guest().id));
  const staged = computed(() => tray.stagedOf(kind, guest().id) ?? null);
  const edit = computed(() => edits.edit(kind, guest().id));
  /** The setting as the tray has it, else as the host has it. */
  const shown = computed(() => textOf(staged.value === null ? current.value : Number(valueOf(staged.value.change))));
  const text = computed(() => edit.value?.text ?? shown.value);
  const reading = computed<Reading>(() => read(text.value, guest()));
  /** A guest that is gone, or goes with what is staged, has no settings. */
  const isLeaving = computed(() => tray.isLeaving(guest().id));
  const typed = computed(() => edit.value !== undefined);
  const changed = computed(() => typed.value || staged.value !== null);
  const busy = computed(() => tray.busy && staged.value !== null);
  /** Why what was typed cannot be staged. */
  const error = computed(() => (typed.value && !reading.value.ok ? reading.value.sentence : null));
  /** The setting in words where it was changed elsewhere after typing or staging began, else null. */
  const changedElsewhere = computed(() => {
    const before = edit.value?.before ?? staged.value?.before;
    const isOther = typeof before === 'number' && !Number.isNaN(before) && before !== current.value && !busy.value;
    return isOther ? textOf(current.value) : null;
  });

  function type(value: string): void {
    edits.type(kind, guest().id, value, shown.value);
  }

  /** Stages what was typed, if it can be. */
  function stage(): void {
    if (typed.value && reading.value.ok && !isLeaving.value) edits.stage(kind, guest().id, reading.value.value);
  }

  /** Takes back what was typed; where nothing was, what is staged. */
  function revert(): void {
    if (typed.value) edits.revert(kind, guest().id);
    else if (staged.value !== null && !busy.value) tray.unstage(staged.value);
  }

  return {
    current,
    text,
    reading,
    typed,
    staged,
    changed,
    busy,
    error,
    changedElsewhere,
    isLeaving,
    type,
    stage,
    revert,
  };
}
