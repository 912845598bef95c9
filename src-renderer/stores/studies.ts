import { defineStore } from 'pinia';
import { computed, markRaw, ref, shallowRef, watch } from 'vue';
import * as v from 'valibot';
import {
  STUDY_ALTERNATIVES_MAX,
  STUDY_ENGINES,
  type StudyAlternative,
  type StudyStart,
  type StudyChange,
  type TuneOrder,
} from '#contract/studies.ts';
import { useHost } from './host.ts';
import type { KeptStudy } from './saved-studies.ts';
import { createStudyRun } from './study-run.ts';

/** How long studies may look ahead or back, in host seconds. */
export const HORIZONS_S = [60, 300, 600, 1_800, 3_600] as const;

const AlternativeDraftSchema = v.strictObject({
  id: v.number(),
  name: v.string(),
  /** What stands in its cells, by knob, where that is not as today. */
  cells: v.record(v.string(), v.string()),
});
export type AlternativeDraft = v.InferOutput<typeof AlternativeDraftSchema>;

const DraftSchema = v.strictObject({
  source: v.string(),
  kind: v.picklist(['replay', 'forecast']),
  horizonS: v.picklist(HORIZONS_S),
  /** Host time at which a replay begins, as typed; empty: it ends now. */
  from: v.string(),
  engine: v.picklist([...STUDY_ENGINES, 'auto']),
  alternatives: v.pipe(v.array(AlternativeDraftSchema), v.maxLength(STUDY_ALTERNATIVES_MAX)),
});
type Draft = v.InferOutput<typeof DraftSchema>;
const PLACE = 'tmem-console.study';

function emptyDraft(source: string): Draft {
  return { source, kind: 'replay', horizonS: 300, from: '', engine: 'auto', alternatives: [] };
}

function storedDraft(source: string): Draft {
  try {
    const read = v.safeParse(DraftSchema, JSON.parse(localStorage.getItem(PLACE) ?? '{}'));
    if (read.success && read.output.source === source) return read.output;
  } catch {
    // Damaged storage is the same as none.
  }
  return emptyDraft(source);
}

/** What a study was asked, as long as its result is shown: edits that came later are not in the result. */
export interface AskedStudy {
  readonly start: StudyStart;
  readonly horizonMs: number;
  /** Ids and cells of the alternatives when it was run, in the order of the result behind the baseline. */
  readonly alternatives: readonly { readonly id: number; readonly name: string; readonly signature: string }[];
  readonly order: readonly StudyAlternative[];
}

/** What an alternative asks for, to tell whether it was edited since it was run. */
export function signatureOf({ cells }: Pick<AlternativeDraft, 'cells'>): string {
  return JSON.stringify(Object.entries(cells).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** "A", "B" … by place. */
export function letterOf(place: number): string {
  return String.fromCharCode(65 + place);
}

/** The study that is being made, and the one that was run last. It outlives its page and a reload. */
export const useStudies = defineStore('studies', () => {
  const host = useHost();
  const run = markRaw(createStudyRun());
  const draft = ref<Draft>(emptyDraft(''));
  const asked = shallowRef<AskedStudy | null>(null);
  const isFull = computed(() => draft.value.alternatives.length >= STUDY_ALTERNATIVES_MAX);

  watch(
    () => host.sourceText,
    (source) => {
      if (source !== null && draft.value.source !== source) draft.value = storedDraft(source);
    },
    { immediate: true },
  );
  watch(
    draft,
    (now) => {
      if (now.source === '') return;
      try {
        localStorage.setItem(PLACE, JSON.stringify(now));
      } catch {
        // What cannot be kept is still there in this window.
      }
    },
    { deep: true },
  );

  function add(name: string, cells: Readonly<Record<string, string>> = {}): void {
    if (isFull.value) return;
    const id = 1 + Math.max(0, ...draft.value.alternatives.map((one) => one.id));
    draft.value.alternatives.push({ id, name, cells: { ...cells } });
  }

  function remove(id: number): void {
    draft.value.alternatives = draft.value.alternatives.filter((one) => one.id !== id);
  }

  /** Keeps what is typed; what says the same as today is no entry. */
  function type(id: number, key: string, text: string, today: string): void {
    const alternative = draft.value.alternatives.find((one) => one.id === id);
    if (alternative === undefined) return;
    const { [key]: _before, ...others } = alternative.cells;
    alternative.cells = text === today ? others : { ...others, [key]: text };
  }

  /** Runs the study; the alternatives have been read from the draft. */
  function start(from: StudyStart, alternatives: readonly StudyAlternative[], horizonMs: number): void {
    const { engine } = draft.value;
    const order: StudyAlternative[] = [{ name: 'as it is', changes: [] }, ...alternatives];
    run.clear();
    asked.value = {
      start: from,
      horizonMs,
      alternatives: draft.value.alternatives.map((one) => ({
        ...{ id: one.id, name: one.name },
        signature: signatureOf(one),
      })),
      order,
    };
    void run.run({ start: from, order: { horizonMs, alternatives: order, engine } });
  }

  /** Looks for the weights that serve a goal best. What is found becomes an alternative of its own. */
  function tune(from: StudyStart, wanted: TuneOrder, horizonMs: number): void {
    run.clear();
    const order: StudyAlternative[] = [{ name: 'as it is', changes: [] }];
    asked.value = { start: from, horizonMs, alternatives: [], order };
    void run.run({ start: from, order: { horizonMs, alternatives: order, engine: 'auto' }, tune: wanted });
  }

  /** Adds what a tuner found, and shows its numbers under it. */
  function addTuned(name: string, changes: readonly StudyChange[], cells: Readonly<Record<string, string>>): void {
    const found = asked.value;
    if (found === null) return;
    add(name, cells);
    const added = draft.value.alternatives.at(-1);
    if (added === undefined) return;
    asked.value = {
      ...found,
      alternatives: [{ id: added.id, name, signature: signatureOf(added) }],
      order: [...found.order, { name: 'recommended', changes: [...changes] }],
    };
  }

  /** Puts a saved study in the place of the draft, with its result. */
  function reopen(kept: KeptStudy, alternatives: readonly Pick<AlternativeDraft, 'name' | 'cells'>[]): void {
    const { study, order, result } = kept;
    const drafts = alternatives.map((one, place) => ({ ...one, id: place + 1 }));
    draft.value = { ...draft.value, kind: study.kind, engine: order.engine, alternatives: drafts };
    run.show(result);
    asked.value = {
      start:
        study.kind === 'forecast' ? { kind: 'forecast' } : { kind: 'replay', runId: study.runId, fromMs: study.fromMs },
      horizonMs: order.horizonMs,
      alternatives: drafts.map((one) => ({ id: one.id, name: one.name, signature: signatureOf(one) })),
      order: order.alternatives,
    };
  }

  return { reopen, draft, asked, isFull, run, add, remove, type, start, tune, addTuned };
});
