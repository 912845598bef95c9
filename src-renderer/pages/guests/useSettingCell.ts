import { computed } from 'vue';
import { useEdits, type SettingKind } from '../../stores/edits.ts';
import { useHost, type ShownGuest } from '../../stores/host.ts';
import { parseTarget, parseWeight, targetText, weightText, type Reading } from './parse-setting.ts';

/** One editable cell: what it shows, whether that may be applied, and the keys that apply and revert it. */
export function useSettingCell(guest: () => ShownGuest, kind: SettingKind) {
  const edits = useEdits();
  const host = useHost();

  const current = computed(() => edits.setting(kind, guest().id));
  const shown = computed(() => (kind === 'weight' ? weightText(current.value) : targetText(current.value)));
  const edit = computed(() => edits.edit(kind, guest().id));
  const text = computed(() => edit.value?.text ?? shown.value);
  const reading = computed<Reading>(() =>
    kind === 'weight' ? parseWeight(text.value) : parseTarget(text.value, guest().minPages, guest().maxPages),
  );
  const changed = computed(() => edit.value !== undefined);
  const busy = computed(() => edit.value?.busy ?? false);
  /** Why it cannot be, or was not, applied. */
  const error = computed(() => {
    if (edit.value === undefined) return null;
    if (!reading.value.ok) return reading.value.sentence;
    const { failure } = edit.value;
    return failure === null ? null : [failure.message, failure.remedy].filter(Boolean).join(' ');
  });
  /** Set when the setting was changed elsewhere after typing began. */
  const changedElsewhere = computed(() => {
    const before = edit.value?.before;
    return before !== undefined && !Number.isNaN(before) && before !== current.value && !busy.value;
  });

  function type(value: string): void {
    edits.type(kind, guest().id, value, shown.value);
  }

  function apply(): void {
    if (edit.value === undefined || !reading.value.ok || host.phase !== 'ready') return;
    if (reading.value.value === current.value) edits.revert(kind, guest().id);
    else void edits.apply(kind, guest().id, reading.value.value);
  }

  function revert(): void {
    if (!busy.value) edits.revert(kind, guest().id);
  }

  return { current, shown, text, reading, changed, busy, error, changedElsewhere, type, apply, revert };
}
