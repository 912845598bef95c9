import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import type { ConsoleError } from '#contract/errors.ts';
import type { Settings } from '#contract/settings.ts';
import { applyAppearance } from '../appearance.ts';
import { consoleErrorOf, useConnection } from './connection.ts';

/** The settings as they are kept. What a person types over them is the page's, until it is saved. */
export const useSettings = defineStore('settings', () => {
  const connection = useConnection();
  const kept = shallowRef<Settings | null>(null);
  const defaultBackupFolder = shallowRef('');
  /** Why the defaults hold instead of what was set. */
  const notice = shallowRef<string | null>(null);
  const failure = shallowRef<ConsoleError | null>(null);

  async function load(): Promise<void> {
    try {
      const found = await connection.request('settings.get', {});
      kept.value = found.settings;
      defaultBackupFolder.value = found.defaultBackupFolder;
      notice.value = found.notice;
      failure.value = null;
      applyAppearance(found.settings.appearance);
    } catch (thrown) {
      failure.value = consoleErrorOf(thrown);
    }
  }

  /** Keeps all settings; throws the ConsoleError where they are refused, so that it can stand beside what it concerns. */
  async function save(settings: Settings): Promise<void> {
    const { settings: now } = await connection.request('settings.save', { settings });
    kept.value = now;
    notice.value = null;
    applyAppearance(now.appearance);
  }

  return { kept, defaultBackupFolder, notice, failure, load, save };
});
