import { computed, shallowRef, watch } from 'vue';
import { createStudyRun } from '../../stores/study-run.ts';
import { previewText } from '../../stores/study-words.ts';
import { knobOf, studyChangeOf, valueOf } from '../../stores/staged-change.ts';
import { useStaged } from '../../stores/staged.ts';

/** How far a preview looks ahead, in host ms. */
export const PREVIEW_MS = 300_000;

/** What the staged changes would do, by a forecast; said only as long as the same changes are staged. */
export function useTrayPreview() {
  const tray = useStaged();
  const study = createStudyRun();
  const previewed = shallowRef<string | null>(null);
  const staged = computed(() => tray.list.map(({ change }) => `${knobOf(change)} ${valueOf(change)}`).join());

  /** A preview of what is staged now; the numbers of another set are not shown. */
  const isCurrent = computed(() => previewed.value === staged.value);
  const text = computed(() => {
    const { result } = study;
    return isCurrent.value && result.value !== null ? previewText(result.value) : null;
  });
  const engine = computed(() => study.result.value?.alternatives[1]?.engine ?? null);
  const failure = computed(() => (isCurrent.value ? study.failure.value : null));

  /** Kinds of staged changes that studies do not know: a preview would be of something else. */
  const unknown = computed(() => tray.list.filter(({ change }) => studyChangeOf(change) === null));

  function preview(): void {
    if (unknown.value.length > 0) return;
    previewed.value = staged.value;
    study.clear();
    void study.run({
      start: { kind: 'forecast' },
      order: {
        horizonMs: PREVIEW_MS,
        engine: 'auto',
        alternatives: [
          { name: 'as it is', changes: [] },
          { name: 'staged', changes: tray.list.flatMap(({ change }) => studyChangeOf(change) ?? []) },
        ],
      },
    });
  }

  // Applied as it was previewed, the forecast is kept and told against its outcome.
  watch([isCurrent, study.isFinal], ([current, final]) => {
    const id = study.standing.value?.id;
    if (current && final && id !== undefined) {
      tray.forecast = { studyId: id, alternative: 'staged', changes: tray.list.map(({ change }) => change) };
    }
  });

  return { text, engine, failure, isCurrent, unknown, preview, study };
}
