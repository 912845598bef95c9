import { defineStore } from 'pinia';
import { shallowReactive, shallowRef } from 'vue';
import type { ConsoleError } from '#contract/errors.ts';
import type { RequestAnswer } from '#contract/requests.ts';
import type { ForecastOutcome, SavedStudy } from '#contract/saved-studies.ts';
import type { StudyExportFormat } from '#contract/study-keeping.ts';
import { consoleErrorOf, useConnection } from './connection.ts';

export type KeptStudy = RequestAnswer<'history.study'>;

/** The studies that were kept, and how applied forecasts came out. */
export const useSavedStudies = defineStore('saved-studies', () => {
  const connection = useConnection();
  const list = shallowRef<readonly SavedStudy[] | null>(null);
  const failure = shallowRef<ConsoleError | null>(null);
  /** What became of forecasts, by number of the study. */
  const outcomes = shallowReactive(new Map<number, ForecastOutcome>());
  /** What was done last, in words. */
  const notice = shallowRef<string | null>(null);

  /** Does something, and says why where it fails. */
  async function attempt<T>(act: () => Promise<T>): Promise<T | null> {
    failure.value = null;
    try {
      return await act();
    } catch (thrown) {
      failure.value = consoleErrorOf(thrown);
      return null;
    }
  }

  async function load(): Promise<void> {
    const found = await attempt(() => connection.request('history.studies', {}));
    if (found !== null) list.value = found.studies;
    await loadOutcomes();
  }

  /** Reads how applied forecasts came out, those whose horizon has not passed each time again. */
  async function loadOutcomes(): Promise<void> {
    for (const { id, kind, applied } of list.value ?? []) {
      if (kind !== 'forecast' || applied === null || outcomes.get(id)?.isOver === true) continue;
      // A forecast of a run that is gone has no outcome to show; that is no failure of the page.
      const found = await connection.request('history.forecastOutcome', { id }).catch(() => null);
      if (found !== null) outcomes.set(id, found);
    }
  }

  /** Keeps a study that was run; its number, or null where it could not be kept. */
  async function save(studyId: number, name: string): Promise<number | null> {
    const saved = await attempt(() => connection.request('study.save', { id: studyId, name }));
    if (saved === null) return null;
    notice.value = `Saved as “${name}”.`;
    await load();
    return saved.savedId;
  }

  /** Keeps a forecast that has been applied, so that it can be told against its outcome. */
  async function keepApplied(studyId: number, name: string, alternative: string, actionId: number): Promise<void> {
    await attempt(async () => {
      const { savedId } = await connection.request('study.save', { id: studyId, name });
      await connection.request('study.markApplied', { savedId, alternative, actionId });
    });
    await load();
  }

  async function remove({ id, name }: SavedStudy): Promise<void> {
    const done = await attempt(() => connection.request('study.delete', { savedId: id }));
    if (done === null) return;
    notice.value = `Deleted “${name}”.`;
    await load();
  }

  async function exportTo({ id }: SavedStudy, format: StudyExportFormat): Promise<void> {
    const done = await attempt(() => connection.request('study.export', { savedId: id, format }));
    if (done !== null && done.file !== null) notice.value = `Exported to ${done.file}.`;
  }

  function open(id: number): Promise<KeptStudy | null> {
    return attempt(() => connection.request('history.study', { id }));
  }

  return { list, failure, outcomes, notice, load, loadOutcomes, save, keepApplied, remove, exportTo, open };
});
