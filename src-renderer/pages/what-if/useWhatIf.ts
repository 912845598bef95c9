import { computed, ref, watch } from 'vue';
import type { StudyAlternative, StudyStart, Tuned, TuneOrder } from '#contract/studies.ts';
import { newestMean, newestValue } from '../../charts/window-series.ts';
import { count, duration, hostTime } from '../../format.ts';
import { useHost } from '../../stores/host.ts';
import { useLive } from '../../stores/live.ts';
import { usePresentSettings } from '../../stores/present-settings.ts';
import type { KeptStudy } from '../../stores/saved-studies.ts';
import { useStaged } from '../../stores/staged.ts';
import { type AlternativeDraft, letterOf, signatureOf, useStudies } from '../../stores/studies.ts';
import { cellsOf, type CellReading, knobRows, readCell } from './knobs.ts';
import { quickChanges } from './quick-changes.ts';

/** Host seconds over which the hog is looked for. */
const HOG_SECONDS = 60;
const NAME_MAX = 60;

/** Reads "00:31:00" or "31:00" as host ms; null where it is none. */
export function parseHostTime(text: string): number | null {
  const found = /^(?:(\d{1,4}):)?(\d{1,2}):(\d{2})$/.exec(text.trim());
  if (found === null) return null;
  const [, hours = '0', minutes = '0', seconds = '0'] = found;
  if (Number(minutes) > 59 || Number(seconds) > 59) return null;
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}

/** What came of a search, in one sentence. */
export function tunedText({ changes, targetsMet, estimated, simulated }: Tuned): string {
  const estimates = estimated === 0 ? '' : `${count(estimated)} settings were estimated and `;
  const looked = `${estimates}${count(simulated)} simulated`;
  if (!targetsMet) {
    return changes.length === 0
      ? `No setting that was found meets every target, and none comes nearer than today's: ${looked}.`
      : `No setting that was found meets every target; this one comes nearest: ${looked}, and it was verified by a full run.`;
  }
  return changes.length === 0
    ? `Today's setting is already the best: ${looked}.`
    : `Found a better setting: ${looked}, and this one verified by a full run.`;
}

