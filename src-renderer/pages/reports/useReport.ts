import { useIntervalFn, watchDebounced } from '@vueuse/core';
import { computed, ref, shallowRef, watch } from 'vue';
import type { ConsoleError } from '#contract/errors.ts';
import type { ReportFigures, ReportFormat, ReportProgress } from '#contract/reports.ts';
import { consoleErrorOf, useConnection } from '../../stores/connection.ts';
import { useHost } from '../../stores/host.ts';
import { useLive } from '../../stores/live.ts';
import { readForm, useReportForm } from './report-form.ts';

/** Wall ms after the last change of the form until the figures are asked for. */
const SETTLE_MS = 250;
const PROGRESS_MS = 200;

/** What was saved last. */
interface Saved {
  readonly file: string;
  readonly bytes: number;
  readonly format: ReportFormat;
}

/** The form of a report, the figures it will have, and its saving. */
export function useReport() {
  const connection = useConnection();
  const host = useHost();
  const live = useLive();
  const { form } = useReportForm();
  const figures = shallowRef<ReportFigures | null>(null);
  const failure = shallowRef<ConsoleError | null>(null);
  const loading = ref(false);
  let turn = 0;

  const read = () => readForm(form, { runs: host.runs, description: host.description, newest: live.now.ring.newest });
  const reading = computed(read);

  async function preview(): Promise<void> {
    const wanted = read();
    if (!wanted.ok || host.description === null) return;
    const mine = ++turn;
    loading.value = true;
    try {
      const found = await connection.request('report.preview', wanted.subject);
      if (mine !== turn) return;
      figures.value = found;
      failure.value = null;
    } catch (thrown) {
      if (mine === turn) failure.value = consoleErrorOf(thrown);
    } finally {
      if (mine === turn) loading.value = false;
    }
  }

  // Only then the end of the axis is known.
  watch(
    () => live.filled,
    (filled) => {
      if (filled) void preview();
    },
    { immediate: true },
  );
  watchDebounced(() => [form.span, form.runId, form.from, form.to, form.guests], preview, {
    deep: true,
    debounce: SETTLE_MS,
  });

  const saving = ref(false);
  const progress = shallowRef<ReportProgress>({ stage: 'idle', part: 0 });
  const saved = shallowRef<Saved | null>(null);
  const saveFailure = shallowRef<ConsoleError | null>(null);
  async function askProgress(): Promise<void> {
    try {
      const now = await connection.request('report.progress', {});
      if (saving.value) progress.value = now;
    } catch {
      // Without news of it the saving goes on all the same; its own answer tells what came of it.
    }
  }
  const polling = useIntervalFn(() => void askProgress(), PROGRESS_MS, { immediate: false });

  async function save(): Promise<void> {
    const wanted = read();
    if (!wanted.ok || saving.value) return;
    const { format } = form;
    saving.value = true;
    saved.value = null;
    saveFailure.value = null;
    progress.value = { stage: 'choosing', part: 0 };
    polling.resume();
    try {
      const { file, bytes } = await connection.request('report.save', { ...wanted.subject, format });
      if (file !== null) saved.value = { file, bytes, format };
    } catch (thrown) {
      const failed = consoleErrorOf(thrown);
      // Who cancels knows why nothing was saved.
      if (failed.code !== 'cancelled') saveFailure.value = failed;
    } finally {
      polling.pause();
      saving.value = false;
    }
  }

  /** Gives up the saving that runs; nothing is left of it. */
  async function cancel(): Promise<void> {
    try {
      await connection.request('report.cancel', {});
    } catch (thrown) {
      saveFailure.value = consoleErrorOf(thrown);
    }
  }

  return { form, reading, figures, failure, loading, preview, saving, progress, saved, saveFailure, save, cancel };
}
