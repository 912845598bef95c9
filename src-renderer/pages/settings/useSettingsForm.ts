import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch } from 'vue';
import type { ConsoleError } from '#contract/errors.ts';
import type { Settings } from '#contract/settings.ts';
import { consoleErrorOf, useConnection } from '../../stores/connection.ts';
import { useSettings } from '../../stores/settings.ts';
import { draftOf, readDraft, type Draft } from './settings-draft.ts';

/** What is typed and chosen on the settings page. It outlives the page, and any failure. */
export const useSettingsForm = defineStore('settings form', () => {
  const connection = useConnection();
  const settings = useSettings();
  const draft = ref<Draft | null>(null);
  const saving = ref(false);
  /** Why the typed fields were not saved. */
  const failure = shallowRef<ConsoleError | null>(null);
  /** A choice that could not be kept, with why: it can be tried again. */
  const choiceFailure = shallowRef<{ wanted: Partial<Settings>; error: ConsoleError } | null>(null);
  /** Said aloud: what came of the last saving. */
  const outcome = ref('');

  // What was typed stays, also when the settings are read again.
  watch(
    () => settings.kept,
    (kept) => {
      if (kept !== null) draft.value ??= draftOf(kept);
    },
    { immediate: true },
  );

  const reading = computed(() =>
    draft.value === null || settings.kept === null ? null : readDraft(draft.value, settings.kept),
  );
  const errors = computed(() => (reading.value === null || reading.value.ok ? {} : reading.value.errors));
  const changed = computed(
    () =>
      draft.value !== null &&
      settings.kept !== null &&
      JSON.stringify(draft.value) !== JSON.stringify(draftOf(settings.kept)),
  );
  watch(changed, (now) => {
    if (now) outcome.value = '';
  });

  async function save(): Promise<void> {
    const read = reading.value;
    if (saving.value || read?.ok !== true) return;
    saving.value = true;
    const sent = JSON.stringify(draft.value);
    try {
      await settings.save(read.settings);
      failure.value = null;
      outcome.value = 'Saved.';
      // What was typed while it was on its way is a new change.
      if (JSON.stringify(draft.value) === sent) draft.value = draftOf(read.settings);
    } catch (thrown) {
      failure.value = consoleErrorOf(thrown);
      outcome.value = 'Not saved.';
    } finally {
      saving.value = false;
    }
  }

  function revert(): void {
    if (settings.kept !== null) draft.value = draftOf(settings.kept);
    failure.value = null;
  }

  /** Keeps a choice at once, with what is kept of the rest. */
  async function choose(wanted: Partial<Settings>): Promise<void> {
    if (settings.kept === null) return;
    try {
      await settings.save({ ...settings.kept, ...wanted });
      choiceFailure.value = null;
      outcome.value = 'Saved.';
    } catch (thrown) {
      choiceFailure.value = { wanted, error: consoleErrorOf(thrown) };
    }
  }

  async function chooseFolder(): Promise<void> {
    try {
      const { folder } = await connection.request('settings.chooseFolder', {});
      if (folder !== null && draft.value !== null) draft.value.folder = folder;
    } catch (thrown) {
      failure.value = consoleErrorOf(thrown);
    }
  }

  return { draft, errors, changed, saving, failure, choiceFailure, outcome, save, revert, choose, chooseFolder };
});