/** What the page works with: the rows of settings, what was typed, and how a study is started and staged. */
export function useWhatIf() {
  const host = useHost();
  const live = useLive();
  const present = usePresentSettings();
  const tray = useStaged();
  const studies = useStudies();
  /** What could not be staged of an alternative, or is worth saying. */
  const notice = ref<string | null>(null);

  /** Host ms at which a replay begins; null where that is not known yet. */
  const beginMs = computed(() => {
    if (span.value === null) return null;
    return from.value.ms ?? Math.max(span.value.fromMs, span.value.toMs - horizonMs.value);
  });

  /** Whether a guest had been removed from the host before the studied stretch begins: nothing can be tried on it. */
  function isGone(guestId: number): boolean {
    if (!present.isRemoved(guestId)) return false;
    if (studies.draft.kind === 'forecast') return true;
    const removedMs = present.removedMs(guestId);
    return removedMs !== null && beginMs.value !== null && removedMs <= beginMs.value;
  }
  const guests = computed(() => host.guests.filter(({ id }) => !isGone(id)));

  const rows = computed(() => {
    const { description } = host;
    return description === null ? [] : knobRows(guests.value, description, present.setting);
  });
  const quick = computed(() => {
    const ring = live.now.ring;
    return quickChanges(
      guests.value.map((guest) => ({
        guest,
        weight: present.setting('weight', guest.id),
        targetPages: present.setting('balloon-target', guest.id),
        ephemeralPages: newestValue(ring, { guestId: guest.id, column: 'ephemeralPages' }),
        caused: newestMean(ring, { guestId: guest.id, column: 'evictionsCaused' }, HOG_SECONDS),
      })),
    );
  });

  /** What stands in a cell. */
  function textOf(alternative: AlternativeDraft, key: string, today: string): string {
    return alternative.cells[key] ?? today;
  }

  function readingOf(alternative: AlternativeDraft, key: string): CellReading {
    const row = rows.value.find((one) => one.key === key);
    const text = alternative.cells[key];
    return row === undefined || text === undefined ? { ok: true, change: null } : readCell(row, text);
  }

  function changesOf(alternative: AlternativeDraft) {
    return Object.keys(alternative.cells).flatMap((key) => {
      const reading = readingOf(alternative, key);
      return reading.ok && reading.change !== null ? [reading.change] : [];
    });
  }

  /** Why nothing can be run as it stands, or null. */
  const obstacle = computed(() => {
    if (host.phase !== 'ready') return 'There is no host to study.';
    for (const [place, alternative] of studies.draft.alternatives.entries()) {
      for (const key of Object.keys(alternative.cells)) {
        const reading = readingOf(alternative, key);
        if (!reading.ok) return `${letterOf(place)}: ${reading.sentence}`;
      }
    }
    return from.value.failure;
  });

  /** The stretch that a replay can cover, in host ms, whole seconds. */
  const span = computed(() => {
    const clock = host.clock;
    const fromMs = clock?.replayableFromMs ?? null;
    if (clock === null || fromMs === null) return null;
    // The newest second or two are not written yet.
    const toMs = Math.floor(clock.hostMs / 1000 - 1) * 1000;
    return toMs > fromMs ? { fromMs: Math.ceil(fromMs / 1000) * 1000, toMs } : null;
  });

  /** Where a replay begins as it was typed; null: as late as possible. */
  const from = computed((): { ms: number | null; failure: string | null } => {
    const { kind, from: text } = studies.draft;
    if (kind === 'forecast') return { ms: null, failure: null };
    if (span.value === null) return { ms: null, failure: 'Nothing can be replayed yet: wait some seconds.' };
    if (text.trim() === '') return { ms: null, failure: null };
    const ms = parseHostTime(text);
    const { fromMs, toMs } = span.value;
    const range = `from ${hostTime(fromMs)} to ${hostTime(toMs - 1000)}`;
    if (ms === null) return { ms, failure: `Type the host time at which the replay begins, ${range}.` };
    return ms < fromMs || ms >= toMs
      ? { ms, failure: `Only what is replayable can be studied: ${range}.` }
      : { ms, failure: null };
  });

  /** How long the study is: what was chosen, or all that is recorded. */
  const horizonMs = computed(() => {
    const chosen = studies.draft.horizonS * 1000;
    if (span.value === null) return chosen;
    const begin = studies.draft.kind === 'replay' ? (from.value.ms ?? span.value.fromMs) : span.value.fromMs;
    return studies.draft.kind === 'replay' ? Math.max(1000, Math.min(chosen, span.value.toMs - begin)) : chosen;
  });

  /** What a study would be of now, as far as it can be made ready. */
  const stretch = computed((): { readonly start: StudyStart; readonly horizonMs: number } | null => {
    const run = host.description?.run;
    const isPossible =
      run !== undefined && host.phase === 'ready' && from.value.failure === null && span.value !== null;
    return isPossible ? { start: beginOf(run.id), horizonMs: horizonMs.value } : null;
  });

  /** "replay of 00:31:00 to 00:41:00", "forecast of the next 5 min": what the shown result is of. */
  const askedText = computed(() => {
    const { asked, run } = studies;
    const result = run.result.value;
    if (asked === null || result === null) return null;
    const { fromMs, horizonMs: length } = result;
    const what = asked.start.kind === 'forecast' ? 'forecast of' : 'replay of';
    const piece = length < asked.horizonMs ? 'first look: ' : '';
    return `${piece}${what} ${hostTime(fromMs)} to ${hostTime(fromMs + length)}, ${duration(length / 1000)}`;
  });

  function beginOf(runId: number): StudyStart {
    return studies.draft.kind === 'forecast' ? { kind: 'forecast' } : { kind: 'replay', runId, fromMs: from.value.ms };
  }

  /** Looks for the weights that serve a goal best over the chosen time. */
  function tune(order: TuneOrder): void {
    const run = host.description?.run;
    if (run === undefined || obstacle.value !== null) return;
    notice.value = null;
    studies.tune(beginOf(run.id), order, horizonMs.value);
  }

  // What was found while another page was open is added when this one is opened again.
  watch(
    studies.run.tuned,
    (tuned) => {
      if (tuned === null) return;
      studies.run.tuned.value = null;
      if (tuned.changes.length > 0) studies.addTuned('tuned', tuned.changes, cellsOf(tuned.changes));
      notice.value = tunedText(tuned);
    },
    { immediate: true },
  );

  function start(): void {
    const run = host.description?.run;
    if (run === undefined || obstacle.value !== null) return;
    notice.value = null;
    const alternatives = studies.draft.alternatives.map((one, place): StudyAlternative => ({
      name: `${letterOf(place)} ${one.name}`.trim().slice(0, NAME_MAX),
      changes: changesOf(one),
    }));
    studies.start(beginOf(run.id), alternatives, horizonMs.value);
  }

  /** Puts all that an alternative changes into the tray. */
  function stage(alternative: AlternativeDraft, place: number): void {
    const wanted = changesOf(alternative);
    const changes = tray.stageAlternative(wanted, `What-if, ${letterOf(place)} ${alternative.name}`.trim());
    const isRefitted = changes.length < wanted.length;
    notice.value = isRefitted ? 'Disks and CPU were left out: nobody can change those from here.' : null;
    const resultAt = resultPlace(alternative);
    const studied = studies.run.standing.value;
    const isForecast = studies.asked?.start.kind === 'forecast' && studies.run.isFinal.value;
    // What other hardware would come to is no forecast of this host.
    if (isForecast && !isRefitted && resultAt > 0 && studied !== null) {
      const studiedName = studies.asked?.order[resultAt]?.name ?? '';
      tray.forecast = { studyId: studied.id, alternative: studiedName, changes };
    }
    if (tray.list.length > 0) tray.isOpen = true;
  }

  /** Shows a saved study: its alternatives in the table, and its numbers. */
  function reopen(kept: KeptStudy): void {
    notice.value = null;
    const alternatives = kept.order.alternatives.slice(1).map(({ name, changes }) => ({
      name: name.replace(/^[A-H] /, ''),
      cells: cellsOf(changes),
    }));
    studies.reopen(kept, alternatives);
  }

  /** Place of an alternative in the shown result; −1 where it is not in it, or was edited since. */
  function resultPlace(alternative: AlternativeDraft): number {
    const place = studies.asked?.alternatives.findIndex(({ id }) => id === alternative.id) ?? -1;
    const known = studies.asked?.alternatives[place];
    return known?.signature === signatureOf(alternative) ? place + 1 : -1;
  }

  return {
    ...{ guests, rows, quick, notice, obstacle, span, horizonMs, stretch, askedText },
    ...{ textOf, readingOf, changesOf, start, tune, stage, reopen, resultPlace },
  };
}
export type WhatIf = ReturnType<typeof useWhatIf>;
