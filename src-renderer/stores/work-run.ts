import { computed, shallowRef } from 'vue';
import { ConsoleError } from '#contract/errors.ts';
import type { RequestAnswer } from '#contract/requests.ts';
import type { WorkStanding } from '#contract/scenarios.ts';
import { duration, GAP } from '../format.ts';
import { consoleErrorOf, useConnection } from './connection.ts';

type Outcome = RequestAnswer<'work.outcome'>;

/** One trial or import followed from the window, from its asking to what comes of it. */
export function createWorkRun() {
  const connection = useConnection();
  const standing = shallowRef<WorkStanding | null>(null);
  const outcome = shallowRef<Outcome | null>(null);
  /** What came of the one before. */
  const former = shallowRef<Outcome | null>(null);
  const failure = shallowRef<ConsoleError | null>(null);
  const starting = shallowRef(false);

  const isUnderWay = computed(
    () => starting.value || standing.value?.phase === 'waiting' || standing.value?.phase === 'running',
  );
  const percent = computed(() => Math.floor((standing.value?.part ?? 0) * 100));
  /** How far it is, in words. */
  const progressText = computed(() => {
    const now = standing.value;
    if (now === null) return 'starting';
    if (now.phase === 'waiting') return 'waiting for its turn: two run at once';
    const left = now.leftMs === null ? 'starting' : `about ${duration(Math.max(1, Math.ceil(now.leftMs / 1000)))} left`;
    return `${percent.value}${GAP}%, ${left}`;
  });

  /** Starts it and follows it to its end. @param ask answers with its number; null: it is not to be done after all */
  async function run(ask: () => Promise<number | null>): Promise<void> {
    if (isUnderWay.value) return;
    starting.value = true;
    failure.value = null;
    standing.value = null;
    try {
      const id = await ask();
      if (id === null) return;
      for (let seen = 0; ;) {
        const now = await connection.request('work.watch', { id, seen });
        seen = now.version;
        if (now.phase === 'done') {
          const found = await connection.request('work.outcome', { id });
          former.value = outcome.value;
          outcome.value = found;
        }
        standing.value = now;
        starting.value = false;
        if (now.failure !== null) {
          const { code, message, remedy } = now.failure;
          failure.value = new ConsoleError(code, message, remedy);
        }
        if (now.phase !== 'waiting' && now.phase !== 'running') return;
      }
    } catch (thrown) {
      failure.value = consoleErrorOf(thrown);
    } finally {
      starting.value = false;
    }
  }

  async function cancel(): Promise<void> {
    const now = standing.value;
    // Work that is not known any more has ended.
    if (now !== null) await connection.request('work.cancel', { id: now.id }).catch(() => null);
  }

  return { standing, outcome, former, failure, isUnderWay, percent, progressText, run, cancel };
}
export type WorkRun = ReturnType<typeof createWorkRun>;
