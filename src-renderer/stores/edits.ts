import { defineStore } from 'pinia';
import { reactive } from 'vue';
import { usePresentSettings } from './present-settings.ts';
import { changeTo, knobOf, type SettingKind } from './staged-change.ts';
import { useStaged } from './staged.ts';

/** What a person typed over a setting and has not staged yet. It outlives its page. */
export interface Edit {
  text: string;
  /** The setting when typing began, to tell when it changed elsewhere meanwhile. */
  readonly before: number;
}

/** What is typed into the cells of settings, until it is staged or taken back. */
export const useEdits = defineStore('edits', () => {
  const present = usePresentSettings();
  const staged = useStaged();
  const edits = reactive(new Map<string, Edit>());

  function edit(kind: SettingKind, guestId: number): Edit | undefined {
    return edits.get(knobOf({ kind, guestId }));
  }

  /** Keeps what is typed; what says the same as the cell shows is no edit. */
  function type(kind: SettingKind, guestId: number, text: string, shown: string): void {
    const key = knobOf({ kind, guestId });
    staged.forgetApplied(guestId);
    if (text === shown) edits.delete(key);
    else edits.set(key, { text, before: edits.get(key)?.before ?? present.setting(kind, guestId) });
  }

  function revert(kind: SettingKind, guestId: number): void {
    edits.delete(knobOf({ kind, guestId }));
  }

  /** Puts a typed value into the tray; what is as it was leaves it. */
  function stage(kind: SettingKind, guestId: number, value: number): void {
    revert(kind, guestId);
    staged.stage(changeTo(kind, guestId, value), 'Guests');
  }

  return { edits, edit, type, revert, stage };
});
