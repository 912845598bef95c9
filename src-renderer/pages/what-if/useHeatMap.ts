import { computed, onScopeDispose, shallowRef } from 'vue';
import { ConsoleError } from '#contract/errors.ts';
import type { HeatMap, KnobValues, StudyStanding } from '#contract/studies.ts';
import { GAP } from '../../format.ts';
import { consoleErrorOf, useConnection } from '../../stores/connection.ts';

/** A look at two knobs followed from the window: how far it is, its end, and what it found. */
export function useHeatMap() {
  const connection = useConnection();
  const map = shallowRef<HeatMap | null>(null);
  const standing = shallowRef<StudyStanding | null>(null);
  const busy = shallowRef(false);
  const failure = shallowRef<ConsoleError | null>(null);
  const progressText = computed(() => `${Math.floor((standing.value?.part ?? 0) * 100)}${GAP}%`);

  /** @param of the study whose start it has */
  async function draw(of: number, across: KnobValues, down: KnobValues): Promise<void> {
    if (busy.value) return;
    busy.value = true;
    failure.value = null;
    standing.value = null;
    try {
      const { id } = await connection.request('study.heatMap', { id: of, across, down });
      for (let seen = 0; ;) {
        const now = await connection.request('study.watch', { id, seen });
        seen = now.version;
        standing.value = now;
        if (now.phase === 'waiting' || now.phase === 'running') continue;
        if (now.phase === 'done') map.value = (await connection.request('study.outcome', { id })).heatMap;
        if (now.failure !== null) {
          const { code, message, remedy } = now.failure;
          failure.value = new ConsoleError(code, message, remedy);
        }
        return;
      }
    } catch (thrown) {
      failure.value = consoleErrorOf(thrown);
    } finally {
      busy.value = false;
    }
  }

  async function cancel(): Promise<void> {
    const now = standing.value;
    // One that is not known any more has ended.
    if (busy.value && now !== null) await connection.request('study.cancel', { id: now.id }).catch(() => null);
  }
  onScopeDispose(() => void cancel());

  return { map, busy, failure, progressText, draw, cancel };
}
